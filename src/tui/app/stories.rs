//! The view of findings: one row a program, with everything that was found about it.

use super::listing::{Listing, Row};
use crate::{
    model::{Finding, Socket, SocketKey, Verdict},
    rules::story,
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Everything that was found about one program.
#[derive(Debug, Clone)]
pub(crate) struct StoryRow {
    /// The path of its executable; `None` when no owner is visible.
    pub(crate) program: Option<String>,
    pub(crate) verdict: Verdict,
    /// Worst first; never empty.
    pub(crate) findings: Vec<Finding>,
    /// The policy accepts them, and this why; `None` for what is not accepted.
    pub(crate) accepted: Option<String>,
    /// The sockets that have findings, in the order of the snapshot.
    pub(crate) sockets: Vec<Arc<Socket>>,
    /// When the oldest of them was first seen.
    pub(crate) since: Option<Timestamp>,
    /// One of them is older than we are, so `since` is no beginning.
    pub(crate) before_us: bool,
}

impl Row for StoryRow {
    type Key = (Option<String>, bool);
    fn key(&self) -> Self::Key {
        (self.program.clone(), self.accepted.is_some())
    }
}

/// Tells the stories of the sockets `chosen` anew; those in which nothing is worse than `info` are
/// left out. What the policy accepts comes below them, when it is wanted. Returns of how many programs
/// something is accepted.
pub(super) fn rebuild(
    list: &mut Listing<StoryRow>,
    chosen: &[&Arc<Socket>],
    with_accepted: bool,
) -> usize {
    let mut rows = vec![];
    let judged = chosen
        .iter()
        .filter(|socket| !socket.assessment.findings.is_empty());
    let shared: HashMap<SocketKey, &Arc<Socket>> =
        judged.map(|socket| (socket.key(), *socket)).collect();
    let stories = story::stories(chosen.iter().copied());
    let told = stories
        .into_iter()
        .filter(|story| story.verdict >= Verdict::Notable);
    for story in told {
        let sockets = story.sockets.iter();
        let sockets: Vec<Arc<Socket>> = sockets
            .filter_map(|socket| shared.get(&socket.key()).map(|one| Arc::clone(one)))
            .collect();
        rows.push(StoryRow {
            program: story.program.map(str::to_owned),
            verdict: story.verdict,
            findings: story.findings.into_iter().cloned().collect(),
            accepted: None,
            since: sockets.iter().map(|socket| socket.first_seen()).min(),
            before_us: sockets.iter().any(|socket| socket.before_us),
            sockets,
        });
    }
    let accepted = accepted(chosen);
    let count = accepted.len();
    if with_accepted {
        rows.extend(accepted);
    }
    list.replace(rows);
    count
}

/// What the policy accepts, by program.
fn accepted(chosen: &[&Arc<Socket>]) -> Vec<StoryRow> {
    let sockets = chosen.iter().copied();
    let mut by_program: BTreeMap<Option<&str>, Vec<&Arc<Socket>>> = BTreeMap::new();
    for socket in sockets.filter(|socket| !socket.assessment.accepted.is_empty()) {
        let program = story::program(socket);
        by_program.entry(program).or_default().push(socket);
    }
    let rows = by_program.into_iter().map(|(program, sockets)| {
        let mut findings: Vec<Finding> = vec![];
        for finding in sockets.iter().flat_map(|one| &one.assessment.accepted) {
            if findings.iter().all(|known| known.rule != finding.rule) {
                findings.push(finding.clone());
            }
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let reasons = sockets
            .iter()
            .filter_map(|one| one.assessment.reason.as_ref());
        let why = reasons.map(ToString::to_string).next();
        StoryRow {
            program: program.map(str::to_owned),
            verdict: Verdict::Expected,
            findings,
            accepted: Some(why.unwrap_or_else(|| "the policy accepts it".to_owned())),
            since: sockets.iter().map(|socket| socket.first_seen()).min(),
            before_us: sockets.iter().any(|socket| socket.before_us),
            sockets: sockets.into_iter().cloned().collect(),
        }
    });
    rows.collect()
}

impl StoryRow {
    /// What the program goes by; who it is when that is not known.
    pub(crate) fn name(&self) -> String {
        let owners = self.sockets.iter().filter_map(|socket| socket.owner());
        let names: BTreeSet<&str> = owners.map(|process| process.name.as_str()).collect();
        if let (Some(name), 1) = (names.first(), names.len()) {
            return (*name).to_owned();
        }
        let Some(program) = &self.program else {
            return "no visible owner".to_owned();
        };
        let file = program.rsplit('/').next().unwrap_or(program);
        if file.is_empty() { program } else { file }.to_owned()
    }
}
