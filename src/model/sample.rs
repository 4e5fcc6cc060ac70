//! What the operating system said at one moment, raw.

use super::{
    BoundTo, ConnectedTo, ControlGroup, Coverage, Declared, Endpoint, Exposure, Family, Few,
    NetNamespace, Owner, Portless, Process, Protocol, SocketKey, State, Text,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// What the operating system said at one moment, complete or not.
///
/// Serialisable: a recording is a file of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Where it comes from.
    pub source: SourceKind,
    /// Host name.
    pub host: Text,
    /// When the sockets were read.
    pub taken_at: Timestamp,
    /// The same moment on a clock that never jumps; only differences mean anything.
    pub elapsed: Duration,
    /// Effective user id of the reader; `None` where there is no such thing.
    pub euid: Option<u32>,
    /// User id of the person behind it: the one who called `sudo`, else the same as `euid`.
    pub user_uid: Option<u32>,
    /// The ports the kernel hands out by itself.
    pub ephemeral_ports: Option<PortRange>,
    /// This machine's own addresses.
    pub addresses: Vec<IpAddr>,
    /// The sockets, in the order the source has them.
    ///
    /// A source that knows that nothing about a socket has changed since its sample before hands out the same
    /// `Arc` again: the same pointer means the same socket, unchanged, counters and all.
    pub sockets: Vec<Arc<SampledSocket>>,
    /// The sockets that were closed since the sample before, with their last counters; also those that were opened
    /// after it and that no sample has. Empty where the source is not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<Arc<SampledSocket>>,
    /// The processes that own them, sorted by key.
    pub processes: Vec<Arc<Process>>,
    /// Names of the user ids that own sockets, where they have one.
    pub users: Vec<(u32, Text)>,
    /// What this machine's own files say about ports. A source reads them once, for its first sample;
    /// empty in the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<Declared>,
    /// What is missing.
    pub coverage: Coverage,
}

/// Where samples come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// The kernel's socket tables over netlink (Linux).
    SockDiag,
    /// The kernel's socket tables as text, from `/proc/net` (Linux).
    ProcNet,
    /// netstat2 and sysinfo (every platform they support).
    Portable,
}

impl SourceKind {
    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::SockDiag => "sock-diag",
            Self::ProcNet => "proc-net",
            Self::Portable => "portable",
        }
    }
}

/// A range of ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortRange {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

impl PortRange {
    /// Whether `port` is one of them.
    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

/// One socket, as the operating system tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampledSocket {
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
    pub tcp: Option<Box<TcpInfo>>,
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

impl SampledSocket {
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

    /// A number that tells its network namespace from others; 0 for the reader's own.
    pub fn netns_number(&self) -> u64 {
        let netns = self.netns.as_deref().filter(|netns| !netns.own);
        netns.map_or(0, |netns| {
            // Where the inode may not be seen, the name is of a process in it.
            let of_name = || netns.name.as_deref().map_or(1, of_name);
            netns.inode.unwrap_or_else(of_name)
        })
    }

    /// Whether it is in another network namespace than the reader.
    pub fn is_elsewhere(&self) -> bool {
        self.netns.as_deref().is_some_and(|netns| !netns.own)
    }

    /// Its own port; `None` for protocols without ports.
    pub fn port(&self) -> Option<u16> {
        self.protocol.has_ports().then_some(self.local.port)
    }

    /// From where it can be reached; `None` for what does not wait for others, and where no address is
    /// meant for others.
    pub fn exposure(&self) -> Option<Exposure> {
        let has_address = matches!(self.family, Family::Ipv4 | Family::Ipv6);
        (has_address && self.protocol != Protocol::Icmp && self.is_listening())
            .then(|| self.local.exposure())
    }

    /// Whether it was a connection that was asked for and never came about; known only once it is closed.
    pub fn never_connected(&self) -> bool {
        let is_nothing = |tcp: &TcpInfo| {
            let count = |bytes: Option<u64>| bytes.is_none_or(|bytes| bytes == 0);
            tcp.min_rtt_us.is_none() && count(tcp.sent()) && count(tcp.bytes_received)
        };
        self.state == State::Close
            && self.peer.is_some()
            && self.tcp.as_deref().is_some_and(is_nothing)
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
            local,
            peer,
            interface,
            inode,
            cookie,
            uid,
            recv_queue,
            send_queue,
            tcp: _,
            owners,
            memory,
            drops,
            cgroup,
            netns,
            portless,
        } = self;
        let counters = || {
            *recv_queue == before.recv_queue
                && *send_queue == before.send_queue
                && *memory == before.memory
                && *drops == before.drops
        };
        *state == before.state
            && (!self.is_listening() || counters())
            && *owners == before.owners
            && *local == before.local
            && *peer == before.peer
            && *protocol == before.protocol
            && *family == before.family
            && *inode == before.inode
            && *cookie == before.cookie
            && *uid == before.uid
            && *interface == before.interface
            && *cgroup == before.cgroup
            && *netns == before.netns
            && *portless == before.portless
    }

    /// What tells this socket from every other.
    pub fn key(&self) -> SocketKey {
        match self.cookie {
            Some(cookie) => SocketKey::Cookie(cookie),
            None => SocketKey::Addresses {
                protocol: self.protocol,
                local: self.local,
                peer: self.peer,
                inode: self.inode.unwrap_or(0),
            },
        }
    }

    /// Whether it waits for others to come: a listener, or a datagram socket without a peer.
    pub fn is_listening(&self) -> bool {
        matches!(self.state, State::Listen | State::Unconnected)
    }
}

/// The number in `pid:4711`.
fn of_name(name: &str) -> u64 {
    let digits = name
        .rsplit(':')
        .next()
        .and_then(|digits| digits.parse().ok());
    digits.unwrap_or(1)
}

/// The kernel's numbers of one TCP connection. `None` where this kernel has no such field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TcpInfo {
    /// When they were read, on the clock of [`Sample::elapsed`]: reading many sockets takes a while. `None`
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
    /// Bytes sent, as far as the kernel counts them.
    pub fn sent(&self) -> Option<u64> {
        self.bytes_sent.or(self.bytes_acked)
    }
}
