//! `untracked-listener`: the policy does not expect a listener, and says what it expects.

use super::{
    case::{Case, advise, advise_command, describe, kind, seen},
    obscure_port::title,
    policy::Stance,
};
use crate::model::{Exposure, Finding, Protocol, Severity};

pub(super) const ID: &str = "untracked-listener";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let exposure = case.exposure?;
    // What has no ports waits for nobody who would choose one.
    case.socket.protocol.transport()?;
    let policy = &case.machine.policy;
    let instead = policy.expects_instead(case);
    if !policy.strict && instead.is_none() || policy.stance(case) != Stance::NotExpected {
        return None;
    }
    let severity = if !policy.strict {
        Severity::Low
    } else if waits_for_answers(case) {
        Severity::Info
    } else {
        Severity::Medium
    };
    let mut evidence = vec![match &instead {
        Some(program) => seen("policy", format!("expects {program} on this port")),
        None => seen("policy", "strict, and no entry expects this listener"),
    }];
    evidence.push(seen(
        "bound to",
        format!("{} ({})", case.socket.local(), exposure.name()),
    ));
    evidence.extend(case.owner().map(describe).unwrap_or_default());
    let what = match &instead {
        Some(program) => format!("where the policy expects {program}"),
        None => "which the policy does not expect".to_owned(),
    };
    Some(Finding {
        rule: ID,
        severity,
        title: title(case, &what),
        evidence,
        advice: advice(case, exposure),
    })
}

/// Whether it is a datagram socket that its program was given a port for, as every client is.
fn waits_for_answers(case: &Case<'_>) -> bool {
    let general = case
        .owner()
        .is_some_and(|process| kind(process).is_general_purpose());
    case.socket.protocol == Protocol::Udp && case.is_ephemeral() && !general
}

fn advice(case: &Case<'_>, exposure: Exposure) -> Vec<crate::model::Advice> {
    let port = case.socket.local().port;
    let protocol = case.socket.protocol.name();
    let reach = match exposure {
        Exposure::Loopback => "this machine",
        Exposure::Interface | Exposure::AllInterfaces => "the network",
    };
    vec![
        advise(format!(
            "It can be reached from {reach}. Find out who started it and why."
        )),
        advise_command(
            "If it is right, write it into the policy.",
            format!(
                "portwise learn '{protocol} lport:{port} state:{}'",
                case.socket.state.name()
            ),
        ),
    ]
}
