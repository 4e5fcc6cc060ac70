//! Signals through pidfds.
//!
//! The pidfd comes first and the comparison second: from then on the number may be given to
//! another process, but the descriptor stays with the one that was compared.

#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "how long a process took to end")]

use crate::model::{Order, Outcome, Signal, Text};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::OwnedFd,
    io::Errno,
    process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal},
};
use std::{
    fs,
    os::unix::ffi::OsStrExt as _,
    time::{Duration, Instant},
};

const NEEDS: &str = "needs root or CAP_KILL: the process belongs to another user";

/// Carries `order` out if `is_target` still holds for its number.
///
/// `None` where there are no pidfds: kernels before 5.3, and sandboxes that refuse them.
pub(super) fn signal(order: &Order, is_target: impl Fn(u32) -> bool) -> Option<Outcome> {
    let pid = order.target.pid;
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return Some(Outcome::Refused(format!("{pid} is no process")));
    };
    let process = match pidfd_open(number, PidfdFlags::empty()) {
        Ok(process) => process,
        // INVAL, NOENT: the number of a thread that is no process, so the process is gone.
        Err(Errno::SRCH | Errno::INVAL | Errno::NOENT) => return Some(Outcome::Gone),
        Err(Errno::NOSYS | Errno::PERM) => return None,
        Err(errno) => return Some(Outcome::Failed(format!("open process {pid}: {errno}"))),
    };
    if !is_target(pid) || !runs_the_same(order) || has_ended(&process) {
        return Some(Outcome::Gone);
    }
    Some(send(order, &process))
}

fn send(order: &Order, process: &OwnedFd) -> Outcome {
    let pid = order.target.pid;
    let sent = Instant::now();
    match pidfd_send_signal(process, native(order.signal)) {
        Ok(()) => {}
        Err(Errno::SRCH) => return Outcome::Gone,
        Err(Errno::PERM) => return Outcome::Denied(NEEDS.into()),
        Err(errno) => return Outcome::Failed(format!("signal process {pid}: {errno}")),
    }
    if !order.signal.ends() {
        return Outcome::Signalled;
    }
    if ends_within(process, sent, order.patience) {
        Outcome::Ended(sent.elapsed())
    } else {
        Outcome::Signalled
    }
}

/// Start time in ticks; `None` when it is gone.
pub(super) fn started_at(pid: u32) -> Option<u64> {
    let fields = stat_fields(pid)?;
    // The first of them is the third field of the line, the start is the twenty-second.
    fields.split_ascii_whitespace().nth(22 - 3)?.parse().ok()
}

/// What stands behind the name in `/proc/PID/stat`; the name may hold anything.
fn stat_fields(pid: u32) -> Option<String> {
    let line = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let close = line.iter().rposition(|byte| *byte == b')')?;
    let fields = line.get(close + 1..)?;
    Some(String::from_utf8_lossy(fields).into_owned())
}

/// Whether the process runs the executable it ran when it was shown.
///
/// Where that was not or is not visible, the start time has to do. A file that was deleted
/// meanwhile is still the same.
fn runs_the_same(order: &Order) -> bool {
    let Some(shown) = &order.executable else {
        return true;
    };
    let Ok(path) = fs::read_link(format!("/proc/{}/exe", order.target.pid)) else {
        return true;
    };
    let path = path.as_os_str().as_bytes();
    let unmarked = path.strip_suffix(b" (deleted)").unwrap_or(path);
    Text::from_bytes(path) == *shown || Text::from_bytes(unmarked) == *shown
}

fn has_ended(process: &OwnedFd) -> bool {
    ends_within(process, Instant::now(), Duration::ZERO)
}

/// Waits until the process is no more than remains, which a pidfd tells by becoming readable.
fn ends_within(process: &OwnedFd, since: Instant, patience: Duration) -> bool {
    loop {
        let left = patience.saturating_sub(since.elapsed());
        let timeout = Timespec::try_from(left).ok();
        let mut waiting = [PollFd::new(process, PollFlags::IN)];
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
