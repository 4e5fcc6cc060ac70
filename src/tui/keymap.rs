//! Keys, and which action each one means where.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::action::{ACTIONS, Action, Place};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with or without Ctrl. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// A character's key.
pub(super) const fn key(character: char) -> Key {
    named(KeyCode::Char(character))
}

/// A character's key together with Ctrl.
pub(super) const fn ctrl(character: char) -> Key {
    Key {
        code: KeyCode::Char(character),
        ctrl: true,
    }
}

/// A key that has a name.
pub(super) const fn named(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

impl Key {
    /// The key of an event.
    pub(super) fn of(event: KeyEvent) -> Self {
        Self {
            code: event.code,
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        }
    }

    /// Whether Ctrl is held.
    pub(super) fn is_ctrl(self) -> bool {
        self.ctrl
    }

    /// Its name: `Ctrl-d`, `PgDn`, `↑`.
    pub(super) fn label(self) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "Space".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::Delete => "Del".to_owned(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            other => other.to_string(),
        };
        if self.ctrl {
            format!("Ctrl-{name}")
        } else {
            name
        }
    }
}

/// What `event` means at `place`.
pub(super) fn action(event: KeyEvent, place: Place) -> Option<Action> {
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    let pressed = Key::of(event);
    ACTIONS
        .iter()
        .find(|entry| entry.places.contains(&place) && entry.keys.contains(&pressed))
        .map(|entry| entry.action)
}

/// Whether `event` is `letter` together with Ctrl.
pub(super) fn is_ctrl(event: KeyEvent, letter: char) -> bool {
    Key::of(event) == ctrl(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::View;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things_at_one_place() {
        let pages = [Place::Port, Place::Process, Place::Connection];
        for place in View::ALL.map(Place::View).into_iter().chain(pages) {
            let mut seen = HashSet::new();
            for entry in ACTIONS.iter().filter(|entry| entry.places.contains(&place)) {
                for key in entry.keys {
                    assert!(seen.insert(*key), "{place:?}: {}", key.label());
                }
            }
        }
    }

    #[test]
    fn keys_that_terminals_own_are_not_used() {
        for letter in ['h', 'i', 'm', '[', 's', 'q', 'a', 'b'] {
            let owned = ctrl(letter);
            assert!(ACTIONS.iter().all(|entry| !entry.keys.contains(&owned)));
        }
    }

    #[test]
    fn ctrl_changes_what_a_letter_means() {
        let plain = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::NONE);
        let with_ctrl = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(
            action(plain, Place::View(View::Sockets)),
            Some(Action::OpenConnection)
        );
        assert_eq!(
            action(with_ctrl, Place::View(View::Sockets)),
            Some(Action::Quit)
        );
    }
}
