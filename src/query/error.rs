//! What is wrong with a filter, and a picture of where.

pub(crate) use crate::model::text::nearest;

use crate::model::Text;
use std::{fmt, ops::Range};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How many columns of a long expression are shown on each side of the fault.
const AROUND: usize = 50;

/// What is wrong with a filter, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The whole expression.
    pub expression: String,
    /// The fault, in bytes of `expression`; empty at its end where something is missing.
    pub span: Range<usize>,
    /// What is wrong, as a fragment: `port: "abc" is not a number`.
    pub message: String,
    /// What to write instead, when there is something near.
    pub hint: Option<String>,
}

impl Error {
    /// The expression, carets under the fault, the message: three lines without a last newline.
    ///
    /// Control characters are escaped; a long expression is cut around the fault.
    pub fn pointed(&self) -> String {
        let piece = |range: Range<usize>| self.expression.get(range).unwrap_or_default();
        let before = last_columns(piece(0..self.span.start), AROUND);
        let fault = first_columns(piece(self.span.clone()), AROUND);
        let after = first_columns(piece(self.span.end..self.expression.len()), AROUND);
        let indent = " ".repeat(before.width());
        let carets = "^".repeat(fault.width().max(1));
        format!("{before}{fault}{after}\n{indent}{carets}\n{}", self.message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A fault that does not yet know the expression around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            hint: None,
        }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the nearest of `names` as the hint, when one is near.
    #[must_use]
    pub(super) fn suggest<'a>(self, wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(wrong, names) {
            Some(name) => self.hint(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    pub(super) fn within(self, expression: &str) -> Error {
        Error {
            expression: expression.into(),
            span: self.span,
            message: self.message,
            hint: self.hint,
        }
    }
}

/// Quotes a piece of the expression for a message: escaped, and cut when long.
pub(super) fn shown(text: &str) -> String {
    format!("\"{}\"", first_columns(text, 40))
}

fn first_columns(text: &str, columns: usize) -> String {
    let safe = Text::from(text);
    if safe.width() <= columns {
        return safe.as_str().into();
    }
    let mut cut = within_columns(safe.chars(), columns);
    cut.push('…');
    cut
}

fn last_columns(text: &str, columns: usize) -> String {
    let safe = Text::from_bytes(tail(text));
    if safe.width() <= columns {
        return safe.as_str().into();
    }
    let cut = within_columns(safe.chars().rev(), columns);
    let mut turned = String::from("…");
    turned.extend(cut.chars().rev());
    turned
}

/// The end of a text that [`Text`] would cut at its end.
fn tail(text: &str) -> &[u8] {
    let start = text.len().saturating_sub(super::LONGEST / 2);
    let start = (start..text.len()).find(|at| text.is_char_boundary(*at));
    text.get(start.unwrap_or(0)..)
        .unwrap_or_default()
        .as_bytes()
}

fn within_columns(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut used = 0;
    let fits = characters.take_while(|character| {
        used += character.width().unwrap_or(0);
        used <= columns
    });
    fits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(expression: &str, span: Range<usize>) -> Error {
        Fault::new(span, "wrong").within(expression)
    }

    #[test]
    fn carets_stand_under_the_fault_by_display_width() {
        let pointed = error("proc:日本 port:x", 17..18).pointed();
        assert_eq!(pointed, "proc:日本 port:x\n               ^\nwrong");
    }

    #[test]
    fn a_missing_end_is_pointed_at_behind_the_last_character() {
        assert_eq!(error("port:", 5..5).pointed(), "port:\n     ^\nwrong");
    }

    #[test]
    fn control_characters_reach_no_terminal_and_keep_the_caret_in_place() {
        let pointed = error("a\x1b[2J b", 6..7).pointed();
        assert_eq!(pointed, "a\\x1b[2J b\n         ^\nwrong");
    }

    #[test]
    fn a_long_expression_is_cut_around_the_fault() {
        let long = format!("{} port:x {}", "a".repeat(500), "b".repeat(500));
        let pointed = error(&long, 506..507).pointed();
        let (line, caret) = pointed.split_once('\n').unwrap();
        assert!(line.width() < 120, "{line}");
        let column = caret.find('^').unwrap();
        assert_eq!(line.chars().nth(column), Some('x'));
    }
}
