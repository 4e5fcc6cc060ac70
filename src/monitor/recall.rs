//! Finds each socket of a sample again in the snapshot before.

use super::{
    Before,
    sides::{Gate, Side, gate},
};
use crate::model::{Extent, Sample, SampledSocket, Socket, SocketKey, State};
use hashbrown::{DefaultHashBuilder, HashTable};
use jiff::Timestamp;
use std::{hash::BuildHasher as _, sync::Arc, time::Duration};

/// What is remembered of one socket beside the socket itself, so that a quiet one need not be looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Where its `raw` lies in memory; the socket keeps it there.
    pub(super) raw: usize,
    /// When its counters were last known to be what they are; in nanoseconds.
    counted_at: u64,
    pub(super) side: Side,
    /// More privilege would show its owner.
    pub(super) is_hidden: bool,
    /// Its rates are what those of a socket that moves nothing are.
    pub(super) is_at_rest: bool,
    /// The peer has closed it, its owner has not.
    pub(super) is_left_open: bool,
}

// There is one for each socket, in two snapshots at once.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Mark>() <= 24);

impl Mark {
    /// The mark of a socket that was just looked at.
    pub(super) fn new(socket: &Socket, side: Side, counted_at: Duration) -> Self {
        let is_at_rest = match socket.rates {
            Some(rates) => rates.is_nothing(),
            None => !super::rates::are_counted(&socket.raw),
        };
        Self {
            raw: place_of(&socket.raw),
            counted_at: nanoseconds(counted_at),
            side,
            is_hidden: false,
            is_at_rest,
            is_left_open: socket.raw.state == State::CloseWait,
        }
    }

    /// The same, its counters known to be what they are at another time.
    pub(super) fn counted_again(self, counted_at: Duration) -> Self {
        Self {
            counted_at: nanoseconds(counted_at),
            ..self
        }
    }

    /// When its counters were last known to be what they are.
    pub(super) fn counted_at(&self) -> Duration {
        Duration::from_nanos(self.counted_at)
    }
}

/// One socket of the sample, and what was known of it before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) raw: &'a Arc<SampledSocket>,
    pub(super) before: Option<(&'a Arc<Socket>, &'a Mark)>,
    /// The source handed out the same `Arc` as before: nothing about it has changed.
    pub(super) is_same: bool,
}

impl Seen<'_> {
    /// Whether the memory takes notice of it; without looking at it where that is known.
    pub(super) fn is_remembered(&self) -> bool {
        match self.before {
            Some((_, mark)) if self.is_same => mark.is_left_open || mark.side.is_listening(),
            Some(_) => !self.is_settled(),
            None => true,
        }
    }

    /// Whether it is neither a listener nor left open by its owner.
    pub(super) fn is_settled(&self) -> bool {
        !self.raw.is_listening() && self.raw.state != State::CloseWait
    }

    /// Whether it waits for others; without looking at it where that is known.
    pub(super) fn is_listening(&self) -> bool {
        match self.before {
            Some((_, mark)) if self.is_same => mark.side.is_listening(),
            _ => self.raw.is_listening(),
        }
    }
}

/// The sockets of a sample, each with what was known of it.
#[derive(Debug)]
pub(super) struct Recall<'a> {
    pub(super) before: Option<&'a Before>,
    extent: Extent,
    raws: &'a [Arc<SampledSocket>],
    places: Vec<Place>,
    /// Which of the sockets before were found again.
    found: Vec<bool>,
    pub(super) now: Timestamp,
    pub(super) elapsed: Duration,
}

/// Where a socket was in the snapshot before.
#[derive(Debug, Clone, Copy)]
enum Place {
    Nowhere,
    /// There, and nothing has changed.
    Same(u32),
    /// There.
    There(u32),
}

// There is one for each socket, while both snapshots are in memory.
const _: () = assert!(size_of::<Place>() <= 8);

impl<'a> Recall<'a> {
    /// Finds `raws`, the sockets of `sample`, in what was `before`.
    pub(super) fn new(
        before: Option<&'a Before>,
        sample: &Sample,
        raws: &'a [Arc<SampledSocket>],
        extent: Extent,
    ) -> Self {
        let (places, found) = match before {
            None => (vec![Place::Nowhere; raws.len()], vec![]),
            Some(before) => {
                let mut search = Search::new(before);
                let places = raws.iter().map(|raw| search.place(raw)).collect();
                (places, search.found)
            }
        };
        Self {
            before,
            extent,
            raws,
            places,
            found,
            now: sample.taken_at,
            elapsed: sample.elapsed,
        }
    }

    /// Each socket, in the order of the sample.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Seen<'a>> {
        let known = |at: u32| {
            let (before, at) = (self.before?, at as usize);
            Some((before.snapshot.sockets.get(at)?, before.marks.get(at)?))
        };
        self.raws.iter().zip(&self.places).map(move |(raw, place)| {
            let (before, is_same) = match place {
                Place::Nowhere => (None, false),
                Place::Same(at) => (known(*at), true),
                Place::There(at) => (known(*at), false),
            };
            Seen {
                raw,
                before,
                is_same,
            }
        })
    }

    /// Whether a socket that was not there before has begun since: not where nobody looked for it.
    pub(super) fn began(&self, raw: &SampledSocket) -> bool {
        self.before.is_some_and(|before| {
            let extent = before.snapshot.extent;
            extent == self.extent || extent.covers(raw)
        })
    }

    /// The ports that something listens on.
    pub(super) fn listening(&self) -> impl Iterator<Item = Gate> {
        let listening = self.iter().filter(Seen::is_listening);
        listening.map(|seen| gate(seen.raw))
    }

    /// The sockets of the snapshot before that only the kernel keeps now, in `time-wait`, as they were before.
    fn begun_to_wait(&self) -> impl Iterator<Item = &'a Arc<Socket>> {
        let before = self.before.map(|before| &before.snapshot.sockets);
        let changed = self.raws.iter().zip(&self.places);
        changed.filter_map(move |(raw, place)| {
            let Place::There(at) = place else {
                return None;
            };
            let is_waiting = |state| state == State::TimeWait;
            let socket = before?
                .get(*at as usize)
                .filter(|_| is_waiting(raw.state))?;
            (!is_waiting(socket.raw.state)).then_some(socket)
        })
    }

    /// The sockets of the snapshot before that nobody has any more: they are no more, or only the kernel keeps them.
    pub(super) fn nobodys(&self) -> impl Iterator<Item = &'a Arc<Socket>> {
        self.gone().chain(self.begun_to_wait())
    }

    /// The sockets of the snapshot before that are no more, in its order.
    pub(super) fn gone(&self) -> impl Iterator<Item = &'a Arc<Socket>> {
        let before = self.before.map(|before| &before.snapshot.sockets);
        let before = before.into_iter().flatten().zip(&self.found);
        before
            .filter(|(_, found)| !**found)
            .map(|(socket, _)| socket)
            .filter(|socket| self.would_be_seen(&socket.raw))
    }

    /// Whether a socket of the snapshot before would be among those of the sample, if it were still there.
    fn would_be_seen(&self, raw: &SampledSocket) -> bool {
        let before = self.before.map(|before| before.snapshot.extent);
        before == Some(self.extent) || self.extent.covers(raw)
    }
}

/// Looks for one socket after the other. A source keeps its order, so each is nearly always found right
/// behind the one before; where it is not, by its key.
struct Search<'a> {
    before: &'a Before,
    found: Vec<bool>,
    /// Behind the one that was found last.
    next: usize,
    /// The places of those that were not found when the first was out of its place.
    by_key: Option<HashTable<u32>>,
    hasher: DefaultHashBuilder,
}

impl<'a> Search<'a> {
    fn new(before: &'a Before) -> Self {
        Self {
            before,
            found: vec![false; before.snapshot.sockets.len()],
            next: 0,
            by_key: None,
            hasher: DefaultHashBuilder::default(),
        }
    }

    fn place(&mut self, raw: &Arc<SampledSocket>) -> Place {
        let here = place_of(raw);
        if self.is_at(self.next, here) {
            return self.take(self.next, here);
        }
        let key = raw.key();
        if self.has(self.next, &key) {
            return self.take(self.next, here);
        }
        match self.find(&key) {
            Some(at) => self.take(at, here),
            None => Place::Nowhere,
        }
    }

    /// Whether the `raw` of the socket at `at`, not found yet, lies at `here`.
    fn is_at(&self, at: usize, here: usize) -> bool {
        let mark = self.before.marks.get(at);
        mark.is_some_and(|mark| mark.raw == here) && self.is_free(at)
    }

    fn has(&self, at: usize, key: &SocketKey) -> bool {
        let socket = self.before.snapshot.sockets.get(at);
        socket.is_some_and(|socket| socket.key() == *key) && self.is_free(at)
    }

    fn is_free(&self, at: usize) -> bool {
        self.found.get(at) == Some(&false)
    }

    fn take(&mut self, at: usize, here: usize) -> Place {
        let is_same = self.is_at(at, here);
        if let Some(found) = self.found.get_mut(at) {
            *found = true;
        }
        self.next = at + 1;
        match u32::try_from(at) {
            Ok(at) if is_same => Place::Same(at),
            Ok(at) => Place::There(at),
            // So many fit into no memory.
            Err(_) => Place::Nowhere,
        }
    }

    /// The place of `key`; of several, which only a source without cookies can have, the first that was
    /// not found yet.
    fn find(&mut self, key: &SocketKey) -> Option<usize> {
        let hash = self.hasher.hash_one(key);
        if self.by_key.is_none() {
            self.by_key = Some(self.by_key());
        }
        let places = self.by_key.as_ref()?.iter_hash(hash);
        let places = places.map(|at| *at as usize);
        places.filter(|at| self.has(*at, key)).min()
    }

    fn by_key(&self) -> HashTable<u32> {
        let sockets = &self.before.snapshot.sockets;
        let hash = |at: &u32| {
            let socket = sockets.get(*at as usize);
            socket.map_or(0, |socket| self.hasher.hash_one(socket.key()))
        };
        let free = (0..).take(sockets.len());
        let free = free.filter(|at| self.is_free(*at as usize));
        let mut by_key = HashTable::with_capacity(sockets.len());
        for at in free {
            by_key.insert_unique(hash(&at), at, hash);
        }
        by_key
    }
}

/// A time since we began; five hundred years at most.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn place_of(raw: &Arc<SampledSocket>) -> usize {
    Arc::as_ptr(raw).addr()
}
