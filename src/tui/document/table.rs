//! Rows with columns, of which as many are shown as there is room for.

use super::{Line, Piece};
use crate::{
    model::Socket,
    tui::{
        layout::fields::{Field, fit},
        plain,
        theme::Role,
        words,
    },
};
use jiff::Timestamp;
use std::time::Duration;

/// Rows of cells, each cell under one of the columns of sockets.
#[derive(Debug, Clone)]
pub(in crate::tui) struct Table {
    /// From left to right.
    pub(in crate::tui) columns: &'static [Field<usize>],
    pub(in crate::tui) rows: Vec<TableRow>,
}

/// One row: its mark, and a cell for each column.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::tui) struct TableRow {
    pub(in crate::tui) mark: Piece,
    pub(in crate::tui) cells: Vec<Cell>,
    /// The number of the link it is.
    pub(super) link: Option<usize>,
}

/// What stands in one place of a row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::tui) struct Cell {
    pub(in crate::tui) piece: Piece,
    pub(in crate::tui) cut: Cut,
}

/// What is left out where there is no room for everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Cut {
    /// The end.
    End,
    /// The middle of the part before the last of these; what follows that is never cut.
    MiddleBefore(char),
    /// The end of the part before the last of these; what follows that is never cut.
    EndBefore(char),
    /// All but the first character, which says enough.
    ToFirst,
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        // Where the columns lie says which they are.
        std::ptr::eq(self.columns, other.columns) && self.rows == other.rows
    }
}

impl Table {
    /// Its titles and rows on `width` columns.
    pub(super) fn lines(&self, width: usize) -> Vec<Line> {
        // There is no scroll bar among these columns.
        let width = u16::try_from(width).unwrap_or(u16::MAX).saturating_add(1);
        let slots = fit(self.columns, width);
        let titles = slots.iter().filter_map(|slot| {
            let field = self.columns.iter().find(|one| one.column == slot.column)?;
            let cut = if usize::from(slot.width) < plain::width(field.title) {
                Cut::ToFirst
            } else {
                Cut::End
            };
            let piece = Piece::new(Role::Head, field.title);
            Some((slot, Cell { piece, cut }, field.number))
        });
        let mut lines = vec![line(titles, None)];
        lines.extend(self.rows.iter().map(|row| {
            let cells = slots.iter().filter_map(|slot| {
                let number = self.columns.iter().find(|one| one.column == slot.column)?;
                Some((slot, row.cells.get(slot.column)?.clone(), number.number))
            });
            let mut line = line(cells, Some(&row.mark));
            line.link = row.link;
            line
        }));
        lines
    }
}

fn line<'a>(
    cells: impl Iterator<Item = (&'a crate::tui::layout::Slot<usize>, Cell, bool)>,
    mark: Option<&Piece>,
) -> Line {
    let mut line = Line::default();
    line.pieces.extend(mark.cloned());
    for (slot, cell, number) in cells {
        let wide = usize::from(slot.width);
        let text = cell.cut.of(&cell.piece.text, wide);
        let before = if number {
            wide.saturating_sub(plain::width(&text))
        } else {
            0
        };
        line.pad(usize::from(slot.x) + before);
        line.pieces.push(Piece::new(cell.piece.role, text));
    }
    line
}

impl Cut {
    /// `text` in at most `width` columns.
    fn of(self, text: &str, width: usize) -> String {
        if plain::width(text) <= width {
            return text.to_owned();
        }
        let last = |mark| text.rfind(mark).and_then(|at| text.split_at_checked(at));
        match self {
            Self::End => words::fit(text, width),
            Self::ToFirst => text.chars().take(1).collect(),
            Self::MiddleBefore(mark) => match last(mark) {
                Some((before, after)) if plain::width(after) + 1 < width => {
                    let room = width - plain::width(after);
                    format!("{}{after}", words::middle(before, room))
                }
                _ => words::middle(text, width),
            },
            Self::EndBefore(mark) => match last(mark) {
                Some((before, after)) if plain::width(after) + 1 < width => {
                    let room = width - plain::width(after);
                    format!("{}{after}", words::fit(before, room))
                }
                _ => words::fit(text, width),
            },
        }
    }
}

impl TableRow {
    /// A row that leads nowhere yet.
    pub(in crate::tui) fn new(mark: Piece, cells: Vec<Cell>) -> Self {
        Self {
            mark,
            cells,
            link: None,
        }
    }
}

impl Cell {
    /// A cell whose end is left out first.
    pub(in crate::tui) fn new(role: Role, text: impl Into<String>) -> Self {
        Self {
            piece: Piece::new(role, text),
            cut: Cut::End,
        }
    }

    /// The same, cut otherwise.
    pub(in crate::tui) fn cut(mut self, cut: Cut) -> Self {
        self.cut = cut;
        self
    }
}

/// The mark before the row of a socket: new, changed or closed. What is new is marked for `highlight`.
pub(in crate::tui) fn mark(
    socket: &Socket,
    closed: bool,
    now: Timestamp,
    highlight: Duration,
) -> Piece {
    let within = |then, span| words::since(then, now) < span;
    if closed {
        Piece::new(Role::Dim, words::CLOSED)
    } else if !socket.before_us && within(socket.first_seen(), highlight) {
        Piece::new(Role::Received, "+")
    } else if socket
        .changed_at
        .is_some_and(|at| within(at, highlight * 3 / 5))
    {
        Piece::new(Role::Changed, "~")
    } else {
        Piece::new(Role::Text, " ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_stay_is_never_cut() {
        let address = Cut::MiddleBefore(':');
        assert_eq!(address.of("10.0.0.5:443", 20), "10.0.0.5:443");
        let short = address.of("[2001:db8:1:2:3:4:5:6]:50000", 20);
        assert!(short.ends_with(":50000") && short.len() <= 22, "{short}");
        let rule = Cut::EndBefore(' ');
        assert_eq!(rule.of("executable-in-temp +2", 14), "executable… +2");
        assert_eq!(rule.of("squatter", 4), "squ…");
    }
}
