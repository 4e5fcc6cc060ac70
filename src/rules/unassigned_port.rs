//! `unassigned-port`: a listener on a port that the registry assigns to nobody.

use super::{
    case::{Case, advise, seen},
    obscure_port::{around, next_steps, severity, title},
};
use crate::model::{Finding, Service, Status, Tier};

pub(super) const ID: &str = "unassigned-port";

/// Whether a listener that chose this port is spoken of.
pub(super) fn is_about(service: Service) -> bool {
    matches!(service.tier, Tier::Unassigned | Tier::Dynamic)
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let (service, exposure) = case.chosen_listener()?;
    if !is_about(service) {
        return None;
    }
    let (what, registry) = match service.status {
        Status::Reserved => ("which the registry keeps in reserve", "reserved"),
        Status::Dynamic => (
            "which is never assigned to anybody",
            "dynamic range, never assigned",
        ),
        Status::Unassigned | Status::Assigned => ("which is assigned to nobody", "unassigned"),
    };
    let mut evidence = vec![seen("registry", registry)];
    evidence.extend(around(case, exposure));
    let mut advice = vec![advise(
        "No software is known to use this port. Find out what chose it, and write it down if it is yours.",
    )];
    advice.extend(next_steps(case));
    Some(Finding {
        rule: ID,
        severity: severity(case, exposure).lowered(),
        title: title(case, what),
        evidence,
        advice,
    })
}
