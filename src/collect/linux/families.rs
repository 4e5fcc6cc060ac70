//! The sockets that are neither TCP nor UDP: raw, packet, ping, MPTCP, UDP-Lite, SCTP, DCCP and UNIX.
//!
//! Each kind is asked for over netlink, and read from `/proc/net` where the kernel has no answer. A kind
//! that has no socket here is not asked for at all: one look at `/proc/net/protocols` tells.

mod inet;
mod packet;
mod unix;

use super::{
    diag::Names,
    found::Found,
    netlink::{Fault, Netlink},
    proc_net::{self, Net, Table},
};
use crate::model::{
    Endpoint, Family, Limit, LimitKind, Mode, Portless, Protocol, State, Text, ToldSocket,
};
use rustix::{io::Errno, net::netlink::SOCK_DIAG};
use std::{collections::HashMap, net::Ipv4Addr};

const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
/// After so many dumps a kind that the kernel did not have is asked for again: a module can be loaded.
const ASK_AGAIN: u32 = 100;
const LONGEST: usize = 32 * 1024;

/// What was asked for besides TCP and UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    UdpLite,
    Mptcp,
    Sctp,
    Dccp,
    Raw,
    Icmp,
    Packet,
    Unix,
}

const KINDS: [Kind; 8] = [
    Kind::UdpLite,
    Kind::Mptcp,
    Kind::Sctp,
    Kind::Dccp,
    Kind::Raw,
    Kind::Icmp,
    Kind::Packet,
    Kind::Unix,
];

impl Kind {
    fn protocol(self) -> Protocol {
        match self {
            Self::UdpLite => Protocol::UdpLite,
            Self::Mptcp => Protocol::Mptcp,
            Self::Sctp => Protocol::Sctp,
            Self::Dccp => Protocol::Dccp,
            Self::Raw => Protocol::Raw,
            Self::Icmp => Protocol::Icmp,
            Self::Packet => Protocol::Packet,
            Self::Unix => Protocol::Unix,
        }
    }

    /// Its names in `/proc/net/protocols`.
    fn counted_as(self) -> &'static [&'static [u8]] {
        match self {
            Self::UdpLite => &[b"UDP-Lite", b"UDPLITEv6"],
            Self::Mptcp => &[b"MPTCP", b"MPTCPv6"],
            Self::Sctp => &[b"SCTP", b"SCTPv6"],
            Self::Dccp => &[b"DCCP", b"DCCPv6"],
            Self::Raw => &[b"RAW", b"RAWv6"],
            Self::Icmp => &[b"PING", b"PINGv6"],
            Self::Packet => &[b"PACKET"],
            Self::Unix => &[b"UNIX", b"UNIX-STREAM"],
        }
    }

    /// The files that tell of it too.
    fn tables(self) -> &'static [Table] {
        match self {
            Self::UdpLite => &proc_net::UDP_LITE,
            Self::Raw => &proc_net::RAW,
            Self::Icmp => &proc_net::ICMP,
            Self::Packet => &proc_net::PACKET,
            Self::Unix => &proc_net::UNIX,
            Self::Mptcp | Self::Sctp | Self::Dccp => &[],
        }
    }

    /// What is asked over netlink; nothing for sockets that ping.
    fn requests(self) -> Vec<Vec<u8>> {
        let both = |protocol| [AF_INET, AF_INET6].map(|family| inet::request(family, protocol));
        match self {
            Self::UdpLite => both(inet::UDP_LITE).into(),
            Self::Mptcp => both(inet::MPTCP).into(),
            Self::Sctp => both(inet::SCTP).into(),
            Self::Dccp => both(inet::DCCP).into(),
            Self::Raw => both(inet::RAW).into(),
            Self::Icmp => vec![],
            Self::Packet => vec![packet::request()],
            Self::Unix => vec![unix::request()],
        }
    }

    fn decode(self, message: &[u8], names: &mut Names) -> Option<Found> {
        match self {
            Self::Packet => packet::decode(message),
            Self::Unix => unix::decode(message),
            Self::UdpLite | Self::Mptcp | Self::Sctp | Self::Dccp | Self::Raw | Self::Icmp => {
                inet::decode(message, self.protocol(), names)
            }
        }
    }
}

/// How a kind is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Netlink,
    ProcNet,
    /// The kernel has no such sockets, or tells nobody of them.
    None,
}

/// Reads the other families of one network namespace.
#[derive(Debug)]
pub(super) struct Families {
    /// `None` where netlink is not to be used.
    netlink: Option<Netlink>,
    names: Names,
    ways: [Way; KINDS.len()],
    dumps: u32,
}

/// What a dump of the other families brought.
#[derive(Debug, Default)]
pub(super) struct Others {
    pub(super) sockets: Vec<Found>,
    pub(super) limits: Vec<Limit>,
}

/// Returns the inode of the socket that the UNIX socket with this inode is connected to.
///
/// `None` when it is connected to none, is no UNIX socket of this network namespace, or the kernel does not tell.
pub(super) fn peer_of(inode: u64) -> Option<u64> {
    let mut peer = None;
    let request = unix::request_for(u32::try_from(inode).ok()?);
    let mut netlink = Netlink::open(Some(SOCK_DIAG)).ok()?;
    let answer = netlink.one(super::diag::BY_FAMILY, &request, &mut |message| {
        let found = unix::decode(message);
        peer = found.and_then(|found| found.socket.portless?.peer_inode);
    });
    answer.ok().and(peer)
}

impl Families {
    /// Opens a conversation in the network namespace the thread is in.
    pub(super) fn open() -> Self {
        Self::with(Netlink::open(Some(SOCK_DIAG)).ok())
    }

    /// Reads nothing but `/proc/net`.
    pub(super) fn of_proc_net() -> Self {
        Self::with(None)
    }

    fn with(netlink: Option<Netlink>) -> Self {
        Self {
            netlink,
            names: Names::default(),
            ways: [Way::Netlink; KINDS.len()],
            dumps: 0,
        }
    }

    /// Reads all but the UNIX sockets, and those too when `unix`; `net` is the namespace's own.
    pub(super) fn dump(&mut self, net: &Net, unix: bool) -> Others {
        let mut others = Others::default();
        let counts = counts(net);
        self.dumps = self.dumps.wrapping_add(1);
        for (at, kind) in KINDS.into_iter().enumerate() {
            let is_empty = counts.as_ref().is_some_and(|counts| counts.none(kind));
            if is_empty || kind == Kind::Unix && !unix {
                continue;
            }
            let way = self.ways.get(at).copied().unwrap_or(Way::None);
            let way = self.read(kind, way, net, &mut others);
            if let Some(known) = self.ways.get_mut(at) {
                *known = way;
            }
        }
        unix::find_peers(&mut others.sockets);
        others
    }

    /// Reads one kind in the way that worked before, or in the next; returns the one that did.
    fn read(&mut self, kind: Kind, way: Way, net: &Net, others: &mut Others) -> Way {
        let again = way == Way::None && self.dumps.is_multiple_of(ASK_AGAIN);
        if (way == Way::Netlink || again) && self.ask(kind, others) {
            return Way::Netlink;
        }
        if way != Way::None && read_tables(kind, net, others) {
            return Way::ProcNet;
        }
        Way::None
    }

    /// Whether the kernel answers requests about this kind.
    fn ask(&mut self, kind: Kind, others: &mut Others) -> bool {
        let Some(netlink) = &mut self.netlink else {
            return false;
        };
        let requests = kind.requests();
        let mut answered = !requests.is_empty();
        let before = others.sockets.len();
        for (at, request) in requests.iter().enumerate() {
            let mut unread = 0_usize;
            let names = &mut self.names;
            let sockets = &mut others.sockets;
            let mut take = |message: &[u8]| match kind.decode(message, names) {
                Some(found) => sockets.push(found),
                None => unread += 1,
            };
            let answer = netlink.dump(super::diag::BY_FAMILY, request, &mut take);
            let answer = if unread > 0 {
                answer.and(Err(Fault::Malformed))
            } else {
                answer
            };
            match answer {
                Err(Fault::Refused(_)) if at == 0 => {
                    answered = false;
                    break;
                }
                // The kernel has it over IPv4 alone.
                Ok(()) | Err(Fault::Refused(Errno::NOENT)) => {}
                Err(fault) => others.limits.push(missing(kind, &fault.words())),
            }
        }
        if !answered {
            others.sockets.truncate(before);
        }
        answered
    }
}

/// Whether the files that tell of `kind` are there.
fn read_tables(kind: Kind, net: &Net, others: &mut Others) -> bool {
    let tables = kind.tables();
    let read = proc_net::read_all(net, tables, &mut others.sockets, &mut others.limits);
    !tables.is_empty() && read.is_ok()
}

fn missing(kind: Kind, words: &str) -> Limit {
    Limit {
        kind: LimitKind::Sockets,
        detail: Text::from(format!(
            "{} sockets may be missing: the kernel's answer {words}",
            kind.protocol().name()
        )),
        remedy: None,
    }
}

/// How many sockets of each protocol the namespace has.
#[derive(Debug)]
struct Counts {
    names: HashMap<Vec<u8>, u64>,
    /// The kernel counts MPTCP sockets (Linux 6.2 and later).
    mptcp: bool,
}

impl Counts {
    /// Whether there surely is no socket of this kind.
    fn none(&self, kind: Kind) -> bool {
        let mut names = kind.counted_as().iter();
        let is_known = kind != Kind::Mptcp || self.mptcp;
        // What is not listed is not in this kernel, or its module is not loaded.
        is_known && names.all(|name| self.names.get(*name).is_none_or(|count| *count == 0))
    }
}

/// `None` where the kernel does not tell.
fn counts(net: &Net) -> Option<Counts> {
    let text = net.read("protocols", LONGEST).ok()?;
    let release = rustix::system::uname();
    let mptcp = release_number(release.release().to_bytes()) >= Some((6, 2));
    Some(Counts {
        names: counted(&text)?,
        mptcp,
    })
}

/// Whether a namespace has any socket but UNIX ones; `None` where the kernel does not tell.
///
/// Connections that nobody but the kernel keeps any more are not counted as in use.
pub(super) fn has_sockets(net: &Net) -> Option<bool> {
    let counts = counts(net)?;
    let common: [&[u8]; 4] = [b"TCP", b"TCPv6", b"UDP", b"UDPv6"];
    let in_use = |name: &&[u8]| counts.names.get(*name).is_some_and(|count| *count > 0);
    if common.iter().any(in_use)
        || !KINDS
            .into_iter()
            .all(|kind| kind == Kind::Unix || counts.none(kind))
    {
        return Some(true);
    }
    let sockstat = net.read("sockstat", LONGEST).ok()?;
    let mut words = proc_net::fields(&sockstat).skip_while(|word| *word != b"tw");
    Some(words.nth(1) != Some(b"0"))
}

/// The first and the third column of `/proc/net/protocols`; `None` when it looks otherwise.
fn counted(text: &[u8]) -> Option<HashMap<Vec<u8>, u64>> {
    let mut lines = text.split(|byte| *byte == b'\n');
    let heading = lines.next()?;
    if !heading.starts_with(b"protocol  size sockets") {
        return None;
    }
    let mut counted = HashMap::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let mut fields = proc_net::fields(line);
        let name = fields.next()?.to_vec();
        let count = super::bytes::decimal(fields.nth(1)?)?;
        counted.insert(name, count);
    }
    Some(counted)
}

/// The first two numbers of a kernel's release.
fn release_number(release: &[u8]) -> Option<(u64, u64)> {
    let mut parts = release.split(|byte| !byte.is_ascii_digit());
    let mut number = || super::bytes::decimal(parts.next()?);
    Some((number()?, number()?))
}

/// How a socket without ports hands over what comes, by the kernel's number of its type.
pub(super) fn mode_of(kind: u8) -> Option<Mode> {
    match kind {
        1 => Some(Mode::Stream),
        2 => Some(Mode::Datagram),
        // 10 is the type that Linux 2.0 had for packets.
        3 | 10 => Some(Mode::Raw),
        5 => Some(Mode::SeqPacket),
        _ => None,
    }
}

/// A packet socket for the frames with this number.
pub(super) fn packet_socket(mode: Option<Mode>, number: u16) -> ToldSocket {
    let portless = Portless {
        mode,
        number: Some(number),
        ..Portless::default()
    };
    without_address(
        Protocol::Packet,
        Family::Packet,
        State::Unconnected,
        portless,
    )
}

/// A UNIX socket bound to this path.
pub(super) fn unix_socket(mode: Option<Mode>, state: State, path: Option<Text>) -> ToldSocket {
    let portless = Portless {
        mode,
        path,
        ..Portless::default()
    };
    without_address(Protocol::Unix, Family::Unix, state, portless)
}

fn without_address(
    protocol: Protocol,
    family: Family,
    state: State,
    portless: Portless,
) -> ToldSocket {
    let nowhere = Endpoint::new(Ipv4Addr::UNSPECIFIED, 0);
    ToldSocket {
        portless: Some(Box::new(portless)),
        ..ToldSocket::new(protocol, family, state, nowhere)
    }
}

/// Takes the number that the kernel keeps in place of a port out of a local end, for protocols without
/// ports.
pub(super) fn portless_of(
    protocol: Protocol,
    local: Endpoint,
) -> (Endpoint, Option<Box<Portless>>) {
    if protocol.has_ports() {
        return (local, None);
    }
    let portless = Portless {
        mode: (protocol == Protocol::Raw).then_some(Mode::Raw),
        number: Some(local.port),
        ..Portless::default()
    };
    (Endpoint { port: 0, ..local }, Some(Box::new(portless)))
}

#[cfg(test)]
mod tests;
