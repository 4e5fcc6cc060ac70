//! The sockets there are, kept from one pass over the kernel's tables to the next.
//!
//! Keyed by cookie, which a socket keeps from its first handshake to `time-wait`. What a pass brings that is as it was
//! costs a comparison and keeps its value: the same `Arc` says that nothing changed.

mod accounts;

use super::{
    diag::{Decoder, Raw},
    numbers::ByNumber,
};
use crate::model::{Few, Owner, SampledSocket, Sharing, SocketKey, ToldSocket};
pub(super) use accounts::Accounts;
use hashbrown::HashTable;
use std::{
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    mem,
    sync::Arc,
    time::Duration,
};

/// How far ahead the order of the pass before is searched for a socket that did not come next.
const AHEAD: usize = 256;

/// The most sockets that room is made for before they have come.
const MOST_EXPECTED: usize = 1 << 20;

/// The sockets.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// By the cookie that their slot has.
    places: HashTable<u32>,
    /// The places of the sockets, in the order of the kernel's answer.
    order: Vec<u32>,
    /// All of them in that order, as they were last asked for; `None` when something has changed since.
    all: Option<Arc<Vec<Arc<SampledSocket>>>>,
    /// How far of `order` the pass under way has met again, and the order of this pass.
    met: usize,
    next: Vec<u32>,
    pass: u32,
    /// When the sample under way began.
    began: Duration,
    accounts: Accounts,
    tidings: Tidings,
    sharing: Sharing,
    /// Sockets that bytes went through since they were last read, each with how many.
    moved: Vec<(u64, u64)>,
    /// The places of new connections whose algorithm the pass that brought them has not named.
    unnamed: Vec<u32>,
}

/// Nanoseconds: so short that no rate differs by it, and long enough for three days to fit.
const STEP: u64 = 1 << 16;

const _: () = assert!(size_of::<Slot>() <= 40);

/// One socket.
#[derive(Debug)]
struct Slot {
    cookie: u64,
    fingerprint: u64,
    /// The pass that met it last.
    pass: u32,
    /// When it was read last, changed or not; in nanoseconds.
    read_at: u64,
    /// How much earlier it was read last for the samples before this one: what is new in this one came since then. In
    /// steps of [`STEP`].
    since: u32,
    /// `None` while the slot is free.
    socket: Option<Arc<SampledSocket>>,
}

/// What whoever looks for owners must know of a pass.
#[derive(Debug, Default)]
pub(super) struct Tidings {
    /// The places of sockets that came to have an inode; some may be no more.
    pub(super) wanted: Vec<u32>,
    /// Inodes that the sockets at these places had and have no more.
    pub(super) gone: Vec<(u64, u32)>,
}

impl Sockets {
    /// Begins a sample, in which a socket may be read more than once.
    pub(super) fn begin_sample(&mut self, now: Duration) {
        self.began = now;
    }

    /// Whether none was ever read.
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Begins a pass over all of the kernel's tables, which is expected to bring about so many sockets.
    pub(super) fn begin(&mut self, expected: usize) {
        if self.is_empty() {
            let room = expected.min(MOST_EXPECTED);
            self.slots.reserve_exact(room);
            let slots = &self.slots;
            self.places.reserve(room, |place| hash_at(slots, *place));
            self.next.reserve_exact(room);
            self.tidings.wanted.reserve_exact(room);
        }
        self.pass = self.pass.wrapping_add(1);
        self.met = 0;
        self.next.clear();
    }

    /// Takes what the kernel says of one socket in a pass; says whether that could be understood.
    pub(super) fn take(&mut self, raw: &Raw<'_>, decoder: &mut Decoder) -> bool {
        let Some(cookie) = raw.cookie() else {
            return false;
        };
        let Some(place) = self.find(cookie) else {
            return self.add(cookie, raw, decoder);
        };
        let pass = self.pass;
        let Some(slot) = self.slot_mut(place) else {
            return false;
        };
        let is_first = mem::replace(&mut slot.pass, pass) != pass;
        if is_first {
            self.next.push(place);
        }
        self.update(place, raw, decoder)
    }

    /// Takes a socket that was read otherwise, without owners. Where it has no cookie, its ends and its inode stand for
    /// it.
    pub(super) fn take_decoded(&mut self, told: ToldSocket) {
        let mut socket = self.sharing.pack(told);
        let cookie = socket.cookie();
        let mut number = cookie.unwrap_or_else(|| stand_in(&socket.key()));
        while cookie.is_none() && self.is_met(number) {
            number = number.wrapping_add(1);
        }
        let Some(place) = self.find(number) else {
            self.insert(number, 0, Duration::ZERO, socket);
            return;
        };
        let pass = self.pass;
        let Some(slot) = self.slots.get_mut(place as usize) else {
            return;
        };
        if mem::replace(&mut slot.pass, pass) == pass {
            return;
        }
        let known = slot.socket.as_ref();
        if let Some(known) = known {
            socket.set_owners(owners_now(known, socket.inode()));
        }
        let is_same = known.is_some_and(|known| **known == socket);
        self.next.push(place);
        if !is_same {
            self.put(place, socket);
        }
    }

    fn is_met(&self, number: u64) -> bool {
        let slot = self.place_of(number).and_then(|place| self.slot(place));
        slot.is_some_and(|slot| slot.pass == self.pass)
    }

    /// Makes a socket of what was told of one that is no more.
    pub(super) fn pack(&mut self, told: ToldSocket) -> SampledSocket {
        self.sharing.pack(told)
    }

    /// Ends a pass: what it has not met is no more, and is returned.
    pub(super) fn end(&mut self) -> Vec<Arc<SampledSocket>> {
        let before = mem::replace(&mut self.order, mem::take(&mut self.next));
        let pass = self.pass;
        let mut gone = Vec::new();
        for place in &before {
            if self.slot(*place).is_some_and(|slot| slot.pass != pass) {
                gone.extend(self.empty(*place));
            }
        }
        if before != self.order {
            self.all = None;
        }
        self.next = before;
        gone
    }

    /// Takes what an exact look-up says of a socket that is there.
    pub(super) fn refresh(&mut self, raw: &Raw<'_>, decoder: &mut Decoder) -> bool {
        let place = raw.cookie().and_then(|cookie| self.place_of(cookie));
        let Some(place) = place else {
            return false;
        };
        self.update(place, raw, decoder)
    }

    /// Drops some sockets between two passes; returns them.
    pub(super) fn remove(&mut self, cookies: &[u64]) -> Vec<Arc<SampledSocket>> {
        let mut gone = Vec::new();
        for cookie in cookies {
            if let Some(place) = self.place_of(*cookie) {
                gone.extend(self.empty(place));
            }
        }
        // Their places stay in the order, empty: they are given away again in a pass, which makes a new order.
        gone
    }

    /// The socket with this number.
    pub(super) fn by_cookie(&self, cookie: u64) -> Option<&Arc<SampledSocket>> {
        self.at(self.place_of(cookie)?)
    }

    /// The socket at a place.
    pub(super) fn at(&self, place: u32) -> Option<&Arc<SampledSocket>> {
        self.slot(place)?.socket.as_ref()
    }

    /// All sockets, in the order of the kernel's answer; the same list again where nothing has changed.
    pub(super) fn all(&mut self) -> Arc<Vec<Arc<SampledSocket>>> {
        if let Some(all) = &self.all {
            return Arc::clone(all);
        }
        let mut all = Vec::with_capacity(self.places.len());
        let in_order = self.order.iter().filter_map(|place| self.at(*place));
        all.extend(in_order.cloned());
        let all = Arc::new(all);
        self.all = Some(Arc::clone(&all));
        all
    }

    /// Says who owns the socket at a place.
    pub(super) fn set_owners(&mut self, place: u32, owners: Few<Owner>) {
        let slot = self.slots.get_mut(place as usize);
        let Some(socket) = slot.and_then(|slot| slot.socket.as_mut()) else {
            return;
        };
        if *socket.owners() != *owners {
            self.all = None;
            self.accounts.take(socket);
            Arc::make_mut(socket).set_owners(owners);
            self.accounts.give(socket);
        }
    }

    /// Takes what whoever looks for owners must know.
    pub(super) fn take_tidings(&mut self) -> Tidings {
        mem::take(&mut self.tidings)
    }

    /// Takes the sockets that bytes went through since the last time, each with how many, in no order.
    pub(super) fn take_moved(&mut self) -> Vec<(u64, u64)> {
        mem::take(&mut self.moved)
    }

    /// Takes the places of new connections whose algorithm was not named; some may be no more.
    pub(super) fn take_unnamed(&mut self) -> Vec<u32> {
        mem::take(&mut self.unnamed)
    }

    /// What is counted over all sockets.
    pub(super) fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Finds the place of a socket: most follow each other as they did in the pass before.
    fn find(&mut self, cookie: u64) -> Option<u32> {
        if let Some(place) = self.order.get(self.met).copied()
            && self.slot(place).is_some_and(|slot| slot.cookie == cookie)
        {
            self.met += 1;
            return Some(place);
        }
        let place = self.place_of(cookie)?;
        let ahead = self.order.iter().skip(self.met).take(AHEAD);
        if let Some(skipped) = ahead.copied().position(|next| next == place) {
            self.met += skipped + 1;
        }
        Some(place)
    }

    fn place_of(&self, cookie: u64) -> Option<u32> {
        let is_its = |place: &u32| self.slot(*place).is_some_and(|slot| slot.cookie == cookie);
        self.places.find(spread(cookie), is_its).copied()
    }

    fn add(&mut self, cookie: u64, raw: &Raw<'_>, decoder: &mut Decoder) -> bool {
        let Some(told) = decoder.decode(raw) else {
            return false;
        };
        let socket = self.sharing.pack(told);
        let is_unnamed = socket.tcp().is_some() && socket.congestion().is_none();
        let (fingerprint, _) = raw.fingerprint();
        let place = self.insert(cookie, fingerprint, raw.read_at, socket);
        self.unnamed.extend(is_unnamed.then_some(place));
        true
    }

    fn insert(
        &mut self,
        cookie: u64,
        fingerprint: u64,
        read_at: Duration,
        socket: SampledSocket,
    ) -> u32 {
        let read_at = nanoseconds(read_at);
        let slot = Slot {
            cookie,
            fingerprint,
            pass: self.pass,
            read_at,
            since: 0,
            socket: None,
        };
        let place = match self.free.pop() {
            Some(place) => place,
            None => u32::try_from(self.slots.len()).unwrap_or(u32::MAX),
        };
        match self.slots.get_mut(place as usize) {
            Some(free) => *free = slot,
            None => self.slots.push(slot),
        }
        let slots = &self.slots;
        let hash = |place: &u32| hash_at(slots, *place);
        self.places.insert_unique(spread(cookie), place, hash);
        self.next.push(place);
        self.put(place, socket);
        place
    }

    fn update(&mut self, place: u32, raw: &Raw<'_>, decoder: &mut Decoder) -> bool {
        let Some(slot) = self.slots.get_mut(place as usize) else {
            return false;
        };
        let last = mem::replace(&mut slot.read_at, nanoseconds(raw.read_at));
        let before = if last < nanoseconds(self.began) {
            last
        } else {
            last.saturating_sub(u64::from(slot.since) * STEP)
        };
        let since = slot.read_at.saturating_sub(before) / STEP;
        slot.since = u32::try_from(since).unwrap_or(u32::MAX);
        let (fingerprint, algorithm) = raw.fingerprint();
        let sends_as_before = |known: &Arc<SampledSocket>| {
            algorithm.is_none_or(|name| known.tcp().is_none() || sends_by(known, name))
        };
        if slot.fingerprint == fingerprint && slot.socket.as_ref().is_some_and(sends_as_before) {
            return true;
        }
        let Some(mut told) = decoder.decode(raw) else {
            return false;
        };
        slot.fingerprint = fingerprint;
        if let Some(tcp) = &mut told.tcp {
            tcp.read_before = Some(Duration::from_nanos(before));
            if algorithm.is_none() {
                let known = slot.socket.as_ref().and_then(|known| known.congestion());
                tcp.congestion = known.cloned();
            }
        }
        if let Some(known) = &slot.socket {
            told.owners = owners_now(known, told.inode);
        }
        let socket = self.sharing.pack(told);
        if let Some(known) = &slot.socket {
            let bytes = bytes_between(known, &socket);
            if bytes > 0 {
                self.moved.push((bytes, slot.cookie));
            }
        }
        self.put(place, socket);
        true
    }

    /// Puts a socket where there was none, or in place of what it was before.
    fn put(&mut self, place: u32, socket: SampledSocket) {
        let Some(slot) = self.slots.get_mut(place as usize) else {
            return;
        };
        self.all = None;
        let socket = Arc::new(socket);
        let before = slot.socket.replace(Arc::clone(&socket));
        let inode = before.as_ref().and_then(|before| before.inode());
        if inode != socket.inode() {
            let gone = inode.map(|inode| (inode, place));
            self.tidings.gone.extend(gone);
            self.tidings.wanted.extend(socket.inode().map(|_| place));
        }
        match before {
            Some(before) if accounts::are_alike(&before, &socket) => {}
            before => {
                if let Some(before) = before {
                    self.accounts.leave(&before, place);
                }
                self.accounts.enter(&socket, place);
            }
        }
    }

    fn empty(&mut self, place: u32) -> Option<Arc<SampledSocket>> {
        let slot = self.slots.get_mut(place as usize)?;
        let socket = slot.socket.take()?;
        self.all = None;
        if let Ok(entry) = self
            .places
            .find_entry(spread(slot.cookie), |known| *known == place)
        {
            _ = entry.remove();
        }
        slot.cookie = 0;
        self.free.push(place);
        let gone = socket.inode().map(|inode| (inode, place));
        self.tidings.gone.extend(gone);
        self.accounts.leave(&socket, place);
        Some(socket)
    }

    fn slot(&self, place: u32) -> Option<&Slot> {
        self.slots.get(place as usize)
    }

    fn slot_mut(&mut self, place: u32) -> Option<&mut Slot> {
        self.slots.get_mut(place as usize)
    }
}

/// A time since we began; five hundred years at most.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A number that stands for a socket without a cookie; the kernel counts cookies up from 1, so none is as high.
fn stand_in(key: &SocketKey) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(key) | 1 << 63
}

/// Who owns a socket that was `known` and has this inode now, before anybody has looked.
///
/// What only the kernel keeps still has the owners it had when it was closed, though no descriptor.
fn owners_now(known: &SampledSocket, inode: Option<u64>) -> Few<Owner> {
    if known.inode() == inode {
        return known.owners().into_iter().collect();
    }
    if inode.is_some() {
        return Few::default();
    }
    let last = known.owners().into_iter().map(|owner| Owner {
        fds: Few::default(),
        ..owner
    });
    last.collect()
}

fn sends_by(socket: &SampledSocket, algorithm: &[u8]) -> bool {
    let known = socket.congestion().map(|known| known.as_bytes());
    known == Some(algorithm)
}

/// How many bytes went through a socket between two readings, in both directions.
pub(super) fn bytes_between(before: &SampledSocket, now: &SampledSocket) -> u64 {
    bytes_since(before, bytes(now))
}

/// How many bytes went through a socket since a reading, when it is `now` so many in all.
pub(super) fn bytes_since(before: &SampledSocket, now: Option<u64>) -> u64 {
    match (bytes(before), now) {
        (Some(before), Some(now)) => now.saturating_sub(before),
        _ => 0,
    }
}

fn bytes(socket: &SampledSocket) -> Option<u64> {
    let tcp = socket.tcp()?;
    Some(tcp.bytes_acked()?.saturating_add(tcp.bytes_received()?))
}

fn hash_at(slots: &[Slot], place: u32) -> u64 {
    let slot = slots.get(place as usize);
    slot.map_or(0, |slot| spread(slot.cookie))
}

fn spread(cookie: u64) -> u64 {
    ByNumber::default().hash_one(cookie)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ProcessKey, Protocol, Started, fixture};

    fn pass(sockets: &mut Sockets, found: Option<SampledSocket>) -> Arc<Vec<Arc<SampledSocket>>> {
        sockets.begin(1);
        if let Some(one) = found {
            sockets.take_decoded(one.told());
        }
        sockets.end();
        sockets.all()
    }

    #[test]
    fn the_list_is_the_same_one_until_something_of_it_changes() {
        let socket = fixture::connection("10.0.0.5:43210", "10.0.0.9:443").build();
        let one = SampledSocket::clone(&socket.raw);
        let mut sockets = Sockets::default();
        let first = pass(&mut sockets, Some(one.clone()));
        assert_eq!(*first, [Arc::new(one.clone())]);
        let again = pass(&mut sockets, Some(one.clone()));
        assert!(Arc::ptr_eq(&first, &again));
        let process = ProcessKey {
            pid: 7,
            started: Started::Ticks(5),
        };
        sockets.set_owners(
            0,
            Few::One(Owner {
                process,
                fds: Few::default(),
            }),
        );
        let owned = sockets.all();
        assert_eq!(owned.len(), 1);
        assert!(owned.iter().all(|socket| !socket.owners().is_empty()));
        assert!(first.iter().all(|socket| socket.owners().is_empty()));
        assert!(pass(&mut sockets, None).is_empty());
    }

    /// What the kernel says of one connection over which so many bytes were received.
    fn message(received: u8, algorithm: Option<&[u8]>) -> Vec<u8> {
        let mut bytes = vec![0; 72];
        // An established connection over IPv4, its ports and its cookie.
        for (at, byte) in [(0, 2), (1, 1), (5, 80), (7, 90), (24, 9), (44, 77)] {
            bytes[at] = byte;
        }
        let mut info = [0; 232];
        (info[128], info[152]) = (received, 1);
        let mut add = |kind: u16, value: &[u8]| {
            bytes.extend(u16::try_from(4 + value.len()).unwrap().to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(value);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        };
        add(2, &info);
        if let Some(name) = algorithm {
            add(4, name);
        }
        bytes
    }

    #[test]
    fn a_new_connection_whose_algorithm_was_not_named_is_told_once() {
        let unnamed = |algorithm| {
            let (mut sockets, mut decoder) = (Sockets::default(), Decoder::default());
            let bytes = message(1, algorithm);
            let raw = Raw::new(&bytes, Protocol::Tcp, Duration::ZERO);
            sockets.begin(1);
            assert!(sockets.take(&raw, &mut decoder));
            sockets.end();
            let told = sockets.take_unnamed();
            assert!(sockets.refresh(&raw, &mut decoder));
            assert!(sockets.take_unnamed().is_empty());
            told
        };
        assert_eq!(unnamed(None), [0]);
        assert!(unnamed(Some(b"cubic\0".as_slice())).is_empty());
    }

    #[test]
    fn an_algorithm_that_a_pass_does_not_name_is_the_one_before() {
        let (mut sockets, mut decoder) = (Sockets::default(), Decoder::default());
        let mut pass = |received, algorithm| {
            let bytes = message(received, algorithm);
            sockets.begin(1);
            let raw = Raw::new(&bytes, Protocol::Tcp, Duration::ZERO);
            assert!(sockets.take(&raw, &mut decoder));
            sockets.end();
            let [one] = &sockets.all()[..] else {
                panic!("one socket");
            };
            let received = one.tcp().unwrap().bytes_received();
            (received, one.congestion().map(ToString::to_string))
        };
        let cubic = || Some("cubic".to_owned());
        assert_eq!(pass(1, None), (Some(1), None));
        assert_eq!(pass(1, Some(b"cubic\0".as_slice())), (Some(1), cubic()));
        assert_eq!(pass(1, None), (Some(1), cubic()));
        assert_eq!(pass(2, None), (Some(2), cubic()));
        let (_, other) = pass(2, Some(b"bbr\0"));
        assert_eq!(other.as_deref(), Some("bbr"));
    }
}
