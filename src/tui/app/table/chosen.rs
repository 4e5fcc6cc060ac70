//! The sockets that a filter finds, in the order of the table, brought up to date by what has changed.

use super::super::kept::Kept;
use crate::{
    model::Snapshot,
    query::{Order, Query, order},
};
use hashbrown::HashSet;
use std::cmp::Ordering;

/// Of how many sockets one may be new or changed at most, before all are sorted anew.
const FEW: usize = 8;

/// The sockets.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// Where they stand in the snapshot.
    rows: Vec<usize>,
    /// What they were asked by; `None` when nobody has asked yet.
    asked: Option<Question>,
    /// They have the order that was asked for, not one that is kept while somebody reads.
    is_sorted: bool,
    is_anew: bool,
    /// For each place of the snapshot, whether it is here although the filter does not find it any more, as long as
    /// somebody reads; empty where none is.
    others: Vec<bool>,
}

/// What they were asked by.
#[derive(Debug)]
struct Question {
    /// Without names of hosts: sharing them would make each new one a copy of all.
    query: Query,
    order: Order,
    /// The answer did not hold any longer than until it was given.
    changes_by_itself: bool,
}

/// What is asked of which snapshot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) query: &'a Query,
    pub(super) order: Order,
    /// Places of the snapshot whose row something else stands in from now on.
    pub(super) turned: &'a HashSet<usize>,
}

impl Asked<'_> {
    fn question(self) -> Question {
        let mut query = self.query.clone();
        query.know_hosts(None);
        Question {
            query,
            order: self.order,
            changes_by_itself: self.query.changes_by_itself(),
        }
    }

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

    /// How many of them the filter finds.
    pub(super) fn found(&self) -> usize {
        let others = self.others.iter().filter(|is_other| **is_other);
        self.rows.len() - others.count()
    }

    /// Whether the filter does not find what stands there in the snapshot, and it is here only while somebody reads.
    pub(super) fn is_other(&self, at: usize) -> bool {
        self.others.get(at) == Some(&true)
    }

    /// Whether others may have been found than before.
    pub(super) fn is_anew(&self) -> bool {
        self.is_anew
    }

    /// Whether they are what `query` found.
    pub(super) fn was_asked(&self, query: &Query) -> bool {
        let asked = self.asked.as_ref();
        asked.is_some_and(|asked| asked.query == *query)
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
        let changes_by_itself = asked.query.changes_by_itself();
        let before = self.asked.as_ref();
        let before = before.filter(|before| before.query == *asked.query);
        let holds = before.filter(|before| !changes_by_itself && !before.changes_by_itself);
        self.is_anew = holds.is_none();
        // What changes by itself takes no row from whoever reads.
        let before = if is_held { before } else { holds };
        let is_same_question = before.is_some_and(|before| before.order == asked.order);
        let was_sorted = self.is_sorted;
        let few = asked.snapshot.sockets.len() / FEW;
        if !is_same_question {
            self.choose(asked, kept, is_held);
            self.asked = Some(asked.question());
        } else if is_held {
            self.keep_order(asked, kept);
        } else if !was_sorted || kept.changed().len() > few {
            // The members of groups are still what they were.
            self.choose(asked, kept, false);
        } else {
            self.merge(asked, kept);
        }
        self.is_sorted |= !is_held;
        let may_differ = self.is_anew || !kept.is_everything();
        is_same_question && !may_differ && (is_held || was_sorted)
    }

    /// Finds all of them anew.
    fn choose(&mut self, asked: Asked<'_>, kept: &Kept, is_held: bool) {
        let is_whole = !self.is_anew && self.others.is_empty();
        let mut rows = if is_whole && kept.is_everything() {
            // Sockets that were made one after the other lie so in memory, too.
            let marks = marked(&self.rows, asked.snapshot.sockets.len());
            let marked = (0..).zip(marks).filter(|(_, is_chosen)| *is_chosen);
            marked.map(|(at, _)| at).collect()
        } else {
            asked.query.select(asked.snapshot)
        };
        let order = self.asked.as_ref().map(|asked| asked.order);
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
        (self.is_sorted, self.others) = (false, vec![]);
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

    /// Leaves them in their order, those too that the filter does not find any more; what is new follows.
    fn keep_order(&mut self, asked: Asked<'_>, kept: &Kept) {
        if kept.is_everything() && !self.is_anew {
            return;
        }
        let count = asked.snapshot.sockets.len();
        // Whose answer is to be asked for, and which of these are found.
        let (is_asked, mut is_found) = if self.is_anew {
            let found = asked.query.select(asked.snapshot);
            (None, marked(&found, count))
        } else {
            let changed = kept.changed().iter().copied();
            let found: Vec<usize> = changed.filter(|at| asked.matches(*at)).collect();
            (Some(marks(asked.snapshot, kept)), marked(&found, count))
        };
        let is_asked = |at: usize| {
            is_asked
                .as_ref()
                .is_none_or(|all| all.get(at) == Some(&true))
        };
        let mut others = vec![];
        let mut rows = Vec::with_capacity(self.rows.len());
        for then in &self.rows {
            let Some(at) = kept.now(*then) else {
                continue;
            };
            let is_other = if is_asked(at) {
                is_found.get(at) != Some(&true)
            } else {
                self.is_other(*then)
            };
            if is_other && asked.turned.contains(&at) {
                continue;
            }
            if is_other {
                others.push(at);
            } else if let Some(is_new) = is_found.get_mut(at) {
                *is_new = false;
            }
            rows.push(at);
        }
        let new = is_found.into_iter().enumerate();
        let mut new: Vec<usize> = new
            .filter_map(|(at, is_new)| is_new.then_some(at))
            .collect();
        order::sort(asked.snapshot, &mut new, asked.order);
        self.is_sorted &= kept.changed().is_empty() && new.is_empty() && others.is_empty();
        rows.append(&mut new);
        self.rows = rows;
        self.others = if others.is_empty() {
            vec![]
        } else {
            marked(&others, count)
        };
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
