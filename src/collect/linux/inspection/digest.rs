//! The checksum of the file that a process runs, read through the process itself.
//!
//! On a thread of its own: a file system that does not answer must not hold up whoever asks.

#![expect(
    clippy::disallowed_methods,
    reason = "waits for its thread, but not for ever"
)]

use super::super::{checks::FileId, executable::unseen, procfs::ProcDir};
use crate::{
    collect::programs,
    model::{Fact, Text, Unseen, inspection::FileDigest},
};
use rustix::{
    fs::{OFlags, fstat},
    io::Errno,
};
use std::{
    collections::HashMap,
    fs::File,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// The most checksums that are remembered.
const MOST: usize = 256;
/// Larger than any program; what is larger is not read.
const LARGEST: u64 = 1 << 30;
/// After so long a thread gives up by itself.
const PATIENCE: Duration = Duration::from_mins(1);

/// Checksums by what tells a file from every other, so that each is read once.
#[derive(Debug, Default)]
pub(super) struct Digests {
    known: HashMap<FileId, Fact<FileDigest>>,
    /// The one that is being read.
    pending: Option<(FileId, Receiver<Fact<FileDigest>>)>,
}

impl Digests {
    /// The checksum of the file that a process runs; waits for it at most for `within`.
    pub(super) fn of(&mut self, process: &ProcDir, within: Duration) -> Fact<FileDigest> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let opened = process.open(c"exe", flags);
        let stat = opened.and_then(|file| Ok((fstat(&file)?, file)));
        let (stat, file) = match stat {
            Ok(both) => both,
            Err(errno) => return Fact::Unknown(unseen(errno)),
        };
        let id = FileId::of(&stat);
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        if u64::try_from(stat.st_size).is_ok_and(|size| size > LARGEST) {
            return Fact::Unknown(Unseen::NotAsked);
        }
        if self.pending.as_ref().is_none_or(|(other, _)| *other != id) {
            match start(File::from(file), id) {
                Some(receiver) => self.pending = Some((id, receiver)),
                None => return Fact::Unknown(Unseen::NotSupported),
            }
        }
        self.wait(id, within)
    }

    fn wait(&mut self, id: FileId, within: Duration) -> Fact<FileDigest> {
        let Some((_, receiver)) = &self.pending else {
            return Fact::Unknown(Unseen::NotYet);
        };
        match receiver.recv_timeout(within) {
            Ok(found) => {
                self.pending = None;
                if found.is_known() && self.known.len() < MOST {
                    self.known.insert(id, found.clone());
                }
                found
            }
            Err(RecvTimeoutError::Timeout) => Fact::Unknown(Unseen::NotYet),
            Err(RecvTimeoutError::Disconnected) => {
                self.pending = None;
                Fact::Unknown(Unseen::NotSupported)
            }
        }
    }
}

/// Starts the thread; `None` when the system has none left.
fn start(file: File, id: FileId) -> Option<Receiver<Fact<FileDigest>>> {
    let (report, done) = channel();
    let work = move || {
        let until = Instant::now() + PATIENCE;
        // Nobody waits for it any more when the dashboard was left.
        drop(report.send(read(&file, id, until)));
    };
    let thread = thread::Builder::new().name("sha256".into());
    thread.spawn(work).ok()?;
    Some(done)
}

fn read(file: &File, id: FileId, until: Instant) -> Fact<FileDigest> {
    let found = programs::sha256(file, LARGEST, || Instant::now() < until);
    // A file that is written to while it is read has no checksum.
    let is_same = fstat(file).is_ok_and(|stat| FileId::of(&stat) == id);
    match found {
        Ok(_) if !is_same => Fact::Unknown(Unseen::Gone),
        Ok((sha256, bytes)) => Fact::Known(FileDigest {
            sha256: Text::from(sha256),
            bytes,
        }),
        Err(error) => Fact::Unknown(why(&error)),
    }
}

fn why(error: &io::Error) -> Unseen {
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    errno.map_or(Unseen::NotYet, unseen)
}
