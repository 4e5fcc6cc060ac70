//! The view of ports: those in use, and a browser of every port there is.

use super::{
    line,
    listing::{Listing, Row},
    processes::{Sorting, Sums},
};
use crate::{
    model::{Protocol, Service, Snapshot, Socket, Tier},
    query::Query,
    registry::Registry,
    tui::layout::fields::OfPort,
};
use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet},
};
use tui_input::Input;

/// The view.
#[derive(Debug)]
pub(crate) struct Ports {
    /// The ports in use.
    pub(crate) list: Listing<PortRow>,
    pub(crate) order: Sorting<OfPort>,
    /// Every port that is searched for; all of them while nothing is typed.
    pub(crate) every: Listing<u16>,
    /// What is searched for among all.
    pub(crate) search: Input,
    /// All ports are shown, and not only those in use.
    pub(crate) browsing: bool,
}

/// A port in use.
#[derive(Debug, Clone)]
pub(crate) struct PortRow {
    pub(crate) port: u16,
    /// In the order of their names.
    pub(crate) protocols: BTreeSet<Protocol>,
    pub(crate) service: Option<Service>,
    pub(crate) sums: Sums,
    /// Names of the programs here, each once.
    pub(crate) programs: BTreeSet<String>,
}

impl Row for PortRow {
    type Key = u16;
    fn key(&self) -> u16 {
        self.port
    }
}

impl Row for u16 {
    type Key = Self;
    fn key(&self) -> Self {
        *self
    }
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            list: Listing::default(),
            order: Sorting::by(OfPort::Verdict),
            every: Listing::default(),
            search: Input::default(),
            browsing: false,
        }
    }
}

/// The port that a socket is about: the one that its service has, else its own.
pub(crate) fn port_of(socket: &Socket) -> Option<u16> {
    let service = socket.service.as_ref().map(|service| service.port);
    service.or_else(|| socket.raw.port())
}

impl Ports {
    /// Makes the rows anew from the sockets that `query` finds.
    pub(super) fn rebuild(&mut self, snapshot: &Snapshot, query: &Query) {
        let mut by_port: BTreeMap<u16, PortRow> = BTreeMap::new();
        for socket in query
            .select(snapshot)
            .iter()
            .filter_map(|row| snapshot.sockets.get(*row))
        {
            let Some(port) = port_of(socket) else {
                continue;
            };
            let row = by_port.entry(port).or_insert_with(|| PortRow {
                port,
                protocols: BTreeSet::new(),
                service: None,
                sums: Sums::default(),
                programs: BTreeSet::new(),
            });
            row.count(socket);
        }
        let mut rows: Vec<_> = by_port.into_values().collect();
        self.order.sort(&mut rows, compare);
        self.list.renew(rows, snapshot.elapsed, query);
    }

    /// Shows the ports that are searched for, the best selected.
    pub(super) fn search(&mut self, registry: &Registry) {
        self.every.replace(found(registry, self.search.value()));
        self.every.select(0);
    }

    /// Searches for `text` anew.
    pub(super) fn search_for(&mut self, text: &str, registry: &Registry) {
        self.search.reset();
        line::paste(&mut self.search, text);
        self.search(registry);
    }

    /// The port of the selected row.
    pub(crate) fn selected(&self) -> Option<u16> {
        if self.browsing {
            self.every.selected().copied()
        } else {
            self.list.selected().map(|row| row.port)
        }
    }
}

impl PortRow {
    fn count(&mut self, socket: &Socket) {
        self.sums.add(socket);
        self.protocols.insert(socket.raw.protocol);
        if self.service.is_none() {
            self.service = socket.service;
        }
        for process in &socket.processes {
            if !self.programs.contains(process.name.as_str()) {
                self.programs.insert(process.name.to_string());
            }
        }
    }

    /// Sockets here that wait for nobody.
    pub(crate) fn connections(&self) -> usize {
        self.sums.sockets - self.sums.listeners
    }

    fn label(&self) -> Option<&'static str> {
        self.service.as_ref()?.label()
    }

    /// How well known the port is.
    pub(crate) fn tier(&self) -> Option<Tier> {
        self.service.as_ref().map(|service| service.tier)
    }
}

fn compare(a: &PortRow, b: &PortRow, column: OfPort) -> Ordering {
    let missing_last = |text: Option<&str>| (text.is_none(), text.map(str::to_lowercase));
    let by = match column {
        OfPort::Verdict => a.sums.by_verdict(&b.sums),
        OfPort::Port => Ordering::Equal,
        OfPort::Protocols => a.protocols.cmp(&b.protocols),
        OfPort::Service => missing_last(a.label()).cmp(&missing_last(b.label())),
        OfPort::Tier => a.tier().cmp(&b.tier()),
        OfPort::Listeners => Reverse(a.sums.listeners).cmp(&Reverse(b.sums.listeners)),
        OfPort::Connections => Reverse(a.connections()).cmp(&Reverse(b.connections())),
        OfPort::Programs => programs(a).cmp(&programs(b)),
        OfPort::Rx => a.sums.by_received(&b.sums),
        OfPort::Tx => a.sums.by_sent(&b.sums),
    };
    by.then(a.port.cmp(&b.port))
}

fn programs(row: &PortRow) -> (bool, Option<&String>) {
    (row.programs.is_empty(), row.programs.first())
}

/// The ports that `text` is about: a number and those that begin with it, or names and descriptions.
///
/// Names that begin so come first, then those that hold it, then descriptions and software that do.
fn found(registry: &Registry, text: &str) -> Vec<u16> {
    let wanted = text.trim().to_lowercase();
    if wanted.is_empty() {
        return (0..=u16::MAX).collect();
    }
    if wanted.bytes().all(|byte| byte.is_ascii_digit()) {
        return numbers(&wanted);
    }
    let mut ranked: Vec<(u8, u16)> = vec![];
    for one in registry.registrations() {
        let names = std::iter::once(one.name).chain(one.aliases.split('|'));
        let rank = names.filter_map(|name| in_name(name, &wanted)).min();
        let rank = rank.or_else(|| holds(one.description, &wanted).then_some(3));
        ranked.extend((one.port..=one.last_port).filter_map(|port| Some((rank?, port))));
    }
    for one in registry.practices() {
        let rank = in_name(one.name, &wanted);
        let rank = rank.or_else(|| holds(one.software, &wanted).then_some(2));
        ranked.extend((one.port..=one.last_port).filter_map(|port| Some((rank?, port))));
    }
    ranked.sort_unstable();
    let mut seen = std::collections::HashSet::new();
    let ports = ranked.into_iter().map(|(_, port)| port);
    ports.filter(|port| seen.insert(*port)).collect()
}

/// The number itself, then every port whose number begins with it.
fn numbers(digits: &str) -> Vec<u16> {
    let mut ports: Vec<u16> = vec![];
    let Ok(first) = digits.parse::<u32>() else {
        return ports;
    };
    let (mut low, mut count) = (first, 1);
    while let Ok(start) = u16::try_from(low) {
        let last = u16::try_from(low.saturating_add(count - 1)).unwrap_or(u16::MAX);
        ports.extend(start..=last);
        if first == 0 {
            break;
        }
        (low, count) = (low.saturating_mul(10), count * 10);
    }
    ports
}

/// How well `name` fits: it is it, begins so, or holds it.
fn in_name(name: &str, wanted: &str) -> Option<u8> {
    if name.eq_ignore_ascii_case(wanted) {
        return Some(0);
    }
    let begins = name.get(..wanted.len());
    if begins.is_some_and(|start| start.eq_ignore_ascii_case(wanted)) {
        return Some(1);
    }
    holds(name, wanted).then_some(2)
}

fn holds(text: &str, wanted: &str) -> bool {
    let windows = text.as_bytes().windows(wanted.len());
    let mut windows = windows.map(|window| window.eq_ignore_ascii_case(wanted.as_bytes()));
    windows.any(|same| same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_finds_itself_and_those_that_begin_with_it() {
        let registry = Registry::bundled();
        assert_eq!(found(registry, "1587"), {
            let mut all = vec![1587];
            all.extend(15870..=15879);
            all
        });
        assert_eq!(found(registry, "0"), [0]);
        assert_eq!(found(registry, "70000"), [] as [u16; 0]);
        assert_eq!(found(registry, "").len(), 65_536);
        assert_eq!(found(registry, "6553").last(), Some(&65535));
        assert_eq!(found(registry, "65"), {
            let mut all = vec![65];
            all.extend(650..=659);
            all.extend(6500..=6599);
            all.extend(65000..=65535);
            all
        });
    }

    #[test]
    fn a_name_finds_what_is_called_so_before_what_only_holds_it() {
        let registry = Registry::bundled();
        assert_eq!(found(registry, "submission").first(), Some(&587));
        assert!(found(registry, "submis").contains(&465));
        assert_eq!(found(registry, "pra-elmd"), [1587]);
        assert_eq!(found(registry, "pra_elmd"), [1587]);
        assert!(found(registry, "oracle").contains(&1521));
        assert!(found(registry, "no such thing").is_empty());
    }
}
