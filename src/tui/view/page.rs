//! A page over the table.

use super::{lines, put, scrollbar};
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
    lines(buffer, inner, title, None, theme);
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
    if !sheet.side.is_empty() {
        let mut side = sheet.side.clone();
        for line in &mut side {
            line.link = line.link.map(|link| sheet.side_link(link));
        }
        let edge = Rect {
            x: below.x + sheet.main_width.saturating_sub(2),
            width: 1,
            ..below
        };
        for row in edge.rows() {
            put(buffer, row, &Piece::new(Role::Dim, "│"), theme);
        }
        let right = Rect {
            x: edge.x + 2,
            width: below.right().saturating_sub(edge.x + 2),
            ..below
        };
        lines(buffer, right, from(&side, skipped), page.link, theme);
    }
    scrollbar(buffer, area, page.scroll, sheet.height(), theme);
}

fn from(lines: &[Line], first: usize) -> &[Line] {
    lines.get(first..).unwrap_or_default()
}
