//! Names that try to take the terminal over come out harmless, in every format.

use crate::support::{
    deadline::until,
    hostile::{ARGUMENT, NAME, dangerous},
    json::sockets,
    network::alone,
    process::{Spawned, netcat},
    program::portwise,
    skip::skip,
};
use serde_json::Value;
use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, process::CommandExt as _},
    process::Command,
};
use tempfile::TempDir;

/// A listener on 1587 whose name, arguments and working directory are hostile.
fn hostile_listener() -> Option<(TempDir, Spawned)> {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join(OsStr::from_bytes(NAME));
    let directory = folder
        .path()
        .join(OsStr::from_bytes(b"\x1b[5m\xe2\x80\xaedir\n"));
    fs::create_dir(&directory).unwrap();
    fs::copy(netcat()?, &program).unwrap();
    let mut command = Command::new(&program);
    command
        .arg0(OsStr::from_bytes(ARGUMENT))
        .args(["-l", "127.0.0.1", "1587"])
        .current_dir(directory);
    let listener = Spawned::quietly(&mut command);
    until("the hostile listener", || {
        let sockets = sockets(&["port:1587"]);
        (sockets.len() == 1)
            .then_some(())
            .ok_or_else(|| format!("{sockets:#?}"))
    });
    Some((folder, listener))
}

#[test]
fn no_output_carries_a_control_character_of_a_process() {
    alone(|| {
        let Some(_listener) = hostile_listener() else {
            return skip("no_output_carries", "needs netcat");
        };
        for (args, lines) in [
            (&["list", "--format", "table"][..], Some(2)),
            (&["list", "--format", "table", "--color", "always"], None),
            (&["list", "--format", "plain"], Some(1)),
            (&["list", "--format", "csv"], Some(2)),
            (&["list", "--format", "ndjson"], Some(1)),
            (&["list", "--format", "json"], None),
            (&["list", "--source", "portable"], Some(2)),
            (&["check", "--fail-on", "critical"], None),
            (
                &["check", "--format", "json", "--fail-on", "critical"],
                None,
            ),
            (&["explain", "1587"], None),
            (&["explain", "1587", "--format", "json"], None),
            (&["kill", ":1587", "--dry-run"], None),
        ] {
            let run = portwise(args);
            assert!(matches!(run.code, Some(0 | 1)), "{args:?}: {run:#?}");
            assert!(!run.stdout.is_empty(), "{args:?}");
            // Colours of our own are the only escapes there may be.
            let plain = without_colours(&run.stdout);
            assert_eq!(dangerous(&plain, &['\n']), [], "{args:?}: {plain:?}");
            assert_eq!(dangerous(&run.stderr, &['\n']), [], "{args:?}: {run:#?}");
            if let Some(lines) = lines {
                assert_eq!(plain.lines().count(), lines, "{args:?}: {plain}");
            }
        }
    });
}

#[test]
fn no_string_in_the_json_decodes_to_a_control_character() {
    alone(|| {
        let Some(_listener) = hostile_listener() else {
            return skip("no_string_in_the_json", "needs netcat");
        };
        for source in ["sock-diag", "portable"] {
            let sockets = sockets(&["--source", source]);
            let mut strings = vec![];
            for socket in &sockets {
                collect_strings(socket, &mut strings);
            }
            assert!(
                strings.iter().any(|text| text.contains("gpj")),
                "the name is not there: {strings:#?}"
            );
            assert!(
                strings
                    .iter()
                    .any(|text| text.contains("LISTEN 0.0.0.0:22")),
                "the arguments are not there: {strings:#?}"
            );
            for text in strings {
                assert_eq!(dangerous(text, &[]), [], "{text:?}");
            }
        }
    });
}

fn collect_strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(values) => values
            .iter()
            .for_each(|value| collect_strings(value, found)),
        Value::Object(fields) => fields
            .values()
            .for_each(|value| collect_strings(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns `text` without `ESC [ digits m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match rest.strip_prefix('m') {
            Some(rest) => kept.push_str(rest),
            None => kept.extend(["\u{1b}[", part]),
        }
    }
    kept
}

#[test]
fn a_colour_is_told_from_another_escape() {
    assert_eq!(without_colours("\u{1b}[1;31mred\u{1b}[0m"), "red");
    assert_eq!(
        dangerous(&without_colours("a\u{1b}[2Jb\u{1b}]0;c"), &[]),
        ['\u{1b}', '\u{1b}']
    );
}
