//! A table of rows with columns. Only the rows in sight are made.

use super::{put, scrollbar, select};
use crate::tui::{
    app::listing::{Listing, Row},
    document::Piece,
    layout::{Slot, fields::Field},
    plain,
    theme::{Role, Theme},
    words::Unit,
};
use ratatui::{buffer::Buffer, layout::Rect};

/// A title of a column; the one that sorts is marked.
pub(super) struct Title<'a> {
    pub(super) text: &'a str,
    pub(super) number: bool,
    /// Sorts by it, and whether the other way round.
    pub(super) sorts: Option<bool>,
}

/// Draws the title of the column at `slot`.
pub(super) fn title<C>(
    buffer: &mut Buffer,
    area: Rect,
    slot: &Slot<C>,
    title: &Title<'_>,
    theme: Theme,
) {
    let mark = match title.sorts {
        None => "",
        Some(false) => "▾",
        Some(true) => "▴",
    };
    let role = if title.sorts.is_some() {
        Role::Key
    } else {
        Role::Head
    };
    let narrow = usize::from(slot.width) < plain::width(title.text);
    let short = title.text.get(..1).unwrap_or_default();
    let text = if narrow && !title.number {
        short
    } else {
        title.text
    };
    let text = format!("{text}{mark}");
    // A title may use the gap around its column: the mark must not be lost.
    let wide = place(area, slot.x, slot.width + 1);
    let cell = if title.number {
        let begins = slot.x.saturating_sub(1);
        right_part(place(area, begins, slot.width + 1), &text)
    } else {
        wide
    };
    put(buffer, cell, &Piece::new(role, text), theme);
}

/// The titles of a view's columns.
pub(super) fn titles<C: Copy + PartialEq>(
    buffer: &mut Buffer,
    area: Rect,
    (all, slots, unit): (&[Field<C>], &[Slot<C>], Unit),
    order: Option<(C, bool)>,
    theme: Theme,
) {
    for slot in slots {
        let Some(field) = all.iter().find(|field| field.column == slot.column) else {
            continue;
        };
        let sorts = order.filter(|(column, _)| *column == slot.column);
        let one = Title {
            text: unit.title(field.title),
            number: field.number,
            sorts: sorts.map(|(_, reverse)| reverse),
        };
        title(buffer, area, slot, &one, theme);
    }
}

/// The rows in sight; `cell` makes one cell of one row, and says whether it stands on the right.
pub(super) fn rows<R: Row, C: Copy>(
    buffer: &mut Buffer,
    area: Rect,
    (list, slots): (&Listing<R>, &[Slot<C>]),
    cell: impl Fn(&R, Slot<C>) -> (Piece, bool),
    theme: Theme,
) {
    let in_sight = list.rows.iter().enumerate().skip(list.offset);
    for ((at, row), line) in in_sight.zip(area.rows()) {
        let left = list.mark_of_left(at);
        if let Some(mark) = left {
            put(buffer, line, &Piece::new(Role::Dim, mark), theme);
        }
        for slot in slots {
            let (mut piece, number) = cell(row, *slot);
            if left.is_some() {
                piece.role = Role::Closed;
            }
            draw(buffer, line, slot, (&piece, number), theme);
        }
        // Last, so that no cell's colour punches a hole in the bar.
        if at == list.cursor() {
            select(buffer, line, theme);
        }
    }
    scrollbar(buffer, area, list.offset, list.rows.len(), theme);
}

/// Draws one cell.
pub(super) fn draw<C>(
    buffer: &mut Buffer,
    line: Rect,
    slot: &Slot<C>,
    (piece, number): (&Piece, bool),
    theme: Theme,
) {
    let cell = place(line, slot.x, slot.width);
    let cell = if number {
        right_part(cell, &piece.text)
    } else {
        cell
    };
    put(buffer, cell, piece, theme);
}

/// The part of a row that begins `x` columns behind its left edge.
fn place(row: Rect, x: u16, width: u16) -> Rect {
    Rect {
        x: row.x + x,
        width,
        ..row
    }
    .intersection(row)
}

/// The right end of `cell`, as wide as `text`.
fn right_part(cell: Rect, text: &str) -> Rect {
    let width = u16::try_from(plain::width(text))
        .unwrap_or(cell.width)
        .min(cell.width);
    Rect {
        x: cell.right() - width,
        width,
        ..cell
    }
}
