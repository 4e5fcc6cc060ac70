//! What we know about the machine at one moment: immutable, shared by `Arc`.

use super::{
    Assessment, Coverage, Declared, Exposure, Extent, Few, Moment, PolicyNotes, PortRange, Process,
    ProcessKey, Protocol, Rates, SampledSocket, Service, SocketKey, SourceKind, Text,
};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    ops::{Deref, DerefMut},
    sync::{Arc, OnceLock},
    time::Duration,
};

/// What we know at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Where it comes from.
    pub source: SourceKind,
    /// Host name.
    pub host: Text,
    /// When the sockets were read.
    pub taken_at: Timestamp,
    /// The same moment on a clock that never jumps.
    pub elapsed: Duration,
    /// Effective user id of the reader.
    pub euid: Option<u32>,
    /// The ports the kernel hands out by itself.
    pub ephemeral_ports: Option<PortRange>,
    /// How much of the machine was to be read.
    pub extent: Extent,
    /// The sockets.
    pub sockets: Vec<Arc<Socket>>,
    /// Sockets closed a moment ago, newest last, as they were last seen.
    pub closed: Vec<Arc<Socket>>,
    /// Sockets of the snapshot before that were closed since, with the last counters that the kernel told of them.
    pub ended: Vec<Arc<Socket>>,
    /// Sockets that were opened and closed since the snapshot before, as far as the kernel told of them: no
    /// snapshot has them, and who held them was never seen.
    pub short_lived: Vec<Arc<Socket>>,
    /// Sockets that are gone, but what was found of them is not over: calls at a beat, a sweep. Of each program, rule
    /// and other machine the newest.
    pub lately: Vec<Arc<Socket>>,
    /// The processes that own them, sorted by key.
    pub processes: Vec<Arc<Process>>,
    /// What this machine's own files say about ports.
    pub declared: Arc<[Declared]>,
    /// What there is to say of the policy that judged it.
    pub policy: Arc<PolicyNotes>,
    /// What could not be read.
    pub coverage: Coverage,
    /// Sockets whose owner needs more privilege to be seen.
    pub owners_hidden: usize,
    /// Which sockets a process holds: found out when it is first asked for.
    pub holdings: Holdings,
}

/// The places of the sockets of each process, made once from one list of sockets. A clone forgets them, since its
/// list may be another.
#[derive(Debug, Default)]
pub struct Holdings(Arc<OnceLock<HashMap<ProcessKey, Box<[u32]>>>>);

impl Clone for Holdings {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Holdings {
    /// Those of `before`, where `sockets` are the same at the same places.
    pub(crate) fn kept(before: &Snapshot, sockets: &[Arc<Socket>]) -> Self {
        if are_same(&before.sockets, sockets) {
            Self(Arc::clone(&before.holdings.0))
        } else {
            Self::default()
        }
    }

    fn of(&self, sockets: &[Arc<Socket>], key: ProcessKey) -> &[u32] {
        let places = self.0.get_or_init(|| {
            let mut places: HashMap<ProcessKey, Vec<u32>> = HashMap::new();
            for (at, socket) in (0..).zip(sockets) {
                for owner in socket.owners() {
                    let held = places.entry(owner.key).or_default();
                    // A process may hold a socket by several descriptors.
                    if held.last() != Some(&at) {
                        held.push(at);
                    }
                }
            }
            let exact = |(process, held): (_, Vec<_>)| (process, held.into());
            places.into_iter().map(exact).collect()
        });
        places.get(&key).map_or(&[], |held| held)
    }
}

/// Whether two lists have the very same sockets at the same places. No socket is looked at.
pub fn are_same(one: &[Arc<Socket>], other: &[Arc<Socket>]) -> bool {
    let pairs = || one.iter().zip(other);
    one.len() == other.len() && pairs().all(|(one, other)| Arc::ptr_eq(one, other))
}

impl Snapshot {
    /// The process with this identity, when it still owns a socket.
    pub fn process(&self, key: ProcessKey) -> Option<&Arc<Process>> {
        let at = self
            .processes
            .binary_search_by_key(&key, |process| process.key)
            .ok()?;
        self.processes.get(at)
    }

    /// The sockets, each as a plain reference.
    pub fn open(&self) -> impl Iterator<Item = &Socket> {
        self.sockets.iter().map(|socket| &**socket)
    }

    /// What this machine's own files say about a port.
    pub fn declared_for(&self, port: u16, protocol: Protocol) -> impl Iterator<Item = &Declared> {
        self.declared
            .iter()
            .filter(move |declared| declared.is_about(port, protocol))
    }

    /// The sockets that a process holds.
    pub fn sockets_of(&self, key: ProcessKey) -> impl Iterator<Item = &Socket> {
        let held = self.holdings.of(&self.sockets, key).iter();
        held.filter_map(|at| {
            let socket = self.sockets.get(usize::try_from(*at).ok()?)?;
            Some(&**socket)
        })
    }
}

/// One socket, with everything we know about it.
///
/// What follows for it is [`About`], which many sockets have in common; its fields are read as if they stood here.
#[derive(Debug, Clone)]
pub struct Socket {
    /// What the operating system said.
    pub raw: Arc<SampledSocket>,
    /// What follows.
    pub about: Arc<About>,
    /// When it was first seen; see [`Socket::first_seen`].
    pub first_seen: Moment,
    /// Bytes per second since the sample before; `None` at first sight and where nobody counts.
    pub rates: Option<Rates>,
}

// Thousands of them are made anew whenever their counters were read, while those before are still looked at. One
// word more, and an allocator gives each 16 bytes more.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Socket>() <= 40);

/// What follows for a socket from what was said of it and of everything else.
#[derive(Debug, Clone)]
pub struct About {
    /// The processes of the socket's owners, in the same order.
    pub processes: Few<Arc<Process>>,
    /// Which way it goes.
    pub direction: Direction,
    /// From where it can be reached; `None` for connections.
    pub exposure: Option<Exposure>,
    /// What the number that matters stands for: the local port of a listener and of a connection that
    /// came in, the remote port of one that goes out. `None` when there is no such number.
    pub service: Option<Service>,
    /// Name of the user who made it.
    pub user: Option<Text>,
    /// It was there when we began to look, so that it was first seen is no beginning.
    pub before_us: bool,
    /// When its state or owner last changed while we looked.
    pub changed_at: Option<Timestamp>,
    /// When it was found gone; `None` while it is open.
    pub closed_at: Option<Timestamp>,
    /// What to think of it.
    pub assessment: Arc<Assessment>,
}

impl Deref for Socket {
    type Target = About;
    fn deref(&self) -> &About {
        &self.about
    }
}

impl DerefMut for Socket {
    fn deref_mut(&mut self) -> &mut About {
        Arc::make_mut(&mut self.about)
    }
}

impl Socket {
    /// Its identity.
    pub fn key(&self) -> SocketKey {
        self.raw.key()
    }

    /// When it was first seen.
    pub fn first_seen(&self) -> Timestamp {
        self.first_seen.into()
    }

    /// Whether it is one of [`Snapshot::short_lived`].
    pub fn is_short_lived(&self) -> bool {
        self.closed_at == Some(self.first_seen())
    }

    /// The processes that hold it.
    pub fn owners(&self) -> impl Iterator<Item = &Process> {
        self.processes.iter().map(|process| &**process)
    }

    /// The process to show where there is room for one: the one that has held it longest.
    pub fn owner(&self) -> Option<&Arc<Process>> {
        self.processes
            .iter()
            .min_by_key(|process| (process.key.started, process.key.pid))
    }
}

/// Which way a socket goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// It waits for others.
    Listen,
    /// Somebody else's machine connected to ours.
    Inbound,
    /// We connected to another machine.
    Outbound,
    /// Both ends are on this machine.
    Local,
}

impl Direction {
    /// Every direction.
    pub const ALL: [Self; 4] = [Self::Listen, Self::Inbound, Self::Outbound, Self::Local];

    /// The name in JSON and in the filter language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Local => "local",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn a_process_holds_what_it_owns_and_a_clone_looks_anew() {
        let mine = |port| fixture::listener(port).owned_by("nginx", 7).build();
        let other = fixture::listener(22).owned_by("sshd", 9).build();
        let snapshot = fixture::snapshot(vec![mine(80), other, mine(443)]);
        let key = |row: usize| snapshot.sockets[row].owner().unwrap().key;
        let ports = |of: &Snapshot, row: usize| -> Vec<u16> {
            let held = of.sockets_of(key(row));
            held.map(|socket| socket.raw.local().port).collect()
        };
        assert_eq!(ports(&snapshot, 0), [80, 443]);
        assert_eq!(ports(&snapshot, 1), [22]);
        let mut fewer = snapshot.clone();
        fewer.sockets.remove(0);
        assert_eq!(ports(&fewer, 0), [443]);
        fewer.holdings = Holdings::kept(&snapshot, &fewer.sockets);
        assert_eq!(ports(&fewer, 0), [443]);
        fewer.holdings = Holdings::kept(&snapshot, &snapshot.sockets);
        assert!(Arc::ptr_eq(&fewer.holdings.0, &snapshot.holdings.0));
    }
}
