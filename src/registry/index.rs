//! From a port number to what is known about it, in one step and without the heap.

use super::iana::Head;
use crate::model::{Practice, Registrations, Transport};

/// Rows of the table: one, which most ports have, or those that share a port.
type Group = &'static [&'static str];

/// One transport's 65,536 ports.
#[derive(Debug)]
pub(super) struct Index {
    /// The group of each port, numbered from 1, since zeroed memory costs nothing until it is written; 0 is
    /// nothing.
    cells: Vec<u16>,
    /// The groups of several rows, numbered after the rows.
    shared: Vec<Group>,
    /// The practices by their first port; they do not overlap.
    practices: Vec<&'static Practice>,
}

impl Index {
    /// Indexes the practices of `transport`, and no row yet.
    pub(super) fn new(transport: Transport, practices: &'static [Practice]) -> Self {
        let holds = |practice: &&Practice| practice.protocols.iter().any(|one| transport == *one);
        let mut practices: Vec<_> = practices.iter().filter(holds).collect();
        practices.sort_by_key(|practice| practice.port);
        Self {
            cells: vec![0; usize::from(u16::MAX) + 1],
            shared: vec![],
            practices,
        }
    }

    /// The rows about `port`, best first; `rows` are those that were added.
    pub(super) fn registrations(&self, rows: Group, port: u16) -> Registrations {
        let number = self.cells.get(usize::from(port)).copied();
        Registrations::new(self.group(rows, number.unwrap_or(0)))
    }

    /// What really uses `port`.
    pub(super) fn practice(&self, port: u16) -> Option<&'static Practice> {
        let after = self
            .practices
            .partition_point(|practice| practice.port <= port);
        let practice = self.practices.get(after.checked_sub(1)?)?;
        (port <= practice.last_port).then_some(*practice)
    }

    /// Adds the last of `rows`, which `head` tells of.
    pub(super) fn add(&mut self, rows: &[&'static str], head: &Head<'static>) {
        let number = u16::try_from(rows.len()).unwrap_or(0);
        for port in head.port..=head.last_port {
            let before = self.cells.get(usize::from(port)).copied().unwrap_or(0);
            let group = if before == 0 {
                number
            } else {
                let joined = self.joined(rows, port, before);
                self.share(joined)
            };
            if let Some(cell) = self.cells.get_mut(usize::from(port)) {
                *cell = group;
            }
        }
    }

    /// The rows of a group and one more: the one that is called as in practice, the others with a name, those
    /// without; otherwise in the registry's order.
    fn joined(&self, all: &[&'static str], port: u16, group: u16) -> Vec<&'static str> {
        let mut rows = self.group(all, group).to_vec();
        rows.extend(all.last());
        let preferred = self.practice(port).map_or("", |practice| practice.name);
        rows.sort_by_key(|row| {
            let name = super::iana::name(row);
            (name.is_empty(), name != preferred)
        });
        rows
    }

    /// The number of a group of several rows; the same group twice has one number.
    ///
    /// They are counted down from the highest, the rows up from 1: both are far from meeting.
    fn share(&mut self, group: Vec<&'static str>) -> u16 {
        if self.shared.last().is_none_or(|last| *last != group) {
            self.shared.push(group.leak());
        }
        u16::try_from(self.shared.len()).map_or(0, |count| u16::MAX - count)
    }

    fn group<'a>(&self, rows: &'a [&'static str], number: u16) -> &'a [&'static str] {
        let Some(at) = usize::from(number).checked_sub(1) else {
            return &[];
        };
        if let Some(row) = rows.get(at..=at) {
            return row;
        }
        let at = usize::from(u16::MAX - number).checked_sub(1);
        let shared = at.and_then(|at| self.shared.get(at));
        shared.copied().unwrap_or(&[])
    }
}
