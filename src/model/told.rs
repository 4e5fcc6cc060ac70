//! One socket as the operating system tells it, field by field.

use super::{
    ControlGroup, Endpoint, Family, Few, NetNamespace, Owner, Portless, Protocol, State, Text,
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// One socket, as the operating system tells it: what a source fills in, and what a recording holds.
///
/// Kept as a [`SampledSocket`](super::SampledSocket), which takes less than half of the room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldSocket {
    /// Transport.
    pub protocol: Protocol,
    /// Address family.
    pub family: Family,
    /// State.
    pub state: State,
    /// Local end.
    pub local: Endpoint,
    /// Remote end; `None` for listeners, unconnected sockets, and where the source does not tell.
    pub peer: Option<Endpoint>,
    /// The interface it is bound to, by name.
    pub interface: Option<Text>,
    /// Inode of its descriptor; `None` when it has none or the source does not tell.
    pub inode: Option<u64>,
    /// The kernel's number for it.
    pub cookie: Option<u64>,
    /// User id of who made it.
    pub uid: Option<u32>,
    /// Bytes received and not yet read; for a TCP listener, connections not yet accepted.
    pub recv_queue: Option<u32>,
    /// Bytes sent and not yet acknowledged; for a TCP listener, the most it lets wait.
    pub send_queue: Option<u32>,
    /// The kernel's numbers of a TCP connection.
    pub tcp: Option<TcpInfo>,
    /// The processes that hold it, by pid; several after a fork.
    pub owners: Few<Owner>,
    /// Bytes of the kernel's memory that its queues take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u32>,
    /// Packets thrown away because it had no room for them, since it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drops: Option<u32>,
    /// The control group it was made in: what runs it, even where its owner cannot be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<Arc<ControlGroup>>,
    /// The network namespace it is in; `None` where the source does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub netns: Option<Arc<NetNamespace>>,
    /// What it has instead of ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portless: Option<Box<Portless>>,
}

impl ToldSocket {
    /// A socket of which only this much is known.
    pub fn new(protocol: Protocol, family: Family, state: State, local: Endpoint) -> Self {
        Self {
            protocol,
            family,
            state,
            local,
            peer: None,
            interface: None,
            inode: None,
            cookie: None,
            uid: None,
            recv_queue: None,
            send_queue: None,
            tcp: None,
            owners: Few::default(),
            memory: None,
            drops: None,
            cgroup: None,
            netns: None,
            portless: None,
        }
    }

    /// Whether it was a connection that was asked for and never came about; known only once it is closed.
    pub fn never_connected(&self) -> bool {
        let is_nothing = self.tcp.as_ref().is_some_and(TcpInfo::are_nothing);
        self.state == State::Close && self.peer.is_some() && is_nothing
    }
}

#[cfg(test)]
impl ToldSocket {
    /// It as it is kept.
    pub(crate) fn kept(&self) -> super::SampledSocket {
        self.clone().into()
    }
}

/// The kernel's numbers of one TCP connection. `None` where this kernel has no such field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TcpInfo {
    /// When they were read, on the clock of [`Sample::elapsed`](super::Sample::elapsed): reading many sockets takes a while. `None`
    /// where that is not known; then it was when the sample was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Duration>,
    /// When the numbers that these differ from were last read, on the same clock: the counters grew since then. `None`
    /// at first sight, and where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_before: Option<Duration>,
    /// Congestion control algorithm.
    pub congestion: Option<Text>,
    /// Smoothed round-trip time in microseconds.
    pub rtt_us: u32,
    /// Its mean deviation in microseconds.
    pub rtt_var_us: u32,
    /// The shortest round-trip time seen, in microseconds.
    pub min_rtt_us: Option<u32>,
    /// Congestion window in segments.
    pub cwnd: u32,
    /// Segments sent again since the connection began.
    pub retransmits: u32,
    /// Segments now thought lost.
    pub lost: u32,
    /// Bytes sent, each counted once.
    pub bytes_sent: Option<u64>,
    /// Bytes the peer has acknowledged.
    pub bytes_acked: Option<u64>,
    /// Bytes received. Of a closed connection of which no more than its end was seen, this can be one too many: the
    /// kernel counts the other end's last word as a byte.
    pub bytes_received: Option<u64>,
    /// The kernel's newest estimate, in bytes per second.
    pub delivery_rate: Option<u64>,
}

impl TcpInfo {
    /// Whether they are those of a connection that nothing ever went through.
    pub fn are_nothing(&self) -> bool {
        let count = |bytes: Option<u64>| bytes.is_none_or(|bytes| bytes == 0);
        self.min_rtt_us.is_none() && count(self.sent()) && count(self.bytes_received)
    }

    /// Bytes in both directions, as far as the other end has them.
    pub fn moved(&self) -> Option<u64> {
        Some(self.bytes_acked?.saturating_add(self.bytes_received?))
    }

    /// Bytes sent, as far as the kernel counts them.
    pub fn sent(&self) -> Option<u64> {
        self.bytes_sent.or(self.bytes_acked)
    }
}
