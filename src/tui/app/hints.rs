//! The last lines: what was just done, which keys do something here, and the way out. Where each stands is
//! known here, so that a click finds what the eye sees.

use super::{App, Mode};
use crate::tui::{
    action::{ACTIONS, Action, Entry},
    effect::Effect,
    plain, words,
};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Position;

/// Columns between two hints.
const GAP: usize = 2;
/// Columns of the shortest hint there is.
const SHORTEST: usize = 4;

/// The footer.
#[derive(Debug, Default)]
pub(crate) struct Footer {
    /// What was just done, as much of it as there is room for; empty when nothing was. It begins the last line.
    pub(crate) said: String,
    /// From left to right.
    pub(crate) hints: Vec<Hint>,
}

/// A key and what it does.
#[derive(Debug)]
pub(crate) struct Hint {
    /// Distance from the left edge.
    pub(crate) x: u16,
    /// The line of the footer that it stands in, from 0.
    pub(crate) line: u16,
    pub(crate) key: String,
    pub(crate) words: &'static str,
    /// The words where there is less room.
    short: &'static str,
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
    fn new(key: impl Into<String>, words: &'static str, does: Press) -> Self {
        Self {
            x: 0,
            line: 0,
            key: key.into(),
            words,
            short: words,
            does,
        }
    }

    fn short(mut self, short: &'static str) -> Self {
        self.short = short;
        self
    }

    fn width(&self) -> usize {
        self.width_with(self.words)
    }

    /// The least that it takes.
    fn least(&self) -> usize {
        self.width_with(self.short)
    }

    fn width_with(&self, words: &str) -> usize {
        plain::width(&self.key) + 1 + plain::width(words)
    }

    fn is_at(&self, line: u16, x: u16) -> bool {
        let behind = usize::from(self.x) + self.width();
        self.line == line && (usize::from(self.x)..behind).contains(&usize::from(x))
    }
}

/// What is free of each line: where the next hint would begin, and the column that none may reach.
#[derive(Debug, Clone)]
struct Room(Vec<(usize, usize)>);

impl Room {
    /// Takes so many columns of the first line that has them; returns that line, and where they begin.
    fn take(&mut self, width: usize) -> Option<(u16, u16)> {
        let has_room = |(_, (x, end)): &(usize, &mut (usize, usize))| *x + width < *end;
        let (line, (x, _)) = self.0.iter_mut().enumerate().find(has_room)?;
        let at = (u16::try_from(line).ok()?, u16::try_from(*x).ok()?);
        *x += width + GAP;
        Some(at)
    }

    fn is_full(&self) -> bool {
        self.0.iter().all(|(x, end)| x + SHORTEST >= *end)
    }
}

/// Gives each hint its place; the last `count` of them get their short words. Returns whether all have room.
fn place(hints: &mut [Hint], mut room: Room, count: usize) -> bool {
    let whole = hints.len().saturating_sub(count);
    for hint in hints.iter_mut().skip(whole) {
        hint.words = hint.short;
    }
    hints.iter_mut().all(|hint| {
        let place = room.take(hint.width());
        if let Some(place) = place {
            (hint.line, hint.x) = place;
        }
        place.is_some()
    })
}

impl App {
    /// The footer: as many hints as there is room for with short words, and as many whole words as fit then, those of the
    /// first hints.
    pub(crate) fn footer(&self) -> Footer {
        let area = self.regions().footer;
        let width = usize::from(area.width);
        let mut tail = if matches!(self.mode, Mode::Browse) {
            self.pinned()
        } else {
            vec![]
        };
        let reserved: usize = tail.iter().map(|hint| hint.width() + GAP).sum();
        let mut end = width.saturating_sub(reserved) + 1;
        for hint in &mut tail {
            hint.line = area.height.saturating_sub(1);
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
        // What lies over everything else covers all lines but the last.
        let above = if tail.is_empty() { 0 } else { width };
        let mut lines = vec![(1, above); usize::from(area.height.saturating_sub(1))];
        lines.push((x, room));
        let mut hints = self.hints_with_room(Room(lines.clone()));
        // With short words all have room: so they were chosen.
        for count in 0..=hints.len() {
            if place(&mut hints, Room(lines.clone()), count) {
                break;
            }
        }
        hints.append(&mut tail);
        Footer { said, hints }
    }

    /// The first hints that have room, all with short words.
    fn hints_with_room(&self, mut room: Room) -> Vec<Hint> {
        let mut hints = vec![];
        let mut offered = self.hints_of_mode();
        // Whether an action would do something is found out for no hint that cannot have room.
        while !room.is_full()
            && let Some(hint) = offered.next()
        {
            debug_assert!(hint.least() >= SHORTEST, "{hint:?}");
            // A shorter one behind it may have room.
            if room.take(hint.least()).is_some() {
                hints.push(hint);
            }
        }
        hints
    }

    /// Does what the hint at this place of the screen says.
    pub(super) fn click_hint(&mut self, at: Position) -> Option<Effect> {
        let line = at.y.saturating_sub(self.regions().footer.y);
        let hints = self.footer().hints;
        let does = hints.iter().find(|hint| hint.is_at(line, at.x))?.does;
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
            Mode::Help(help) => vec![
                Hint::new("type", "to search", Press::Nothing),
                Hint::new("↑↓", "scroll", Press::Nothing),
                key("Esc", clear_or_close(help.input.value()), KeyCode::Esc),
            ],
            Mode::Choose(chooser) => vec![
                key("Enter", "choose", KeyCode::Enter),
                move_on(),
                key("Esc", clear_or_close(chooser.typed_text()), KeyCode::Esc),
            ],
            Mode::Columns(_) => vec![
                key("Space", "show or hide", KeyCode::Char(' ')).short("shows"),
                Hint::new("← →", "carry it", Press::Nothing).short("carry"),
                key("Esc", "close", KeyCode::Esc),
                key("r", "as at first", KeyCode::Char('r')).short("reset"),
                move_on(),
            ],
            Mode::Log(_) if self.reach().hidden > 0 => vec![
                Hint::new("↑↓", "scroll", Press::Nothing),
                key("Esc", "close", KeyCode::Esc),
            ],
            Mode::Log(_) => vec![key("Esc", "close", KeyCode::Esc)],
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
                ("resume", "resume")
            } else if entry.action == Action::Back && at_table {
                ("clear filter", "clear")
            } else {
                (entry.hint, entry.short)
            }
        };
        let entries = ACTIONS.iter().filter(shown);
        let hints = entries.map(move |entry| {
            let key = self.setup.keymap.first_key(entry.action);
            let (words, short) = words(entry);
            Hint::new(key, words, Press::Act(entry.action)).short(short)
        });
        hints.filter(|hint| !hint.key.is_empty())
    }
}

/// What Esc does first in a list that one types into.
fn clear_or_close(typed: &str) -> &'static str {
    if typed.is_empty() { "close" } else { "clear" }
}

fn is_pinned(entry: &Entry) -> bool {
    matches!(entry.action, Action::Help | Action::Quit)
}
