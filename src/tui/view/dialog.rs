//! The dialog before something is done.

use super::{help::boxed, lines};
use crate::tui::{
    app::{App, dialog::Dialog},
    pages,
    picture::Frame,
    theme::Theme,
};
use ratatui::layout::Constraint;

/// The dialog.
pub(super) fn dialog(frame: &mut Frame<'_>, dialog: &Dialog, app: &App, theme: Theme) {
    let told = pages::dialog::told(dialog, app);
    let height = u16::try_from(told.lines.len() + 2).unwrap_or(u16::MAX);
    let height = height.min(app.area.height);
    let area = app.area.centered(
        Constraint::Length(pages::dialog::width(app)),
        Constraint::Length(height),
    );
    let title = if dialog.only_closes {
        " Close a connection "
    } else {
        " Send a signal "
    };
    let inner = boxed(frame, area, title, "", theme);
    lines(frame.buffer_mut(), inner, &told.lines, None, theme);
}
