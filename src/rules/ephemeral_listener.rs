//! `ephemeral-listener`: a listener on a port that this machine's kernel hands out by itself.

use super::case::{Case, advise, describe, is_managed, kind, seen};
use crate::model::{Exposure, Finding, Severity, State};

pub(super) const ID: &str = "ephemeral-listener";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let range = case.machine.ephemeral_ports?;
    if case.socket.state != State::Listen || !case.is_ephemeral() {
        return None;
    }
    let process = case.owner()?;
    if case.serves(process) {
        return None;
    }
    let exposure = case.exposure?;
    let low = exposure == Exposure::AllInterfaces
        && kind(process).is_general_purpose()
        && !is_managed(process);
    let mut evidence = vec![
        seen(
            "bound to",
            format!("{} ({})", case.socket.local(), exposure.name()),
        ),
        seen(
            "kernel's own range",
            format!("{}-{}", range.first, range.last),
        ),
    ];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: if low { Severity::Low } else { Severity::Info },
        title: format!(
            "{} listens on {}, which lies in the range the kernel hands out",
            process.name,
            case.socket.local().port
        ),
        evidence,
        advice: vec![advise(
            "The number was probably given by chance and means nothing; judge it by its program.",
        )],
    })
}
