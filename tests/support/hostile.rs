//! Names that try to take the terminal over.

/// A file name with terminal escapes, line breaks, bidi controls and half a character.
pub(crate) const NAME: &[u8] = b"\x1b[2J\x1b]0;pwned\x07\n\r\t\xe2\x80\xaegpj.\xc2\x9b31m\x7f\xff";

/// Arguments that would draw a row of their own.
pub(crate) const ARGUMENT: &[u8] =
    b"nc\r\n\x1b[1;1Htcp LISTEN 0.0.0.0:22 sshd\x1b]52;c;cm0=\x07\xe2\x81\xa6\xe2\x80\x8f\xe2\x80\xa8";

/// Returns the characters of `text` that may never reach a terminal. Line ends and tabs are `allowed`.
pub(crate) fn dangerous(text: &str, allowed: &[char]) -> Vec<char> {
    let is_dangerous = |c: &char| {
        let is_bidi = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let is_break = matches!(c, '\u{2028}' | '\u{2029}');
        (c.is_control() || is_bidi || is_break) && !allowed.contains(c)
    };
    text.chars().filter(is_dangerous).collect()
}
