//! `exposed-local-service`: a service meant for this machine can be reached from the network.

use super::case::{Case, advise, advise_command, describe, kind, seen};
use crate::model::{Exposure, Finding, ProgramKind, Reach, Severity};

pub(super) const ID: &str = "exposed-local-service";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let (service, exposure) = case.chosen_listener()?;
    let practice = service.practice?;
    if exposure == Exposure::Loopback || practice.reach == Reach::Anyone {
        return None;
    }
    // A number is no proof: only a program known for this port makes it that service.
    let process = case.owner()?;
    let serves = case
        .machine
        .registry
        .serves(&process.name, service.port, service.protocol);
    let forwards = matches!(kind(process), ProgramKind::Forwarder | ProgramKind::Tunnel);
    if !serves && !forwards {
        return None;
    }
    let by_itself = match (practice.reach, practice.authenticates) {
        (Reach::Trusted | Reach::Anyone, _) => Severity::Info,
        (Reach::Local, Some(false)) => Severity::High,
        (Reach::Local, Some(true) | None) => Severity::Medium,
    };
    let severity = if exposure == Exposure::AllInterfaces {
        by_itself
    } else {
        by_itself.lowered()
    };
    let whom = match practice.reach {
        Reach::Local => "this machine alone",
        Reach::Trusted | Reach::Anyone => "a network one trusts",
    };
    let mut evidence = vec![
        seen(
            "bound to",
            format!("{} ({})", case.socket.local, exposure.name()),
        ),
        seen("meant for", whom),
        seen(
            "asks for credentials by default",
            match practice.authenticates {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not known",
            },
        ),
    ];
    evidence.extend(describe(process));
    let port = service.port;
    Some(Finding {
        rule: ID,
        severity,
        title: format!(
            "{} ({port}/{}) can be reached through {}; it is meant for {whom}",
            practice.software,
            service.protocol.name(),
            match exposure {
                Exposure::AllInterfaces => "every interface",
                Exposure::Interface | Exposure::Loopback => "the network",
            }
        ),
        evidence,
        advice: vec![
            advise("Bind it to 127.0.0.1, or let a firewall decide who may come."),
            advise_command(
                "See whether a firewall already does.",
                "sudo nft list ruleset",
            ),
        ],
    })
}
