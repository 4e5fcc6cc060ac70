//! Events for whoever keeps them: a busy server's short-lived connections are one event, not thousands.

use super::{Change, PASSING, in_words};
use crate::model::{Endpoint, EventKind, Protocol, Socket, Text};
use hashbrown::HashMap;

/// So many short-lived sockets of one kind are each an event; of more, one stands for all.
const FEW: usize = 8;
/// The most kinds that are told apart at one moment.
const MOST_KINDS: usize = 256;

/// Lets one closing stand for all short-lived sockets of its kind, where they are many: those that came to one port,
/// or went to one.
///
/// Everything else stays as it is, in its order.
pub fn gathered(changes: Vec<Change>) -> Vec<Change> {
    let mut crowds: HashMap<Kind, Crowd> = HashMap::new();
    for change in changes.iter().filter(|change| is_passing(change)) {
        let kind = Kind::of(&change.socket);
        let is_room = crowds.len() < MOST_KINDS || crowds.contains_key(&kind);
        let kind = if is_room { kind } else { Kind::Rest };
        crowds.entry(kind).or_default().add(&change.socket);
    }
    if crowds.values().all(|crowd| crowd.count <= FEW) {
        return changes;
    }
    let mut kept = Vec::with_capacity(changes.len());
    for mut change in changes {
        if is_passing(&change) {
            let own = Kind::of(&change.socket);
            let kind = if crowds.contains_key(&own) {
                own
            } else {
                Kind::Rest
            };
            match crowds.get_mut(&kind) {
                Some(crowd) if crowd.count > FEW && crowd.is_told => continue,
                Some(crowd) if crowd.count > FEW => {
                    crowd.is_told = true;
                    change.detail = Some(crowd.words());
                }
                _ => {}
            }
        }
        kept.push(change);
    }
    kept
}

fn is_passing(change: &Change) -> bool {
    let socket = &change.socket;
    change.kind == EventKind::Closed
        && socket.is_short_lived()
        && socket.assessment.findings.is_empty()
}

/// What short-lived sockets have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// They came to this port.
    To(u64, Protocol, u16),
    /// They went there, and came about or not.
    From(u64, Protocol, Endpoint, bool),
    /// They have no peer, and a port by chance.
    Alone(u64, Protocol),
    /// There is no room for more kinds.
    Rest,
}

impl Kind {
    fn of(socket: &Socket) -> Self {
        let raw = &socket.raw;
        let (netns, protocol) = (raw.netns_number(), raw.protocol);
        let served = socket.service.map(|service| service.port);
        match raw.peer() {
            Some(_) if served == Some(raw.local().port) => {
                Self::To(netns, protocol, raw.local().port)
            }
            Some(peer) => Self::From(netns, protocol, peer, raw.never_connected()),
            None if served.is_some() => Self::To(netns, protocol, raw.local().port),
            None => Self::Alone(netns, protocol),
        }
    }
}

/// Short-lived sockets of one kind.
#[derive(Debug, Default)]
struct Crowd {
    count: usize,
    received: u64,
    sent: u64,
    /// None of them got a connection.
    has_failed: bool,
    is_told: bool,
}

impl Crowd {
    fn add(&mut self, socket: &Socket) {
        self.count += 1;
        let is_first = self.count == 1;
        self.has_failed = (is_first || self.has_failed) && socket.raw.never_connected();
        if let Some(tcp) = &socket.raw.tcp() {
            self.received += tcp.bytes_received().unwrap_or(0);
            self.sent += tcp.sent().unwrap_or(0);
        }
    }

    fn words(&self) -> Text {
        let end = if self.has_failed {
            ", and got no connection".to_owned()
        } else {
            format!(": {} in all", in_words(self.received, self.sent))
        };
        Text::from(format!("one of {} like it that {PASSING}{end}", self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::fixture, monitor::events::changes};
    use std::sync::Arc;

    /// The closings of `count` connections to each of `ports`, all of which came and went.
    fn passing(count: u16, ports: &[u16]) -> Vec<Change> {
        let mut now = fixture::snapshot(vec![]);
        for (number, port) in (0..).zip(ports.repeat(count.into())) {
            let local = format!("10.0.0.5:{}", 40_000 + number);
            let socket = fixture::connection(&local, &format!("192.0.2.7:{port}"));
            let mut socket = socket.cookie(number).build();
            socket.closed_at = Some(socket.first_seen());
            now.short_lived.push(Arc::new(socket));
        }
        changes(&fixture::snapshot(vec![]), &now)
    }

    #[test]
    fn few_are_told_one_by_one() {
        assert_eq!(gathered(passing(8, &[443])).len(), 8);
    }

    #[test]
    fn one_of_many_stands_for_all_of_its_kind() {
        let told = gathered([passing(3000, &[443]), passing(2, &[80])].concat());
        assert_eq!(told.len(), 3);
        let detail = told[0].detail.as_deref().unwrap();
        assert!(
            detail.starts_with("one of 3000 like it that came and went"),
            "{detail}"
        );
    }

    #[test]
    fn kinds_are_bounded() {
        let ports: Vec<u16> = (1..=9000).collect();
        let told = gathered(passing(1, &ports));
        assert_eq!(told.len(), MOST_KINDS + 1);
    }
}
