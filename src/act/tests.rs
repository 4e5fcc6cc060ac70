use super::*;
use crate::model::{ProcessKey, Signal, Started, Text};
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
    trapping("''")
}

/// A shell that does this on `TERM`, and has said so.
fn trapping(what: &str) -> Ending {
    let mut shell = Command::new("sh");
    let script = format!("trap {what} TERM; echo ready; while :; do read -r line || sleep 1; done");
    shell.args(["-c", &script]);
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
        target: Target {
            key: ProcessKey { pid, started },
            executable: None,
            pidfs: None,
        },
        signal: Signal::Term,
        force: false,
        patience: PATIENCE,
        then_kill: false,
    }
}

/// Carries one order out, on a machine where nothing is held.
fn signalled(order: &Order) -> Outcome {
    let outcomes = System::default().signal(std::slice::from_ref(order));
    let [outcome] = outcomes.try_into().unwrap();
    outcome
}

fn by_epoch(child: &Ending) -> Order {
    let started = portable::started_at(child.0.id()).unwrap();
    order(child.0.id(), Started::Epoch(started))
}

#[test]
fn a_process_known_by_seconds_is_ended() {
    let child = sleeping();
    let outcome = signalled(&by_epoch(&child));
    assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
}

#[test]
fn a_process_of_another_second_is_left_alone() {
    let mut child = sleeping();
    let mut order = by_epoch(&child);
    order.target.key.started = Started::Epoch(1);
    assert_eq!(signalled(&order), Outcome::Gone);
    assert!(child.is_alive());
}

#[test]
fn the_portable_way_ends_a_process_too() {
    let child = sleeping();
    let order = by_epoch(&child);
    let Started::Epoch(seconds) = order.target.key.started else {
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
        let outcome = signalled(&order(pid, Started::Epoch(1)));
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
        let outcome = signalled(&by_ticks(&child));
        assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
    }

    #[test]
    fn a_reused_pid_is_not_terminated() {
        let mut child = sleeping();
        let mut order = by_ticks(&child);
        order.target.key.started = Started::Ticks(1);
        assert_eq!(signalled(&order), Outcome::Gone);
        assert!(child.is_alive());
    }

    #[test]
    fn a_reused_pid_of_the_same_tick_is_told_by_its_executable() {
        let mut child = sleeping();
        let mut order = by_ticks(&child);
        order.target.executable = Some(Text::from("/usr/sbin/another"));
        assert_eq!(signalled(&order), Outcome::Gone);
        assert!(child.is_alive());
    }

    #[test]
    fn an_executable_deleted_meanwhile_is_still_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let copy = directory.path().join("copied\nsleep");
        std::fs::copy("/bin/sleep", &copy).unwrap();
        let child = Ending(Command::new(&copy).arg("60").spawn().unwrap());
        let mut order = by_ticks(&child);
        order.target.executable = Some(Text::from(copy.to_str().unwrap()));
        std::fs::remove_file(&copy).unwrap();
        let outcome = signalled(&order);
        assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
    }

    #[test]
    fn a_process_that_ignores_the_signal_is_signalled_and_then_killed() {
        let mut child = stubborn();
        let mut order = by_ticks(&child);
        order.patience = Duration::from_millis(100);
        assert_eq!(signalled(&order), Outcome::Signalled);
        assert!(child.is_alive());
        order.signal = Signal::Kill;
        order.patience = PATIENCE;
        let outcome = signalled(&order);
        assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
    }

    #[test]
    fn kill_follows_where_the_order_says_so() {
        let child = stubborn();
        let mut order = by_ticks(&child);
        order.patience = Duration::from_millis(100);
        order.then_kill = true;
        let outcome = signalled(&order);
        assert!(matches!(outcome, Outcome::Killed(_)), "{outcome:?}");
    }

    #[test]
    fn a_stopped_process_takes_the_signal_later() {
        // One that does nothing about the signal would end even so.
        let mut child = trapping("'exit 0'");
        let mut order = by_ticks(&child);
        order.signal = Signal::Stop;
        assert_eq!(signalled(&order), Outcome::Signalled);
        order.signal = Signal::Term;
        order.patience = Duration::from_millis(100);
        assert_eq!(signalled(&order), Outcome::Pending);
        assert!(child.is_alive());
        order.signal = Signal::Cont;
        assert_eq!(signalled(&order), Outcome::Signalled);
        drop(child.0.stdin.take());
        assert!(child.0.wait().unwrap().success());
    }

    #[test]
    fn two_hundred_are_signalled_before_the_first_is_waited_for() {
        let children: Vec<Ending> = (0..200).map(|_| sleeping()).collect();
        let orders: Vec<Order> = children.iter().map(by_ticks).collect();
        let outcomes = System::default().signal(&orders);
        assert_eq!(outcomes.len(), 200);
        for outcome in outcomes {
            assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
        }
    }

    #[test]
    fn one_that_ignores_the_signal_does_not_keep_the_others_waiting() {
        let (stubborn, other) = (stubborn(), sleeping());
        let mut orders = [by_ticks(&stubborn), by_ticks(&other)];
        orders[0].patience = Duration::from_millis(200);
        orders[1].patience = Duration::from_millis(200);
        let outcomes = System::default().signal(&orders);
        assert_eq!(outcomes[0], Outcome::Signalled);
        assert!(matches!(outcomes[1], Outcome::Ended(_)), "{outcomes:?}");
    }

    #[test]
    fn what_is_held_is_told_by_its_number_in_pidfs() {
        let child = sleeping();
        let mut order = by_ticks(&child);
        let system = System::default();
        let [held] = system
            .hold(std::slice::from_ref(&order.target))
            .try_into()
            .unwrap();
        let Hold::Held(number) = held else {
            panic!("{held:?}");
        };
        // Another process would have another number there; kernels before 6.9 have none.
        if let Some(number) = number {
            order.target.pidfs = Some(number + 1);
            assert_eq!(signalled(&order), Outcome::Gone);
            order.target.pidfs = Some(number);
        }
        let outcome = signalled(&order);
        assert!(matches!(outcome, Outcome::Ended(_)), "{outcome:?}");
    }

    #[test]
    fn what_ended_by_itself_while_it_was_held_is_gone() {
        let mut child = sleeping();
        let order = by_ticks(&child);
        let system = System::default();
        let held = system.hold(std::slice::from_ref(&order.target));
        assert!(matches!(held[..], [Hold::Held(_)]), "{held:?}");
        child.0.kill().unwrap();
        child.0.wait().unwrap();
        assert_eq!(system.signal(&[order]), [Outcome::Gone]);
    }

    #[test]
    fn a_program_that_became_another_one_wants_force() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "read -r line; exec cat"]);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = Ending(shell.spawn().unwrap());
        let mut order = by_ticks(&child);
        let path = std::fs::read_link(format!("/proc/{}/exe", child.0.id())).unwrap();
        order.target.executable = Some(Text::from(path.to_str().unwrap()));
        let system = System::default();
        system.hold(std::slice::from_ref(&order.target));
        // The shell takes one line, and only what came after it can give back the other.
        let mut stdin = child.0.stdin.take().unwrap();
        io::Write::write_all(&mut stdin, b"go\nready\n").unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.0.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        let outcomes = system.signal(std::slice::from_ref(&order));
        assert!(
            matches!(outcomes[..], [Outcome::Refused(_)]),
            "{outcomes:?}"
        );
        assert!(child.is_alive());
        order.force = true;
        let outcomes = system.signal(&[order]);
        assert!(matches!(outcomes[..], [Outcome::Ended(_)]), "{outcomes:?}");
    }

    #[test]
    fn a_signal_that_does_not_end_is_not_waited_for() {
        let mut child = sleeping();
        let mut order = by_ticks(&child);
        order.signal = Signal::Stop;
        assert_eq!(signalled(&order), Outcome::Signalled);
        assert!(child.is_alive());
    }

    #[test]
    fn the_remains_of_a_process_have_ended() {
        let mut child = sleeping();
        let order = by_ticks(&child);
        child.0.kill().unwrap();
        // Nobody has waited for it, so its number is not free yet.
        let mut ended = signalled(&order);
        if matches!(ended, Outcome::Ended(_)) {
            ended = signalled(&order);
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
        // Not SIGCONT: that one may go to any process of one's own session, and where these tests
        // run in a container process 1 leads that session.
        order.signal = Signal::Usr1;
        let outcome = signalled(&order);
        assert!(matches!(outcome, Outcome::Denied(_)), "{outcome:?}");
    }
}
