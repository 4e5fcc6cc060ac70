//! What became of the ports of what was ended, in words.

use super::{Process, ProcessKey, Protocol, Snapshot, acted::seconds};
use std::time::Duration;

/// A port that somebody listened on who is to be ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPort {
    /// Transport.
    pub protocol: Protocol,
    /// Its number.
    pub number: u16,
    /// Others that hold it too and are not to be ended.
    pub shared_with: Vec<ProcessKey>,
    /// Something may open it again: a manager, or a parent that is none of ours.
    pub may_return: bool,
}

/// What became of a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortNow {
    /// Nobody listens on it.
    Free,
    /// Somebody listens on it again, this long after.
    Taken(String, Duration),
    /// Somebody who held it before still does.
    Shared(String),
}

impl HeldPort {
    /// The ports that `process` listens on, each once, the lowest first; `gone` are those that are to be ended.
    pub fn of(
        snapshot: &Snapshot,
        process: ProcessKey,
        gone: &[ProcessKey],
        may_return: bool,
    ) -> Vec<Self> {
        let mut ports: Vec<Self> = vec![];
        for socket in snapshot.sockets_of(process) {
            if !socket.raw.is_listening() || socket.raw.local().port == 0 {
                continue;
            }
            let shared_with = socket.owners().map(|owner| owner.key);
            let port = Self {
                protocol: socket.raw.protocol,
                number: socket.raw.local().port,
                shared_with: shared_with.filter(|key| !gone.contains(key)).collect(),
                may_return,
            };
            let is_known =
                |other: &Self| (other.protocol, other.number) == (port.protocol, port.number);
            if !ports.iter().any(is_known) {
                ports.push(port);
            }
        }
        ports.sort_by_key(|port| (port.number, port.protocol));
        ports
    }

    /// What became of it, in a sentence.
    pub fn words(&self, now: &PortNow) -> String {
        let port = format!("port {}/{}", self.number, self.protocol.name());
        match now {
            PortNow::Free => format!("{port} is free"),
            PortNow::Shared(holder) => format!("{port} is still open: {holder} holds it too"),
            PortNow::Taken(holder, after) => format!(
                "{port} was taken again by {holder}, {} later",
                seconds(*after)
            ),
        }
    }
}

/// Who holds a port, in a few words.
pub fn holder(process: Option<&Process>, pid: u32) -> String {
    let unit = process.and_then(|process| process.unit.as_ref());
    let name = process.map_or_else(String::new, |process| format!("{} ", process.name));
    let unit = unit.map_or_else(String::new, |unit| format!(" of {unit}"));
    format!("{name}pid {pid}{unit}")
}
