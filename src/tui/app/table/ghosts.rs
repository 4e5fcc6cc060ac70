//! Rows of what has just closed, which stay for a moment where they were, and for as long as somebody reads.

use super::{Row, Table};
use crate::{
    model::{Snapshot, Socket, SocketKey, State},
    query::Query,
    tui::{
        app::{
            groups::{GroupKey, Grouping, folds},
            kept::Kept,
            still::furthest_ghost,
        },
        words::since,
    },
};
use hashbrown::{HashMap, HashSet};
use std::{sync::Arc, time::Duration};

/// What has closed, and the row it had.
#[derive(Debug)]
pub(super) struct Ghost {
    pub(super) socket: Arc<Socket>,
    pub(super) place: usize,
    /// It had a row of its own until now.
    pub(super) is_new: bool,
}

/// From one snapshot to the next.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) before: &'a [Arc<Socket>],
    pub(super) snapshot: &'a Snapshot,
    pub(super) kept: &'a Kept,
    pub(super) query: &'a Query,
    /// How long a ghost stays when nobody reads.
    pub(super) span: Duration,
    pub(super) is_held: bool,
}

/// What is to be shown in the place of a row.
enum Last {
    /// A ghost that was there before.
    Still(Arc<Socket>),
    /// What is known of the socket's end.
    Told(Arc<Socket>),
    /// The socket at this place of the snapshot before, as it was.
    Seen(usize),
}

impl Change<'_> {
    /// Whether what closed then is still to be seen.
    fn stays(self, socket: &Socket) -> bool {
        let closed_at = socket.closed_at.unwrap_or(self.snapshot.taken_at);
        self.is_held || since(closed_at, self.snapshot.taken_at) < self.span
    }

    fn ghost(self, last: Last, place: usize) -> Option<Ghost> {
        let is_new = !matches!(last, Last::Still(_));
        let socket = match last {
            Last::Still(socket) | Last::Told(socket) => socket,
            Last::Seen(then) => {
                let mut socket = Socket::clone(self.before.get(then)?);
                (socket.closed_at, socket.rates) = (Some(self.snapshot.taken_at), None);
                Arc::new(socket)
            }
        };
        Some(Ghost {
            socket,
            place,
            is_new,
        })
    }
}

impl Table {
    /// Lets go of ghosts whose time is over, and makes one of each row whose socket has closed. While somebody reads
    /// none goes, so that nothing moves up.
    pub(super) fn change_ghosts(&mut self, change: Change<'_>, turned: &HashSet<usize>) {
        let is_asked_alike = self.chosen.was_asked(change.query);
        let ghosts = std::mem::take(&mut self.ghosts).into_iter();
        let ghosts = ghosts.map(|ghost| {
            let matches = || change.query.matches(&ghost.socket, change.snapshot);
            let stays = change.stays(&ghost.socket) && (is_asked_alike || matches());
            (ghost.place, stays.then_some(Last::Still(ghost.socket)))
        });
        let mut places: Vec<(usize, Option<Last>)> = ghosts.collect();
        places.extend(self.closing(change, turned));
        places.sort_by_key(|(place, _)| *place);
        let shown = places.iter().filter(|(_, last)| last.is_some());
        let furthest = furthest_ghost(shown.map(|(place, _)| *place), self.cursor);
        let mut missing = 0;
        for (place, last) in places {
            let is_near = furthest.is_none_or(|most| place.abs_diff(self.cursor) <= most);
            let last = last.filter(|_| is_near);
            match last.and_then(|last| change.ghost(last, place.saturating_sub(missing))) {
                Some(ghost) => self.ghosts.push(ghost),
                // What stood below it moves up.
                None => missing += 1,
            }
        }
    }

    /// The rows whose sockets have closed, each with what is to be shown in its place, if anything is.
    fn closing(&self, change: Change<'_>, turned: &HashSet<usize>) -> Vec<(usize, Option<Last>)> {
        if change.kept.gone().is_empty() && turned.is_empty() {
            return vec![];
        }
        let closed = change.snapshot.closed.iter();
        let closed: HashMap<SocketKey, &Arc<Socket>> =
            closed.map(|socket| (socket.key(), socket)).collect();
        let mut is_gone = vec![false; change.before.len()];
        for then in change.kept.gone() {
            if let Some(mark) = is_gone.get_mut(*then) {
                *mark = true;
            }
        }
        let last_of = |then: usize| {
            let key = change.before.get(then)?.key();
            match closed.get(&key) {
                Some(socket) => change.stays(socket).then(|| Last::Told(Arc::clone(socket))),
                None => change.is_held.then_some(Last::Seen(then)),
            }
        };
        let has_turned = |then: usize| {
            let now = change.kept.now(then);
            let before = change.before.get(then);
            now.is_some_and(|now| turned.contains(&now))
                && before.is_some_and(|socket| socket.raw.state != State::TimeWait)
        };
        let rows = self.rows.iter().enumerate();
        let places = rows.filter_map(|(place, row)| match row {
            Row::Open(then) if is_gone.get(*then) == Some(&true) => Some((place, last_of(*then))),
            Row::Open(then) if !turned.is_empty() && has_turned(*then) => {
                let is_shown = change.is_held || !change.span.is_zero();
                Some((place, is_shown.then_some(Last::Seen(*then))))
            }
            Row::Open(_) | Row::Closed(_) | Row::Group(_) => None,
        });
        places.collect()
    }

    /// The sockets that lose their own row because they are counted with those in TIME-WAIT from now on: for whoever
    /// looks at them they have closed, too.
    pub(super) fn turned(&self, change: Change<'_>) -> HashSet<usize> {
        if self.grouping != Grouping::None {
            return HashSet::new();
        }
        let changed = change.kept.changed().iter().copied();
        let turned = changed.filter(|at| {
            let socket = change.snapshot.sockets.get(*at);
            socket.is_some_and(|socket| folds(socket) == Some(GroupKey::TimeWait))
        });
        turned.collect()
    }
}
