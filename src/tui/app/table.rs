//! Rows, their order, and the selection, which stays on its socket.

use super::{
    groups::{Group, GroupKey, Grouping, folds},
    listing::settled,
};
use crate::{
    model::{OwnersSeen, Snapshot, Socket, SocketKey},
    query::{self, Column, Order, Query},
    tui::words::since,
};
use hashbrown::{HashMap, HashSet};
use std::{sync::Arc, time::Duration};

/// Closed sockets that are shown at most.
const MOST_GHOSTS: usize = 100;

/// Of all that has closed, what is shown at most.
const MOST_CLOSED: usize = 1000;

/// For how long rows keep their order after the person last moved: nothing is re-sorted while one reads.
const READING: Duration = Duration::from_secs(5);

/// One row: where its socket stands in the snapshot, or which sockets it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// In [`Snapshot::sockets`].
    Open(usize),
    /// In [`Table::closed`].
    Closed(usize),
    /// In [`Table::groups`].
    Group(usize),
}

/// What tells one row from another.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RowKey {
    Socket(SocketKey),
    Group(GroupKey),
}

/// The table of sockets.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    /// The rows that stand for several sockets.
    pub(crate) groups: Vec<Group>,
    pub(crate) grouping: Grouping,
    pub(crate) order: Order,
    /// First row in sight.
    pub(crate) offset: usize,
    /// The selected row stays on its line of the screen, whatever the others do.
    pub(crate) following: bool,
    /// How many sockets the filter found.
    pub(crate) found: usize,
    /// Everything that has closed since the dashboard began is shown, below what is open.
    pub(crate) with_closed: bool,
    /// The sockets of the rows of what has closed.
    closed: Vec<Arc<Socket>>,
    /// Groups whose sockets have rows of their own.
    unfolded: HashSet<GroupKey>,
    selected: Option<RowKey>,
    /// The row of the selected socket, and where the selection goes when that is gone.
    cursor: usize,
    /// Closed sockets and the row each had.
    ghosts: Vec<(SocketKey, usize)>,
    /// Until when rows keep their order, on the clock of the snapshots.
    held_until: Option<Duration>,
    /// What `rows` speaks of.
    snapshot: Option<Arc<Snapshot>>,
}

impl Table {
    /// An empty table.
    pub(super) fn new(order: Order) -> Self {
        Self {
            rows: vec![],
            groups: vec![],
            grouping: Grouping::default(),
            order,
            offset: 0,
            following: false,
            found: 0,
            with_closed: false,
            closed: vec![],
            unfolded: HashSet::new(),
            selected: None,
            cursor: 0,
            ghosts: vec![],
            held_until: None,
            snapshot: None,
        }
    }

    /// The socket of a row; `None` for several.
    pub(crate) fn socket<'a>(
        &'a self,
        row: Row,
        snapshot: &'a Snapshot,
    ) -> Option<&'a Arc<Socket>> {
        match row {
            Row::Open(at) => snapshot.sockets.get(at),
            Row::Closed(at) => self.closed.get(at),
            Row::Group(_) => None,
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

    /// The group that the selected row stands for.
    pub(crate) fn selected_group(&self) -> Option<&Group> {
        match self.selected_row()? {
            Row::Group(at) => self.groups.get(at),
            Row::Open(_) | Row::Closed(_) => None,
        }
    }

    /// Whether the sockets of a group have rows of their own.
    pub(crate) fn is_unfolded(&self, group: &Group) -> bool {
        self.unfolded.contains(&group.key)
    }

    /// Shows the sockets of the selected group, or only counts them. Returns whether there is one.
    pub(super) fn fold(&mut self, fold: Option<bool>) -> bool {
        let Some(key) = self.selected_group().map(|group| group.key.clone()) else {
            return false;
        };
        let fold = fold.unwrap_or_else(|| self.unfolded.contains(&key));
        if fold {
            self.unfolded.remove(&key)
        } else {
            self.unfolded.insert(key)
        }
    }

    /// Makes the rows anew from `snapshot`. What has closed stays for `ghost_span` where it was; when all of
    /// it is wanted, `gone`, the newest first, comes after what is open.
    pub(super) fn rebuild<'a>(
        &mut self,
        snapshot: &Arc<Snapshot>,
        query: &Query,
        ghost_span: Duration,
        gone: impl Iterator<Item = &'a Arc<Socket>>,
    ) {
        let before = self.snapshot.as_deref();
        let is_first = before.is_none_or(|before| before.coverage.owners == OwnersSeen::NotYet);
        if is_first && !self.is_held(snapshot) {
            // A selection that nobody made does not stay on its socket when the first order is made.
            (self.selected, self.cursor) = (None, 0);
        }
        let ghosts = self.recently_closed(snapshot, query, ghost_span);
        let mut open = query.select(snapshot);
        self.found = open.len();
        query::order::sort(snapshot, &mut open, self.order);
        if self.is_held(snapshot) {
            self.keep_order(snapshot, &mut open);
        }
        self.lay_out(snapshot, open);
        self.closed.clear();
        let mut shown: HashSet<SocketKey> = HashSet::new();
        for (socket, place) in ghosts {
            shown.insert(socket.key);
            let row = Row::Closed(self.closed.len());
            self.closed.push(socket);
            self.rows.insert(place.min(self.rows.len()), row);
        }
        if self.with_closed {
            // What only the kernel keeps has closed and still has a row.
            shown.extend(snapshot.sockets.iter().map(|socket| socket.key));
            let gone = gone.filter(|socket| query.matches(socket, snapshot));
            for socket in gone
                .filter(|socket| shown.insert(socket.key))
                .take(MOST_CLOSED)
            {
                self.rows.push(Row::Closed(self.closed.len()));
                self.closed.push(Arc::clone(socket));
            }
        }
        self.snapshot = Some(Arc::clone(snapshot));
        self.follow();
    }

    /// Whether somebody reads just now.
    fn is_held(&self, snapshot: &Snapshot) -> bool {
        self.held_until
            .is_some_and(|until| snapshot.elapsed < until)
    }

    /// Somebody reads: rows keep their order for a while.
    pub(super) fn hold(&mut self) {
        self.held_until = self.snapshot.as_ref().map(|now| now.elapsed + READING);
    }

    /// Rows may be sorted again at once.
    pub(super) fn release(&mut self) {
        self.held_until = None;
    }

    /// Puts sorted rows back into the order they have on screen; new ones follow.
    fn keep_order(&self, snapshot: &Snapshot, open: &mut [usize]) {
        let Some(before) = self.snapshot.as_deref() else {
            return;
        };
        let shown = self.rows.iter().enumerate();
        let ranks: HashMap<SocketKey, usize> = shown
            .filter_map(|(place, row)| Some((self.socket(*row, before)?.key, place)))
            .collect();
        let rank = |row: &usize| {
            let socket = snapshot.sockets.get(*row);
            socket.and_then(|socket| ranks.get(&socket.key).copied())
        };
        open.sort_by_cached_key(|row| {
            let rank = rank(row);
            (rank.is_none(), rank)
        });
    }

    /// Makes rows of sorted sockets: each its own, or counted in groups.
    fn lay_out(&mut self, snapshot: &Snapshot, open: Vec<usize>) {
        self.groups.clear();
        self.rows.clear();
        let mut places: HashMap<GroupKey, usize> = HashMap::new();
        let mut alone = vec![];
        for row in open {
            let Some(socket) = snapshot.sockets.get(row) else {
                continue;
            };
            let key = match self.grouping.key(socket) {
                Some(key) => Some(key),
                None => folds(socket),
            };
            let Some(key) = key else {
                alone.push(row);
                continue;
            };
            let place = *places.entry(key).or_insert_with_key(|key| {
                self.groups.push(Group::new(key.clone(), socket));
                self.groups.len() - 1
            });
            if let Some(group) = self.groups.get_mut(place) {
                group.add(row, socket);
            }
        }
        // Where there is nothing else to see, counting it would only hide it.
        let all = alone.is_empty() && self.grouping == Grouping::None;
        self.rows.extend(alone.into_iter().map(Row::Open));
        for (at, group) in self.groups.iter().enumerate() {
            let small = group.members.len() < 2 && self.grouping == Grouping::None;
            if !small && !all {
                self.rows.push(Row::Group(at));
            }
            if small || all || self.unfolded.contains(&group.key) {
                self.rows
                    .extend(group.members.iter().copied().map(Row::Open));
            }
        }
    }

    /// Closed sockets still to be shown, each with the row it had, topmost first.
    fn recently_closed(
        &mut self,
        snapshot: &Snapshot,
        query: &Query,
        span: Duration,
    ) -> Vec<(Arc<Socket>, usize)> {
        let recent = snapshot.closed.iter().rev().take(MOST_GHOSTS);
        let recent: Vec<&Arc<Socket>> = recent
            .filter(|socket| {
                let closed_at = socket.closed_at.unwrap_or(snapshot.taken_at);
                since(closed_at, snapshot.taken_at) < span && query.matches(socket, snapshot)
            })
            .collect();
        let mut ghosts = std::mem::take(&mut self.ghosts);
        ghosts.retain(|(key, _)| recent.iter().any(|one| one.key == *key));
        let is_new = |key: &SocketKey| ghosts.iter().all(|(known, _)| known != key);
        let new: Vec<_> = recent.iter().map(|one| one.key).filter(is_new).collect();
        ghosts.extend(self.places_of(&new));
        ghosts.sort_by_key(|(_, place)| *place);
        let of = |key| recent.iter().find(|one| one.key == key);
        let rows = ghosts
            .iter()
            .filter_map(|(key, place)| Some((Arc::clone(of(*key)?), *place)))
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
        let keyed = rows.filter_map(|(place, row)| Some((self.socket(*row, snapshot)?.key, place)));
        keyed.filter(|(key, _)| keys.contains(key)).collect()
    }

    /// Finds the selected row again, else takes the one that stands where it stood.
    fn follow(&mut self) {
        let line = self.cursor.saturating_sub(self.offset);
        let found = self
            .selected
            .as_ref()
            .and_then(|key| self.rows.iter().position(|row| self.has_key(*row, key)));
        self.select(found.unwrap_or(self.cursor));
        if found.is_some() {
            self.offset = settled(self.offset, self.cursor, line, self.following);
        }
    }

    fn has_key(&self, row: Row, key: &RowKey) -> bool {
        match (row, key) {
            (Row::Group(at), RowKey::Group(key)) => {
                self.groups.get(at).is_some_and(|group| group.key == *key)
            }
            (Row::Open(_) | Row::Closed(_), RowKey::Socket(key)) => {
                let snapshot = self.snapshot.as_deref();
                let socket = snapshot.and_then(|snapshot| self.socket(row, snapshot));
                socket.is_some_and(|socket| socket.key == *key)
            }
            _ => false,
        }
    }

    fn key_of(&self, row: Row) -> Option<RowKey> {
        if let Row::Group(at) = row {
            return self
                .groups
                .get(at)
                .map(|group| RowKey::Group(group.key.clone()));
        }
        let socket = self.socket(row, self.snapshot.as_deref()?)?;
        Some(RowKey::Socket(socket.key))
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
        self.release();
    }
}
