//! Keys for a line of text that a person types.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use crate::{model::text::must_escape, tui::keymap::Key};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

/// Characters that a line may have.
const LONGEST: usize = 500;

/// Gives `key` to `input`. Returns whether the text has changed.
pub(super) fn edit(input: &mut Input, key: KeyEvent) -> bool {
    let Some(request) = request(key) else {
        return false;
    };
    if matches!(request, InputRequest::InsertChar(_)) && input.value().chars().count() >= LONGEST {
        return false;
    }
    input.handle(request).is_some_and(|change| change.value)
}

/// Puts pasted text at the cursor, as one line, without what a terminal would obey.
///
/// Between two lines stands one space: terms on lines of their own are not one word.
pub(super) fn paste(input: &mut Input, text: &str) {
    let room = LONGEST.saturating_sub(input.value().chars().count());
    let mut safe = String::new();
    for line in text.split(['\n', '\r', '\t']) {
        let before = safe.len();
        if before > 0 {
            safe.push(' ');
        }
        let mut line = line.chars().filter(|c| !must_escape(*c)).peekable();
        if line.peek().is_none() {
            safe.truncate(before);
        }
        safe.extend(line);
    }
    for character in safe.chars().take(room) {
        input.handle(InputRequest::InsertChar(character));
    }
}

fn request(key: KeyEvent) -> Option<InputRequest> {
    if Key::of(key).is_ctrl() {
        return match key.code {
            KeyCode::Char('w') => Some(InputRequest::DeletePrevWord),
            KeyCode::Char('u') => Some(InputRequest::DeleteLine),
            KeyCode::Char('k') => Some(InputRequest::DeleteTillEnd),
            KeyCode::Char('e') => Some(InputRequest::GoToEnd),
            KeyCode::Left => Some(InputRequest::GoToPrevWord),
            KeyCode::Right => Some(InputRequest::GoToNextWord),
            _ => None,
        };
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    match key.code {
        KeyCode::Char(character) if !must_escape(character) => {
            Some(InputRequest::InsertChar(character))
        }
        KeyCode::Backspace => Some(InputRequest::DeletePrevChar),
        KeyCode::Delete => Some(InputRequest::DeleteNextChar),
        KeyCode::Left => Some(InputRequest::GoToPrevChar),
        KeyCode::Right => Some(InputRequest::GoToNextChar),
        KeyCode::Home => Some(InputRequest::GoToStart),
        KeyCode::End => Some(InputRequest::GoToEnd),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(text: &str) -> String {
        let mut input = Input::default();
        paste(&mut input, text);
        input.value().to_owned()
    }

    #[test]
    fn lines_that_are_pasted_do_not_grow_together() {
        assert_eq!(pasted("port:1587\nproc:py"), "port:1587 proc:py");
        assert_eq!(pasted("port:1587\r\n\tproc:py\r\n"), "port:1587 proc:py");
        assert_eq!(pasted("nginx\n\u{7}\n"), "nginx");
        assert_eq!(pasted("a\u{1b}[31mb\u{202e}c"), "a[31mbc");
    }

    #[test]
    fn a_line_that_is_pasted_has_an_end() {
        assert_eq!(pasted(&"x".repeat(100_000)).len(), LONGEST);
        assert_eq!(pasted(&"x\n".repeat(100_000)).len(), LONGEST);
    }
}
