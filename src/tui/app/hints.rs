//! The last line: what was just done, which keys do something here, and the way out. Where each stands is
//! known here, so that a click finds what the eye sees.

use super::{App, Mode};
use crate::tui::{
    action::{ACTIONS, Action, Entry},
    effect::Effect,
    plain, words,
};
use crossterm::event::{KeyCode, KeyEvent};

/// Columns between two hints.
const GAP: usize = 2;
/// Columns of the shortest hint there is.
const SHORTEST: usize = 4;

/// The footer.
#[derive(Debug, Default)]
pub(crate) struct Footer {
    /// What was just done, as much of it as there is room for; empty when nothing was.
    pub(crate) said: String,
    /// From left to right.
    pub(crate) hints: Vec<Hint>,
}

/// A key and what it does.
#[derive(Debug)]
pub(crate) struct Hint {
    /// Distance from the left edge.
    pub(crate) x: u16,
    pub(crate) key: String,
    pub(crate) words: String,
    does: Press,
}

/// What a click on a hint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Press {
    Act(Action),
    Key(KeyCode),
    /// Several keys are named, or none.
    Nothing,
}

impl Hint {
    fn new(key: impl Into<String>, words: impl Into<String>, does: Press) -> Self {
        Self {
            x: 0,
            key: key.into(),
            words: words.into(),
            does,
        }
    }

    fn width(&self) -> usize {
        plain::width(&self.key) + 1 + plain::width(&self.words)
    }

    fn is_at(&self, x: u16) -> bool {
        let behind = usize::from(self.x) + self.width();
        (usize::from(self.x)..behind).contains(&usize::from(x))
    }
}

impl App {
    /// The footer of a screen of this width.
    pub(crate) fn footer(&self) -> Footer {
        let width = usize::from(self.area.width);
        let mut tail = if matches!(self.mode, Mode::Browse) {
            self.pinned()
        } else {
            vec![]
        };
        let reserved: usize = tail.iter().map(|hint| hint.width() + GAP).sum();
        let mut end = width.saturating_sub(reserved) + 1;
        for hint in &mut tail {
            hint.x = u16::try_from(end).unwrap_or(u16::MAX);
            end += hint.width() + GAP;
        }
        let room = width.saturating_sub(reserved + 1);
        let said = self.said.as_deref().unwrap_or_default();
        let said = words::fit(said, room.saturating_sub(1));
        let mut x = 1;
        if !said.is_empty() {
            x += plain::width(&said) + GAP + 1;
        }
        let mut hints = vec![];
        let mut offered = self.hints_of_mode();
        // Whether an action would do something is found out for no hint that cannot have room.
        while x + SHORTEST < room
            && let Some(mut hint) = offered.next()
        {
            debug_assert!(hint.width() >= SHORTEST, "{hint:?}");
            // A shorter one behind it may have room.
            if x + hint.width() + 1 > room {
                continue;
            }
            hint.x = u16::try_from(x).unwrap_or(u16::MAX);
            x += hint.width() + GAP;
            hints.push(hint);
        }
        hints.append(&mut tail);
        Footer { said, hints }
    }

    /// Does what the hint at column `x` says.
    pub(super) fn click_hint(&mut self, x: u16) -> Option<Effect> {
        let hints = self.footer().hints;
        let does = hints.iter().find(|hint| hint.is_at(x))?.does;
        match does {
            Press::Act(action) => {
                self.said = None;
                self.act_on(action)
            }
            Press::Key(code) => self.key(KeyEvent::from(code)),
            Press::Nothing => None,
        }
    }

    /// `? help  q quit`, whatever else there is no room for.
    fn pinned(&self) -> Vec<Hint> {
        let pinned = ACTIONS.iter().filter(|entry| is_pinned(entry));
        let hints = pinned.map(|entry| {
            let key = self.setup.keymap.first_key(entry.action);
            Hint::new(key, entry.hint, Press::Act(entry.action))
        });
        hints.collect()
    }

    /// Made as they are asked for: most find no room.
    fn hints_of_mode(&self) -> Box<dyn Iterator<Item = Hint> + '_> {
        let key = |key, words, code| Hint::new(key, words, Press::Key(code));
        let move_on = || Hint::new("↑↓", "move", Press::Nothing);
        let hints = match &self.mode {
            Mode::Browse => return Box::new(self.valid_here()),
            Mode::Filter => vec![
                key("Enter", "keep", KeyCode::Enter),
                key("Tab", "complete", KeyCode::Tab),
                key("Esc", "clear", KeyCode::Esc),
                move_on(),
            ],
            Mode::Search => vec![
                key("Enter", "open", KeyCode::Enter),
                key("Esc", "back", KeyCode::Esc),
                move_on(),
            ],
            Mode::Moment(_) => vec![
                key("Enter", "go there", KeyCode::Enter),
                key("Esc", "back", KeyCode::Esc),
            ],
            Mode::Help(_) => vec![
                Hint::new("type", "to search", Press::Nothing),
                Hint::new("↑↓", "scroll", Press::Nothing),
                key("Esc", "close", KeyCode::Esc),
            ],
            Mode::Choose(_) => vec![
                key("Enter", "choose", KeyCode::Enter),
                move_on(),
                key("Esc", "close", KeyCode::Esc),
            ],
            Mode::Columns(_) => vec![
                key("Space", "show or hide", KeyCode::Char(' ')),
                key("←", "up", KeyCode::Left),
                key("→", "down", KeyCode::Right),
                key("Esc", "close", KeyCode::Esc),
            ],
            Mode::Why | Mode::Log(_) => vec![key("Esc", "close", KeyCode::Esc)],
            // A click must not decide about a process.
            Mode::Signal(_) => vec![],
        };
        Box::new(hints.into_iter())
    }

    /// The hints of the actions that would do something now.
    fn valid_here(&self) -> impl Iterator<Item = Hint> {
        let place = self.place();
        let at_table = self.pages.is_empty();
        let shown = move |entry: &&'static Entry| {
            !entry.hint.is_empty()
                && !is_pinned(entry)
                && entry.places.contains(&place)
                && self.can(entry.action)
                // On the page of a port it is what another key does everywhere.
                && (entry.action != Action::GoTo || at_table)
                && (entry.action != Action::Back || !at_table || !self.filter.is_empty())
        };
        let words = move |entry: &Entry| {
            if entry.action == Action::Pause && self.feed.paused.is_some() {
                "resume"
            } else if entry.action == Action::Back && at_table {
                "clear filter"
            } else {
                entry.hint
            }
        };
        let entries = ACTIONS.iter().filter(shown);
        let hints = entries.map(move |entry| {
            let key = self.setup.keymap.first_key(entry.action);
            Hint::new(key, words(entry), Press::Act(entry.action))
        });
        hints.filter(|hint| !hint.key.is_empty())
    }
}

fn is_pinned(entry: &Entry) -> bool {
    matches!(entry.action, Action::Help | Action::Quit)
}
