//! `lookalike-port`: a listener one digit away from a famous number, where nothing worse was found.

use super::{
    case::{Case, advise, describe, seen},
    lookalike, obscure_port, unassigned_port,
};
use crate::model::{Finding, Severity, Tier};

pub(super) const ID: &str = "lookalike-port";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let (service, exposure) = case.chosen_listener()?;
    if matches!(service.tier, Tier::Common | Tier::Known) {
        return None;
    }
    // Those say it among their evidence.
    if obscure_port::is_about(service) || unassigned_port::is_about(service) {
        return None;
    }
    let sentence = lookalike::sentence(service.port)?;
    let process = case.owner()?;
    let (port, protocol) = (service.port, service.protocol.name());
    let mut evidence = vec![
        seen("looks like", sentence),
        seen(
            "bound to",
            format!("{} ({})", case.socket.local(), exposure.name()),
        ),
    ];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: Severity::Info,
        title: format!(
            "{} listens on {port}/{protocol}, easily taken for a famous port",
            process.name
        ),
        evidence,
        advice: vec![advise(
            "Look twice at the number when you read logs or firewall rules.",
        )],
    })
}
