//! The columns of a table of sockets.

use crate::model::{Fact, Names, Protocol, Socket, State, Text, Verdict};
use std::fmt::Write as _;

/// A column of `list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Verdict.
    Verdict,
    /// Transport.
    Protocol,
    /// Address family.
    Family,
    /// State.
    State,
    /// Direction.
    Direction,
    /// From where it can be reached.
    Exposure,
    /// Local end.
    Local,
    /// Remote end.
    Remote,
    /// What whoever owns the remote address calls it.
    Host,
    /// Service name.
    Service,
    /// Program name.
    Process,
    /// Process ids.
    Pid,
    /// User.
    User,
    /// Executable.
    Exe,
    /// Command line.
    Cmd,
    /// Service manager's unit.
    Unit,
    /// Container.
    Container,
    /// Bytes waiting to be read; connections waiting to be accepted.
    Recv,
    /// Bytes waiting to be acknowledged; the most connections that may wait.
    Send,
    /// Round-trip time in milliseconds.
    Rtt,
    /// Inode.
    Inode,
    /// Network namespace; empty for one's own.
    Netns,
    /// Control group.
    Cgroup,
    /// Bytes of the kernel's memory.
    Memory,
    /// Packets thrown away for want of room.
    Drops,
    /// The worst finding, or what keeps us from knowing.
    Why,
}

impl Column {
    /// Every column, in the order in which they read best.
    pub const ALL: [Self; 26] = [
        Self::Verdict,
        Self::Protocol,
        Self::Family,
        Self::State,
        Self::Direction,
        Self::Exposure,
        Self::Recv,
        Self::Send,
        Self::Local,
        Self::Remote,
        Self::Host,
        Self::Service,
        Self::Process,
        Self::Pid,
        Self::User,
        Self::Exe,
        Self::Cmd,
        Self::Unit,
        Self::Container,
        Self::Rtt,
        Self::Inode,
        Self::Netns,
        Self::Cgroup,
        Self::Memory,
        Self::Drops,
        Self::Why,
    ];

    /// What `list` shows when nothing else is asked for.
    pub const USUAL: [Self; 10] = [
        Self::Verdict,
        Self::Protocol,
        Self::State,
        Self::Local,
        Self::Remote,
        Self::Service,
        Self::Process,
        Self::Pid,
        Self::User,
        Self::Why,
    ];

    /// The name on the command line, and in capitals in the header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Protocol => "proto",
            Self::Family => "family",
            Self::State => "state",
            Self::Direction => "dir",
            Self::Exposure => "exposure",
            Self::Local => "local",
            Self::Remote => "remote",
            Self::Host => "host",
            Self::Service => "service",
            Self::Process => "process",
            Self::Pid => "pid",
            Self::User => "user",
            Self::Exe => "exe",
            Self::Cmd => "cmd",
            Self::Unit => "unit",
            Self::Container => "container",
            Self::Recv => "recv",
            Self::Send => "send",
            Self::Rtt => "rtt",
            Self::Inode => "inode",
            Self::Netns => "netns",
            Self::Cgroup => "cgroup",
            Self::Memory => "memory",
            Self::Drops => "drops",
            Self::Why => "why",
        }
    }

    /// Whether its values line up on the right.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Pid
                | Self::Recv
                | Self::Send
                | Self::Rtt
                | Self::Inode
                | Self::Memory
                | Self::Drops
        )
    }

    /// Appends what `socket` shows in this column; nothing where nothing is known.
    pub fn write(self, cell: &mut String, socket: &Socket, names: &Names) {
        let raw = &socket.raw;
        let owner = || socket.owner();
        // Writing to a string cannot fail.
        _ = match self {
            Self::Verdict => cell.write_str(socket.assessment.verdict.name()),
            Self::Protocol => cell.write_str(raw.protocol.name()),
            Self::Family => cell.write_str(raw.family.name()),
            Self::State => cell.write_str(raw.state.name()),
            Self::Direction => cell.write_str(socket.direction.name()),
            Self::Exposure => {
                cell.write_str(socket.exposure.map_or("", crate::model::Exposure::name))
            }
            Self::Local => end(cell, socket),
            Self::Remote => raw
                .connected_to()
                .map_or(Ok(()), |peer| write!(cell, "{peer}")),
            Self::Host => optional(cell, names.of_peer(raw).map(Text::as_str)),
            Self::Service => service(cell, socket),
            Self::Process => match owner() {
                Some(process) if socket.processes.len() > 1 => {
                    write!(cell, "{} +{}", process.name, socket.processes.len() - 1)
                }
                Some(process) => cell.write_str(&process.name),
                None => Ok(()),
            },
            Self::Pid => owner().map_or(Ok(()), |process| write!(cell, "{}", process.key.pid)),
            Self::User => match (&socket.user, raw.uid()) {
                (Some(user), _) => cell.write_str(user),
                (None, Some(uid)) => write!(cell, "{uid}"),
                (None, None) => Ok(()),
            },
            Self::Exe => match owner().map(|process| &process.executable) {
                Some(Fact::Known(executable)) if executable.deleted => {
                    write!(cell, "{} (deleted)", executable.path)
                }
                Some(Fact::Known(executable)) => cell.write_str(&executable.path),
                Some(Fact::Unknown(_)) | None => Ok(()),
            },
            Self::Cmd => owner()
                .and_then(|process| process.cmdline.known())
                .map_or(Ok(()), |arguments| join(cell, arguments)),
            Self::Unit => optional(
                cell,
                match owner() {
                    Some(process) => process.unit.as_deref(),
                    None => raw.cgroup().and_then(|group| group.unit.as_deref()),
                },
            ),
            Self::Container => optional(
                cell,
                match owner() {
                    Some(process) => process.container.as_deref(),
                    None => raw
                        .cgroup()
                        .as_ref()
                        .and_then(|group| group.container.as_deref()),
                },
            ),
            Self::Recv => raw
                .recv_queue()
                .map_or(Ok(()), |bytes| write!(cell, "{bytes}")),
            Self::Send => raw
                .send_queue()
                .map_or(Ok(()), |bytes| write!(cell, "{bytes}")),
            Self::Rtt => match &raw.tcp() {
                Some(tcp) if raw.state != State::Listen => {
                    write!(cell, "{:.3}", f64::from(tcp.rtt_us) / 1000.0)
                }
                Some(_) | None => Ok(()),
            },
            Self::Inode => raw.inode().map_or(Ok(()), |inode| write!(cell, "{inode}")),
            Self::Netns => {
                let netns = raw.netns().filter(|netns| !netns.own);
                netns.map_or(Ok(()), |netns| write!(cell, "{netns}"))
            }
            Self::Cgroup => optional(cell, raw.cgroup().map(|group| &*group.path)),
            Self::Memory => raw.memory().map_or(Ok(()), |bytes| write!(cell, "{bytes}")),
            Self::Drops => raw.drops().map_or(Ok(()), |drops| write!(cell, "{drops}")),
            Self::Why => cell.write_str(why(socket)),
        };
    }
}

/// The sentence to show beside a verdict: the worst finding, or what keeps us from knowing; empty
/// where all is as expected.
pub fn why(socket: &Socket) -> &str {
    let assessment = &socket.assessment;
    if assessment.verdict == Verdict::Expected {
        return "";
    }
    match (assessment.findings.first(), &assessment.reason) {
        (Some(finding), _) => &finding.title,
        (None, Some(reason)) => reason,
        (None, None) => "",
    }
}

fn end(cell: &mut String, socket: &Socket) -> std::fmt::Result {
    let raw = &socket.raw;
    match &raw.interface() {
        Some(interface) if raw.protocol != Protocol::Packet => {
            write!(cell, "{}%{interface}", raw.bound_to())
        }
        Some(_) | None => write!(cell, "{}", raw.bound_to()),
    }
}

/// The service name; with an arrow and the number where it is the remote port's.
fn service(cell: &mut String, socket: &Socket) -> std::fmt::Result {
    let Some(service) = socket.service else {
        return Ok(());
    };
    let remote = socket
        .raw
        .peer()
        .is_some_and(|peer| peer.port == service.port)
        && socket.raw.local().port != service.port;
    match service.label() {
        Some(label) if remote => write!(cell, "{label} →{}", service.port),
        Some(label) => cell.write_str(label),
        None if remote => write!(cell, "→{}", service.port),
        None => Ok(()),
    }
}

fn optional(cell: &mut String, text: Option<&str>) -> std::fmt::Result {
    cell.write_str(text.unwrap_or(""))
}

fn join(cell: &mut String, arguments: &[Text]) -> std::fmt::Result {
    for (at, argument) in arguments.iter().enumerate() {
        if at > 0 {
            cell.write_char(' ')?;
        }
        cell.write_str(argument)?;
    }
    Ok(())
}
