//! What was done before, by the dashboard and by commands: a list over everything else.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::{App, Mode};
use crate::{
    model::Event,
    tui::{document::Line, layout, pages},
};
use crossterm::event::{KeyCode, KeyEvent};

/// The list while it is open.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The newest last; else why they cannot be read. `None` while they are being read.
    pub(crate) events: Option<Result<Vec<Event>, String>>,
    pub(crate) scroll: usize,
}

impl App {
    /// Shows what was read.
    pub(super) fn show_log(&mut self, events: Result<Vec<Event>, String>) {
        if let Mode::Log(log) = &mut self.mode {
            log.events = Some(events);
        }
    }

    pub(super) fn log_key(&mut self, key: KeyEvent) {
        let half = isize::from(layout::popup(self.area).height.cast_signed()) / 2;
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.scroll_log(-1),
            KeyCode::Down | KeyCode::Char('j') => self.scroll_log(1),
            KeyCode::PageUp => self.scroll_log(-half),
            KeyCode::PageDown => self.scroll_log(half),
            KeyCode::Home | KeyCode::Char('g') => self.scroll_log(isize::MIN),
            KeyCode::End | KeyCode::Char('G') => self.scroll_log(isize::MAX),
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'L') => self.mode = Mode::Browse,
            _ => {}
        }
    }

    /// Moves through the list, as far as there is one.
    pub(super) fn scroll_log(&mut self, by: isize) {
        let rows = usize::from(layout::popup(self.area).height.saturating_sub(2));
        let last = self.log_lines().len().saturating_sub(rows);
        if let Mode::Log(log) = &mut self.mode {
            log.scroll = log.scroll.saturating_add_signed(by).min(last);
        }
    }

    /// The lines of the list.
    pub(crate) fn log_lines(&self) -> Vec<Line> {
        let Mode::Log(log) = &self.mode else {
            return vec![];
        };
        let width = layout::popup(self.area).width.saturating_sub(4);
        pages::log::document(log, &self.setup.zone).lines(usize::from(width))
    }
}
