//! A look at one process: its descriptors, and who it is when it holds a socket that somebody asks about.

use super::descriptors::{Descriptor, Listing, Reader, What};
use crate::collect::linux::{procfs::Procfs, stat::Stat};
use rustix::{fd::OwnedFd, fs::fstat, io::Errno};
use std::{
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// The most threads a first look is shared by: the kernel's locks let more gain nothing.
const MOST_THREADS: usize = 2;
/// With fewer processes, making a thread costs more than it brings.
const WORTH_A_THREAD: usize = 48;

/// What a look at a process showed.
#[derive(Debug)]
pub(super) enum Look {
    /// Its descriptors.
    Open(Opened),
    /// We may not look.
    Refused {
        table: TableId,
        /// It can have descriptors at all: it is no thread of the kernel, and has not ended.
        has_files: bool,
    },
    /// We had no room to look, above all no descriptor left; which table it has is known all the same.
    NoRoom(TableId),
    /// It has ended.
    Gone,
}

/// A process that let us look.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) table: TableId,
    pub(super) listing: Listing,
    /// Read only when it holds a wanted socket.
    pub(super) stat: Option<Stat>,
    /// What was listed, then too, for whoever reads more of the process.
    pub(super) directory: Option<OwnedFd>,
}

/// What tells a descriptor table from that of another process under the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::collect::linux) struct TableId {
    /// Inode of its directory: another process has another one.
    pub(super) inode: u64,
    /// Who may look at it.
    pub(super) uid: u32,
}

/// Looks at a process as a whole. `is_wanted` says of an inode whether somebody asks for that socket.
pub(super) fn look(
    procfs: &Procfs,
    pid: u32,
    reader: &mut Reader,
    is_wanted: &dyn Fn(u64) -> bool,
) -> Look {
    let directory = match procfs.list_descriptors(pid) {
        Ok(directory) => directory,
        Err(Errno::ACCESS | Errno::PERM) => return refused(procfs, pid),
        Err(errno) => return failed(procfs, pid, errno),
    };
    let Ok(stat) = fstat(&directory) else {
        return Look::Gone;
    };
    let table = TableId::of(&stat);
    let listing = match reader.read(&directory, TableId::length(&stat)) {
        Ok(listing) => listing,
        Err(Errno::ACCESS) => return refused(procfs, pid),
        Err(errno) => return failed(procfs, pid, errno),
    };
    let wanted = |one: &Descriptor| matches!(one.what(), What::Socket(inode) if is_wanted(inode));
    let stat = if listing.descriptors.iter().any(wanted) {
        match Stat::beside(&directory) {
            Ok(stat) => Some(stat),
            // Gone between the two reads: then its sockets are not held by it any more either.
            Err(errno) => return failed(procfs, pid, errno),
        }
    } else {
        None
    };
    Look::Open(Opened {
        table,
        listing,
        directory: stat.is_some().then_some(directory),
        stat,
    })
}

/// Whether it failed for want of room of our own: that says nothing of what was looked for.
pub(super) fn lacks_room(errno: Errno) -> bool {
    matches!(errno, Errno::MFILE | Errno::NFILE | Errno::NOMEM)
}

/// A process that could not be read has ended, unless that was for want of room: who is only not read is not to pass for
/// nobody.
fn failed(procfs: &Procfs, pid: u32, errno: Errno) -> Look {
    match procfs.descriptors_of(pid) {
        Ok(stat) if lacks_room(errno) => Look::NoRoom(TableId::of(&stat)),
        Ok(_) | Err(_) => Look::Gone,
    }
}

fn refused(procfs: &Procfs, pid: u32) -> Look {
    let process = match procfs.process(pid) {
        Ok(process) => process,
        Err(errno) => return failed(procfs, pid, errno),
    };
    let Ok(stat) = procfs.descriptors_of(pid) else {
        return Look::Gone;
    };
    let has_files =
        Stat::read(&process).is_ok_and(|stat| !stat.kernel_thread && stat.state != b'Z');
    Look::Refused {
        table: TableId::of(&stat),
        has_files,
    }
}

/// Looks at many processes, on two threads where there are that many processors. Leaves so many directories open.
pub(super) fn look_at_all(
    procfs: &Procfs,
    pids: &[u32],
    most_open: usize,
    is_wanted: &(dyn Fn(u64) -> bool + Sync),
) -> Vec<(u32, Look)> {
    let (next, left_open) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut reader = Reader::new();
        let mut looks = Vec::with_capacity(pids.len() / 2);
        while let Some(pid) = pids.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut look = look(procfs, *pid, &mut reader, is_wanted);
            if let Look::Open(opened) = &mut look
                && opened.directory.is_some()
                && left_open.fetch_add(1, Ordering::Relaxed) >= most_open
            {
                opened.directory = None;
            }
            looks.push((*pid, look));
        }
        looks
    };
    // Asked only where it matters: the answer takes a look at five files.
    let processors = || thread::available_parallelism().map_or(1, NonZero::get);
    if pids.len() < WORTH_A_THREAD || processors().min(MOST_THREADS) < 2 {
        return work();
    }
    thread::scope(|scope| {
        let other = thread::Builder::new()
            .name("owners".into())
            .spawn_scoped(scope, work);
        let mut looks = work();
        // A thread that could not be made, or that panicked, leaves its part to nobody: what it had taken is looked
        // at again when it is missed.
        if let Some(more) = other.ok().and_then(|other| other.join().ok()) {
            looks.extend(more);
        }
        looks
    })
}

impl TableId {
    /// How many descriptors there are, where the kernel tells (Linux 6.2 and later).
    pub(super) fn length(stat: &rustix::fs::Stat) -> usize {
        usize::try_from(stat.st_size).unwrap_or(0)
    }

    pub(in crate::collect::linux) fn of(stat: &rustix::fs::Stat) -> Self {
        Self {
            inode: stat.st_ino,
            uid: stat.st_uid,
        }
    }
}
