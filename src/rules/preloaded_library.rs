//! `preloaded-library`: the loader or the interpreter was told to add code to a program.

use super::case::{Case, advise, advise_command, describe, seen};
use crate::{
    model::{
        Background, Evidence, Fact, Finding, Gives, Process, Setting, Severity, Text, Unseen,
        Variable,
    },
    registry::Registry,
};

pub(super) const ID: &str = "preloaded-library";

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

/// What was added, with what gave it. Places count where anybody may put code.
fn added(background: &Background) -> impl Iterator<Item = (&Setting, &'static Variable)> {
    let settings = background.loader.known().into_iter().flatten();
    settings.filter_map(|setting| {
        let variable = Variable::named(&setting.name)?;
        let is_open = setting.shared_directory.is_some();
        // Options of an interpreter may be anything: those that name no such place add nothing.
        let always = variable.gives == Gives::Code && variable.heeded_by.is_none();
        (always || is_open).then_some((setting, variable))
    })
}

fn everywhere(background: &Background) -> &[Text] {
    background
        .preloaded
        .known()
        .map_or(&[], |libraries| libraries)
}

fn severity(background: &Background) -> Option<Severity> {
    let each = added(background).map(|(setting, variable)| {
        match (variable.gives, &setting.shared_directory) {
            (Gives::Code, Some(_)) => Severity::High,
            (Gives::Places, Some(_)) => Severity::Medium,
            (_, None) => Severity::Low,
        }
    });
    let everywhere = everywhere(background).first().map(|_| Severity::High);
    each.chain(everywhere).max()
}

fn finding(process: &Process, severity: Severity) -> Finding {
    let background = &process.background;
    let mut evidence: Vec<Evidence> = added(background)
        .map(|(setting, _)| seen("environment", format!("{}={}", setting.name, setting.value)))
        .collect();
    let open = added(background).find(|(setting, _)| setting.shared_directory.is_some());
    let shared = open.and_then(|(setting, _)| setting.shared_directory.as_ref());
    let only_places = added(background).all(|(_, variable)| variable.gives == Gives::Places);
    let is_loader = open.is_none_or(|(_, variable)| variable.heeded_by.is_none());
    let [code, its_code] = if is_loader {
        ["a library", "its libraries"]
    } else {
        ["code", "its code"]
    };
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
        (Some(directory), _) if only_places => format!(
            "{} looks for {its_code} in {directory}, where anybody may put files",
            process.name
        ),
        (Some(directory), _) => format!(
            "{} was started with {code} from {directory}, where anybody may put files",
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
