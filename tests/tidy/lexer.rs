//! Rust source as words and signs, without comments, strings and test code.

use std::{iter::Peekable, str::Chars};

/// A piece of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// A name, a keyword, or a number.
    Word(String),
    /// One sign.
    Sign(char),
}

impl Token {
    pub(crate) fn is(&self, text: &str) -> bool {
        match self {
            Self::Word(word) => word == text,
            Self::Sign(sign) => text.chars().eq([*sign]),
        }
    }
}

/// Returns the tokens of `source`.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut found = vec![];
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => skip_line(&mut rest),
            '/' if rest.peek() == Some(&'*') => skip_block(&mut rest),
            '"' => skip_string(&mut rest),
            '\'' => skip_quoted(&mut rest),
            _ if c.is_alphanumeric() || c == '_' => {
                let word = word(c, &mut rest);
                if is_string_prefix(&word) && matches!(rest.peek(), Some('"' | '#')) {
                    skip_raw_string(&word, &mut rest);
                } else {
                    found.push(Token::Word(word));
                }
            }
            _ if c.is_whitespace() => {}
            _ => found.push(Token::Sign(c)),
        }
    }
    found
}

/// Returns `tokens` without the items that stand behind `#[cfg(test)]`.
pub(crate) fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = vec![];
    let mut at = 0;
    while at < tokens.len() {
        if is_test_attribute(&tokens[at..]) {
            at = end_of_item(tokens, at + TEST_ATTRIBUTE.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Returns the names of the modules that `tokens` declare for tests only: `#[cfg(test)] mod tests;`.
pub(crate) fn test_modules(tokens: &[Token]) -> Vec<String> {
    let mut found = vec![];
    for at in 0..tokens.len() {
        if !is_test_attribute(&tokens[at..]) {
            continue;
        }
        let item = &tokens[at..end_of_item(tokens, at + TEST_ATTRIBUTE.len())];
        if let Some(keyword) = item.iter().position(|token| token.is("mod"))
            && let Some(Token::Word(name)) = item.get(keyword + 1)
        {
            found.push(name.clone());
        }
    }
    found
}

const TEST_ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];

fn is_test_attribute(tokens: &[Token]) -> bool {
    tokens.len() >= TEST_ATTRIBUTE.len()
        && tokens
            .iter()
            .zip(TEST_ATTRIBUTE)
            .all(|(token, text)| token.is(text))
}

/// Returns where the item ends that begins at `at`: behind its `;` or its first braces.
fn end_of_item(tokens: &[Token], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            Token::Sign('{' | '(' | '[') => depth += 1,
            Token::Sign(close @ ('}' | ')' | ']')) => {
                depth = depth.saturating_sub(1);
                if depth == 0 && *close == '}' && !is_use(tokens, at) {
                    return at;
                }
            }
            Token::Sign(';') if depth == 0 => return at,
            Token::Sign(_) | Token::Word(_) => {}
        }
    }
    at
}

/// Whether the braces that ended just before `at` were a list in a `use`: its `;` is still to come.
fn is_use(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.is(";"))
}

fn word(first: char, rest: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::from(first);
    while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
        word.push(c);
    }
    word
}

fn is_string_prefix(word: &str) -> bool {
    matches!(word, "r" | "b" | "br" | "c" | "cr")
}

fn skip_line(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| *c != '\n').is_some() {}
}

fn skip_block(rest: &mut Peekable<Chars<'_>>) {
    let mut depth = 0_usize;
    let mut last = '/';
    for c in rest.by_ref() {
        match (last, c) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                last = c;
                continue;
            }
        }
        if depth == 0 {
            return;
        }
        last = ' ';
    }
}

fn skip_string(rest: &mut Peekable<Chars<'_>>) {
    while let Some(c) = rest.next() {
        match c {
            '\\' => _ = rest.next(),
            '"' => return,
            _ => {}
        }
    }
}

/// Skips a character; a lifetime's name stays.
fn skip_quoted(rest: &mut Peekable<Chars<'_>>) {
    let mut ahead = rest.clone();
    match (ahead.next(), ahead.next()) {
        (Some('\\'), _) => {
            _ = rest.next();
            _ = rest.next();
            while rest.next().is_some_and(|c| c != '\'') {}
        }
        (Some(_), Some('\'')) => {
            _ = rest.next();
            _ = rest.next();
        }
        _ => {}
    }
}

fn skip_raw_string(prefix: &str, rest: &mut Peekable<Chars<'_>>) {
    if !prefix.contains('r') {
        _ = rest.next();
        return skip_string(rest);
    }
    let mut hashes = 0;
    while rest.next_if_eq(&'#').is_some() {
        hashes += 1;
    }
    // A raw name such as `r#type` has no quote behind its sign.
    if rest.next_if_eq(&'"').is_none() {
        return;
    }
    while let Some(c) = rest.next() {
        if c == '"' && (0..hashes).all(|_| rest.next_if_eq(&'#').is_some()) {
            return;
        }
    }
}

mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        let tokens = without_tests(&tokens(source));
        let words = tokens.into_iter().filter_map(|token| match token {
            Token::Word(word) => Some(word),
            Token::Sign(_) => None,
        });
        words.collect()
    }

    #[test]
    fn comments_and_strings_are_not_code() {
        let source = r##"
            // crate::a
            /* crate::b /* crate::c */ crate::d */
            let e = "crate::f \" crate::g";
            let h = r#"crate::i " crate::j"#;
            let k = b"crate::l";
            let m = '"'; let n: &'static str = '\''; let o = '\u{1b}';
        "##;
        let expected = [
            "let", "e", "let", "h", "let", "k", "let", "m", "let", "n", "static", "str", "let", "o",
        ];
        assert_eq!(words(source), expected);
    }

    #[test]
    fn only_the_item_behind_cfg_test_is_left_out() {
        let source = "a; #[cfg(test)] use b::{c, d}; e; #[cfg(test)] #[path = \"x\"] mod f { g } h";
        assert_eq!(words(source), ["a", "e", "h"]);
        assert_eq!(test_modules(&tokens(source)), ["f"]);
    }
}
