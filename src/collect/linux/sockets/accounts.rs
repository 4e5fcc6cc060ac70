//! What is counted over all sockets, kept with each change instead of counted again.

use crate::{
    collect::linux::numbers::ByNumber,
    model::{ProcessKey, Protocol, SampledSocket, State},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The counts.
#[derive(Debug, Default)]
pub(in crate::collect::linux) struct Accounts {
    users: BTreeMap<u32, u32>,
    owners: HashMap<ProcessKey, Owned, ByNumber>,
    /// Places of the sockets that listen, by port.
    listeners: BTreeSet<(u16, u32)>,
    /// Places of the sockets in a state that does not last.
    passing: BTreeSet<u32>,
    in_time_wait: u32,
    /// Sockets that wait for others and have no owner.
    ownerless: u32,
}

/// What a process owns.
#[derive(Debug, Clone, Copy, Default)]
struct Owned {
    sockets: u32,
    /// Of them, connected TCP sockets.
    connected: u32,
}

impl Accounts {
    pub(super) fn enter(&mut self, socket: &SampledSocket, place: u32) {
        if let Some(uid) = socket.uid() {
            *self.users.entry(uid).or_default() += 1;
        }
        self.give(socket);
        if socket.state == State::Listen {
            self.listeners.insert((socket.local().port, place));
        }
        if is_passing(socket) {
            self.passing.insert(place);
        }
        self.in_time_wait += u32::from(socket.state == State::TimeWait);
    }

    pub(super) fn leave(&mut self, socket: &SampledSocket, place: u32) {
        if let Some(uid) = socket.uid()
            && let Some(count) = self.users.get_mut(&uid)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.users.remove(&uid);
            }
        }
        self.take(socket);
        if socket.state == State::Listen {
            self.listeners.remove(&(socket.local().port, place));
        }
        if is_passing(socket) {
            self.passing.remove(&place);
        }
        self.in_time_wait -= u32::from(socket.state == State::TimeWait);
    }

    /// Counts a socket as its owners'.
    pub(super) fn give(&mut self, socket: &SampledSocket) {
        self.ownerless += u32::from(is_ownerless(socket));
        for owner in &socket.owners() {
            let owned = self.owners.entry(owner.process).or_default();
            owned.sockets += 1;
            owned.connected += u32::from(is_connected(socket));
        }
    }

    /// Counts it as its owners' no more.
    pub(super) fn take(&mut self, socket: &SampledSocket) {
        self.ownerless -= u32::from(is_ownerless(socket));
        for owner in &socket.owners() {
            let Some(owned) = self.owners.get_mut(&owner.process) else {
                continue;
            };
            owned.sockets = owned.sockets.saturating_sub(1);
            owned.connected = owned
                .connected
                .saturating_sub(u32::from(is_connected(socket)));
            if owned.sockets == 0 {
                self.owners.remove(&owner.process);
            }
        }
    }

    /// The users that sockets were made by, ascending.
    pub(in crate::collect::linux) fn users(&self) -> impl Iterator<Item = u32> {
        self.users.keys().copied()
    }

    /// The processes that own sockets, or owned what only the kernel still keeps; in no order.
    pub(in crate::collect::linux) fn owners(&self) -> impl Iterator<Item = ProcessKey> {
        self.owners.keys().copied()
    }

    /// Whether a process owns a TCP or UDP socket with a peer.
    pub(in crate::collect::linux) fn is_connected(&self, process: ProcessKey) -> bool {
        let owned = self.owners.get(&process);
        owned.is_some_and(|owned| owned.connected > 0)
    }

    /// The places of the sockets that listen on a port.
    pub(in crate::collect::linux) fn listeners_on(&self, port: u16) -> impl Iterator<Item = u32> {
        let range = (port, 0)..=(port, u32::MAX);
        self.listeners.range(range).map(|(_, place)| *place)
    }

    /// The places of the sockets in a state that does not last.
    pub(in crate::collect::linux) fn passing(&self) -> &BTreeSet<u32> {
        &self.passing
    }

    /// Whether any socket that waits for others has no owner.
    pub(in crate::collect::linux) fn any_ownerless(&self) -> bool {
        self.ownerless > 0
    }

    /// How many sockets are in `time-wait`.
    pub(in crate::collect::linux) fn in_time_wait(&self) -> u32 {
        self.in_time_wait
    }
}

/// Whether two values of one socket count as the same everywhere.
pub(super) fn are_alike(before: &SampledSocket, now: &SampledSocket) -> bool {
    before.state == now.state
        && before.uid() == now.uid()
        && before.local().port == now.local().port
        && before.peer().is_some() == now.peer().is_some()
        && before.owners() == now.owners()
}

fn is_ownerless(socket: &SampledSocket) -> bool {
    matches!(socket.state, State::Listen | State::Unconnected)
        && socket.protocol.has_ports()
        && socket.owners().is_empty()
}

fn is_connected(socket: &SampledSocket) -> bool {
    matches!(socket.protocol, Protocol::Tcp | Protocol::Udp) && socket.peer().is_some()
}

fn is_passing(socket: &SampledSocket) -> bool {
    match socket.state {
        State::SynSent
        | State::SynRecv
        | State::FinWait1
        | State::FinWait2
        | State::CloseWait
        | State::LastAck
        | State::Closing => true,
        State::Listen
        | State::Established
        | State::TimeWait
        | State::Close
        | State::Unconnected => false,
    }
}
