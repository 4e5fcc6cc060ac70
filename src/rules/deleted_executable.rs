//! `deleted-executable`: the file a program was started from is gone.

use super::case::{Case, advise, advise_command, describe, look_at, seen};
use crate::{
    model::{Finding, Process, Severity},
    registry::Registry,
};

pub(super) const ID: &str = "deleted-executable";

/// Whether the file of `process` is gone.
pub(super) fn concerns(_: &'static Registry, process: &Process) -> bool {
    let executable = process.executable.known();
    executable.is_some_and(|executable| executable.deleted && !executable.memfd)
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let mut owners = case.processes.iter().map(|process| &**process);
    let process = owners.find(|process| concerns(case.machine.registry, process))?;
    let executable = process.executable.known()?;
    let upgraded = executable.file_at_path && matches!(process.package.known(), Some(Some(_)));
    let mut evidence = describe(process);
    if executable.file_at_path {
        evidence.push(seen("now at that path", "another file"));
    }
    let (severity, title, mut advice) = if upgraded {
        (
            Severity::Low,
            format!(
                "{} still runs the version before a package upgrade",
                process.name
            ),
            vec![advise("Restart it, so that it runs the new version.")],
        )
    } else {
        (
            Severity::High,
            format!(
                "{} runs a file that was deleted after it started",
                process.name
            ),
            vec![advise_command(
                "Keep a copy of the file for analysis before you end the process.",
                format!(
                    "sudo cp /proc/{pid}/exe deleted-{pid}.bin",
                    pid = process.key.pid
                ),
            )],
        )
    };
    advice.push(look_at(process));
    Some(Finding {
        rule: ID,
        severity,
        title,
        evidence,
        advice,
    })
}
