//! `kill`: whom it ends, and when it refuses.

use crate::support::{
    deadline::until,
    json::sockets,
    network::alone,
    process::{Spawned, netcat},
    program::portwise,
    skip::skip,
};
use serde_json::Value;
use std::{net::TcpListener, os::unix::process::ExitStatusExt as _, process::Command};

/// Starts a child that listens on 3000.
fn listener_on_3000(test: &str) -> Option<Spawned> {
    let Some(netcat) = netcat() else {
        skip(test, "needs netcat");
        return None;
    };
    let child = Spawned::quietly(Command::new(netcat).args(["-l", "127.0.0.1", "3000"]));
    until("a listener on 3000", || {
        let open = sockets(&[":3000"]);
        (open.len() == 1)
            .then_some(())
            .ok_or_else(|| format!("{open:#?}"))
    });
    Some(child)
}

#[test]
fn the_owner_is_ended_with_sigterm() {
    alone(|| {
        let Some(mut child) = listener_on_3000("the_owner_is_ended") else {
            return;
        };
        let run = portwise(["kill", ":3000", "--yes"]).ended_with(0);
        assert!(run.stdout.contains(&child.pid().to_string()), "{run:#?}");
        assert_eq!(child.ended().signal(), Some(15));
        assert_eq!(sockets(&[":3000"]), Vec::<Value>::new());
    });
}

#[test]
fn the_signal_asked_for_is_sent() {
    alone(|| {
        let Some(mut child) = listener_on_3000("the_signal_asked_for") else {
            return;
        };
        portwise(["kill", ":3000", "--yes", "--signal", "KILL"]).ended_with(0);
        assert_eq!(child.ended().signal(), Some(9));
    });
}

#[test]
fn json_says_what_came_of_it() {
    alone(|| {
        let Some(child) = listener_on_3000("json_says_what_came_of_it") else {
            return;
        };
        let run = portwise(["kill", ":3000", "--yes", "--format", "json"]).ended_with(0);
        let acted: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(acted[0]["pid"], child.pid());
        assert_eq!(acted[0]["outcome"], "ended");
        assert_eq!(acted[0]["signal"], "TERM");
    });
}

#[test]
fn a_dry_run_names_the_owner_and_leaves_it_alone() {
    alone(|| {
        let Some(mut child) = listener_on_3000("a_dry_run_names_the_owner") else {
            return;
        };
        let run = portwise(["kill", ":3000", "--dry-run"]).ended_with(0);
        assert!(run.stdout.contains(&child.pid().to_string()), "{run:#?}");
        assert!(child.is_alive());
        assert_eq!(sockets(&[":3000"]).len(), 1);
    });
}

#[test]
fn nobody_is_ended_unasked() {
    alone(|| {
        let Some(mut child) = listener_on_3000("nobody_is_ended_unasked") else {
            return;
        };
        let run = portwise(["kill", ":3000"]).ended_with(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("--yes"), "{run:#?}");
        portwise(["kill", ":3000", "--yes", "--readonly"]).ended_with(2);
        assert!(child.is_alive());
    });
}

#[test]
fn the_processes_it_was_started_from_are_refused() {
    alone(|| {
        let _own = TcpListener::bind("127.0.0.1:3000").unwrap();
        let run = portwise(["kill", ":3000", "--yes", "--format", "json"]).ended_with(1);
        let acted: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(acted[0]["outcome"], "refused", "{acted:#}");
    });
}

#[test]
fn what_is_unclear_or_matches_nothing_ends_nobody() {
    alone(|| {
        let Some(mut child) = listener_on_3000("what_is_unclear") else {
            return;
        };
        portwise(["kill", "3000", "--yes"]).ended_with(2);
        portwise(["kill", "", "--yes"]).ended_with(2);
        portwise(["kill", ":3001", "--yes"]).ended_with(1);
        assert!(child.is_alive());
    });
}
