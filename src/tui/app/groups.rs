//! Sockets that one row counts: by what the person asks, or because they only make noise.

use super::{ports::port_of, processes::Sums};
use crate::model::{Direction, Socket, State, Verdict};
use std::sync::Arc;

/// By what sockets are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Grouping {
    /// Each socket has a row; only noise is counted.
    #[default]
    None,
    Program,
    Port,
    Host,
    User,
    Container,
}

/// What tells one group from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum GroupKey {
    /// Connections that only the kernel keeps.
    TimeWait,
    /// Connections of this machine with itself, about this port.
    Loopback(u16),
    /// Sockets that have the same of what they are grouped by.
    Same(Grouping, String),
}

/// Sockets that one row stands for.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) key: GroupKey,
    pub(crate) sums: Sums,
    /// Their rows in the snapshot, in the order of the table.
    pub(crate) members: Vec<usize>,
    /// What one of them is, while all are that.
    pub(crate) service: Option<String>,
    pub(crate) owner: Option<String>,
}

impl Grouping {
    /// Every grouping.
    pub(crate) const ALL: [Self; 6] = [
        Self::None,
        Self::Program,
        Self::Port,
        Self::Host,
        Self::User,
        Self::Container,
    ];

    /// Its name in words, and in the state that is kept.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Program => "program",
            Self::Port => "port",
            Self::Host => "host",
            Self::User => "user",
            Self::Container => "container",
        }
    }

    /// The grouping called `name`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The group of `socket`; `None` when each has a row of its own.
    pub(super) fn key(self, socket: &Socket) -> Option<GroupKey> {
        let label = match self {
            Self::None => return None,
            Self::Program => match socket.owner() {
                Some(owner) => owner.name.to_string(),
                None => "no visible owner".to_owned(),
            },
            Self::Port => match port_of(socket) {
                Some(port) => port.to_string(),
                None => "no port".to_owned(),
            },
            Self::Host => match socket.raw.peer {
                Some(peer) => peer.canonical().to_string(),
                None => "no other host".to_owned(),
            },
            Self::User => match &socket.user {
                Some(user) => user.to_string(),
                None => "unknown user".to_owned(),
            },
            Self::Container => {
                let owner = socket.owner();
                let container = owner.and_then(|owner| owner.container.as_ref());
                container.map_or_else(|| "no container".to_owned(), ToString::to_string)
            }
        };
        Some(GroupKey::Same(self, label))
    }
}

/// The group in which `socket` is only counted when nobody asks for more: nothing was found about it, and
/// it is one of many of its kind.
pub(super) fn folds(socket: &Socket) -> Option<GroupKey> {
    if socket.assessment.verdict > Verdict::Unknown {
        return None;
    }
    if socket.raw.state == State::TimeWait {
        return Some(GroupKey::TimeWait);
    }
    let to_itself = socket.direction == Direction::Local
        && socket.raw.state == State::Established
        && socket.raw.peer.is_some_and(|peer| peer.is_loopback())
        && socket.raw.local.is_loopback();
    if to_itself {
        return port_of(socket).map(GroupKey::Loopback);
    }
    None
}

impl Group {
    /// The group of `first`, which is not yet counted.
    pub(super) fn new(key: GroupKey, first: &Arc<Socket>) -> Self {
        Self {
            key,
            sums: Sums::default(),
            members: vec![],
            service: label(first).map(str::to_owned),
            owner: first.owner().map(|owner| owner.name.to_string()),
        }
    }

    /// Counts `socket`, which stands at `row` of the snapshot.
    pub(super) fn add(&mut self, row: usize, socket: &Socket) {
        self.members.push(row);
        self.sums.add(socket);
        if self.service.as_deref() != label(socket) {
            self.service = None;
        }
        if self.owner.as_deref() != socket.owner().map(|owner| owner.name.as_str()) {
            self.owner = None;
        }
    }

    /// What it is, and how many: `TIME-WAIT ×12`.
    pub(crate) fn label(&self) -> (String, String) {
        let name = match &self.key {
            GroupKey::TimeWait => "TIME-WAIT".to_owned(),
            GroupKey::Loopback(port) => format!("loopback :{port}"),
            GroupKey::Same(_, label) => label.clone(),
        };
        (name, format!(" ×{}", self.members.len()))
    }
}

fn label(socket: &Socket) -> Option<&'static str> {
    socket.service.as_ref()?.label()
}
