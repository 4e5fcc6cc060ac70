//! The paths that a file names: `crate::…`, `super::…`, `self::…`, alone or in braced lists.

use crate::lexer::Token;

/// A path from the crate's root: `["tui", "view"]`.
pub(crate) type Path = Vec<String>;

/// Returns every path of our own crate that `tokens` name in the module `module`.
pub(crate) fn own_paths(tokens: &[Token], module: &[String]) -> Vec<Path> {
    let mut found = vec![];
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let start = match token {
            // `pub(crate)` and `pub(in crate::tui)` are no paths.
            Token::Word(word) if is_separator(tokens, at + 1) && !is_visibility(tokens, at) => {
                start_of(word, module)
            }
            Token::Word(_) | Token::Sign(_) => None,
        };
        at = match start {
            Some(start) => follow(tokens, at + 3, &start, &mut found),
            None => at + 1,
        };
    }
    found
        .iter()
        .flat_map(|path| through(tokens, path))
        .collect()
}

/// What is named through a module that was brought into scope: `query::Error` after `use crate::query`.
fn through(tokens: &[Token], path: &Path) -> Vec<Path> {
    let mut named = vec![];
    for (at, token) in tokens.iter().enumerate() {
        let is_first = at < 2 || !is_separator(tokens, at - 2);
        let is_module = path.last().is_some_and(|name| token.is(name));
        if let Some(Token::Word(next)) = tokens.get(at + 3)
            && is_first
            && is_module
            && is_separator(tokens, at + 1)
        {
            named.push([path.as_slice(), std::slice::from_ref(next)].concat());
        }
    }
    if named.is_empty() {
        vec![path.clone()]
    } else {
        named
    }
}

fn is_visibility(tokens: &[Token], at: usize) -> bool {
    at >= 2 && tokens[at - 1].is("in") && tokens[at - 2].is("(")
}

/// The module that the first word of a path stands for.
fn start_of(word: &str, module: &[String]) -> Option<Path> {
    match word {
        "crate" | "portwise" => Some(vec![]),
        "self" => Some(module.to_vec()),
        "super" => Some(parent(module)),
        _ => None,
    }
}

/// Returns the first names of every other path: `std`, `ratatui`, and what is in scope.
pub(crate) fn first_names(tokens: &[Token]) -> Vec<String> {
    let mut found = vec![];
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let begins = at < 2 || !is_separator(tokens, at - 2);
        let used_whole = at > 0 && tokens[at - 1].is("use");
        if begins && (is_separator(tokens, at + 1) || used_whole) {
            found.push(word.clone());
        }
    }
    found
}

/// Follows a path whose next word is at `at`, and adds where it ends.
/// Returns the place behind it.
fn follow(tokens: &[Token], at: usize, start: &[String], found: &mut Vec<Path>) -> usize {
    match tokens.get(at) {
        Some(Token::Word(word)) => {
            let here = match word.as_str() {
                "super" => parent(start),
                "self" => start.to_vec(),
                name => [start, &[name.to_owned()]].concat(),
            };
            if is_separator(tokens, at + 1) {
                follow(tokens, at + 3, &here, found)
            } else {
                found.push(here);
                at + 1
            }
        }
        Some(Token::Sign('{')) => follow_list(tokens, at + 1, start, found),
        Some(Token::Sign('*')) => {
            found.push([start, &["*".to_owned()]].concat());
            at + 1
        }
        _ => at,
    }
}

fn follow_list(tokens: &[Token], mut at: usize, start: &[String], found: &mut Vec<Path>) -> usize {
    while let Some(token) = tokens.get(at) {
        if token.is("}") {
            return at + 1;
        }
        let is_item = matches!(token, Token::Word(_)) || token.is("{") || token.is("*");
        // `as name` renames what was just followed.
        if token.is("as") {
            at += 2;
        } else if is_item {
            at = follow(tokens, at, start, found);
        } else {
            at += 1;
        }
    }
    at
}

fn is_separator(tokens: &[Token], at: usize) -> bool {
    let at_colon = |at: usize| tokens.get(at).is_some_and(|token| token.is(":"));
    at_colon(at) && at_colon(at + 1)
}

fn parent(module: &[String]) -> Path {
    let mut up = module.to_vec();
    up.pop();
    up
}

mod tests {
    use super::*;
    use crate::lexer::tokens;

    fn named(source: &str, module: &[&str]) -> Vec<String> {
        let module: Vec<String> = module.iter().map(ToString::to_string).collect();
        let paths = own_paths(&tokens(source), &module);
        paths.iter().map(|path| path.join("/")).collect()
    }

    #[test]
    fn a_path_in_an_expression_is_seen() {
        assert_eq!(
            named("fn f() { crate::act::run(1) }", &["model"]),
            ["act/run"]
        );
    }

    #[test]
    fn nested_lists_are_seen_to_the_last_name() {
        let source = "use crate::{a::{B, c::D as E}, f, g::*};";
        assert_eq!(named(source, &["x"]), ["a/B", "a/c/D", "f", "g/*"]);
    }

    #[test]
    fn super_is_followed_up_to_another_folder() {
        let source = "use super::{super::{run, theme::Theme}, rows};";
        assert_eq!(
            named(source, &["tui", "view", "table"]),
            ["tui/run", "tui/theme/Theme", "tui/view/rows"]
        );
    }

    #[test]
    fn a_module_in_scope_is_followed_to_what_is_used_of_it() {
        let source = "use crate::query; fn f(e: &query::Error) { other::query::g() }";
        assert_eq!(named(source, &["x"]), ["query/Error"]);
    }

    #[test]
    fn visibility_is_no_path() {
        assert!(
            named(
                "pub(crate) fn f() {} pub(in crate::tui) fn g() {}",
                &["x", "y"]
            )
            .is_empty()
        );
    }

    #[test]
    fn foreign_crates_are_told_by_their_first_name() {
        let names = first_names(&tokens(
            "use sysinfo::System; use csv; fn f() { a.b::<u8>() }",
        ));
        assert!(names.iter().any(|name| name == "sysinfo"));
        assert!(names.iter().any(|name| name == "csv"));
    }
}
