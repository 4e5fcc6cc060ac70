//! Which side of a connection this machine is on.

use crate::model::{Direction, PortRange, Protocol, SampledSocket, State};
use hashbrown::HashSet;
use std::net::IpAddr;

/// Which way a socket goes, and whether this end asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) direction: Direction,
    pub(super) client: bool,
}

impl Side {
    /// Whether it waits for others.
    pub(super) fn is_listening(self) -> bool {
        self.direction == Direction::Listen
    }
}

/// Where something can wait for others: network namespace, protocol and port.
pub(super) type Gate = (u64, Protocol, u16);

/// The local end of a socket, as listeners and the connections that came in through them share it.
pub(super) fn gate(socket: &SampledSocket) -> Gate {
    (socket.netns_number(), socket.protocol, socket.local().port)
}

/// What is needed to tell the sides apart.
#[derive(Debug)]
pub(super) struct Sides {
    listening: HashSet<Gate>,
    addresses: HashSet<IpAddr>,
    ephemeral: Option<PortRange>,
}

impl Sides {
    /// `listening` are the ports that something listens on, `addresses` those of this machine.
    pub(super) fn new(
        listening: impl Iterator<Item = Gate>,
        addresses: &[IpAddr],
        ephemeral: Option<PortRange>,
    ) -> Self {
        Self {
            listening: listening.collect(),
            addresses: addresses.iter().map(IpAddr::to_canonical).collect(),
            ephemeral,
        }
    }

    /// Whether nothing but the ports that are listened on can make a difference between the two.
    pub(super) fn differ_in_ports_only(&self, before: &Self) -> bool {
        self.addresses == before.addresses && self.ephemeral == before.ephemeral
    }

    /// The ports that something began or ceased to listen on.
    pub(super) fn changed_ports<'a>(
        &'a self,
        before: &'a Self,
    ) -> impl Iterator<Item = Gate> + use<'a> {
        let changed = self.listening.symmetric_difference(&before.listening);
        changed.copied()
    }

    /// Returns the side of one socket.
    ///
    /// A connection came in when something listens on its own port. Where nothing does (any more), a
    /// connection from a port that the kernel hands out was asked for by this end.
    pub(super) fn of(&self, socket: &SampledSocket) -> Side {
        if socket.is_listening() {
            return Side {
                direction: Direction::Listen,
                client: false,
            };
        }
        let client = match socket.state {
            State::SynSent => true,
            State::SynRecv => false,
            State::Listen
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::TimeWait
            | State::Close
            | State::CloseWait
            | State::LastAck
            | State::Closing
            | State::Unconnected => self.asked(socket),
        };
        let direction = match (self.stays_here(socket), client) {
            (true, _) => Direction::Local,
            (false, true) => Direction::Outbound,
            (false, false) => Direction::Inbound,
        };
        Side { direction, client }
    }

    fn asked(&self, socket: &SampledSocket) -> bool {
        let port = socket.local().port;
        if self.listening.contains(&gate(socket)) {
            return false;
        }
        let given = |port| self.ephemeral.is_none_or(|range| range.contains(port));
        // Neither end's port tells: most connections are asked for from a port that was given.
        given(port) || socket.peer().is_none_or(|peer| !given(peer.port))
    }

    fn stays_here(&self, socket: &SampledSocket) -> bool {
        let Some(peer) = socket.peer() else {
            return false;
        };
        let peer = peer.canonical();
        peer == socket.local().canonical() || self.is_own(peer)
    }

    /// Whether an address is one of this machine's.
    pub(super) fn is_own(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.addresses.contains(&address)
    }
}
