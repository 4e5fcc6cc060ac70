//! One line that something is typed in.

use super::{draw_right, filter::after, put};
use crate::tui::{
    document::Piece,
    picture::Frame,
    theme::{Role, Theme},
    words,
};
use ratatui::layout::Rect;
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

/// What is asked, the text, and what is said of it on the right; the cursor while it has the keys.
pub(super) fn prompt(
    frame: &mut Frame<'_>,
    area: Rect,
    (asks, input, says): (&str, &Input, Piece),
    has_keys: bool,
    theme: Theme,
) {
    if area.is_empty() {
        return;
    }
    let buffer = frame.buffer_mut();
    let rest = put(buffer, area, &Piece::new(Role::Key, asks), theme);
    let room = usize::from(rest.width).saturating_sub(says.text.width() + 1);
    let scroll = input.visual_scroll(room);
    let shown = words::fit(&after(input.value(), scroll), room);
    put(buffer, rest, &Piece::new(Role::Text, shown), theme);
    let says = [says];
    draw_right(buffer, area, &says, theme);
    if has_keys {
        let column = input.visual_cursor().saturating_sub(scroll);
        let column = u16::try_from(column).unwrap_or(u16::MAX).min(rest.width);
        frame.set_cursor_position((rest.x + column, area.y));
    }
}
