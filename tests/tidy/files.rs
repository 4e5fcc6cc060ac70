//! Rules about files: their names, their first lines, the documents beside them.

use crate::{rules::MAIN_LINES, tree};
use std::{collections::BTreeSet, fs};

/// Returns the crates that a manifest names, of every kind.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let targets = targets.into_iter().flat_map(toml::Table::values);
    let tables = targets.filter_map(toml::Value::as_table).chain([manifest]);
    let mut found = BTreeSet::new();
    for table in tables {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let crates = table.get(kind).and_then(toml::Value::as_table);
            found.extend(crates.into_iter().flat_map(toml::Table::keys).cloned());
        }
    }
    found
}

/// Returns the crates that have a line in the table of a document: a first cell of one code word.
fn crates_with_a_line(document: &str) -> BTreeSet<String> {
    let cells = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    cells.map(|(name, _)| name.to_owned()).collect()
}

/// Returns the lines of `text` that hold a control character other than a tab.
fn lines_with_controls(text: &str) -> Vec<usize> {
    let lines = text.split('\n').enumerate();
    let wrong = lines.filter(|(_, line)| line.chars().any(|c| c.is_control() && c != '\t'));
    wrong.map(|(index, _)| index + 1).collect()
}

#[test]
fn every_file_says_what_it_is_for() {
    // The tests of `rules.rs` in `rules/tests.rs` need no sentence of their own.
    let is_tests = |path: &std::path::Path| path.ends_with("tests.rs");
    let mut wrong = vec![];
    for folder in ["src", "tests"] {
        for path in tree::files_below(&tree::root().join(folder)) {
            let is_rust = path.extension().is_some_and(|extension| extension == "rs");
            if is_rust
                && !is_tests(&path)
                && !fs::read_to_string(&path).unwrap().starts_with("//! ")
            {
                wrong.push(path);
            }
        }
    }
    assert!(wrong.is_empty(), "without a module doc: {wrong:#?}");
}

#[test]
fn modules_stand_beside_their_folders() {
    for folder in ["src", "tests"] {
        for path in tree::files_below(&tree::root().join(folder)) {
            assert_ne!(path.file_name().unwrap(), "mod.rs", "{}", path.display());
        }
    }
}

#[test]
fn main_parses_runs_and_exits() {
    let sources = tree::sources();
    let main = sources
        .iter()
        .find(|source| source.name == "main.rs")
        .unwrap();
    let lines = main.text.lines().count();
    assert!(lines <= MAIN_LINES, "main.rs has {lines} lines");
}

#[test]
fn every_dependency_has_its_line() {
    let read = |name| fs::read_to_string(tree::root().join(name)).unwrap();
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    assert_eq!(
        dependencies(&manifest),
        crates_with_a_line(&read("CONTRIBUTING.md"))
    );
}

#[test]
fn assets_hold_no_control_characters() {
    for path in tree::files_below(&tree::root().join("assets")) {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            lines_with_controls(&text),
            Vec::<usize>::new(),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_dependency_without_its_line_is_told() {
    let manifest = "[dependencies]\na = \"1\"\n[target.'cfg(unix)'.dev-dependencies]\nb = \"1\"";
    let found = dependencies(&manifest.parse().unwrap());
    assert_eq!(found, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    let table = "| crate | why |\n| `a` | words |\ntext about `b`";
    assert_eq!(crates_with_a_line(table), BTreeSet::from(["a".to_owned()]));
}

#[test]
fn a_control_character_is_told_by_its_line() {
    assert_eq!(lines_with_controls("a\tb\nc\u{1b}[0m\nd\r\n"), [2, 3]);
}
