//! Where the sockets of one snapshot stand in a later one, so that only what changed is worked on.
//!
//! A quiet socket is the same `Arc` in both, and the lists keep their order: nearly all is found without a look at any
//! socket.

use crate::model::{Socket, SocketKey, snapshot::are_same};
use hashbrown::HashMap;
use std::sync::Arc;

/// How far apart two lists may be before a socket is looked for by its key.
const NEAR: usize = 8;

/// Stands for no place.
const NOWHERE: u32 = u32::MAX;

/// What became of the sockets of a list.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// For each place of the older list, that of the same socket in the newer one, or [`NOWHERE`].
    places: Vec<u32>,
    /// The places of the newer list whose sockets are new or not what they were, in their order.
    changed: Vec<usize>,
    /// The places of the older list whose sockets are no more, in their order.
    gone: Vec<usize>,
    /// Both lists are the same.
    is_everything: bool,
}

impl Kept {
    /// Compares two lists.
    pub(super) fn between(before: &[Arc<Socket>], now: &[Arc<Socket>]) -> Self {
        if are_same(before, now) {
            return Self {
                is_everything: true,
                ..Self::default()
            };
        }
        let mut kept = Self {
            places: vec![NOWHERE; before.len()],
            ..Self::default()
        };
        let (left, new) = kept.keep_same(before, now);
        kept.find(Sought::new(before, left), now, new);
        kept
    }

    /// Notes what is the same in both lists and nearly at its place; returns the other places of both.
    fn keep_same(&mut self, before: &[Arc<Socket>], now: &[Arc<Socket>]) -> (Vec<u32>, Vec<usize>) {
        let (mut left, mut new) = (vec![], vec![]);
        let (mut then, mut at) = (0, 0);
        while let (Some(one), Some(other)) = (before.get(then), now.get(at)) {
            if Arc::ptr_eq(one, other) {
                self.keep(then, at);
                (then, at) = (then + 1, at + 1);
            } else if is_near(other, before, then) {
                left.extend(u32::try_from(then));
                then += 1;
            } else if is_near(one, now, at) {
                new.push(at);
                at += 1;
            } else {
                left.extend(u32::try_from(then));
                new.push(at);
                (then, at) = (then + 1, at + 1);
            }
        }
        left.extend((then..before.len()).filter_map(|then| u32::try_from(then).ok()));
        new.extend(at..now.len());
        (left, new)
    }

    /// Finds the sockets of these places of the newer list among those that are `sought`.
    fn find(&mut self, mut sought: Sought<'_>, now: &[Arc<Socket>], mut new: Vec<usize>) {
        new.retain(|at| {
            let Some(socket) = now.get(*at) else {
                return false;
            };
            let then = sought.take(socket.key());
            if let Some(then) = then {
                self.keep(then, *at);
            }
            !then.is_some_and(|then| sought.is_same(then, socket))
        });
        self.changed = new;
        self.gone = sought.rest();
    }

    fn keep(&mut self, then: usize, at: usize) {
        if let Some(place) = self.places.get_mut(then) {
            *place = u32::try_from(at).unwrap_or(NOWHERE);
        }
    }

    /// Whether nothing has changed at all.
    pub(super) fn is_everything(&self) -> bool {
        self.is_everything
    }

    /// Where the socket stands now that stood at `then`; `None` when it is no more.
    pub(super) fn now(&self, then: usize) -> Option<usize> {
        if self.is_everything {
            return Some(then);
        }
        let place = self.places.get(then).copied();
        usize::try_from(place.filter(|place| *place != NOWHERE)?).ok()
    }

    /// The places of the newer list whose sockets are new or not what they were, in their order.
    pub(super) fn changed(&self) -> &[usize] {
        &self.changed
    }

    /// The places of the older list whose sockets are no more, in their order.
    pub(super) fn gone(&self) -> &[usize] {
        &self.gone
    }
}

/// Whether `list` has the socket a few places behind `at`.
fn is_near(socket: &Arc<Socket>, list: &[Arc<Socket>], at: usize) -> bool {
    let mut near = list.iter().skip(at + 1).take(NEAR);
    near.any(|other| Arc::ptr_eq(socket, other))
}

/// Places of the older list whose sockets have not been found yet.
struct Sought<'a> {
    before: &'a [Arc<Socket>],
    left: Vec<u32>,
    is_taken: Vec<bool>,
    /// Behind the one that was found last: a list that was read again has its order.
    next: usize,
    /// The others, when the first was out of its place.
    by_key: Option<HashMap<SocketKey, usize>>,
}

impl<'a> Sought<'a> {
    fn new(before: &'a [Arc<Socket>], left: Vec<u32>) -> Self {
        Self {
            is_taken: vec![false; left.len()],
            before,
            left,
            next: 0,
            by_key: None,
        }
    }

    /// The place of a socket, which is found no more after this. Of several that share a key, which only a source
    /// without cookies can have, any.
    fn take(&mut self, key: SocketKey) -> Option<usize> {
        let number = if self.key(self.next) == Some(key) {
            self.next
        } else {
            self.by_key
                .get_or_insert_with(|| {
                    let free = |number: &usize| self.is_taken.get(*number) == Some(&false);
                    let free = (0..self.left.len()).filter(free);
                    let keyed = |number: usize| {
                        let socket = self.before.get(place_of(&self.left, number)?)?;
                        Some((socket.key(), number))
                    };
                    free.filter_map(keyed).collect()
                })
                .remove(&key)?
        };
        let is_taken = self.is_taken.get_mut(number)?;
        if std::mem::replace(is_taken, true) {
            return None;
        }
        self.next = number + 1;
        place_of(&self.left, number)
    }

    fn key(&self, number: usize) -> Option<SocketKey> {
        let socket = self.before.get(place_of(&self.left, number)?)?;
        (self.is_taken.get(number) == Some(&false)).then_some(socket.key())
    }

    fn is_same(&self, then: usize, socket: &Arc<Socket>) -> bool {
        let before = self.before.get(then);
        before.is_some_and(|before| Arc::ptr_eq(before, socket))
    }

    /// The places that were not found.
    fn rest(self) -> Vec<usize> {
        let rest = self.left.into_iter().zip(self.is_taken);
        rest.filter(|(_, is_taken)| !is_taken)
            .filter_map(|(then, _)| usize::try_from(then).ok())
            .collect()
    }
}

fn place_of(list: &[u32], number: usize) -> Option<usize> {
    usize::try_from(*list.get(number)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::connection;

    fn socket(port: u16) -> Arc<Socket> {
        Arc::new(connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443").build())
    }

    fn places(kept: &Kept, count: usize) -> Vec<Option<usize>> {
        (0..count).map(|then| kept.now(then)).collect()
    }

    #[test]
    fn lists_that_are_the_same_are_not_looked_at() {
        let before: Vec<_> = (1..20).map(socket).collect();
        let kept = Kept::between(&before, &before.clone());
        assert!(kept.is_everything() && kept.changed().is_empty() && kept.gone().is_empty());
        assert_eq!(kept.now(7), Some(7));
    }

    #[test]
    fn what_came_went_moved_and_changed_is_told_apart() {
        let before: Vec<_> = (0..30).map(socket).collect();
        let mut now = before.clone();
        now.remove(4);
        now[10] = socket(11);
        now.insert(20, socket(99));
        let moved = now.remove(2);
        now.push(moved);
        let kept = Kept::between(&before, &now);
        assert!(!kept.is_everything());
        assert_eq!(kept.gone(), [4]);
        assert_eq!(kept.changed(), [9, 19]);
        let expected: Vec<_> = before
            .iter()
            .map(|socket| now.iter().position(|other| other.key() == socket.key()))
            .collect();
        assert_eq!(places(&kept, 30), expected);
    }

    #[test]
    fn a_list_that_was_read_again_keeps_its_places_and_changes_everywhere() {
        let before: Vec<_> = (0..30).map(socket).collect();
        let now: Vec<_> = (0..30).map(socket).collect();
        let kept = Kept::between(&before, &now);
        assert_eq!(kept.changed().len(), 30);
        assert!(kept.gone().is_empty());
        assert_eq!(places(&kept, 30), (0..30).map(Some).collect::<Vec<_>>());
        let turned: Vec<_> = before.iter().rev().cloned().collect();
        let kept = Kept::between(&before, &turned);
        assert!(kept.changed().is_empty() && kept.gone().is_empty());
        assert_eq!(kept.now(0), Some(29));
    }

    #[test]
    fn of_two_with_one_key_each_is_found_once_at_most() {
        let before = vec![socket(1), socket(1), socket(2)];
        let now = vec![socket(1), socket(3), socket(2)];
        let kept = Kept::between(&before, &now);
        let found: Vec<_> = places(&kept, 3).into_iter().flatten().collect();
        assert_eq!(found.len() + kept.gone().len(), 3);
        assert!(found.contains(&0) && found.contains(&2));
    }
}
