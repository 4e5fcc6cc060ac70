//! Why a socket without a bad finding is fine, or what keeps us from saying so.

use super::{
    case::{Case, is_managed, is_told_by_rpcbind, kind, packaged_script},
    packet_capture,
};
use crate::model::{Direction, Exposure, Process, ProgramKind, Protocol, State, Verdict};
use std::borrow::Cow;

/// A reason, and whether it is a positive one.
pub(super) struct Reason {
    pub(super) expected: bool,
    pub(super) words: Option<Cow<'static, str>>,
}

pub(super) fn of(case: &Case<'_>) -> Reason {
    let state = case.socket.state;
    if state == State::TimeWait {
        return expected("closed; the kernel keeps it a minute against late segments");
    }
    if state == State::SynRecv {
        return expected("a connection being set up");
    }
    if case.socket.protocol == Protocol::Unix {
        return expected("only programs of this machine can reach it");
    }
    let Some(process) = case.owner() else {
        return without_owner(case);
    };
    if !case.socket.protocol.has_ports() {
        return portless(case, process);
    }
    if case.exposure.is_some() {
        listener(case, process)
    } else {
        connection(case, process)
    }
}

fn without_owner(case: &Case<'_>) -> Reason {
    let practice = case.service.and_then(|service| service.practice);
    if !case.machine.sees_every_owner() {
        unknown("its owner is not visible without more privilege")
    } else if case.exposure.is_some() && practice.is_some_and(|practice| practice.kernel) {
        expected("a service of the kernel itself")
    } else if case.exposure.is_none() && case.socket.protocol.has_ports() {
        // An orphan: the process has closed it or has ended, the kernel finishes the conversation.
        expected("no process holds it any more; the kernel finishes it")
    } else {
        unknown("no process owns it")
    }
}

fn listener(case: &Case<'_>, process: &Process) -> Reason {
    if case.serves(process) {
        return expected(format!("{} is known for this port", process.name));
    }
    if case.is_side_door(process) {
        return expected(format!(
            "{} is known for another port; this one only this machine reaches",
            process.name
        ));
    }
    if is_told_by_rpcbind(process) {
        return expected(format!(
            "{} tells rpcbind which port it got, and callers ask there",
            process.name
        ));
    }
    match kind(process) {
        ProgramKind::Forwarder => {
            return expected(format!("{} listens here for another program", process.name));
        }
        ProgramKind::Tunnel => return tunnel(case, process),
        ProgramKind::Shell
        | ProgramKind::Interpreter
        | ProgramKind::Connector
        | ProgramKind::Ordinary => {}
    }
    if case.socket.protocol == Protocol::Udp
        && case.is_ephemeral()
        && (!kind(process).is_general_purpose() || packaged_script(process).is_some())
    {
        return expected("it waits for answers on a port the kernel gave it");
    }
    unknown(format!(
        "nothing is known about {} on this port",
        process.name
    ))
}

/// No port says what such a socket is for; only its program does.
fn portless(case: &Case<'_>, process: &Process) -> Reason {
    if case.socket.protocol == Protocol::Icmp {
        return expected("it can do nothing but ping");
    }
    if packet_capture::is_expected(process) {
        return expected(format!("{} is there to read packets", process.name));
    }
    unknown(format!(
        "{} reads packets as they come, past the ports",
        process.name
    ))
}

/// A tunnel is its user's own affair on this machine; what opens it to others should be set up.
fn tunnel(case: &Case<'_>, process: &Process) -> Reason {
    if case.exposure == Some(Exposure::Loopback) {
        expected(format!(
            "{} listens here for another program, on this machine alone",
            process.name
        ))
    } else if is_managed(process) {
        expected(format!(
            "{} was set up to listen here for another program",
            process.name
        ))
    } else {
        unknown(format!(
            "{} lets other machines reach another program through this port",
            process.name
        ))
    }
}

fn connection(case: &Case<'_>, process: &Process) -> Reason {
    if case.client {
        return expected("an ordinary client connection");
    }
    match case.listener {
        Some(Verdict::Expected) => expected("it came in through a listener that is expected"),
        // Words that are there already: there are thousands of connections.
        Some(Verdict::Notable) => unknown("it came in through a listener that is notable"),
        Some(Verdict::Unusual) => unknown("it came in through a listener that is unusual"),
        Some(Verdict::Suspicious) => unknown("it came in through a listener that is suspicious"),
        Some(Verdict::Unknown) => unknown("it came in through a listener that is unknown"),
        None if case.serves(process) => {
            expected(format!("{} is known for this port", process.name))
        }
        None if case.direction == Direction::Local => expected("both ends are on this machine"),
        None => unknown("the listener it came in through is gone"),
    }
}

/// A positive reason.
pub(super) fn expected(words: impl Into<Cow<'static, str>>) -> Reason {
    Reason {
        expected: true,
        words: Some(words.into()),
    }
}

fn unknown(words: impl Into<Cow<'static, str>>) -> Reason {
    Reason {
        expected: false,
        words: Some(words.into()),
    }
}
