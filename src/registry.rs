//! What a port number means: the IANA registry and what is used in practice.
//!
//! Compiled in and static: annotating allocates nothing. Knows no socket.

use crate::model::{Practice, Registration, Registrations, Service, Status, Tier, Transport};
use index::Index;
use jiff::civil::Date;
use std::sync::OnceLock;

mod backdoor;
pub mod changes;
pub mod fetch;
mod iana;
pub mod import;
mod index;
pub mod installed;
mod names;
pub mod page;
mod practice;
mod programs;
pub mod target;

const IANA_PORTS: &str = include_str!("../assets/iana-ports.tsv");
const KNOWN_PORTS: &str = include_str!("../assets/known-ports.tsv");

/// Room for the registry's lines without growing.
const MANY: usize = 8192;

/// The day of IANA's registry against which the compiled-in one was checked, port by port.
///
/// Its contacts, dates and references are those of 2024-06-12.
pub const SNAPSHOT: &str = "2026-08-17";

/// The port registry and the ports known in practice.
#[derive(Debug)]
pub struct Registry {
    rows: &'static [&'static str],
    practices: &'static [Practice],
    tcp: Index,
    udp: Index,
    sctp: Index,
    dccp: Index,
    /// Made when a program is first asked about.
    programs: OnceLock<programs::ByName>,
    /// Of which day it is, once that was told.
    day: OnceLock<Date>,
}

impl Registry {
    /// The registry that is compiled in.
    pub fn bundled() -> &'static Self {
        static BUNDLED: OnceLock<Registry> = OnceLock::new();
        BUNDLED.get_or_init(|| {
            let bundled = Self::new(IANA_PORTS, KNOWN_PORTS);
            if let Ok(day) = SNAPSHOT.parse() {
                bundled.is_of(day);
            }
            bundled
        })
    }

    /// Of which day its table is; `None` where nobody has said.
    pub fn day(&self) -> Option<Date> {
        self.day.get().copied()
    }

    /// Says once of which day its table is.
    fn is_of(&self, day: Date) {
        _ = self.day.set(day);
    }

    /// The registry with the lines of another table, and our ports known in practice.
    ///
    /// Lives as long as the program, however often it is called.
    pub fn of_table(iana: &'static str) -> &'static Self {
        Box::leak(Box::new(Self::new(iana, KNOWN_PORTS)))
    }

    /// Reads both tables; lines that do not parse are left out, and tests allow none in ours.
    fn new(iana: &'static str, known: &'static str) -> Self {
        let practices: &'static [Practice] = practice::rows(known)
            .filter_map(Result::ok)
            .collect::<Vec<_>>()
            .leak();
        let mut indexes = Transport::ALL.map(|transport| Index::new(transport, practices));
        let mut rows = Vec::with_capacity(MANY);
        for (row, head) in iana::rows(iana).flatten() {
            rows.push(row);
            for (transport, index) in Transport::ALL.into_iter().zip(&mut indexes) {
                if head.holds_for(transport) {
                    index.add(&rows, &head);
                }
            }
        }
        let [tcp, udp, sctp, dccp] = indexes;
        Self {
            rows: rows.leak(),
            practices,
            tcp,
            udp,
            sctp,
            dccp,
            programs: OnceLock::new(),
            day: OnceLock::new(),
        }
    }

    /// What is known about `port` of `protocol`.
    pub fn service(&self, port: u16, protocol: impl Into<Transport>) -> Service {
        let protocol = protocol.into();
        let index = self.index(protocol);
        let (registrations, practice) =
            (index.registrations(self.rows, port), index.practice(port));
        let status = status(port, registrations);
        Service {
            port,
            protocol,
            status,
            tier: practice.map_or_else(|| tier(status), |practice| practice.tier),
            registrations,
            practice,
        }
    }

    /// Every line of the registry, by port.
    pub fn registrations(&self) -> impl Iterator<Item = Registration> + use<> {
        Registrations::new(self.rows).iter()
    }

    /// Every port known in practice, by port.
    pub fn practices(&self) -> &'static [Practice] {
        self.practices
    }

    /// Whether `program`, an executable's file name, is known to serve `port`.
    pub fn serves(&self, program: &str, port: u16, protocol: impl Into<Transport>) -> bool {
        self.index(protocol.into())
            .practice(port)
            .is_some_and(|practice| programs::lists(practice, program))
    }

    /// What `program` is known to serve, when it is known for anything.
    ///
    /// The first entry by port that lists it. `None` for shells, interpreters and connectors, and for
    /// programs whose work is to listen for others: their name says nothing about the service.
    pub fn known_for(&self, program: &str) -> Option<&'static Practice> {
        let programs = self
            .programs
            .get_or_init(|| programs::by_name(self.practices));
        programs::known_for(programs, program)
    }

    /// The ports a service name or alias stands for, ascending; a name of any letter case.
    ///
    /// A name that the registry does not have may be our own for a use in practice: `wireguard`.
    pub fn ports_named(&self, name: &str) -> Vec<u16> {
        let found = self.ports_of_names(&[name]);
        found.into_iter().map(|(port, _)| port).collect()
    }

    /// The same for several names, each port with its name: those of the first first.
    pub fn ports_of_names<'a>(&self, names: &[&'a str]) -> Vec<(u16, &'a str)> {
        names::ports_of_each(self, names, &Transport::ALL)
    }

    /// The ports a service name stands for on one transport, ascending.
    pub fn ports_named_on(&self, name: &str, protocol: impl Into<Transport>) -> Vec<u16> {
        names::ports(self, name, protocol.into())
    }

    /// The names that begin with `prefix`, of any letter case, sorted.
    pub fn names_beginning(&self, prefix: &str) -> Vec<&'static str> {
        names::beginning(self, prefix)
    }

    /// Names near `name`, best first, for "did you mean".
    pub fn similar_names(&self, name: &str) -> Vec<&'static str> {
        names::similar(self, name)
    }

    fn index(&self, transport: Transport) -> &Index {
        match transport {
            Transport::Tcp => &self.tcp,
            Transport::Udp => &self.udp,
            Transport::Sctp => &self.sctp,
            Transport::Dccp => &self.dccp,
        }
    }
}

/// What the registry did with a number that these lines are about.
fn status(port: u16, registrations: Registrations) -> Status {
    let mut best = None;
    for line in registrations.lines() {
        match iana::status_of_row(line) {
            Status::Assigned => return Status::Assigned,
            Status::Reserved => best = Some(Status::Reserved),
            Status::Unassigned | Status::Dynamic => {}
        }
    }
    best.unwrap_or(if port >= 49152 {
        Status::Dynamic
    } else {
        Status::Unassigned
    })
}

/// The tier of a port that nothing common uses.
fn tier(status: Status) -> Tier {
    match status {
        Status::Assigned => Tier::Obscure,
        Status::Reserved | Status::Unassigned => Tier::Unassigned,
        Status::Dynamic => Tier::Dynamic,
    }
}

#[cfg(test)]
mod tests;
