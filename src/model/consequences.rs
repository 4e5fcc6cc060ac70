//! What goes with a process when it ends, as far as its sockets and its surroundings tell.

use super::{
    Direction, ProcessKey, Protocol, Restarts, Snapshot, Socket, State, Supervisor, Surroundings,
    text::plural,
};
use std::{collections::HashSet, fmt::Write as _};

/// Listeners of a process that are named; the rest is counted.
const MOST_NAMED: usize = 5;

/// What a process has open that ends with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stakes {
    /// The first of what it listens on: `0.0.0.0:80/tcp`.
    pub listens: Vec<String>,
    /// How many it listens on in all.
    pub listeners: usize,
    /// Established connections that others made to it.
    pub clients: usize,
    /// Established connections that it made to others.
    pub outbound: usize,
    /// Everything it has open.
    pub sockets: usize,
}

impl Stakes {
    /// Those of a process; what several hold is counted for each of them.
    pub fn of(snapshot: &Snapshot, process: ProcessKey) -> Self {
        let mut stakes = Self::default();
        let listening = |socket: &&Socket| socket.raw.is_listening();
        let served: HashSet<u16> = snapshot
            .sockets_of(process)
            .filter(listening)
            .map(|socket| socket.raw.local().port)
            .collect();
        let mut listeners: Vec<&Socket> = vec![];
        for socket in snapshot.sockets_of(process) {
            let raw = &socket.raw;
            stakes.sockets += 1;
            if raw.is_listening() {
                listeners.push(socket);
            } else if raw.state == State::Established && raw.peer().is_some() {
                let is_client = match socket.direction {
                    Direction::Inbound => true,
                    // A client on this machine is told by the port it came to.
                    Direction::Local => served.contains(&raw.local().port),
                    Direction::Listen | Direction::Outbound => false,
                };
                if is_client {
                    stakes.clients += 1;
                } else {
                    stakes.outbound += 1;
                }
            }
        }
        // As a table of them is sorted: a port's addresses beside each other, those of IPv4 first.
        listeners.sort_by_key(|socket| {
            let local = socket.raw.local();
            (local.port, local.address)
        });
        stakes.listeners = listeners.len();
        let named = listeners.iter().take(MOST_NAMED).map(|socket| {
            let protocol = socket.raw.protocol.name();
            format!("{}/{protocol}", socket.raw.bound_to())
        });
        stakes.listens = named.collect();
        stakes
    }

    /// What it listens on, with the rest counted; `None` when that is nothing.
    pub fn listening(&self) -> Option<String> {
        if self.listens.is_empty() {
            return None;
        }
        let more = self.listeners - self.listens.len();
        let mut words = self.listens.join(" ");
        if more > 0 {
            // Writing to a string cannot fail.
            _ = write!(words, " and {more} more");
        }
        Some(words)
    }

    /// Which connections will drop; `None` when there are none.
    pub fn connections(&self) -> Option<String> {
        let clients = (self.clients > 0).then(|| plural(self.clients, "client connection"));
        let outbound = (self.outbound > 0)
            .then(|| format!("{} of its own", plural(self.outbound, "connection")));
        match (clients, outbound) {
            (Some(clients), Some(outbound)) => Some(format!("{clients} and {outbound} will drop")),
            (Some(one), None) | (None, Some(one)) => Some(format!("{one} will drop")),
            (None, None) => None,
        }
    }
}

impl Surroundings {
    /// Whether something may start the process again once it has ended: its manager, or a parent that is
    /// none of `ours`.
    pub fn may_return(&self, ours: impl Fn(u32) -> bool) -> bool {
        match self.supervisor.as_ref().map(|one| &one.restarts) {
            Some(Restarts::Never) => false,
            Some(_) => true,
            None => self.parent.as_ref().is_some_and(|one| !ours(one.key.pid)),
        }
    }
}

impl Supervisor {
    /// What it does when the process ends, in a sentence.
    pub fn words(&self) -> String {
        format!("{} {}", self.manager.name(), self.restarts.words())
    }
}

/// Whether `protocol` has connections that can be closed one by one.
pub fn can_be_closed(protocol: Protocol, state: State, has_peer: bool) -> bool {
    protocol == Protocol::Tcp && has_peer && !matches!(state, State::Listen | State::TimeWait)
}
