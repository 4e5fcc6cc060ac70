//! Bringing what is known of one process up to date: listing, probing, comparing.

use super::{
    Owners,
    descriptors::{Descriptor, Listing, What, probe},
    inodes::Inodes,
    look::TableId,
    seen::{Access, Seen, held, is_piped},
};
use crate::collect::linux::{procfs::Procfs, stat::Stat};
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::fstat,
    io::Errno,
};
use std::mem;

/// So many numbers in a row that are not open end a probe.
const MISSES: u32 = 3;

/// What of a table is believed without a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nothing.
    Nothing,
    /// Sockets that the last pass brought and that have no other holder.
    Sockets,
    /// These, and everything that passes do not bring.
    Numbers,
}

impl Owners {
    /// Lists a process anew; as a whole when another one runs under its number.
    pub(super) fn list(&mut self, procfs: &Procfs, pid: u32, trust: Trust) {
        let Some(seen) = self.processes.get(&pid) else {
            return;
        };
        if seen.access != Access::Open || trust == Trust::Nothing {
            self.look_at(procfs, pid);
            return;
        }
        let Ok((directory, table, room)) = opened(procfs, pid) else {
            self.look_at(procfs, pid);
            return;
        };
        let Some(mut seen) = self
            .processes
            .remove(&pid)
            .filter(|seen| seen.table == table)
        else {
            self.look_at(procfs, pid);
            return;
        };
        let known = mem::take(&mut seen.descriptors);
        let inodes = &self.inodes;
        let listing = self
            .reader
            .list(&directory, &known, room, |one| match one.what() {
                What::Socket(inode) => {
                    let is_there = match trust {
                        Trust::Numbers => inodes.has(inode),
                        Trust::Sockets | Trust::Nothing => inodes.is_wanted(inode),
                    };
                    is_there && inodes.holds(inode).len() < 2
                }
                What::Pipe(_) | What::Master | What::Other => trust == Trust::Numbers,
            });
        let Ok(listing) = listing else {
            seen.descriptors = known;
            self.processes.insert(pid, seen);
            self.look_at(procfs, pid);
            return;
        };
        self.take_over(&mut seen, known, listing);
        seen.listed_at = self.looks;
        if !self.identify(&mut seen, || Stat::beside(&directory).ok()) {
            self.processes.insert(pid, seen);
            self.drop_process(pid);
            return;
        }
        self.processes.insert(pid, seen);
    }

    /// Looks under the numbers that a process has just freed, and under the next ones it will be given: the kernel hands
    /// out the lowest free number.
    pub(super) fn probe(&mut self, procfs: &Procfs, pid: u32) {
        let Some(seen) = self.processes.get_mut(&pid) else {
            return;
        };
        if seen.access != Access::Open || seen.probed_at == self.looks {
            return;
        }
        seen.probed_at = self.looks;
        let Ok((directory, table, length)) = opened(procfs, pid) else {
            return;
        };
        let Some(mut seen) = self
            .processes
            .remove(&pid)
            .filter(|seen| seen.table == table)
        else {
            self.look_at(procfs, pid);
            return;
        };
        let known = mem::take(&mut seen.descriptors);
        let mut probed = self.freed(&directory, &known);
        self.gaps(&directory, &mut probed);
        let has_more = probed.len() < length;
        let listing = Listing::of(probed, [None, None, None]);
        self.take_over(&mut seen, known, listing);
        let is_there = self.identify(&mut seen, || Stat::beside(&directory).ok());
        self.processes.insert(pid, seen);
        if !is_there {
            self.drop_process(pid);
        } else if has_more && self.inodes.is_searching() {
            self.list(procfs, pid, Trust::Numbers);
        }
    }

    /// Looks again at the descriptors of sockets that are gone or that others hold as well.
    fn freed(&self, directory: impl AsFd, known: &[Descriptor]) -> Vec<Descriptor> {
        let mut probed = Vec::with_capacity(known.len() + 8);
        for one in known {
            let in_doubt = match one.what() {
                What::Socket(inode) => {
                    !self.inodes.has(inode) || self.inodes.holds(inode).len() > 1
                }
                What::Pipe(_) | What::Master | What::Other => false,
            };
            if !in_doubt {
                probed.push(*one);
                continue;
            }
            match probe(&directory, one.number) {
                Ok(Some(what)) => probed.push(Descriptor::new(one.number, what)),
                Ok(None) => {}
                Err(_) => probed.push(*one),
            }
        }
        probed
    }

    /// Looks under the numbers that nothing is known of, up to some behind the highest.
    fn gaps(&self, directory: impl AsFd, probed: &mut Vec<Descriptor>) {
        let mut found = Vec::new();
        let mut known = probed.iter().peekable();
        let mut misses = 0;
        for number in 0.. {
            if misses == MISSES || !self.inodes.is_searching() {
                break;
            }
            if known.next_if(|one| one.number == number).is_some() {
                continue;
            }
            match probe(&directory, number) {
                Ok(Some(what)) => {
                    misses = 0;
                    found.push(Descriptor::new(number, what));
                }
                Ok(None) => misses += 1,
                Err(_) => break,
            }
        }
        if !found.is_empty() {
            probed.extend(found);
            probed.sort_unstable_by_key(|one| one.number);
        }
    }

    /// Reads who a process is, when it has come to hold a wanted socket; `false` when it has ended.
    fn identify(&self, seen: &mut Seen, read: impl FnOnce() -> Option<Stat>) -> bool {
        if seen.stat().is_some() || !seen.sockets().any(|inode| self.inodes.is_wanted(inode)) {
            return true;
        }
        let stat = read();
        let is_there = stat.is_some();
        seen.identify(stat, self.looks);
        is_there
    }

    /// Makes `listing` what is known of `seen`, in place of `known`.
    pub(super) fn take_over(&mut self, seen: &mut Seen, known: Vec<Descriptor>, listing: Listing) {
        let mut plumbing = compare(&mut self.inodes, seen.pid, &known, &listing.descriptors);
        for (stream, now) in seen.streams.iter_mut().zip(listing.streams) {
            if let Some(now) = now.filter(|now| now != stream) {
                plumbing |= is_piped(stream) || is_piped(&now);
                *stream = now;
                seen.changes = seen.changes.wrapping_add(1);
            }
        }
        self.plumbing_changed |= plumbing;
        if plumbing || known.len() != listing.descriptors.len() {
            seen.changes = seen.changes.wrapping_add(1);
        }
        seen.descriptors = listing.descriptors;
        drop(known);
    }
}

/// Opens the listing of a process's descriptors; says which table that is, and how long.
fn opened(procfs: &Procfs, pid: u32) -> Result<(OwnedFd, TableId, usize), Errno> {
    let directory = procfs.list_descriptors(pid)?;
    let stat = fstat(&directory)?;
    Ok((directory, TableId::of(&stat), TableId::length(&stat)))
}

/// Tells the index what changed between two listings of one table, both by number; returns whether pipes did.
pub(super) fn compare(
    inodes: &mut Inodes,
    pid: u32,
    before: &[Descriptor],
    now: &[Descriptor],
) -> bool {
    let mut plumbing = false;
    let mut is_pipe = |one: &Descriptor| {
        plumbing |= matches!(one.what(), What::Pipe(_) | What::Master);
    };
    let mut gone = Vec::new();
    let mut before = before.iter().peekable();
    for one in now {
        while let Some(lower) = before.next_if(|lower| lower.number < one.number) {
            is_pipe(lower);
            gone.extend(held(pid, lower));
        }
        if let Some(same) = before.next_if(|same| same.number == one.number) {
            if same.what() == one.what() {
                if let What::Socket(inode) = one.what() {
                    inodes.prove(inode);
                }
                continue;
            }
            is_pipe(same);
            gone.extend(held(pid, same));
        }
        is_pipe(one);
        if let Some((inode, hold)) = held(pid, one) {
            inodes.hold(inode, hold);
        }
    }
    for rest in before {
        is_pipe(rest);
        gone.extend(held(pid, rest));
    }
    for (inode, hold) in gone {
        inodes.release(inode, hold);
    }
    plumbing
}
