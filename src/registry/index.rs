//! From a port number to what is known about it, in one step and without the heap.

use super::iana;
use crate::model::{Practice, Protocol, Registration};

/// The registrations of one row, which most ports have, or of a port that several rows share.
type Group = &'static [&'static Registration];

/// One transport's 65,536 ports.
#[derive(Debug)]
pub(super) struct Index {
    cells: Vec<Cell>,
    /// Every row as a group of its own, by row number.
    rows: Group,
    /// The groups of several rows, numbered after the rows.
    shared: Vec<Group>,
}

/// Numbers from 1, since zeroed memory costs nothing until it is written; 0 is nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    group: u16,
    practice: u16,
}

/// What an index knows about a port.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// The rows, best first.
    pub registrations: Group,
    practice: u16,
}

impl Found {
    /// What really uses the port.
    pub(super) fn practice(self, practices: &'static [Practice]) -> Option<&'static Practice> {
        practices.get(usize::from(self.practice.checked_sub(1)?))
    }
}

impl Index {
    /// Indexes the rows and practices of `protocol`.
    pub(super) fn new(protocol: Protocol, rows: Group, practices: &'static [Practice]) -> Self {
        let mut index = Self {
            cells: vec![Cell::default(); usize::from(u16::MAX) + 1],
            rows,
            shared: vec![],
        };
        for (number, practice) in (1..).zip(practices) {
            if practice.protocols.contains(&protocol) {
                for cell in index.range_mut(practice.port, practice.last_port) {
                    cell.practice = number;
                }
            }
        }
        for (number, row) in (1..).zip(rows) {
            if iana::holds_for(row, protocol) {
                index.add(number, row, practices);
            }
        }
        index
    }

    /// What is known about `port`.
    pub(super) fn cell(&self, port: u16) -> Found {
        let cell = self
            .cells
            .get(usize::from(port))
            .copied()
            .unwrap_or_default();
        Found {
            registrations: self.group(cell.group),
            practice: cell.practice,
        }
    }

    fn add(&mut self, number: u16, row: &'static Registration, practices: &'static [Practice]) {
        for port in row.port..=row.last_port {
            let found = self.cell(port);
            let group = if found.registrations.is_empty() {
                number
            } else {
                let preferred = found
                    .practice(practices)
                    .map_or("", |practice| practice.name);
                self.share(joined(found.registrations, row, preferred))
            };
            if let Some(cell) = self.cells.get_mut(usize::from(port)) {
                cell.group = group;
            }
        }
    }

    /// The number of a group of several rows; the same group twice has one number.
    fn share(&mut self, group: Vec<&'static Registration>) -> u16 {
        if self.shared.last().is_none_or(|last| *last != group) {
            self.shared.push(group.leak());
        }
        u16::try_from(self.rows.len() + self.shared.len()).unwrap_or(0)
    }

    fn group(&self, number: u16) -> Group {
        let Some(at) = usize::from(number).checked_sub(1) else {
            return &[];
        };
        match self.rows.get(at..=at) {
            Some(row) => row,
            None => self
                .shared
                .get(at - self.rows.len())
                .copied()
                .unwrap_or(&[]),
        }
    }

    fn range_mut(&mut self, first: u16, last: u16) -> impl Iterator<Item = &mut Cell> {
        self.cells
            .get_mut(usize::from(first)..=usize::from(last))
            .unwrap_or_default()
            .iter_mut()
    }
}

/// The rows of `group` and `row`, the one called `preferred` first, otherwise in the registry's order.
fn joined(group: Group, row: &'static Registration, preferred: &str) -> Vec<&'static Registration> {
    let mut rows = group.to_vec();
    rows.push(row);
    rows.sort_by_key(|row| row.name != preferred);
    rows
}
