//! The table of sockets. Only the rows in sight are made.

use super::{
    put,
    rows::{self, Setting},
    scrollbar, select,
};
use crate::{
    model::{Snapshot, Socket},
    tui::{
        app::{App, feed::Health, table::Row},
        document::Piece,
        layout,
        theme::{Role, Theme},
        words,
    },
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Paragraph, Widget as _, Wrap},
};
use unicode_width::UnicodeWidthStr as _;

/// The titles of the columns; the one that sorts is marked.
pub(super) fn titles(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let order = app.table.order;
    for slot in layout::columns(area.width) {
        let sorts = slot.column == order.column;
        let mark = match (sorts, order.reverse) {
            (false, _) => "",
            (true, false) => "▾",
            (true, true) => "▴",
        };
        let role = if sorts { Role::Key } else { Role::Head };
        let title = format!("{}{mark}", rows::title(slot));
        // A title may use the gap behind its column: the mark must not be lost.
        let cell = place(area, slot.x, slot.width + 1);
        let right = rows::is_number(slot.column);
        let cell = if right {
            right_part(place(area, slot.x, slot.width), &title)
        } else {
            cell
        };
        put(buffer, cell, &Piece::new(role, title), theme);
    }
}

/// The rows in sight, or why there are none.
pub(super) fn body(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let Some(snapshot) = &app.feed.shown else {
        return empty(buffer, area, app, theme);
    };
    if app.table.rows.is_empty() {
        return empty(buffer, area, app, theme);
    }
    let slots = layout::columns(area.width);
    let setting = Setting {
        snapshot,
        slots: &slots,
        highlight: app.setup.highlight,
    };
    let in_sight = app.table.rows.iter().enumerate().skip(app.table.offset);
    for ((at, row), line) in in_sight.zip(area.rows()) {
        let Some(socket) = row.socket(snapshot) else {
            continue;
        };
        draw_row(buffer, line, (*row, socket), setting, theme);
        // Last, so that no cell's colour punches a hole in the bar.
        if at == app.table.cursor() {
            select(buffer, line, theme);
        }
    }
    scrollbar(buffer, area, app.table.offset, app.table.rows.len(), theme);
}

fn draw_row(
    buffer: &mut Buffer,
    line: Rect,
    (row, socket): (Row, &Socket),
    setting: Setting<'_>,
    theme: Theme,
) {
    let closed = matches!(row, Row::Closed(_));
    put(buffer, line, &rows::mark(socket, closed, setting), theme);
    for slot in setting.slots {
        let mut piece = rows::cell(socket, *slot, setting);
        if closed {
            piece.role = Role::Closed;
        }
        let cell = place(line, slot.x, slot.width);
        let right = rows::is_number(slot.column);
        let cell = if right {
            right_part(cell, &piece.text)
        } else {
            cell
        };
        put(buffer, cell, &piece, theme);
    }
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
    let width = u16::try_from(text.width())
        .unwrap_or(cell.width)
        .min(cell.width);
    Rect {
        x: cell.right() - width,
        width,
        ..cell
    }
}

fn empty(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let text = match (&app.feed.shown, &app.feed.health) {
        (None, Health::Failed(why)) => format!("No data yet: {why}"),
        (None, Health::Stopped | Health::Ended) => "There is no data.".to_owned(),
        (None, _) => "Reading the sockets…".to_owned(),
        (Some(snapshot), _) => none_of(snapshot, app),
    };
    let middle = Rect {
        y: area.y + area.height / 3,
        height: area.height - area.height / 3,
        ..area
    };
    Paragraph::new(text)
        .style(theme.style(Role::Dim))
        .wrap(Wrap { trim: true })
        .centered()
        .render(middle, buffer);
}

fn none_of(snapshot: &Snapshot, app: &App) -> String {
    if snapshot.sockets.is_empty() {
        return "No sockets in this network namespace.".to_owned();
    }
    let filter = words::fit(&app.filter.understood, 60);
    format!("No socket matches \"{filter}\".  Esc clears the filter.")
}
