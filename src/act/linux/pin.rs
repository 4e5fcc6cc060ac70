//! Holding on to a process through a pidfd.
//!
//! The pidfd comes first and the comparison second: from then on the number may be given to
//! another process, but the descriptor stays with the one that was compared.

use crate::model::{Started, Target, Text};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::OwnedFd,
    fs::{fstat, fstatfs},
    io::Errno,
    process::{Pid, PidfdFlags, pidfd_open},
};
use std::{fs, os::unix::ffi::OsStrExt as _, sync::Arc};

/// The type of the file system that pidfds live in since Linux 6.9; before, they all share one inode.
const PIDFS: i128 = 0x5049_4446;

/// A process that is held.
#[derive(Debug, Clone)]
pub(in crate::act) struct Pin {
    process: Arc<OwnedFd>,
    /// Its number in pidfs.
    pub(in crate::act) pidfs: Option<u64>,
}

/// How holding on went.
#[derive(Debug)]
pub(in crate::act) enum Pinned {
    /// It is held.
    Held(Pin),
    /// It has gone, or its number belongs to another one.
    Gone,
    /// There are no pidfds: kernels before 5.3, and sandboxes that refuse them.
    Unsupported,
    /// It could not be tried.
    Failed(String),
}

impl Pin {
    /// The descriptor.
    pub(super) fn process(&self) -> &OwnedFd {
        &self.process
    }

    /// Whether nothing but remains is left, which a pidfd tells by becoming readable.
    pub(super) fn has_ended(&self) -> bool {
        let mut waiting = [PollFd::new(&*self.process, PollFlags::IN)];
        matches!(poll(&mut waiting, Some(&Timespec::default())), Ok(1..))
    }
}

/// Holds on to `target`, when the process with its number is still the one that was shown.
pub(in crate::act) fn pin(target: &Target) -> Pinned {
    let pid = target.key.pid;
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return Pinned::Failed(format!("{pid} is no process"));
    };
    let process = match pidfd_open(number, PidfdFlags::empty()) {
        Ok(process) => process,
        // INVAL, NOENT: the number of a thread that is no process, so the process is gone.
        Err(Errno::SRCH | Errno::INVAL | Errno::NOENT) => return Pinned::Gone,
        Err(Errno::NOSYS | Errno::PERM) => return Pinned::Unsupported,
        Err(errno) => return Pinned::Failed(format!("open process {pid}: {errno}")),
    };
    let pin = Pin {
        pidfs: number_in_pidfs(&process),
        process: Arc::new(process),
    };
    let is_another = target
        .pidfs
        .zip(pin.pidfs)
        .is_some_and(|(shown, now)| shown != now);
    if is_another || !started_then(target) || !runs_the_same(target) || pin.has_ended() {
        return Pinned::Gone;
    }
    Pinned::Held(pin)
}

fn number_in_pidfs(process: &OwnedFd) -> Option<u64> {
    let system = fstatfs(process).ok()?;
    let inode = fstat(process).ok()?.st_ino;
    (i128::from(system.f_type) == PIDFS).then_some(inode)
}

fn started_then(target: &Target) -> bool {
    let pid = target.key.pid;
    match target.key.started {
        Started::Ticks(ticks) => started_at(pid) == Some(ticks),
        Started::Epoch(seconds) => crate::act::portable::started_at(pid) == Some(seconds),
    }
}

/// Start time in ticks; `None` when it is gone.
pub(in crate::act) fn started_at(pid: u32) -> Option<u64> {
    let fields = stat_fields(pid)?;
    // The first of them is the third field of the line, the start is the twenty-second.
    fields.split_ascii_whitespace().nth(22 - 3)?.parse().ok()
}

/// Whether the process is stopped, by a signal or a debugger.
pub(super) fn is_stopped(pid: u32) -> bool {
    stat_fields(pid).is_some_and(|fields| fields.trim_start().starts_with(['T', 't']))
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
pub(super) fn runs_the_same(target: &Target) -> bool {
    let Some(shown) = &target.executable else {
        return true;
    };
    let Ok(path) = fs::read_link(format!("/proc/{}/exe", target.key.pid)) else {
        return true;
    };
    let path = path.as_os_str().as_bytes();
    let unmarked = path.strip_suffix(b" (deleted)").unwrap_or(path);
    Text::from_bytes(path) == *shown || Text::from_bytes(unmarked) == *shown
}
