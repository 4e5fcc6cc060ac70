use super::*;
use crate::model::{ProcessKey, Signal, Text};
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(10);

/// Ends a child when the test does.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Ending {
    fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

fn sleeping() -> Ending {
    Ending(Command::new("sleep").arg("60").spawn().unwrap())
}

/// A shell that ignores `TERM`, and has said so.
fn stubborn() -> Ending {
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "trap '' TERM; echo ready; while :; do read -r line || sleep 1; done",
    ]);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut shell = Ending(shell.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(shell.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
    shell
}

fn order(pid: u32, started: Started) -> Order {
    Order {
        target: ProcessKey { pid, started },
        executable: None,
        signal: Signal::Term,
        force: false,
        patience: PATIENCE,
    }
}

fn by_epoch(child: &Ending) -> Order {
    let started = portable::started_at(child.0.id()).unwrap();
    order(child.0.id(), Started::Epoch(started))
}

#[test]
fn a_process_known_by_seconds_is_ended() {
    let child = sleeping();
    let outcome = System.signal(&by_epoch(&child));
    assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
}

#[test]
fn a_process_of_another_second_is_left_alone() {
    let mut child = sleeping();
    let mut order = by_epoch(&child);
    order.target.started = Started::Epoch(1);
    assert_eq!(System.signal(&order), Outcome::Gone);
    assert!(child.is_alive());
}

#[test]
fn the_portable_way_ends_a_process_too() {
    let child = sleeping();
    let order = by_epoch(&child);
    let Started::Epoch(seconds) = order.target.started else {
        panic!("{order:?}");
    };
    let outcome = portable::signal(&order, seconds);
    assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
    assert_eq!(portable::signal(&order, seconds), Outcome::Gone);
}

#[test]
fn ourselves_and_our_parent_are_refused() {
    let ourselves = std::process::id();
    for pid in [ourselves, portable::parent_of(ourselves).unwrap(), 1] {
        let outcome = System.signal(&order(pid, Started::Epoch(1)));
        assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }
}

mod on_linux {
    #![cfg(target_os = "linux")]

    use super::*;

    fn by_ticks(child: &Ending) -> Order {
        let ticks = linux::started_at(child.0.id()).unwrap();
        order(child.0.id(), Started::Ticks(ticks))
    }

    #[test]
    fn a_process_is_ended() {
        let child = sleeping();
        let outcome = System.signal(&by_ticks(&child));
        assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
    }

    #[test]
    fn a_reused_pid_is_not_terminated() {
        let mut child = sleeping();
        let mut order = by_ticks(&child);
        order.target.started = Started::Ticks(1);
        assert_eq!(System.signal(&order), Outcome::Gone);
        assert!(child.is_alive());
    }

    #[test]
    fn a_reused_pid_of_the_same_tick_is_told_by_its_executable() {
        let mut child = sleeping();
        let mut order = by_ticks(&child);
        order.executable = Some(Text::from("/usr/sbin/another"));
        assert_eq!(System.signal(&order), Outcome::Gone);
        assert!(child.is_alive());
    }

    #[test]
    fn an_executable_deleted_meanwhile_is_still_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let copy = directory.path().join("copied\nsleep");
        std::fs::copy("/bin/sleep", &copy).unwrap();
        let child = Ending(Command::new(&copy).arg("60").spawn().unwrap());
        let mut order = by_ticks(&child);
        order.executable = Some(Text::from(copy.to_str().unwrap()));
        std::fs::remove_file(&copy).unwrap();
        let outcome = System.signal(&order);
        assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
    }

    #[test]
    fn a_process_that_ignores_the_signal_is_signalled_and_then_killed() {
        let mut child = stubborn();
        let mut order = by_ticks(&child);
        order.patience = Duration::from_millis(100);
        assert_eq!(System.signal(&order), Outcome::Signalled);
        assert!(child.is_alive());
        order.signal = Signal::Kill;
        order.patience = PATIENCE;
        let outcome = System.signal(&order);
        assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
    }

    #[test]
    fn a_signal_that_does_not_end_is_not_waited_for() {
        let mut child = sleeping();
        let mut order = by_ticks(&child);
        order.signal = Signal::Stop;
        assert_eq!(System.signal(&order), Outcome::Signalled);
        assert!(child.is_alive());
    }

    #[test]
    fn the_remains_of_a_process_have_ended() {
        let mut child = sleeping();
        let order = by_ticks(&child);
        child.0.kill().unwrap();
        // Nobody has waited for it, so its number is not free yet.
        let mut ended = System.signal(&order);
        if matches!(ended, Outcome::Ended(_)) {
            ended = System.signal(&order);
        }
        assert_eq!(ended, Outcome::Gone);
    }

    #[test]
    fn another_users_process_needs_privilege() {
        // Process 1 is root's; only somebody else is denied.
        if rustix::process::geteuid().is_root() {
            eprintln!("skipped: runs only as a plain user");
            return;
        }
        let Some(ticks) = linux::started_at(1) else {
            eprintln!("skipped: process 1 is not visible here");
            return;
        };
        let mut order = order(1, Started::Ticks(ticks));
        order.force = true;
        order.signal = Signal::Cont;
        let outcome = System.signal(&order);
        assert!(matches!(outcome, Outcome::Denied(_)), "{outcome:?}");
    }
}
