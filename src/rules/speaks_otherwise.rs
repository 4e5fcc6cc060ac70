//! `speaks-otherwise`: a port answered in another protocol than the one it is named for.

use super::case::{Case, advise, advise_command, describe, seen};
use crate::model::{Agreement, Answer, Finding, Service, Severity};

pub(super) const ID: &str = "speaks-otherwise";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    case.exposure?;
    let heard = case.port.heard.as_ref()?;
    // Another program may listen on another address of the same port.
    let owner = case
        .owner()
        .filter(|owner| *owner.program() == heard.program)?;
    let mut finding = finding(
        case.service?,
        &heard.spoke,
        &heard.greeting,
        heard.agreement,
    )?;
    let at = heard.at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    finding.evidence.push(seen("asked", at));
    finding.evidence.extend(describe(owner));
    let port = case.socket.local().port;
    finding.advice.push(advise_command(
        "Ask it again: what it answers now is what counts from then on.",
        format!("portwise probe :{port}"),
    ));
    Some(finding)
}

/// What an answer of a port, of this machine or another one, is worth; `None` when it agrees or tells nothing.
pub fn of_answer(service: Service, answer: &Answer) -> Option<Finding> {
    finding(service, answer.spoke?, &answer.greeting, answer.agreement)
}

fn finding(service: Service, spoke: &str, greeting: &str, agreement: Agreement) -> Option<Finding> {
    if agreement != Agreement::Differs {
        return None;
    }
    let (port, protocol) = (service.port, service.protocol.name());
    let named = service.label()?;
    let mut evidence = vec![seen("spoke", spoke), seen("named for", named)];
    if !greeting.is_empty() {
        evidence.push(seen("greeting", greeting));
    }
    Some(Finding {
        rule: ID,
        severity: Severity::Medium,
        title: format!("{port}/{protocol} speaks {spoke}, and is named for {named}"),
        evidence,
        advice: vec![
            advise(
                "Another service than the one expected answers here; firewall rules and monitoring go by the number.",
            ),
            advise_command("See who it is.", format!("sudo portwise list port:{port}")),
        ],
    })
}
