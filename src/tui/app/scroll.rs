//! Scrolling of what stands over everything else: the help, the lists, the dialog before something is done.

use super::{App, Mode};
use crate::tui::{layout, pages};
use crossterm::event::{KeyCode, KeyEvent};

/// How much of it there is, in lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// What has room at a time.
    pub(crate) room: usize,
    /// What has none beside that.
    pub(crate) hidden: usize,
}

impl Reach {
    /// Of so many lines, with room for so many.
    pub(crate) fn of(lines: usize, room: usize) -> Self {
        Self {
            room,
            hidden: lines.saturating_sub(room),
        }
    }
}

impl App {
    /// Takes a key that scrolls what stands over everything else. Returns whether it was one.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a key that means nothing here still does when crossterm knows another"
    )]
    pub(super) fn scroll_key(&mut self, key: KeyEvent) -> bool {
        // Letters are typed into the help; in the dialog the arrows choose, while there is a choice.
        let (arrows, letters) = match &self.mode {
            Mode::Help(_) => (true, false),
            Mode::Log(_) => (true, true),
            Mode::Signal(dialog) => (dialog.is_done(), dialog.is_done()),
            _ => return false,
        };
        let half = || isize::try_from(self.reach().room / 2).map_or(1, |half| half.max(1));
        let by = match key.code {
            KeyCode::PageUp => -half(),
            KeyCode::PageDown => half(),
            KeyCode::Up if arrows => -1,
            KeyCode::Down if arrows => 1,
            KeyCode::Char('k') if letters => -1,
            KeyCode::Char('j') if letters => 1,
            KeyCode::Home | KeyCode::Char('g') if letters => isize::MIN,
            KeyCode::End | KeyCode::Char('G') if letters => isize::MAX,
            _ => return false,
        };
        self.scroll_by(by);
        true
    }

    /// Moves through what stands over everything else, as far as there is something.
    pub(super) fn scroll_by(&mut self, by: isize) {
        let last = self.reach().hidden;
        if let Some(scroll) = self.scroll() {
            *scroll = scroll.saturating_add_signed(by).min(last);
        }
    }

    /// Scrolls no further than there is something to see, whatever became of it.
    pub(super) fn keep_scroll_in_sight(&mut self) {
        if self.scroll().is_some_and(|scroll| *scroll > 0) {
            self.scroll_by(0);
        }
    }

    /// How much there is of what stands over everything else.
    pub(super) fn reach(&self) -> Reach {
        match &self.mode {
            Mode::Help(help) => {
                let rows = layout::help(self.area).height.saturating_sub(2);
                Reach::of(self.help_lines(help).len(), rows.into())
            }
            Mode::Log(_) => {
                let rows = self.log_place().height.saturating_sub(2);
                Reach::of(self.log_lines().len(), rows.into())
            }
            Mode::Signal(dialog) => pages::dialog::told(dialog, self).reach,
            Mode::Browse
            | Mode::Filter
            | Mode::Search
            | Mode::Moment(_)
            | Mode::Choose(_)
            | Mode::Columns(_) => Reach::default(),
        }
    }

    /// Lines of it that are above those in sight.
    fn scroll(&mut self) -> Option<&mut usize> {
        match &mut self.mode {
            Mode::Help(help) => Some(&mut help.scroll),
            Mode::Log(log) => Some(&mut log.scroll),
            Mode::Signal(dialog) => Some(&mut dialog.scroll),
            Mode::Browse
            | Mode::Filter
            | Mode::Search
            | Mode::Moment(_)
            | Mode::Choose(_)
            | Mode::Columns(_) => None,
        }
    }
}
