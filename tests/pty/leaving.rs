//! However it ends, the terminal is as it was.

use crate::support::{
    deadline::until,
    network::alone,
    process::state,
    program::{PORTWISE, command, run},
    pty::{Dashboard, Modes},
};
use rustix::process::Signal;
use std::{net::TcpListener, path::Path};
use vt100::Screen;

/// A dashboard with one row.
fn started() -> (Dashboard, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:1587").unwrap();
    let dashboard = Dashboard::start(&[]);
    dashboard.shows("127.0.0.1:1587");
    (dashboard, listener)
}

#[track_caller]
fn is_restored(dashboard: &Dashboard) {
    assert_eq!(dashboard.modes(), Modes::RESTORED, "{}", dashboard.text());
    assert!(dashboard.is_cooked());
}

#[test]
fn while_it_runs_the_terminal_is_its_own() {
    alone(|| {
        let (dashboard, _listener) = started();
        assert!(dashboard.modes().alternate_screen);
        assert!(dashboard.modes().hidden_cursor);
        assert!(!dashboard.is_cooked());
    });
}

#[test]
fn a_quit_restores_the_terminal() {
    alone(|| {
        for key in ["q", "\u{3}"] {
            let (mut dashboard, _listener) = started();
            dashboard.types(key);
            assert_eq!(dashboard.exits().code(), Some(0));
            dashboard.is_left();
            is_restored(&dashboard);
        }
    });
}

#[test]
fn a_signal_that_ends_it_restores_the_terminal() {
    alone(|| {
        for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
            let (mut dashboard, _listener) = started();
            dashboard.signal(signal);
            dashboard.exits();
            dashboard.is_left();
            is_restored(&dashboard);
        }
    });
}

#[test]
fn a_panic_restores_the_terminal_before_it_is_reported() {
    alone(|| {
        let panic = [("PORTWISE_TEST_PANIC", "1")];
        let mut dashboard = Dashboard::start_with(&[], &panic, 120, 36);
        assert_eq!(dashboard.exits().code(), Some(101));
        dashboard.is_left();
        is_restored(&dashboard);
        assert!(
            dashboard.text().contains("asked to panic"),
            "{}",
            dashboard.text()
        );
    });
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_it_goes_on() {
    alone(|| {
        let (mut dashboard, _listener) = started();
        for _ in 0..3 {
            dashboard.types("\u{1a}");
            dashboard.is_stopped();
            dashboard.waits_for("the terminal back", |screen| !screen.alternate_screen());
            is_restored(&dashboard);
            dashboard.signal(Signal::CONT);
            dashboard.waits_for("the dashboard again", |screen| {
                screen.alternate_screen() && screen.contents().contains("127.0.0.1:1587")
            });
        }
        dashboard.types("q");
        assert_eq!(dashboard.exits().code(), Some(0));
        dashboard.is_left();
        is_restored(&dashboard);
    });
}

#[test]
fn a_stop_signal_from_outside_gives_the_terminal_back_too() {
    alone(|| {
        let (mut dashboard, _listener) = started();
        dashboard.signal(Signal::TSTP);
        dashboard.is_stopped();
        dashboard.waits_for("the terminal back", |screen| !screen.alternate_screen());
        is_restored(&dashboard);
        dashboard.signal(Signal::CONT);
        dashboard.waits_for("the dashboard again", Screen::alternate_screen);
        dashboard.types("q");
        assert_eq!(dashboard.exits().code(), Some(0));
    });
}

#[test]
fn one_that_is_stopped_is_ended_without_a_look_at_it() {
    alone(|| {
        for signal in [Signal::TERM, Signal::HUP] {
            let (mut dashboard, _listener) = started();
            dashboard.types("\u{1a}");
            dashboard.is_stopped();
            dashboard.waits_for("the terminal back", |screen| !screen.alternate_screen());
            let frames = dashboard.frames();
            dashboard.signal(signal);
            dashboard.signal(Signal::CONT);
            assert_eq!(dashboard.exits().code(), Some(0));
            dashboard.is_left();
            is_restored(&dashboard);
            assert_eq!(dashboard.frames(), frames, "it took the terminal again");
        }
    });
}

/// A shell with jobs, which does `first`, says `started PID.` of a dashboard that it runs in the background, then does
/// `more` after a line was typed.
fn in_background(first: &str, more: &str) -> (Dashboard, u32) {
    let script = format!("{first}\"$0\" & echo \"started $!.\"; read -r line; {more}");
    let words = ["-mc", &script, PORTWISE];
    let dashboard = Dashboard::start_program(Path::new("/bin/sh"), &words, &[], (120, 36));
    dashboard.shows("started ");
    dashboard.shows(".");
    let text = dashboard.text();
    let number = text.split_once("started ").unwrap().1;
    let pid: u32 = number.split_once('.').unwrap().0.parse().unwrap();
    until("one stopped in the background", || match state(pid) {
        Some('T') => Ok(()),
        other => Err(format!("state {other:?}, screen:\n{}", dashboard.text())),
    });
    assert!(!dashboard.modes().alternate_screen, "{}", dashboard.text());
    (dashboard, pid)
}

/// Quits the dashboard in the foreground; then the shell says `then 0`, and ends.
fn is_quit(dashboard: &mut Dashboard) {
    dashboard.types("q");
    dashboard.shows("then 0");
    dashboard.exits();
    dashboard.is_left();
    is_restored(dashboard);
}

#[test]
fn in_the_background_it_waits_and_a_signal_ends_it() {
    alone(|| {
        let ends = "kill -s TERM %1; kill -s CONT %1; read -r line";
        let (mut dashboard, pid) = in_background("", ends);
        dashboard.types("\r");
        until("its end", || match state(pid) {
            None | Some('Z') => Ok(()),
            other => Err(format!("state {other:?}, screen:\n{}", dashboard.text())),
        });
        dashboard.types("\r");
        dashboard.exits();
        dashboard.is_left();
        is_restored(&dashboard);
    });
}

/// A shell that edits lines itself has the terminal set otherwise meanwhile, and sets it back for who is in front.
#[test]
fn what_a_shell_set_for_its_own_line_is_not_kept() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let (edits, goes_on) = (
            "stty -icanon -echo; ",
            "stty icanon echo; fg; echo \"then $?\"",
        );
        let (mut dashboard, _) = in_background(edits, goes_on);
        assert!(!dashboard.is_cooked());
        dashboard.types("\r");
        dashboard.shows("127.0.0.1:1587");
        is_quit(&mut dashboard);
    });
}

#[test]
fn brought_to_the_front_again_and_again_it_is_there() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let goes_on = "fg; kill -s CONT %1; read -r line; fg; echo \"then $?\"";
        let (mut dashboard, pid) = in_background("", goes_on);
        dashboard.types("\r");
        dashboard.shows("127.0.0.1:1587");
        dashboard.types("\u{1a}");
        // The shell lets it go on in the background; there it must not take the terminal.
        dashboard.waits_for("the terminal back", |screen| !screen.alternate_screen());
        until("one stopped again", || match state(pid) {
            Some('T') => Ok(()),
            other => Err(format!("state {other:?}, screen:\n{}", dashboard.text())),
        });
        assert!(dashboard.is_cooked());
        dashboard.types("\r");
        dashboard.waits_for("the dashboard again", |screen| {
            screen.alternate_screen() && screen.contents().contains("127.0.0.1:1587")
        });
        is_quit(&mut dashboard);
    });
}

#[test]
fn a_terminal_that_nobody_told_its_size_is_drawn_on() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut dashboard = Dashboard::start_with(&[], &[], 0, 0);
        dashboard.shows("127.0.0.1:1587");
        assert!(
            dashboard.rows()[23].contains("quit"),
            "{}",
            dashboard.text()
        );
        dashboard.types("q");
        assert_eq!(dashboard.exits().code(), Some(0));
    });
}

#[test]
fn it_ends_when_the_window_is_closed() {
    alone(|| {
        let (mut dashboard, _listener) = started();
        dashboard.hangs_up();
        dashboard.exits();
    });
}

#[test]
fn a_keystroke_while_it_starts_is_not_lost() {
    alone(|| {
        let mut dashboard = Dashboard::start(&[]);
        dashboard.types("q");
        assert_eq!(dashboard.exits().code(), Some(0));
    });
}

#[test]
fn without_a_terminal_it_prints_the_list() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let home = tempfile::tempdir().unwrap();
        let run = run(&mut command(&home)).ended_with(0);
        assert!(run.stdout.contains("127.0.0.1:1587"), "{run:#?}");
        assert!(!run.stdout.contains('\u{1b}'), "{run:#?}");
    });
}

#[test]
fn on_a_terminal_that_cannot_be_drawn_on_it_prints_the_list() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        for term in ["dumb", ""] {
            let mut dashboard = Dashboard::start_with(&[], &[("TERM", term)], 120, 36);
            assert_eq!(dashboard.exits().code(), Some(0));
            dashboard.is_left();
            assert!(dashboard.text().contains("1587"), "{}", dashboard.text());
            assert!(!dashboard.has_written("\u{1b}[?"), "{}", dashboard.text());
        }
    });
}

#[test]
fn a_theme_that_is_not_there_ends_it_and_it_says_which_there_are() {
    alone(|| {
        let mut dashboard = Dashboard::start(&["--theme", "nowhere"]);
        assert_eq!(dashboard.exits().code(), Some(2));
        dashboard.is_left();
        is_restored(&dashboard);
        let text = dashboard.text();
        assert!(text.contains("themes/nowhere.toml"), "{text}");
        assert!(text.contains("ansi, ansi-light and mono"), "{text}");
        assert!(!dashboard.has_written("\u{1b}[?1049h"), "{text}");
    });
}

#[test]
fn a_faulty_filter_ends_it_before_it_touches_the_terminal() {
    alone(|| {
        let mut dashboard = Dashboard::start(&["port:abc"]);
        assert_eq!(dashboard.exits().code(), Some(2));
        dashboard.is_left();
        is_restored(&dashboard);
        assert!(dashboard.text().contains("abc"), "{}", dashboard.text());
    });
}
