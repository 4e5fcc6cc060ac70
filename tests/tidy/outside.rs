//! Where the outside may be named: foreign crates, the platform, the terminal, programs, the clock.

use crate::{
    checker::is_below,
    lexer::Token,
    paths::first_names,
    rules::{
        FOREIGN, MAY_KNOW_THE_TIME, MAY_PRINT, MAY_START_PROGRAMS, PLATFORM_LEAVES, SYSTEM_WORDS,
    },
    tree::Source,
};

/// Returns the foreign crates that `source` names and may not.
pub(crate) fn foreign_crates(source: &Source) -> Vec<String> {
    let names = first_names(&source.code);
    FOREIGN
        .iter()
        .filter(|(name, places)| {
            names.iter().any(|named| named == name) && !stands_in(source, places)
        })
        .map(|(name, _)| format!("{} names {name}", source.name))
        .collect()
}

/// Returns where `source` asks which system this is and may not.
pub(crate) fn platform_questions(source: &Source) -> Vec<String> {
    let is_leaf = PLATFORM_LEAVES
        .iter()
        .any(|(leaf, _)| stands_in(source, &[leaf]));
    let of_one_system = ["unix", "linux", "windows", "fd"]
        .into_iter()
        .flat_map(|system| [vec!["os", ":", ":", system], vec!["cfg", "(", system, ")"]]);
    let mut words: Vec<Vec<&str>> = SYSTEM_WORDS.iter().map(|word| vec![*word]).collect();
    words.extend(of_one_system);
    told(source, is_leaf, &words)
}

/// Returns where `source` writes to the terminal and may not.
pub(crate) fn prints(source: &Source) -> Vec<String> {
    let macros = ["print", "println", "eprint", "eprintln", "dbg"].map(|name| vec![name, "!"]);
    let allowed = stands_in(source, MAY_PRINT);
    let mut found = told(source, allowed, &macros);
    for stream in ["stdout", "stderr"] {
        let asks_only = |at: &usize| {
            source
                .code
                .get(at + 4)
                .is_some_and(|next| next.is("is_terminal"))
        };
        let places = places_of(&source.code, &[stream, "(", ")"]);
        if !allowed && !places.iter().all(asks_only) {
            found.push(format!("{} has {stream}()", source.name));
        }
    }
    found
}

/// Returns where `source` starts a program and may not.
pub(crate) fn programs(source: &Source) -> Vec<String> {
    let allowed = stands_in(source, MAY_START_PROGRAMS);
    let mut found = told(source, allowed, &[vec!["process", ":", ":", "Command"]]);
    // In a list: `use std::{process::{self, Command}}`.
    let list = ["process", ":", ":", "{"];
    for at in places_of(&source.code, &list)
        .into_iter()
        .filter(|_| !allowed)
    {
        let end = source.code[at..]
            .iter()
            .position(|token| token.is("}"))
            .unwrap_or(0);
        if source.code[at..at + end]
            .iter()
            .any(|token| token.is("Command"))
        {
            found.push(format!("{} has process::{{Command}}", source.name));
        }
    }
    found
}

/// Returns where `source` lifts the ban on the clock and may not.
pub(crate) fn clocks(source: &Source) -> Vec<String> {
    let words = [vec!["disallowed_methods"]];
    told(source, stands_in(source, MAY_KNOW_THE_TIME), &words)
}

fn told(source: &Source, allowed: bool, words: &[Vec<&str>]) -> Vec<String> {
    let wrong = words
        .iter()
        .filter(|words| !allowed && !places_of(&source.code, words).is_empty());
    wrong
        .map(|words| format!("{} has {}", source.name, words.concat()))
        .collect()
}

fn places_of(code: &[Token], words: &[&str]) -> Vec<usize> {
    let windows = code.windows(words.len()).enumerate();
    windows
        .filter(|(_, tokens)| tokens.iter().zip(words).all(|(token, word)| token.is(word)))
        .map(|(at, _)| at)
        .collect()
}

/// Whether `source` is one of `places`: a file, a module, or (for a leaf) a beginning of its path.
fn stands_in(source: &Source, places: &[&str]) -> bool {
    let module = source.module.join("/");
    places.iter().any(|place| {
        let is_leaf = place.ends_with("/linux");
        source.name == *place || is_below(&module, place) || (is_leaf && module.starts_with(place))
    })
}

mod tests {
    use super::*;
    use crate::tree::sources;

    fn wrong(judge: fn(&Source) -> Vec<String>) -> Vec<String> {
        sources().iter().flat_map(judge).collect()
    }

    fn judged(judge: fn(&Source) -> Vec<String>, name: &str, code: &str) -> usize {
        judge(&Source::new(name, code)).len()
    }

    #[test]
    fn foreign_crates_stay_in_their_place() {
        assert_eq!(wrong(foreign_crates), Vec::<String>::new());
        assert_eq!(
            judged(foreign_crates, "model.rs", "use sysinfo::System;"),
            1
        );
        assert_eq!(
            judged(foreign_crates, "act/linux.rs", "fn f(p: netstat2::Row) {}"),
            1
        );
        assert_eq!(
            judged(foreign_crates, "collect/system.rs", "use netstat2::Row;"),
            0
        );
        assert_eq!(
            judged(foreign_crates, "act/portable.rs", "use sysinfo::Pid;"),
            0
        );
        assert_eq!(
            judged(foreign_crates, "tui/app.rs", "use tokio::sync::watch;"),
            1
        );
    }

    #[test]
    fn only_platform_leaves_ask_which_system_this_is() {
        assert_eq!(wrong(platform_questions), Vec::<String>::new());
        let question = "#[cfg(not(target_os = \"linux\"))] fn f() {}";
        assert_eq!(judged(platform_questions, "monitor.rs", question), 1);
        assert_eq!(
            judged(platform_questions, "cli.rs", "#[cfg(unix)] fn f() {}"),
            1
        );
        assert_eq!(
            judged(platform_questions, "store.rs", "use std::os::unix::fs;"),
            1
        );
        assert_eq!(
            judged(platform_questions, "collect/linux/owners.rs", question),
            0
        );
        assert_eq!(judged(platform_questions, "collect.rs", question), 0);
    }

    #[test]
    fn nothing_below_the_command_line_prints() {
        assert_eq!(wrong(prints), Vec::<String>::new());
        assert_eq!(
            judged(prints, "collect.rs", "fn f() { eprintln!(\"x\") }"),
            1
        );
        assert_eq!(
            judged(prints, "report.rs", "fn f() { io::stdout().lock(); }"),
            1
        );
        assert_eq!(
            judged(prints, "cli/list.rs", "fn f() { println!(\"x\") }"),
            0
        );
        assert_eq!(
            judged(
                prints,
                "config.rs",
                "fn f() { io::stdout().is_terminal(); }"
            ),
            0
        );
    }

    #[test]
    fn only_the_manager_starts_programs() {
        assert_eq!(
            judged(
                programs,
                "act/manager.rs",
                "use std::process::{Command, Stdio};"
            ),
            0
        );
        assert_eq!(wrong(programs), Vec::<String>::new());
        assert_eq!(
            judged(programs, "collect.rs", "use std::process::Command;"),
            1
        );
        assert_eq!(
            judged(programs, "act.rs", "use std::{process::{self, Command}};"),
            1
        );
        assert_eq!(
            judged(
                programs,
                "cli.rs",
                "use std::process::ExitCode; use clap::Command;"
            ),
            0
        );
    }

    #[test]
    fn only_the_edges_know_the_time() {
        assert_eq!(wrong(clocks), Vec::<String>::new());
        let lifted = "#![expect(clippy::disallowed_methods, reason = \"x\")]";
        assert_eq!(judged(clocks, "monitor.rs", lifted), 1);
        assert_eq!(judged(clocks, "collect/linux.rs", lifted), 0);
    }
}
