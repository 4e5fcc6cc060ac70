//! What is typed wrongly ends with 2, says the place on stderr, and prints nothing on stdout.

use crate::support::program::{Run, portwise};
use std::fs;

#[track_caller]
fn refused(args: &[&str]) -> Run {
    let run = portwise(args).ended_with(2);
    assert_eq!(run.stdout, "", "{args:?}");
    assert!(!run.stderr.trim().is_empty(), "{args:?}");
    run
}

/// The line with the carets, which stands below the expression.
#[track_caller]
fn expression_and_carets(stderr: &str) -> (String, String) {
    let lines: Vec<&str> = stderr.lines().collect();
    let carets = lines
        .iter()
        .position(|line| line.contains('^') || line.contains("~~"));
    let at = carets.unwrap_or_else(|| panic!("no place is named: {stderr}"));
    (lines[at - 1].to_owned(), lines[at].to_owned())
}

/// The part of the expression that the carets stand under.
#[track_caller]
fn pointed(stderr: &str) -> String {
    let (expression, carets) = expression_and_carets(stderr);
    let marked = expression
        .chars()
        .zip(carets.chars().chain(std::iter::repeat(' ')));
    marked
        .filter(|(_, mark)| matches!(mark, '^' | '~'))
        .map(|(c, _)| c)
        .collect()
}

#[test]
fn a_port_that_is_too_big_is_pointed_at() {
    let run = refused(&["list", "port:70000"]);
    assert_eq!(pointed(&run.stderr), "70000", "{}", run.stderr);
    assert!(run.stderr.contains("65535"), "{}", run.stderr);
}

#[test]
fn a_port_that_is_no_number_is_pointed_at() {
    for filter in ["port:abc", "lo port:abc", "port:1587,abc"] {
        let run = refused(&["list", filter]);
        assert_eq!(pointed(&run.stderr), "abc", "{}", run.stderr);
    }
}

#[test]
fn an_unclosed_quote_is_pointed_at() {
    for filter in ["proc:\"ssh", "\"", "port:22 cmd:\"a b"] {
        let run = refused(&["list", filter]);
        let (_, carets) = expression_and_carets(&run.stderr);
        assert!(
            carets.contains('^') || carets.contains('~'),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("quote"), "{}", run.stderr);
    }
}

#[test]
fn a_misspelt_field_is_pointed_at_with_the_nearest_name() {
    let run = refused(&["list", "prot:tcp"]);
    assert!(pointed(&run.stderr).contains("prot"), "{}", run.stderr);
    assert!(run.stderr.contains("proto"), "{}", run.stderr);
}

#[test]
fn a_filter_with_a_fault_is_refused_by_every_command() {
    for command in ["list", "check", "learn", "watch", "kill", "history"] {
        let run = refused(&[command, "port:abc"]);
        assert_eq!(pointed(&run.stderr), "abc", "{}", run.stderr);
    }
    refused(&["port:abc"]);
}

#[test]
fn a_number_too_large_for_a_port_is_refused_unless_it_is_a_process() {
    // No process has this number: it is above the highest that Linux gives out.
    for args in [&["99999999"][..], &["list", "99999999"]] {
        let run = refused(args);
        assert!(run.stderr.contains("99999999 is no port"), "{}", run.stderr);
    }
}

#[test]
fn other_faulty_filters_are_refused() {
    let faulty = [
        "port:",
        "port:-1",
        "port:22-",
        "port:99-22",
        "state:nonsense",
        "proto:sctpp",
        "pid:abc",
        "verdict:wrong",
        "(port:22",
        "port:22)",
        "|",
        "!",
        "port:22 |",
        "cmd~\"(\"",
        "nonsense:1",
        "raddr:10.0.0.0/99",
    ];
    for filter in faulty {
        let run = refused(&["list", "--", filter]);
        expression_and_carets(&run.stderr);
    }
}

#[test]
fn an_unknown_value_of_an_option_is_named() {
    for (args, word) in [
        (["list", "--format", "xml"], "xml"),
        (["list", "--sort", "nonsense"], "nonsense"),
        (["list", "--columns", "local,nonsense"], "nonsense"),
        (["list", "--source", "magic"], "magic"),
        (["list", "--color", "sometimes"], "sometimes"),
        (["list", "--interval", "soon"], "soon"),
        (["check", "--fail-on", "bad"], "bad"),
        (["check", "--format", "csv"], "csv"),
        (["explain", "--format", "sarif"], "sarif"),
    ] {
        let run = refused(&args);
        assert!(run.stderr.contains(word), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn unknown_options_and_missing_arguments_are_refused() {
    for args in [
        &["--nonsense"][..],
        &["list", "--nonsense"],
        &["explain"],
        &["kill"],
        &["kill", ":1587", "--signal", "NOTHING", "--yes"],
        &["record", "--to", "a", "--history", "b"],
        &["probe"],
        &["history", "--at", "2h", "--since", "3h"],
        &["list", "--recording", "a", "--source", "portable"],
    ] {
        refused(args);
    }
}

#[test]
fn explain_refuses_what_cannot_be_a_port() {
    for target in ["70000", "-1", "587/sctpp", "100-1", "22-70000", ""] {
        refused(&["explain", "--", target]);
    }
}

#[test]
fn a_recording_that_is_not_there_is_named() {
    let run = refused(&["list", "--recording", "/nowhere/at.rec"]);
    assert!(run.stderr.contains("/nowhere/at.rec"), "{}", run.stderr);
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
}

#[test]
fn what_was_typed_is_repeated_without_its_escapes() {
    for args in [
        &["list", "port:\u{1b}[2J"][..],
        &["list", "--sort", "\u{1b}[2J"],
        &["explain", "\u{1b}[2J"],
    ] {
        let run = portwise(args);
        assert!(
            !run.stderr.contains('\u{1b}') && !run.stdout.contains('\u{1b}'),
            "{args:?}: {run:#?}"
        );
    }
}

#[test]
fn options_of_every_command_may_stand_before_it() {
    for args in [
        &["--ascii", "explain", "587", "--format", "json"][..],
        &[
            "-q", "--color", "never", "explain", "587", "--format", "json",
        ],
        &["explain", "587", "--format", "json", "--ascii"],
    ] {
        let run = portwise(args).ended_with(0);
        assert!(run.stdout.contains("submission"), "{args:?}: {run:#?}");
    }
}

#[test]
fn a_filter_before_a_command_is_refused() {
    let run = portwise(["port:22", "list"]).ended_with(2);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("portwise COMMAND port:22"), "{run:#?}");
    portwise(["port:22", "\"list\""]).ended_with(0);
}

#[test]
fn a_mistake_is_answered_with_what_would_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("there");
    fs::write(&there, "").unwrap();
    let there = there.to_str().unwrap();
    for (args, wanted) in [
        (&["watch", "--count", "0"][..], "a whole number from 1"),
        (&["check", "--for", "1x"], "us, ms, s, m, h, d"),
        (&["check", "--for", "1"], "us, ms, s, m, h, d"),
        (
            &["list", "--policy", "/nowhere/p.toml"],
            "could not read the policy /nowhere/p.toml: No such file",
        ),
        (
            &["history", "--history", "/"],
            "could not open the history /: it is a directory",
        ),
        (
            &["record", "--for", "0s", "--to", there],
            "hint: name a file that is not there yet",
        ),
    ] {
        let run = refused(args);
        assert!(run.stderr.contains(wanted), "{args:?}: {run:#?}");
    }
}
