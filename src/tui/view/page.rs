//! A page over the table.

use super::{lines, put, scrollbar, select};
use crate::tui::{
    app::App,
    document::{Line, Piece},
    theme::{Role, Theme},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The page on top.
pub(super) fn page(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let (Some(sheet), Some(page)) = (app.sheet(), app.page()) else {
        put(
            buffer,
            area,
            &Piece::new(Role::Dim, " Reading the sockets…"),
            theme,
        );
        return;
    };
    let title = sheet.title.get(page.scroll..).unwrap_or_default();
    let inner = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    lines(buffer, inner, title, page.link, theme);
    let skipped = page.scroll.saturating_sub(sheet.title.len());
    let shown = u16::try_from(title.len())
        .unwrap_or(u16::MAX)
        .min(inner.height);
    let below = Rect {
        y: inner.y + shown,
        height: inner.height - shown,
        ..inner
    };
    let main = Rect {
        width: sheet.main_width.saturating_sub(2),
        ..below
    };
    lines(buffer, main, from(&sheet.main, skipped), page.link, theme);
    let mut right = Rect::default();
    if !sheet.side.is_empty() {
        let edge = Rect {
            x: below.x + sheet.main_width.saturating_sub(2),
            width: 1,
            ..below
        };
        for row in edge.rows() {
            put(buffer, row, &Piece::new(Role::Dim, "│"), theme);
        }
        right = Rect {
            x: edge.x + 2,
            width: below.right().saturating_sub(edge.x + 2),
            ..below
        };
        lines(buffer, right, from(&sheet.side, skipped), page.link, theme);
    }
    // A section that leads nowhere has its heading under the bar.
    if let Some((row, in_side)) = page.heading_in_sight(&sheet) {
        let column = match (in_side, row < sheet.title.len()) {
            (true, _) => right,
            (false, true) => inner,
            (false, false) => main,
        };
        let below = u16::try_from(row - page.scroll).unwrap_or(u16::MAX);
        let line = Rect {
            y: inner.y.saturating_add(below),
            height: 1,
            ..column
        };
        select(buffer, line.intersection(inner), theme);
    }
    scrollbar(buffer, area, page.scroll, sheet.height(), theme);
}

fn from(lines: &[Line], first: usize) -> &[Line] {
    lines.get(first..).unwrap_or_default()
}
