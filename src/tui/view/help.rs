//! The help over everything else.

use super::{lines, over, scrollbar};
use crate::tui::{
    app::{App, help::Help, log::Log},
    layout,
    picture::Frame,
    theme::{Role, Theme},
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, BorderType, Clear, Widget as _},
};
use unicode_width::UnicodeWidthStr as _;

/// The help.
pub(super) fn help(frame: &mut Frame<'_>, help: &Help, app: &App, theme: Theme) {
    let area = layout::help(app.area);
    let search = help.input.value();
    let right = if search.is_empty() {
        String::new()
    } else {
        format!(" {search} ")
    };
    let title = format!(" Help: {} ", app.place().name());
    let inner = boxed(frame, area, &title, &right, theme);
    let all = app.help_lines(help);
    let buffer = frame.buffer_mut();
    lines(
        buffer,
        inner,
        all.get(help.scroll..).unwrap_or_default(),
        None,
        theme,
    );
    let edge = Rect {
        x: inner.right(),
        width: 1,
        ..inner
    };
    scrollbar(buffer, edge, help.scroll, all.len(), theme);
}

/// What was done before, what works here, or what cannot be seen.
pub(super) fn log(frame: &mut Frame<'_>, log: &Log, app: &App, theme: Theme) {
    let area = app.log_place();
    let inner = boxed(frame, area, log.title(), "", theme);
    let all = app.log_lines();
    let buffer = frame.buffer_mut();
    let shown = all.get(log.scroll..).unwrap_or_default();
    lines(buffer, inner, shown, None, theme);
    let edge = Rect {
        x: inner.right(),
        width: 1,
        ..inner
    };
    scrollbar(buffer, edge, log.scroll, all.len(), theme);
}

/// Draws an empty box and returns what is inside.
pub(super) fn boxed(
    frame: &mut Frame<'_>,
    area: Rect,
    title: &str,
    right: &str,
    theme: Theme,
) -> Rect {
    let both = title.width() + right.width() + 4;
    let right = if both > usize::from(area.width) {
        ""
    } else {
        right
    };
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Accent))
        .title(Line::from(Span::styled(
            title,
            over(theme.style(Role::Key)),
        )))
        .title(Line::from(Span::styled(right, over(theme.style(Role::Dim)))).right_aligned());
    let inside = block.inner(area);
    Clear.render(area, frame.buffer_mut());
    block.render(area, frame.buffer_mut());
    Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    }
}
