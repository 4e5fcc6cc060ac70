//! The network namespaces of this machine, and the sockets in those that the process is not in.
//!
//! A namespace is one that a process is in, or that has a name in `/run/netns`. With the privilege a thread
//! goes inside; what it opens there keeps working. Without, the files of a process that is inside are read,
//! which anybody may. Where there are many, a few are read each time and the others are as they were.

mod found;
mod room;

use super::{control_groups::ControlGroups, found::Interfaces, procfs::Procfs};
use crate::model::{Limit, LimitKind, NetNamespace, Text, ToldSocket, text::plural};
use found::{Place, Places};
use room::Room;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{CWD, Mode, OFlags, fstat, openat},
    io::Errno,
    thread::{LinkNameSpaceType, move_into_link_name_space},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{Builder, scope},
};

/// The most namespaces that are read each time; of more, those that were read longest ago.
const READ_AT_ONCE: usize = 16;
/// The most namespaces that are kept open; of more, the rest is counted as missing.
const MOST: usize = 400;

/// The network namespaces of this machine.
#[derive(Debug)]
pub(super) struct Namespaces {
    places: Places,
    own: Arc<NetNamespace>,
    /// Those that were opened, by number.
    rooms: BTreeMap<u64, Room>,
    /// How often they were read.
    turn: u64,
    /// How many others there are.
    others: u32,
}

impl Namespaces {
    /// Finds out which one the process is in; opens none.
    pub(super) fn open(procfs: &Procfs) -> Self {
        let places = Places::open(procfs);
        let own = Arc::new(places.own());
        Self {
            places,
            own,
            rooms: BTreeMap::new(),
            turn: 0,
            others: 0,
        }
    }

    /// The one that the process is in.
    pub(super) fn own(&self) -> &Arc<NetNamespace> {
        &self.own
    }

    /// How many others there are, as far as we may know.
    pub(super) fn others(&self) -> u32 {
        self.others
    }

    /// Counts the others, of which these processes are in some; opens none.
    pub(super) fn count(&mut self, procfs: &Procfs, pids: &[u32]) {
        self.rooms.clear();
        let others = self.places.find(procfs, pids).len();
        self.others = u32::try_from(others).unwrap_or(u32::MAX);
    }

    /// Returns the sockets of all the others, and what is missing of them.
    pub(super) fn read(
        &mut self,
        procfs: &Procfs,
        unix: bool,
        groups: &mut ControlGroups,
    ) -> (Vec<ToldSocket>, Vec<Limit>) {
        let found = self.places.find(procfs, &procfs.pids().unwrap_or_default());
        self.others = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let failed = self.settle_in(found);
        self.turn += 1;
        let mut due: Vec<&mut Room> = self.rooms.values_mut().collect();
        due.sort_by_key(|room| room.read_in);
        // A new one is read at once.
        let new = due.iter().filter(|room| room.read_in == 0).count();
        due.truncate(READ_AT_ONCE.max(new));
        let mut visit = Visit {
            unix,
            groups,
            turn: self.turn,
        };
        visit.all(&mut due);
        let (mut sockets, mut limits) = (Vec::new(), Vec::new());
        let mut refused = failed;
        for room in self.rooms.values() {
            sockets.extend(room.sockets.iter().cloned());
            limits.extend(room.limits.iter().cloned());
            refused.extend(room.refused);
        }
        limits.extend(unread(&refused));
        (sockets, limits)
    }

    /// Opens those that are new and forgets those that are gone; returns the reasons of those that could not be.
    fn settle_in(&mut self, found: BTreeMap<u64, Place>) -> Vec<Errno> {
        // What is open keeps a namespace alive that everybody else has left.
        self.rooms.retain(|number, _| found.contains_key(number));
        let mut failed = Vec::new();
        for (number, place) in found {
            if self.rooms.contains_key(&number) {
                continue;
            }
            if self.rooms.len() >= MOST {
                failed.push(Errno::MFILE);
                continue;
            }
            match Room::open(&place) {
                Ok(room) => drop(self.rooms.insert(number, room)),
                Err(errno) => failed.push(errno),
            }
        }
        failed
    }
}

/// One round through namespaces.
struct Visit<'a> {
    unix: bool,
    groups: &'a mut ControlGroups,
    turn: u64,
}

impl Visit<'_> {
    fn all(&mut self, rooms: &mut [&mut Room]) {
        let (inside, mut outside): (Vec<_>, Vec<_>) =
            rooms.iter_mut().partition(|room| room.door().is_some());
        let mut inside = inside;
        // A thread that went into another namespace stays there until it ends.
        scope(|scope| {
            let visitor = Builder::new().name("namespaces".into());
            let visit = || inside.iter_mut().for_each(|room| self.enter(room));
            let thread = visitor.spawn_scoped(scope, visit);
            drop(thread.map(std::thread::ScopedJoinHandle::join));
        });
        outside.extend(inside.into_iter().filter(|room| room.door().is_none()));
        for room in outside {
            self.read(room);
        }
    }

    fn enter(&mut self, room: &mut Room) {
        let Some(door) = room.door() else { return };
        match go_inside(door) {
            Ok(()) => self.read(room),
            Err(errno) => room.stay_outside(errno),
        }
    }

    fn read(&mut self, room: &mut Room) {
        room.read_in = self.turn;
        let mut interfaces = Interfaces::default();
        let found = room.read(self.unix);
        let netns = Arc::clone(&room.netns);
        room.sockets = found
            .into_iter()
            .map(|found| found.named(&mut interfaces, self.groups, Some(&netns)))
            .collect();
    }
}

/// Moves this thread into the network namespace behind a door; it does not come back.
fn go_inside(door: impl AsFd) -> Result<(), Errno> {
    move_into_link_name_space(door.as_fd(), Some(LinkNameSpaceType::Network))
}

/// The way into the namespace that was asked for last. Nothing is kept open, which would keep it alive.
#[derive(Debug, Default)]
pub(super) struct WayIn {
    known: Option<(u64, PathBuf)>,
}

impl WayIn {
    /// Does something in the namespace of this number, in a thread that goes inside and ends there.
    pub(super) fn within<T: Send>(
        &mut self,
        number: u64,
        work: impl FnOnce() -> Result<T, Errno> + Send,
    ) -> Result<T, Errno> {
        let known = self.known.take().filter(|(known, _)| *known == number);
        let door = known.and_then(|(_, path)| Some((open_door(&path, number).ok()?, path)));
        let (door, path) = match door {
            Some(door) => door,
            None => find_door(number)?,
        };
        self.known = Some((number, path));
        scope(|scope| {
            let visitor = Builder::new().name("namespace".into());
            let visit = || {
                go_inside(&door)?;
                work()
            };
            let thread = visitor.spawn_scoped(scope, visit);
            let thread = thread.map_err(|_no_room| Errno::AGAIN)?;
            thread.join().unwrap_or(Err(Errno::AGAIN))
        })
    }
}

fn find_door(number: u64) -> Result<(OwnedFd, PathBuf), Errno> {
    let procfs = Procfs::open(Path::new("/proc"))?;
    let mut found = Places::open(&procfs).find(&procfs, &procfs.pids()?);
    let path = found.remove(&number).and_then(|place| place.door);
    let path = path.ok_or(Errno::NOENT)?;
    Ok((open_door(&path, number)?, path))
}

/// Opens the file that leads inside, unless it leads elsewhere by now.
fn open_door(path: &Path, number: u64) -> Result<OwnedFd, Errno> {
    let door = openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    if fstat(&door)?.st_ino == number {
        Ok(door)
    } else {
        Err(Errno::NOENT)
    }
}

fn unread(refused: &[Errno]) -> Option<Limit> {
    let first = refused.first()?;
    let remedy = matches!(*first, Errno::PERM | Errno::ACCESS)
        .then(|| Text::from("run as root, which may go into every network namespace"));
    Some(Limit {
        kind: LimitKind::Sockets,
        detail: Text::from(format!(
            "{} could not be read: {first}",
            plural(refused.len(), "network namespace")
        )),
        remedy,
    })
}

#[cfg(test)]
mod tests;
