//! The sockets that a filter finds, in the order of the table, brought up to date by what has changed.

use super::super::kept::Kept;
use crate::{
    model::Snapshot,
    query::{Order, Query, order},
};
use std::cmp::Ordering;

/// Of how many sockets one may be new or changed at most, before all are sorted anew.
const FEW: usize = 8;

/// The sockets.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// Where they stand in the snapshot.
    rows: Vec<usize>,
    /// What they were asked by; `None` when nobody has asked yet, or the answer does not hold.
    asked: Option<(Query, Order)>,
    /// They have the order that was asked for, not one that is kept while somebody reads.
    is_sorted: bool,
    is_anew: bool,
    /// Some are there that the filter does not find any more, as long as somebody reads.
    has_others: bool,
}

/// What is asked of which snapshot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) query: &'a Query,
    pub(super) order: Order,
}

impl Asked<'_> {
    fn matches(self, at: usize) -> bool {
        let socket = self.snapshot.sockets.get(at);
        socket.is_some_and(|socket| self.query.matches(socket, self.snapshot))
    }

    fn compare(self, one: usize, other: usize) -> Ordering {
        let sockets = &self.snapshot.sockets;
        match (sockets.get(one), sockets.get(other)) {
            (Some(one), Some(other)) => order::compare(one, other, self.order),
            (one, other) => other.is_some().cmp(&one.is_some()),
        }
    }
}

impl Chosen {
    /// Where they stand in the snapshot.
    pub(super) fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Whether another filter found them than before.
    pub(super) fn is_anew(&self) -> bool {
        self.is_anew
    }

    /// Whether they are what `query` found.
    pub(super) fn was_asked(&self, query: &Query) -> bool {
        self.asked.as_ref().is_some_and(|(asked, _)| asked == query)
    }

    /// Answers `asked`; `kept` tells what became of the sockets that it was answered for before. While it `is_held`,
    /// what was there stays, in its order, and what is new follows.
    ///
    /// Returns whether nothing has changed.
    pub(super) fn bring_up_to_date(
        &mut self,
        asked: Asked<'_>,
        kept: &Kept,
        is_held: bool,
    ) -> bool {
        let asked_before = self.asked.as_ref();
        let question = asked_before
            .filter(|(query, _)| query == asked.query && !asked.query.changes_by_itself());
        let is_same_question = question.is_some_and(|(_, order)| *order == asked.order);
        self.is_anew = question.is_none();
        let was_sorted = self.is_sorted;
        let few = asked.snapshot.sockets.len() / FEW;
        if !is_same_question {
            self.choose(asked, kept, is_held);
        } else if is_held {
            self.keep_order(asked, kept);
        } else if !was_sorted || kept.changed().len() > few {
            // The members of groups are still what they were.
            self.choose(asked, kept, false);
        } else {
            self.merge(asked, kept);
        }
        if !is_same_question {
            let holds = !asked.query.changes_by_itself();
            self.asked = holds.then(|| (asked.query.clone(), asked.order));
        }
        self.is_sorted |= !is_held;
        is_same_question && kept.is_everything() && (is_held || was_sorted)
    }

    /// Finds all of them anew.
    fn choose(&mut self, asked: Asked<'_>, kept: &Kept, is_held: bool) {
        let is_whole = !self.is_anew && !self.has_others;
        let mut rows = if is_whole && kept.is_everything() {
            // Sockets that were made one after the other lie so in memory, too.
            let marks = marked(&self.rows, asked.snapshot.sockets.len());
            let marked = (0..).zip(marks).filter(|(_, is_chosen)| *is_chosen);
            marked.map(|(at, _)| at).collect()
        } else {
            asked.query.select(asked.snapshot)
        };
        let order = self.asked.as_ref().map(|(_, order)| *order);
        let was_so = self.is_sorted && kept.is_everything() && order == Some(asked.order);
        match self.of_these(&rows).filter(|_| was_so && !is_held) {
            Some(in_order) => rows = in_order,
            None => order::sort(asked.snapshot, &mut rows, asked.order),
        }
        if is_held {
            let mut ranks = vec![usize::MAX; asked.snapshot.sockets.len()];
            for (rank, then) in self.rows.iter().enumerate() {
                let place = kept.now(*then).and_then(|at| ranks.get_mut(at));
                if let Some(place) = place {
                    *place = rank;
                }
            }
            rows.sort_by_key(|at| ranks.get(*at).copied());
        }
        // In what order, whoever calls this knows.
        (self.is_sorted, self.has_others) = (false, false);
        self.rows = rows;
    }

    /// These in the order that they have here, where all of them are here: a filter that became narrower.
    fn of_these(&self, rows: &[usize]) -> Option<Vec<usize>> {
        let most = rows.iter().chain(&self.rows).max()? + 1;
        let wanted = marked(rows, most);
        let here = self.rows.iter().copied();
        let here: Vec<_> = here.filter(|at| wanted.get(*at) == Some(&true)).collect();
        (here.len() == rows.len()).then_some(here)
    }

    /// Leaves them in their order; what is new follows.
    fn keep_order(&mut self, asked: Asked<'_>, kept: &Kept) {
        if kept.is_everything() {
            return;
        }
        let mut fresh = marks(asked.snapshot, kept);
        let mut rows: Vec<usize> = self.rows.iter().filter_map(|at| kept.now(*at)).collect();
        for at in &rows {
            if let Some(is_fresh) = fresh.get_mut(*at) {
                self.has_others |= *is_fresh && !asked.matches(*at);
                *is_fresh = false;
            }
        }
        let new = kept.changed().iter().copied();
        let mut new: Vec<usize> = new
            .filter(|at| fresh.get(*at) == Some(&true) && asked.matches(*at))
            .collect();
        order::sort(asked.snapshot, &mut new, asked.order);
        self.is_sorted &= kept.changed().is_empty();
        rows.append(&mut new);
        self.rows = rows;
    }

    /// Takes out what has gone or changed, and puts what is new or has changed where it belongs.
    fn merge(&mut self, asked: Asked<'_>, kept: &Kept) {
        if kept.is_everything() {
            return;
        }
        let fresh = marks(asked.snapshot, kept);
        let mut rows: Vec<usize> = self.rows.iter().filter_map(|at| kept.now(*at)).collect();
        rows.retain(|at| fresh.get(*at) != Some(&true));
        let new = kept.changed().iter().copied();
        let mut new: Vec<usize> = new.filter(|at| asked.matches(*at)).collect();
        order::sort(asked.snapshot, &mut new, asked.order);
        let mut merged = Vec::with_capacity(rows.len() + new.len());
        let mut rest = rows.as_slice();
        for at in new {
            let before = rest.partition_point(|row| asked.compare(*row, at).is_le());
            let (smaller, larger) = rest.split_at_checked(before).unwrap_or((rest, &[]));
            merged.extend_from_slice(smaller);
            merged.push(at);
            rest = larger;
        }
        merged.extend_from_slice(rest);
        self.rows = merged;
    }
}

/// For each socket of the snapshot, whether it is new or not what it was.
fn marks(snapshot: &Snapshot, kept: &Kept) -> Vec<bool> {
    marked(kept.changed(), snapshot.sockets.len())
}

/// For each of `count` places, whether it is one of these.
fn marked(places: &[usize], count: usize) -> Vec<bool> {
    let mut marks = vec![false; count];
    for at in places {
        if let Some(mark) = marks.get_mut(*at) {
            *mark = true;
        }
    }
    marks
}
