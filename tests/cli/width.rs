//! Commands on a terminal: what they say fits it, however narrow, and nothing of it is lost.

use crate::support::{program::portwise, pty::Dashboard};

const RECORDING: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/recordings/obscure_1587.jsonl"
);

/// The lines that a terminal of so many columns shows, and whether each goes on in the next.
fn shown(args: &[&str], columns: u16) -> Vec<(String, bool)> {
    let mut terminal = Dashboard::start_with(args, &[], columns, 800);
    terminal.is_left();
    terminal.exits();
    let screen = terminal.screen();
    let rows = screen.rows(0, columns);
    let rows = rows.zip(0..).map(|(row, at)| (row, screen.row_wrapped(at)));
    let mut rows: Vec<_> = rows.collect();
    while rows.last().is_some_and(|(row, _)| row.is_empty()) {
        rows.pop();
    }
    assert!(rows.len() < 800, "the beginning has gone");
    rows
}

fn without_gaps(text: &str) -> String {
    text.replace(char::is_whitespace, "")
}

/// The lines that the terminal had to break, put together again.
fn broken(rows: &[(String, bool)]) -> Vec<String> {
    let mut broken = vec![];
    let mut line = String::new();
    for (row, goes_on) in rows {
        if !line.is_empty() || *goes_on {
            line += row;
        }
        if !goes_on && !line.is_empty() {
            broken.push(std::mem::take(&mut line));
        }
    }
    broken
}

#[test]
fn what_is_said_fits_a_narrow_terminal_and_is_all_there() {
    for command in [
        &["explain", "1587"][..],
        &["inspect", ":1587"],
        &["check"],
        &["check", "--fail-on", "high", "--ascii"],
    ] {
        let args = [command, &["--recording", RECORDING]].concat();
        let wanted = portwise(&args).stdout;
        for columns in [100, 60, 40, 30] {
            let rows = shown(&args, columns);
            // A command that is to be copied stays whole; the terminal breaks it.
            for line in broken(&rows) {
                let mut whole = wanted.lines();
                let is_command = line.starts_with("        ");
                assert!(
                    is_command && whole.any(|whole| whole == line),
                    "{args:?} in {columns} columns broke {line:?}"
                );
            }
            let text: String = rows.iter().map(|(row, _)| row.as_str()).collect();
            let joined = |text: &str| without_gaps(&text.replace(" \\\n", "")).replace('\\', "");
            assert_eq!(
                joined(&text),
                joined(&wanted),
                "{args:?} in {columns} columns"
            );
        }
    }
}

#[test]
fn what_works_here_is_told_in_a_narrow_terminal_too() {
    for columns in [60, 40] {
        for line in broken(&shown(&["doctor"], columns)) {
            assert!(
                line.trim_start().starts_with("> "),
                "{columns} columns broke {line:?}"
            );
        }
    }
}

#[test]
fn prose_stays_within_80_columns_of_a_wide_terminal() {
    let rows = shown(&["explain", "1587", "--recording", RECORDING], 200);
    for (row, _) in rows {
        assert!(row.chars().count() <= 80, "{row}");
    }
}

#[test]
fn a_table_shows_who_has_which_port_in_60_columns() {
    const WITH_V6: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/recordings/ssh_client.jsonl"
    );
    for columns in [80, 60] {
        for (recording, process) in [(RECORDING, "python"), (WITH_V6, "ssh")] {
            let rows = shown(&["list", "--recording", recording], columns);
            assert_eq!(broken(&rows[..2]), [""; 0], "{columns} columns");
            for name in ["VERDICT", "LOCAL", "PROCESS"] {
                assert!(rows[0].0.contains(name), "{columns} columns: {rows:?}");
            }
            assert!(rows[1].0.contains(process), "{columns} columns: {rows:?}");
            let said: String = rows.iter().map(|(row, _)| row.as_str()).collect();
            assert!(
                said.contains("note: no room for "),
                "{columns} columns: {said}"
            );
            let quiet = shown(&["list", "-q", "--recording", recording], columns);
            assert_eq!(broken(&quiet), [""; 0], "{columns} columns");
        }
        // What was asked for is never left out.
        let asked = [
            "list",
            "-q",
            "--columns",
            "why,local,verdict,exe",
            "--recording",
            RECORDING,
        ];
        let rows = shown(&asked, columns);
        assert!(rows[0].0.starts_with("WHY "), "{rows:?}");
        assert_eq!(broken(&rows), [""; 0], "{columns} columns");
        for name in ["LOCAL", "VERDICT", "EXE"] {
            assert!(rows[0].0.contains(name), "{columns} columns: {rows:?}");
        }
    }
}
