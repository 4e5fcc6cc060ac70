//! The view of what happened since the dashboard began: in memory, and bounded.

use super::listing::{Listing, Row};
use crate::{
    model::{Direction, EventKind, ProcessKey, Snapshot, Socket, Text, Verdict},
    monitor::events,
    query::Query,
    tui::words,
};
use jiff::Timestamp;
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// Events that are kept; of more, the newest.
const MOST_EVENTS: usize = 5000;

/// Samples whose sums are kept: an hour at one a second.
const MOST_SAMPLES: usize = 3600;

/// The view.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// Newest first.
    pub(crate) list: Listing<Number>,
    /// Only what rules found, and found no more.
    pub(crate) only_findings: bool,
    /// How many seconds the picture shows; `None` for all there are.
    pub(crate) zoom: Option<i64>,
    happened: VecDeque<Happened>,
    /// When the first snapshot was taken that another one was compared with.
    began: Option<Timestamp>,
    /// How many are not kept any more.
    pub(crate) dropped: u64,
    /// One for each sample, oldest first.
    pub(crate) samples: VecDeque<Moment>,
}

/// The number of an event, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(u64);

impl Row for Number {
    type Key = u64;
    fn key(&self) -> u64 {
        self.0
    }
}

/// Something that happened, with the socket as it was then.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    pub(crate) at: Timestamp,
    pub(crate) kind: EventKind,
    pub(crate) socket: Arc<Socket>,
    pub(crate) detail: Option<Text>,
}

/// What one sample brought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) at: Timestamp,
    pub(crate) opened: usize,
    pub(crate) closed: usize,
    /// Bytes per second in all, both ways; `None` while nobody can tell.
    pub(crate) rate: Option<f64>,
    /// The worst verdict of what rules found in it.
    pub(crate) worst: Option<Verdict>,
}

impl Timeline {
    /// Takes note of what happened from `before` to `now`.
    pub(super) fn remember(
        &mut self,
        before: &Snapshot,
        now: &Snapshot,
        rates: Option<(f64, f64)>,
    ) {
        self.began.get_or_insert(before.taken_at);
        let mut moment = Moment {
            at: now.taken_at,
            opened: 0,
            closed: 0,
            rate: rates.map(|(rx, tx)| rx + tx),
            worst: None,
        };
        let changes = events::changes(before, now);
        for change in &changes {
            moment.count(change);
        }
        for change in events::gathered(changes) {
            self.happened.push_back(Happened {
                at: now.taken_at,
                kind: change.kind,
                socket: change.socket,
                detail: change.detail,
            });
        }
        let surplus = self.happened.len().saturating_sub(MOST_EVENTS);
        self.happened.drain(..surplus);
        self.dropped += surplus as u64;
        self.samples.push_back(moment);
        let surplus = self.samples.len().saturating_sub(MOST_SAMPLES);
        self.samples.drain(..surplus);
    }

    /// Takes note of something that was done.
    pub(super) fn note(&mut self, done: Happened) {
        self.happened.push_back(done);
    }

    /// From when on everything is kept that happened; `None` before there is anything to compare.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        if self.dropped > 0 {
            self.happened.front().map(|oldest| oldest.at)
        } else {
            self.began
        }
    }

    /// What happened to what waits on a port, oldest first.
    pub(crate) fn of_listeners(&self, port: u16) -> impl Iterator<Item = &Happened> {
        let waits = move |one: &&Happened| {
            one.socket.direction == Direction::Listen && one.socket.raw.port() == Some(port)
        };
        self.happened.iter().filter(waits)
    }

    /// What happened to the sockets of a process, the newest `most` of it, oldest first.
    pub(crate) fn of_process(&self, key: ProcessKey, most: usize) -> Vec<&Happened> {
        let is_its = |one: &&Happened| one.socket.owners().any(|owner| owner.key == key);
        let mut found: Vec<_> = self
            .happened
            .iter()
            .rev()
            .filter(is_its)
            .take(most)
            .collect();
        found.reverse();
        found
    }

    /// Makes the rows anew: the events of sockets that `query` asks for.
    pub(super) fn rebuild(&mut self, snapshot: &Snapshot, query: &Query) {
        let is_about_findings =
            |one: &Happened| matches!(one.kind, EventKind::Finding | EventKind::Cleared);
        let end = self.dropped + self.happened.len() as u64;
        let numbered = (self.dropped..end).rev().zip(self.happened.iter().rev());
        let wanted = numbered.filter(|(_, one)| {
            (!self.only_findings || is_about_findings(one)) && query.matches(&one.socket, snapshot)
        });
        let mut rows: Vec<Number> = wanted.map(|(number, _)| Number(number)).collect();
        let at_top = self.list.cursor() == 0;
        // Their order never changes, and what is newer never moves the one that somebody reads.
        let is_alike = self.list.ask(query);
        let pinned = is_alike && self.list.is_held(snapshot.elapsed);
        if pinned {
            // Nor does what the filter does not find any more, because time goes by.
            let were = self.list.rows.iter().copied();
            rows.extend(were.filter(|row| self.event(*row).is_some()));
            rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.0));
            rows.dedup();
        }
        self.list.take(rows, pinned);
        // Whoever looks at the newest wants to see what is newer.
        if at_top {
            self.list.select(0);
            self.list.offset = 0;
        }
    }

    /// Shows only what was found, or everything again; at once.
    pub(super) fn toggle_only_findings(&mut self) {
        self.only_findings = !self.only_findings;
        self.list.release();
    }

    /// The event of a row.
    pub(crate) fn event(&self, number: Number) -> Option<&Happened> {
        let at = number.0.checked_sub(self.dropped)?;
        self.happened.get(usize::try_from(at).ok()?)
    }

    /// The event of the selected row.
    pub(crate) fn selected(&self) -> Option<&Happened> {
        self.event(*self.list.selected()?)
    }

    /// How long after the event of the next row that of a row was; `None` for the oldest.
    pub(crate) fn since_before(&self, number: Number) -> Option<Duration> {
        let rows = &self.list.rows;
        let place = rows.binary_search_by(|row| number.0.cmp(&row.0)).ok()?;
        let (event, before) = (self.event(number)?, self.event(*rows.get(place + 1)?)?);
        Some(words::since(before.at, event.at))
    }

    /// The sockets that have closed, the newest first, each as it was last seen.
    pub(crate) fn closed(&self) -> impl Iterator<Item = &Arc<Socket>> {
        let newest = self.happened.iter().rev();
        let closed = newest.filter(|one| one.kind == EventKind::Closed);
        closed.map(|one| &one.socket)
    }

    /// How many events are kept.
    pub(crate) fn count(&self) -> usize {
        self.happened.len()
    }
}

impl Moment {
    fn count(&mut self, change: &events::Change) {
        match change.kind {
            EventKind::Opened => self.opened += 1,
            EventKind::Closed => {
                self.closed += 1;
                // Its opening was no event of its own.
                self.opened += usize::from(change.socket.is_short_lived());
            }
            EventKind::Finding => {
                self.worst = self.worst.max(Some(change.socket.assessment.verdict));
            }
            EventKind::Began
            | EventKind::Ended
            | EventKind::State
            | EventKind::Owner
            | EventKind::Cleared
            | EventKind::Action
            | EventKind::Heard => {}
        }
    }
}
