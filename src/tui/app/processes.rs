//! The view of processes: one row each, with what its sockets come to.

use super::listing::{Listing, Row};
use crate::{
    model::{Process, ProcessKey, Snapshot, Socket, Verdict},
    query::Query,
    tui::layout::fields::OfProcess,
};
use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The view.
#[derive(Debug)]
pub(crate) struct Processes {
    pub(crate) list: Listing<ProcessRow>,
    pub(crate) order: Sorting<OfProcess>,
}

/// By which column rows are sorted, and whether the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sorting<C> {
    pub(crate) column: C,
    pub(crate) reverse: bool,
}

impl<C: PartialEq + Copy> Sorting<C> {
    /// Sorted by `column`, best first.
    pub(super) fn by(column: C) -> Self {
        Self {
            column,
            reverse: false,
        }
    }

    /// Sorted by `column`; the other way round when it already is.
    pub(super) fn toggled(self, column: C) -> Self {
        Self {
            column,
            reverse: self.column == column && !self.reverse,
        }
    }

    /// Sorted by the column so many places beside the one of now, among `shown`.
    pub(super) fn beside(self, shown: &[C], by: isize) -> Self {
        let now = shown.iter().position(|column| *column == self.column);
        let next = now.map_or(0, |at| (at + shown.len()).saturating_add_signed(by));
        let column = shown.get(next % shown.len().max(1));
        Self::by(column.copied().unwrap_or(self.column))
    }

    /// Sorts `rows` by `compare`; rows that are equal stay in their order.
    pub(super) fn sort<R>(self, rows: &mut [R], compare: impl Fn(&R, &R, C) -> Ordering) {
        rows.sort_by(|a, b| {
            let ordering = compare(a, b, self.column);
            if self.reverse {
                ordering.reverse()
            } else {
                ordering
            }
        });
    }
}

/// One process, or all whose sockets have no visible owner.
#[derive(Debug, Clone)]
pub(crate) struct ProcessRow {
    /// `None` for the sockets that nobody is known to own.
    pub(crate) process: Option<Arc<Process>>,
    pub(crate) sums: Sums,
    /// Ports it waits on, ascending.
    pub(crate) listens: BTreeSet<u16>,
}

/// What several sockets come to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) sockets: usize,
    pub(crate) listeners: usize,
    /// Bytes per second, received and sent; `None` while nobody can tell.
    pub(crate) rates: Option<(f64, f64)>,
    /// The worst of their verdicts.
    pub(crate) verdict: Option<Verdict>,
}

impl Sums {
    /// Counts `socket` in.
    pub(super) fn add(&mut self, socket: &Socket) {
        self.sockets += 1;
        self.listeners += usize::from(socket.raw.is_listening());
        self.verdict = self.verdict.max(Some(socket.assessment.verdict));
        if let Some(rates) = socket.rates {
            let (rx, tx) = self.rates.get_or_insert_default();
            *rx += rates.rx_bytes_per_second();
            *tx += rates.tx_bytes_per_second();
        }
    }

    /// The worst verdict.
    pub(crate) fn worst(&self) -> Verdict {
        self.verdict.unwrap_or(Verdict::Unknown)
    }

    pub(super) fn by_verdict(&self, other: &Self) -> Ordering {
        rank(other.worst()).cmp(&rank(self.worst()))
    }

    pub(super) fn by_received(&self, other: &Self) -> Ordering {
        most(self.rates.map(|rates| rates.0), other.rates.map(|r| r.0))
    }

    pub(super) fn by_sent(&self, other: &Self) -> Ordering {
        most(self.rates.map(|rates| rates.1), other.rates.map(|r| r.1))
    }
}

/// How much a verdict asks for attention; nothing known is more than all well.
fn rank(verdict: Verdict) -> u8 {
    verdict as u8
}

/// The largest first, what is not known last.
fn most(one: Option<f64>, other: Option<f64>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => other.total_cmp(&one),
        (one, other) => other.is_some().cmp(&one.is_some()),
    }
}

impl Row for ProcessRow {
    type Key = Option<ProcessKey>;
    fn key(&self) -> Self::Key {
        self.process.as_ref().map(|process| process.key)
    }
}

impl Default for Processes {
    fn default() -> Self {
        Self {
            list: Listing::default(),
            order: Sorting::by(OfProcess::Verdict),
        }
    }
}

impl Processes {
    /// Makes the rows anew from the sockets that `query` finds.
    pub(super) fn rebuild(&mut self, snapshot: &Snapshot, query: &Query) {
        let mut rows = rows(snapshot, &query.select(snapshot));
        self.order.sort(&mut rows, compare);
        self.list.renew(rows, snapshot.elapsed, query);
    }
}

fn rows(snapshot: &Snapshot, chosen: &[usize]) -> Vec<ProcessRow> {
    let mut by_process: BTreeMap<Option<ProcessKey>, ProcessRow> = BTreeMap::new();
    for socket in chosen.iter().filter_map(|row| snapshot.sockets.get(*row)) {
        if socket.processes.is_empty() && socket.raw.state.can_have_owner() {
            by_process
                .entry(None)
                .or_insert_with(|| row(None))
                .count(socket);
        }
        for process in &socket.processes {
            let new = || row(Some(Arc::clone(process)));
            by_process
                .entry(Some(process.key))
                .or_insert_with(new)
                .count(socket);
        }
    }
    by_process.into_values().collect()
}

fn row(process: Option<Arc<Process>>) -> ProcessRow {
    ProcessRow {
        process,
        sums: Sums::default(),
        listens: BTreeSet::new(),
    }
}

impl ProcessRow {
    fn count(&mut self, socket: &Socket) {
        self.sums.add(socket);
        if socket.raw.is_listening() {
            self.listens.insert(socket.raw.local().port);
        }
    }

    fn name(&self) -> Option<&str> {
        self.process.as_ref().map(|process| process.name.as_str())
    }
}

fn compare(a: &ProcessRow, b: &ProcessRow, column: OfProcess) -> Ordering {
    let named = |row: &ProcessRow| (row.process.is_none(), row.name().map(str::to_lowercase));
    let by = match column {
        OfProcess::Verdict => a.sums.by_verdict(&b.sums),
        OfProcess::Name => Ordering::Equal,
        OfProcess::Pid => a.key().map(|key| key.pid).cmp(&b.key().map(|key| key.pid)),
        OfProcess::User => user(a).cmp(&user(b)),
        OfProcess::Sockets => Reverse(a.sums.sockets).cmp(&Reverse(b.sums.sockets)),
        OfProcess::Listens => listens(a).cmp(&listens(b)),
        OfProcess::Rx => a.sums.by_received(&b.sums),
        OfProcess::Tx => a.sums.by_sent(&b.sums),
        OfProcess::Unit => unit(a).cmp(&unit(b)),
    };
    by.then_with(|| named(a).cmp(&named(b)))
        .then_with(|| a.key().cmp(&b.key()))
}

fn listens(row: &ProcessRow) -> (bool, Option<u16>) {
    (row.listens.is_empty(), row.listens.first().copied())
}

fn user(row: &ProcessRow) -> Option<&str> {
    row.process.as_ref()?.user.as_deref()
}

/// The unit or the container, last where there is none.
fn unit(row: &ProcessRow) -> (bool, Option<&str>) {
    let of = row.process.as_ref().and_then(|process| {
        let unit = process.container.as_ref().or(process.unit.as_ref());
        unit.map(crate::model::Text::as_str)
    });
    (of.is_none(), of)
}
