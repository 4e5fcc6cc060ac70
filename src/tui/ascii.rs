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
        '✕' | '×' => 'x',
        '↓' | '▾' => 'v',
        '↑' | '▴' => '^',
        '→' | '›' | '▸' => '>',
        '←' => '<',
        '…' => '~',
        '─' | '▃' | '–' => '-',
        '│' | '├' | '┤' => '|',
        '┃' | '▇' => '#',
        '╭' | '╮' | '╰' | '╯' | '▅' => '+',
        '└' => '\\',
        'Δ' => 'd',
        '▂' => ':',
        '⇄' | '▄' => '=',
        '▆' => '*',
        '█' => '@',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::form;
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn every_sign_of_every_screen_that_is_kept_has_a_form_of_its_own() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui/view/tests/snapshots");
        let screens = fs::read_dir(kept).unwrap();
        let texts = screens.map(|screen| fs::read_to_string(screen.unwrap().path()).unwrap());
        let signs: BTreeSet<char> = texts
            .flat_map(|text| text.chars().collect::<Vec<_>>())
            .collect();
        // Names of programs can have any letter.
        let ours = signs
            .into_iter()
            .filter(|sign| !sign.is_ascii() && !sign.is_alphabetic());
        let without: Vec<char> = ours.filter(|sign| form(*sign) == '?').collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
