//! `obscure-port`: a listener on a registered port that no common software uses.

use super::{
    case::{
        Case, advise, advise_command, describe, is_managed, is_packaged, is_told_by_rpcbind,
        is_unexplained, look_at, seen,
    },
    lookalike, unauthorized_use,
};
use crate::model::{Advice, Declared, Evidence, Exposure, Finding, Service, Severity, Tier};

/// The most declarations to name.
const MOST_DECLARED: usize = 4;

pub(super) const ID: &str = "obscure-port";

/// Whether a listener that chose this port is spoken of.
pub(super) fn is_about(service: Service) -> bool {
    service.tier == Tier::Obscure
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let (service, exposure) = case.chosen_listener()?;
    if !is_about(service) {
        return None;
    }
    let name = service.name().unwrap_or("a use without a name");
    let mut evidence = vec![registered(service)];
    evidence.extend(around(case, exposure));
    let mut advice = vec![advise(format!(
        "Nothing common uses this port: {name} may own the number, and still something else listen on it. Find out what it is."
    ))];
    advice.extend(next_steps(case));
    Some(Finding {
        rule: ID,
        severity: severity(case, exposure),
        title: title(
            case,
            &format!("registered to {name}, which no common software uses"),
        ),
        evidence,
        advice,
    })
}

/// How bad a listener on a port that nothing explains is, by what is known about its program.
pub(super) fn severity(case: &Case<'_>, exposure: Exposure) -> Severity {
    let Some(process) = case.owner() else {
        // The number alone proves nothing (RULES.md, first law).
        return Severity::Low;
    };
    if case.is_side_door(process) || is_told_by_rpcbind(process) {
        Severity::Info
    } else if exposure == Exposure::Loopback
        || (is_managed(process) && is_packaged(process) == Some(true))
    {
        Severity::Low
    } else if exposure == Exposure::AllInterfaces && is_unexplained(process) {
        // That some software declares the port does not tell who took it.
        Severity::High
    } else if case.declared().any(Declared::is_use) {
        Severity::Low
    } else {
        Severity::Medium
    }
}

/// The sentence for a listener: who listens, and on what.
pub(super) fn title(case: &Case<'_>, what: &str) -> String {
    let port = case.socket.local().port;
    let protocol = case.socket.protocol.name();
    match case.owner() {
        Some(process) => format!("{} listens on {port}/{protocol}, {what}", process.name),
        None => format!("something listens on {port}/{protocol}, {what}"),
    }
}

/// What was seen of a listener and its program.
pub(super) fn around(case: &Case<'_>, exposure: Exposure) -> Vec<Evidence> {
    let mut evidence = vec![seen(
        "bound to",
        format!("{} ({})", case.socket.local(), exposure.name()),
    )];
    match case.owner() {
        Some(process) => evidence.extend(describe(process)),
        None => evidence.push(seen(
            "process",
            "not visible, so the program could not be judged",
        )),
    }
    evidence.extend(case.service.and_then(unauthorized_use::evidence));
    evidence.extend(declarations(case));
    if let Some(sentence) = lookalike::sentence(case.socket.local().port) {
        evidence.push(seen("looks like", sentence));
    }
    evidence
}

/// What this machine's own files say about the port, those that count first.
fn declarations(case: &Case<'_>) -> Vec<Evidence> {
    let mut declared: Vec<_> = case.declared().collect();
    declared.sort_by_key(|declared| !declared.is_use());
    declared
        .into_iter()
        .take(MOST_DECLARED)
        .map(|declared| seen("declared", declared.words()))
        .collect()
}

/// What to do about a listener nobody expects.
pub(super) fn next_steps(case: &Case<'_>) -> Vec<Advice> {
    let port = case.socket.local().port;
    let mut advice = vec![];
    if let Some(process) = case.owner() {
        advice.push(look_at(process));
    }
    advice.push(advise_command(
        "If it should not be there, end it.",
        format!("portwise kill :{port}"),
    ));
    advice
}

fn registered(service: Service) -> Evidence {
    let registration = service.registrations.first();
    let to = registration
        .map(|entry| entry.assignee)
        .filter(|who| !who.is_empty());
    let name = service.name().unwrap_or("a use without a name");
    seen(
        "registry",
        match to {
            Some(who) => format!("{name}, assigned to {who}"),
            None => format!("{name}, no assignee given"),
        },
    )
}
