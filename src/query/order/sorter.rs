//! Sorting tens of thousands of rows: what most comparisons need lies in a row's own few words.

use super::{Keyed, beginning, known_first, last};
use crate::model::{Snapshot, Socket};
use hashbrown::HashMap;
use std::cmp::Ordering;

/// Rows to be sorted.
pub(super) struct Sorter<'s, 'r> {
    snapshot: &'s Snapshot,
    rows: &'r mut [usize],
    reverse: bool,
}

impl<'s, 'r> Sorter<'s, 'r> {
    /// These `rows` of `snapshot`.
    pub(super) fn new(snapshot: &'s Snapshot, rows: &'r mut [usize], reverse: bool) -> Self {
        Self {
            snapshot,
            rows,
            reverse,
        }
    }
}

/// A row while it is sorted: small, since most of the time goes into moving and comparing these, and there are as many
/// as sockets.
struct Sorted {
    /// Its key or the beginning of that, all bits turned where the order is.
    number: u64,
    /// The beginning of what tells equal rows apart, and the cookie.
    begin: u64,
    cookie: u64,
    row: usize,
}

impl Sorted {
    /// Both numbers in one, for one comparison.
    fn first(&self) -> u128 {
        u128::from(self.number) << 64 | u128::from(self.begin)
    }
}

/// The highest where it has none, after all that have one.
fn cookie_of(socket: &Socket) -> u64 {
    socket.raw.cookie().unwrap_or(u64::MAX)
}

/// Texts that were met: most of them again and again in the same place, where they are not read.
#[derive(Default)]
struct Texts<'s> {
    /// By where each begins and how long it is.
    places: HashMap<(usize, usize), u32>,
    all: Vec<&'s str>,
}

impl<'s> Texts<'s> {
    /// The number of `text`; the same text in another place may have another.
    fn met(&mut self, text: &'s str) -> u32 {
        let place = (text.as_ptr().addr(), text.len());
        *self.places.entry(place).or_insert_with(|| {
            self.all.push(text);
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// For each number, the place of its text among all in order.
    fn ranks(&self) -> Vec<u32> {
        let mut in_order = self.all.clone();
        in_order.sort_unstable();
        in_order.dedup();
        let rank = |text: &&str| in_order.partition_point(|other| other < text);
        let ranks = self.all.iter().map(rank);
        ranks
            .map(|rank| u32::try_from(rank).unwrap_or(u32::MAX))
            .collect()
    }
}

impl<'s> Keyed<'s> for Sorter<'s, '_> {
    type Made = ();

    fn by_text(self, text: impl Fn(&'s Socket) -> Option<(&'s str, u32)>) {
        let sockets = self.rows.iter();
        let sockets = sockets.filter_map(|row| self.snapshot.sockets.get(*row));
        let mut texts = Texts::default();
        let keys: Vec<_> = sockets
            .map(|socket| text(socket).map(|(text, number)| (texts.met(text), number)))
            .collect();
        let ranks = texts.ranks();
        // One for each socket, in the same order.
        let mut keys = keys.into_iter();
        self.by_number(|_| {
            let (met, number) = keys.next().flatten()?;
            let rank: u64 = (*ranks.get(met as usize)?).into();
            Some(rank << 32 | u64::from(number))
        });
    }

    fn by_number(self, number: impl FnMut(&'s Socket) -> Option<u64>) {
        self.sort(number, |a, b| a.first().cmp(&b.first()));
    }

    fn by<K: Ord>(
        self,
        beginning: impl Fn(&'s Socket) -> Option<u64>,
        is_whole: impl Fn(u64) -> bool,
        key: impl Fn(&'s Socket) -> Option<K>,
    ) {
        let (snapshot, reverse) = (self.snapshot, self.reverse);
        let key = |one: &Sorted| snapshot.sockets.get(one.row).and_then(|one| key(one));
        let compared = |a: &Sorted, b: &Sorted| {
            if is_whole(turned(a.number, reverse)) {
                Ordering::Equal
            } else {
                known_first(key(a), key(b), reverse)
            }
        };
        self.sort(beginning, |a, b| {
            let by_key = a.number.cmp(&b.number).then_with(|| compared(a, b));
            by_key.then_with(|| a.begin.cmp(&b.begin))
        });
    }
}

impl<'s> Sorter<'s, '_> {
    /// Sorts by `compare`, and what that finds equal by cookie; those without a number come last.
    fn sort(
        self,
        mut number: impl FnMut(&'s Socket) -> Option<u64>,
        compare: impl Fn(&Sorted, &Sorted) -> Ordering,
    ) {
        let socket = |row: usize| self.snapshot.sockets.get(row).map(|socket| &**socket);
        let last = |one: &Sorted| socket(one.row).map(last);
        let mut sorted = Vec::with_capacity(self.rows.len());
        let mut known = 0;
        for row in &*self.rows {
            let socket = socket(*row);
            let number = socket.and_then(&mut number);
            sorted.push(Sorted {
                number: number.map_or(u64::MAX, |number| turned(number, self.reverse)),
                begin: socket.map_or(u64::MAX, |socket| beginning::of(&socket.raw.local())),
                cookie: socket.map_or(u64::MAX, cookie_of),
                row: *row,
            });
            if number.is_some() {
                let newest = sorted.len() - 1;
                sorted.swap(known, newest);
                known += 1;
            }
        }
        let (known, unknown) = sorted.split_at_mut(known);
        for part in [known, unknown] {
            part.sort_unstable_by(|a, b| {
                compare(a, b).then_with(|| {
                    // With an IPv6 address, the endpoints may differ behind their beginning.
                    let are_alike = a.begin & beginning::IPV6 != 0 || a.cookie == b.cookie;
                    if are_alike {
                        known_first(last(a), last(b), false).then(a.row.cmp(&b.row))
                    } else {
                        a.cookie.cmp(&b.cookie)
                    }
                })
            });
        }
        for (row, sorted) in self.rows.iter_mut().zip(&sorted) {
            *row = sorted.row;
        }
    }
}

/// A number with all bits turned where the order is.
fn turned(number: u64, reverse: bool) -> u64 {
    if reverse { !number } else { number }
}
