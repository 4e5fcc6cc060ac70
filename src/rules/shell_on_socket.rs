//! `shell-on-socket`: a shell reads from and writes to a network connection.

use super::{
    case::{
        Case, advise, advise_command, describe, is_packaged, is_unexplained, kind, look_at, seen,
    },
    told::{self, Told},
};
use crate::{
    model::{
        Fact, Finding, Piped, Process, ProgramKind, Severity, State, Stream, Transport, program,
    },
    registry::Registry,
};

pub(super) const ID: &str = "shell-on-socket";

/// Programs that give an editor's or a notebook's terminal to a browser: an interpreter, a terminal and
/// a connection that belong together.
const TERMINAL_SERVERS: &[&str] = &[
    ".vscode-server",
    "vscode-server",
    "code-server",
    "openvscode-server",
    ".cursor-server",
    "jupyter",
];
/// The runtime that editors of `JetBrains` bring along: where its program lies.
const JETBRAINS: &str = "/jbr/bin/java";

/// Whether `process` has a socket for a standard stream, stands before a shell, or was told to run commands.
pub(super) fn concerns(_: &'static Registry, process: &Process) -> bool {
    let is_socket = |stream: &Stream| matches!(stream, Stream::Socket(_));
    let streams = process.streams.known();
    !process.shells.is_empty()
        || streams.is_some_and(|streams| streams.iter().any(is_socket))
        || told::runs_commands(process).is_some()
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let transport = case.socket.protocol.transport();
    if !matches!(transport, Some(Transport::Tcp | Transport::Udp)) {
        return None;
    }
    let mut processes = case.processes.iter();
    if case.is_connected() {
        // The shell itself, before the program that started it.
        let shell = processes.find_map(|process| direct(case, process));
        shell.or_else(|| {
            case.processes.iter().find_map(|process| {
                through_another(case, process).or_else(|| by_its_command_line(case, process))
            })
        })
    } else if case.socket.state == State::Listen {
        processes.find_map(|process| by_its_command_line(case, process))
    } else {
        None
    }
}

/// A program whose own standard streams are the connection.
fn direct(case: &Case<'_>, process: &Process) -> Option<Finding> {
    let inode = case.socket.inode()?;
    let [input, output, error] = process.streams.known()?;
    let ours = |stream: &Stream| *stream == Stream::Socket(inode);
    let runs_commands = matches!(kind(process), ProgramKind::Shell | ProgramKind::Interpreter);
    let both = ours(input) && ours(output);
    // A copied shell can have any name; a program that no package knows, wired like one, is taken for one.
    let disguised =
        both && kind(process) == ProgramKind::Ordinary && is_packaged(process) == Some(false);
    let severity = match (both, ours(input) || ours(output)) {
        (true, _) if runs_commands || disguised => Severity::Critical,
        (false, true) if runs_commands => Severity::High,
        (true | false, _) => return None,
    };
    let wired: Vec<&str> = [("input", input), ("output", output), ("error", error)]
        .into_iter()
        .filter(|(_, stream)| ours(stream))
        .map(|(name, _)| name)
        .collect();
    let mut evidence = vec![seen("standard streams on the connection", wired.join(", "))];
    evidence.extend(common(case, process));
    let who = if case.client { "reverse" } else { "bind" };
    let title = if both {
        format!(
            "{} takes its commands from the network (a {who} shell)",
            process.name
        )
    } else {
        format!(
            "{} has one standard stream on a network connection",
            process.name
        )
    };
    Some(Finding {
        rule: ID,
        severity,
        title,
        evidence,
        advice: advice(case, process),
    })
}

/// A shell that another program connects to the network.
fn through_another(case: &Case<'_>, process: &Process) -> Option<Finding> {
    // Of a program that may be anything only what nothing explains counts, and no terminal: editors and terminals of
    // one's own have shells behind them too.
    let is_unknown = kind(process) == ProgramKind::Ordinary && !program::fetches(&process.name);
    if is_terminal_server(process) || is_unknown && !is_unexplained(process) {
        return None;
    }
    let counts = |piped: &&Piped| !is_unknown || piped.through != "pty";
    let piped = process.shells.iter().find(counts)?;
    let mut evidence: Vec<_> = process
        .shells
        .iter()
        .filter(counts)
        .map(|piped| {
            seen(
                "shell",
                format!(
                    "{} (pid {}) through a {}",
                    piped.name, piped.shell.pid, piped.through
                ),
            )
        })
        .collect();
    evidence.extend(common(case, process));
    let (severity, title) = if program::fetches(&process.name) {
        // What many installers ask for, at a terminal.
        let at_terminal = matches!(process.terminal, Fact::Known(Some(_)));
        let severity = if at_terminal {
            Severity::Low
        } else {
            Severity::Medium
        };
        let title = format!("{} feeds what it fetches to {}", process.name, piped.name);
        (severity, title)
    } else {
        let title = format!(
            "{} connects the shell {} to the network",
            process.name, piped.name
        );
        (Severity::High, title)
    };
    Some(Finding {
        rule: ID,
        severity,
        title,
        evidence,
        advice: advice(case, process),
    })
}

/// The most of a command line that is shown.
const MOST_SHOWN: usize = 200;

/// A program whose command line says that it runs what it is told, or a shell, for the other end.
fn by_its_command_line(case: &Case<'_>, process: &Process) -> Option<Finding> {
    let told = told::runs_commands(process)?;
    let (Told::Commands(line) | Told::HiddenCode(line)) = &told;
    let shown: String = line.chars().take(MOST_SHOWN).collect();
    let mut evidence = vec![seen("its command line", shown)];
    evidence.extend(common(case, process));
    let whom = if case.exposure.is_some() {
        "whoever calls it"
    } else {
        "the other end"
    };
    Some(Finding {
        rule: ID,
        severity: Severity::High,
        title: match told {
            Told::Commands(_) => format!("{} was told to run commands for {whom}", process.name),
            Told::HiddenCode(_) => format!(
                "{} has a network connection and runs code that its command line hides",
                process.name
            ),
        },
        evidence,
        advice: advice(case, process),
    })
}

fn is_terminal_server(process: &Process) -> bool {
    let arguments = process
        .cmdline
        .known()
        .map_or(&[][..], |arguments| arguments);
    let path = process
        .executable
        .known()
        .map(|executable| &*executable.path);
    if path.is_some_and(|path| path.ends_with(JETBRAINS)) {
        return true;
    }
    let mut places = arguments
        .iter()
        .take(3)
        .map(|argument| &**argument)
        .chain(path);
    places.any(|place| {
        place
            .split('/')
            .any(|part| TERMINAL_SERVERS.iter().any(|name| part.starts_with(name)))
    })
}

fn common(case: &Case<'_>, process: &Process) -> Vec<crate::model::Evidence> {
    let mut evidence = vec![];
    if let Some(peer) = case.socket.peer() {
        evidence.push(seen(
            "connection",
            format!("{} - {peer}", case.socket.local()),
        ));
    }
    evidence.extend(describe(process));
    evidence
}

fn advice(case: &Case<'_>, process: &Process) -> Vec<crate::model::Advice> {
    let pid = process.key.pid;
    let mut advice = vec![
        advise_command(
            "Freeze it first: its memory and its connection stay as evidence.",
            format!("sudo kill -STOP {pid}"),
        ),
        look_at(process),
    ];
    if let Some(peer) = case.socket.peer() {
        advice.push(advise(format!("Find out who is at {}.", peer.canonical())));
    }
    advice
}
