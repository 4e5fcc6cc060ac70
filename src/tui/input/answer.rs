//! The terminal's answer to the question for its background, found among the keys.
//!
//! crossterm does not know the answer (OSC 11) and tells it as keys: Alt-], 1, 1, ; and so on. They are
//! held back until it is certain whether they are one; what is none goes on as the keys it is.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "any other event ends an answer, whatever crossterm knows another day"
)]

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The question: a terminal that knows it answers with its background. What it is (DA1) is asked after it,
/// which nearly all answer, so that it is known soon when no background will come; crossterm reads that itself.
pub(in crate::tui) const QUESTION: &[u8] = b"\x1b]11;?\x07\x1b[c";

/// The shortest answer that names a background, in bytes.
pub(in crate::tui) const SHORTEST: u64 = 18;

/// How an answer begins.
const BEGINNING: &str = "11;rgb:";

/// The longest answer: four digits a colour.
const LONGEST: usize = BEGINNING.len() + 14;

/// Something of the terminal's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) enum Heard {
    /// What the person did.
    Event(Event),
    /// The background is light.
    Light(bool),
}

/// Finds answers among events.
#[derive(Debug, Default)]
pub(super) struct Answers {
    held: Vec<Event>,
    text: String,
}

impl Answers {
    /// Takes an event, and returns what is certain now.
    pub(super) fn take(&mut self, event: Event) -> Vec<Heard> {
        let Event::Key(key) = &event else {
            return self.give_up(Some(event));
        };
        if self.held.is_empty() {
            if is(key, ']', KeyModifiers::ALT) {
                self.held.push(event);
                return vec![];
            }
            return vec![Heard::Event(event)];
        }
        let ends = is(key, 'g', KeyModifiers::CONTROL) || is(key, '\\', KeyModifiers::ALT);
        if ends && let Some(light) = light(&self.text) {
            self.held.clear();
            self.text.clear();
            return vec![Heard::Light(light)];
        }
        match key.code {
            KeyCode::Char(character) if key.kind != KeyEventKind::Release && !ends => {
                self.text.push(character);
                self.held.push(event);
                if self.can_be_one() {
                    vec![]
                } else {
                    self.give_up(None)
                }
            }
            _ => self.give_up(Some(event)),
        }
    }

    /// It was none: returns everything that was held back, and `event`.
    pub(super) fn give_up(&mut self, event: Option<Event>) -> Vec<Heard> {
        self.text.clear();
        let mut all = std::mem::take(&mut self.held);
        all.extend(event);
        all.into_iter().map(Heard::Event).collect()
    }

    /// Whether something is held back.
    pub(super) fn waits(&self) -> bool {
        !self.held.is_empty()
    }

    fn can_be_one(&self) -> bool {
        let text = self.text.as_str();
        if text.len() <= BEGINNING.len() {
            return BEGINNING.starts_with(text);
        }
        let rest = text.strip_prefix(BEGINNING).unwrap_or("?");
        text.len() <= LONGEST && rest.chars().all(|c| c.is_ascii_hexdigit() || c == '/')
    }
}

fn is(key: &KeyEvent, character: char, modifier: KeyModifiers) -> bool {
    key.code == KeyCode::Char(character) && key.modifiers.contains(modifier)
}

/// Whether the colour of an answer is light: `11;rgb:ffff/ffff/ffff`.
fn light(text: &str) -> Option<bool> {
    let colours = text.strip_prefix(BEGINNING)?;
    let mut parts = colours.split('/').map(|digits| {
        let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)? - 1;
        let value = u32::from_str_radix(digits, 16).ok()?;
        (most > 0).then(|| f64::from(value) / f64::from(most))
    });
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    parts
        .next()
        .is_none()
        .then_some(0.299 * red + 0.587 * green + 0.114 * blue > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: char, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(code), modifiers))
    }

    fn answer(text: &str) -> Vec<Event> {
        let mut all = vec![key(']', KeyModifiers::ALT)];
        all.extend(text.chars().map(|c| key(c, KeyModifiers::NONE)));
        all
    }

    fn heard(events: Vec<Event>) -> Vec<Heard> {
        let mut answers = Answers::default();
        let mut heard: Vec<_> = events
            .into_iter()
            .flat_map(|one| answers.take(one))
            .collect();
        heard.extend(answers.give_up(None));
        heard
    }

    #[test]
    fn an_answer_is_understood_and_its_keys_are_nobodys() {
        for (colour, light) in [
            ("ffff/ffff/ffff", true),
            ("10/14/1c", false),
            ("fafa/f0f0/e6e6", true),
        ] {
            let mut events = answer(&format!("11;rgb:{colour}"));
            events.push(key('g', KeyModifiers::CONTROL));
            assert_eq!(heard(events), [Heard::Light(light)], "{colour}");
        }
    }

    #[test]
    fn keys_around_an_answer_stay_keys() {
        let mut events = vec![key('x', KeyModifiers::NONE)];
        events.extend(answer("11;rgb:0000/0000/0000"));
        events.push(key('\\', KeyModifiers::ALT));
        events.push(key('q', KeyModifiers::NONE));
        assert_eq!(
            heard(events),
            [
                Heard::Event(key('x', KeyModifiers::NONE)),
                Heard::Light(false),
                Heard::Event(key('q', KeyModifiers::NONE)),
            ]
        );
    }

    #[test]
    fn what_is_no_answer_loses_no_key() {
        for text in [
            "",
            "q",
            "11",
            "11;rgb:zz",
            "11;rgb:ffff/ffff/ffff/ffff",
            "12;rgb:",
        ] {
            let events = answer(text);
            let all: Vec<_> = events.iter().cloned().map(Heard::Event).collect();
            assert_eq!(heard(events), all, "{text}");
        }
    }

    #[test]
    fn a_broken_answer_is_keys_too() {
        let mut events = answer("11;rgb:ff");
        events.push(key('g', KeyModifiers::CONTROL));
        let count = events.len();
        assert_eq!(heard(events).len(), count);
    }
}
