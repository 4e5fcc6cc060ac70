//! Rows, their order, and the selection, which stays on its socket.

use crate::{
    model::{Snapshot, Socket, SocketKey},
    query::{self, Column, Order, Query},
    tui::words::since,
};
use std::{sync::Arc, time::Duration};

/// Closed sockets that are shown at most.
const MOST_GHOSTS: usize = 100;

/// One row: where its socket stands in the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// In [`Snapshot::sockets`].
    Open(usize),
    /// In [`Snapshot::closed`].
    Closed(usize),
}

impl Row {
    /// Its socket.
    pub(crate) fn socket(self, snapshot: &Snapshot) -> Option<&Arc<Socket>> {
        match self {
            Self::Open(at) => snapshot.sockets.get(at),
            Self::Closed(at) => snapshot.closed.get(at),
        }
    }
}

/// The table of sockets.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    pub(crate) order: Order,
    /// First row in sight.
    pub(crate) offset: usize,
    selected: Option<SocketKey>,
    /// The row of the selected socket, and where the selection goes when that is gone.
    cursor: usize,
    /// Closed sockets and the row each had.
    ghosts: Vec<(SocketKey, usize)>,
    /// What `rows` speaks of.
    snapshot: Option<Arc<Snapshot>>,
}

impl Table {
    /// An empty table.
    pub(super) fn new(order: Order) -> Self {
        Self {
            rows: vec![],
            order,
            offset: 0,
            selected: None,
            cursor: 0,
            ghosts: vec![],
            snapshot: None,
        }
    }

    /// The row that is selected.
    pub(crate) fn selected_row(&self) -> Option<Row> {
        self.rows.get(self.cursor).copied()
    }

    /// Its place among the rows.
    pub(crate) fn cursor(&self) -> usize {
        self.cursor
    }

    /// Makes the rows anew from `snapshot`; closed ones stay for `ghost_span`.
    pub(super) fn rebuild(
        &mut self,
        snapshot: &Arc<Snapshot>,
        query: &Query,
        ghost_span: Duration,
    ) {
        let closed = self.recently_closed(snapshot, query, ghost_span);
        let mut open = query.select(snapshot);
        query::order::sort(snapshot, &mut open, self.order);
        self.rows = open.into_iter().map(Row::Open).collect();
        for (row, place) in closed {
            self.rows.insert(place.min(self.rows.len()), row);
        }
        self.snapshot = Some(Arc::clone(snapshot));
        self.follow();
    }

    /// Closed sockets still to be shown, each with the row it had, topmost first.
    fn recently_closed(
        &mut self,
        snapshot: &Snapshot,
        query: &Query,
        span: Duration,
    ) -> Vec<(Row, usize)> {
        let recent = snapshot.closed.iter().enumerate().rev().take(MOST_GHOSTS);
        let recent: Vec<_> = recent
            .filter(|(_, socket)| {
                let closed_at = socket.closed_at.unwrap_or(snapshot.taken_at);
                since(closed_at, snapshot.taken_at) < span && query.matches(socket, snapshot)
            })
            .map(|(at, socket)| (at, socket.key))
            .collect();
        let mut ghosts = std::mem::take(&mut self.ghosts);
        ghosts.retain(|(key, _)| recent.iter().any(|(_, one)| one == key));
        let is_new = |key: &SocketKey| ghosts.iter().all(|(known, _)| known != key);
        let new: Vec<_> = recent.iter().map(|(_, key)| *key).filter(is_new).collect();
        ghosts.extend(self.places_of(&new));
        ghosts.sort_by_key(|(_, place)| *place);
        let at = |key| recent.iter().find(|(_, one)| *one == key);
        let rows = ghosts
            .iter()
            .filter_map(|(key, place)| Some((Row::Closed(at(*key)?.0), *place)))
            .collect();
        self.ghosts = ghosts;
        rows
    }

    /// The rows that `keys` have now.
    fn places_of(&self, keys: &[SocketKey]) -> Vec<(SocketKey, usize)> {
        let Some(snapshot) = self.snapshot.as_deref().filter(|_| !keys.is_empty()) else {
            return vec![];
        };
        let rows = self.rows.iter().enumerate();
        let keyed = rows.filter_map(|(place, row)| Some((row.socket(snapshot)?.key, place)));
        keyed.filter(|(key, _)| keys.contains(key)).collect()
    }

    /// Finds the selected socket again, else takes the row that stands where it stood.
    fn follow(&mut self) {
        let found = self.selected.and_then(|key| {
            self.rows
                .iter()
                .position(|row| self.key_of(*row) == Some(key))
        });
        self.select(found.unwrap_or(self.cursor));
    }

    fn key_of(&self, row: Row) -> Option<SocketKey> {
        Some(row.socket(self.snapshot.as_deref()?)?.key)
    }

    /// Selects a row; the last one when there are not so many.
    pub(super) fn select(&mut self, place: usize) {
        self.cursor = place.min(self.rows.len().saturating_sub(1));
        if let Some(row) = self.selected_row() {
            self.selected = self.key_of(row);
        }
    }

    /// Moves the selection by so many rows.
    pub(super) fn step(&mut self, by: isize) {
        self.select(self.cursor.saturating_add_signed(by));
    }

    /// Sorts by `column`; the other way round when it already does.
    pub(super) fn sort_by(&mut self, column: Column) {
        let reverse = self.order.column == column && !self.order.reverse;
        self.order = Order { column, reverse };
    }
}
