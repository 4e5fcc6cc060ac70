//! What the kernel's own pass over all open files tells: all at once where there is much to look at, and what `/proc`
//! keeps from us.

use super::{
    Owners,
    descriptors::{Descriptor, Listing, What, streams},
    look::{Look, Opened, TableId, look},
    seen::{Access, Seen, ThreadTable},
    tables::compare,
};
use crate::collect::linux::{pass::File, procfs::Procfs, stat::Stat, target::Target};
use rustix::{fs::fstat, io::Errno};
use std::mem;

/// With so many sockets, loading the pass costs less than looking through `/proc`.
const WORTH_A_PASS: usize = 20_000;
/// What was told of processes that we may not look at is asked again after so many looks.
const AGAIN: u32 = 30;

impl Owners {
    /// Looks at everybody by one pass, where that is worth it; `false` when it was not done.
    pub(super) fn look_at_everybody_at_once(&mut self, procfs: &Procfs) -> bool {
        if self.inodes.len() < WORTH_A_PASS
            || procfs.lists_few()
            || !self.pass.may_work()
            || !self.tells_lengths(procfs)
        {
            return false;
        }
        let Some(files) = self.pass.read() else {
            return false;
        };
        for pid in self.pids.clone() {
            let files = of_process(&files, pid);
            let inodes = &self.inodes;
            let is_wanted = |inode| inodes.is_wanted(inode);
            let told = told(procfs, pid, files, &is_wanted)
                .unwrap_or_else(|| look(procfs, pid, &mut self.reader, &is_wanted));
            let is_open = matches!(told, Look::Open(_));
            self.note(pid, told);
            if is_open {
                self.note_threads(pid, files);
            }
        }
        true
    }

    /// Asks the kernel what the processes have that do not let us look, when a socket is searched, when there are new
    /// ones, and now and then.
    pub(super) fn ask_of_refused(&mut self, procfs: &Procfs) {
        if procfs.lists_few() || !self.pass.may_work() || !self.has_to_ask() {
            return;
        }
        let Some(files) = self.pass.read() else {
            self.forget_what_was_told();
            return;
        };
        self.asked_at = self.looks;
        // One that has just begun is not known yet, and not hidden.
        self.hides_processes = files
            .chunk_by(|one, other| one.process == other.process)
            .filter_map(<[File]>::first)
            .filter(|file| !self.processes.contains_key(&file.process))
            .any(|file| procfs.process(file.process).is_err());
        for pid in self.pids_of(|seen| seen.access != Access::Open) {
            self.note_refused(procfs, pid, of_process(&files, pid));
        }
    }

    /// Drops what the pass told: nothing tells any more whether it is so still.
    fn forget_what_was_told(&mut self) {
        self.asked_at = 0;
        for pid in self.pids_of(|seen| seen.is_told) {
            let Some(table) = self.processes.get(&pid).map(|seen| seen.table) else {
                continue;
            };
            self.drop_process(pid);
            let seen = Seen::refused(pid, table, true, self.looks);
            self.processes.insert(pid, seen);
        }
    }

    fn pids_of(&self, is_meant: impl Fn(&Seen) -> bool) -> Vec<u32> {
        let meant = self.processes().filter(|seen| is_meant(seen));
        meant.map(|seen| seen.pid).collect()
    }

    /// Whether everything that processes hold is seen, also that of those that do not let us look.
    pub(in crate::collect::linux) fn sees_all(&self) -> bool {
        self.asked_at != 0 && !self.hides_processes && self.refused() == 0
    }

    fn has_to_ask(&self) -> bool {
        let mut refused = self.processes().filter(|seen| seen.access != Access::Open);
        // A server that hands its sockets to another closes its own a moment later.
        let is_due = self.inodes.has_fresh()
            || !self.shared_before.is_empty()
            || self.looks.wrapping_sub(self.asked_at) > AGAIN;
        refused.any(|seen| seen.hides_files() || is_due && seen.is_told)
    }

    /// Takes over what a process has that does not let us look.
    fn note_refused(&mut self, procfs: &Procfs, pid: u32, files: &[File]) {
        let Some(mut seen) = self.processes.remove(&pid) else {
            return;
        };
        let stat = seen.read_stat(procfs).ok();
        // Without files nothing tells when it started; but then it holds nothing either.
        let started = files.first().map(|file| file.started);
        let is_same = |stat: &Stat| started.is_none_or(|started| stat.ticks == started);
        if stat.as_ref().is_some_and(is_same) {
            let known = mem::take(&mut seen.descriptors);
            let descriptors = descriptors(files.iter().filter(|file| file.thread == pid));
            let streams = [0, 1, 2].map(|number| Some(stream(&descriptors, number)));
            let listing = Listing::of(descriptors, streams);
            self.take_over(&mut seen, known, listing);
            if seen.stat().is_none() && seen.sockets().any(|inode| self.inodes.is_wanted(inode)) {
                seen.identify(stat, self.looks);
            }
            seen.is_told = true;
        }
        let is_told = seen.is_told;
        self.processes.insert(pid, seen);
        if is_told {
            self.note_threads(pid, files);
        }
    }

    /// Takes over the tables of threads that have one of their own.
    fn note_threads(&mut self, pid: u32, files: &[File]) {
        let Some(seen) = self.processes.get_mut(&pid) else {
            return;
        };
        let mut before = mem::take(&mut seen.threads);
        let threads = files.chunk_by(|one, other| one.thread == other.thread);
        for files in threads {
            let Some(tid) = files
                .first()
                .map(|file| file.thread)
                .filter(|tid| *tid != pid)
            else {
                continue;
            };
            let descriptors = descriptors(files);
            let at = before.iter().position(|thread| thread.tid == tid);
            let known = at.map_or_else(Vec::new, |at| before.swap_remove(at).descriptors);
            compare(&mut self.inodes, pid, &known, &descriptors);
            seen.threads.push(ThreadTable { tid, descriptors });
        }
        for ended in before {
            compare(&mut self.inodes, pid, &ended.descriptors, &[]);
        }
    }
}

/// What a look at a process would show, by what the pass brought; `None` where the two do not go together, as when
/// something changed meanwhile.
fn told(
    procfs: &Procfs,
    pid: u32,
    files: &[File],
    is_wanted: &dyn Fn(u64) -> bool,
) -> Option<Look> {
    let directory = procfs.list_descriptors(pid).ok()?;
    let now = fstat(&directory).ok()?;
    let descriptors = descriptors(files.iter().filter(|file| file.thread == pid));
    if TableId::length(&now) != descriptors.len() {
        return None;
    }
    let streams = match streams(&directory) {
        Ok(streams) => streams.map(Some),
        Err(Errno::ACCESS) => return None,
        Err(_) => return Some(Look::Gone),
    };
    let wanted = |one: &Descriptor| matches!(one.what(), What::Socket(inode) if is_wanted(inode));
    let stat = if descriptors.iter().any(wanted) {
        let stat = Stat::beside(&directory).ok()?;
        if files.first().is_none_or(|file| file.started != stat.ticks) {
            return None;
        }
        Some(stat)
    } else {
        None
    };
    Some(Look::Open(Opened {
        table: TableId::of(&now),
        listing: Listing::of(descriptors, streams),
        directory: stat.is_some().then_some(directory),
        stat,
    }))
}

/// The files of one process, of all that are by process.
fn of_process(files: &[File], pid: u32) -> &[File] {
    let from = files.partition_point(|file| file.process < pid);
    let rest = files.get(from..).unwrap_or(&[]);
    let length = rest.partition_point(|file| file.process == pid);
    rest.get(..length).unwrap_or(&[])
}

fn descriptors<'a>(files: impl IntoIterator<Item = &'a File>) -> Vec<Descriptor> {
    let descriptor = |file: &File| Descriptor::new(file.descriptor, file.what);
    files.into_iter().map(descriptor).collect()
}

/// What a standard stream is, as far as the pass tells: it does not know terminals.
fn stream(descriptors: &[Descriptor], number: u32) -> Target {
    let at = descriptors.binary_search_by_key(&number, |one| one.number);
    let Some(one) = at.ok().and_then(|at| descriptors.get(at)) else {
        return Target::Closed;
    };
    match one.what() {
        What::Socket(inode) => Target::Socket(inode),
        What::Pipe(inode) => Target::Pipe(inode),
        What::Master | What::Other => Target::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(process: u32, descriptor: u32, what: What) -> File {
        File {
            process,
            thread: process,
            descriptor,
            what,
            started: 5,
        }
    }

    #[test]
    fn the_files_of_a_process_are_found_among_all() {
        let files = [
            file(3, 0, What::Other),
            file(7, 0, What::Socket(1)),
            file(7, 1, What::Pipe(2)),
            file(9, 0, What::Other),
        ];
        assert_eq!(of_process(&files, 7), files.get(1..3).unwrap());
        assert_eq!(of_process(&files, 8), []);
        assert_eq!(of_process(&[], 8), []);
    }

    #[test]
    fn streams_are_told_from_the_first_three() {
        let listed = descriptors(&[
            file(7, 0, What::Socket(1)),
            file(7, 1, What::Pipe(2)),
            file(7, 3, What::Socket(4)),
        ]);
        assert_eq!(stream(&listed, 0), Target::Socket(1));
        assert_eq!(stream(&listed, 1), Target::Pipe(2));
        assert_eq!(stream(&listed, 2), Target::Closed);
    }
}
