//! `executable-in-temp`: a program runs from a directory where anybody may put files.

use super::case::{Case, advise, advise_command, describe, look_at, seen};
use crate::{
    model::{Advice, Exposure, Finding, Process, Severity, Text, Why},
    registry::Registry,
};

pub(super) const ID: &str = "executable-in-temp";

/// Whether `process` runs a file, or a script, from a place where anybody may put one.
pub(super) fn concerns(_: &'static Registry, process: &Process) -> bool {
    of_file(process).is_some() || of_script(process).is_some()
}

/// Where anybody may put files and the executable lies.
fn of_file(process: &Process) -> Option<&Text> {
    let executable = process.executable.known()?;
    let directory = executable.shared_directory.as_ref();
    directory.filter(|_| !executable.memfd)
}

/// Where anybody may put files and the script lies that it runs.
fn of_script(process: &Process) -> Option<&Text> {
    let script = process.background.script.known()?.as_ref()?;
    script.shared_directory.as_ref()
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let found = case
        .processes
        .iter()
        .find_map(|process| Some((&**process, of_file(process)?)));
    let Some((process, directory)) = found else {
        return case
            .processes
            .iter()
            .find_map(|process| script(case, process));
    };
    let own_experiment =
        case.exposure == Some(Exposure::Loopback) && is_of_the_person(case, process);
    let severity = if own_experiment {
        Severity::Medium
    } else {
        Severity::High
    };
    let see = advise_command(
        "See what the file is.",
        format!("sudo sha256sum /proc/{}/exe", process.key.pid),
    );
    Some(finding(process, severity, ("runs", directory), see))
}

/// What is said of something that `runs` from `directory`.
fn finding(
    process: &Process,
    severity: Severity,
    (runs, directory): (&str, &Text),
    see: Advice,
) -> Finding {
    let mut evidence = describe(process);
    evidence.push(seen(
        "directory",
        format!("{directory} can be written by others"),
    ));
    Finding {
        rule: ID,
        severity,
        title: format!(
            "{} {runs} from {directory}, where anybody may put files",
            process.name
        ),
        evidence,
        advice: vec![look_at(process), see],
    }
}

/// An interpreter says nothing; the script that it runs lies where anybody may put files.
fn script(case: &Case<'_>, process: &Process) -> Option<Finding> {
    let directory = of_script(process)?;
    // Installers and builds run much from there, and call out.
    let is_explained = !process.why().is_empty();
    let severity = match (case.exposure, is_explained) {
        (Some(Exposure::Loopback) | None, true) => Severity::Low,
        (Some(_), true) | (None, false) => Severity::Medium,
        (Some(_), false) => Severity::High,
    };
    let see = advise("Read the script before it is gone, and see who wrote it.");
    Some(finding(
        process,
        severity,
        ("runs a script", directory),
        see,
    ))
}

/// Whether the process belongs to the person who looks, who started it at a terminal or in a login session.
fn is_of_the_person(case: &Case<'_>, process: &Process) -> bool {
    let interactive = process
        .why()
        .iter()
        .any(|why| matches!(why, Why::Terminal(_) | Why::Session(_)));
    interactive && process.uid.is_some() && process.uid == case.machine.user_uid
}
