//! What identifies and describes a socket.

use super::{Endpoint, Few, ProcessKey, Transport};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// RFC 9293.
    Tcp,
    /// RFC 768.
    Udp,
    /// RFC 8684: one connection over several TCP connections, which are sockets of their own.
    Mptcp,
    /// RFC 3828.
    UdpLite,
    /// RFC 9260.
    Sctp,
    /// RFC 4340.
    Dccp,
    /// Packets of one IP protocol, as they come.
    Raw,
    /// A socket that may do nothing but ping.
    Icmp,
    /// Frames of an interface, as they come.
    Packet,
    /// Between processes of this machine.
    Unix,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 10] = [
        Self::Tcp,
        Self::Udp,
        Self::Mptcp,
        Self::UdpLite,
        Self::Sctp,
        Self::Dccp,
        Self::Raw,
        Self::Icmp,
        Self::Packet,
        Self::Unix,
    ];

    /// The name in JSON and in the filter language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Mptcp => "mptcp",
            Self::UdpLite => "udplite",
            Self::Sctp => "sctp",
            Self::Dccp => "dccp",
            Self::Raw => "raw",
            Self::Icmp => "icmp",
            Self::Packet => "packet",
            Self::Unix => "unix",
        }
    }

    /// The transport whose port numbers it has; `None` when it has no ports.
    pub fn transport(self) -> Option<Transport> {
        match self {
            Self::Tcp | Self::Mptcp => Some(Transport::Tcp),
            Self::Udp | Self::UdpLite => Some(Transport::Udp),
            Self::Sctp => Some(Transport::Sctp),
            Self::Dccp => Some(Transport::Dccp),
            Self::Raw | Self::Icmp | Self::Packet | Self::Unix => None,
        }
    }

    /// Whether its sockets have port numbers.
    pub fn has_ports(self) -> bool {
        self.transport().is_some()
    }

    /// Whether it sends single messages to whoever is named, so that a socket needs no peer.
    pub fn is_datagram(self) -> bool {
        matches!(
            self,
            Self::Udp | Self::UdpLite | Self::Raw | Self::Icmp | Self::Packet
        )
    }
}

/// The address family of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6, which may speak IPv4 as well.
    Ipv6,
    /// Names of this machine: paths and abstract names.
    Unix,
    /// Interfaces.
    Packet,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 4] = [Self::Ipv4, Self::Ipv6, Self::Unix, Self::Packet];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Unix => "unix",
            Self::Packet => "packet",
        }
    }
}

/// The state of a socket: RFC 9293's for TCP, `Unconnected` or `Established` for datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Waits for connections.
    Listen,
    /// Connected.
    Established,
    /// Asked to connect, no answer yet.
    SynSent,
    /// Was asked to connect and has answered.
    SynRecv,
    /// Closed by us, not yet acknowledged.
    #[serde(rename = "fin-wait-1")]
    FinWait1,
    /// Closed by us and acknowledged; the peer may still send.
    #[serde(rename = "fin-wait-2")]
    FinWait2,
    /// Closed; the kernel keeps it against late segments.
    TimeWait,
    /// Bound or made, not connected.
    Close,
    /// Closed by the peer, not yet by us.
    CloseWait,
    /// Closed by both, our closing not yet acknowledged.
    LastAck,
    /// Closed by both at once.
    Closing,
    /// A datagram socket without a peer.
    Unconnected,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Listen,
        Self::Established,
        Self::SynSent,
        Self::SynRecv,
        Self::FinWait1,
        Self::FinWait2,
        Self::TimeWait,
        Self::Close,
        Self::CloseWait,
        Self::LastAck,
        Self::Closing,
        Self::Unconnected,
    ];

    /// The name in JSON and in the filter language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Established => "established",
            Self::SynSent => "syn-sent",
            Self::SynRecv => "syn-recv",
            Self::FinWait1 => "fin-wait-1",
            Self::FinWait2 => "fin-wait-2",
            Self::TimeWait => "time-wait",
            Self::Close => "close",
            Self::CloseWait => "close-wait",
            Self::LastAck => "last-ack",
            Self::Closing => "closing",
            Self::Unconnected => "unconnected",
        }
    }

    /// Whether this end of a connection has said that it sends no more.
    pub fn has_closed(self) -> bool {
        matches!(
            self,
            Self::FinWait1 | Self::FinWait2 | Self::LastAck | Self::Closing
        )
    }

    /// Whether the other end of a connection has said that it sends no more, while this end may still.
    pub fn peer_has_closed(self) -> bool {
        matches!(self, Self::CloseWait | Self::LastAck | Self::Closing)
    }

    /// Whether a process can still hold a socket in this state.
    ///
    /// The kernel alone keeps the others, so a missing owner means nothing there.
    pub fn can_have_owner(self) -> bool {
        !matches!(self, Self::TimeWait | Self::SynRecv)
    }
}

/// What tells one socket from every other, for as long as it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SocketKey {
    /// The kernel's own number, never used twice.
    Cookie(u64),
    /// The best there is where the source knows no cookie. A socket that was closed and
    /// opened again between two samples counts as the same one when its inode is unknown.
    Addresses {
        /// Transport.
        protocol: Protocol,
        /// Local end.
        local: Endpoint,
        /// Remote end.
        peer: Option<Endpoint>,
        /// Inode, or 0.
        inode: u64,
    },
}

impl fmt::Display for SocketKey {
    /// Writes the `id` of the JSON output.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie(cookie) => write!(f, "cookie-{cookie:x}"),
            Self::Addresses {
                protocol,
                local,
                peer,
                inode,
            } => {
                write!(f, "{}-{local}-", protocol.name())?;
                match peer {
                    Some(peer) => write!(f, "{peer}-{inode}"),
                    None => write!(f, "*-{inode}"),
                }
            }
        }
    }
}

/// A process that holds a socket, and under which descriptors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The process.
    pub process: ProcessKey,
    /// Its descriptors of the socket, ascending; empty where the source does not tell.
    pub fds: Few<u32>,
}
