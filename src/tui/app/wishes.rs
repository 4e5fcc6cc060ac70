//! How a person wants the table of sockets: grouped, with what has closed, in which units.

use super::{
    App,
    chooser::{Chooser, Does, Item, Kind},
    groups::Grouping,
    page::Subject,
};
use crate::{
    model::{Names, Socket, Text},
    query::Column,
    tui::{action::View, layout, words::Unit},
};
use std::{net::IpAddr, sync::Arc};

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

    /// Asks what other machines are called, or shows addresses again.
    pub(super) fn name_hosts(&mut self) {
        self.writing.host_names = !self.writing.host_names;
        self.stale |= self.filter.query.asks_for_hosts();
        let words = if self.writing.host_names {
            "names of hosts: your DNS server learns which addresses you look at (N: off)"
        } else {
            "addresses of hosts; nobody is asked for names"
        };
        self.said = Some(words.to_owned());
    }

    /// Takes the answer what another machine is called.
    pub(super) fn learn_name(&mut self, address: IpAddr, name: Option<Text>) {
        // The filter must not hold them too, or all would be copied.
        self.filter.query.know_hosts(None);
        Arc::make_mut(&mut self.names).learn(address, name);
        self.stale |= self.filter.query.asks_for_hosts();
    }

    /// The names of other machines, where the person wants them.
    pub(in crate::tui) fn host_names(&self) -> Option<&Names> {
        self.writing.host_names.then_some(&self.names)
    }

    /// Whether the filter asks for names of hosts that nobody is asked for.
    pub(in crate::tui) fn lacks_names(&self) -> bool {
        self.filter.query.has_hosts() && !self.writing.host_names
    }

    /// The addresses in sight whose names are wanted; those of nothing else are asked for.
    pub(in crate::tui) fn to_name(&self) -> Vec<IpAddr> {
        let Some(snapshot) = self
            .feed
            .shown
            .as_deref()
            .filter(|_| self.writing.host_names)
        else {
            return vec![];
        };
        let peer = |socket: &Socket| socket.raw.peer().map(|peer| peer.address);
        if self.filter.query.has_hosts() {
            // Which rows there are depends on all of them.
            return snapshot.open().filter_map(&peer).collect();
        }
        if let Some(page) = self.page() {
            let Subject::Socket(socket) = &page.subject else {
                return vec![];
            };
            return peer(socket).into_iter().collect();
        }
        let selected = self.selected().filter(|_| self.details);
        let selected = selected.and_then(|socket| peer(socket));
        let regions = self.regions();
        // Where no other end is shown, nobody needs to hear of it.
        let slots = layout::columns(regions.body.width, &self.columns);
        let shows = slots.iter().any(|slot| slot.column == Column::Remote);
        let height = if self.view == View::Sockets && shows {
            regions.rows()
        } else {
            0
        };
        let rows = self.table.rows.iter().skip(self.table.offset).take(height);
        let in_sight = rows.filter_map(|row| peer(self.table.socket(*row, snapshot)?));
        selected.into_iter().chain(in_sight).collect()
    }
}
