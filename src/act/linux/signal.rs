//! Signals through pidfds: all are sent first, then their ends are waited for together.

#![expect(clippy::disallowed_methods, reason = "how long a process took to end")]

use super::pin::{Pin, Pinned, is_stopped, pin, runs_the_same};
use crate::{
    act::portable,
    model::{Order, Outcome, Signal, Started},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::pidfd_send_signal,
};
use std::time::{Duration, Instant};

const NEEDS: &str = "needs root or CAP_KILL: the process belongs to another user";
/// The shortest time that `KILL` is given: it takes a moment to free what a process holds.
const KILL_TAKES: Duration = Duration::from_secs(2);

/// An order that is under way.
#[derive(Debug)]
pub(in crate::act) enum Begun {
    /// Nothing is left to wait for.
    Done(Outcome),
    /// The signal was sent then; the process may end.
    Waiting(Pin, Instant),
}

/// Sends the signal of `order`, to the process that is held where one is.
pub(in crate::act) fn begin(order: &Order, held: Option<Pin>) -> Begun {
    let pin = match held {
        Some(pin) if pin.has_ended() => return Begun::Done(Outcome::Gone),
        Some(_) if !runs_the_same(&order.target) && !order.force => {
            return Begun::Done(Outcome::Refused(
                "it runs another program than when it was shown".into(),
            ));
        }
        Some(pin) => pin,
        None => match pin(&order.target) {
            Pinned::Held(pin) => pin,
            Pinned::Gone => return Begun::Done(Outcome::Gone),
            Pinned::Unsupported => return Begun::Done(without_pidfds(order)),
            Pinned::Failed(why) => return Begun::Done(Outcome::Failed(why)),
        },
    };
    let sent = Instant::now();
    match send(&pin, order.signal, order.target.key.pid) {
        Err(outcome) => Begun::Done(outcome),
        Ok(()) if order.signal.ends() => Begun::Waiting(pin, sent),
        Ok(()) => Begun::Done(Outcome::Signalled),
    }
}

/// Waits for the ends, and sends `KILL` where the order says so and the first signal was not enough.
pub(in crate::act) fn finish(orders: &[Order], begun: Vec<Begun>) -> Vec<Outcome> {
    let mut outcomes: Vec<Result<Outcome, Pin>> = begun
        .into_iter()
        .zip(orders)
        .map(|(begun, order)| match begun {
            Begun::Done(outcome) => Ok(outcome),
            Begun::Waiting(pin, sent) => {
                if ends_within(&pin, sent, order.patience) {
                    Ok(Outcome::Ended(sent.elapsed()))
                } else {
                    Err(pin)
                }
            }
        })
        .collect();
    let killed = Instant::now();
    for (outcome, order) in outcomes.iter_mut().zip(orders) {
        if let Err(pin) = outcome
            && order.then_kill
            && let Err(failed) = send(pin, Signal::Kill, order.target.key.pid)
        {
            *outcome = Ok(failed);
        }
    }
    outcomes
        .into_iter()
        .zip(orders)
        .map(|(outcome, order)| {
            outcome.unwrap_or_else(|pin| {
                if order.then_kill && ends_within(&pin, killed, order.patience.max(KILL_TAKES)) {
                    Outcome::Killed(killed.elapsed())
                } else if order.signal != Signal::Kill && is_stopped(order.target.key.pid) {
                    Outcome::Pending
                } else {
                    Outcome::Signalled
                }
            })
        })
        .collect()
}

fn send(pin: &Pin, signal: Signal, pid: u32) -> Result<(), Outcome> {
    pidfd_send_signal(pin.process(), native(signal)).map_err(|errno| match errno {
        Errno::SRCH => Outcome::Gone,
        Errno::PERM => Outcome::Denied(NEEDS.into()),
        errno => Outcome::Failed(format!("signal process {pid}: {errno}")),
    })
}

/// Here the comparison is made before the number is looked up again, which leaves a moment.
fn without_pidfds(order: &Order) -> Outcome {
    let target = order.target.key;
    match (target.started, portable::started_at(target.pid)) {
        (Started::Epoch(seconds), _) => portable::signal(order, seconds),
        (Started::Ticks(ticks), Some(seconds)) if super::started_at(target.pid) == Some(ticks) => {
            portable::signal(order, seconds)
        }
        (Started::Ticks(_), _) => Outcome::Gone,
    }
}

fn ends_within(pin: &Pin, since: Instant, patience: Duration) -> bool {
    loop {
        let left = patience.saturating_sub(since.elapsed());
        let timeout = Timespec::try_from(left).ok();
        let mut waiting = [PollFd::new(pin.process(), PollFlags::IN)];
        match poll(&mut waiting, timeout.as_ref()) {
            Ok(0) => return false,
            Ok(_) => return true,
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

fn native(signal: Signal) -> rustix::process::Signal {
    use rustix::process::Signal as Native;
    match signal {
        Signal::Term => Native::TERM,
        Signal::Kill => Native::KILL,
        Signal::Int => Native::INT,
        Signal::Hup => Native::HUP,
        Signal::Quit => Native::QUIT,
        Signal::Stop => Native::STOP,
        Signal::Cont => Native::CONT,
        Signal::Usr1 => Native::USR1,
        Signal::Usr2 => Native::USR2,
    }
}
