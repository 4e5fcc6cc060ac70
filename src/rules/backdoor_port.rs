//! `backdoor-port`: a listener on the default port of a backdoor or an attack tool.

use super::{
    case::{Case, advise, describe, is_unexplained, kind, look_at, seen},
    obscure_port::title,
};
use crate::model::{Exposure, Finding, Process, ProgramKind, Protocol, Severity, Transport};

pub(super) const ID: &str = "backdoor-port";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let Some(exposure) = case.exposure else {
        return of_caller(case);
    };
    let local = case.socket.local();
    let protocol = case.socket.protocol;
    let registry = case.machine.registry;
    let backdoor = registry.backdoor(local.port, protocol)?;
    // The number alone proves nothing, so without a program there is no finding.
    let process = case.owner()?;
    if case.serves(process) || is_chance(case, process) || forwards(process, exposure) {
        return None;
    }
    let by_program = if kind(process).is_general_purpose() {
        Severity::High
    } else {
        Severity::Medium
    };
    let severity = if exposure == Exposure::Loopback {
        by_program.lowered()
    } else {
        by_program
    };
    let mut evidence = vec![
        seen(
            "port",
            format!("{}/{} {}", local.port, protocol.name(), backdoor.wording),
        ),
        seen("written at", backdoor.source),
        seen("bound to", format!("{local} ({})", exposure.name())),
    ];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity,
        title: title(
            case,
            &format!("a port that {} is known for", backdoor.software),
        ),
        evidence,
        advice: vec![
            advise(
                "The number is no proof: any program may take it. Find out who chose it, before you end the program and lose what it shows.",
            ),
            look_at(process),
        ],
    })
}

/// Ports on which mining pools take their workers. Much else listens there, so they count for callers alone.
const POOLS: &[u16] = &[3333, 14433, 14444];

/// A program that nothing explains and that calls such a port elsewhere.
fn of_caller(case: &Case<'_>) -> Option<Finding> {
    let peer = case.socket.peer().filter(|_| case.client)?;
    let protocol = case.socket.protocol;
    let process = case.owner()?;
    if !is_unexplained(process) || !protocol.has_ports() {
        return None;
    }
    let backdoor = case.machine.registry.backdoor(peer.port, protocol);
    let (software, wording, source) = match backdoor {
        Some(backdoor) => (backdoor.software, backdoor.wording, backdoor.source),
        None if protocol == Protocol::Tcp && POOLS.contains(&peer.port) => (
            "mining pools",
            "is where mining pools take their workers (Stratum)",
            "https://xmrig.com/docs/miner/config/pool",
        ),
        None => return None,
    };
    let mut evidence = vec![
        seen(
            "port",
            format!("{}/{} {wording}", peer.port, protocol.name()),
        ),
        seen("written at", source),
        seen("calls", peer.to_string()),
    ];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: Severity::Medium,
        title: format!(
            "{} calls port {}, which {software} {} known for",
            process.name,
            peer.port,
            if backdoor.is_some() { "is" } else { "are" }
        ),
        evidence,
        advice: vec![
            advise(format!(
                "The number is no proof: any server may take it. Find out who is at {}, and who started the program.",
                peer.canonical()
            )),
            look_at(process),
        ],
    })
}

/// Whether the kernel may have given the number by chance.
///
/// A general-purpose program that waits there over TCP was told a number more often than not.
fn is_chance(case: &Case<'_>, process: &Process) -> bool {
    let told = case.socket.protocol.transport() == Some(Transport::Tcp)
        && kind(process).is_general_purpose();
    case.is_ephemeral() && !told
}

/// Whether the program listens for another one, and nothing is wrong with that.
fn forwards(process: &Process, exposure: Exposure) -> bool {
    match kind(process) {
        ProgramKind::Forwarder => true,
        ProgramKind::Tunnel => exposure == Exposure::Loopback,
        ProgramKind::Shell
        | ProgramKind::Interpreter
        | ProgramKind::Connector
        | ProgramKind::Ordinary => false,
    }
}
