//! Sockets that one row counts: by what the person asks, or because they only make noise.

mod kinds;

pub(super) use kinds::Kinds;

use super::{ports::port_of, processes::Sums};
use crate::model::{Direction, Process, Snapshot, Socket, State, Verdict};
use crate::tui::words::grouped;
use hashbrown::HashSet;
use std::{cell::OnceCell, cmp::Ordering, sync::Arc};

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
    /// The processes that hold them, once somebody asked.
    owners: OnceCell<Vec<Arc<Process>>>,
    /// Those of the members that are read first, once somebody asked.
    foremost: OnceCell<Vec<usize>>,
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
            Self::Host => match socket.raw.peer() {
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
        && socket.raw.peer().is_some_and(|peer| peer.is_loopback())
        && socket.raw.local().is_loopback();
    if to_itself {
        return port_of(socket).map(GroupKey::Loopback);
    }
    None
}

impl Group {
    /// What these sockets come to, which stand at `members` of `snapshot`.
    pub(super) fn new(key: GroupKey, members: Vec<usize>, snapshot: &Snapshot) -> Self {
        let mut group = Self {
            key,
            sums: Sums::default(),
            members: vec![],
            service: None,
            owner: None,
            owners: OnceCell::new(),
            foremost: OnceCell::new(),
        };
        let sockets = || members.iter().filter_map(|at| snapshot.sockets.get(*at));
        if let Some(first) = sockets().next() {
            group.service = label(first).map(str::to_owned);
            group.owner = first.owner().map(|owner| owner.name.to_string());
        }
        for socket in sockets() {
            group.add(socket);
        }
        group.members = members;
        group
    }

    /// The same sockets, which stand at `members` now.
    pub(super) fn moved(self, members: Vec<usize>) -> Self {
        Self {
            members,
            foremost: OnceCell::new(),
            ..self
        }
    }

    fn add(&mut self, socket: &Socket) {
        self.sums.add(socket);
        if self.service.as_deref() != label(socket) {
            self.service = None;
        }
        if self.owner.as_deref() != socket.owner().map(|owner| owner.name.as_str()) {
            self.owner = None;
        }
    }

    pub(super) fn sockets<'a>(
        &'a self,
        snapshot: &'a Snapshot,
    ) -> impl Iterator<Item = &'a Arc<Socket>> {
        let members = self.members.iter();
        members.filter_map(|at| snapshot.sockets.get(*at))
    }

    /// The processes that hold them, each once. Found when it is first asked for: there may be thousands of sockets.
    pub(crate) fn owners(&self, snapshot: &Snapshot) -> &[Arc<Process>] {
        self.owners.get_or_init(|| {
            let mut seen = HashSet::new();
            let owners = self.sockets(snapshot).flat_map(|one| one.processes.iter());
            let each_once = owners.filter(|owner| seen.insert(owner.key));
            each_once.cloned().collect()
        })
    }

    /// The first `most` of them in the order in which `compare` reads them; found when it is first asked for.
    pub(crate) fn foremost<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        most: usize,
        compare: impl Fn(&Socket, &Socket) -> Ordering,
    ) -> impl Iterator<Item = &'a Socket> {
        let foremost = self.foremost.get_or_init(|| {
            let mut all = self.members.clone();
            let by = |one: &usize, other: &usize| {
                let sockets = (snapshot.sockets.get(*one), snapshot.sockets.get(*other));
                match sockets {
                    (Some(one), Some(other)) => compare(one, other),
                    (one, other) => other.is_some().cmp(&one.is_some()),
                }
            };
            if all.len() > most {
                all.select_nth_unstable_by(most, by);
                all.truncate(most);
            }
            all.sort_by(by);
            all
        });
        let foremost = foremost.iter();
        foremost.filter_map(|at| snapshot.sockets.get(*at).map(|socket| &**socket))
    }

    /// What it is, and how many: `TIME-WAIT ×12`.
    pub(crate) fn label(&self) -> (String, String) {
        let name = match &self.key {
            GroupKey::TimeWait => "TIME-WAIT".to_owned(),
            GroupKey::Loopback(port) => format!("loopback :{port}"),
            GroupKey::Same(_, label) => label.clone(),
        };
        (name, format!(" ×{}", grouped(self.members.len())))
    }
}

fn label(socket: &Socket) -> Option<&'static str> {
    socket.service.as_ref()?.label()
}
