//! Typed terms, and whether a socket fits them. What is not known fits nothing.

use super::{
    choice::Set,
    field::{Amount, Choice, Named, Number, Side, TextOf},
    pattern::Pattern,
};
use crate::model::{Endpoint, Exposure, Family, Names, Protocol, Snapshot, Socket, State, Text};
use ipnet::IpNet;
use jiff::SignedDuration;
use std::{
    net::IpAddr,
    ops::{Bound, RangeBounds as _},
};

mod memo;
mod text;

pub(super) use memo::Memo;

/// For how long a socket that opened while we looked is new.
const NEW_FOR: SignedDuration = SignedDuration::from_secs(60);

/// A range of values, open or closed on each side.
pub(super) type Span<T> = (Bound<T>, Bound<T>);

/// What is known besides the socket itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    /// The snapshot that it is of.
    pub(super) snapshot: &'a Snapshot,
    /// What hosts are called; `None` while nobody is asked.
    pub(super) hosts: Option<&'a Names>,
    /// What is already known, while all sockets of the snapshot are asked.
    pub(super) memo: Option<&'a Memo>,
}

impl<'a> Around<'a> {
    fn host(self, socket: &Socket) -> Option<&'a Text> {
        self.hosts?.of_peer(&socket.raw)
    }
}

/// A question about one socket.
#[derive(Debug, Clone)]
pub(super) enum Term {
    /// One of them fits.
    Any(Vec<Self>),
    /// All of them fit.
    All(Vec<Self>),
    /// It does not fit.
    Not(Box<Self>),
    /// A port of that side.
    Port(Side, Vec<Span<u16>>),
    /// It waits on one of these ports.
    Listener(Vec<Span<u16>>),
    /// A number.
    Number(Number, Vec<Span<u64>>),
    /// A quantity.
    Amount(Amount, Vec<Span<f64>>),
    /// One of a few names.
    Choice(Choice, Set),
    /// An address of that side.
    Address(Side, Vec<AddressPattern>),
    /// Text.
    Text(TextOf, Vec<Pattern>),
    /// Text anywhere in the row.
    Row(RowPattern),
    /// What the other end is called.
    Host(Vec<Pattern>),
    /// A port of either side, or the pid of an owner.
    PortOrPid(u32),
    /// A word with a meaning of its own.
    Named(Named),
}

/// What an address is compared with.
#[derive(Debug, Clone)]
pub(super) enum AddressPattern {
    /// Anything that is known.
    Any,
    /// A network; a single address is the smallest.
    Net(IpNet),
    /// The addresses between two, both included.
    Between(IpAddr, IpAddr),
    /// The address as it is written.
    Written(Pattern),
}

/// A text anywhere in the row.
#[derive(Debug, Clone)]
pub(super) struct RowPattern {
    /// The text.
    pub(super) pattern: Pattern,
    /// It has nothing but characters of an address and a port.
    pub(super) may_be_endpoint: bool,
    /// The same of IPv4.
    pub(super) may_be_v4: bool,
    /// It has a blank, so it may reach over arguments.
    pub(super) has_blank: bool,
}

impl Term {
    /// Whether `socket`, one of `around`'s, fits.
    pub(super) fn matches(&self, socket: &Socket, around: Around<'_>) -> bool {
        match self {
            Self::Any(terms) => terms.iter().any(|term| term.matches(socket, around)),
            Self::All(terms) => terms.iter().all(|term| term.matches(socket, around)),
            Self::Not(term) => !term.matches(socket, around),
            Self::Port(side, spans) => {
                let has_ports = socket.raw.protocol.has_ports();
                has_ports && ends(socket, *side).any(|end| among(spans, end.port))
            }
            Self::Listener(spans) => {
                let port = socket.raw.port().filter(|_| socket.raw.is_listening());
                port.is_some_and(|port| among(spans, port))
            }
            Self::Number(number, spans) => number.any(socket, |value| among(spans, value)),
            Self::Amount(amount, spans) => amount.fits(spans, socket, around.snapshot),
            Self::Choice(choice, set) => choice.holds(*set, socket),
            Self::Address(side, patterns) => {
                ends(socket, *side).any(|end| patterns.iter().any(|pattern| pattern.matches(&end)))
            }
            Self::Text(text, patterns) => text.matches(patterns, socket, around.memo),
            Self::Host(patterns) => around
                .host(socket)
                .is_some_and(|host| patterns.iter().any(|pattern| pattern.matches(host))),
            Self::Row(row) => {
                row.matches(socket, around.memo)
                    || around
                        .host(socket)
                        .is_some_and(|host| row.pattern.matches(host))
            }
            Self::PortOrPid(number) => {
                socket.raw.protocol.has_ports()
                    && ends(socket, Side::Either).any(|end| u32::from(end.port) == *number)
                    || socket
                        .raw
                        .owners()
                        .iter()
                        .any(|owner| owner.process.pid == *number)
            }
            Self::Named(word) => word.holds(socket, around.snapshot),
        }
    }

    /// Whether it asks for UNIX sockets by name.
    pub(super) fn names_unix(&self) -> bool {
        let holds = |set: &Set, value: usize| set >> value & 1 == 1;
        match self {
            Self::Any(terms) | Self::All(terms) => terms.iter().any(Self::names_unix),
            Self::Choice(Choice::Proto, set) => holds(set, Protocol::Unix as usize),
            Self::Choice(Choice::Family, set) => holds(set, Family::Unix as usize),
            Self::Choice(..)
            | Self::Not(_)
            | Self::Port(..)
            | Self::Listener(_)
            | Self::Number(..)
            | Self::Amount(..)
            | Self::Address(..)
            | Self::Text(..)
            | Self::Row(_)
            | Self::Host(_)
            | Self::PortOrPid(_)
            | Self::Named(_) => false,
        }
    }

    /// Whether what hosts are called can change what fits.
    pub(super) fn asks_for_hosts(&self) -> bool {
        match self {
            Self::Any(terms) | Self::All(terms) => terms.iter().any(Self::asks_for_hosts),
            Self::Not(term) => term.asks_for_hosts(),
            Self::Host(_) | Self::Row(_) => true,
            Self::Port(..)
            | Self::Listener(_)
            | Self::Number(..)
            | Self::Amount(..)
            | Self::Choice(..)
            | Self::Address(..)
            | Self::Text(..)
            | Self::PortOrPid(_)
            | Self::Named(_) => false,
        }
    }

    /// Whether time alone can change its answer.
    pub(super) fn asks_the_clock(&self) -> bool {
        match self {
            Self::Any(terms) | Self::All(terms) => terms.iter().any(Self::asks_the_clock),
            Self::Not(term) => term.asks_the_clock(),
            Self::Amount(amount, _) => *amount == Amount::Age,
            Self::Named(word) => *word == Named::New,
            Self::Port(..)
            | Self::Listener(_)
            | Self::Number(..)
            | Self::Choice(..)
            | Self::Address(..)
            | Self::Text(..)
            | Self::Row(_)
            | Self::Host(_)
            | Self::PortOrPid(_) => false,
        }
    }

    /// How much work it is, so that the cheap ones of several are asked first.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Any(terms) | Self::All(terms) => terms.iter().map(Self::cost).sum(),
            Self::Not(term) => term.cost(),
            Self::Port(..) | Self::Listener(_) | Self::Choice(..) | Self::Named(_) => 1,
            Self::Number(..) | Self::Amount(..) | Self::PortOrPid(_) => 2,
            Self::Address(..) => 5,
            Self::Text(TextOf::Command, _) => 50,
            Self::Text(..) | Self::Host(_) => 10,
            Self::Row(_) => 100,
        }
    }
}

fn among<T: PartialOrd + Copy>(spans: &[Span<T>], value: T) -> bool {
    spans.iter().any(|span| span.contains(&value))
}

fn ends(socket: &Socket, side: Side) -> impl Iterator<Item = Endpoint> {
    let has_address = matches!(socket.raw.family, Family::Ipv4 | Family::Ipv6);
    let local = has_address && matches!(side, Side::Either | Side::Local);
    let local = local.then(|| socket.raw.local());
    let remote = matches!(side, Side::Either | Side::Remote);
    let remote = remote.then(|| socket.raw.peer()).flatten();
    local.into_iter().chain(remote)
}

impl AddressPattern {
    fn matches(&self, end: &Endpoint) -> bool {
        let address = end.canonical();
        match self {
            Self::Any => true,
            Self::Net(net) => net.contains(&address),
            Self::Between(first, last) => (*first..=*last).contains(&address),
            Self::Written(pattern) => text::written(address, None, |text| pattern.matches(text)),
        }
    }
}

impl Number {
    fn any(self, socket: &Socket, fits: impl Fn(u64) -> bool + Copy) -> bool {
        let mut owners = socket.owners();
        match self {
            Self::Pid => {
                let owners = socket.raw.owners();
                owners.iter().any(|owner| fits(owner.process.pid.into()))
            }
            Self::Ppid => owners.any(|owner| owner.ppid.is_some_and(|ppid| fits(ppid.into()))),
            Self::Uid => {
                socket.raw.uid().is_some_and(|uid| fits(uid.into()))
                    || owners.any(|owner| owner.uid.is_some_and(|uid| fits(uid.into())))
            }
            Self::Inode => socket.raw.inode().is_some_and(fits),
        }
    }
}

impl Amount {
    fn fits(self, spans: &[Span<f64>], socket: &Socket, snapshot: &Snapshot) -> bool {
        let value = match self {
            Self::Rx => socket.rates.map(|rates| rates.rx_bytes_per_second()),
            Self::Tx => socket.rates.map(|rates| rates.tx_bytes_per_second()),
            Self::Rtt => {
                let tcp = socket.raw.tcp();
                tcp.map(|tcp| f64::from(tcp.rtt_us) / 1e6)
            }
            Self::Age if socket.before_us => {
                let at_least = age(socket, snapshot).as_secs_f64();
                return spans.iter().any(|span| contains_from(span, at_least));
            }
            Self::Age => Some(age(socket, snapshot).as_secs_f64()),
        };
        value.is_some_and(|value| among(spans, value))
    }
}

/// How long we have seen the socket.
fn age(socket: &Socket, snapshot: &Snapshot) -> SignedDuration {
    let until = socket.closed_at.unwrap_or(snapshot.taken_at);
    until.duration_since(socket.first_seen())
}

/// Whether a span holds every value from `least` on: all that is known of a socket older than us.
fn contains_from(span: &Span<f64>, least: f64) -> bool {
    span.1 == Bound::Unbounded && span.contains(&least)
}

impl Named {
    fn holds(self, socket: &Socket, snapshot: &Snapshot) -> bool {
        let raw = &socket.raw;
        let of_user = |uid: u32| Number::Uid.any(socket, |found| found == u64::from(uid));
        match self {
            Self::Loopback => ends(socket, Side::Either).any(|end| end.is_loopback()),
            Self::Listening => raw.is_listening(),
            Self::Established => raw.state == State::Established,
            Self::Wild => socket.exposure == Some(Exposure::AllInterfaces),
            Self::Hidden => socket.processes.is_empty() && raw.state.can_have_owner(),
            Self::New => !socket.before_us && age(socket, snapshot) <= NEW_FOR,
            Self::Closed => socket.closed_at.is_some(),
            Self::Mine => snapshot.euid.is_some_and(of_user),
            Self::Root => of_user(0),
            Self::V4 => raw.family == Family::Ipv4,
            Self::V6 => raw.family == Family::Ipv6,
            Self::Tcp => raw.protocol == Protocol::Tcp,
            Self::Udp => raw.protocol == Protocol::Udp,
        }
    }
}
