//! Threads that have a descriptor table of their own, after `unshare(CLONE_FILES)`.
//!
//! Nothing cheap tells them from the others, so they are looked for only while a socket is searched that no process
//! was found to hold, in the first look as well; once found, they are listed whenever their process is.

use super::{
    Owners,
    descriptors::{Descriptor, probe},
    seen::{Access, Seen, ThreadTable},
    tables::compare,
};
use crate::collect::linux::procfs::{ProcDir, Procfs};
use rustix::{fd::AsFd, fs::fstat};
use std::mem;

/// The most threads of a process that are looked at.
const MOST: usize = 256;
/// So many descriptors are compared where the lengths of two tables are the same: the highest, which change most.
const COMPARED: usize = 8;

impl Owners {
    /// Looks for threads of a process that do not share its table.
    pub(super) fn look_at_threads(&mut self, procfs: &Procfs, pid: u32) {
        let Ok(process) = procfs.process(pid) else {
            return;
        };
        let Ok(mut tids) = process.threads(MOST) else {
            return;
        };
        tids.retain(|tid| *tid != pid);
        self.list_threads(&process, pid, &tids);
    }

    /// Looks again at the threads of a process that had a table of their own.
    pub(super) fn look_at_known_threads(&mut self, procfs: &Procfs, pid: u32) {
        let seen = self.processes.get(&pid);
        // Of those that do not let us look, the kernel's pass tells.
        let is_open = |seen: &&Seen| seen.access == Access::Open && !seen.threads.is_empty();
        let Some(seen) = seen.filter(is_open) else {
            return;
        };
        let tids: Vec<u32> = seen.threads.iter().map(|thread| thread.tid).collect();
        if let Ok(process) = procfs.process(pid) {
            self.list_threads(&process, pid, &tids);
        }
    }

    /// Lists the threads `tids`, and keeps those whose table differs from that of the process.
    fn list_threads(&mut self, process: &ProcDir, pid: u32, tids: &[u32]) {
        let Some(seen) = self.processes.get_mut(&pid) else {
            return;
        };
        let mut before = mem::take(&mut seen.threads);
        if tids.is_empty() && before.is_empty() {
            return;
        }
        let mut now = Vec::new();
        for tid in tids {
            let Ok(directory) = process.thread_descriptors(*tid) else {
                continue;
            };
            if shares(&directory, &seen.descriptors) {
                continue;
            }
            if let Ok(listing) = self.reader.list(&directory, &[], 0, |_| false) {
                now.push(ThreadTable {
                    tid: *tid,
                    descriptors: listing.descriptors,
                });
            }
        }
        for thread in &now {
            let at = before.iter().position(|other| other.tid == thread.tid);
            let known = at.map(|at| before.swap_remove(at).descriptors);
            compare(
                &mut self.inodes,
                pid,
                known.as_deref().unwrap_or(&[]),
                &thread.descriptors,
            );
        }
        for ended in before {
            compare(
                &mut self.inodes,
                pid,
                &ended.descriptors,
                &[] as &[Descriptor],
            );
        }
        seen.threads = now;
    }
}

/// Whether a thread most likely shares the table of its process, in which there is `known`.
fn shares(directory: impl AsFd, known: &[Descriptor]) -> bool {
    let length = fstat(&directory).map_or(0, |stat| stat.st_size);
    if usize::try_from(length) != Ok(known.len()) {
        return false;
    }
    let is_same = |one: &Descriptor| probe(&directory, one.number) == Ok(Some(one.what()));
    known.iter().rev().take(COMPARED).all(is_same)
}
