//! Whom `kill` ends, and what goes with them.

use crate::{
    act, collect,
    model::{
        Acted, Deed, Manager, Outcome, Process, ProcessKey, Relative, Snapshot, Stakes,
        Surroundings, Target, Text,
    },
    report::plural,
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

/// One process that is to be ended.
#[derive(Debug)]
pub(super) struct Whom {
    pub(super) target: Target,
    pub(super) name: Text,
    started_at: Option<Timestamp>,
    /// What runs it, if anything does.
    pub(super) manager: Option<Manager>,
    /// Something may start it again: a manager, or a parent that is none of ours.
    pub(super) may_return: bool,
    /// Who it is, whose, and what it holds open.
    pub(super) words: String,
    /// What goes with it, a sentence each.
    pub(super) consequences: Vec<String>,
}

impl Whom {
    /// What was done to it, and what came of that.
    pub(super) fn acted(&self, deed: Deed, outcome: Option<Outcome>) -> Acted {
        Acted {
            pid: Some(self.target.key.pid),
            start_time: self.started_at,
            name: Some(self.name.clone()),
            socket: None,
            target: self.words.clone(),
            deed,
            outcome,
            aftermath: vec![],
        }
    }
}

/// The owners of the matching sockets, each once; with `tree` also everything they started.
pub(super) fn targets(snapshot: &Snapshot, rows: &[usize], tree: bool) -> Vec<Whom> {
    let owners = owners(snapshot, rows);
    let keys: Vec<ProcessKey> = owners.iter().map(|owner| owner.key).collect();
    if keys.is_empty() {
        return vec![];
    }
    let surroundings = collect::surroundings(&keys);
    // This process and those it was started from start nothing again that we end.
    let ours = act::ours();
    let mut targets = vec![];
    let mut known: HashSet<ProcessKey> = keys.into_iter().collect();
    let mut descendants = vec![];
    for (owner, around) in owners.iter().zip(surroundings) {
        targets.push(owner_of_sockets(snapshot, owner, &around, &ours, tree));
        if tree {
            descendants.extend(around.descendants);
        }
    }
    for one in descendants {
        if known.insert(one.key) {
            targets.push(descendant(snapshot, &one));
        }
    }
    targets
}

fn owners(snapshot: &Snapshot, rows: &[usize]) -> Vec<Arc<Process>> {
    let sockets = rows.iter().filter_map(|row| snapshot.sockets.get(*row));
    let owners: BTreeMap<ProcessKey, Arc<Process>> = sockets
        // Of what only the kernel keeps, the owners are those it had: nobody has it open any more.
        .filter(|socket| {
            let raw = &socket.raw;
            raw.state.can_have_owner() && (raw.inode().is_some() || raw.cookie().is_none())
        })
        .flat_map(|socket| &socket.processes)
        .map(|process| (process.key, Arc::clone(process)))
        .collect();
    owners.into_values().collect()
}

fn owner_of_sockets(
    snapshot: &Snapshot,
    process: &Process,
    around: &Surroundings,
    ours: &HashSet<u32>,
    tree: bool,
) -> Whom {
    Whom {
        target: Target::of(process),
        name: process.name.clone(),
        started_at: process.started_at,
        manager: around.supervisor.as_ref().map(|one| one.manager.clone()),
        may_return: around.may_return(|pid| ours.contains(&pid)),
        words: describe(snapshot, process),
        consequences: consequences(snapshot, process, around, tree),
    }
}

fn descendant(snapshot: &Snapshot, one: &Relative) -> Whom {
    let words = snapshot.process(one.key).map_or_else(
        || format!("{} pid {}", one.name, one.key.pid),
        |process| describe(snapshot, process),
    );
    Whom {
        target: one.target(),
        name: one.name.clone(),
        started_at: snapshot.process(one.key).and_then(|one| one.started_at),
        manager: None,
        may_return: false,
        words,
        consequences: vec![],
    }
}

/// What goes with a process: its clients, its children, and who would start it again.
fn consequences(
    snapshot: &Snapshot,
    process: &Process,
    around: &Surroundings,
    tree: bool,
) -> Vec<String> {
    let mut lines: Vec<String> = Stakes::of(snapshot, process.key)
        .connections()
        .into_iter()
        .collect();
    let children = around.descendants.len();
    if children > 0 && tree {
        lines.push(format!(
            "with the {} it started",
            plural(children, "process")
        ));
    } else if children > 0 {
        lines.push(format!(
            "{} it started get no signal; --tree includes them",
            plural(children, "process")
        ));
    }
    if let Some(supervisor) = &around.supervisor {
        lines.push(format!("{}; --unit stops it for good", supervisor.words()));
    }
    lines
}

/// A process in a line: who it is, whose, and what it holds open.
fn describe(snapshot: &Snapshot, process: &Process) -> String {
    let user = process
        .user
        .as_ref()
        .map_or(String::new(), |user| format!(" user {user}"));
    let stakes = Stakes::of(snapshot, process.key);
    let listens = stakes
        .listening()
        .map_or_else(String::new, |words| format!(", listens on {words}"));
    format!(
        "{} pid {}{user} ({}{listens})",
        process.name,
        process.key.pid,
        plural(stakes.sockets, "socket")
    )
}
