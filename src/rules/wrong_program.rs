//! `wrong-program`: a well-known port is served by a program that is known for something else.

use super::case::{Case, advise, describe, kind, look_at, seen};
use crate::model::{Finding, Practice, Process, ProgramKind, Severity};

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

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let (service, exposure) = case.chosen_listener()?;
    let practice = service.practice?;
    let process = case.owner()?;
    let registry = case.machine.registry;
    if practice.programs.is_empty()
        || registry.serves(&process.name, service.port, service.protocol)
    {
        return None;
    }
    let sensitive = service.port < 1024 || SENSITIVE.contains(&practice.category);
    let known_for = registry.known_for(&process.name);
    if !is_out_of_place(process, known_for, sensitive) {
        return None;
    }
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
            format!("{} ({})", case.socket.local, exposure.name()),
        ),
    ];
    if let Some(known) = known_for {
        evidence.push(seen(
            "known for",
            format!("{} ({})", known.software, known.port),
        ));
    } else {
        evidence.push(seen(
            "known for",
            "nothing by itself: it runs what it is told",
        ));
    }
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: if sensitive {
            Severity::High
        } else {
            Severity::Medium
        },
        title: format!(
            "{} listens on {port}/{protocol}, the port of {}",
            process.name, practice.software
        ),
        evidence,
        advice: vec![
            advise(
                "Whoever connects here expects another program. Find out why this one took the port.",
            ),
            look_at(process),
        ],
    })
}

/// Whether the program has no business on a well-known port that it is not known for.
///
/// A program that nobody knows anything about is no finding: it may be this very service by another name.
fn is_out_of_place(process: &Process, known_for: Option<&Practice>, sensitive: bool) -> bool {
    match kind(process) {
        ProgramKind::Shell | ProgramKind::Connector => true,
        ProgramKind::Interpreter => sensitive,
        ProgramKind::Forwarder | ProgramKind::Tunnel => false,
        ProgramKind::Ordinary => {
            known_for.is_some_and(|known| sensitive || !ANYWHERE.contains(&known.category))
        }
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
