//! Shells that a process drives through a pipe, a named pipe, a pseudo-terminal or a pair of UNIX sockets.
//!
//! Looked for only behind general-purpose programs that hold a connected TCP socket, from what
//! the looks at descriptors noted. A named pipe is seen where it is a standard stream.
//!
//! Sharing a pipe is not driving: the workers of one server all write to the same log pipe. The
//! owner must hold the end that the shell reads its commands from, or the one it reads the answers
//! at, and the shell must wait for commands: `sh -c make` runs the one it was given.

use super::{
    build_id::copied_shell,
    families::peer_of,
    lineage::name,
    numbers::ByNumber,
    owners::{Owners, Seen},
    procfs::Procfs,
    stat::Stat,
    target::Target,
    view::Views,
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
    /// The pipe that it is of.
    fn pipe(&self) -> Option<u64> {
        match self {
            Self::Pipe(inode, _) => Some(*inode),
            Self::Fifo(..) | Self::Pty(_) => None,
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Pipe(..) => "pipe",
            Self::Fifo(..) => "fifo",
            Self::Pty(_) => "pty",
        }
    }
}

/// Returns the shells behind those of `candidates` that have any. `is_none` says of a process that it surely is no shell.
pub(super) fn behind(
    procfs: &Procfs,
    owners: &Owners,
    candidates: &[ProcessKey],
    is_none: &dyn Fn(&Seen) -> bool,
) -> HashMap<ProcessKey, Vec<Piped>> {
    let candidates: Vec<(ProcessKey, &Seen)> = candidates
        .iter()
        .filter_map(|key| Some((*key, owners.process(key.pid)?)))
        .filter(|(key, seen)| seen.key() == Some(*key))
        .collect();
    let mut found: HashMap<ProcessKey, Vec<Piped>> = HashMap::new();
    add_paired(procfs, owners, &candidates, is_none, &mut found);
    let driven = driven(procfs, owners, &candidates, is_none);
    if driven.is_empty() {
        return found;
    }
    let mut keepers: HashMap<End, Vec<ProcessKey>> = HashMap::new();
    let ends_driven = driven.iter().flat_map(|driven| &driven.ends);
    let streams: HashSet<u64> = ends_driven.filter_map(End::pipe).collect();
    for (key, seen) in &candidates {
        for end in ends(procfs, seen, &streams) {
            keepers.entry(end).or_default().push(*key);
        }
    }
    for Driven { shell, name, ends } in &driven {
        for end in ends {
            for owner in keepers.get(end).into_iter().flatten() {
                add(&mut found, *owner, *shell, name, end.words());
            }
        }
    }
    found
}

/// A shell that waits for commands at the end of something that can be somebody's.
#[derive(Debug)]
struct Driven {
    shell: ProcessKey,
    name: Text,
    ends: Vec<End>,
}

/// The shells at the other end of what one of `candidates` holds, as far as that was noted: cheap, and mostly none.
fn driven(
    procfs: &Procfs,
    owners: &Owners,
    candidates: &[(ProcessKey, &Seen)],
    is_none: &dyn Fn(&Seen) -> bool,
) -> Vec<Driven> {
    let held = candidates.iter().flat_map(|(_, seen)| seen.pipes());
    let pipes: HashSet<u64, ByNumber> = held.map(|(inode, _)| inode).collect();
    let has_fifo = |seen: &&Seen| {
        seen.streams
            .iter()
            .any(|one| matches!(one, Target::Fifo(..)))
    };
    let fifos = candidates.iter().any(|(_, seen)| has_fifo(seen));
    let masters = candidates
        .iter()
        .any(|(_, seen)| seen.masters().next().is_some());
    let may_be_held = |end: &End| match end {
        End::Pipe(inode, _) => pipes.contains(inode),
        End::Fifo(..) => fifos,
        End::Pty(_) => masters,
    };
    let mut found = Vec::new();
    for seen in owners.processes() {
        let streams = [Way::Input, Way::Output].into_iter().zip(&seen.streams);
        let ends = streams.filter_map(|(way, stream)| driven_through(stream, way));
        let ends: Vec<End> = ends.filter(may_be_held).collect();
        if ends.is_empty() || is_none(seen) {
            continue;
        }
        if let Some((shell, name)) = shell(procfs, seen.pid) {
            found.push(Driven { shell, name, ends });
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
    candidates: &[(ProcessKey, &Seen)],
    is_none: &dyn Fn(&Seen) -> bool,
    found: &mut HashMap<ProcessKey, Vec<Piped>>,
) {
    for seen in owners.processes() {
        let [Target::Socket(input), ..] = seen.streams else {
            continue;
        };
        if is_none(seen) {
            continue;
        }
        let Some((shell, name)) = shell(procfs, seen.pid) else {
            continue;
        };
        let Some(peer) = peer_of(input) else {
            continue;
        };
        let mut holders = candidates
            .iter()
            .filter(|(_, holder)| holder.sockets().any(|inode| inode == peer))
            .peekable();
        if holders.peek().is_none() {
            add_relayed(procfs, owners, candidates, (shell, &name, peer), found);
        }
        for (key, _) in holders {
            add(found, *key, shell, &name, "socket pair");
        }
    }
}

/// The most sockets of a process between a shell and the network that are followed.
const MOST_RELAYED: usize = 16;

/// Adds a shell whose other end, `peer`, is held by a netcat or socat that hands it on, through a UNIX socket, to one of
/// `candidates`.
fn add_relayed(
    procfs: &Procfs,
    owners: &Owners,
    candidates: &[(ProcessKey, &Seen)],
    (shell, name, peer): (ProcessKey, &Text, u64),
    found: &mut HashMap<ProcessKey, Vec<Piped>>,
) {
    let holds = |seen: &&Seen| seen.sockets().any(|inode| inode == peer);
    for relay in owners.processes().filter(holds) {
        if !is_connector(procfs, relay.pid) {
            continue;
        }
        let others = relay.sockets().filter(|inode| *inode != peer);
        let ends: HashSet<u64> = others.take(MOST_RELAYED).filter_map(peer_of).collect();
        for (key, holder) in candidates {
            if holder.sockets().any(|inode| ends.contains(&inode)) {
                add(found, *key, shell, name, "relay");
            }
        }
    }
}

fn is_connector(procfs: &Procfs, pid: u32) -> bool {
    let name = procfs.process(pid).and_then(|directory| {
        let stat = Stat::read(&directory)?;
        Ok(name(&Views::default(), &directory, &stat))
    });
    name.is_ok_and(|name| ProgramKind::of(&name) == ProgramKind::Connector)
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
    let arguments = directory.read(c"cmdline", LONGEST_ARGUMENTS).ok()?;
    if !is_interactive(&arguments) {
        return None;
    }
    let name = name(&Views::default(), &directory, &stat);
    let name = match ProgramKind::of(&name) {
        ProgramKind::Shell | ProgramKind::Interpreter => name,
        ProgramKind::Ordinary => {
            let shell = copied_shell(&directory)?;
            Text::from(format!("{name} (a copy of {shell})"))
        }
        ProgramKind::Connector | ProgramKind::Forwarder | ProgramKind::Tunnel => return None,
    };
    Some((stat.key(pid), name))
}

/// Whether these arguments of a shell, each ended by a zero byte, name neither a script nor a command.
fn is_interactive(arguments: &[u8]) -> bool {
    let arguments = arguments.strip_suffix(b"\0").unwrap_or(arguments);
    waits(arguments.split(|byte| *byte == 0))
}

/// The same of a process whose arguments were read before.
pub(super) fn may_wait(arguments: &[Text]) -> bool {
    waits(arguments.iter().map(|argument| argument.as_bytes()))
}

fn waits<'a>(arguments: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut arguments = arguments.skip(1).peekable();
    // `busybox sh`
    arguments.next_if(|argument| {
        str::from_utf8(argument).is_ok_and(|name| ProgramKind::of(name) == ProgramKind::Shell)
    });
    // `sh -s -- words`: the words are for what comes in. Not `sh -s words`: so Erlang runs single commands.
    let arguments: Vec<&[u8]> = arguments.collect();
    let reads_input =
        arguments.first() == Some(&&b"-s"[..]) && arguments.get(1) == Some(&&b"--"[..]);
    reads_input
        || arguments.into_iter().all(|argument| match argument {
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
