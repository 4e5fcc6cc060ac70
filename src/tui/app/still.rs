//! Rows keep their places while somebody reads.

use std::time::Duration;

/// For how long rows keep their places after the person last moved: nothing is re-sorted while one reads.
const READING: Duration = Duration::from_secs(5);

/// Until when rows keep their places, on the clock of the snapshots.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Still {
    until: Option<Duration>,
}

impl Still {
    /// Whether somebody reads at this moment.
    pub(super) fn holds_at(self, moment: Duration) -> bool {
        self.until.is_some_and(|until| moment < until)
    }

    /// Somebody reads at this moment.
    pub(super) fn hold_from(&mut self, moment: Duration) {
        self.until = Some(moment + READING);
    }

    /// Rows may move again at once.
    pub(super) fn release(&mut self) {
        self.until = None;
    }
}

/// How many rows of what has left there are at most: those nearest to the selection.
const MOST_GHOSTS: usize = 100;

/// How far from row `cursor` one of these `places` may be to stay; `None` where all may.
pub(super) fn furthest_ghost(places: impl Iterator<Item = usize>, cursor: usize) -> Option<usize> {
    let mut distances: Vec<usize> = places.map(|place| place.abs_diff(cursor)).collect();
    distances.sort_unstable();
    distances.get(MOST_GHOSTS - 1).copied()
}
