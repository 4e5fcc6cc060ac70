//! Signals through sysinfo, where there is nothing better.
//!
//! Between the comparison and the signal the number can be given to another process; only the
//! Linux leaf rules that out.

#![expect(clippy::disallowed_methods, reason = "how long a process took to end")]

use crate::model::{Order, Outcome, Signal, Text};
use std::{
    sync::mpsc,
    time::{Duration, Instant},
};
use sysinfo::{
    Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind,
};

/// How often a process that was asked to end is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Carries `order` out if the process still has this start time.
pub(super) fn signal(order: &Order, seconds: u64) -> Outcome {
    let pid = Pid::from_u32(order.target.key.pid);
    let Some(system) = load(pid) else {
        return Outcome::Failed("sysinfo does not know this platform".into());
    };
    let Some(process) = system.process(pid).filter(|process| is(process, seconds)) else {
        return Outcome::Gone;
    };
    if !runs_the_same(process, order) {
        return Outcome::Gone;
    }
    let sent = Instant::now();
    match process.kill_with(native(order.signal)) {
        None => {
            let name = order.signal.name();
            return Outcome::Failed(format!("this platform has no {name} signal"));
        }
        Some(false) => return Outcome::Denied("needs more privilege, or it has just ended".into()),
        Some(true) => {}
    }
    if order.signal.ends() && ends_within(pid, seconds, sent, order.patience) {
        Outcome::Ended(sent.elapsed())
    } else {
        Outcome::Signalled
    }
}

/// Start time in seconds since 1970; `None` when it is gone or only its remains are left.
pub(super) fn started_at(pid: u32) -> Option<u64> {
    let pid = Pid::from_u32(pid);
    let system = load(pid)?;
    let process = system.process(pid).filter(|process| is_alive(process))?;
    Some(process.start_time())
}

/// The parent of a process.
pub(super) fn parent_of(pid: u32) -> Option<u32> {
    let pid = Pid::from_u32(pid);
    load(pid)?.process(pid)?.parent().map(Pid::as_u32)
}

fn load(pid: Pid) -> Option<System> {
    let mut system = System::new().ok()?;
    let kind = ProcessRefreshKind::nothing()
        .without_tasks()
        .with_exe(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    Some(system)
}

fn is(process: &Process, seconds: u64) -> bool {
    is_alive(process) && process.start_time() == seconds
}

fn is_alive(process: &Process) -> bool {
    !matches!(
        process.status(),
        ProcessStatus::Zombie | ProcessStatus::Dead
    )
}

fn runs_the_same(process: &Process, order: &Order) -> bool {
    let (Some(shown), Some(path)) = (&order.target.executable, process.exe()) else {
        return true;
    };
    Text::from_bytes(path.as_os_str().as_encoded_bytes()) == *shown
}

fn ends_within(pid: Pid, seconds: u64, since: Instant, patience: Duration) -> bool {
    // Nobody sends: the channel is a sleep that holds no lock and needs no platform.
    let (_nobody, pause) = mpsc::channel::<()>();
    loop {
        if started_at(pid.as_u32()) != Some(seconds) {
            return true;
        }
        if since.elapsed() >= patience {
            return false;
        }
        _ = pause.recv_timeout(LOOK);
    }
}

fn native(signal: Signal) -> sysinfo::Signal {
    use sysinfo::Signal as Native;
    match signal {
        Signal::Term => Native::Term,
        Signal::Kill => Native::Kill,
        Signal::Int => Native::Interrupt,
        Signal::Hup => Native::Hangup,
        Signal::Quit => Native::Quit,
        Signal::Stop => Native::Stop,
        Signal::Cont => Native::Continue,
        Signal::Usr1 => Native::User1,
        Signal::Usr2 => Native::User2,
    }
}
