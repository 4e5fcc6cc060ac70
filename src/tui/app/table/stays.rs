//! Rows of what has closed stay where they are while somebody reads.

use super::{Row, Table};
use crate::{
    model::{Socket, SocketKey},
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

impl Table {
    /// The rows of now, for [`put_back`](Self::put_back) to find again in the next snapshot; `before` are the sockets
    /// that they speak of.
    pub(super) fn places(&self, before: &[Arc<Socket>], kept: &Kept) -> Vec<Stays> {
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
        self.rows.iter().filter_map(stays).collect()
    }

    /// Puts each row of what has closed below the row that it stood below before; those that had no place follow.
    pub(super) fn put_back(&mut self, places: Vec<Stays>) {
        let closed = self.closed.iter().enumerate();
        let mut closed: HashMap<SocketKey, usize> =
            closed.map(|(at, socket)| (socket.key(), at)).collect();
        let groups = self.groups.iter().enumerate();
        let groups: HashMap<&GroupKey, usize> =
            groups.map(|(at, group)| (&group.key, at)).collect();
        let open: Vec<Row> = self.rows.iter().copied().filter(Row::is_open).collect();
        let still: HashSet<Row> = open.iter().copied().collect();
        // What has closed, by the row above it; those above everything first.
        let mut below: HashMap<Option<Row>, Vec<Row>> = HashMap::new();
        let mut above = None;
        for place in places {
            let row = match place {
                Stays::Row(row) => Some(row),
                Stays::Group(key) => groups.get(&key).copied().map(Row::Group),
                Stays::Closed(key) => {
                    let row = closed.remove(&key).map(Row::Closed);
                    below.entry(above).or_default().extend(row);
                    None
                }
            };
            above = row.filter(|row| still.contains(row)).or(above);
        }
        let new: HashSet<Row> = closed.into_values().map(Row::Closed).collect();
        let new: Vec<Row> = self
            .rows
            .iter()
            .copied()
            .filter(|row| new.contains(row))
            .collect();
        let mut rows = below.remove(&None).unwrap_or_default();
        for row in open {
            rows.push(row);
            rows.append(&mut below.remove(&Some(row)).unwrap_or_default());
        }
        rows.extend(new);
        self.rows = rows;
    }
}
