//! A list over everything else: what was done before, by the dashboard and by commands; or what works here.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::{App, Mode};
use crate::{
    model::{Ability, Event},
    tui::{action::Action, document::Line, layout, pages},
};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Constraint, Rect};

/// The list while it is open.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) listed: Listed,
    pub(crate) scroll: usize,
}

/// What is in the list; `None` while that is being found out.
#[derive(Debug)]
pub(crate) enum Listed {
    /// What was done, the newest last; else why that cannot be read.
    Done(Option<Result<Vec<Event>, String>>),
    /// What works on this machine, and what does not.
    Works(Option<Vec<Ability>>),
    /// What cannot be seen, and what would show it.
    Hidden,
}

impl Log {
    /// A list that is still to come.
    pub(super) fn of(listed: Listed) -> Self {
        Self { listed, scroll: 0 }
    }

    /// Its title.
    pub(crate) fn title(&self) -> &'static str {
        match self.listed {
            Listed::Done(_) => " What was done ",
            Listed::Works(_) => " What works here ",
            Listed::Hidden => " What cannot be seen ",
        }
    }
}

impl App {
    /// Shows what was done.
    pub(super) fn show_log(&mut self, events: Result<Vec<Event>, String>) {
        if let Mode::Log(log) = &mut self.mode
            && matches!(log.listed, Listed::Done(_))
        {
            log.listed = Listed::Done(Some(events));
        }
    }

    /// Shows what works.
    pub(super) fn show_abilities(&mut self, abilities: Vec<Ability>) {
        if let Mode::Log(log) = &mut self.mode
            && matches!(log.listed, Listed::Works(_))
        {
            log.listed = Listed::Works(Some(abilities));
        }
    }

    pub(super) fn log_key(&mut self, key: KeyEvent) {
        let is_short = matches!(&self.mode, Mode::Log(log) if matches!(log.listed, Listed::Hidden));
        match key.code {
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => self.mode = Mode::Browse,
            // What opens a list closes it.
            _ if is_short || self.opens_list(key) => self.mode = Mode::Browse,
            _ => {}
        }
    }

    fn opens_list(&self, key: KeyEvent) -> bool {
        let action = self.setup.keymap.action(key, self.place());
        matches!(action, Some(Action::Log | Action::Doctor))
    }

    /// Where the list stands: over most of the screen, or as high as it is where that is known before.
    pub(crate) fn log_place(&self) -> Rect {
        let most = layout::popup(self.area);
        match &self.mode {
            Mode::Log(log) if matches!(log.listed, Listed::Hidden) => {
                let height = u16::try_from(self.log_lines().len() + 2).unwrap_or(u16::MAX);
                most.centered_vertically(Constraint::Length(height.min(most.height)))
            }
            _ => most,
        }
    }

    /// The lines of the list.
    pub(crate) fn log_lines(&self) -> Vec<Line> {
        let Mode::Log(log) = &self.mode else {
            return vec![];
        };
        let width = layout::popup(self.area).width.saturating_sub(4);
        let document = match &log.listed {
            Listed::Done(events) => pages::log::document(events.as_ref(), &self.setup.zone),
            Listed::Works(abilities) => pages::doctor::document(self, abilities.as_deref()),
            Listed::Hidden => pages::hidden::document(self),
        };
        document.lines(usize::from(width))
    }
}
