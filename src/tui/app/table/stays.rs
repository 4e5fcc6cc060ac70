//! Rows stay where they are while somebody reads: those of what has closed, and those that are counted or stand in
//! groups.

use super::{Group, Laid, Row, Table};
use crate::{
    model::{Snapshot, Socket, SocketKey},
    tui::app::{groups::GroupKey, kept::Kept},
};
use hashbrown::{HashMap, HashSet};
use std::sync::Arc;

/// What a row is in the next snapshot.
#[derive(Debug)]
pub(super) enum Stays {
    Row(Row),
    Group(GroupKey),
    Closed(SocketKey),
}

/// Rows in the order that they had, and which of the new ones they are.
#[derive(Debug, Default)]
struct Placed {
    rows: Vec<Row>,
    open: Vec<bool>,
    groups: Vec<bool>,
    closed: Vec<bool>,
    /// Behind how many of them the selection stands.
    cursor: usize,
}

impl Placed {
    fn push(&mut self, row: Row) {
        self.mark(row);
        self.rows.push(row);
    }

    fn mark(&mut self, row: Row) {
        let (marks, at) = match row {
            Row::Open(at) => (&mut self.open, at),
            Row::Group(at) => (&mut self.groups, at),
            Row::Closed(at) => (&mut self.closed, at),
        };
        if marks.len() <= at {
            marks.resize(at + 1, false);
        }
        if let Some(mark) = marks.get_mut(at) {
            *mark = true;
        }
    }

    fn has(&self, row: Row) -> bool {
        let (marks, at) = match row {
            Row::Open(at) => (&self.open, at),
            Row::Group(at) => (&self.groups, at),
            Row::Closed(at) => (&self.closed, at),
        };
        marks.get(at) == Some(&true)
    }
}

impl Table {
    /// The rows of now, for [`put_back`](Self::put_back) to find again in the next snapshot; `before` are the sockets
    /// that they speak of.
    pub(super) fn places(&self, before: &[Arc<Socket>], kept: &Kept) -> Vec<Option<Stays>> {
        let new = self.ghosts.iter().filter(|ghost| ghost.is_new);
        let new: HashSet<SocketKey> = new.map(|ghost| ghost.socket.key()).collect();
        let has_left = |then: usize| {
            let socket = before.get(then).filter(|_| !new.is_empty());
            socket.is_some_and(|socket| new.contains(&socket.key()))
        };
        let stays = |row: &Row| match row {
            Row::Open(then) => match kept.now(*then).filter(|_| !has_left(*then)) {
                Some(now) => Some(Stays::Row(Row::Open(now))),
                None => before.get(*then).map(|socket| Stays::Closed(socket.key())),
            },
            Row::Closed(at) => self
                .closed
                .get(*at)
                .map(|socket| Stays::Closed(socket.key())),
            Row::Group(at) => self
                .groups
                .get(*at)
                .map(|group| Stays::Group(group.key.clone())),
        };
        self.rows.iter().map(stays).collect()
    }

    /// Puts each row where it stood before. What is new follows, the sockets of a group behind the others of it; above
    /// the selection those are only counted. Where the rows are `others`, since the filter or a fold has changed, those
    /// that are not among them any more go; else they stay, a group of which nothing is left, too.
    pub(super) fn put_back(
        &mut self,
        places: Vec<Option<Stays>>,
        snapshot: &Snapshot,
        others: bool,
    ) {
        let new = std::mem::take(&mut self.rows);
        let (there, emptied) = self.placed(places, &new, others);
        let emptied = emptied.into_iter();
        let emptied = emptied.map(|key| Group::new(key, vec![], snapshot));
        self.groups.extend(emptied);
        self.rows = self.with_new(there, &new);
        if self.rows != new {
            self.order_of_rows = Laid::Still;
        }
        for (place, row) in self.rows.iter().enumerate() {
            if let Row::Closed(at) = row
                && let Some(ghost) = self.ghosts.get_mut(*at)
            {
                ghost.place = place;
            }
        }
    }

    /// The rows that were there before, and the groups of which nothing is left, which follow the others.
    fn placed(
        &self,
        places: Vec<Option<Stays>>,
        new: &[Row],
        others: bool,
    ) -> (Placed, Vec<GroupKey>) {
        let closed = self.closed.iter().enumerate();
        let closed: HashMap<SocketKey, usize> =
            closed.map(|(at, socket)| (socket.key(), at)).collect();
        let groups = self.groups.iter().enumerate();
        let groups: HashMap<&GroupKey, usize> =
            groups.map(|(at, group)| (&group.key, at)).collect();
        let mut stays = Placed::default();
        let found = self.chosen.rows().iter().filter(|_| !others);
        let found = found.map(|at| Row::Open(*at));
        for row in new.iter().copied().chain(found) {
            stays.mark(row);
        }
        let (mut there, mut emptied) = (Placed::default(), vec![]);
        for (at, place) in places.into_iter().enumerate() {
            if at == self.cursor {
                there.cursor = there.rows.len();
            }
            let row = place.and_then(|place| match place {
                Stays::Row(row) => stays.has(row).then_some(row),
                Stays::Closed(key) => closed.get(&key).copied().map(Row::Closed),
                Stays::Group(key) => match groups.get(&key).copied().map(Row::Group) {
                    Some(row) => (!others || stays.has(row)).then_some(row),
                    None if others => None,
                    None => {
                        emptied.push(key);
                        Some(Row::Group(self.groups.len() + emptied.len() - 1))
                    }
                },
            });
            if let Some(row) = row.filter(|row| !there.has(*row)) {
                there.push(row);
            }
        }
        (there, emptied)
    }

    /// These rows with what is new.
    fn with_new(&self, placed: Placed, new: &[Row]) -> Vec<Row> {
        // Whose members are new, and in which group each socket is that has its row before it.
        let headed = (0..self.groups.len()).filter(|at| placed.has(Row::Group(*at)));
        let mut group_of: Vec<Option<usize>> = vec![];
        for at in headed {
            let members = self.groups.get(at).map_or(&[][..], |group| &group.members);
            for member in members {
                if group_of.len() <= *member {
                    group_of.resize(*member + 1, None);
                }
                if let Some(place) = group_of.get_mut(*member) {
                    *place = Some(at);
                }
            }
        }
        let group_of = |row: Row| match row {
            Row::Open(at) => group_of.get(at).copied().flatten(),
            Row::Group(at) => Some(at),
            Row::Closed(_) => None,
        };
        let mut ends: Vec<Option<usize>> = vec![None; self.groups.len()];
        let mut last = None;
        for (place, row) in placed.rows.iter().enumerate() {
            // What has closed ends nothing.
            last = group_of(*row).or_else(|| last.filter(|_| !row.is_open()));
            if let Some(end) = last.and_then(|at| ends.get_mut(at)) {
                *end = Some(place);
            }
        }
        let mut below: HashMap<usize, Vec<Row>> = HashMap::new();
        let mut rest = vec![];
        for row in new.iter().filter(|row| !placed.has(**row)) {
            let group = group_of(*row).filter(|_| matches!(row, Row::Open(_)));
            let Some(group) = group.and_then(|at| self.groups.get(at).zip(ends.get(at).copied()?))
            else {
                rest.push(*row);
                continue;
            };
            let (group, end) = group;
            if self.is_unfolded(group) && end >= placed.cursor {
                below.entry(end).or_default().push(*row);
            }
        }
        let mut rows = Vec::with_capacity(placed.rows.len() + rest.len());
        for (place, row) in placed.rows.into_iter().enumerate() {
            rows.push(row);
            rows.extend(below.remove(&place).unwrap_or_default());
        }
        rows.append(&mut rest);
        rows
    }
}
