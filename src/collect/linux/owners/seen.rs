//! What is remembered of one process.

use super::{
    Hold,
    descriptors::{Descriptor, Streams, What},
    look::{Opened, TableId},
};
use crate::{
    collect::linux::{procfs::Procfs, stat::Stat, target::Target},
    model::ProcessKey,
};
use rustix::io::Errno;

/// A process that was looked at.
#[derive(Debug)]
pub(in crate::collect::linux) struct Seen {
    pub(in crate::collect::linux) pid: u32,
    /// Read when it was first seen to hold a wanted socket.
    stat: Option<Stat>,
    /// The look that was at.
    pub(super) identified_at: Option<u32>,
    pub(in crate::collect::linux) table: TableId,
    pub(super) access: Access,
    /// By number, ascending; while refused, as the kernel's pass told them.
    pub(super) descriptors: Vec<Descriptor>,
    /// We may not look, and the kernel's pass has told what it has.
    pub(super) is_told: bool,
    /// Threads that have a descriptor table of their own.
    pub(super) threads: Vec<ThreadTable>,
    pub(in crate::collect::linux) streams: Streams,
    /// Something of it changed that may show in other places too; counts up.
    pub(in crate::collect::linux) changes: u32,
    /// The looks at which it was last there, last probed, last listed.
    pub(super) alive_at: u32,
    pub(super) probed_at: u32,
    pub(super) listed_at: u32,
}

/// Whether we may look at the descriptors of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Yes.
    Open,
    /// No; and whether it can have any.
    Refused { has_files: bool },
}

/// The descriptor table of a thread that does not share that of its process.
#[derive(Debug)]
pub(super) struct ThreadTable {
    pub(super) tid: u32,
    pub(super) descriptors: Vec<Descriptor>,
}

impl Seen {
    pub(super) fn opened(pid: u32, look: u32) -> Self {
        Self {
            pid,
            stat: None,
            identified_at: None,
            table: TableId::default(),
            access: Access::Open,
            descriptors: Vec::new(),
            is_told: false,
            threads: Vec::new(),
            streams: [Target::Closed, Target::Closed, Target::Closed],
            changes: 0,
            alive_at: look,
            probed_at: look.wrapping_sub(1),
            listed_at: look,
        }
    }

    pub(super) fn refused(pid: u32, table: TableId, has_files: bool, look: u32) -> Self {
        Self {
            access: Access::Refused { has_files },
            table,
            ..Self::opened(pid, look)
        }
    }

    /// Whether a look found the process that this is about.
    pub(super) fn is_same(&self, opened: &Opened) -> bool {
        let started = |stat: &Stat| stat.ticks;
        let before = self.stat.as_ref().map(started);
        let now = opened.stat.as_ref().map(started);
        match (before, now) {
            (Some(before), Some(now)) => before == now,
            _ => self.table == opened.table,
        }
    }

    /// Reads who it is.
    ///
    /// # Errors
    ///
    /// [`Errno::SRCH`] where another process has its number now.
    pub(super) fn read_stat(&self, procfs: &Procfs) -> Result<Stat, Errno> {
        let process = procfs.process(self.pid)?;
        let stat = Stat::read(&process)?;
        // Looked at after the reading: then that was of the same process.
        let now = TableId::of(&procfs.descriptors_of(self.pid)?);
        if now == self.table {
            Ok(stat)
        } else {
            Err(Errno::SRCH)
        }
    }

    /// Notes who it is, when that was read in this look.
    pub(super) fn identify(&mut self, stat: Option<Stat>, look: u32) {
        if let Some(stat) = stat {
            self.stat = Some(stat);
            self.identified_at = Some(look);
        }
    }

    /// Who it is; known of every process that holds a wanted socket.
    pub(in crate::collect::linux) fn key(&self) -> Option<ProcessKey> {
        Some(self.stat.as_ref()?.key(self.pid))
    }

    /// What it said of itself when it was first seen to hold a wanted socket.
    pub(in crate::collect::linux) fn stat(&self) -> Option<&Stat> {
        self.stat.as_ref()
    }

    /// Its pipes, by inode, each with the descriptor.
    pub(in crate::collect::linux) fn pipes(&self) -> impl Iterator<Item = (u64, u32)> {
        self.descriptors.iter().filter_map(|one| match one.what() {
            What::Pipe(inode) => Some((inode, one.number)),
            What::Socket(_) | What::Master | What::Other => None,
        })
    }

    /// Its descriptors of the master side of pseudo-terminals.
    pub(in crate::collect::linux) fn masters(&self) -> impl Iterator<Item = u32> {
        let masters = self.descriptors.iter();
        masters
            .filter(|one| one.what() == What::Master)
            .map(|one| one.number)
    }

    /// Its sockets, by inode, each with the descriptor.
    pub(super) fn holds(&self) -> impl Iterator<Item = (u64, Hold)> {
        let threads = self.threads.iter().flat_map(|thread| &thread.descriptors);
        let all = self.descriptors.iter().chain(threads);
        all.filter_map(|one| held(self.pid, one))
    }

    /// The inodes of its sockets.
    pub(in crate::collect::linux) fn sockets(&self) -> impl Iterator<Item = u64> {
        self.holds().map(|(inode, _)| inode)
    }

    /// Whether it reads or writes a pipe or a terminal, or holds one.
    pub(super) fn has_plumbing(&self) -> bool {
        let is_pipe = |one: &Descriptor| matches!(one.what(), What::Pipe(_) | What::Master);
        self.streams.iter().any(is_piped) || self.descriptors.iter().any(is_pipe)
    }

    /// Whether it has descriptors that we do not see.
    pub(super) fn hides_files(&self) -> bool {
        self.access == Access::Refused { has_files: true } && !self.is_told
    }
}

/// The socket behind a descriptor of a process.
pub(super) fn held(pid: u32, one: &Descriptor) -> Option<(u64, Hold)> {
    let hold = Hold {
        pid,
        descriptor: one.number,
    };
    match one.what() {
        What::Socket(inode) => Some((inode, hold)),
        What::Pipe(_) | What::Master | What::Other => None,
    }
}

/// Whether a standard stream is a pipe or a terminal.
pub(super) fn is_piped(target: &Target) -> bool {
    matches!(
        target,
        Target::Pipe(_) | Target::Fifo(..) | Target::Terminal(_)
    )
}

#[cfg(test)]
impl Seen {
    /// A process that nobody looked at.
    pub(in crate::collect::linux) fn fake(pid: u32, stat: Option<Stat>, streams: Streams) -> Self {
        Self {
            stat,
            streams,
            ..Self::opened(pid, 0)
        }
    }

    /// Gives it a descriptor.
    pub(in crate::collect::linux) fn with(mut self, number: u32, what: What) -> Self {
        self.descriptors.push(Descriptor::new(number, what));
        self
    }
}
