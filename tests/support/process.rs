//! Processes that a test starts, and that never outlive it.

use super::{
    deadline::until,
    json::sockets,
    skip::{installed, skip},
};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
};

/// A process that is ended, by its id, when this is dropped: and with it those that it started,
/// such as the workers of a daemon. They share a group of their own.
#[derive(Debug)]
pub(crate) struct Spawned(Child);

impl Spawned {
    /// Starts `command` with nothing to read and nowhere to write.
    pub(crate) fn quietly(command: &mut Command) -> Self {
        let quiet = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        Self(
            quiet
                .spawn()
                .unwrap_or_else(|error| panic!("{command:?}: {error}")),
        )
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        until("the end of a process", || {
            self.0
                .try_wait()
                .unwrap()
                .ok_or_else(|| format!("pid {} in state {:?}", self.0.id(), state(self.0.id())))
        })
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        }
        drop(self.0.wait());
    }
}

/// Returns the letter of a process's state in `/proc/PID/stat`: `T` when it is stopped.
pub(crate) fn state(pid: u32) -> Option<char> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat).into_owned();
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Returns a netcat that takes `-l ADDRESS PORT`.
pub(crate) fn netcat() -> Option<PathBuf> {
    let found = installed(&["nc.openbsd", "ncat", "nc"])?;
    let real = fs::canonicalize(found).ok()?;
    let name = real.file_name()?.to_str()?;
    matches!(name, "nc.openbsd" | "ncat" | "nc").then_some(real)
}

/// Starts a Python, and waits until so many sockets match.
pub(crate) fn python_that(
    test: &str,
    script: &str,
    filter: &[&str],
    count: usize,
) -> Option<Spawned> {
    let Some(python) = installed(&["python3"]) else {
        skip(test, "needs python3");
        return None;
    };
    let child = Spawned::quietly(Command::new(python).args(["-c", script]));
    until("the sockets of a Python", || {
        let open = sockets(filter);
        let owned = open
            .iter()
            .filter(|one| one["processes"][0]["pid"].is_number());
        (owned.count() == count)
            .then_some(())
            .ok_or_else(|| format!("{open:#?}"))
    });
    Some(child)
}
