//! `owner-changed`: a port that is known from before is now served by another program.

use super::case::{Case, advise, advise_command, describe, look_at, seen};
use crate::model::{Finding, Severity};

pub(super) const ID: &str = "owner-changed";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let exposure = case.exposure?;
    let former = case.port.former.as_ref()?;
    let process = case.owner()?;
    let (port, protocol) = (case.socket.local().port, case.socket.protocol.name());
    let mut evidence = vec![
        seen(
            "before",
            format!("{}, last seen {}", former.program, former.until),
        ),
        seen(
            "bound to",
            format!("{} ({})", case.socket.local(), exposure.name()),
        ),
    ];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: Severity::Medium,
        title: format!(
            "{port}/{protocol} is now served by {}; it was {}",
            process.name, former.program
        ),
        evidence,
        advice: vec![
            advise("Whoever connects here may still expect the program from before."),
            advise_command(
                "See what happened on this port.",
                format!("portwise history lport:{port}"),
            ),
            look_at(process),
        ],
    })
}
