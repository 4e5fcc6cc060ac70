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

/// Puts pasted text at the cursor, without what a terminal would obey.
pub(super) fn paste(input: &mut Input, text: &str) {
    let room = LONGEST.saturating_sub(input.value().chars().count());
    let safe = text.chars().filter(|c| !must_escape(*c)).take(room);
    for character in safe {
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
