//! What sockets without ports have instead, and how an end of any socket is written.

use super::{Endpoint, Protocol, SampledSocket, Text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a socket without ports has instead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portless {
    /// How it hands over what comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// The path a UNIX socket is bound to; an abstract name begins with `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Text>,
    /// The path or abstract name of the socket it is connected to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_path: Option<Text>,
    /// The inode of the UNIX socket it is connected to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_inode: Option<u64>,
    /// What it receives: the number of an IP protocol (raw), or of an Ethernet protocol (packet, where 3
    /// is every frame and 0 none). Of a socket that pings, the identifier of its requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u16>,
}

/// How a socket without ports hands over what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A stream of bytes (UNIX).
    Stream,
    /// Single messages (UNIX), or frames without their link-layer header (packet).
    Datagram,
    /// Single messages in order over a connection (UNIX).
    SeqPacket,
    /// Whole, headers and all.
    Raw,
}

impl Mode {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Datagram => "datagram",
            Self::SeqPacket => "seqpacket",
            Self::Raw => "raw",
        }
    }
}

impl Portless {
    /// The usual name of what `number` stands for on a socket of `protocol`.
    pub fn number_name(&self, protocol: Protocol) -> Option<&'static str> {
        let names = if protocol == Protocol::Packet {
            ETHERNET_PROTOCOLS
        } else if protocol == Protocol::Raw {
            IP_PROTOCOLS
        } else {
            &[]
        };
        let (_, name) = names
            .iter()
            .find(|(known, _)| Some(*known) == self.number)?;
        Some(name)
    }
}

/// The protocols that raw sockets are opened for, by IANA's numbers.
const IP_PROTOCOLS: &[(u16, &str)] = &[
    (0, "ip"),
    (1, "icmp"),
    (2, "igmp"),
    (4, "ipip"),
    (6, "tcp"),
    (17, "udp"),
    (41, "ipv6"),
    (46, "rsvp"),
    (47, "gre"),
    (50, "esp"),
    (51, "ah"),
    (58, "ipv6-icmp"),
    (88, "eigrp"),
    (89, "ospf"),
    (103, "pim"),
    (112, "vrrp"),
    (115, "l2tp"),
    (132, "sctp"),
    (255, "raw"),
];

/// The frames that packet sockets are opened for, by the numbers of `linux/if_ether.h`.
const ETHERNET_PROTOCOLS: &[(u16, &str)] = &[
    (0x0003, "all"),
    (0x0004, "802.2"),
    (0x0800, "ip"),
    (0x0806, "arp"),
    (0x8035, "rarp"),
    (0x8100, "802.1q"),
    (0x86dd, "ipv6"),
    (0x8863, "pppoe-discovery"),
    (0x8864, "pppoe"),
    (0x888e, "802.1x"),
    (0x88a8, "802.1ad"),
    (0x88cc, "lldp"),
    (0x88e5, "macsec"),
    (0x88f7, "ptp"),
];

/// What a socket is bound to, to be written.
#[derive(Debug, Clone, Copy)]
pub struct BoundTo<'a>(&'a SampledSocket);

impl<'a> BoundTo<'a> {
    pub(super) fn new(socket: &'a SampledSocket) -> Self {
        Self(socket)
    }
}

impl fmt::Display for BoundTo<'_> {
    /// Writes `127.0.0.1:80`, `0.0.0.0:icmp`, `arp:eth0`, `/run/dbus` or `@name`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(socket) = self;
        let portless = socket.portless();
        match socket.protocol {
            Protocol::Unix => f.write_str(
                portless
                    .and_then(|portless| portless.path.as_deref())
                    .unwrap_or("*"),
            ),
            Protocol::Packet => {
                match portless {
                    Some(portless) => number(f, portless, socket.protocol)?,
                    None => f.write_str("*")?,
                }
                write!(f, ":{}", socket.interface().map_or("*", Text::as_str))
            }
            Protocol::Raw | Protocol::Icmp => {
                let whole = Endpoint {
                    port: 0,
                    ..socket.local()
                }
                .to_string();
                f.write_str(whole.strip_suffix('0').unwrap_or(&whole))?;
                match portless {
                    Some(portless) => number(f, portless, socket.protocol),
                    None => f.write_str("*"),
                }
            }
            Protocol::Tcp
            | Protocol::Udp
            | Protocol::Mptcp
            | Protocol::UdpLite
            | Protocol::Sctp
            | Protocol::Dccp => write!(f, "{}", socket.local()),
        }
    }
}

/// Writes a number by its name; `*` where it stands for everything.
fn number(f: &mut fmt::Formatter<'_>, portless: &Portless, protocol: Protocol) -> fmt::Result {
    match (portless.number_name(protocol), portless.number) {
        (Some("all"), _) | (None, None) => f.write_str("*"),
        (Some(name), _) => f.write_str(name),
        (None, Some(number)) if protocol == Protocol::Packet => write!(f, "{number:#06x}"),
        (None, Some(number)) => write!(f, "{number}"),
    }
}

/// What a socket is connected to, to be written.
#[derive(Debug, Clone, Copy)]
pub enum ConnectedTo<'a> {
    /// An address, and a port where the protocol has them.
    Endpoint(Endpoint, Protocol),
    /// The UNIX socket at a path.
    Path(&'a str),
    /// The UNIX socket with an inode.
    Inode(u64),
}

impl<'a> ConnectedTo<'a> {
    pub(super) fn new(socket: &'a SampledSocket) -> Option<Self> {
        if let Some(peer) = socket.peer() {
            return Some(Self::Endpoint(peer, socket.protocol));
        }
        let portless = socket.portless()?;
        match (&portless.peer_path, portless.peer_inode) {
            (Some(path), _) => Some(Self::Path(path)),
            (None, Some(inode)) => Some(Self::Inode(inode)),
            (None, None) => None,
        }
    }
}

impl fmt::Display for ConnectedTo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(end, protocol) if protocol.has_ports() => write!(f, "{end}"),
            Self::Endpoint(end, _) => write!(f, "{}", end.address),
            Self::Path(path) => f.write_str(path),
            Self::Inode(inode) => write!(f, "inode {inode}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Family, State, ToldSocket};
    use std::net::Ipv4Addr;

    fn socket(protocol: Protocol, portless: Portless) -> SampledSocket {
        let nowhere = Endpoint::new(Ipv4Addr::UNSPECIFIED, 0);
        let told = ToldSocket::new(protocol, Family::Ipv4, State::Unconnected, nowhere);
        SampledSocket::from(ToldSocket {
            portless: Some(Box::new(portless)),
            ..told
        })
    }

    fn receives(protocol: Protocol, number: u16) -> SampledSocket {
        let number = Some(number);
        let portless = Portless {
            number,
            ..Portless::default()
        };
        socket(protocol, portless)
    }

    #[test]
    fn an_end_is_written_as_ss_does() {
        let mut packet = receives(Protocol::Packet, 0x806);
        assert_eq!(packet.bound_to().to_string(), "arp:*");
        packet.change(|told| told.interface = Some(Text::from("eth0")));
        assert_eq!(packet.bound_to().to_string(), "arp:eth0");
        let every = receives(Protocol::Packet, 3);
        assert_eq!(every.bound_to().to_string(), "*:*");
        let odd = receives(Protocol::Packet, 0x1234);
        assert_eq!(odd.bound_to().to_string(), "0x1234:*");
        assert_eq!(
            receives(Protocol::Raw, 1).bound_to().to_string(),
            "0.0.0.0:icmp"
        );
        assert_eq!(
            receives(Protocol::Raw, 200).bound_to().to_string(),
            "0.0.0.0:200"
        );
        assert_eq!(
            receives(Protocol::Icmp, 7).bound_to().to_string(),
            "0.0.0.0:7"
        );
    }

    #[test]
    fn a_unix_socket_is_its_path_and_its_peers() {
        let nameless = socket(Protocol::Unix, Portless::default());
        assert_eq!(nameless.bound_to().to_string(), "*");
        assert!(nameless.connected_to().is_none());
        let portless = Portless {
            path: Some(Text::from("@bus")),
            peer_inode: Some(7),
            ..Portless::default()
        };
        let bus = socket(Protocol::Unix, portless);
        assert_eq!(bus.bound_to().to_string(), "@bus");
        assert_eq!(bus.connected_to().unwrap().to_string(), "inode 7");
    }

    #[test]
    fn a_socket_without_ports_has_no_port() {
        assert_eq!(receives(Protocol::Raw, 1).port(), None);
        assert!(!Protocol::Unix.has_ports() && Protocol::Mptcp.has_ports());
    }
}
