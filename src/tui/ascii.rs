//! The last pass over a frame where the terminal has no UTF-8, or graphs are wanted with other signs than blocks.

use ratatui::buffer::Buffer;

/// What graphs are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GraphSigns {
    /// Blocks, which nearly every font has.
    #[default]
    Block,
    /// Braille: in graphs over time two moments in a column, elsewhere a dot for each eighth.
    Braille,
    /// ASCII.
    Ascii,
}

impl GraphSigns {
    /// What stands for a block; `None` for what is none.
    fn sign(self, block: char) -> Option<char> {
        const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        const DOTS: [char; 8] = ['⡀', '⣀', '⣄', '⣤', '⣦', '⣶', '⣷', '⣿'];
        let eighths = BLOCKS.iter().position(|one| *one == block)?;
        match self {
            Self::Block => Some(block),
            Self::Braille => DOTS.get(eighths).copied(),
            Self::Ascii => Some(form(block)),
        }
    }
}

/// Replaces the blocks that graphs were drawn with.
pub(super) fn draw_graphs(buffer: &mut Buffer, signs: GraphSigns) {
    if signs == GraphSigns::Block {
        return;
    }
    for cell in &mut buffer.content {
        let block = cell.symbol().chars().next();
        if let Some(sign) = block.and_then(|block| signs.sign(block)) {
            cell.set_char(sign);
        }
    }
}

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
        '•' | '▆' => '*',
        '█' => '@',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn every_height_of_a_bar_has_a_sign_of_its_own() {
        for signs in [GraphSigns::Block, GraphSigns::Braille, GraphSigns::Ascii] {
            let all: BTreeSet<char> = ('▁'..='█').filter_map(|block| signs.sign(block)).collect();
            assert_eq!(all.len(), 8, "{all:?}");
            assert_eq!(signs.sign(' '), None);
        }
        // One dot more for each eighth.
        let dots = |sign: char| (u32::from(sign) - 0x2800).count_ones();
        for (block, eighths) in ('▁'..='█').zip(1..) {
            let sign = GraphSigns::Braille.sign(block).unwrap();
            assert_eq!(dots(sign), eighths, "{sign}");
        }
    }

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
