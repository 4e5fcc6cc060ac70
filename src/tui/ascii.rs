//! The last pass over a frame where the terminal has no UTF-8.

use ratatui::buffer::Buffer;

/// Replaces every character that is not ASCII, ours by its own form and any other by `?`.
pub(super) fn make_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let form = cell.symbol().chars().next().map_or(' ', form);
            cell.set_char(form);
        }
    }
}

fn form(character: char) -> char {
    match character {
        '◆' => 'X',
        '▲' => '!',
        '●' => 'i',
        '·' | '▁' => '.',
        '✕' => 'x',
        '↓' | '▾' => 'v',
        '↑' | '▴' => '^',
        '→' | '›' | '▸' => '>',
        '←' => '<',
        '…' => '~',
        '─' | '▃' => '-',
        '│' => '|',
        '┃' | '▇' => '#',
        '╭' | '╮' | '╰' | '╯' | '▅' => '+',
        '└' => '\\',
        'Δ' => 'd',
        '▂' => ':',
        '▄' => '=',
        '▆' => '*',
        '█' => '@',
        _ => '?',
    }
}
