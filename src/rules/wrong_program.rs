//! `wrong-program`: a well-known port is served by a program that is known for something else.

use super::case::{Case, advise, describe, is_believable, is_unexplained, kind, look_at, seen};
use crate::model::{Exposure, Fact, Finding, Practice, Process, ProgramKind, Severity};

pub(super) const ID: &str = "wrong-program";

/// Categories where a stranger on the port is worse: people send credentials there.
const SENSITIVE: &[&str] = &[
    "remote-access",
    "database",
    "mail",
    "directory",
    "file-sharing",
];

/// Categories whose programs listen on any port they are told: a proxy on 9000 is nothing wrong.
const ANYWHERE: &[&str] = &["web", "proxy", "development", "ai"];

/// What is wrong with a program on a port.
enum Wrong {
    /// It is known for something else.
    KnownFor(&'static Practice),
    /// It says nothing by itself.
    GeneralPurpose,
    /// It is called like the right one, and nothing stands behind the file.
    OnlyTheName,
    /// Nobody knows it, and nothing stands behind the file.
    Nobody,
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let (service, exposure) = case.chosen_listener()?;
    let practice = service.practice?;
    let process = case.owner()?;
    if practice.programs.is_empty() || case.serves(process) {
        return None;
    }
    let sensitive = service.port < 1024 || SENSITIVE.contains(&practice.category);
    let wrong = wrong(case, process, sensitive)?;
    let severity = severity(case, process, &wrong, sensitive)?;
    let port = service.port;
    let protocol = service.protocol.name();
    let mut evidence = vec![
        seen(
            "port",
            format!("{port}/{protocol} is {} in practice", practice.software),
        ),
        seen("usual programs", practice.programs.join(", ")),
        seen(
            "bound to",
            format!("{} ({})", case.socket.local(), exposure.name()),
        ),
        seen("known for", wrong.words()),
    ];
    evidence.extend(describe(process));
    let name = &process.name;
    let title = match wrong {
        Wrong::OnlyTheName => format!(
            "{name} listens on {port}/{protocol}, but no package, unit or container brought that file"
        ),
        Wrong::KnownFor(_) | Wrong::GeneralPurpose | Wrong::Nobody => format!(
            "{name} listens on {port}/{protocol}, the port of {}",
            practice.software
        ),
    };
    Some(Finding {
        rule: ID,
        severity,
        title,
        evidence,
        advice: vec![
            advise(
                "Whoever connects here expects another program. Find out why this one took the port.",
            ),
            look_at(process),
        ],
    })
}

impl Wrong {
    fn words(&self) -> String {
        match self {
            Self::KnownFor(practice) => format!("{} ({})", practice.software, practice.port),
            Self::GeneralPurpose => "nothing by itself: it runs what it is told".to_owned(),
            Self::OnlyTheName => "this port, by its name; anybody can call a file so".to_owned(),
            Self::Nobody => "nothing".to_owned(),
        }
    }
}

/// What is wrong, when anything is.
///
/// A packaged program that nobody knows anything about is no finding: it may be this very service by
/// another name.
fn wrong(case: &Case<'_>, process: &Process, sensitive: bool) -> Option<Wrong> {
    let registry = case.machine.registry;
    let local = case.socket.local();
    match kind(process) {
        ProgramKind::Shell | ProgramKind::Connector => Some(Wrong::GeneralPurpose),
        ProgramKind::Interpreter => {
            let told = is_open_and_unexplained(case, process)
                && service_category(case).is_some_and(|category| !ANYWHERE.contains(&category));
            (sensitive || told).then_some(Wrong::GeneralPurpose)
        }
        ProgramKind::Forwarder | ProgramKind::Tunnel => None,
        ProgramKind::Ordinary => {
            if registry.serves(&process.name, local.port, case.socket.protocol) {
                return Some(Wrong::OnlyTheName);
            }
            match registry.known_for(&process.name) {
                Some(known) if sensitive || !ANYWHERE.contains(&known.category) => {
                    Some(Wrong::KnownFor(known))
                }
                Some(_) => None,
                None => (!is_believable(process)).then_some(Wrong::Nobody),
            }
        }
    }
}

fn service_category(case: &Case<'_>) -> Option<&'static str> {
    let practice = case.service?.practice?;
    Some(practice.category)
}

/// Whether everybody reaches it, and nothing says why it runs.
fn is_open_and_unexplained(case: &Case<'_>, process: &Process) -> bool {
    case.exposure == Some(Exposure::AllInterfaces) && is_unexplained(process)
}

fn severity(
    case: &Case<'_>,
    process: &Process,
    wrong: &Wrong,
    sensitive: bool,
) -> Option<Severity> {
    let by_itself = if sensitive {
        Severity::High
    } else {
        Severity::Medium
    };
    let here = case.exposure == Some(Exposure::Loopback);
    let at_terminal = matches!(process.terminal, Fact::Known(Some(_)));
    match wrong {
        Wrong::KnownFor(_) | Wrong::GeneralPurpose => Some(by_itself),
        // A database out of a build folder, tried by its developer.
        Wrong::OnlyTheName if here && at_terminal && process.uid != Some(0) => {
            sensitive.then_some(by_itself.lowered())
        }
        Wrong::OnlyTheName => (sensitive || !here && !at_terminal).then_some(by_itself),
        Wrong::Nobody if sensitive => (!here && !at_terminal).then_some(by_itself.lowered()),
        // A program of one's own on a port that many use: it is only written down.
        Wrong::Nobody => is_open_and_unexplained(case, process).then_some(Severity::Low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[test]
    fn every_category_it_names_is_one_that_ports_have() {
        let practices = Registry::bundled().practices();
        for category in SENSITIVE.iter().chain(ANYWHERE) {
            assert!(
                practices
                    .iter()
                    .any(|practice| practice.category == *category),
                "{category}"
            );
        }
    }
}
