//! `modified-package-file`: a packaged program is not what its package installed.

use super::case::{Case, advise, advise_command, describe, seen};
use crate::model::{Fact, Finding, Integrity, Severity};

pub(super) const ID: &str = "modified-package-file";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let mut processes = case.processes.iter().map(|process| &**process);
    let process = processes
        .find(|process| process.background.integrity == Fact::Known(Integrity::Modified))?;
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
