//! Which descriptors stand for which socket: the index from inodes to holders.
//!
//! Every socket that a process was seen to hold is in it, also one that no dump has brought yet, and every socket that
//! a dump has brought, also one that nobody was seen to hold.

use crate::{collect::linux::numbers::ByNumber, model::Few};
use std::{
    collections::{HashMap, HashSet},
    mem,
    num::NonZero,
    slice,
};

/// Stands for no place.
const NOWHERE: u32 = u32::MAX;

/// The number of the first pass.
const FIRST: NonZero<u32> = NonZero::<u32>::MIN;

/// A descriptor of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::collect::linux) struct Hold {
    pub(in crate::collect::linux) pid: u32,
    pub(in crate::collect::linux) descriptor: u32,
}

impl Hold {
    /// Stands for no descriptor.
    const NONE: Self = Self {
        pid: 0,
        descriptor: 0,
    };
    /// Stands for more than one, which are kept elsewhere.
    const MANY: Self = Self {
        pid: 0,
        descriptor: 1,
    };
}

/// One socket: 16 bytes, since there are as many as sockets on this machine.
#[derive(Debug)]
struct Entry {
    /// Where whoever asks for owners keeps the socket; [`NOWHERE`] when nobody asks.
    place: u32,
    /// The pass before which it was first seen to be held, until it was seen again after one that has not brought it:
    /// then it is of a kind that passes do not bring, as UNIX sockets.
    unproven: Option<NonZero<u32>>,
    /// Or [`Hold::NONE`], or [`Hold::MANY`].
    hold: Hold,
}

const _: () = assert!(size_of::<Entry>() == 16);

/// The index.
#[derive(Debug, Default)]
pub(super) struct Inodes {
    entries: HashMap<u64, Entry, ByNumber>,
    /// The descriptors of sockets that have more than one.
    several: HashMap<u64, Vec<Hold>, ByNumber>,
    /// Wanted sockets whose holders are looked for, each with how many processes must have been listed whole before
    /// we believe that they cannot be seen; `None` until that is begun.
    searched: HashMap<u64, Option<u64>, ByNumber>,
    /// Wanted sockets that a whole round has not found.
    parked: HashSet<u64, ByNumber>,
    /// More places of sockets that share an inode, by inode: the connections that carry one of MPTCP.
    more: HashMap<u64, Vec<u32>, ByNumber>,
    /// Places whose holders changed.
    changed: Vec<u32>,
    /// Wanted sockets that came to be held by another process as well.
    shared: Vec<u64>,
    /// Passes over the kernel's tables so far; `None` before the first.
    passes: Option<NonZero<u32>>,
    /// Somebody was looked at: what has no holder by now is searched.
    has_looked: bool,
}

impl Inodes {
    /// Makes room for so many more sockets.
    pub(super) fn expect(&mut self, sockets: usize) {
        self.entries.reserve(sockets);
    }

    /// Searches what is wanted and has no holder from now on; until then that is not looked for one by one.
    pub(super) fn begin_search(&mut self) {
        if mem::replace(&mut self.has_looked, true) {
            return;
        }
        let wanted = self.entries.iter();
        let unheld = wanted.filter(|(_, entry)| entry.place != NOWHERE && entry.hold == Hold::NONE);
        self.searched
            .extend(unheld.map(|(inode, _)| (*inode, None)));
    }

    /// Notes that all sockets there are were read.
    pub(super) fn pass(&mut self) {
        let next = self
            .passes
            .map_or(Some(FIRST), |passes| passes.checked_add(1));
        self.passes = next.or(Some(FIRST));
    }

    /// The number of the last pass; the highest there is before the first.
    fn now(&self) -> NonZero<u32> {
        self.passes.unwrap_or(NonZero::<u32>::MAX)
    }

    /// Asks for the holders of a socket, which is kept at `place`.
    pub(super) fn want(&mut self, inode: u64, place: u32) {
        let entry = self.entries.entry(inode).or_insert_with(Entry::nobodys);
        if entry.place != NOWHERE && entry.place != place {
            self.more.entry(inode).or_default().push(entry.place);
        }
        entry.place = place;
        if entry.hold != Hold::NONE {
            self.changed.push(place);
        } else if self.has_looked {
            self.searched.insert(inode, None);
        }
    }

    /// Drops the socket that was kept at `place` and is no more; returns who held it.
    pub(super) fn forget(&mut self, inode: u64, place: u32) -> Few<Hold> {
        if let Some(more) = self.more.get_mut(&inode) {
            let entry = self.entries.get_mut(&inode);
            if let Some(entry) = entry.filter(|entry| entry.place == place) {
                entry.place = more.pop().unwrap_or(NOWHERE);
            } else {
                more.retain(|other| *other != place);
            }
            if more.is_empty() {
                self.more.remove(&inode);
            }
            return Few::default();
        }
        self.searched.remove(&inode);
        self.parked.remove(&inode);
        match self.entries.remove(&inode).map(|entry| entry.hold) {
            None | Some(Hold::NONE) => Few::default(),
            Some(Hold::MANY) => self.several.remove(&inode).unwrap_or_default().into(),
            Some(hold) => Few::One(hold),
        }
    }

    /// Whether nothing speaks against a socket of this number being there still: not when a pass should have brought it
    /// and has not.
    pub(super) fn has(&self, inode: u64) -> bool {
        let entry = self.entries.get(&inode);
        entry.is_some_and(|entry| entry.place != NOWHERE || entry.unproven.is_none())
    }

    /// Notes that a socket is still held.
    pub(super) fn prove(&mut self, inode: u64) {
        let now = self.now();
        let entry = self.entries.get_mut(&inode);
        if let Some(entry) = entry.filter(|entry| entry.unproven.is_some_and(|at| at != now)) {
            entry.unproven = None;
        }
    }

    /// Whether somebody asks for its holders.
    pub(super) fn is_wanted(&self, inode: u64) -> bool {
        let entry = self.entries.get(&inode);
        entry.is_some_and(|entry| entry.place != NOWHERE)
    }

    /// The descriptors that stand for a socket.
    pub(super) fn holds(&self, inode: u64) -> &[Hold] {
        match self.entries.get(&inode).map(|entry| &entry.hold) {
            None | Some(&Hold::NONE) => &[],
            Some(&Hold::MANY) => self.several.get(&inode).map_or(&[], Vec::as_slice),
            Some(hold) => slice::from_ref(hold),
        }
    }

    /// Notes a descriptor.
    pub(super) fn hold(&mut self, inode: u64, hold: Hold) {
        let now = self.now();
        let entry = self.entries.entry(inode).or_insert_with(Entry::nobodys);
        let (place, before) = (entry.place, entry.hold);
        let mut is_shared = false;
        if before == Hold::NONE {
            entry.unproven = Some(now);
            entry.hold = hold;
        } else {
            entry.hold = Hold::MANY;
            let holds = self.several.entry(inode).or_default();
            if before != Hold::MANY {
                holds.push(before);
            }
            is_shared = holds.iter().any(|other| other.pid != hold.pid);
            holds.push(hold);
        }
        if place == NOWHERE {
            return;
        }
        self.changed.push(place);
        self.changed
            .extend(self.more.get(&inode).into_iter().flatten());
        if is_shared {
            self.shared.push(inode);
        } else if self.has_looked && before == Hold::NONE && self.searched.remove(&inode).is_none()
        {
            self.parked.remove(&inode);
        }
    }

    /// Notes that a descriptor stands for this socket no longer.
    pub(super) fn release(&mut self, inode: u64, hold: Hold) {
        let Some(entry) = self.entries.get_mut(&inode) else {
            return;
        };
        if entry.hold == Hold::MANY {
            let holds = self.several.entry(inode).or_default();
            if let Some(at) = holds.iter().position(|other| *other == hold) {
                holds.swap_remove(at);
            }
            if let [last] = holds[..] {
                entry.hold = last;
                self.several.remove(&inode);
            }
        } else if entry.hold == hold {
            entry.hold = Hold::NONE;
        }
        let (place, is_nobodys) = (entry.place, entry.hold == Hold::NONE);
        if place != NOWHERE {
            self.changed.push(place);
            self.changed
                .extend(self.more.get(&inode).into_iter().flatten());
            if is_nobodys {
                self.searched.insert(inode, None);
            }
        } else if is_nobodys {
            self.entries.remove(&inode);
        }
    }

    /// Takes the places whose holders changed, each once.
    pub(super) fn take_changed(&mut self) -> Vec<u32> {
        let mut changed = mem::take(&mut self.changed);
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// Takes the wanted sockets that came to be held by another process as well.
    pub(super) fn take_shared(&mut self) -> Vec<u64> {
        mem::take(&mut self.shared)
    }

    /// Whether holders of any socket are looked for.
    pub(super) fn is_searching(&self) -> bool {
        !self.searched.is_empty()
    }

    /// The places of the sockets whose holders are looked for.
    pub(super) fn searched(&self) -> impl Iterator<Item = u32> {
        let entries = self.searched.keys();
        let entries = entries.filter_map(|inode| self.entries.get(inode));
        entries.map(|entry| entry.place)
    }

    /// How many sockets are known.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether a search has begun in this look.
    pub(super) fn has_fresh(&self) -> bool {
        self.searched.values().any(Option::is_none)
    }

    /// Whether a search has gone on since before this look.
    pub(super) fn has_begun(&self) -> bool {
        self.searched.values().any(Option::is_some)
    }

    /// Ends a look: what is still searched now gets one round that ends at `until`; what had one that ended by `listed`
    /// is parked.
    pub(super) fn end_look(&mut self, listed: u64, until: u64) {
        let parked = &mut self.parked;
        self.searched.retain(|inode, limit| {
            let goes_on = listed < *limit.get_or_insert(until);
            if !goes_on {
                parked.insert(*inode);
            }
            goes_on
        });
    }
}

impl Entry {
    fn nobodys() -> Self {
        Self {
            place: NOWHERE,
            unproven: None,
            hold: Hold::NONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: Hold = Hold {
        pid: 7,
        descriptor: 3,
    };

    /// Where everybody was looked at once.
    fn inodes() -> Inodes {
        let mut inodes = Inodes::default();
        inodes.begin_search();
        inodes
    }

    #[test]
    fn what_the_first_look_does_not_bring_is_searched() {
        let mut inodes = Inodes::default();
        inodes.want(77, 5);
        inodes.want(78, 6);
        inodes.hold(77, HOLD);
        assert!(!inodes.is_searching(), "nobody was asked yet");
        inodes.begin_search();
        assert_eq!(inodes.searched().collect::<Vec<_>>(), [6]);
        inodes.hold(78, HOLD);
        assert!(!inodes.is_searching());
    }

    #[test]
    fn a_descriptor_seen_before_its_socket_is_found_at_once() {
        let mut inodes = inodes();
        inodes.hold(77, HOLD);
        inodes.want(77, 5);
        assert!(!inodes.is_searching());
        assert_eq!(inodes.take_changed(), [5]);
        assert_eq!(inodes.holds(77), [HOLD]);
    }

    #[test]
    fn a_socket_whose_last_holder_let_go_is_searched_again() {
        let mut inodes = inodes();
        inodes.want(77, 5);
        inodes.hold(77, HOLD);
        assert!(!inodes.is_searching());
        inodes.release(77, HOLD);
        assert_eq!(inodes.searched().collect::<Vec<_>>(), [5]);
        assert_eq!(inodes.forget(77, 5).len(), 0);
        assert!(!inodes.is_searching());
    }

    #[test]
    fn a_search_in_vain_ends_after_one_round() {
        let mut inodes = inodes();
        inodes.want(77, 5);
        inodes.end_look(0, 10);
        assert!(inodes.has_begun());
        inodes.end_look(9, 19);
        assert!(inodes.is_searching());
        inodes.end_look(10, 20);
        assert!(!inodes.is_searching());
        inodes.hold(77, HOLD);
        assert_eq!(inodes.take_changed(), [5]);
        assert!(inodes.take_shared().is_empty());
    }

    #[test]
    fn what_a_pass_should_have_brought_and_has_not_is_not_believed_to_be_there() {
        let mut inodes = inodes();
        inodes.pass();
        inodes.hold(77, HOLD);
        inodes.prove(77);
        assert!(!inodes.has(77), "no pass could have brought it");
        inodes.pass();
        inodes.prove(77);
        assert!(inodes.has(77), "of a kind that no pass brings");
        inodes.hold(78, HOLD);
        inodes.want(78, 5);
        assert!(inodes.has(78));
    }

    #[test]
    fn a_socket_held_by_two_processes_is_shared_and_by_one_twice_is_not() {
        let mut inodes = inodes();
        inodes.want(77, 5);
        inodes.hold(77, HOLD);
        inodes.hold(
            77,
            Hold {
                descriptor: 4,
                ..HOLD
            },
        );
        assert!(inodes.take_shared().is_empty());
        inodes.hold(77, Hold { pid: 8, ..HOLD });
        assert_eq!(inodes.take_shared(), [77]);
    }
}
