//! The kernel's socket tables over `NETLINK_SOCK_DIAG`.
//!
//! Owns the conversation and what must be said when a table could not be read whole.
//! Decoding is [`row`]'s, owners are found elsewhere.

mod alone;
mod decoder;
mod raw;
mod row;
mod tcp_info;

pub(super) use decoder::Decoder;
pub(super) use raw::Raw;
pub(super) use row::{Names, decode, has_peer, state_of};

use super::{
    found::Found,
    netlink::{Fault, Netlink},
    proc_net::{self, Net},
};
use crate::{
    collect::clock::Clock,
    model::{
        Connection, Endpoint, Fact, Family, Limit, LimitKind, NetNamespace, Protocol,
        SampledSocket, Text, Unseen,
    },
};
use rustix::{io::Errno, net::netlink::SOCK_DIAG};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// `TCPDIAG_GETSOCK`: both address families in one walk of the hash tables.
const BOTH_FAMILIES: u16 = 18;
/// `SOCK_DIAG_BY_FAMILY`.
pub(super) const BY_FAMILY: u16 = 20;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
const IPPROTO_UDP: u8 = 17;
/// `INET_DIAG_INFO`, `INET_DIAG_CONG` and `INET_DIAG_SKMEMINFO`.
pub(super) const EXTENSIONS: u8 = 1 << (2 - 1) | 1 << (4 - 1) | 1 << (7 - 1);
/// `INET_DIAG_INFO` alone: each of the others makes a pass over many connections a tenth dearer.
const EXTENSIONS_OF_TCP: u8 = 1 << (2 - 1);
/// `INET_DIAG_CONG`, which hardly ever changes.
const ALGORITHM: u8 = 1 << (4 - 1);
/// The twelve states that have a name; a bound socket that does neither listen nor connect is not
/// among them, as in `ss`.
pub(super) const STATES: u32 = 0xfff;
/// Length of `struct inet_diag_sockid`, all zero for "every socket".
pub(super) const EVERY_SOCKET: [u8; 48] = [0; 48];

/// What a dump brought.
#[derive(Debug, Default)]
pub(super) struct Dump {
    /// The sockets, without their owners.
    pub(super) sockets: Vec<Found>,
    /// What is missing.
    pub(super) limits: Vec<Limit>,
}

/// A conversation with the kernel about sockets.
#[derive(Debug)]
pub(super) struct Diag {
    way: Way,
    decoder: Decoder,
    /// The kernel knows the one-pass request for TCP.
    one_pass: bool,
}

/// Takes what a dump brings; says whether it understood.
pub(super) type Sink<'a> = dyn FnMut(&Raw<'_>, &mut Decoder) -> bool + 'a;

/// Whether a dump names the algorithms that connections send by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithms {
    /// It does.
    Named,
    /// Not: whoever asks keeps those that were named before.
    AsBefore,
}

/// How TCP and UDP are read.
#[derive(Debug)]
enum Way {
    Netlink(Netlink),
    Files(Net),
}

/// One table to ask for.
#[derive(Debug, Clone, Copy)]
struct Table {
    name: &'static str,
    protocol: Protocol,
    family: u8,
}

const TCP_TABLES: [Table; 2] = [
    Table {
        name: "TCP over IPv4",
        protocol: Protocol::Tcp,
        family: AF_INET,
    },
    Table {
        name: "TCP over IPv6",
        protocol: Protocol::Tcp,
        family: AF_INET6,
    },
];

const UDP_TABLES: [Table; 2] = [
    Table {
        name: "UDP over IPv4",
        protocol: Protocol::Udp,
        family: AF_INET,
    },
    Table {
        name: "UDP over IPv6",
        protocol: Protocol::Udp,
        family: AF_INET6,
    },
];

impl Diag {
    /// Opens the conversation; what comes is stamped by `clock`.
    pub(super) fn open(clock: Clock) -> Result<Self, Errno> {
        let netlink = Netlink::stamped(Some(SOCK_DIAG), clock)?;
        Ok(Self::by(Way::Netlink(netlink)))
    }

    /// Reads the files in the directory of a process's network namespace instead.
    pub(super) fn of_files(net: Net) -> Self {
        Self::by(Way::Files(net))
    }

    fn by(way: Way) -> Self {
        Self {
            way,
            decoder: Decoder::default(),
            one_pass: true,
        }
    }

    /// Says which network namespace is asked, so that sockets are given names.
    pub(super) fn stands_in(&mut self, netns: &Arc<NetNamespace>) {
        self.decoder = Decoder::of_system(netns);
    }

    /// Reads the tables of TCP and UDP as they are, whichever way.
    pub(super) fn dump_found(&mut self) -> Result<Dump, Errno> {
        let mut limits = Vec::new();
        if let Some(found) = self.read_files(&mut limits) {
            let sockets = found?;
            return Ok(Dump { sockets, limits });
        }
        let mut sockets = Vec::new();
        let limits = self.dump(Algorithms::Named, &mut |raw, decoder| {
            let found = decoder.found(raw);
            let is_read = found.is_some();
            sockets.extend(found);
            is_read
        })?;
        Ok(Dump { sockets, limits })
    }

    /// Reads TCP and UDP from files, where that is the way; `None` where it is not.
    pub(super) fn read_files(
        &mut self,
        limits: &mut Vec<Limit>,
    ) -> Option<Result<Vec<Found>, Errno>> {
        let Way::Files(net) = &self.way else {
            return None;
        };
        let mut found = Vec::new();
        let read = proc_net::read_all(net, &proc_net::COMMON, &mut found, limits);
        Some(read.map(|()| found))
    }

    /// Reads the tables of TCP and UDP; returns what is missing.
    ///
    /// `take` is given each socket at least once: twice where a table had to be read again.
    ///
    /// # Errors
    ///
    /// Only when not even TCP over IPv4 can be read; what else is missing is a [`Limit`].
    pub(super) fn dump(
        &mut self,
        algorithms: Algorithms,
        take: &mut Sink<'_>,
    ) -> Result<Vec<Limit>, Errno> {
        self.decoder.forget_interfaces();
        let of_tcp = match algorithms {
            Algorithms::Named => EXTENSIONS_OF_TCP | ALGORITHM,
            Algorithms::AsBefore => EXTENSIONS_OF_TCP,
        };
        let mut limits = Vec::new();
        if !self.tcp_in_one_pass(of_tcp, take, &mut limits) {
            for table in TCP_TABLES {
                match self.by_family(table, of_tcp, take) {
                    Err(Fault::Refused(errno)) if table.family == AF_INET => return Err(errno),
                    Err(fault) => limits.push(missing(table.name, fault)),
                    Ok(()) => {}
                }
            }
        }
        for table in UDP_TABLES {
            if let Err(fault) = self.by_family(table, EXTENSIONS, take) {
                limits.push(missing(table.name, fault));
            }
        }
        Ok(limits)
    }

    /// Asks for this very socket, and gives `take` what it is now.
    ///
    /// `false` says nothing: of several sockets on one address the kernel may have looked at another.
    pub(super) fn look_up(&mut self, socket: &SampledSocket, take: &mut Sink<'_>) -> bool {
        if socket.interface().is_some() {
            return false;
        }
        let extensions = extensions_of(socket.protocol);
        matches!(self.ask_for(socket, extensions, take), Ok(true))
    }

    /// The same of a connection, with the name of the algorithm that it sends by.
    pub(super) fn name(&mut self, socket: &SampledSocket, take: &mut Sink<'_>) {
        // One that has been closed meanwhile needs none.
        _ = self.ask_for(socket, EXTENSIONS_OF_TCP | ALGORITHM, take);
    }

    /// Asks for everything that is told of this very connection.
    pub(super) fn connection(&mut self, socket: &SampledSocket) -> Fact<Connection> {
        let mut connection = None;
        let asked = self.ask_for(socket, EXTENSIONS, &mut |raw, _| {
            connection = alone::decode(raw.payload, raw.read_at);
            connection.is_some()
        });
        let why = match asked {
            // Where its addresses were, there is nothing, or another one.
            Ok(_) | Err(Fault::Refused(Errno::NOENT | Errno::STALE | Errno::NODEV)) => Unseen::Gone,
            Err(Fault::Refused(Errno::PERM | Errno::ACCESS)) => Unseen::NotPermitted,
            Err(_) => Unseen::NotSupported,
        };
        connection.map_or(Fact::Unknown(why), Fact::Known)
    }

    /// Asks for a socket; returns whether it was this very one and `take` understood it.
    fn ask_for(
        &mut self,
        socket: &SampledSocket,
        extensions: u8,
        take: &mut Sink<'_>,
    ) -> Result<bool, Fault> {
        let Way::Netlink(netlink) = &mut self.way else {
            return Err(Fault::Refused(Errno::OPNOTSUPP));
        };
        let unknown = Fault::Refused(Errno::OPNOTSUPP);
        let cookie = socket.cookie().ok_or(unknown)?;
        let family = match socket.family {
            Family::Ipv4 => AF_INET,
            Family::Ipv6 => AF_INET6,
            Family::Unix | Family::Packet => return Err(unknown),
        };
        let interface = match socket.interface() {
            Some(name) => netlink.interface(name).map_err(Fault::Refused)?,
            None => 0,
        };
        let nobody = Endpoint::new(Ipv4Addr::UNSPECIFIED, 0);
        let peer = socket.peer().unwrap_or(nobody);
        // struct inet_diag_req_v2, its id filled in
        let protocol = number_of(socket.protocol);
        let mut body = vec![family, protocol, extensions, 0];
        body.extend(STATES.to_ne_bytes());
        // For datagrams the kernel has source and destination the other way round.
        let (source, destination) = match socket.protocol {
            protocol if protocol.is_datagram() => (peer, socket.local()),
            _ => (socket.local(), peer),
        };
        body.extend(source.port.to_be_bytes());
        body.extend(destination.port.to_be_bytes());
        body.extend(address_bytes(source.address));
        body.extend(address_bytes(destination.address));
        body.extend(interface.to_ne_bytes());
        body.extend(cookie.to_ne_bytes());
        let mut found = false;
        let decoder = &mut self.decoder;
        netlink.one_stamped(BY_FAMILY, &body, &mut |payload, read_at| {
            let raw = Raw::new(payload, socket.protocol, read_at);
            found = raw.cookie() == Some(cookie) && take(&raw, decoder);
        })?;
        Ok(found)
    }

    /// Whether the kernel understood the request for both families at once.
    fn tcp_in_one_pass(
        &mut self,
        extensions: u8,
        take: &mut Sink<'_>,
        limits: &mut Vec<Limit>,
    ) -> bool {
        if !self.one_pass {
            return false;
        }
        // struct inet_diag_req: family, two address lengths, extensions, id, states, dbs
        let mut body = vec![AF_INET, 0, 0, extensions];
        body.extend(EVERY_SOCKET);
        body.extend(STATES.to_ne_bytes());
        body.extend([0; 4]);
        match self.ask(BOTH_FAMILIES, &body, Protocol::Tcp, take) {
            Ok(()) => true,
            Err(Fault::Refused(_)) => {
                self.one_pass = false;
                false
            }
            Err(fault) => {
                limits.push(missing("TCP", fault));
                true
            }
        }
    }

    fn by_family(
        &mut self,
        table: Table,
        extensions: u8,
        take: &mut Sink<'_>,
    ) -> Result<(), Fault> {
        let protocol = number_of(table.protocol);
        // struct inet_diag_req_v2: family, protocol, extensions, pad, states, id
        let mut body = vec![table.family, protocol, extensions, 0];
        body.extend(STATES.to_ne_bytes());
        body.extend(EVERY_SOCKET);
        self.ask(BY_FAMILY, &body, table.protocol, take)
    }

    /// Asks for a table; once more when the first answer was not whole.
    fn ask(
        &mut self,
        kind: u16,
        body: &[u8],
        protocol: Protocol,
        take: &mut Sink<'_>,
    ) -> Result<(), Fault> {
        let first = self.ask_once(kind, body, protocol, take);
        if matches!(first, Ok(()) | Err(Fault::Refused(_) | Fault::Silent)) {
            return first;
        }
        self.ask_once(kind, body, protocol, take)
    }

    fn ask_once(
        &mut self,
        kind: u16,
        body: &[u8],
        protocol: Protocol,
        take: &mut Sink<'_>,
    ) -> Result<(), Fault> {
        let decoder = &mut self.decoder;
        let mut unread = 0_usize;
        let Way::Netlink(netlink) = &mut self.way else {
            return Err(Fault::Refused(Errno::OPNOTSUPP));
        };
        let answer = netlink.dump_stamped(kind, body, &mut |payload, read_at| {
            if !take(&Raw::new(payload, protocol, read_at), decoder) {
                unread += 1;
            }
        });
        if unread > 0 {
            return answer.and(Err(Fault::Malformed));
        }
        answer
    }
}

fn extensions_of(protocol: Protocol) -> u8 {
    if protocol == Protocol::Tcp {
        EXTENSIONS_OF_TCP
    } else {
        EXTENSIONS
    }
}

fn number_of(protocol: Protocol) -> u8 {
    if protocol == Protocol::Udp {
        IPPROTO_UDP
    } else {
        IPPROTO_TCP
    }
}

/// An address as the kernel keeps it: an IPv4 address in the first four of sixteen bytes.
fn address_bytes(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        IpAddr::V6(address) => address.octets(),
    }
}

fn missing(table: &str, fault: Fault) -> Limit {
    Limit {
        kind: LimitKind::Sockets,
        detail: Text::from(format!(
            "sockets of {table} may be missing: the kernel's answer {}",
            fault.words()
        )),
        remedy: None,
    }
}

#[cfg(test)]
mod tests;
