//! `memfd-executable`: a program runs from an anonymous memory file.

use super::case::{Case, advise_command, describe, look_at};
use crate::model::{Finding, Severity};

pub(super) const ID: &str = "memfd-executable";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let mut owners = case.processes.iter().map(|process| &**process);
    let process = owners.find(|process| {
        process
            .executable
            .known()
            .is_some_and(|executable| executable.memfd)
    })?;
    let pid = process.key.pid;
    Some(Finding {
        rule: ID,
        severity: Severity::Critical,
        title: format!(
            "{} runs from memory; no file on disk holds it",
            process.name
        ),
        evidence: describe(process),
        advice: vec![
            advise_command(
                "Keep a copy for analysis before you end the process.",
                format!("sudo cp /proc/{pid}/exe memfd-{pid}.bin"),
            ),
            look_at(process),
        ],
    })
}
