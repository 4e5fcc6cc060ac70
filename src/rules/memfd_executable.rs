//! `memfd-executable`: a program runs from an anonymous memory file.

use super::case::{Case, advise_command, describe, look_at};
use crate::{
    model::{Finding, Process, Severity},
    registry::Registry,
};

pub(super) const ID: &str = "memfd-executable";

/// Whether `process` runs from memory.
pub(super) fn concerns(_: &'static Registry, process: &Process) -> bool {
    let executable = process.executable.known();
    executable.is_some_and(|executable| executable.memfd)
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let mut owners = case.processes.iter().map(|process| &**process);
    let process = owners.find(|process| concerns(case.machine.registry, process))?;
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
