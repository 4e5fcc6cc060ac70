//! `hidden-owner`: root looked, and no process owns a listener.

use super::case::{Case, advise, advise_command, seen};
use crate::model::{Finding, Severity};

pub(super) const ID: &str = "hidden-owner";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let exposure = case.exposure?;
    if !case.socket.protocol.has_ports() {
        return None;
    }
    if !case.processes.is_empty() || !case.machine.sees_every_owner() {
        return None;
    }
    let port = case.socket.local().port;
    let protocol = case.socket.protocol.name();
    let kernel = case
        .service
        .and_then(|service| service.practice)
        .filter(|practice| practice.kernel);
    let bound = seen(
        "bound to",
        format!("{} ({})", case.socket.local(), exposure.name()),
    );
    let nobody = seen("owner", "no process holds it, and every one was looked at");
    if let Some(practice) = kernel {
        return Some(Finding {
            rule: ID,
            severity: Severity::Info,
            title: format!(
                "{} on {port}/{protocol} is served by the kernel itself",
                practice.software
            ),
            evidence: vec![bound, nobody],
            advice: vec![advise(
                "A kernel service has no process; stop it with its own tool.",
            )],
        });
    }
    Some(Finding {
        rule: ID,
        severity: Severity::Medium,
        title: format!("no process owns the listener on {port}/{protocol}"),
        evidence: vec![bound, nobody],
        advice: vec![
            advise(
                "It belongs to the kernel, to a process outside this container, or something hides it.",
            ),
            advise_command("See which kernel modules could listen.", "lsmod"),
        ],
    })
}
