//! Which processes hold which sockets, from `/proc/*/fd`, kept up to date at the price of what changed.
//!
//! The first look goes over every descriptor. After it, a socket that nobody was seen to hold is looked for where it
//! most likely is, and in ever more places while it is not found: in new processes; under the numbers just freed in
//! processes that lost a socket or listen on its port; in processes whose number of descriptors changed; and at last,
//! within a budget, everywhere. What a whole round does not bring is parked.
//!
//! Besides, every look goes on where the one before stopped and lists some processes anew, so what was handed
//! from one process to another is found although no number tells.
//!
//! Pipes and terminals are noted on the way: they later show whether a shell is driven through an owner.

mod descriptors;
mod inodes;
mod look;
mod search;
mod seen;
mod tables;
mod threads;
mod told;

pub(super) use descriptors::What;
pub(super) use descriptors::{Streams, streams};
pub(super) use look::TableId;
pub(super) use seen::Seen;

use super::{
    numbers::ByNumber,
    pass::Pass,
    procfs::{Population, Procfs},
};
use crate::model::{Few, Owner, ProcessKey};
use descriptors::Reader;
use inodes::{Hold, Inodes};
use look::{Look, lacks_room, look, look_at_all};
use rustix::{
    fd::OwnedFd,
    io::Errno,
    process::{Resource, getrlimit},
};
use std::{collections::HashMap, mem, time::Duration};

/// Directories of descriptors, by process.
pub(super) type Open = HashMap<u32, OwnedFd, ByNumber>;

/// Who holds what.
#[derive(Debug)]
pub(super) struct Owners {
    processes: HashMap<u32, Seen, ByNumber>,
    inodes: Inodes,
    reader: Reader,
    /// The directories of processes that were just found to hold a wanted socket, and the most of them.
    open: Open,
    most_open: usize,
    /// The processes there were at the last look, in the kernel's order.
    pids: Vec<u32>,
    /// What there was when they were listed, and the look that was at.
    population: Option<Population>,
    listed_all_at: u32,
    /// Processes first seen at the last look: they may still be getting ready.
    young: Vec<u32>,
    /// Shared sockets whose holders are made sure of once more.
    shared_before: Vec<u64>,
    /// Looks so far.
    looks: u32,
    /// Where the next look goes on with the cheap check, and with listing.
    checked_to: usize,
    listed_to: usize,
    /// Processes listed whole, one after the other, so far.
    listed: u64,
    /// What listing those took that nobody suspected, as far as the looks since have not made up for it.
    owed: Duration,
    /// A pipe, a terminal or a standard stream changed.
    plumbing_changed: bool,
    /// Whether this kernel says how many descriptors a table has, once asked.
    tells_lengths: Option<bool>,
    /// Places of sockets that the last look did not bring.
    in_vain: Vec<u32>,
    /// The last look was the first.
    is_first: bool,
    /// The kernel's own pass over all files.
    pass: Pass,
    /// The look at which it was last asked of processes that do not let us look; 0 for never.
    asked_at: u32,
    /// It brought processes that `/proc` does not list for us.
    hides_processes: bool,
}

/// After so many looks the processes are listed again, though nothing tells that one came or went.
const LIST_AGAIN: u32 = 8;
/// The most sockets that [`Owners::take_in_vain`] names.
const MOST_IN_VAIN: usize = 1024;
/// The most directories that are left open for a moment, and the part of those that the system permits: with more than
/// 64 files of ours the kernel makes a larger table, and lets both threads wait for that.
const MOST_OPEN: u64 = 32;
const PART_OPEN: u64 = 4;

fn most_open() -> usize {
    let permitted = getrlimit(Resource::Nofile).current;
    let most = permitted.map_or(MOST_OPEN, |permitted| MOST_OPEN.min(permitted / PART_OPEN));
    usize::try_from(most).unwrap_or(0)
}

impl Owners {
    /// Nobody was seen yet.
    pub(super) fn new() -> Self {
        Self {
            processes: HashMap::default(),
            inodes: Inodes::default(),
            reader: Reader::new(),
            open: Open::default(),
            most_open: most_open(),
            pids: Vec::new(),
            population: None,
            listed_all_at: 0,
            young: Vec::new(),
            shared_before: Vec::new(),
            looks: 0,
            checked_to: 0,
            listed_to: 0,
            listed: 0,
            owed: Duration::ZERO,
            plumbing_changed: false,
            tells_lengths: None,
            in_vain: Vec::new(),
            is_first: true,
            pass: Pass::default(),
            asked_at: 0,
            hides_processes: false,
        }
    }

    /// These processes were seen.
    #[cfg(test)]
    pub(super) fn of(processes: impl IntoIterator<Item = Seen>) -> Self {
        let mut owners = Self::new();
        for seen in processes {
            owners.pids.push(seen.pid);
            owners.processes.insert(seen.pid, seen);
        }
        owners
    }

    /// Whether anybody was looked at yet.
    pub(super) fn has_looked(&self) -> bool {
        self.looks > 0
    }

    /// Makes room for so many more sockets.
    pub(super) fn expect(&mut self, sockets: usize) {
        self.inodes.expect(sockets);
    }

    /// Notes that the kernel's tables were read as a whole; what they brought is asked for next.
    pub(super) fn pass(&mut self) {
        self.inodes.pass();
    }

    /// Asks for the holders of a socket, which is kept at `place`.
    pub(super) fn want(&mut self, inode: u64, place: u32) {
        self.inodes.want(inode, place);
    }

    /// Drops the socket that was kept at `place` and is no more; returns the processes that held it.
    pub(super) fn forget(&mut self, inode: u64, place: u32) -> impl Iterator<Item = u32> + use<> {
        let holds = self.inodes.forget(inode, place);
        holds.into_iter().map(|hold| hold.pid)
    }

    /// Takes the places of the sockets whose holders changed, each once.
    pub(super) fn take_changed(&mut self) -> Vec<u32> {
        self.inodes.take_changed()
    }

    /// Takes whether a pipe, a terminal or a standard stream of any process changed.
    pub(super) fn take_plumbing_changed(&mut self) -> bool {
        mem::take(&mut self.plumbing_changed)
    }

    /// Takes the places of sockets that the last look brought no holder of, at most so many as can be made sure of.
    pub(super) fn take_in_vain(&mut self) -> Vec<u32> {
        mem::take(&mut self.in_vain)
    }

    /// Who holds a socket, by process and descriptor. A process that turns out to have ended holds nothing.
    pub(super) fn owners_of(&mut self, procfs: &Procfs, inode: u64) -> Few<Owner> {
        if let [hold] = *self.inodes.holds(inode) {
            let owner = self.key_of(procfs, hold.pid).map(|process| Owner {
                process,
                fds: Few::One(hold.descriptor),
            });
            return owner.into_iter().collect();
        }
        let mut holds = self.inodes.holds(inode).to_vec();
        holds.sort_unstable();
        holds.dedup();
        let mut owners: Vec<Owner> = Vec::with_capacity(1);
        for hold in holds {
            let Some(process) = self.key_of(procfs, hold.pid) else {
                continue;
            };
            match owners.last_mut().filter(|last| last.process == process) {
                Some(last) => last.fds.push(hold.descriptor),
                None => owners.push(Owner {
                    process,
                    fds: Few::One(hold.descriptor),
                }),
            }
        }
        owners.into()
    }

    /// Looks at a process again when its standard streams are not what they were; returns the listing of its
    /// descriptors, where that can be opened.
    pub(super) fn make_sure_of_streams(&mut self, procfs: &Procfs, pid: u32) -> Option<OwnedFd> {
        let descriptors = procfs.list_descriptors(pid).ok()?;
        let now = streams(&descriptors);
        let has_moved = |seen: &Seen| now.is_ok_and(|now| now != seen.streams);
        if self.processes.get(&pid).is_some_and(has_moved) {
            self.look_at(procfs, pid);
        }
        Some(descriptors)
    }

    /// Who a process is; it is forgotten when it has ended.
    fn key_of(&mut self, procfs: &Procfs, pid: u32) -> Option<ProcessKey> {
        let seen = self.processes.get_mut(&pid)?;
        if let Some(key) = seen.key() {
            return Some(key);
        }
        match seen.read_stat(procfs) {
            Ok(stat) => {
                seen.identify(Some(stat), self.looks);
                return seen.key();
            }
            Err(errno) if lacks_room(errno) => self.leave_unread(pid),
            Err(_) => self.drop_process(pid),
        }
        None
    }

    /// Whether the last look was the first to find out who a process is.
    pub(super) fn is_new(&self, seen: &Seen) -> bool {
        seen.identified_at == Some(self.looks)
    }

    /// A process that is there.
    pub(super) fn process(&self, pid: u32) -> Option<&Seen> {
        self.processes.get(&pid)
    }

    /// Takes the directories of descriptors that are open still, by process.
    pub(super) fn take_open(&mut self) -> Open {
        mem::take(&mut self.open)
    }

    /// The processes there were at the last look, also those that are not read, in the kernel's order.
    pub(super) fn pids(&self) -> &[u32] {
        &self.pids
    }

    /// The processes that are there, in the kernel's order.
    pub(super) fn processes(&self) -> impl Iterator<Item = &Seen> {
        self.pids.iter().filter_map(|pid| self.processes.get(pid))
    }

    /// Processes whose descriptors we may not read; threads of the kernel, which have none, are not counted.
    pub(super) fn refused(&self) -> u32 {
        let refused = self.processes().filter(|seen| seen.hides_files());
        u32::try_from(refused.count()).unwrap_or(u32::MAX)
    }

    /// Looks at what changed, and where what is new most likely is. `hints` are processes that have likely opened a
    /// socket just now.
    ///
    /// # Errors
    ///
    /// When `/proc` cannot be listed.
    pub(super) fn look(&mut self, procfs: &Procfs, hints: &[u32]) -> Result<(), Errno> {
        let population = procfs.population().filter(|_| !procfs.lists_few());
        let is_same = population.is_some() && population == self.population;
        if !is_same || self.looks.wrapping_sub(self.listed_all_at) >= LIST_AGAIN {
            self.pids = procfs.pids()?;
            self.population = population;
            self.listed_all_at = self.looks;
        }
        self.looks = self.looks.wrapping_add(1);
        self.is_first = self.processes.is_empty();
        if self.is_first {
            self.look_at_everybody(procfs);
            if population.is_none() || procfs.population() != population {
                self.pids = procfs.pids()?;
            }
            if procfs.lists_few() {
                for pid in self.pids.clone() {
                    self.look_at_threads(procfs, pid);
                }
            }
        }
        self.inodes.begin_search();
        self.bury();
        self.greet(procfs);
        if !self.is_first {
            self.check_some(procfs);
        }
        self.make_sure_of_shared(procfs);
        self.probe_some(procfs, hints);
        self.in_vain = self.searched();
        Ok(())
    }

    /// Goes on with a look, in ever more places, while anything is searched that it has not brought.
    pub(super) fn look_further(&mut self, procfs: &Procfs, hints: &[u32]) {
        self.search(procfs, hints);
        self.ask_of_refused(procfs);
        self.in_vain = self.searched();
        // After the first look, which went everywhere, and one at what changed meanwhile, the search is over.
        let round = if self.is_first { 0 } else { self.pids.len() };
        self.inodes
            .end_look(self.listed, self.listed + round as u64);
    }

    fn searched(&self) -> Vec<u32> {
        self.inodes.searched().take(MOST_IN_VAIN).collect()
    }

    /// Reads again what a process has, which somebody else saw to have changed.
    pub(super) fn look_again_at(&mut self, procfs: &Procfs, pid: u32) {
        if self.processes.contains_key(&pid) {
            self.look_at(procfs, pid);
        }
    }

    fn look_at_everybody(&mut self, procfs: &Procfs) {
        if self.look_at_everybody_at_once(procfs) {
            return;
        }
        let inodes = &self.inodes;
        let is_wanted = |inode| inodes.is_wanted(inode);
        let looks = look_at_all(procfs, &self.pids, self.most_open, &is_wanted);
        for (pid, look) in looks {
            self.note(pid, look);
        }
    }

    /// Drops the processes that have ended.
    fn bury(&mut self) {
        for pid in &self.pids {
            if let Some(seen) = self.processes.get_mut(pid) {
                seen.alive_at = self.looks;
            }
        }
        if self.processes.len() == self.pids.len() {
            // Nobody ended unless somebody came as well, whom `greet` finds missing.
            let everybody = self.pids.iter().all(|pid| self.processes.contains_key(pid));
            if everybody {
                return;
            }
        }
        let mut ended: Vec<u32> = self
            .processes
            .values()
            .filter(|seen| seen.alive_at != self.looks)
            .map(|seen| seen.pid)
            .collect();
        ended.sort_unstable();
        for pid in ended {
            self.drop_process(pid);
        }
    }

    /// Looks at the processes that are new, and once more at those that were new the last time.
    fn greet(&mut self, procfs: &Procfs) {
        for pid in mem::take(&mut self.young) {
            if self.processes.contains_key(&pid) {
                self.look_at(procfs, pid);
            }
        }
        let new: Vec<u32> = self
            .pids
            .iter()
            .copied()
            .filter(|pid| !self.processes.contains_key(pid))
            .collect();
        for pid in &new {
            self.look_at(procfs, *pid);
        }
        self.young = new;
    }

    /// Looks at a process as a whole.
    fn look_at(&mut self, procfs: &Procfs, pid: u32) {
        let inodes = &self.inodes;
        let look = look(procfs, pid, &mut self.reader, &|inode| {
            inodes.is_wanted(inode)
        });
        self.note(pid, look);
        self.look_at_known_threads(procfs, pid);
    }

    /// Takes over what a look at a whole process showed.
    fn note(&mut self, pid: u32, look: Look) {
        match look {
            Look::Gone => self.drop_process(pid),
            Look::NoRoom(table) => {
                // What is known of it still holds.
                let is_known =
                    |seen: &Seen| seen.access == seen::Access::Open && seen.table == table;
                if !self.processes.get(&pid).is_some_and(is_known) {
                    self.leave_unread(pid);
                }
            }
            Look::Refused { table, has_files } => {
                let is_same = |seen: &&mut Seen| seen.is_told && seen.table == table;
                if let Some(seen) = self.processes.get_mut(&pid).filter(is_same) {
                    seen.listed_at = self.looks;
                    return;
                }
                self.drop_process(pid);
                let seen = Seen::refused(pid, table, has_files, self.looks);
                self.processes.insert(pid, seen);
            }
            Look::Open(opened) => {
                let is_same = |seen: &Seen| seen.is_same(&opened);
                if !self.processes.get(&pid).is_some_and(is_same) {
                    self.drop_process(pid);
                }
                let seen = self.processes.remove(&pid);
                let mut seen = seen.unwrap_or_else(|| Seen::opened(pid, self.looks));
                seen.table = opened.table;
                seen.access = seen::Access::Open;
                seen.is_told = false;
                seen.identify(opened.stat, self.looks);
                if self.open.len() < self.most_open {
                    self.open.extend(opened.directory.map(|open| (pid, open)));
                }
                let known = mem::take(&mut seen.descriptors);
                self.take_over(&mut seen, known, opened.listing);
                seen.listed_at = self.looks;
                self.processes.insert(pid, seen);
            }
        }
    }

    /// Notes a process that is there and could not be looked at; no table is like this one's, so it is looked at again
    /// each time its turn comes.
    fn leave_unread(&mut self, pid: u32) {
        self.drop_process(pid);
        let seen = Seen::refused(pid, TableId::default(), true, self.looks);
        self.processes.insert(pid, seen);
    }

    fn drop_process(&mut self, pid: u32) {
        self.open.remove(&pid);
        let Some(seen) = self.processes.remove(&pid) else {
            return;
        };
        self.plumbing_changed |= seen.has_plumbing();
        for (inode, hold) in seen.holds() {
            self.inodes.release(inode, hold);
        }
    }
}

#[cfg(test)]
mod tests;
