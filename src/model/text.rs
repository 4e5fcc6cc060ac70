//! Text that came from outside, made safe to show.

use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Borrow, fmt, fmt::Write as _, ops::Deref, sync::Arc};

/// Text from a process, the network or a file, with nothing in it that a terminal would obey.
///
/// Control characters, bidirectional and other invisible formatting characters, and bytes that
/// are no UTF-8 are written as escapes (`\x1b`, `\u{202e}`) when the value is made, so no output
/// needs to think of it again. Deserialising escapes too: a recording may be hostile. Cheap to
/// clone. A backslash stays as it is: escapes are for reading, not for turning back.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

/// The most bytes of one text that are kept; the rest becomes `…`.
const LONGEST: usize = 4096;

impl Text {
    /// Makes text out of bytes that an attacker may have chosen.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let cut = bytes.get(..LONGEST).unwrap_or(bytes);
        if cut.len() == bytes.len()
            && let Ok(text) = str::from_utf8(bytes)
            && !text.chars().any(must_escape)
        {
            return Self(text.into());
        }
        let mut safe = String::with_capacity(cut.len() + 16);
        for chunk in cut.utf8_chunks() {
            for character in chunk.valid().chars() {
                push_escaped(&mut safe, character);
            }
            // A character that our own cut split is not the sender's mistake.
            let ends_at_cut = cut.len() < bytes.len()
                && std::ptr::eq(chunk.invalid().as_ptr_range().end, cut.as_ptr_range().end);
            if !ends_at_cut {
                for byte in chunk.invalid() {
                    push_byte(&mut safe, *byte);
                }
            }
        }
        if cut.len() < bytes.len() {
            safe.push('…');
        }
        Self(safe.into())
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn push_escaped(safe: &mut String, character: char) {
    if !must_escape(character) {
        safe.push(character);
    } else if let Ok(byte) = u8::try_from(u32::from(character)) {
        push_byte(safe, byte);
    } else {
        safe.extend(character.escape_unicode());
    }
}

fn push_byte(safe: &mut String, byte: u8) {
    // Writing to a string cannot fail.
    _ = write!(safe, "\\x{byte:02x}");
}

/// Whether a terminal could obey `character`, hide it, or be led by it to reorder a line.
pub fn must_escape(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns `1 socket`, `2 sockets`, `2 processes`.
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", ending(count, noun))
}

/// Returns `1 socket`, `41 212 sockets`: for a screen, where nothing reads it but a person.
pub fn grouped_plural(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), ending(count, noun))
}

fn ending(count: usize, noun: &str) -> &'static str {
    match count {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    }
}

/// Returns `41 212`: thousands stand apart. The blank is a plain one, since terminals disagree on how wide any other is.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Writes `number` into `room`, which has to have a place for each digit, and returns its digits: as `write!` does,
/// in a fifth of the time.
pub fn digits<const PLACES: usize>(mut number: u64, room: &mut [u8; PLACES]) -> &[u8] {
    let mut begin = PLACES;
    for digit in room.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        begin -= 1;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    room.get(begin..).unwrap_or_default()
}

/// Returns `word` as a shell reads it back: quoted where it has to be.
pub fn shell_word(word: &str) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "-_./:=@+,%".contains(one);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Returns the one of `names` that `wrong` was probably meant to be.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let likeness = |name: &str| {
        let alike = strsim::jaro_winkler(&wrong, name);
        let edits = strsim::damerau_levenshtein(&wrong, name);
        (alike >= 0.85 || edits <= 1 && name.len() > 2).then_some(alike)
    };
    let near = names
        .into_iter()
        .filter_map(|name| likeness(name).map(|alike| (alike, name)));
    near.max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from_bytes(text.as_bytes())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from_bytes(text.as_bytes())
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_its_digits() {
        for number in [0, 7, 10, 65_535, u64::MAX] {
            let written = number.to_string();
            assert_eq!(digits(number, &mut [0; 20]), written.as_bytes());
        }
    }

    #[test]
    fn terminal_escapes_newlines_and_bidi_controls_are_written_out() {
        let text = Text::from_bytes(b"a\x1b[31m\n\xe2\x80\xaeb\x7f\xc2\x9b");
        assert_eq!(text.as_str(), "a\\x1b[31m\\x0a\\u{202e}b\\x7f\\x9b");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_written_as_hex() {
        assert_eq!(Text::from_bytes(b"ok\xff\xfe").as_str(), "ok\\xff\\xfe");
    }

    #[test]
    fn plain_words_of_any_language_stay_as_they_are() {
        assert_eq!(Text::from("日本語アプリ é").as_str(), "日本語アプリ é");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let text = Text::from("é".repeat(3000));
        assert!(text.ends_with("é…"), "{}", text.len());
        assert!(text.len() <= LONGEST + '…'.len_utf8());
        assert!(!text.contains("\\x"));
    }

    #[test]
    fn a_count_and_its_noun_agree() {
        assert_eq!(plural(1, "process"), "1 process");
        assert_eq!(plural(2, "process"), "2 processes");
        assert_eq!(plural(0, "socket"), "0 sockets");
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let names = ["port", "proc", "user"];
        assert_eq!(nearest("pot", names), Some("port"));
        assert_eq!(nearest("usr", names), Some("user"));
        assert_eq!(nearest("zzz", names), None);
    }

    #[test]
    fn a_recording_cannot_smuggle_an_escape_in() {
        let text: Text = serde_json::from_str(r#""\u001b]0;x\u0007""#).unwrap();
        assert_eq!(text.as_str(), "\\x1b]0;x\\x07");
    }
}
