//! What one connection measured over time, for as long as somebody looks at it.

use crate::model::{Snapshot, Socket, SocketKey};
use jiff::Timestamp;
use std::{collections::VecDeque, time::Duration};

/// Readings that are kept.
const MOST: usize = 240;

/// The readings of one socket.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    pub(crate) key: SocketKey,
    /// When the first was taken.
    pub(crate) since: Timestamp,
    /// Oldest first.
    pub(crate) readings: VecDeque<Reading>,
    last: Option<Duration>,
    /// Where its socket stood in the snapshot before: it is looked for there first.
    place: usize,
}

/// The numbers of one moment; `None` where the kernel does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading {
    /// When it was taken, on the clock that only goes on.
    pub(crate) at: Duration,
    pub(crate) received: Option<f64>,
    pub(crate) sent: Option<f64>,
    pub(crate) rtt_us: Option<u32>,
    /// Segments sent again since the reading before.
    pub(crate) again: Option<u32>,
    /// Segments sent again since the connection began.
    again_in_all: Option<u32>,
    pub(crate) unread: Option<u32>,
    pub(crate) unsent: Option<u32>,
    /// Segments that may be on the way.
    pub(crate) window: Option<u32>,
}

impl Trace {
    /// The readings of `socket`, of which `snapshot` has the first.
    pub(super) fn new(socket: &Socket, snapshot: &Snapshot) -> Self {
        let mut trace = Self {
            key: socket.key(),
            since: snapshot.taken_at,
            readings: VecDeque::new(),
            last: None,
            place: 0,
        };
        trace.add(socket, snapshot.elapsed);
        trace
    }

    /// Adds what `snapshot` says of its socket; nothing when it was closed.
    pub(super) fn note(&mut self, snapshot: &Snapshot) {
        let is_it = |socket: &Socket| socket.key() == self.key;
        let here = snapshot.sockets.get(self.place).filter(|one| is_it(one));
        let place = here.map(|_| self.place);
        let Some(place) = place.or_else(|| snapshot.open().position(is_it)) else {
            return;
        };
        self.place = place;
        if let Some(socket) = snapshot.sockets.get(place) {
            self.add(socket, snapshot.elapsed);
        }
    }

    /// Adds a reading, once for each moment.
    fn add(&mut self, socket: &Socket, elapsed: Duration) {
        if self.last.replace(elapsed) == Some(elapsed) {
            return;
        }
        let tcp = socket.raw.tcp();
        let in_all = tcp.map(|tcp| tcp.retransmits);
        let before = self.readings.back().and_then(|one| one.again_in_all);
        self.readings.push_back(Reading {
            at: elapsed,
            received: socket.rates.map(|rates| rates.rx_bytes_per_second()),
            sent: socket.rates.map(|rates| rates.tx_bytes_per_second()),
            rtt_us: tcp.map(|tcp| tcp.rtt_us).filter(|us| *us > 0),
            again: in_all
                .zip(before)
                .map(|(now, then)| now.saturating_sub(then)),
            again_in_all: in_all,
            unread: socket.raw.recv_queue(),
            unsent: socket.raw.send_queue(),
            window: tcp.map(|tcp| tcp.cwnd),
        });
        if self.readings.len() > MOST {
            self.readings.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;
    use std::sync::Arc;

    fn at(seconds: u64, retransmits: u32) -> Snapshot {
        let mut socket = fixture::connection("10.0.0.5:1", "192.0.2.7:443")
            .rtt_us(2000)
            .rates(10.0, 20.0)
            .build();
        let raw = Arc::make_mut(&mut socket.raw);
        raw.change(|told| {
            if let Some(tcp) = &mut told.tcp {
                tcp.retransmits = retransmits;
            }
        });
        let mut snapshot = fixture::snapshot(vec![socket]);
        snapshot.elapsed = Duration::from_secs(seconds);
        snapshot
    }

    #[test]
    fn a_moment_is_read_once_and_counters_become_differences() {
        let first = at(1, 3);
        let mut trace = Trace::new(&first.sockets[0], &first);
        trace.note(&first);
        trace.note(&at(2, 5));
        let again: Vec<_> = trace.readings.iter().map(|one| one.again).collect();
        assert_eq!(again, [None, Some(2)]);
    }

    #[test]
    fn a_closed_socket_adds_nothing() {
        let first = at(1, 0);
        let mut trace = Trace::new(&first.sockets[0], &first);
        trace.note(&fixture::snapshot(vec![]));
        assert_eq!(trace.readings.len(), 1);
    }
}
