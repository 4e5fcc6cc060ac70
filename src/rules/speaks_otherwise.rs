//! `speaks-otherwise`: a port answered in another protocol than the one it is named for.

use super::{
    case::{Case, advise, advise_command, describe, seen},
    past::Heard,
};
use crate::model::{Agreement, Answer, Finding, Service, Severity};

pub(super) const ID: &str = "speaks-otherwise";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    case.exposure?;
    let heard = case.port.heard.as_ref()?;
    let mut finding = finding(case.service?, heard)?;
    finding
        .evidence
        .extend(case.owner().into_iter().flat_map(describe));
    Some(finding)
}

/// What an answer of a port, of this machine or another one, is worth; `None` when it agrees or tells nothing.
pub fn of_answer(service: Service, answer: &Answer) -> Option<Finding> {
    finding(service, &heard(answer)?)
}

/// What an answer told; `None` when it was not recognised.
pub fn heard(answer: &Answer) -> Option<Heard> {
    Some(Heard {
        spoke: answer.spoke?,
        agreement: answer.agreement,
        greeting: answer.greeting.clone(),
    })
}

fn finding(service: Service, heard: &Heard) -> Option<Finding> {
    if heard.agreement != Agreement::Differs {
        return None;
    }
    let (port, protocol) = (service.port, service.protocol.name());
    let named = service.label()?;
    let mut evidence = vec![seen("spoke", heard.spoke), seen("named for", named)];
    if !heard.greeting.is_empty() {
        evidence.push(seen("greeting", heard.greeting.to_string()));
    }
    Some(Finding {
        rule: ID,
        severity: Severity::Medium,
        title: format!(
            "{port}/{protocol} speaks {}, and is named for {named}",
            heard.spoke
        ),
        evidence,
        advice: vec![
            advise(
                "Another service than the one expected answers here; firewall rules and monitoring go by the number.",
            ),
            advise_command("See who it is.", format!("sudo portwise list port:{port}")),
        ],
    })
}
