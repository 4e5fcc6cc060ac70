//! What is on the screen: every size, without colours, in ASCII, with names that mean harm.

use crate::support::{
    deadline::until,
    hostile::{ARGUMENT, NAME, dangerous},
    json::sockets,
    network::alone,
    process::{Spawned, netcat},
    pty::{Dashboard, rows},
    skip::skip,
};
use std::{
    ffi::OsStr,
    fs,
    net::TcpListener,
    os::unix::{ffi::OsStrExt as _, process::CommandExt as _},
    process::Command,
};
use vt100::Color;

#[test]
fn a_row_says_where_what_who_and_how_bad() {
    alone(|| {
        let _listener = TcpListener::bind("0.0.0.0:1587").unwrap();
        let dashboard = Dashboard::start(&[]);
        dashboard.shows("0.0.0.0:1587");
        let rows = dashboard.rows();
        let row = rows
            .iter()
            .find(|row| row.contains("0.0.0.0:1587"))
            .unwrap();
        assert!(row.contains("pra-elmd"), "{row}");
        assert!(row.contains(&std::process::id().to_string()), "{row}");
        assert!(
            ["NOTE", "ODD", "ALERT"]
                .iter()
                .any(|word| row.contains(word)),
            "{row}"
        );
        assert!(
            ["●", "▲", "◆"].iter().any(|glyph| row.contains(glyph)),
            "{row}"
        );
    });
}

#[test]
fn an_empty_network_says_so() {
    alone(|| {
        let dashboard = Dashboard::start(&[]);
        dashboard.shows("No sockets");
    });
}

#[test]
fn a_filter_that_finds_nothing_says_so() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let dashboard = Dashboard::start(&["port:9"]);
        dashboard.shows("No socket matches");
    });
}

#[test]
fn every_size_keeps_the_row_and_the_way_out() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut dashboard = Dashboard::start(&[]);
        dashboard.shows("127.0.0.1:1587");
        for (columns, lines) in [(80, 24), (40, 12), (60, 15), (200, 50), (40, 8)] {
            dashboard.resize(columns, lines);
            dashboard.waits_for(&format!("{columns}x{lines}"), |screen| {
                let rows = rows(screen);
                let has_row = rows.iter().any(|row| row.contains("127.0.0.1:1587"));
                let footer = rows.iter().rposition(|row| row.contains("quit"));
                has_row && footer == Some(usize::from(lines) - 1)
            });
        }
        dashboard.resize(30, 6);
        dashboard.shows("too small");
        dashboard.resize(120, 36);
        dashboard.shows("127.0.0.1:1587");
        dashboard.resize(30, 6);
        dashboard.shows("too small");
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn a_burst_of_resizes_ends_with_the_last_size() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let dashboard = Dashboard::start(&[]);
        for step in 0..30 {
            dashboard.resize(120 - step, 36 - step / 2);
        }
        dashboard.resize(80, 24);
        dashboard.waits_for("80x24", |screen| rows(screen)[23].contains("quit"));
    });
}

#[test]
fn without_colours_the_selection_is_still_seen() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let dashboard = Dashboard::start_with(&[], &[("NO_COLOR", "1")], 120, 36);
        dashboard.shows("127.0.0.1:1587");
        let screen = dashboard.screen();
        let mut reversed = vec![];
        for row in 0..36 {
            for column in 0..120 {
                let cell = screen.cell(row, column).unwrap();
                let colours = (cell.fgcolor(), cell.bgcolor());
                assert_eq!(
                    colours,
                    (Color::Default, Color::Default),
                    "row {row}, column {column}"
                );
                if cell.inverse() {
                    reversed.push(row);
                }
            }
        }
        let selected = dashboard
            .rows()
            .iter()
            .position(|row| row.contains("127.0.0.1:1587"))
            .unwrap();
        assert!(
            reversed.contains(&u16::try_from(selected).unwrap()),
            "{reversed:?}"
        );
    });
}

#[test]
fn there_are_as_many_colours_as_the_terminal_or_the_person_says() {
    const RGB: &str = "8;2;";
    alone(|| {
        let _listener = TcpListener::bind("0.0.0.0:1587").unwrap();
        let bare = [("COLORTERM", ""), ("TERM", "xterm-256color")];
        let direct = [("COLORTERM", ""), ("TERM", "xterm-direct")];
        let none = [("NO_COLOR", "1"), ("COLORTERM", "truecolor")];
        for (args, variables, any, some) in [
            (&[][..], bare, false, true),
            (&[], direct, true, true),
            (&["--color", "truecolor"], bare, true, true),
            (&["--color", "truecolor"], none, true, true),
            (&["--color", "16"], direct, false, true),
            (&["--color", "16", "--theme", "light"], direct, false, true),
            (&["--color", "never"], direct, false, false),
            (&[], none, false, false),
        ] {
            let dashboard = Dashboard::start_with(args, &variables, 120, 36);
            dashboard.shows("0.0.0.0:1587");
            let screen = dashboard.screen();
            let mut cells = (0..36).flat_map(|row| (0..120).map(move |column| (row, column)));
            let is_coloured = cells
                .any(|(row, column)| screen.cell(row, column).unwrap().fgcolor() != Color::Default);
            let shown = (dashboard.has_written(RGB), is_coloured);
            assert_eq!(shown, (any, some), "{args:?} {variables:?}");
        }
    });
}

#[test]
fn a_locale_without_utf_8_gets_ascii() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        for (args, locale) in [(&[][..], "C"), (&["--ascii"], "C.UTF-8")] {
            let dashboard = Dashboard::start_with(args, &[("LC_ALL", locale)], 120, 36);
            dashboard.shows("127.0.0.1:1587");
            assert!(dashboard.text().is_ascii(), "{}", dashboard.text());
            dashboard.types("\r");
            dashboard.shows("Dennis Mastin");
            assert!(dashboard.text().is_ascii(), "{}", dashboard.text());
        }
    });
}

#[test]
fn the_help_names_the_keys() {
    alone(|| {
        let dashboard = Dashboard::start(&[]);
        dashboard.shows("quit");
        dashboard.types("?");
        // All of it at once, side by side.
        for word in [
            "Help: Sockets",
            "filter…",
            "send a signal…",
            "columns…",
            "this help",
        ] {
            dashboard.shows(word);
        }
        // What is searched for is said in full.
        dashboard.types("columns");
        dashboard.shows("choose the columns and their order");
        dashboard.no_longer_shows("send a signal…");
        dashboard.types("\u{1b}");
        dashboard.shows("send a signal…");
        // What does not fit is scrolled to.
        dashboard.resize(80, 24);
        dashboard.waits_for("the last lines of 24", |screen| {
            let rows = rows(screen);
            // The box ends over the footer: it is laid out anew.
            rows.get(22).is_some_and(|line| line.contains('╯'))
                && rows
                    .get(23)
                    .is_some_and(|line| line.contains("type to search"))
        });
        dashboard.no_longer_shows("syn, close-wait, fin");
        dashboard.types("\u{1b}[6~\u{1b}[6~\u{1b}[6~");
        dashboard.shows("syn, close-wait, fin");
        dashboard.types("\u{1b}");
        dashboard.no_longer_shows("Help: Sockets");
    });
}

#[test]
fn a_hostile_name_draws_nothing_of_its_own() {
    alone(|| {
        let Some(netcat) = netcat() else {
            return skip("a_hostile_name", "needs netcat");
        };
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(OsStr::from_bytes(NAME));
        fs::copy(netcat, &program).unwrap();
        let mut command = Command::new(&program);
        let _listener = Spawned::quietly(command.arg0(OsStr::from_bytes(ARGUMENT)).args([
            "-l",
            "127.0.0.1",
            "1587",
        ]));
        until("the hostile listener", || {
            let open = sockets(&[":1587"]);
            (open.len() == 1)
                .then_some(())
                .ok_or_else(|| format!("{open:#?}"))
        });
        let dashboard = Dashboard::start(&[]);
        dashboard.shows("127.0.0.1:1587");
        is_harmless(&dashboard);
        for keys in ["p", "\u{1b}", "\r", "\u{1b}", "x"] {
            let frames = dashboard.frames();
            dashboard.types(keys);
            until("the next frame", || {
                let now = dashboard.frames();
                (now > frames)
                    .then_some(())
                    .ok_or_else(|| format!("{now} frames after {keys:?}"))
            });
            dashboard.waits_for("a whole frame", |_| true);
            is_harmless(&dashboard);
        }
    });
}

/// The screen shows no control character, and no escape did anything beside drawing.
#[track_caller]
fn is_harmless(dashboard: &Dashboard) {
    let text = dashboard.text();
    assert_eq!(dangerous(&text, &['\n']), [], "{text:?}");
    let told = dashboard.side_effects();
    assert!(
        !told
            .iter()
            .any(|told| told.contains("pwned") || told.starts_with("clipboard")),
        "{told:?}"
    );
    assert!(
        !text.lines().any(|row| row.starts_with("tcp LISTEN")),
        "a row was forged:\n{text}"
    );
}

#[test]
fn doctor_in_the_palette_says_what_was_detected() {
    alone(|| {
        let mut dashboard = Dashboard::start(&[]);
        dashboard.shows("No sockets");
        dashboard.types(":doctor\r");
        dashboard.shows("What works here");
        dashboard.shows("This machine");
        dashboard.shows("TERM is");
        dashboard.types("\u{1b}");
        dashboard.no_longer_shows("What works here");
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}
