//! The pane about the selected socket, beside or below the table.

use super::{draw_left, lines, put, scrollbar};
use crate::tui::{
    app::App,
    document::{Line, Piece},
    theme::{Role, Theme},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Right of the table.
pub(super) fn side(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    if area.is_empty() {
        return;
    }
    let (role, line) = if app.pane_has_keys() {
        (Role::Key, "┃")
    } else {
        (Role::Dim, "│")
    };
    for row in area.rows() {
        put(buffer, row, &Piece::new(role, line), theme);
    }
    let Some(said) = app.pane_says() else {
        return;
    };
    let inner = Rect {
        x: area.x + 2,
        width: area.width.saturating_sub(3),
        ..area
    };
    scrolled(buffer, inner, &said.lines, app, theme);
}

/// Below the table: a titled line, and what fits under it.
pub(super) fn strip(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    if area.is_empty() {
        return;
    }
    let role = if app.pane_has_keys() {
        Role::Key
    } else {
        Role::Dim
    };
    let line = Piece::new(role, "─".repeat(usize::from(area.width)));
    put(buffer, area, &line, theme);
    let Some(said) = app.pane_says() else {
        return;
    };
    let mut title = vec![Piece::new(Role::Text, " ")];
    title.extend_from_slice(&said.title);
    title.push(Piece::new(Role::Text, " "));
    let titled = Rect {
        x: area.x + 2,
        width: area.width.saturating_sub(4),
        height: 1,
        ..area
    };
    draw_left(buffer, titled, &title, theme);
    let inner = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    };
    scrolled(buffer, inner, &said.lines, app, theme);
}

/// What is in sight of the lines, and at its right edge where that is.
fn scrolled(buffer: &mut Buffer, area: Rect, all: &[Line], app: &App, theme: Theme) {
    let in_sight = all.get(app.pane.scroll..).unwrap_or_default();
    lines(buffer, area, in_sight, None, theme);
    let edge = Rect {
        x: area.right(),
        width: 1,
        ..area
    };
    scrollbar(buffer, edge, app.pane.scroll, all.len(), theme);
}
