//! One socket as the operating system tells it, in little room: there are tens of thousands of them.
//!
//! What nearly every socket has stands in it, in as few bytes as it takes; what many share is shared; what few have
//! lies elsewhere.

mod counters;
mod ends;
mod holder;
mod shared;
#[cfg(test)]
mod tests;

use super::{
    BoundTo, ConnectedTo, ControlGroup, Endpoint, Exposure, Family, Few, NetNamespace, Owner,
    Portless, Protocol, SocketKey, State, TcpInfo, Text, ToldSocket,
};
pub use counters::TcpCounters;
use ends::Ends;
use holder::Holder;
pub use holder::Owners;
use serde::{Deserialize, Serialize, Serializer};
use shared::Shared;
pub use shared::Sharing;
use std::{fmt, sync::Arc};

/// One socket, as the operating system tells it. Made of a [`ToldSocket`], and written and read as one.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(from = "ToldSocket")]
pub struct SampledSocket {
    /// Transport.
    pub protocol: Protocol,
    /// Address family.
    pub family: Family,
    /// State.
    pub state: State,
    /// These numbers stand for nothing where they are the highest there is, and so do those below.
    uid: u32,
    recv_queue: u32,
    send_queue: u32,
    inode: u64,
    cookie: u64,
    ends: Ends,
    holder: Holder,
    shared: Option<Arc<Shared>>,
    rare: Option<Box<Rare>>,
    tcp: Option<TcpCounters>,
}

// 54,000 connections take 9.5 MB so, with what the allocator adds. One word more would make it 10.4 MB.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<SampledSocket>() <= 152);

/// What few sockets have.
#[derive(Debug, Clone, PartialEq, Default)]
struct Rare {
    /// All of its owners, where [`Holder`] cannot name them.
    owners: Box<[Owner]>,
    memory: Option<u32>,
    drops: Option<u32>,
    portless: Option<Box<Portless>>,
}

impl Rare {
    /// What of it is no counter.
    fn lasting(&self) -> (&[Owner], Option<&Portless>) {
        // Field by field, as in `SampledSocket::differs_in_counters_only`.
        let Self {
            owners,
            memory: _,
            drops: _,
            portless,
        } = self;
        (owners, portless.as_deref())
    }
}

impl SampledSocket {
    fn pack(
        mut told: ToldSocket,
        share: impl FnOnce(&mut ToldSocket) -> Option<Arc<Shared>>,
    ) -> Self {
        let shared = share(&mut told);
        let (holder, owners) = match Holder::of(&told.owners) {
            Some(holder) => (holder, Few::default()),
            None => (Holder::NOBODY, told.owners),
        };
        let rare = Rare {
            owners: owners.into_iter().collect(),
            memory: told.memory,
            drops: told.drops,
            portless: told.portless,
        };
        Self {
            protocol: told.protocol,
            family: told.family,
            state: told.state,
            uid: told.uid.unwrap_or(u32::MAX),
            recv_queue: told.recv_queue.unwrap_or(u32::MAX),
            send_queue: told.send_queue.unwrap_or(u32::MAX),
            inode: told.inode.unwrap_or(u64::MAX),
            cookie: told.cookie.unwrap_or(u64::MAX),
            ends: Ends::new(told.local, told.peer),
            holder,
            shared,
            rare: (rare != Rare::default()).then(|| Box::new(rare)),
            tcp: told.tcp.as_ref().map(TcpCounters::new),
        }
    }

    /// The same, field by field.
    pub fn told(&self) -> ToldSocket {
        let owned = |text: &Text| text.clone();
        ToldSocket {
            protocol: self.protocol,
            family: self.family,
            state: self.state,
            local: self.local(),
            peer: self.peer(),
            interface: self.interface().map(owned),
            inode: self.inode(),
            cookie: self.cookie(),
            uid: self.uid(),
            recv_queue: self.recv_queue(),
            send_queue: self.send_queue(),
            tcp: self.tcp().map(|tcp| TcpInfo {
                congestion: self.congestion().map(owned),
                ..tcp.told()
            }),
            owners: self.owners().into_iter().collect(),
            memory: self.memory(),
            drops: self.drops(),
            cgroup: self.cgroup().cloned(),
            netns: self.netns().cloned(),
            portless: self.portless().cloned().map(Box::new),
        }
    }

    /// Changes it, field by field.
    pub fn change(&mut self, change: impl FnOnce(&mut ToldSocket)) {
        let mut told = self.told();
        change(&mut told);
        *self = told.into();
    }

    /// Gives it other owners.
    pub fn set_owners(&mut self, owners: Few<Owner>) {
        let holder = Holder::of(&owners);
        self.holder = holder.unwrap_or(Holder::NOBODY);
        if holder.is_some() && self.rare.is_none() {
            return;
        }
        let owners: Box<[Owner]> = match holder {
            Some(_) => Box::default(),
            None => owners.into_iter().collect(),
        };
        let rare = Rare {
            owners,
            ..self.rare.take().map(|rare| *rare).unwrap_or_default()
        };
        self.rare = (rare != Rare::default()).then(|| Box::new(rare));
    }

    /// It with the counters of `other`, which is the same socket at another time.
    #[must_use]
    pub fn with_counters_of(&self, other: &Self) -> Self {
        let mut counted = self.clone();
        counted.tcp = other.tcp;
        counted
    }

    /// Local end.
    pub fn local(&self) -> Endpoint {
        self.ends.local()
    }

    /// Remote end; `None` for listeners, unconnected sockets, and where the source does not tell.
    pub fn peer(&self) -> Option<Endpoint> {
        self.ends.peer()
    }

    /// Whether it has a remote end.
    pub fn has_peer(&self) -> bool {
        self.ends.has_peer()
    }

    /// The interface it is bound to, by name.
    pub fn interface(&self) -> Option<&Text> {
        self.shared.as_deref()?.interface.as_ref()
    }

    /// Inode of its descriptor; `None` when it has none or the source does not tell.
    pub fn inode(&self) -> Option<u64> {
        Some(self.inode).filter(|number| *number != u64::MAX)
    }

    /// The kernel's number for it.
    pub fn cookie(&self) -> Option<u64> {
        Some(self.cookie).filter(|number| *number != u64::MAX)
    }

    /// User id of who made it.
    pub fn uid(&self) -> Option<u32> {
        known(self.uid)
    }

    /// Bytes received and not yet read; for a TCP listener, connections not yet accepted.
    pub fn recv_queue(&self) -> Option<u32> {
        known(self.recv_queue)
    }

    /// Bytes sent and not yet acknowledged; for a TCP listener, the most it lets wait.
    pub fn send_queue(&self) -> Option<u32> {
        known(self.send_queue)
    }

    /// The kernel's numbers of a TCP connection.
    pub fn tcp(&self) -> Option<&TcpCounters> {
        self.tcp.as_ref()
    }

    /// Its congestion control algorithm.
    pub fn congestion(&self) -> Option<&Text> {
        self.shared.as_deref()?.congestion.as_ref()
    }

    /// The processes that hold it, by pid; several after a fork.
    pub fn owners(&self) -> Owners<'_> {
        match self.rare.as_deref() {
            Some(rare) if !rare.owners.is_empty() => Owners::Many(&rare.owners),
            _ => self.holder.owners(),
        }
    }

    /// Bytes of the kernel's memory that its queues take.
    pub fn memory(&self) -> Option<u32> {
        self.rare.as_deref()?.memory
    }

    /// Packets thrown away because it had no room for them, since it was made.
    pub fn drops(&self) -> Option<u32> {
        self.rare.as_deref()?.drops
    }

    /// The control group it was made in: what runs it, even where its owner cannot be seen.
    pub fn cgroup(&self) -> Option<&Arc<ControlGroup>> {
        self.shared.as_deref()?.cgroup.as_ref()
    }

    /// The network namespace it is in; `None` where the source does not tell.
    pub fn netns(&self) -> Option<&Arc<NetNamespace>> {
        self.shared.as_deref()?.netns.as_ref()
    }

    /// What it has instead of ports.
    pub fn portless(&self) -> Option<&Portless> {
        self.rare.as_deref()?.portless.as_deref()
    }

    /// A number that tells its network namespace from others; 0 for the reader's own.
    pub fn netns_number(&self) -> u64 {
        let netns = self.netns().filter(|netns| !netns.own);
        netns.map_or(0, |netns| {
            // Where the inode may not be seen, the name is of a process in it.
            let of_name = || netns.name.as_deref().map_or(1, of_name);
            netns.inode.unwrap_or_else(of_name)
        })
    }

    /// Whether it is in another network namespace than the reader.
    pub fn is_elsewhere(&self) -> bool {
        self.netns().is_some_and(|netns| !netns.own)
    }

    /// Its own port; `None` for protocols without ports.
    pub fn port(&self) -> Option<u16> {
        self.protocol.has_ports().then(|| self.local().port)
    }

    /// From where it can be reached; `None` for what does not wait for others, and where no address is
    /// meant for others.
    pub fn exposure(&self) -> Option<Exposure> {
        let has_address = matches!(self.family, Family::Ipv4 | Family::Ipv6);
        (has_address && self.protocol != Protocol::Icmp && self.is_listening())
            .then(|| self.local().exposure())
    }

    /// Whether it was a connection that was asked for and never came about; known only once it is closed.
    pub fn never_connected(&self) -> bool {
        let is_nothing = |tcp: &TcpCounters| tcp.told().are_nothing();
        self.state == State::Close && self.has_peer() && self.tcp().is_some_and(is_nothing)
    }

    /// What it is bound to, in the form `ss` has.
    pub fn bound_to(&self) -> BoundTo<'_> {
        BoundTo::new(self)
    }

    /// What it is connected to, in the same form.
    pub fn connected_to(&self) -> Option<ConnectedTo<'_>> {
        ConnectedTo::new(self)
    }

    /// Whether nothing but counters tells this socket from what it was `before`, so that a judgement holds:
    /// bytes, round trips, queues.
    ///
    /// The queue of a socket that waits for others is no counter: it says how many wait.
    pub fn differs_in_counters_only(&self, before: &Self) -> bool {
        // Field by field, so that nobody adds one without a thought for this.
        let Self {
            protocol,
            family,
            state,
            uid,
            recv_queue,
            send_queue,
            inode,
            cookie,
            ends,
            holder,
            shared,
            rare,
            tcp: _,
        } = self;
        let counters = || {
            *recv_queue == before.recv_queue
                && *send_queue == before.send_queue
                && self.memory() == before.memory()
                && self.drops() == before.drops()
        };
        *state == before.state
            && (!self.is_listening() || counters())
            && *holder == before.holder
            && *ends == before.ends
            && *protocol == before.protocol
            && *family == before.family
            && *inode == before.inode
            && *cookie == before.cookie
            && *uid == before.uid
            && Shared::are_in_one_place(shared.as_ref(), before.shared.as_ref())
            && lasting(rare.as_deref()) == lasting(before.rare.as_deref())
    }

    /// What tells this socket from every other.
    pub fn key(&self) -> SocketKey {
        match self.cookie() {
            Some(cookie) => SocketKey::Cookie(cookie),
            None => SocketKey::Addresses {
                protocol: self.protocol,
                local: self.local(),
                peer: self.peer(),
                inode: self.inode().unwrap_or(0),
            },
        }
    }

    /// Whether it waits for others to come: a listener, or a datagram socket without a peer.
    pub fn is_listening(&self) -> bool {
        matches!(self.state, State::Listen | State::Unconnected)
    }
}

impl From<ToldSocket> for SampledSocket {
    fn from(told: ToldSocket) -> Self {
        Self::pack(told, Shared::alone)
    }
}

impl fmt::Debug for SampledSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

impl Serialize for SampledSocket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.told().serialize(serializer)
    }
}

/// What few sockets have, counters apart: nothing where there is none of it.
fn lasting(rare: Option<&Rare>) -> (&[Owner], Option<&Portless>) {
    rare.map_or((&[], None), Rare::lasting)
}

/// The highest number there is stands for none.
fn known(number: u32) -> Option<u32> {
    Some(number).filter(|number| *number != u32::MAX)
}

/// The number in `pid:4711`.
fn of_name(name: &str) -> u64 {
    let digits = name
        .rsplit(':')
        .next()
        .and_then(|digits| digits.parse().ok());
    digits.unwrap_or(1)
}
