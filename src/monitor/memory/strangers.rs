//! Connections that nobody was seen to hold: tried, and gone before anybody looked. Many of them are a sweep.
//!
//! The kernel tells of them without their owner. Of one that failed it has often forgotten the port as well, but its own
//! port is told: the kernel gives those to one destination in a row, so that each row stands for a port that was tried.

use super::calls::{MANY_PORTS, WINDOW};
use crate::{
    model::{PortRange, SampledSocket},
    rules::past::Contacts,
};
use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    time::Duration,
};

/// The most machines that are told apart.
const MOST_MACHINES: usize = 256;
/// The most ports that are remembered of one.
const MOST_PORTS: usize = 64;
/// Two own ports that the kernel gave for one destination are no farther apart; it skips up to seven free ones.
const NEAR: u16 = 48;

/// What was tried on each machine, by network namespace and address.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    tried: BTreeMap<(u64, IpAddr), Tried>,
}

/// What was tried on one machine.
#[derive(Debug, Default)]
struct Tried {
    /// The ports, and when each was tried last; oldest first.
    ports: VecDeque<(Duration, Port)>,
    /// It has been said that they are many.
    is_told: bool,
}

/// A port of another machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Port {
    Known(u16),
    /// Not known; it was tried from this port last.
    From(u16),
}

impl Strangers {
    /// Remembers a connection that this machine asked for and that ended before anybody saw it; says so when that made
    /// them many.
    pub(super) fn tried(
        &mut self,
        raw: &SampledSocket,
        given: Option<PortRange>,
        at: Duration,
    ) -> Option<Contacts> {
        let peer = raw.peer().filter(|_| has_moved_nothing(raw))?;
        let key = (raw.netns_number(), peer.canonical());
        if self.tried.len() >= MOST_MACHINES && !self.tried.contains_key(&key) {
            return None;
        }
        let port = match peer.port {
            0 => Port::From(raw.local().port),
            known => Port::Known(known),
        };
        let tried = self.tried.entry(key).or_default();
        tried.add(port, given, at);
        let is_many = tried.ports.len() >= MANY_PORTS;
        let is_news = is_many && !std::mem::replace(&mut tried.is_told, is_many);
        is_news.then_some(Contacts::Ports {
            address: key.1,
            count: MANY_PORTS,
            within: WINDOW,
        })
    }

    /// Forgets what lies too far back.
    pub(super) fn forget(&mut self, now: Duration) {
        self.tried.retain(|_, tried| {
            let is_old = |at: Duration| now.saturating_sub(at) > WINDOW;
            while tried.ports.front().is_some_and(|(at, _)| is_old(*at)) {
                tried.ports.pop_front();
            }
            !tried.ports.is_empty()
        });
    }
}

impl Tried {
    fn add(&mut self, port: Port, given: Option<PortRange>, at: Duration) {
        let is_same = |other: &Port| match (port, *other) {
            (Port::From(own), Port::From(other)) => distance(own, other, given) <= NEAR,
            (port, other) => port == other,
        };
        let known = self.ports.iter().position(|(_, other)| is_same(other));
        if let Some(known) = known {
            self.ports.remove(known);
        } else if self.ports.len() == MOST_PORTS {
            self.ports.pop_front();
        }
        self.ports.push_back((at, port));
    }
}

/// How far apart two ports are; behind the last one that the kernel gives comes the first.
fn distance(one: u16, other: u16, given: Option<PortRange>) -> u16 {
    let straight = one.abs_diff(other);
    match given.filter(|given| given.contains(one) && given.contains(other)) {
        Some(given) => straight.min((given.last - given.first).saturating_sub(straight)),
        None => straight,
    }
}

/// Whether no byte went through a connection: it was only tried.
fn has_moved_nothing(raw: &SampledSocket) -> bool {
    let is_nothing = |bytes: Option<u64>| bytes == Some(0);
    let tcp = raw.tcp();
    tcp.is_some_and(|tcp| is_nothing(tcp.sent()) && is_nothing(tcp.bytes_received()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{TcpInfo, ToldSocket, fixture};

    const GIVEN: PortRange = PortRange {
        first: 32_768,
        last: 60_999,
    };

    /// Tries each of these, `(own port, port)`, in the first second; says how often that was many.
    fn many(tries: impl IntoIterator<Item = (u16, u16)>) -> usize {
        let mut strangers = Strangers::default();
        let told = tries.into_iter().filter(|(own, port)| {
            let raw = raw(*own, *port, 0);
            strangers.tried(&raw, Some(GIVEN), Duration::ZERO).is_some()
        });
        told.count()
    }

    fn raw(own: u16, port: u16, bytes: u64) -> SampledSocket {
        let (local, peer) = (format!("0.0.0.0:{own}"), format!("127.0.0.1:{port}"));
        let socket = fixture::connection(&local, &peer).build();
        SampledSocket::from(ToldSocket {
            tcp: Some(TcpInfo {
                bytes_sent: Some(bytes),
                bytes_received: Some(0),
                ..fixture::tcp_info()
            }),
            ..socket.raw.told()
        })
    }

    #[test]
    fn many_ports_are_said_once() {
        assert_eq!(many((1..=40).map(|port| (40_000 + port, port))), 1);
        assert_eq!(many((1..=19).map(|port| (40_000 + port, port))), 0);
    }

    #[test]
    fn a_port_that_is_tried_again_and_again_is_one() {
        assert_eq!(many((0..5000).map(|n| (40_000 + n % 9000, 80))), 0);
        // The port is forgotten, but its own ports follow each other, round and round.
        let span = GIVEN.last - GIVEN.first;
        let in_a_row = (0..50_000_u32).map(|n| u16::try_from(n * 14 % u32::from(span)).unwrap());
        assert_eq!(many(in_a_row.map(|n| (GIVEN.first + n, 0))), 0);
    }

    #[test]
    fn ports_that_are_forgotten_are_told_apart_by_their_rows() {
        let rows = (0..20_u16).flat_map(|row| [0, 14, 20].map(|step| 33_000 + row * 1000 + step));
        assert_eq!(many(rows.map(|own| (own, 0))), 1);
    }

    #[test]
    fn who_says_something_is_no_sweep() {
        let mut strangers = Strangers::default();
        for port in 1..=40 {
            let raw = raw(40_000 + port, port, 5);
            assert_eq!(strangers.tried(&raw, Some(GIVEN), Duration::ZERO), None);
        }
    }

    #[test]
    fn a_minute_later_it_is_forgotten() {
        let mut strangers = Strangers::default();
        for port in 1..=40 {
            let at = Duration::from_secs(u64::from(port) * 4);
            strangers.forget(at);
            let raw = raw(40_000 + port, port, 0);
            assert_eq!(strangers.tried(&raw, Some(GIVEN), at), None);
        }
        strangers.forget(Duration::from_secs(400));
        assert!(strangers.tried.is_empty());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut strangers = Strangers::default();
        for number in 0..60_000_u16 {
            let mut raw = raw(40_000, number, 0);
            let [high, low] = (number % 1000).to_be_bytes();
            let peer = crate::model::Endpoint::new([10, 0, high, low], number);
            raw.change(|told| told.peer = Some(peer));
            strangers.tried(&raw, None, Duration::ZERO);
        }
        assert_eq!(strangers.tried.len(), MOST_MACHINES);
        assert!(
            strangers
                .tried
                .values()
                .all(|tried| tried.ports.len() <= MOST_PORTS)
        );
    }
}
