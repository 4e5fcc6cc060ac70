//! `executable-in-temp`: a program runs from a directory where anybody may put files.

use super::case::{Case, advise, advise_command, describe, look_at, seen};
use crate::model::{Exposure, Finding, Process, Severity, Why};

pub(super) const ID: &str = "executable-in-temp";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let directory = |process: &Process| {
        let executable = process.executable.known()?;
        executable
            .shared_directory
            .clone()
            .filter(|_| !executable.memfd)
    };
    let found = case
        .processes
        .iter()
        .find_map(|process| Some((&**process, directory(process)?)));
    let Some((process, directory)) = found else {
        return case
            .processes
            .iter()
            .find_map(|process| of_script(case, process));
    };
    let own_experiment =
        case.exposure == Some(Exposure::Loopback) && is_of_the_person(case, process);
    let severity = if own_experiment {
        Severity::Medium
    } else {
        Severity::High
    };
    let mut evidence = describe(process);
    evidence.push(seen(
        "directory",
        format!("{directory} can be written by others"),
    ));
    Some(Finding {
        rule: ID,
        severity,
        title: format!(
            "{} runs from {directory}, where anybody may put files",
            process.name
        ),
        evidence,
        advice: vec![
            look_at(process),
            advise_command(
                "See what the file is.",
                format!("sudo sha256sum /proc/{}/exe", process.key.pid),
            ),
        ],
    })
}

/// An interpreter says nothing; the script that it runs lies where anybody may put files.
fn of_script(case: &Case<'_>, process: &Process) -> Option<Finding> {
    let script = process.background.script.known()?.as_ref()?;
    let directory = script.shared_directory.as_ref()?;
    // Installers and builds run much from there, and call out.
    let is_explained = !process.why().is_empty();
    let severity = match (case.exposure, is_explained) {
        (Some(Exposure::Loopback) | None, true) => Severity::Low,
        (Some(_), true) | (None, false) => Severity::Medium,
        (Some(_), false) => Severity::High,
    };
    let mut evidence = describe(process);
    evidence.push(seen(
        "directory",
        format!("{directory} can be written by others"),
    ));
    Some(Finding {
        rule: ID,
        severity,
        title: format!(
            "{} runs a script from {directory}, where anybody may put files",
            process.name
        ),
        evidence,
        advice: vec![
            look_at(process),
            advise("Read the script before it is gone, and see who wrote it."),
        ],
    })
}

/// Whether the process belongs to the person who looks, who started it at a terminal or in a login session.
fn is_of_the_person(case: &Case<'_>, process: &Process) -> bool {
    let interactive = process
        .why()
        .iter()
        .any(|why| matches!(why, Why::Terminal(_) | Why::Session(_)));
    interactive && process.uid.is_some() && process.uid == case.machine.user_uid
}
