//! What differs between two registries: names that came, went, or changed.

use super::Registry;
use crate::model::Transport;
use std::fmt;

/// One difference, for a port or a run of ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// First port.
    pub first: u16,
    /// Last port.
    pub last: u16,
    /// Transports that it is about.
    pub transports: Vec<Transport>,
    /// The names before, best first; empty where there was none.
    pub before: Vec<&'static str>,
    /// The names after.
    pub after: Vec<&'static str>,
}

/// What kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A port got a name.
    Added,
    /// A port lost its names.
    Removed,
    /// A port has other names.
    Renamed,
}

impl Change {
    /// What kind of difference it is.
    pub fn kind(&self) -> Kind {
        match (self.before.is_empty(), self.after.is_empty()) {
            (true, _) => Kind::Added,
            (_, true) => Kind::Removed,
            (false, false) => Kind::Renamed,
        }
    }
}

impl fmt::Display for Change {
    /// Writes `+ 4480/tcp agtp`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (self.before.join(", "), self.after.join(", "));
        let transports: Vec<&str> = self.transports.iter().map(|one| one.name()).collect();
        let ports = if self.first == self.last {
            self.first.to_string()
        } else {
            format!("{}-{}", self.first, self.last)
        };
        let ports = format!("{ports}/{}", transports.join(","));
        match self.kind() {
            Kind::Added => write!(f, "+ {ports} {after}"),
            Kind::Removed => write!(f, "- {ports} {before}"),
            Kind::Renamed => write!(f, "~ {ports} {before} -> {after}"),
        }
    }
}

/// What differs, by port; neighbours and transports with the same difference are one.
pub fn between(before: &Registry, after: &Registry) -> Vec<Change> {
    let mut changes: Vec<Change> = vec![];
    for port in 0..=u16::MAX {
        let mut here: Vec<Change> = vec![];
        for transport in Transport::ALL {
            let (old, new) = (
                names(before, port, transport),
                names(after, port, transport),
            );
            let (mut sorted_old, mut sorted_new) = (old.clone(), new.clone());
            sorted_old.sort_unstable();
            sorted_new.sort_unstable();
            if sorted_old == sorted_new {
                continue;
            }
            let same = here
                .iter_mut()
                .find(|change| change.before == old && change.after == new);
            match same {
                Some(change) => change.transports.push(transport),
                None => here.push(Change {
                    first: port,
                    last: port,
                    transports: vec![transport],
                    before: old,
                    after: new,
                }),
            }
        }
        for change in here {
            add(&mut changes, change);
        }
    }
    changes
}

/// Adds a change, or makes the one for the ports just before it longer.
fn add(changes: &mut Vec<Change>, change: Change) {
    let goes_on = |before: &&mut Change| {
        before.last.checked_add(1) == Some(change.first)
            && before.transports == change.transports
            && before.before == change.before
            && before.after == change.after
    };
    match changes.iter_mut().rev().take(4).find(goes_on) {
        Some(before) => before.last = change.last,
        None => changes.push(change),
    }
}

fn names(registry: &Registry, port: u16, transport: Transport) -> Vec<&'static str> {
    let lines = registry.service(port, transport).registrations;
    lines
        .iter()
        .map(|line| line.name)
        .filter(|name| !name.is_empty())
        .collect()
}
