//! A number that goes to another process: an order never follows it there.

use crate::support::{network::alone, skip::skip};
use portwise::{
    act::{Actions as _, System},
    model::{Hold, Order, Outcome, ProcessKey, Signal, Started, Target, Text},
};
use std::{
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// What the kernel of this namespace counts process numbers with.
const LAST_PID: &str = "/proc/sys/kernel/ns_last_pid";

fn sleeping(seconds: &str) -> Child {
    let mut sleep = Command::new("sleep");
    sleep.arg(seconds).stdin(Stdio::null()).spawn().unwrap()
}

/// Makes `pid` the next number, and starts a process with it; `None` when another process took it.
fn with_pid(pid: u32, seconds: &str) -> Option<Child> {
    fs::write(LAST_PID, (pid - 1).to_string()).unwrap();
    let mut child = sleeping(seconds);
    if child.id() == pid {
        return Some(child);
    }
    end(&mut child);
    None
}

fn end(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').nth(22 - 3).unwrap().parse().unwrap()
}

fn order(child: &Child) -> Order {
    let executable = fs::read_link(format!("/proc/{}/exe", child.id())).unwrap();
    Order {
        target: Target {
            key: ProcessKey {
                pid: child.id(),
                started: Started::Ticks(ticks(child.id())),
            },
            executable: Some(Text::from(executable.to_str().unwrap())),
            pidfs: None,
        },
        signal: Signal::Kill,
        force: false,
        patience: Duration::from_secs(10),
        then_kill: false,
    }
}

fn can_choose_numbers() -> bool {
    let now = fs::read_to_string(LAST_PID).unwrap_or_default();
    fs::write(LAST_PID, now.trim()).is_ok()
}

#[test]
fn a_number_recycled_while_the_dialog_is_open_gets_no_signal() {
    alone(|| {
        if !can_choose_numbers() {
            skip("a_number_recycled", "needs to choose process numbers");
            return;
        }
        let mut in_the_same_tick = 0;
        for _attempt in 0..500 {
            let mut shown = sleeping("60");
            let order = order(&shown);
            let system = System::default();
            let held = system.hold(std::slice::from_ref(&order.target));
            assert!(matches!(held[..], [Hold::Held(_)]), "{held:?}");
            end(&mut shown);
            let Some(mut other) = with_pid(order.target.key.pid, "60") else {
                continue;
            };
            // The same number, the same program and the same start: only the descriptor tells them apart.
            if order.target.key.started == Started::Ticks(ticks(other.id())) {
                in_the_same_tick += 1;
            }
            assert_eq!(system.signal(&[order]), [Outcome::Gone]);
            assert_eq!(other.try_wait().unwrap(), None, "the wrong one was ended");
            end(&mut other);
            if in_the_same_tick == 3 {
                return;
            }
        }
        panic!("no number was recycled within a tick");
    });
}

#[test]
fn a_thousand_races_with_the_end_never_hit_another() {
    alone(|| {
        if !can_choose_numbers() {
            skip("a_thousand_races", "needs to choose process numbers");
            return;
        }
        let mut recycled = 0;
        for _race in 0..1000 {
            let mut shown = sleeping("60");
            let order = order(&shown);
            let pid = order.target.key.pid;
            let system = System::default();
            system.hold(std::slice::from_ref(&order.target));
            let next = thread::spawn(move || {
                end(&mut shown);
                with_pid(pid, "60")
            });
            let mut last = Outcome::Signalled;
            while !next.is_finished() || last != Outcome::Gone {
                last = system.signal(std::slice::from_ref(&order)).remove(0);
            }
            if let Some(mut other) = next.join().unwrap() {
                recycled += 1;
                assert_eq!(other.try_wait().unwrap(), None, "the wrong one was ended");
                end(&mut other);
            }
        }
        assert!(recycled > 900, "{recycled} of 1000 numbers were recycled");
    });
}
