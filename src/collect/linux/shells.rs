//! Shells that a process drives through a pipe, a named pipe or a pseudo-terminal.
//!
//! Looked for only behind general-purpose programs that hold a connected TCP socket, from what
//! the pass over all descriptors noted. A named pipe is seen where it is a standard stream.

use super::{
    lineage::name,
    owners::{Holder, Scan},
    procfs::Procfs,
    stat::Stat,
    target::Target,
};
use crate::model::{Piped, ProcessKey, ProgramKind, Text};
use std::collections::{HashMap, HashSet};

/// The most shells reported of one process.
const MOST: usize = 16;
const LONGEST_FDINFO: usize = 1024;

/// One end that a process holds, as the other end names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum End {
    Pipe(u64),
    Fifo(u64, u64),
    Pty(u64),
}

impl End {
    fn words(&self) -> &'static str {
        match self {
            Self::Pipe(_) => "pipe",
            Self::Fifo(..) => "fifo",
            Self::Pty(_) => "pty",
        }
    }
}

/// Returns the shells behind those of `candidates` that have any.
pub(super) fn behind(
    procfs: &Procfs,
    scan: &Scan,
    candidates: &HashSet<ProcessKey>,
) -> HashMap<ProcessKey, Vec<Piped>> {
    let mut keepers: HashMap<End, Vec<ProcessKey>> = HashMap::new();
    for holder in scan
        .holders
        .iter()
        .filter(|holder| candidates.contains(&holder.key))
    {
        for end in ends(procfs, holder) {
            keepers.entry(end).or_default().push(holder.key);
        }
    }
    let mut found: HashMap<ProcessKey, Vec<Piped>> = HashMap::new();
    if keepers.is_empty() {
        return found;
    }
    let everybody = (scan
        .holders
        .iter()
        .map(|holder| (holder.key.pid, &holder.streams)))
    .chain(scan.piped.iter().map(|piped| (piped.pid, &piped.streams)));
    for (pid, streams) in everybody {
        let driven = streams.iter().take(2).filter_map(driven_through);
        let through: Vec<(End, Vec<ProcessKey>)> = driven
            .filter_map(|end| Some((end.clone(), keepers.get(&end)?.clone())))
            .collect();
        if through.is_empty() {
            continue;
        }
        let Some((shell, name)) = shell(procfs, pid) else {
            continue;
        };
        for (end, owners) in through {
            for owner in owners {
                add(&mut found, owner, shell, &name, &end);
            }
        }
    }
    found
}

fn add(
    found: &mut HashMap<ProcessKey, Vec<Piped>>,
    owner: ProcessKey,
    shell: ProcessKey,
    name: &Text,
    end: &End,
) {
    if owner == shell {
        return;
    }
    let shells = found.entry(owner).or_default();
    if shells.len() < MOST && !shells.iter().any(|piped| piped.shell == shell) {
        shells.push(Piped {
            shell,
            name: name.clone(),
            through: Text::from(end.words()),
        });
    }
}

/// The shell or interpreter under this number.
fn shell(procfs: &Procfs, pid: u32) -> Option<(ProcessKey, Text)> {
    let directory = procfs.process(pid).ok()?;
    let stat = Stat::read(&directory).ok()?;
    let name = name(&directory, &stat);
    match ProgramKind::of(&name) {
        ProgramKind::Shell | ProgramKind::Interpreter => Some((stat.key(pid), name)),
        ProgramKind::Connector
        | ProgramKind::Forwarder
        | ProgramKind::Tunnel
        | ProgramKind::Ordinary => None,
    }
}

/// Every end that a process holds.
fn ends(procfs: &Procfs, holder: &Holder) -> Vec<End> {
    let pipes = holder.pipes.iter().map(|inode| End::Pipe(*inode));
    let fifos = holder.streams.iter().filter_map(|stream| match stream {
        Target::Fifo(device, inode) => Some(End::Fifo(*device, *inode)),
        Target::Socket(_)
        | Target::Pipe(_)
        | Target::Terminal(_)
        | Target::Other
        | Target::Closed => None,
    });
    let masters = holder
        .masters
        .iter()
        .filter_map(|descriptor| terminal_number(procfs, holder.key.pid, *descriptor))
        .map(End::Pty);
    pipes.chain(fifos).chain(masters).collect()
}

/// The end at which somebody drives a process whose stream this is.
fn driven_through(stream: &Target) -> Option<End> {
    match stream {
        Target::Pipe(inode) => Some(End::Pipe(*inode)),
        Target::Fifo(device, inode) => Some(End::Fifo(*device, *inode)),
        Target::Terminal(path) => {
            let number = path.strip_prefix("/dev/pts/")?.parse().ok()?;
            Some(End::Pty(number))
        }
        Target::Socket(_) | Target::Other | Target::Closed => None,
    }
}

/// The number of the terminal whose master side a descriptor is.
fn terminal_number(procfs: &Procfs, pid: u32, descriptor: u32) -> Option<u64> {
    let name = format!("fdinfo/{descriptor}");
    let info = procfs.process(pid).ok()?.read(name, LONGEST_FDINFO).ok()?;
    tty_index(&info)
}

fn tty_index(info: &[u8]) -> Option<u64> {
    let line = info
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(b"tty-index:"))?;
    super::bytes::decimal(line.trim_ascii())
}

#[cfg(test)]
mod tests;
