//! `denied-listener`: the policy denies a listener.

use super::{
    case::{Case, advise, advise_command, describe, seen},
    obscure_port::title,
};
use crate::model::{Finding, Severity};

pub(super) const ID: &str = "denied-listener";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let exposure = case.exposure?;
    let reason = case.machine.policy.denies(case)?;
    let port = case.socket.local().port;
    let mut evidence = vec![
        seen("policy", format!("denied: {reason}")),
        seen(
            "bound to",
            format!("{} ({})", case.socket.local(), exposure.name()),
        ),
    ];
    evidence.extend(case.owner().map(describe).unwrap_or_default());
    Some(Finding {
        rule: ID,
        severity: Severity::High,
        title: title(case, "which the policy denies"),
        evidence,
        advice: vec![
            advise(
                "Whoever wrote the policy does not want it here: turn it off for good where it is configured.",
            ),
            advise_command("End it now.", format!("portwise kill :{port}")),
        ],
    })
}
