//! Which group each socket of a snapshot would be counted in, remembered for as long as the socket stays as it is: to
//! find it out takes a look at the socket, and there may be 50,000.

use super::{GroupKey, Grouping, folds};
use crate::{model::Snapshot, tui::app::kept::Kept};
use hashbrown::HashMap;

/// The number of a group's key; `None` for what stands alone.
pub(in crate::tui::app) type Kind = Option<u32>;

/// What is known of one socket: the number of its kind, or one of those below.
type Known = u32;

/// Nobody has asked yet.
const UNASKED: Known = u32::MAX;

/// It stands alone.
const ALONE: Known = u32::MAX - 1;

/// How many keys are remembered before all are forgotten.
const MOST_KEYS: usize = 1 << 16;

/// The kinds of the sockets of a snapshot.
#[derive(Debug, Default)]
pub(in crate::tui::app) struct Kinds {
    grouping: Grouping,
    /// One for each socket.
    of: Vec<Known>,
    keys: Vec<GroupKey>,
    numbers: HashMap<GroupKey, u32>,
    /// For each key, whether a socket of it has come, gone or changed.
    touched: Vec<bool>,
}

impl Kinds {
    /// Makes ready for a snapshot of so many sockets, of which `kept` tells what has become of those that were known;
    /// `None` where nothing holds any more.
    pub(in crate::tui::app) fn turn_to(
        &mut self,
        grouping: Grouping,
        count: usize,
        kept: Option<&Kept>,
    ) {
        let kept = kept.filter(|_| self.grouping == grouping && self.keys.len() < MOST_KEYS);
        let Some(kept) = kept else {
            *self = Self {
                grouping,
                of: vec![UNASKED; count],
                ..Self::default()
            };
            return;
        };
        self.touched.fill(false);
        if kept.is_everything() {
            return;
        }
        let before = std::mem::replace(&mut self.of, vec![UNASKED; count]);
        for (then, kind) in before.iter().enumerate() {
            if let Some(at) = kept.now(then)
                && let Some(place) = self.of.get_mut(at)
            {
                *place = *kind;
            }
        }
        for then in kept.gone() {
            self.touch(before.get(*then).copied().unwrap_or(UNASKED));
        }
        for at in kept.changed() {
            if let Some(kind) = self.of.get_mut(*at) {
                let kind = std::mem::replace(kind, UNASKED);
                self.touch(kind);
            }
        }
    }

    fn touch(&mut self, kind: Known) {
        // Numbers are not so high, see `MOST_KEYS`.
        if let Some(touched) = self.touched.get_mut(kind as usize) {
            *touched = true;
        }
    }

    /// The kind of the socket at this place of `snapshot`, for which this was made ready.
    pub(in crate::tui::app) fn of(&mut self, at: usize, snapshot: &Snapshot) -> Kind {
        match self.of.get(at).copied() {
            None | Some(UNASKED) => {}
            Some(ALONE) => return None,
            Some(number) => return Some(number),
        }
        let socket = snapshot.sockets.get(at)?;
        let key = self.grouping.key(socket).or_else(|| folds(socket));
        let kind = key.and_then(|key| self.number(key));
        let known = kind.unwrap_or(ALONE);
        self.touch(known);
        if let Some(place) = self.of.get_mut(at) {
            *place = known;
        }
        kind
    }

    fn number(&mut self, key: GroupKey) -> Kind {
        if let Some(number) = self.numbers.get(&key) {
            return Some(*number);
        }
        let number = u32::try_from(self.keys.len()).ok();
        let number = number.filter(|number| *number < ALONE)?;
        self.keys.push(key.clone());
        self.touched.push(true);
        self.numbers.insert(key, number);
        Some(number)
    }

    /// The key of a kind.
    pub(in crate::tui::app) fn key(&self, number: u32) -> Option<&GroupKey> {
        self.keys.get(number as usize)
    }

    /// The number of a key, where a socket has it or had it.
    pub(in crate::tui::app) fn number_of(&self, key: &GroupKey) -> Kind {
        self.numbers.get(key).copied()
    }

    /// Whether the sockets of this kind are those of the snapshot before, unchanged.
    pub(in crate::tui::app) fn is_untouched(&self, number: u32) -> bool {
        self.touched.get(number as usize) == Some(&false)
    }
}
