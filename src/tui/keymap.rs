//! Keys, and which action each one means where.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::action::{ACTIONS, Action, Entry, Place};
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

/// Names of keys in the configuration.
const NAMES: [(&str, KeyCode); 17] = [
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("del", KeyCode::Delete),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

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

    /// The key that is written so in the configuration: `x`, `ctrl-d`, `space`, `f9`.
    fn parse(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        if let Some(rest) = lower.strip_prefix("ctrl-") {
            let plain = Self::parse(rest)?;
            return Some(Self {
                ctrl: true,
                ..plain
            });
        }
        let mut characters = text.chars();
        if let (Some(one), None) = (characters.next(), characters.next()) {
            return Some(key(one));
        }
        let known = NAMES.iter().find(|(name, _)| *name == lower);
        let function = lower
            .strip_prefix('f')
            .and_then(|number| number.parse().ok());
        let function = function.filter(|number| (1..=12).contains(number));
        known
            .map(|(_, code)| named(*code))
            .or_else(|| function.map(|number| named(KeyCode::F(number))))
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

/// Which keys each action has.
#[derive(Debug, Clone)]
pub struct Keymap {
    /// In the order of [`ACTIONS`].
    bound: Vec<(&'static Entry, Vec<Key>)>,
    /// Keys that a person bound which had meant something else at the same place.
    taken: Vec<Taken>,
}

/// A key that was taken from one action and given to another.
#[derive(Debug, Clone, Copy)]
struct Taken {
    key: Key,
    from: &'static Entry,
    to: &'static Entry,
}

/// What is wrong with the keys of the configuration, as a sentence without its period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// There is no such action.
    #[error("there is no action \"{0}\" to bind a key to")]
    Action(String),
    /// There is no such key.
    #[error("\"{1}\", bound to {0}, is no key: write \"x\", \"ctrl-d\", \"space\" or \"f9\"")]
    Key(String, String),
    /// A key was bound twice.
    #[error("the key {key} is bound to both {one} and {other}, which are used at the same place")]
    Twice {
        /// The key.
        key: String,
        /// The one action.
        one: &'static str,
        /// The other action.
        other: &'static str,
    },
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = ACTIONS.iter().map(|entry| (entry, entry.keys.to_vec()));
        Self {
            bound: bound.collect(),
            taken: vec![],
        }
    }
}

impl Keymap {
    /// The usual keys, changed by what a person bound: names of actions, each with its keys.
    ///
    /// A key that was bound anew is taken away from whatever had it at the same place before.
    ///
    /// # Errors
    ///
    /// Says which action or key there is not, or which key was bound twice.
    pub fn new(bindings: &[(String, Vec<String>)]) -> Result<Self, KeysError> {
        let mut keymap = Self::default();
        let mut chosen: Vec<Action> = vec![];
        for (name, keys) in bindings {
            let parsed = keys.iter().map(|key| {
                Key::parse(key).ok_or_else(|| KeysError::Key(name.clone(), key.clone()))
            });
            let parsed = parsed.collect::<Result<Vec<_>, _>>()?;
            let mut bound = keymap.bound.iter_mut();
            let Some((entry, keys)) = bound.find(|(entry, _)| entry.name == name) else {
                return Err(KeysError::Action(name.clone()));
            };
            *keys = parsed;
            chosen.push(entry.action);
        }
        keymap.settle(&chosen)?;
        Ok(keymap)
    }

    /// Takes keys away from actions that were not `chosen`; two chosen ones cannot share.
    fn settle(&mut self, chosen: &[Action]) -> Result<(), KeysError> {
        let mine: Vec<(&'static Entry, Vec<Key>)> = self
            .bound
            .iter()
            .filter(|(entry, _)| chosen.contains(&entry.action))
            .cloned()
            .collect();
        for (entry, keys) in &mut self.bound {
            for (other, theirs) in &mine {
                if other.action == entry.action || !meet(entry, other) {
                    continue;
                }
                let shared = keys.iter().copied().find(|key| theirs.contains(key));
                match shared {
                    Some(key) if chosen.contains(&entry.action) => {
                        return Err(KeysError::Twice {
                            key: key.label(),
                            one: entry.name,
                            other: other.name,
                        });
                    }
                    Some(key) => {
                        keys.retain(|key| !theirs.contains(key));
                        self.taken.push(Taken {
                            key,
                            from: entry,
                            to: other,
                        });
                    }
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// What the keys a person bound meant before, as a sentence; `None` when nothing lost one.
    pub(super) fn taken(&self) -> Option<String> {
        let first = self.taken.first()?;
        let (key, to, from) = (first.key.label(), first.to.name, first.from.name);
        let instead = match self.first_key(first.from.action) {
            none if none.is_empty() => "has no key any more".to_owned(),
            other => format!("has {other}"),
        };
        let more = match self.taken.len() - 1 {
            0 => String::new(),
            more => format!("  (and {more} more)"),
        };
        Some(format!(
            "by your [keys], {key} is {to} now; {from} {instead}{more}"
        ))
    }

    /// What `event` means at `place`.
    pub(super) fn action(&self, event: KeyEvent, place: Place) -> Option<Action> {
        if event.modifiers.contains(KeyModifiers::ALT) {
            return None;
        }
        let pressed = Key::of(event);
        let mut bound = self.bound.iter();
        bound
            .find(|(entry, keys)| entry.places.contains(&place) && keys.contains(&pressed))
            .map(|(entry, _)| entry.action)
    }

    /// What `event` means at other places than `place`.
    pub(super) fn elsewhere(
        &self,
        event: KeyEvent,
        place: Place,
    ) -> impl Iterator<Item = &'static Entry> {
        let pressed = Key::of(event);
        let is_bare = !event.modifiers.contains(KeyModifiers::ALT);
        let bound = self.bound.iter().filter(move |_| is_bare);
        bound
            .filter(move |(entry, keys)| !entry.places.contains(&place) && keys.contains(&pressed))
            .map(|(entry, _)| *entry)
    }

    /// The keys of `action`, as a person reads them: `j ↓`.
    pub(super) fn keys_text(&self, action: Action) -> String {
        let keys: Vec<_> = self.keys(action).iter().map(|key| key.label()).collect();
        keys.join(" ")
    }

    /// The key of `action` to show where there is room for one; empty when it has none.
    pub(super) fn first_key(&self, action: Action) -> String {
        let first = self.keys(action).first();
        first.map(|key| key.label()).unwrap_or_default()
    }

    fn keys(&self, action: Action) -> &[Key] {
        let mut bound = self.bound.iter();
        let found = bound.find(|(entry, _)| entry.action == action);
        found.map(|(_, keys)| keys.as_slice()).unwrap_or_default()
    }
}

/// Whether two actions can be meant at the same place.
fn meet(one: &Entry, other: &Entry) -> bool {
    one.places.iter().any(|place| other.places.contains(place))
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

    const TABLE: Place = Place::View(View::Sockets);

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
    fn no_name_stands_for_two_actions() {
        let names: HashSet<_> = ACTIONS.iter().map(|entry| entry.name).collect();
        let actions: HashSet<_> = ACTIONS.iter().map(|entry| entry.action).collect();
        assert_eq!(names.len(), ACTIONS.len());
        assert_eq!(actions.len(), ACTIONS.len());
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
        let keymap = Keymap::default();
        let plain = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::NONE);
        let with_ctrl = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(keymap.action(plain, TABLE), Some(Action::OpenConnection));
        assert_eq!(keymap.action(with_ctrl, TABLE), Some(Action::Quit));
    }

    fn bindings(pairs: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        pairs
            .iter()
            .map(|(name, keys)| ((*name).to_owned(), owned(keys)))
            .collect()
    }

    #[test]
    fn a_key_that_is_bound_anew_is_taken_from_where_it_was() {
        let keymap = Keymap::new(&bindings(&[("pause", &["s", "ctrl-p"])])).unwrap();
        let s = KeyEvent::from(KeyCode::Char('s'));
        assert_eq!(keymap.action(s, TABLE), Some(Action::Pause));
        assert_eq!(keymap.keys_text(Action::SortNext), ">");
        assert_eq!(keymap.keys_text(Action::Pause), "s Ctrl-p");
        let space = KeyEvent::from(KeyCode::Char(' '));
        assert_eq!(keymap.action(space, TABLE), None);
        assert_eq!(
            keymap.taken().unwrap(),
            "by your [keys], Ctrl-p is pause now; palette has :  (and 1 more)"
        );
    }

    #[test]
    fn an_action_that_lost_its_last_key_is_told() {
        assert_eq!(Keymap::default().taken(), None);
        let keymap = Keymap::new(&bindings(&[("signal", &["space"])])).unwrap();
        assert_eq!(
            keymap.taken().unwrap(),
            "by your [keys], Space is signal now; pause has no key any more"
        );
        let both = &[("signal", &["space"] as &[&str]), ("pause", &["x"])];
        assert_eq!(Keymap::new(&bindings(both)).unwrap().taken(), None);
    }

    #[test]
    fn a_key_that_is_bound_twice_is_a_mistake() {
        let twice = bindings(&[("pause", &["v"]), ("sort", &["v"])]);
        let error = Keymap::new(&twice).unwrap_err();
        assert!(error.to_string().starts_with("the key v is bound to both"));
        let elsewhere = bindings(&[("next-port", &["v"]), ("sort", &["v"])]);
        assert!(Keymap::new(&elsewhere).is_ok());
    }

    #[test]
    fn what_is_no_key_and_no_action_is_said() {
        let error = Keymap::new(&bindings(&[("paus", &["v"])])).unwrap_err();
        assert_eq!(error, KeysError::Action("paus".to_owned()));
        let error = Keymap::new(&bindings(&[("pause", &["hyper-x"])])).unwrap_err();
        assert!(error.to_string().contains("hyper-x"), "{error}");
    }

    #[test]
    fn every_usual_key_can_be_written_in_the_configuration() {
        for entry in ACTIONS {
            for key in entry.keys {
                let arrows = ["↑", "↓", "←", "→"];
                let words = ["up", "down", "left", "right"];
                let label = key.label();
                let at = arrows.iter().position(|arrow| *arrow == label);
                let written = at.map_or(label.as_str(), |at| words[at]);
                assert_eq!(Key::parse(written), Some(*key), "{written}");
            }
        }
    }
}
