//! `exposed-local-service`: a service meant for this machine can be reached from the network.

use super::case::{Case, advise, advise_command, describe, kind, seen};
use crate::model::{Exposure, Finding, Practice, ProgramKind, Reach, Severity};

pub(super) const ID: &str = "exposed-local-service";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let (service, exposure) = case.chosen_listener()?;
    let practice = service.practice?;
    if exposure == Exposure::Loopback || practice.reach == Reach::Anyone {
        return None;
    }
    let Some(process) = case.owner() else {
        return not_visible(case, practice);
    };
    let forwards = matches!(kind(process), ProgramKind::Forwarder | ProgramKind::Tunnel);
    // A number is no proof. A program known for this port makes it that service; one that says nothing by
    // itself, on a port that asks nobody for a password, is taken for it.
    let open_by_default = practice.reach == Reach::Local && practice.authenticates == Some(false);
    let may_be_it = open_by_default && kind(process).is_general_purpose();
    if case.is_of_other_transport(process) || !case.serves(process) && !forwards && !may_be_it {
        return None;
    }
    let by_itself = match (practice.reach, practice.authenticates) {
        (Reach::Trusted | Reach::Anyone, _) => Severity::Info,
        (Reach::Local, Some(false)) => Severity::High,
        (Reach::Local, Some(true) | None) => Severity::Medium,
    };
    // A container's interfaces lead to its own network; what of it is published, is published on purpose.
    let severity = if exposure == Exposure::AllInterfaces && !case.socket.is_elsewhere() {
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
            format!("{} ({})", case.socket.local(), exposure.name()),
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

/// Says that the program on such a port could not be judged, so that silence is not taken for "fine".
fn not_visible(case: &Case<'_>, practice: &Practice) -> Option<Finding> {
    if practice.reach != Reach::Local || practice.kernel || case.machine.sees_every_owner() {
        return None;
    }
    let (port, protocol) = (case.socket.local().port, case.socket.protocol.name());
    Some(Finding {
        rule: ID,
        severity: Severity::Info,
        title: format!(
            "{port}/{protocol} is {} in practice and can be reached from the network; whether it is that could not be seen",
            practice.software
        ),
        evidence: vec![
            seen("bound to", case.socket.local().to_string()),
            seen("process", "not visible, so the program could not be judged"),
        ],
        advice: vec![advise_command(
            "Look again as root.",
            format!("sudo portwise check port:{port}"),
        )],
    })
}
