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
        Ok(Self::Regex(folded))
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
            Self::Regex(regex) => regex.is_match(text),
        }
    }
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
