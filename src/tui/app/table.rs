//! Rows, their order, and the selection, which stays on its socket.

mod chosen;
mod ghosts;
mod stays;

use super::{
    groups::{Group, GroupKey, Grouping, Kinds},
    kept::Kept,
    listing::settled,
    still::Still,
};
use crate::{
    model::{OwnersSeen, Snapshot, Socket, SocketKey},
    query::{Column, Order, Query, order},
};
use chosen::Chosen;
use ghosts::{Change, Ghost};
use hashbrown::HashSet;
use std::{sync::Arc, time::Duration};

/// Of all that has closed, what is shown at most.
const MOST_CLOSED: usize = 1000;

/// One row: where its socket stands in the snapshot, or which sockets it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Row {
    /// In [`Snapshot::sockets`].
    Open(usize),
    /// In [`Table::closed`].
    Closed(usize),
    /// In [`Table::groups`].
    Group(usize),
}

impl Row {
    /// Whether it stands for something that is there.
    fn is_open(&self) -> bool {
        matches!(self, Self::Open(_) | Self::Group(_))
    }
}

/// What tells one row from another.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RowKey {
    Socket(SocketKey),
    /// What has closed; or is counted elsewhere, and still stands where it stood.
    Closed(SocketKey),
    Group(GroupKey),
}

/// In what order rows stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Laid {
    /// In the one that was asked for, or that sockets have while somebody reads.
    AsAsked,
    /// Where they stood: somebody reads, and they would have moved.
    Still,
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
    /// Everything that has closed since the dashboard began is shown, sorted in among what is open.
    pub(crate) with_closed: bool,
    /// The sockets that the filter finds.
    chosen: Chosen,
    kinds: Kinds,
    /// What `rows` were laid out for; `None` when that does not hold any more.
    laid_out: Option<(Grouping, bool)>,
    /// A group was folded or unfolded since then.
    is_refolded: bool,
    order_of_rows: Laid,
    /// The sockets of the rows of what has closed.
    closed: Vec<Arc<Socket>>,
    /// Groups whose sockets have rows of their own.
    unfolded: HashSet<GroupKey>,
    selected: Option<RowKey>,
    /// The row of the selected socket, and where the selection goes when that is gone.
    cursor: usize,
    /// What has just closed, topmost first.
    ghosts: Vec<Ghost>,
    still: Still,
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
            with_closed: false,
            chosen: Chosen::default(),
            kinds: Kinds::default(),
            laid_out: None,
            is_refolded: false,
            order_of_rows: Laid::AsAsked,
            closed: vec![],
            unfolded: HashSet::new(),
            selected: None,
            cursor: 0,
            ghosts: vec![],
            still: Still::default(),
            snapshot: None,
        }
    }

    /// How many sockets the filter found.
    pub(crate) fn found(&self) -> usize {
        self.chosen.found()
    }

    /// Whether the filter does not find the row's socket any more, which has a row only while somebody reads.
    pub(crate) fn is_other(&self, row: Row) -> bool {
        matches!(row, Row::Open(at) if self.chosen.is_other(at))
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

    /// The selected socket, as it was when the rows were made: a newer snapshot may have another one at its place.
    pub(crate) fn selected_socket(&self) -> Option<&Arc<Socket>> {
        self.socket(self.selected_row()?, self.snapshot.as_deref()?)
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
        self.is_refolded = true;
        let fold = fold.unwrap_or_else(|| self.unfolded.contains(&key));
        if fold {
            self.unfolded.remove(&key)
        } else {
            self.unfolded.insert(key)
        }
    }

    /// Brings the rows up to date with `snapshot`. What has closed stays for `ghost_span` where it was; when all of
    /// it is wanted, `gone`, the newest first, is sorted in among what is open.
    ///
    /// What this costs is what has changed since the last time, nearly nothing where that is nothing.
    pub(super) fn rebuild<'a>(
        &mut self,
        snapshot: &Arc<Snapshot>,
        query: &Query,
        ghost_span: Duration,
        gone: impl Iterator<Item = &'a Arc<Socket>>,
    ) {
        let is_held = self.still.holds_at(snapshot.elapsed);
        let before = self.snapshot.replace(Arc::clone(snapshot));
        let before = before.as_deref();
        let is_first = before.is_none_or(|before| before.coverage.owners == OwnersSeen::NotYet);
        if is_first && !is_held {
            // A selection that nobody made does not stay on its socket when the first order is made.
            (self.selected, self.cursor) = (None, 0);
        }
        let before = before.map_or(&[][..], |before| &before.sockets);
        let kept = Kept::between(before, &snapshot.sockets);
        let change = Change {
            before,
            snapshot,
            kept: &kept,
            query,
            span: ghost_span,
            is_held,
        };
        let turned = self.turned(change);
        let is_asked_alike = self.chosen.was_asked(query);
        self.change_ghosts(change, &turned);
        let asked = chosen::Asked {
            snapshot,
            query,
            order: self.order,
            turned: &turned,
        };
        let is_same = self.chosen.bring_up_to_date(asked, &kept, is_held);
        let stands_at = self.stands_at(&kept);
        self.kinds
            .turn_to(self.grouping, snapshot.sockets.len(), Some(&kept));
        let wanted = (self.grouping, self.with_closed);
        let has_closed = self.with_closed || !self.ghosts.is_empty() || !self.closed.is_empty();
        let was_so = self.laid_out == Some(wanted);
        let is_refolded = std::mem::take(&mut self.is_refolded);
        let is_right = is_held || self.order_of_rows == Laid::AsAsked;
        if is_same && !has_closed && was_so && !is_refolded && is_right {
            return;
        }
        self.laid_out = Some(wanted);
        self.order_of_rows = Laid::AsAsked;
        let has_groups = !self.groups.is_empty();
        // While somebody reads, each row stays where it is. Sockets that stand alone do so by themselves.
        let places = (is_held && was_so && (self.with_closed || has_groups))
            .then(|| self.places(before, &kept));
        self.lay_out(snapshot, kept.is_everything());
        let were = self.with_closed && is_held && is_asked_alike;
        let were = were.then(|| self.closed.iter().map(|socket| socket.key()).collect());
        let were: HashSet<SocketKey> = were.unwrap_or_default();
        let gone = gone.filter(|one| query.matches(one, snapshot) || were.contains(&one.key()));
        self.add_closed(snapshot, gone);
        if let Some(places) = places {
            self.put_back(places, snapshot, is_refolded || !is_asked_alike);
        }
        self.follow(stands_at, is_held);
    }

    /// Adds the rows of what has closed.
    fn add_closed<'a>(&mut self, snapshot: &Snapshot, gone: impl Iterator<Item = &'a Arc<Socket>>) {
        self.closed.clear();
        let mut shown: HashSet<SocketKey> = HashSet::new();
        for ghost in &self.ghosts {
            shown.insert(ghost.socket.key());
            let row = Row::Closed(self.closed.len());
            self.closed.push(Arc::clone(&ghost.socket));
            self.rows.insert(ghost.place.min(self.rows.len()), row);
        }
        if !self.with_closed {
            return;
        }
        // What only the kernel keeps has closed and still has a row.
        shown.extend(snapshot.sockets.iter().map(|socket| socket.key()));
        let gone = gone.filter(|socket| shown.insert(socket.key()));
        self.sort_in(snapshot, gone.take(MOST_CLOSED).cloned().collect());
    }

    /// Puts what has closed among the sockets that stand alone, where the order wants it; behind everything where
    /// none does.
    fn sort_in(&mut self, snapshot: &Snapshot, mut gone: Vec<Arc<Socket>>) {
        gone.sort_by(|one, other| order::compare(one, other, self.order));
        let mut rows = std::mem::take(&mut self.rows);
        let among = self.grouping == Grouping::None;
        let group = rows.iter().position(|row| matches!(row, Row::Group(_)));
        let alone = group.filter(|_| among);
        let mut rest = rows.split_off(alone.unwrap_or(rows.len()));
        let mut begin = 0;
        for socket in gone {
            let after = rows.get(begin..).unwrap_or_default();
            let after = after.partition_point(|row| {
                let one = self.socket(*row, snapshot);
                one.is_some_and(|one| order::compare(one, &socket, self.order).is_lt())
            });
            let place = if among { begin + after } else { rows.len() };
            self.rows.extend(rows.get(begin..place).unwrap_or_default());
            self.rows.push(Row::Closed(self.closed.len()));
            self.closed.push(socket);
            begin = place;
        }
        self.rows.extend(rows.get(begin..).unwrap_or_default());
        self.rows.append(&mut rest);
    }

    /// Somebody reads at a moment on the clock of the snapshots: rows keep their order for a while.
    pub(super) fn hold_from(&mut self, moment: Duration) {
        self.still.hold_from(moment);
    }

    /// Rows may be sorted again at once.
    pub(super) fn release(&mut self) {
        self.still.release();
    }

    /// Makes rows of the chosen sockets: each its own, or counted in groups. Where the snapshot `is_everything` that
    /// the one before was, the same places are the same sockets.
    fn lay_out(&mut self, snapshot: &Snapshot, is_everything: bool) {
        let before = std::mem::take(&mut self.groups);
        let mut before: Vec<Option<Group>> = before.into_iter().map(Some).collect();
        // The members of each group, by the number of its kind, in the order in which they were met.
        let mut met: Vec<(u32, Vec<usize>)> = vec![];
        let mut places: Vec<Option<usize>> = vec![];
        self.rows.clear();
        for row in self.chosen.rows() {
            let Some(kind) = self.kinds.of(*row, snapshot) else {
                self.rows.push(Row::Open(*row));
                continue;
            };
            let number = kind as usize;
            if places.len() <= number {
                places.resize(number + 1, None);
            }
            let place = places.get(number).copied().flatten().unwrap_or_else(|| {
                met.push((kind, vec![]));
                met.len() - 1
            });
            if let Some(known) = places.get_mut(number) {
                *known = Some(place);
            }
            if let Some((_, members)) = met.get_mut(place) {
                members.push(*row);
            }
        }
        let mut known: Vec<Option<usize>> = vec![None; places.len()];
        for (at, group) in before.iter().flatten().enumerate() {
            let number = self.kinds.number_of(&group.key);
            let place = number.and_then(|number| known.get_mut(number as usize));
            if let Some(place) = place {
                *place = Some(at);
            }
        }
        for (kind, members) in met {
            let Some(key) = self.kinds.key(kind) else {
                continue;
            };
            let at = known.get(kind as usize).copied().flatten();
            let group = at.and_then(|at| before.get_mut(at)?.take());
            let group = group.filter(|group| {
                // Another filter may find others of the same kind.
                let are_same = !self.chosen.is_anew() || is_everything && group.members == members;
                self.kinds.is_untouched(kind) && are_same
            });
            self.groups.push(match group {
                Some(group) => group.moved(members),
                None => Group::new(key.clone(), members, snapshot),
            });
        }
        self.add_groups();
    }

    /// Adds the rows of the groups, after those that stand alone.
    fn add_groups(&mut self) {
        // Where there is nothing else to see, counting it would only hide it.
        let all = self.rows.is_empty() && self.grouping == Grouping::None;
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

    /// Where the selected socket stands in the newest snapshot.
    fn stands_at(&self, kept: &Kept) -> Option<usize> {
        let (RowKey::Socket(key) | RowKey::Closed(key)) = self.selected.as_ref()? else {
            return None;
        };
        let snapshot = self.snapshot.as_deref()?;
        let has_key = |at: &usize| {
            let socket = snapshot.sockets.get(*at);
            socket.is_some_and(|socket| socket.key() == *key)
        };
        match self.selected_row() {
            Some(Row::Open(then)) => kept.now(then).filter(has_key),
            // It had no row: a filter hid it, or it had closed.
            Some(Row::Closed(_) | Row::Group(_)) | None => {
                snapshot.open().position(|socket| socket.key() == *key)
            }
        }
    }

    /// Finds the selected row again, whose socket stands at `stands_at` of the snapshot, else takes the one that
    /// stands where it stood.
    fn follow(&mut self, stands_at: Option<usize>, is_held: bool) {
        let line = self.cursor.saturating_sub(self.offset);
        let row = match &self.selected {
            Some(RowKey::Group(key)) => {
                let group = self.groups.iter().position(|group| group.key == *key);
                group.map(Row::Group)
            }
            Some(RowKey::Socket(key)) => {
                // Where it stood, when it is counted elsewhere from now on.
                let mut ghosts = self.ghosts.iter();
                let has_left = ghosts.any(|ghost| ghost.is_new && ghost.socket.key() == *key);
                let open = stands_at.map(Row::Open).filter(|_| !has_left);
                open.or_else(|| self.closed_row(*key))
            }
            Some(RowKey::Closed(key)) => self.closed_row(*key).or_else(|| stands_at.map(Row::Open)),
            None => None,
        };
        let found = row.and_then(|row| self.rows.iter().position(|one| *one == row));
        self.select(found.unwrap_or(self.cursor));
        if found.is_some() {
            self.offset = settled(self.offset, self.cursor, line, self.following || is_held);
        }
    }

    fn closed_row(&self, key: SocketKey) -> Option<Row> {
        let place = self.closed.iter().position(|socket| socket.key() == key);
        place.map(Row::Closed)
    }

    fn key_of(&self, row: Row) -> Option<RowKey> {
        if let Row::Group(at) = row {
            return self
                .groups
                .get(at)
                .map(|group| RowKey::Group(group.key.clone()));
        }
        let socket = self.socket(row, self.snapshot.as_deref()?)?;
        Some(match row {
            Row::Closed(_) => RowKey::Closed(socket.key()),
            Row::Open(_) | Row::Group(_) => RowKey::Socket(socket.key()),
        })
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

#[cfg(test)]
mod tests;
