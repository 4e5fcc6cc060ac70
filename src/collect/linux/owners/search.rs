//! Looking for what nobody was seen to hold, in the likeliest places first; and going over everything little by little.

use super::{Owners, look::TableId, seen::Access, tables::Trust};
use crate::collect::linux::procfs::Procfs;
use rustix::time::{ClockId, clock_gettime};
use std::{mem, time::Duration};

/// The most processes that are checked cheaply in each look: by the number of their descriptors.
const CHECKED: usize = 64;
/// How long the processes with another number of descriptors may be listed in a look when nothing is searched.
const FOR_CHANGED: Duration = Duration::from_millis(1);
/// How long each look lists processes that it has no reason to suspect, taken over many looks: one with a long table
/// takes longer, so the looks behind it leave it at that.
const FOR_EVERYBODY: Duration = Duration::from_micros(100);
/// What the looks behind it make up for at most: whoever holds a million descriptors is not to hide all the others.
const MOST_OWED: Duration = FOR_EVERYBODY.saturating_mul(100);
/// How long a look may list processes while a socket is searched that the likely places did not bring.
const FOR_SEARCH: Duration = Duration::from_millis(5);
/// How long threads may be looked at in the first look, which is the only one of a command.
const FOR_THREADS: Duration = Duration::from_millis(10);
/// How long likely processes may be listed, files and all.
const FOR_LIKELY: Duration = Duration::from_millis(2);
/// The most shared sockets whose holders are made sure of in one look.
const MOST_SHARED: usize = 64;
/// A process that we may not look at is asked again after so many looks.
const PATIENCE: u32 = 256;

/// A budget of processor time of this thread.
#[derive(Debug, Clone, Copy)]
struct Budget {
    end: Duration,
}

impl Budget {
    fn of(time: Duration) -> Self {
        Self {
            end: spent() + time,
        }
    }

    fn is_left(self) -> bool {
        spent() < self.end
    }
}

/// The processor time that this thread has used.
fn spent() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// What a cheap check of a process says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checked {
    /// Nothing speaks for a change.
    Same,
    /// It has more or fewer descriptors.
    Changed,
    /// It is another process, or others may look at it now.
    Other,
}

impl Owners {
    /// Checks the next processes in turn, and lists those that changed.
    pub(super) fn check_some(&mut self, procfs: &Procfs) {
        let budget = Budget::of(FOR_CHANGED);
        for _ in 0..self.pids.len().min(CHECKED) {
            self.checked_to = (self.checked_to + 1) % self.pids.len();
            let Some(pid) = self.pids.get(self.checked_to).copied() else {
                return;
            };
            match self.check(procfs, pid) {
                Checked::Same => self.look_at_known_threads(procfs, pid),
                Checked::Other => self.look_at(procfs, pid),
                Checked::Changed if budget.is_left() => self.list(procfs, pid, Trust::Numbers),
                Checked::Changed => return,
            }
        }
    }

    /// Makes sure of the holders of sockets that have come to be shared, at once and at the next look: a server that
    /// has given a connection to its child closes its own descriptor a moment later.
    pub(super) fn make_sure_of_shared(&mut self, procfs: &Procfs) {
        let mut now = self.inodes.take_shared();
        now.sort_unstable();
        now.dedup();
        now.truncate(MOST_SHARED);
        let before = mem::replace(&mut self.shared_before, now.clone());
        for inode in before.into_iter().chain(now) {
            for hold in self.inodes.holds(inode).to_vec() {
                if !procfs.is_socket(hold.pid, hold.descriptor, inode) {
                    self.list(procfs, hold.pid, Trust::Sockets);
                }
            }
        }
        // What this look itself found to be shared was made sure of by it.
        drop(self.inodes.take_shared());
    }

    /// Probes the likeliest processes while anything is searched.
    pub(super) fn probe_some(&mut self, procfs: &Procfs, hints: &[u32]) {
        for pid in hints {
            if !self.inodes.is_searching() {
                break;
            }
            self.probe(procfs, *pid);
        }
    }

    /// Looks for what nobody was seen to hold in other places; `hints` were probed.
    pub(super) fn search(&mut self, procfs: &Procfs, hints: &[u32]) {
        if self.inodes.is_searching() {
            self.search_changed(procfs);
        }
        let budget = Budget::of(FOR_LIKELY);
        for pid in hints {
            if !self.inodes.is_searching() || !budget.is_left() {
                break;
            }
            self.list(procfs, *pid, Trust::Sockets);
        }
        if self.is_first {
            self.search_threads(procfs);
            return;
        }
        if self.inodes.is_searching() && self.inodes.has_begun() {
            self.list_some(procfs, Budget::of(FOR_SEARCH), true);
            return;
        }
        let began = spent();
        if let Some(time) = FOR_EVERYBODY.checked_sub(self.owed) {
            self.list_some(procfs, Budget::of(time), false);
        }
        let owed = self.owed + spent().saturating_sub(began);
        self.owed = owed.saturating_sub(FOR_EVERYBODY).min(MOST_OWED);
    }

    /// Goes on in those processes whose number of descriptors changed.
    fn search_changed(&mut self, procfs: &Procfs) {
        for pid in self.pids.clone() {
            if !self.inodes.is_searching() {
                return;
            }
            let is_checked = |seen: &super::Seen| seen.listed_at == self.looks;
            if self.process(pid).is_none_or(is_checked) {
                continue;
            }
            match self.check(procfs, pid) {
                Checked::Same => {}
                Checked::Other => self.look_at(procfs, pid),
                Checked::Changed => self.list(procfs, pid, Trust::Numbers),
            }
        }
    }

    /// Lists processes whole, in turn, as far as the budget goes; those with threads more closely in a search.
    fn list_some(&mut self, procfs: &Procfs, budget: Budget, is_search: bool) {
        for _ in 0..self.pids.len() {
            if !budget.is_left() {
                return;
            }
            self.listed_to = (self.listed_to + 1) % self.pids.len();
            self.listed += 1;
            let Some(pid) = self.pids.get(self.listed_to).copied() else {
                return;
            };
            if self
                .processes
                .get(&pid)
                .is_some_and(|seen| seen.access == Access::Open)
            {
                self.list(procfs, pid, Trust::Nothing);
                if is_search {
                    self.look_at_threads(procfs, pid);
                }
            }
        }
    }

    /// Looks for threads with a table of their own while anything is searched that no process was found to hold.
    fn search_threads(&mut self, procfs: &Procfs) {
        let budget = Budget::of(FOR_THREADS);
        for pid in self.pids.clone() {
            if !self.inodes.is_searching() || !budget.is_left() {
                return;
            }
            let seen = self.processes.get(&pid);
            if seen.is_some_and(|seen| seen.access == Access::Open) && procfs.has_threads(pid) {
                self.look_at_threads(procfs, pid);
            }
        }
    }

    fn check(&mut self, procfs: &Procfs, pid: u32) -> Checked {
        let Some(seen) = self.processes.get_mut(&pid) else {
            return Checked::Same;
        };
        let Ok(stat) = procfs.descriptors_of(pid) else {
            return Checked::Other;
        };
        let is_same = seen.table == TableId::of(&stat);
        if let Access::Refused { has_files } = seen.access {
            let waited = self.looks.wrapping_sub(seen.listed_at);
            let asks_again = !is_same || has_files && waited > PATIENCE;
            return if asks_again {
                Checked::Other
            } else {
                Checked::Same
            };
        }
        let length = u64::try_from(stat.st_size).unwrap_or(0);
        match (is_same, length == seen.descriptors.len() as u64) {
            (true, true) => Checked::Same,
            // Kernels before 6.2 do not tell; then only the turn of everybody brings news.
            (true, false) if length == 0 && !self.tells_lengths(procfs) => Checked::Same,
            (true, false) => Checked::Changed,
            (false, _) => Checked::Other,
        }
    }

    /// Whether this kernel says how many descriptors a table has: we have at least that of `/proc`.
    pub(super) fn tells_lengths(&mut self, procfs: &Procfs) -> bool {
        *self
            .tells_lengths
            .get_or_insert_with(|| procfs.own_descriptors().is_ok_and(|stat| stat.st_size > 0))
    }
}
