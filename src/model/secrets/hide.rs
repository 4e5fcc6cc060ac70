//! Hides secrets in what is known of processes and sockets, for what is made to be passed on.

use super::{masked_arguments, masked_words};
use crate::model::{Fact, Finding, Process, Socket};
use std::sync::Arc;

/// Hides what is secret in the arguments of a process.
pub fn hide_in_process(process: &mut Process) {
    if let Fact::Known(arguments) = &mut process.cmdline {
        *arguments = masked_arguments(arguments);
    }
}

/// Hides what is secret in what is said of a socket: in its owners' arguments, and in what was seen of them.
pub fn hide_in_socket(socket: &mut Socket) {
    for owner in socket.processes.as_mut_slice() {
        let arguments = owner.cmdline.known();
        if arguments.is_some_and(|arguments| masked_arguments(arguments) != **arguments) {
            hide_in_process(Arc::make_mut(owner));
        }
    }
    let has_secret = |finding: &Finding| {
        let mut evidence = finding.evidence.iter();
        masked_words(&finding.title).is_some()
            || evidence.any(|one| masked_words(&one.value).is_some())
    };
    if socket.assessment.findings.iter().any(has_secret) {
        let assessment = Arc::make_mut(&mut socket.assessment);
        for finding in &mut assessment.findings {
            hide_in_finding(finding);
        }
    }
}

fn hide_in_finding(finding: &mut Finding) {
    if let Some(title) = masked_words(&finding.title) {
        finding.title = title;
    }
    for evidence in &mut finding.evidence {
        if let Some(value) = masked_words(&evidence.value) {
            evidence.value = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Evidence, Severity, Text, fixture::listener};

    #[test]
    fn neither_owners_nor_findings_tell_a_password() {
        let socket = listener(5432).owned_by("psql", 7);
        let mut socket = socket.finding("obscure-port", Severity::Medium).build();
        let owner = Arc::make_mut(&mut socket.processes.as_mut_slice()[0]);
        owner.cmdline = Fact::Known(vec![
            Text::from("psql"),
            Text::from("postgres://u:hunter2@h"),
        ]);
        let assessment = Arc::make_mut(&mut socket.assessment);
        assessment.findings[0].evidence.push(Evidence {
            what: "command",
            value: "psql --password hunter2".to_owned(),
        });
        hide_in_socket(&mut socket);
        let told = format!("{:?} {:?}", socket.processes, socket.assessment);
        assert!(!told.contains("hunter2"), "{told}");
        assert!(told.contains("postgres://u:***@h"), "{told}");
    }
}
