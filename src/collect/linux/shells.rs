//! Shells that a process drives through a pipe, a named pipe, a pseudo-terminal or a pair of UNIX sockets.
//!
//! Looked for only behind general-purpose programs that hold a connected TCP socket, from what
//! the looks at descriptors noted. A named pipe is seen where it is a standard stream.
//!
//! Sharing a pipe is not driving: the workers of one server all write to the same log pipe. The
//! owner must hold the end that the shell reads its commands from, or the one it reads the answers
//! at, and the shell must wait for commands: `sh -c make` runs the one it was given.

use super::{
    families::peer_of,
    lineage::name,
    owners::{Owners, Seen},
    procfs::Procfs,
    stat::Stat,
    target::Target,
};
use crate::model::{Piped, ProcessKey, ProgramKind, Text};
use std::collections::{HashMap, HashSet};

/// The most shells reported of one process.
const MOST: usize = 16;
const LONGEST_FDINFO: usize = 1024;
const LONGEST_ARGUMENTS: usize = 4096;

/// A stream of a shell, as both sides name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum End {
    Pipe(u64, Way),
    Fifo(u64, u64, Way),
    Pty(u64),
}

/// What flows through a pipe, as the shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// Its commands.
    Input,
    /// Its answers.
    Output,
}

impl End {
    fn words(&self) -> &'static str {
        match self {
            Self::Pipe(..) => "pipe",
            Self::Fifo(..) => "fifo",
            Self::Pty(_) => "pty",
        }
    }
}

/// Returns the shells behind those of `candidates` that have any.
pub(super) fn behind(
    procfs: &Procfs,
    owners: &Owners,
    candidates: &[ProcessKey],
) -> HashMap<ProcessKey, Vec<Piped>> {
    let streams: HashSet<u64> = owners
        .processes()
        .flat_map(|seen| pipes_of(&seen.streams))
        .collect();
    let mut keepers: HashMap<End, Vec<ProcessKey>> = HashMap::new();
    for key in candidates {
        let seen = owners.process(key.pid);
        let Some(seen) = seen.filter(|seen| seen.key() == Some(*key)) else {
            continue;
        };
        for end in ends(procfs, seen, &streams) {
            keepers.entry(end).or_default().push(*key);
        }
    }
    let mut found: HashMap<ProcessKey, Vec<Piped>> = HashMap::new();
    add_paired(procfs, owners, candidates, &mut found);
    if keepers.is_empty() {
        return found;
    }
    for seen in owners.processes() {
        let driven = [Way::Input, Way::Output].into_iter().zip(&seen.streams);
        let driven = driven.filter_map(|(way, stream)| driven_through(stream, way));
        let through: Vec<(End, Vec<ProcessKey>)> = driven
            .filter_map(|end| Some((end.clone(), keepers.get(&end)?.clone())))
            .collect();
        if through.is_empty() {
            continue;
        }
        let Some((shell, name)) = shell(procfs, seen.pid) else {
            continue;
        };
        for (end, owners) in through {
            for owner in owners {
                add(&mut found, owner, shell, &name, end.words());
            }
        }
    }
    found
}

/// Adds the shells that read their commands from one of a pair of UNIX sockets, as `socat EXEC:` and Node make it.
///
/// Only where there is such a shell, the kernel is asked for the other one.
fn add_paired(
    procfs: &Procfs,
    owners: &Owners,
    candidates: &[ProcessKey],
    found: &mut HashMap<ProcessKey, Vec<Piped>>,
) {
    for seen in owners.processes() {
        let [Target::Socket(input), ..] = seen.streams else {
            continue;
        };
        let Some((shell, name)) = shell(procfs, seen.pid) else {
            continue;
        };
        let Some(peer) = peer_of(input) else {
            continue;
        };
        for key in candidates {
            let holder = owners.process(key.pid);
            let mut holder = holder
                .filter(|holder| holder.key() == Some(*key))
                .into_iter();
            if holder.any(|holder| holder.sockets().any(|inode| inode == peer)) {
                add(found, *key, shell, &name, "socket pair");
            }
        }
    }
}

/// The pipes behind a standard input and output.
fn pipes_of(streams: &[Target; 3]) -> impl Iterator<Item = u64> {
    streams.iter().take(2).filter_map(|stream| match stream {
        Target::Pipe(inode) => Some(*inode),
        Target::Socket(_)
        | Target::Fifo(..)
        | Target::Terminal(_)
        | Target::Other
        | Target::Closed => None,
    })
}

fn add(
    found: &mut HashMap<ProcessKey, Vec<Piped>>,
    owner: ProcessKey,
    shell: ProcessKey,
    name: &Text,
    through: &str,
) {
    if owner == shell {
        return;
    }
    let shells = found.entry(owner).or_default();
    if shells.len() < MOST && !shells.iter().any(|piped| piped.shell == shell) {
        shells.push(Piped {
            shell,
            name: name.clone(),
            through: Text::from(through),
        });
    }
}

/// The shell or interpreter under this number, when it waits for commands.
fn shell(procfs: &Procfs, pid: u32) -> Option<(ProcessKey, Text)> {
    let directory = procfs.process(pid).ok()?;
    let stat = Stat::read(&directory).ok()?;
    let name = name(&directory, &stat);
    match ProgramKind::of(&name) {
        ProgramKind::Shell | ProgramKind::Interpreter => {}
        ProgramKind::Connector
        | ProgramKind::Forwarder
        | ProgramKind::Tunnel
        | ProgramKind::Ordinary => return None,
    }
    let arguments = directory.read(c"cmdline", LONGEST_ARGUMENTS).ok()?;
    is_interactive(&arguments).then(|| (stat.key(pid), name))
}

/// Whether these arguments of a shell, each ended by a zero byte, name neither a script nor a command.
fn is_interactive(arguments: &[u8]) -> bool {
    let arguments = arguments.strip_suffix(b"\0").unwrap_or(arguments);
    let mut arguments = arguments.split(|byte| *byte == 0).skip(1).peekable();
    // `busybox sh`
    arguments.next_if(|argument| {
        str::from_utf8(argument).is_ok_and(|name| ProgramKind::of(name) == ProgramKind::Shell)
    });
    arguments.all(|argument| match argument {
        [b'-', b'-', ..] => true,
        [b'-', letters @ ..] => !letters.iter().any(|letter| b"cem".contains(letter)),
        _ => false,
    })
}

/// Every end that a process holds of what can be somebody's stream; of pipes, those in `streams`.
fn ends(procfs: &Procfs, holder: &Seen, streams: &HashSet<u64>) -> Vec<End> {
    let ways = |descriptor| ways(procfs, holder.pid, descriptor);
    let pipes = holder.pipes().filter(|(inode, _)| streams.contains(inode));
    let pipes = pipes.flat_map(|(inode, descriptor)| {
        ways(descriptor)
            .iter()
            .map(move |way| End::Pipe(inode, *way))
    });
    let fifos = (0..).zip(&holder.streams).flat_map(|(descriptor, stream)| {
        let Target::Fifo(device, inode) = stream else {
            return vec![];
        };
        let ends = ways(descriptor).iter();
        ends.map(|way| End::Fifo(*device, *inode, *way)).collect()
    });
    let masters = holder
        .masters()
        .filter_map(|descriptor| terminal_number(procfs, holder.pid, descriptor))
        .map(End::Pty);
    pipes.chain(fifos).chain(masters).collect()
}

/// The end at which somebody drives a process whose stream this is.
fn driven_through(stream: &Target, way: Way) -> Option<End> {
    match stream {
        Target::Pipe(inode) => Some(End::Pipe(*inode, way)),
        Target::Fifo(device, inode) => Some(End::Fifo(*device, *inode, way)),
        Target::Terminal(path) => {
            let number = path.strip_prefix("/dev/pts/")?.parse().ok()?;
            Some(End::Pty(number))
        }
        Target::Socket(_) | Target::Other | Target::Closed => None,
    }
}

/// What a process that holds a pipe by this descriptor can be to a shell at the other end.
fn ways(procfs: &Procfs, pid: u32, descriptor: u32) -> &'static [Way] {
    let flags = fdinfo(procfs, pid, descriptor).and_then(|info| field(&info, b"flags:"));
    // The last octal digit is the access mode: to read, to write, both.
    match flags.map(|flags| flags % 10 % 4) {
        Some(0) => &[Way::Output],
        Some(1) => &[Way::Input],
        Some(2) => &[Way::Input, Way::Output],
        Some(_) | None => &[],
    }
}

/// The number of the terminal whose master side a descriptor is.
fn terminal_number(procfs: &Procfs, pid: u32, descriptor: u32) -> Option<u64> {
    field(&fdinfo(procfs, pid, descriptor)?, b"tty-index:")
}

fn fdinfo(procfs: &Procfs, pid: u32, descriptor: u32) -> Option<Vec<u8>> {
    let name = format!("fdinfo/{descriptor}");
    procfs.process(pid).ok()?.read(name, LONGEST_FDINFO).ok()
}

/// The number behind `name` in a file of `fdinfo`.
fn field(info: &[u8], name: &[u8]) -> Option<u64> {
    let line = info
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(name))?;
    super::bytes::decimal(line.trim_ascii())
}

#[cfg(test)]
mod tests;
