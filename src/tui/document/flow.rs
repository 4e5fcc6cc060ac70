//! Short fields side by side, as many in a row as there is room for.

use super::{LABEL, Line, Piece};
use crate::tui::plain;

/// Columns that a field gets at least before another one stands beside it.
const CELL: usize = 28;
/// The most that stand side by side.
const MOST: usize = 3;
/// Columns between two fields.
const GAP: usize = 2;

/// The lines of `fields` on `width` columns. One that is longer than its place takes the next ones as well.
pub(super) fn lines(fields: &[Vec<Piece>], width: usize) -> Vec<Line> {
    let across = (width / CELL).clamp(1, MOST);
    let cell = width / across;
    let mut lines: Vec<Line> = vec![];
    let mut taken = across;
    for field in fields {
        let long: usize = field.iter().map(|piece| plain::width(&piece.text)).sum();
        // The last one of a row needs no gap behind it.
        let cells = (1..=across).find(|cells| {
            let gap = if *cells == across { 0 } else { GAP };
            long + gap <= cells * cell
        });
        let Some(cells) = cells else {
            lines.extend(super::wrap_pieces(field, LABEL, width));
            taken = across;
            continue;
        };
        if taken + cells > across {
            lines.push(Line::default());
            taken = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.pad(taken * cell);
            line.pieces.extend(field.iter().cloned());
        }
        taken += cells;
    }
    lines
}

#[cfg(test)]
mod tests {
    use crate::tui::document::{Document, Line};

    fn told(width: usize) -> Vec<String> {
        let mut document = Document::default();
        let long = "a command that is longer than any place beside another has room for it";
        document.fields([
            ("Cwd", "/".to_owned()),
            ("User", "deploy (1000)".to_owned()),
            ("Unit", "none".to_owned()),
            ("Long", long.to_owned()),
            ("Terminal", "none".to_owned()),
        ]);
        let lines = document.lines(width);
        let lines = lines.iter().map(Line::plain);
        lines.map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn fields_stand_side_by_side_where_there_is_room_and_nothing_is_lost() {
        let wide = told(118);
        assert_eq!(wide.len(), 3, "{wide:#?}");
        assert!(wide[0].starts_with("Cwd        /"), "{wide:#?}");
        assert_eq!(wide[0].find("User"), Some(39));
        assert_eq!(wide[0].find("Unit"), Some(78));
        assert!(wide[1].ends_with("has room for it"), "{wide:#?}");
        assert_eq!(told(78).len(), 5);
        assert_eq!(told(58)[0].find("User"), Some(29));
        let narrow = told(38);
        assert_eq!(narrow[0], "Cwd        /");
        assert!(narrow.iter().all(|line| line.len() <= 38), "{narrow:#?}");
        let words = narrow.join(" ");
        for word in ["command", "longer", "beside", "it", "Terminal"] {
            assert!(words.contains(word), "{narrow:#?}");
        }
    }
}
