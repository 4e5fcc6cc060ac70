//! Plain text: ASCII, and the glyphs that the dashboard is drawn with. Each character stands alone and takes one column,
//! so nearly everything is measured and written without a look into the tables of Unicode.

use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::Style,
};
use std::sync::LazyLock;
use unicode_width::UnicodeWidthStr as _;

/// A cell for each character of ASCII that can be seen.
static LETTERS: LazyLock<Vec<Cell>> = LazyLock::new(|| {
    let letters = (0..=b'~').map(|byte| {
        let mut cell = Cell::EMPTY;
        cell.set_char(char::from(byte));
        cell
    });
    letters.collect()
});

/// Whether `text` is made of plain characters alone.
pub(super) fn is_plain(text: &str) -> bool {
    is_ascii(text) || text.chars().all(is_plain_character)
}

/// The columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    if is_ascii(text) {
        text.len()
    } else {
        text.width()
    }
}

/// Whether what stands in a cell takes one column, as far as that is seen at once.
pub(super) fn is_narrow(symbol: &str) -> bool {
    symbol.len() == 1 || is_plain(symbol)
}

/// Writes plain text at the left end of `area`, as much of it as fits, in `style`, which leaves nothing of what was in a
/// cell before. Returns how many columns it took.
pub(super) fn write(buffer: &mut Buffer, area: Rect, text: &str, style: Style) -> u16 {
    let row = area.intersection(buffer.area);
    if row.is_empty() || (row.x, row.y) != (area.x, area.y) {
        return 0;
    }
    let line = usize::from(row.y - buffer.area.y) * usize::from(buffer.area.width);
    let begin = line + usize::from(row.x - buffer.area.x);
    let cells = buffer.content.iter_mut().skip(begin);
    let cells = cells.take(row.width.into());
    let mut blank = Cell::EMPTY;
    blank.set_style(style);
    let mut used = 0;
    if is_ascii(text) {
        for (cell, byte) in cells.zip(text.bytes()) {
            if let Some(letter) = LETTERS.get(usize::from(byte)) {
                cell.clone_from(letter);
            }
            dress(cell, &blank);
            used += 1;
        }
    } else {
        for (cell, character) in cells.zip(text.chars()) {
            cell.set_char(character);
            dress(cell, &blank);
            used += 1;
        }
    }
    used
}

fn dress(cell: &mut Cell, like: &Cell) {
    cell.fg = like.fg;
    cell.bg = like.bg;
    cell.underline_color = like.underline_color;
    cell.modifier = like.modifier;
}

fn is_ascii(text: &str) -> bool {
    // Without a way out early it is done many bytes at a time.
    text.bytes()
        .fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

/// Characters that nothing beside them turns into something else.
fn is_plain_character(character: char) -> bool {
    matches!(character,
        ' '..='~' | '·' | '×' | '…' | '›' | '←'..='↓' | 'Δ' | '─'..='▟' | '▲' | '▴' | '▸' | '▾' | '◆' | '●' | '•' | '✕')
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::{layout::Position, style::Color};

    /// All that is plain, each character after each other one.
    fn all() -> Vec<char> {
        let all: Vec<char> = ('\0'..='\u{ffff}')
            .filter(|one| is_plain_character(*one))
            .collect();
        assert!(all.len() > 200, "{}", all.len());
        all
    }

    #[test]
    fn plain_text_is_written_as_ratatui_writes_it() {
        let style = Style::reset().patch(Style::new().fg(Color::Red));
        let area = Rect::new(2, 1, 8, 3);
        let texts = all().into_iter().flat_map(|one| {
            ['a', '…', '─', one].map(|other| [one, other, one, one].iter().collect::<String>())
        });
        for text in texts.chain([String::new(), "longer than there is room".to_owned()]) {
            for (x, width) in [(2, 8), (4, 3), (9, 1), (5, 0)] {
                let at = Rect::new(x, 2, width, 1);
                let mut wanted = Buffer::filled(area, Cell::new("#"));
                wanted.set_style(area, Style::new().bg(Color::Blue));
                let mut got = wanted.clone();
                let (end, _) = wanted.set_stringn(x, 2, &text, width.into(), style);
                let used = write(&mut got, at, &text, style);
                assert_eq!(got, wanted, "{text:?}");
                assert_eq!(x + used, end, "{text:?}");
            }
            assert!(is_plain(&text));
            assert_eq!(width(&text), text.width(), "{text:?}");
        }
    }

    #[test]
    fn what_is_wide_joins_or_is_no_text_is_not_plain() {
        for text in [
            "日本",
            "e\u{301}",
            "❤\u{fe0f}",
            "\u{1b}[m",
            "a\u{200d}",
            "é",
            "\n",
            "ﾞ",
        ] {
            assert!(!is_plain(text), "{text:?}");
            assert_eq!(width(text), text.width());
        }
    }

    #[test]
    fn outside_of_the_buffer_nothing_is_written() {
        let mut buffer = Buffer::empty(Rect::new(2, 1, 8, 3));
        let blank = buffer.clone();
        for at in [(0, 1), (10, 1), (2, 0), (2, 4)] {
            let at = Position::from(at);
            let area = Rect::new(at.x, at.y, 5, 1);
            assert_eq!(write(&mut buffer, area, "abc", Style::reset()), 0);
        }
        assert_eq!(buffer, blank);
    }
}
