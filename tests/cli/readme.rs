//! The examples of README.md are true: every command in it is one that works.

use crate::support::{
    network::alone,
    program::{command as portwise, run},
};
use std::{fs, net::TcpListener};

/// Returns the commands of the document's `console` blocks: the lines behind `$ `.
fn commands(document: &str) -> Vec<&str> {
    let blocks = document
        .split("```console\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    blocks
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("$ "))
        .collect()
}

/// Splits a command as a shell does, as far as the document needs it: words and single quotes.
fn words(command: &str) -> Vec<String> {
    let quoted = command.split('\'').enumerate();
    let mut words = vec![];
    for (index, part) in quoted {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(ToOwned::to_owned));
        }
    }
    words
}

#[test]
fn every_example_of_the_readme_runs() {
    alone(|| {
        let _mail = TcpListener::bind("127.0.0.1:587").unwrap();
        let _obscure = TcpListener::bind("0.0.0.0:1587").unwrap();
        // One home for all: what one command writes, the next may read.
        let home = tempfile::tempdir().unwrap();
        let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
        let commands = commands(&readme);
        assert!(commands.len() >= 4, "{commands:?}");
        for command in commands {
            // What stands behind a pipe is not ours.
            let words = words(command.split('|').next().unwrap());
            let [program, args @ ..] = words.as_slice() else {
                panic!("{command}")
            };
            assert_eq!(program, "portwise", "{command}");
            let run = run(portwise(&home).args(args));
            assert!(matches!(run.code, Some(0 | 1)), "{command}: {run:#?}");
        }
    });
}

#[test]
fn a_command_is_split_into_words() {
    assert_eq!(
        words("portwise list 'port:22 !lo' -t"),
        ["portwise", "list", "port:22 !lo", "-t"]
    );
    assert_eq!(
        commands("a\n```console\n$ b c\nd\n$ e\n```\n$ f"),
        ["b c", "e"]
    );
}
