//! How a person wants the table of sockets: grouped, with what has closed, in which units.

use super::{
    App,
    chooser::{Chooser, Does, Item, Kind},
    groups::Grouping,
};
use crate::tui::words::Unit;

impl App {
    /// By what sockets can be grouped; the cursor stands on how they are.
    pub(super) fn groupings(&mut self) {
        let items = Grouping::ALL.map(|grouping| {
            let (letter, more) = match grouping {
                Grouping::None => ('n', "a row for each socket; only noise is counted"),
                Grouping::Program => ('r', "a row for each program"),
                Grouping::Port => ('p', "a row for each port that sockets are about"),
                Grouping::Host => ('h', "a row for each machine at the other end"),
                Grouping::User => ('u', "a row for each user"),
                Grouping::Container => ('c', "a row for each container"),
            };
            Item::new(letter, grouping.name(), more, Does::Group(grouping))
        });
        let mut chooser = Chooser::menu(Kind::Group, items.into());
        let now = Grouping::ALL.iter();
        let mut now = now
            .enumerate()
            .filter(|(_, one)| **one == self.table.grouping);
        chooser.cursor = now.next().map_or(0, |(at, _)| at);
        self.choose_from(chooser);
    }

    /// Groups sockets, or gives each a row.
    pub(super) fn group_by(&mut self, grouping: Grouping) {
        self.table.grouping = grouping;
        self.table.release();
        self.stale = true;
        self.said = Some(if grouping == Grouping::None {
            "not grouped".to_owned()
        } else {
            format!("grouped by {}", grouping.name())
        });
    }

    /// Shows what has closed, or hides it.
    pub(super) fn show_closed(&mut self) {
        self.table.with_closed = !self.table.with_closed;
        self.stale = true;
        let words = if self.table.with_closed {
            "with what has closed"
        } else {
            "only what is open"
        };
        self.said = Some(words.to_owned());
    }

    /// Shows what the policy accepts, or hides it.
    pub(super) fn show_accepted(&mut self) {
        self.with_accepted = !self.with_accepted;
        self.stale = true;
        let words = if self.with_accepted {
            "with what is accepted"
        } else {
            "without what is accepted"
        };
        self.said = Some(words.to_owned());
    }

    /// Tells throughput in the other unit.
    pub(super) fn change_unit(&mut self) {
        let unit = self.writing.unit.other();
        self.writing.unit = unit;
        self.said = Some(match unit {
            Unit::Bytes => "throughput in bytes".to_owned(),
            Unit::Bits => "throughput in bits".to_owned(),
        });
    }

    /// Writes the names of ports, or their numbers.
    pub(super) fn name_ports(&mut self) {
        self.writing.port_names = !self.writing.port_names;
        let words = if self.writing.port_names {
            "names of ports"
        } else {
            "numbers of ports"
        };
        self.said = Some(words.to_owned());
    }
}
