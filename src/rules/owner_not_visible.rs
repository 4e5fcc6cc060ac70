//! `owner-not-visible`: the owner of a socket needs more privilege to be seen.

use super::case::{Case, advise, advise_command, seen};
use crate::model::{Finding, Protocol, Severity};

pub(super) const ID: &str = "owner-not-visible";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    if !case.processes.is_empty()
        || !case.socket.state.can_have_owner()
        || case.socket.protocol == Protocol::Unix
        || case.machine.sees_every_owner()
    {
        return None;
    }
    let mut evidence = vec![match case.machine.euid {
        Some(euid) => seen("looked as", format!("user id {euid}")),
        None => seen("looked as", "this user"),
    }];
    if let Some(uid) = case.socket.uid() {
        evidence.push(seen("socket made by", format!("user id {uid}")));
    }
    if case.machine.unreadable_processes > 0 {
        let count = case.machine.unreadable_processes;
        evidence.push(seen("processes not readable", count.to_string()));
    }
    let advice = if case.machine.euid == Some(0) {
        advise(
            "Even root may not look into every process here: a container or a security module keeps it out.",
        )
    } else {
        let which = match case.socket.port() {
            Some(port) => format!("port:{port}"),
            None => format!("proto:{}", case.socket.protocol.name()),
        };
        advise_command("Look again as root.", format!("sudo portwise list {which}"))
    };
    Some(Finding {
        rule: ID,
        severity: Severity::Info,
        title: "its owner is not visible".into(),
        evidence,
        advice: vec![advice],
    })
}
