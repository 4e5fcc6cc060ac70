//! Matching text without allocating.

use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};

/// The most memory a regular expression may take.
const REGEX_SIZE: usize = 1 << 20;

/// What a text is compared with.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// Anything that is known.
    Any,
    /// This text and no other.
    Exactly(String),
    /// This somewhere in it, letter case and all.
    Part(Box<Finder<'static>>),
    /// This somewhere in it, in any letter case: ASCII in small letters, and an expression for text that is more than ASCII.
    Folded(Box<[u8]>, Regex),
    /// An expression that finds something in it.
    Regex(Regex),
}

impl Pattern {
    /// `text` somewhere; letter case counts when `text` has a capital letter.
    pub(super) fn part(text: &str) -> Result<Self, String> {
        let smart = text.chars().any(char::is_uppercase);
        if smart || !text.chars().any(char::is_alphabetic) {
            let finder = Finder::new(text).into_owned();
            return Ok(Self::Part(Box::new(finder)));
        }
        let folded = compile(&regex::escape(text), true)?;
        Ok(if text.is_ascii() {
            Self::Folded(text.to_ascii_lowercase().into_bytes().into(), folded)
        } else {
            Self::Regex(folded)
        })
    }

    /// A regular expression; letter case counts when it has a capital letter.
    pub(super) fn regex(text: &str) -> Result<Self, String> {
        // The capital in a class as `\S` says nothing about letter case.
        let mut escaped = false;
        let smart = text.chars().any(|character| {
            let plain = !escaped;
            escaped = plain && character == '\\';
            plain && character.is_uppercase()
        });
        compile(text, !smart).map(Self::Regex)
    }

    /// Whether `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(whole) => text == whole,
            Self::Part(part) => part.find(text.as_bytes()).is_some(),
            // Nearly all text is short and ASCII, where an expression takes longer to get going than to find something.
            Self::Folded(part, _) if text.is_ascii() => has_folded(text.as_bytes(), part),
            Self::Folded(_, regex) | Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// Whether `part`, in small letters, stands in `text` in any letter case.
fn has_folded(text: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else {
        return true;
    };
    let begins = |window: &[u8]| {
        let begin = window.first();
        begin.is_some_and(|byte| byte.to_ascii_lowercase() == *first)
    };
    let mut windows = text.windows(part.len());
    windows.any(|window| begins(window) && window.eq_ignore_ascii_case(part))
}

fn compile(expression: &str, fold: bool) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(expression);
    builder
        .case_insensitive(fold)
        .size_limit(REGEX_SIZE)
        .dfa_size_limit(REGEX_SIZE)
        .nest_limit(64);
    builder.build().map_err(|error| {
        if matches!(error, regex::Error::CompiledTooBig(_)) {
            return "is too large as a regular expression".into();
        }
        let detail = error.to_string();
        let cause = detail.lines().last().unwrap_or_default();
        let cause = cause.strip_prefix("error: ").unwrap_or(cause);
        format!("is no regular expression: {cause}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_letter_makes_case_count() {
        assert!(Pattern::part("ssh").unwrap().matches("OpenSSH"));
        assert!(!Pattern::part("Ssh").unwrap().matches("OpenSSH"));
        assert!(Pattern::regex(r"^\Sssh").unwrap().matches("xSSH"));
        assert!(!Pattern::regex("^Ssh").unwrap().matches("ssh"));
    }

    #[test]
    fn text_that_is_ascii_and_text_that_is_more_are_searched_alike() {
        let texts = [
            "", "k", "K", "xOkEy", "ok", "o", "okokey", "OKEX", "a.OKEY.b",
        ];
        for part in ["k", "okey", "o.", ".", "e", "ok"] {
            let pattern = Pattern::part(part).unwrap();
            for text in texts {
                let plain = text.to_lowercase().contains(part);
                assert_eq!(pattern.matches(text), plain, "{part} {text}");
                let more = format!("日{text}é");
                assert_eq!(pattern.matches(&more), plain, "{part} {more}");
            }
        }
        // The sign for kelvin is a letter k, too.
        assert!(Pattern::part("k").unwrap().matches("\u{212a}"));
    }

    #[test]
    fn a_part_is_no_expression() {
        assert!(Pattern::part("a.b").unwrap().matches("xA.By"));
        assert!(!Pattern::part("a.b").unwrap().matches("axb"));
    }

    #[test]
    fn an_expression_that_needs_too_much_memory_is_refused() {
        let error = Pattern::regex(r"(\w{500}){500}").unwrap_err();
        assert_eq!(error, "is too large as a regular expression");
    }
}
