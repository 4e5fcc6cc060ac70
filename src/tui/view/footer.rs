//! The last lines of the screen.

use super::put;
use crate::tui::{
    app::App,
    document::Piece,
    theme::{Role, Theme},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The footer.
pub(super) fn footer(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let footer = app.footer();
    let at = |line: u16, x: u16| {
        Rect {
            x: area.x + x,
            y: area.y + line,
            width: area.width,
            height: 1,
        }
        .intersection(area)
    };
    let said = Piece::new(Role::Received, footer.said);
    put(buffer, at(area.height.saturating_sub(1), 1), &said, theme);
    for hint in footer.hints {
        let place = at(hint.line, hint.x);
        let rest = put(buffer, place, &Piece::new(Role::Key, hint.key), theme);
        let words = Piece::new(Role::Dim, format!(" {}", hint.words));
        put(buffer, rest, &words, theme);
    }
}
