//! The last line of the screen.

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
    let at = |x: u16| {
        Rect {
            x: area.x + x,
            ..area
        }
        .intersection(area)
    };
    put(
        buffer,
        at(1),
        &Piece::new(Role::Received, footer.said),
        theme,
    );
    for hint in footer.hints {
        let rest = put(buffer, at(hint.x), &Piece::new(Role::Key, hint.key), theme);
        let words = Piece::new(Role::Dim, format!(" {}", hint.words));
        put(buffer, rest, &words, theme);
    }
}
