//! Cuts a filter into tokens. Knows no field and no grammar, only what ends what.

use super::{
    ast::Operator,
    error::{Fault, shown},
};
use ipnet::IpNet;
use std::{borrow::Cow, net::IpAddr, ops::Range};

/// A token and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) span: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `|`
    Or,
    /// `!`
    Not,
    /// `,`
    Comma,
    /// A name right before an operator.
    Field(&'a str),
    /// An operator.
    Operator(Operator),
    /// Anything without quotes.
    Bare(&'a str),
    /// A quoted text, its escapes resolved.
    Quoted(Cow<'a, str>),
}

/// The operators, longer ones before those they begin with.
const OPERATORS: [Operator; 8] = [
    Operator::Unequal,
    Operator::AtLeast,
    Operator::AtMost,
    Operator::Natural,
    Operator::Equal,
    Operator::Greater,
    Operator::Less,
    Operator::Regex,
];

/// Cuts `text` into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    let mut lexer = Lexer {
        text,
        at: 0,
        expects: Expects::Term,
        list: Expects::BareValue,
        tokens: vec![],
    };
    while lexer.step()? {}
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    expects: Expects,
    /// What a further value of the current list may be.
    list: Expects,
    tokens: Vec<Token<'a>>,
}

/// What may stand at the current place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// A term: a field with its operator, or a word.
    Term,
    /// A value that may have its own operator: `port:<1024`.
    Value,
    /// A value and nothing else.
    BareValue,
}

impl<'a> Lexer<'a> {
    /// Reads one token; `false` at the end.
    fn step(&mut self) -> Result<bool, Fault> {
        if self.skip_blanks() && !self.is_after_comma() {
            self.expects = Expects::Term;
        }
        let Some(next) = self.rest().chars().next() else {
            return Ok(false);
        };
        match next {
            '(' => self.end_values(Kind::Open, 1),
            ')' => self.end_values(Kind::Close, 1),
            '|' => self.end_values(Kind::Or, 1),
            ',' => self.comma(),
            '"' => self.quoted()?,
            _ => match self.expects {
                Expects::Term => self.term(),
                Expects::Value => self.value(),
                Expects::BareValue => self.bare(),
            },
        }
        Ok(true)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, kind: Kind<'a>, bytes: usize) {
        let span = self.at..self.at + bytes;
        self.at = span.end;
        self.tokens.push(Token { kind, span });
    }

    fn end_values(&mut self, kind: Kind<'a>, bytes: usize) {
        self.push(kind, bytes);
        self.expects = Expects::Term;
    }

    /// Whether there was a blank.
    fn skip_blanks(&mut self) -> bool {
        let rest = self.rest();
        let blanks = rest.len() - rest.trim_start().len();
        self.at += blanks;
        blanks > 0
    }

    fn is_after_comma(&self) -> bool {
        self.tokens
            .last()
            .is_some_and(|token| token.kind == Kind::Comma)
    }

    fn comma(&mut self) {
        self.push(Kind::Comma, 1);
        self.expects = self.list;
    }

    fn term(&mut self) {
        let rest = self.rest();
        if rest.starts_with('!') && !rest.starts_with("!=") {
            return self.push(Kind::Not, 1);
        }
        if let Some(operator) = operator_at(rest)
            && !rest.starts_with("::")
        {
            return self.operator(operator);
        }
        let word = bare_at(rest);
        let name = name_at(word);
        let operator = operator_at(word.strip_prefix(name).unwrap_or_default());
        match operator {
            Some(operator) if !name.is_empty() && !is_address(word) => {
                self.push(Kind::Field(name), name.len());
                self.operator(operator);
            }
            _ => self.bare(),
        }
    }

    fn operator(&mut self, operator: Operator) {
        self.push(Kind::Operator(operator), operator.sign().len());
        // In `port:<1024,8080` each value may have its own operator; in `port<1024,80` none has.
        self.list = match operator {
            Operator::Natural => Expects::Value,
            Operator::Equal
            | Operator::Unequal
            | Operator::Greater
            | Operator::AtLeast
            | Operator::Less
            | Operator::AtMost
            | Operator::Regex => Expects::BareValue,
        };
        self.expects = self.list;
    }

    fn value(&mut self) {
        let operator = operator_at(self.rest()).filter(|found| *found != Operator::Natural);
        match operator {
            Some(operator) => {
                self.expects = Expects::BareValue;
                self.push(Kind::Operator(operator), operator.sign().len());
            }
            None => self.bare(),
        }
    }

    fn bare(&mut self) {
        self.begin_value();
        let word = bare_at(self.rest());
        self.push(Kind::Bare(word), word.len());
    }

    fn quoted(&mut self) -> Result<(), Fault> {
        let inner = self.rest().strip_prefix('"').unwrap_or_default();
        let Some(length) = closing_quote(inner) else {
            let place = self.at..self.text.len();
            return Err(Fault::new(
                place,
                format!("{} has no closing quote", shown(inner)),
            ));
        };
        let inner = inner.get(..length).unwrap_or_default();
        self.begin_value();
        self.push(Kind::Quoted(unescaped(inner)), length + 2);
        Ok(())
    }

    /// A word or a quoted text that is no value of a field begins a list of its own.
    fn begin_value(&mut self) {
        if self.expects == Expects::Term {
            self.list = Expects::BareValue;
        }
        self.expects = Expects::BareValue;
    }
}

fn operator_at(text: &str) -> Option<Operator> {
    OPERATORS
        .into_iter()
        .find(|operator| text.starts_with(operator.sign()))
}

/// Everything up to a blank or a character of the grammar.
fn bare_at(text: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '|' | ',' | '"');
    text.split(ends).next().unwrap_or_default()
}

fn name_at(word: &str) -> &str {
    if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return "";
    }
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    word.split(ends).next().unwrap_or_default()
}

/// `fe80::1` is an address, not a field called `fe80`.
fn is_address(word: &str) -> bool {
    word.parse::<IpAddr>().is_ok() || word.parse::<IpNet>().is_ok()
}

/// Where the closing quote stands in a text that begins behind the opening one.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, character)| {
        let closes = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        closes.then_some(at)
    })
}

/// `\"` is a quote and `\\` a backslash; any other backslash stays, for regular expressions.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = characters.next_if(|next| character == '\\' && matches!(next, '"' | '\\'));
        plain.push(escaped.unwrap_or(character));
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        let tokens = tokens(text).unwrap();
        tokens.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn tokens_know_their_bytes() {
        let tokens = tokens("é port:<1024").unwrap();
        let spans: Vec<_> = tokens.into_iter().map(|token| token.span).collect();
        assert_eq!(spans, [0..2, 3..7, 7..8, 8..9, 9..13]);
    }

    #[test]
    fn a_value_keeps_colons_slashes_and_dashes() {
        let value = Kind::Bare("2001:db8::/32");
        let tokens = kinds("raddr:2001:db8::/32");
        assert_eq!(tokens.last(), Some(&value));
    }

    #[test]
    fn an_ipv6_address_is_a_word_and_no_field() {
        assert_eq!(kinds("fe80::1"), [Kind::Bare("fe80::1")]);
        assert_eq!(kinds("::1"), [Kind::Bare("::1")]);
    }

    #[test]
    fn quotes_are_unescaped_and_other_backslashes_stay() {
        let expected = Kind::Quoted(r#"a"b\c\d"#.into());
        assert_eq!(kinds(r#""a\"b\\c\d""#), [expected]);
    }

    #[test]
    fn a_blank_after_a_comma_does_not_end_the_list() {
        let tokens = kinds("port:22, <80 x");
        let less = Kind::Operator(Operator::Less);
        assert_eq!(
            tokens.get(4..),
            Some(&[less, Kind::Bare("80"), Kind::Bare("x")][..])
        );
    }
}
