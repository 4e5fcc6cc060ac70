//! The table of sockets. Only the rows in sight are made.

use super::{
    grid::{self, Title},
    nothing::nothing,
    put,
    rows::{self, Setting},
    scrollbar, select,
};
use crate::{
    model::Socket,
    tui::{
        app::{App, groups::Group, table::Row},
        document::Piece,
        layout,
        picture::{Frame, Part, Stamp},
        theme::{Role, Theme},
        words::{CLOSED, HELD},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The titles of the columns; the one that sorts is marked.
pub(super) fn titles(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let order = app.table.order;
    for slot in layout::columns(area.width, &app.columns) {
        let title = Title {
            text: app.writing.unit.title(rows::title(slot)),
            number: rows::is_number(slot.column),
            sorts: (slot.column == order.column).then_some(order.reverse),
        };
        grid::title(buffer, area, &slot, &title, theme);
    }
}

/// The rows in sight, or why there are none.
pub(super) fn body(frame: &mut Frame<'_>, area: Rect, app: &App, theme: Theme) {
    let Some(snapshot) = app
        .feed
        .shown
        .as_ref()
        .filter(|_| !app.table.rows.is_empty())
    else {
        return nothing(frame.buffer_mut(), area, app, theme);
    };
    let slots = layout::columns(area.width, &app.columns);
    let setting = Setting {
        snapshot,
        slots: &slots,
        highlight: app.setup.highlight,
        writing: app.writing,
        names: app.host_names(),
    };
    let in_sight = app.table.rows.iter().enumerate().skip(app.table.offset);
    for ((at, row), line) in in_sight.zip(area.rows()) {
        let is_selected = at == app.table.cursor();
        // The last column is the scroll bar's.
        let cells = Rect {
            width: line.width.saturating_sub(1),
            ..line
        };
        let stamp = Stamp {
            revision: app.revision,
            part: Part::Row(at),
        };
        if !is_selected && frame.keep(cells, stamp) {
            continue;
        }
        let buffer = frame.buffer_mut();
        if let Row::Group(group) = row {
            if let Some(group) = app.table.groups.get(*group) {
                let unfolded = app.table.is_unfolded(group);
                draw_group(buffer, line, (group, unfolded), setting, theme);
            }
        } else if let Some(socket) = app.table.socket(*row, snapshot) {
            let role = match row {
                Row::Closed(_) => Some(Role::Closed),
                _ if app.table.is_other(*row) => Some(Role::Dim),
                Row::Open(_) | Row::Group(_) => None,
            };
            draw_row(buffer, line, (socket, role), setting, theme);
        }
        // Last, so that no cell's colour punches a hole in the bar.
        if is_selected {
            select(buffer, line, theme);
        }
    }
    let buffer = frame.buffer_mut();
    scrollbar(buffer, area, app.table.offset, app.table.rows.len(), theme);
}

/// Draws a row, all of it in one role where it stands for nothing that is there, or that the filter finds.
fn draw_row(
    buffer: &mut Buffer,
    line: Rect,
    (socket, of_all): (&Socket, Option<Role>),
    setting: Setting<'_>,
    theme: Theme,
) {
    let closed = of_all == Some(Role::Closed);
    let mark = if of_all == Some(Role::Dim) {
        Piece::new(Role::Dim, HELD)
    } else {
        rows::mark(socket, closed, setting)
    };
    put(buffer, line, &mark, theme);
    for slot in setting.slots {
        let mut piece = rows::cell(socket, *slot, setting);
        piece.role = of_all.unwrap_or(piece.role);
        let number = rows::is_number(slot.column);
        grid::draw(buffer, line, slot, (&piece, number), theme);
    }
}

fn draw_group(
    buffer: &mut Buffer,
    line: Rect,
    (group, unfolded): (&Group, bool),
    setting: Setting<'_>,
    theme: Theme,
) {
    // It stands there only while somebody reads.
    let is_empty = group.members.is_empty();
    let mark = match unfolded {
        _ if is_empty => Piece::new(Role::Dim, CLOSED),
        true => Piece::new(Role::Key, "▾"),
        false => Piece::new(Role::Key, "▸"),
    };
    put(buffer, line, &mark, theme);
    for slot in setting.slots {
        let mut piece = rows::of_group(group, *slot, setting.writing.unit);
        if is_empty {
            piece.role = Role::Closed;
        }
        let number = rows::is_number(slot.column);
        grid::draw(buffer, line, slot, (&piece, number), theme);
    }
}
