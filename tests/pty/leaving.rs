//! However it ends, the terminal is as it was.

use crate::support::{
    network::alone,
    program::{command, run},
    pty::{Dashboard, Modes},
};
use rustix::process::Signal;
use std::net::TcpListener;
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
        for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
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
fn a_faulty_filter_ends_it_before_it_touches_the_terminal() {
    alone(|| {
        let mut dashboard = Dashboard::start(&["port:abc"]);
        assert_eq!(dashboard.exits().code(), Some(2));
        dashboard.is_left();
        is_restored(&dashboard);
        assert!(dashboard.text().contains("abc"), "{}", dashboard.text());
    });
}
