//! `modified-package-file`: a packaged program is not what its package installed.

use super::case::{Case, advise, advise_command, describe, seen};
use crate::{
    model::{Fact, Finding, Integrity, Process, Severity},
    registry::Registry,
};

pub(super) const ID: &str = "modified-package-file";

/// Whether the file of `process` is another than its package brought.
pub(super) fn concerns(_: &'static Registry, process: &Process) -> bool {
    process.background.integrity == Fact::Known(Integrity::Modified)
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let mut owners = case.processes.iter().map(|process| &**process);
    let process = owners.find(|process| concerns(case.machine.registry, process))?;
    let package = process.package.known()?.as_ref()?;
    let executable = process.executable.known()?;
    let mut evidence = vec![seen("file", Integrity::Modified.words())];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: Severity::High,
        title: format!(
            "{} is not the file that the package {package} installed",
            executable.path
        ),
        evidence,
        advice: vec![
            advise_command(
                "Compare it yourself.",
                format!(
                    "dpkg --verify {package} || rpm -V {package} || apk audit || pacman -Qkk {package}"
                ),
            ),
            advise(
                "Keep a copy of the file before you install the package again; then change the passwords it has seen.",
            ),
        ],
    })
}
