//! The main job: find a suspicious listener, open it, end it, see it go.

use crate::support::{
    deadline::until,
    json::sockets,
    network::alone,
    process::{Spawned, netcat},
    pty::Dashboard,
    skip::skip,
};
use std::{net::TcpListener, os::unix::process::ExitStatusExt as _, process::Command};

/// Starts a child that listens on 1587, and a listener of our own on 22 beside it.
fn suspect(test: &str) -> Option<(Spawned, TcpListener)> {
    let Some(netcat) = netcat() else {
        skip(test, "needs netcat");
        return None;
    };
    let child = Spawned::quietly(Command::new(netcat).args(["-l", "127.0.0.1", "1587"]));
    until("a listener on 1587", || {
        let open = sockets(&[":1587"]);
        (open.len() == 1)
            .then_some(())
            .ok_or_else(|| format!("{open:#?}"))
    });
    Some((child, TcpListener::bind("127.0.0.1:22").unwrap()))
}

#[test]
fn a_listener_is_found_by_a_filter_opened_and_ended() {
    alone(|| {
        let Some((mut child, _ssh)) = suspect("a_listener_is_found") else {
            return;
        };
        let mut dashboard = Dashboard::start(&[]);
        dashboard.shows("127.0.0.1:1587");
        dashboard.shows("127.0.0.1:22");
        dashboard.types("/port:1587\r");
        dashboard.waits_for("the filtered table", |screen| {
            let text = screen.contents();
            text.contains("127.0.0.1:1587") && !text.contains("127.0.0.1:22")
        });
        dashboard.types("\r");
        dashboard.shows("Dennis Mastin");
        dashboard.shows("pra-elmd");
        dashboard.types("x");
        dashboard.waits_for("the dialog", |screen| {
            let text = screen.contents();
            text.contains("TERM") && text.contains(&format!("{}", child.pid()))
        });
        assert!(child.is_alive(), "a dialog that opens ends nobody");
        dashboard.types("\r");
        assert_eq!(child.ended().signal(), Some(15));
        // The outcome, the page, the filter: each is left with one key.
        dashboard.shows(" ended");
        dashboard.types("\u{1b}");
        dashboard.waits_for("the page without the dialog", |screen| {
            let text = screen.contents();
            text.contains("Dennis Mastin") && !text.contains("Send a signal")
        });
        dashboard.types("\u{1b}");
        dashboard.waits_for("the table without the row", |screen| {
            let text = screen.contents();
            text.contains("VERDICT") && !text.contains("127.0.0.1:1587")
        });
        dashboard.types("\u{1b}");
        dashboard.shows("127.0.0.1:22");
        dashboard.types("q");
        assert!(dashboard.exits().success());
        assert!(sockets(&[":1587"]).is_empty());
    });
}

#[test]
fn a_dialog_that_is_left_ends_nobody() {
    alone(|| {
        let Some((mut child, _ssh)) = suspect("a_dialog_that_is_left") else {
            return;
        };
        let mut dashboard = Dashboard::start(&["port:1587"]);
        dashboard.shows("127.0.0.1:1587");
        dashboard.types("x");
        dashboard.shows("TERM");
        let with_dialog = dashboard.frames();
        dashboard.types("\u{1b}");
        dashboard.waits_for("the table alone", |screen| {
            let text = screen.contents();
            text.contains("127.0.0.1:1587") && !text.contains("HUP")
        });
        assert!(dashboard.frames() > with_dialog);
        dashboard.types("q");
        assert!(dashboard.exits().success());
        assert!(child.is_alive());
    });
}

#[test]
fn readonly_offers_no_dialog() {
    alone(|| {
        let Some((mut child, _ssh)) = suspect("readonly_offers_no_dialog") else {
            return;
        };
        let mut dashboard = Dashboard::start(&["--readonly", "port:1587"]);
        dashboard.shows("127.0.0.1:1587");
        // A dialog would keep the second key for itself.
        dashboard.types("x?");
        dashboard.shows("Help");
        dashboard.types("\u{1b}");
        dashboard.no_longer_shows("Help");
        dashboard.types("q");
        assert!(dashboard.exits().success());
        assert!(child.is_alive());
    });
}

#[test]
fn the_processes_it_was_started_from_are_not_ended_by_enter_alone() {
    alone(|| {
        let _own = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut dashboard = Dashboard::start(&["port:1587"]);
        dashboard.shows("127.0.0.1:1587");
        dashboard.types("x");
        dashboard.shows("TERM");
        // The dialog says so before anything is pressed; that we are still here to look is the proof.
        dashboard.shows("Protected");
        dashboard.types("\r");
        dashboard.shows("type the name");
        dashboard.types("\r\r");
        dashboard.types("\u{1b}");
        dashboard.no_longer_shows("Protected");
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn a_port_on_the_command_line_opens_its_page() {
    alone(|| {
        let mut dashboard = Dashboard::start(&["1587"]);
        dashboard.shows("Dennis Mastin");
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn a_new_listener_appears_and_a_closed_one_goes_by_themselves() {
    alone(|| {
        let mut dashboard = Dashboard::start(&["--interval", "100ms"]);
        dashboard.waits_for("a first frame", |screen| screen.contents().contains("quit"));
        let listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        dashboard.shows("127.0.0.1:1587");
        drop(listener);
        dashboard.no_longer_shows("127.0.0.1:1587");
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}
