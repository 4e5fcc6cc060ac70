//! Merges the findings of one program into one story.

use crate::model::{Finding, Socket, Story, Verdict};
use std::{collections::BTreeMap, sync::Arc};

/// Tells the stories of `sockets`, worst first. Sockets without findings are in none.
pub fn stories<'a>(sockets: impl IntoIterator<Item = &'a Arc<Socket>>) -> Vec<Story<'a>> {
    let sockets = sockets.into_iter();
    let mut by_program: BTreeMap<Option<&str>, Vec<&Socket>> = BTreeMap::new();
    for socket in sockets.filter(|socket| !socket.assessment.findings.is_empty()) {
        by_program.entry(program(socket)).or_default().push(socket);
    }
    let mut stories: Vec<_> = by_program
        .into_iter()
        .map(|(program, sockets)| tell(program, sockets))
        .collect();
    stories.sort_by_key(|story| std::cmp::Reverse(story.verdict));
    stories
}

/// What tells the program of a socket: its path, or its name where that is not known; `None` without an owner.
pub fn program(socket: &Socket) -> Option<&str> {
    socket.owner().map(|process| process.program().as_str())
}

fn tell<'a>(program: Option<&'a str>, sockets: Vec<&'a Socket>) -> Story<'a> {
    let verdicts = sockets.iter().map(|socket| socket.assessment.verdict);
    let verdict = verdicts.max().unwrap_or(Verdict::Unknown);
    Story {
        program,
        verdict,
        findings: findings(&sockets),
        sockets,
    }
}

/// What was found about these sockets: of each rule the worst, the worst first.
pub fn findings<'a>(sockets: &[&'a Socket]) -> Vec<&'a Finding> {
    let mut worst: BTreeMap<&str, &Finding> = BTreeMap::new();
    for finding in sockets
        .iter()
        .flat_map(|socket| &socket.assessment.findings)
    {
        let entry = worst.entry(finding.rule).or_insert(finding);
        if finding.severity > entry.severity {
            *entry = finding;
        }
    }
    let mut findings: Vec<_> = worst.into_values().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}
