//! `cleartext-service`: a service that takes passwords readable on the wire.

use super::case::{Case, advise, advise_command, describe, kind, seen};
use crate::model::{Exposure, Finding, ProgramKind, Severity};

pub(super) const ID: &str = "cleartext-service";

/// Services whose protocol has no way to protect a password, or whose programs offer none unless told to,
/// with what replaces them.
const READABLE: &[(&str, &str)] = &[
    ("telnet", "SSH"),
    (
        "ftp",
        "SFTP, which SSH brings along, or FTP that insists on TLS",
    ),
    ("exec", "SSH"),
    ("login", "SSH"),
    ("shell", "SSH"),
    ("rsh-spx", "SSH"),
    ("xdmcp", "SSH"),
];

/// Mail stores that know no TLS. The others offer STARTTLS on the same port, which a number cannot tell.
const WITHOUT_TLS: &[&str] = &["popa3d", "solid-pop3d", "qpopper", "ipopd", "in.pop3d"];

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let (service, exposure) = case.chosen_listener()?;
    let practice = service.practice?;
    if exposure == Exposure::Loopback || !practice.cleartext {
        return None;
    }
    let process = case.owner()?;
    // A number is no proof: only a program known for this port makes it that service.
    let serves = case.serves(process) && !case.is_of_other_transport(process);
    if !serves && kind(process) != ProgramKind::Forwarder {
        return None;
    }
    let names = service.registrations.iter().map(|line| line.name);
    let mut names = names.chain([practice.name]);
    let instead = names
        .find_map(|name| READABLE.iter().find(|(readable, _)| *readable == name))
        .map(|(_, instead)| *instead)
        .or_else(|| {
            WITHOUT_TLS
                .contains(&process.name.as_str())
                .then_some("a mail server that offers TLS")
        })?;
    let (port, protocol) = (service.port, service.protocol.name());
    let mut evidence = vec![
        seen(
            "bound to",
            format!("{} ({})", case.socket.local(), exposure.name()),
        ),
        seen(
            "protocol",
            format!("{} sends passwords readable", practice.software),
        ),
    ];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: Severity::Medium,
        title: format!(
            "{} ({port}/{protocol}) takes passwords that anybody on the way can read",
            practice.software
        ),
        evidence,
        advice: vec![
            advise(format!(
                "Replace it with {instead}, or bind it to 127.0.0.1."
            )),
            advise_command(
                "See who is connected now.",
                format!("portwise list lport:{port} state:established"),
            ),
        ],
    })
}
