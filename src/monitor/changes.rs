//! What has moved since the sample before that a socket can depend on, beside itself.
//!
//! A snapshot says of a socket what follows from
//!
//! - what the source says of it, counters apart ([`SampledSocket::differs_in_counters_only`]);
//! - the machine ([`Machine::judges_like`]), this machine's addresses, and which ports are listened on;
//! - its processes, whether they have only just been started, and the name of its user;
//! - the verdict on the listener that it came in through;
//! - what is remembered of its processes and of its port ([`Moved`]).
//!
//! Nothing else may go into it: a socket that none of this has moved for keeps what was said of it. Whoever
//! gives a rule more to look at adds it here.

use super::{
    Before,
    describe::Describe,
    judge::Verdicts,
    memory::Moved,
    sides::{Gate, gate},
};
use crate::model::{Process, ProcessKey, SampledSocket};
use hashbrown::HashSet;
use std::{cmp::Ordering, sync::Arc};

/// What has moved.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Something that every socket depends on.
    everything: bool,
    /// Processes that are new, gone, or no longer what they were.
    processes: HashSet<ProcessKey>,
    /// Ports that something began or ceased to listen on, or whose listener's verdict has changed.
    ports: HashSet<Gate>,
    /// User ids with another name.
    users: HashSet<u32>,
}

impl Changes {
    /// Compares what sockets rested on before with what they rest on now.
    pub(super) fn between(before: Option<&Before>, now: &Describe<'_>) -> Self {
        let Some(before) = before else {
            return Self::default();
        };
        let ids = before.users.keys().chain(now.users.keys()).copied();
        let renamed = |id: &u32| before.users.get(id) != now.users.get(id);
        let mut processes = processes(&before.snapshot.processes, now.processes);
        let grown_up = now.processes.iter().filter(|process| {
            before.machine.is_starting(process) && !now.machine.is_starting(process)
        });
        processes.extend(grown_up.map(|process| process.key));
        Self {
            everything: !now.machine.judges_like(&before.machine)
                || !now.sides.differ_in_ports_only(&before.sides),
            processes,
            ports: now.sides.changed_ports(&before.sides).collect(),
            users: ids.filter(renamed).collect(),
        }
    }

    /// Adds the ports whose listeners are thought of differently than before.
    pub(super) fn add_verdicts(&mut self, before: &Verdicts, now: &Verdicts) {
        let ports = before.keys().chain(now.keys()).copied();
        let changed = ports.filter(|port| before.get(port) != now.get(port));
        self.ports.extend(changed);
    }

    /// Adds what is remembered otherwise than before.
    pub(super) fn add_past(&mut self, moved: Moved) {
        self.processes.extend(moved.processes);
        self.ports.extend(moved.ports);
    }

    /// Whether something moved that this socket depends on.
    pub(super) fn affect(&self, raw: &SampledSocket) -> bool {
        self.everything
            || (!self.processes.is_empty() && self.affect_owner(raw))
            || (!self.ports.is_empty() && self.ports.contains(&gate(raw)))
            || (!self.users.is_empty() && raw.uid().is_some_and(|uid| self.users.contains(&uid)))
    }

    fn affect_owner(&self, raw: &SampledSocket) -> bool {
        let owners = raw.owners();
        owners
            .iter()
            .any(|owner| self.processes.contains(&owner.process))
    }

    /// Whether nothing moved that any socket depends on.
    pub(super) fn are_none(&self) -> bool {
        !self.everything
            && self.processes.is_empty()
            && self.ports.is_empty()
            && self.users.is_empty()
    }
}

/// Puts the process of the sample before in the place of one that is equal to it, so that the same process
/// is the same `Arc`.
pub(super) fn keep_unchanged(now: &mut [Arc<Process>], before: &[Arc<Process>]) {
    let mut before = before.iter().peekable();
    for process in now {
        while before.next_if(|other| other.key < process.key).is_some() {}
        if let Some(same) = before.next_if(|other| *other == process) {
            *process = Arc::clone(same);
        }
    }
}

/// The keys of the processes that are only in one of the two lists, or not the same `Arc` in both. Both are
/// sorted by key.
fn processes(before: &[Arc<Process>], now: &[Arc<Process>]) -> HashSet<ProcessKey> {
    let mut changed = HashSet::new();
    let (mut before, mut now) = (before.iter().peekable(), now.iter().peekable());
    loop {
        let order = match (before.peek(), now.peek()) {
            (Some(one), Some(other)) => one.key.cmp(&other.key),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return changed,
        };
        let one = before.next_if(|_| order.is_le());
        let other = now.next_if(|_| order.is_ge());
        match (one, other) {
            (Some(one), Some(other)) if Arc::ptr_eq(one, other) => {}
            (one, other) => changed.extend(one.or(other).map(|process| process.key)),
        }
    }
}
