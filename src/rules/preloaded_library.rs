//! `preloaded-library`: the loader was told to add code to a program.

use super::case::{Case, advise, advise_command, describe, seen};
use crate::{
    model::{Background, Evidence, Fact, Finding, Process, Setting, Severity, Text, Unseen},
    registry::Registry,
};

pub(super) const ID: &str = "preloaded-library";

/// The variables that add code.
const ADDS_CODE: [&str; 2] = ["LD_PRELOAD", "LD_AUDIT"];
/// The variable that says where to look first for what is needed anyhow: of interest where anybody may put it.
const SEARCH_PATH: &str = "LD_LIBRARY_PATH";

/// Whether anything was added to `process`, or cannot be seen.
pub(super) fn concerns(_: &'static Registry, process: &Process) -> bool {
    severity(&process.background).is_some() || is_unseen(process)
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let mut processes = case.processes.iter().map(|process| &**process);
    let found = processes
        .clone()
        .filter_map(|process| Some((process, severity(&process.background)?)))
        // The first of the worst.
        .reduce(|worst, next| if next.1 > worst.1 { next } else { worst });
    match found {
        Some((process, severity)) => Some(finding(process, severity)),
        None => processes.find_map(unseen),
    }
}

fn added(background: &Background) -> impl Iterator<Item = &Setting> {
    let settings = background.loader.known().into_iter().flatten();
    settings.filter(|setting| {
        let is_open_path = setting.name == SEARCH_PATH && setting.shared_directory.is_some();
        is_open_path || ADDS_CODE.contains(&setting.name.as_str())
    })
}

fn everywhere(background: &Background) -> &[Text] {
    background
        .preloaded
        .known()
        .map_or(&[], |libraries| libraries)
}

fn severity(background: &Background) -> Option<Severity> {
    let anybody = |setting: &Setting| setting.shared_directory.is_some();
    let adds = |setting: &Setting| setting.name != SEARCH_PATH;
    let is_open = added(background).any(|setting| anybody(setting) && adds(setting));
    if is_open || !everywhere(background).is_empty() {
        Some(Severity::High)
    } else if added(background).any(anybody) {
        Some(Severity::Medium)
    } else {
        added(background).next().map(|_| Severity::Low)
    }
}

fn finding(process: &Process, severity: Severity) -> Finding {
    let background = &process.background;
    let mut evidence: Vec<Evidence> = added(background)
        .map(|setting| seen("environment", format!("{}={}", setting.name, setting.value)))
        .collect();
    let is_path = |setting: &&Setting| setting.name == SEARCH_PATH;
    let shared = added(background).find_map(|setting| setting.shared_directory.as_ref());
    let only_a_path = shared.is_some() && added(background).all(|setting| is_path(&setting));
    if let Some(directory) = shared {
        evidence.push(seen(
            "directory",
            format!("{directory} can be written by others"),
        ));
    }
    let everywhere = everywhere(background);
    if !everywhere.is_empty() {
        evidence.push(seen("/etc/ld.so.preload", everywhere.join(", ")));
    }
    evidence.extend(describe(process));
    let title = match (shared, everywhere.first()) {
        (Some(directory), _) if only_a_path => format!(
            "{} looks for its libraries in {directory}, where anybody may put files",
            process.name
        ),
        (Some(directory), _) => format!(
            "{} was started with a library from {directory}, where anybody may put files",
            process.name
        ),
        (None, Some(library)) => format!(
            "{library} is added to {} and to every program",
            process.name
        ),
        (None, None) => format!("{} was started with an additional library", process.name),
    };
    let pid = process.key.pid;
    Finding {
        rule: ID,
        severity,
        title,
        evidence,
        advice: vec![
            advise_command(
                "See which libraries it really has loaded, and which package owns each.",
                format!("sudo grep -o '/[^ ]*\\.so[^ ]*' /proc/{pid}/maps | sort -u"),
            ),
            advise(
                "An added library can hide files, processes and sockets from the tools that load it.",
            ),
        ],
    }
}

fn is_unseen(process: &Process) -> bool {
    matches!(
        process.background.loader,
        Fact::Unknown(Unseen::NotPermitted)
    )
}

/// Says that the environment of a process could not be read, so that nobody takes silence for an answer.
fn unseen(process: &Process) -> Option<Finding> {
    if !is_unseen(process) {
        return None;
    }
    let why = Unseen::NotPermitted.words();
    let mut evidence = vec![seen("environment", format!("could not be seen: {why}"))];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: Severity::Info,
        title: format!(
            "whether a library was added to {} could not be seen",
            process.name
        ),
        evidence,
        advice: vec![advise_command(
            "Look again as root.",
            format!("sudo portwise list pid:{}", process.key.pid),
        )],
    })
}
