//! Runs a program for a few words of it: from fixed places, with a list of words, bounded in time and in what is read.

#![expect(
    clippy::disallowed_methods,
    reason = "when it took too long, it is ended"
)]

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use std::{
    io::{ErrorKind, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where programs may lie. Not `PATH`: who may set that must not choose what root runs.
pub(super) const PLACES: [&str; 2] = ["/usr/bin", "/bin"];

/// How often it is looked at when it has said everything and did not end.
const LOOK: Duration = Duration::from_millis(5);
const PIECE: usize = 4096;

/// How much is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds<'a> {
    /// The folders that it may lie in.
    pub(super) places: &'a [&'a str],
    /// How long it may take.
    pub(super) patience: Duration,
    /// The most bytes that are read of it; one that says more is ended.
    pub(super) most: usize,
}

/// What a program said before it ended.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: ExitStatus,
    pub(super) words: Vec<u8>,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Ran {
    /// It said so much, or as much of it as is read.
    Said(Said),
    /// It is not installed, or may not be started.
    Absent,
    /// It took too long.
    TooLong,
}

/// Runs the program `name` with these words; what it says about errors is not read.
pub(super) fn run(name: &str, words: &[&str], bounds: Bounds<'_>) -> Ran {
    let mut paths = bounds
        .places
        .iter()
        .map(|place| Path::new(place).join(name));
    let Some(program) = paths.find(|path| path.is_file()) else {
        return Ran::Absent;
    };
    let end = Instant::now() + bounds.patience;
    let child = Command::new(program)
        .args(words)
        .env_clear()
        // Its words are read.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        return Ran::Absent;
    };
    let said = child
        .stdout
        .take()
        .and_then(|out| read(out, bounds.most, end));
    let status = said.as_ref().and_then(|_| wait(&mut child, end));
    if let (Some(words), Some(status)) = (said, status) {
        return Ran::Said(Said { status, words });
    }
    drop(child.kill());
    drop(child.wait());
    Ran::TooLong
}

/// Reads what comes until its end, or until there is `most` of it; `None` when that took until `end`.
fn read(mut out: ChildStdout, most: usize, end: Instant) -> Option<Vec<u8>> {
    let mut words = vec![];
    let mut piece = [0; PIECE];
    while words.len() < most {
        let left = end.checked_duration_since(Instant::now())?;
        let left = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(&out, PollFlags::IN)], left.as_ref()) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return None,
        }
        match out.read(&mut piece) {
            Ok(0) => return Some(words),
            Ok(length) => words.extend_from_slice(piece.get(..length)?),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    words.truncate(most);
    Some(words)
}

/// Waits for the end of `child` until `end`.
fn wait(child: &mut Child, end: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => thread::sleep(LOOK),
            Ok(None) | Err(_) => return None,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};
    use tempfile::TempDir;

    /// A folder with a program of this name that runs these lines.
    pub(in super::super) fn scripted(name: &str, lines: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    #[test]
    fn a_program_that_is_not_there_is_absent() {
        let bounds = Bounds {
            places: &["/nowhere"],
            patience: Duration::from_secs(1),
            most: 9,
        };
        assert!(matches!(run("rpm", &[], bounds), Ran::Absent));
    }
}
