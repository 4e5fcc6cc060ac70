//! Sorting tens of thousands of rows: what most comparisons need lies in a row's own few words.

use super::{Keyed, known_first, last};
use crate::model::{Endpoint, Snapshot, Socket};
use hashbrown::HashMap;
use std::{cmp::Ordering, net::IpAddr};

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

/// A row while it is sorted: small, since most of the time goes into moving and comparing these.
struct Sorted<K> {
    key: Option<K>,
    /// The beginning of what tells equal rows apart, and the cookie.
    begin: u64,
    cookie: u64,
    row: usize,
}

/// The same for a key that is a number.
struct Numbered {
    number: u64,
    begin: u64,
    cookie: u64,
    row: usize,
}

impl Numbered {
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
    places: HashMap<(usize, usize), usize>,
    all: Vec<&'s str>,
}

impl<'s> Texts<'s> {
    /// The number of `text`; the same text in another place may have another.
    fn met(&mut self, text: &'s str) -> usize {
        let place = (text.as_ptr().addr(), text.len());
        *self.places.entry(place).or_insert_with(|| {
            self.all.push(text);
            self.all.len() - 1
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
            let rank: u64 = (*ranks.get(met)?).into();
            Some(rank << 32 | u64::from(number))
        });
    }

    fn by_number(self, mut number: impl FnMut(&'s Socket) -> Option<u64>) {
        let socket = |row: usize| self.snapshot.sockets.get(row).map(|socket| &**socket);
        let last = |one: &Numbered| socket(one.row).map(last);
        let mut known = Vec::with_capacity(self.rows.len());
        let mut unknown = vec![];
        for row in &*self.rows {
            let socket = socket(*row);
            let number = socket.and_then(&mut number);
            let turned = number.map(|number| if self.reverse { !number } else { number });
            let one = Numbered {
                number: turned.unwrap_or(u64::MAX),
                begin: socket.map_or(u64::MAX, |socket| beginning(&socket.raw.local())),
                cookie: socket.map_or(u64::MAX, cookie_of),
                row: *row,
            };
            if number.is_some() {
                known.push(one);
            } else {
                unknown.push(one);
            }
        }
        for part in [&mut known, &mut unknown] {
            part.sort_unstable_by(|a, b| {
                // Both in one comparison.
                a.first().cmp(&b.first()).then_with(|| {
                    let are_alike = a.begin & IPV6 != 0 || a.cookie == b.cookie;
                    if are_alike {
                        known_first(last(a), last(b), false)
                    } else {
                        a.cookie.cmp(&b.cookie)
                    }
                })
            });
        }
        for (row, sorted) in self.rows.iter_mut().zip(known.iter().chain(&unknown)) {
            *row = sorted.row;
        }
    }

    /// The key is made once for each row.
    fn by<K: Ord>(self, mut key: impl FnMut(&'s Socket) -> Option<K>) {
        let socket = |row: usize| self.snapshot.sockets.get(row).map(|socket| &**socket);
        let keyed = |row: &usize| {
            let socket = socket(*row);
            Sorted {
                key: socket.and_then(&mut key),
                begin: socket.map_or(u64::MAX, |socket| beginning(&socket.raw.local())),
                cookie: socket.map_or(u64::MAX, cookie_of),
                row: *row,
            }
        };
        let last = |one: &Sorted<K>| socket(one.row).map(last);
        let mut keys: Vec<_> = self.rows.iter().map(keyed).collect();
        keys.sort_unstable_by(|a, b| {
            known_first(a.key.as_ref(), b.key.as_ref(), self.reverse)
                .then_with(|| a.begin.cmp(&b.begin))
                .then_with(|| {
                    // With an IPv6 address, the endpoints may differ behind their beginning.
                    let is_whole = a.begin & IPV6 == 0;
                    if is_whole {
                        a.cookie.cmp(&b.cookie)
                    } else {
                        Ordering::Equal
                    }
                })
                .then_with(|| known_first(last(a), last(b), false))
        });
        for (row, sorted) in self.rows.iter_mut().zip(keys) {
            *row = sorted.row;
        }
    }
}

/// Set in the beginning of an endpoint that is not the whole of it.
const IPV6: u64 = 1 << 47;

/// The first 64 bits of an endpoint, in the order of [`by_endpoint`](super::by_endpoint): the whole of an IPv4 one.
fn beginning(end: &Endpoint) -> u64 {
    let address = match end.address {
        IpAddr::V4(address) => u64::from(address.to_bits()) << 15,
        IpAddr::V6(address) => {
            let begin = u64::try_from(address.to_bits() >> 81).unwrap_or(u64::MAX);
            IPV6 | begin
        }
    };
    u64::from(end.port) << 48 | address
}

#[cfg(test)]
mod tests {
    use super::{super::by_endpoint, *};
    use crate::model::fixture;

    #[test]
    fn the_beginning_of_an_endpoint_is_in_the_order_of_the_whole() {
        let ends = [
            "0.0.0.0:1",
            "10.0.0.1:1",
            "255.255.255.255:1",
            "[::]:1",
            "[::1]:1",
            "[::2]:1",
            "[2001:db8::1]:1",
            "[2001:db8::2]:1",
            "[ffff::]:1",
            "0.0.0.0:2",
            "[::]:65535",
        ]
        .map(fixture::endpoint);
        for (one, next) in ends.iter().zip(ends.iter().skip(1)) {
            assert!(by_endpoint(one) < by_endpoint(next));
            assert!(beginning(one) <= beginning(next), "{one} {next}");
        }
    }
}
