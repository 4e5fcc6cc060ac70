//! The outcome of `check`, as text and as JSON.

use super::{
    Style,
    explain::wrap::Lines,
    plural,
    socket::{FindingJson, SCHEMA_VERSION, SocketJson},
};
use crate::model::{PolicyNotes, Severity, Snapshot, Story, Text, Verdict};
use serde::Serialize;
use std::{collections::BTreeMap, io};

/// What a check found.
#[derive(Debug, Clone)]
pub struct Check<'a> {
    /// The snapshot that was judged.
    pub snapshot: &'a Snapshot,
    /// The sockets that were asked for.
    pub rows: &'a [usize],
    /// The stories, worst first.
    pub stories: Vec<Story<'a>>,
    /// What fails the check.
    pub fail_on: Severity,
}

impl Check<'_> {
    /// Whether anything was found that fails the check.
    pub fn fails(&self) -> bool {
        let mut findings = self.stories.iter().flat_map(|story| &story.findings);
        findings.any(|finding| finding.severity >= self.fail_on)
    }

    /// Whether every owner was visible and every socket read.
    pub fn is_complete(&self) -> bool {
        self.snapshot.owners_hidden == 0 && self.snapshot.coverage.limits.is_empty()
    }

    fn count(&self, verdict: Verdict) -> usize {
        let sockets = self
            .rows
            .iter()
            .filter_map(|row| self.snapshot.sockets.get(*row));
        sockets
            .filter(|socket| socket.assessment.verdict == verdict)
            .count()
    }
}

/// Writes a check as text: stories first, then the counts, then what could not be seen.
///
/// A terminal gets lines that fit; elsewhere each sentence stays on its line, as what searches it expects.
pub fn write_text(out: &mut dyn io::Write, check: &Check<'_>, style: Style) -> io::Result<()> {
    for story in &check.stories {
        let mut text = Lines::of(style.line());
        story_lines(&mut text, story, style);
        out.write_all(text.text().as_bytes())?;
    }
    let mut text = Lines::of(style.line());
    let counts = Verdict::ALL
        .iter()
        .rev()
        .map(|verdict| format!("{} {}", check.count(*verdict), verdict.name()));
    let counts: Vec<_> = counts.collect();
    let all = plural(check.rows.len(), "socket");
    text.words("", 2, &format!("{all}: {}", counts.join(", ")));
    policy_lines(&mut text, &check.snapshot.policy);
    match super::list::coverage(check.snapshot) {
        Some(missing) => text.words("", 2, &format!("not everything was seen: {missing}")),
        None => text.words("", 2, "every socket and every owner was seen"),
    }
    out.write_all(text.text().as_bytes())
}

/// What the policy made of it: nothing when there is none.
fn policy_lines(text: &mut Lines, policy: &PolicyNotes) {
    let Some(path) = &policy.path else {
        return;
    };
    let strict = if policy.strict { ", strict" } else { "" };
    let (expects, denies) = (policy.expects, policy.denies);
    let counts = format!("policy {path}: {expects} expected, {denies} denied{strict}");
    text.words("", 2, &counts);
    for (rule, severity) in &policy.rules {
        let setting = severity.map_or("off", Severity::name);
        text.words("  ", 4, &format!("{rule} is {setting}"));
    }
    for ended in &policy.ended {
        text.words("  ", 4, ended);
    }
}

fn story_lines(text: &mut Lines, story: &Story<'_>, style: Style) {
    let badge = style.verdict(story.verdict, super::list::word(story.verdict));
    let program = story.program.unwrap_or("owner not visible");
    text.whole(&format!("{badge}  {}", style.heading(program)));
    for finding in &story.findings {
        let severity = style.severity(finding.severity, finding.severity.name());
        text.words(
            &format!("  {severity}  {}  ", finding.rule),
            4,
            &finding.title,
        );
        for evidence in &finding.evidence {
            let line = format!("{}: {}", evidence.what, evidence.value);
            text.words("      ", 8, &line);
        }
        for advice in &finding.advice {
            text.words("      > ", 8, &advice.text);
            // A command stays whole, so that it can be copied.
            if let Some(command) = &advice.command {
                text.whole(&format!("        {command}"));
            }
        }
    }
    for socket in story.sockets.iter().take(MOST_SOCKETS) {
        let raw = &socket.raw;
        let peer = raw
            .connected_to()
            .map_or(String::new(), |peer| format!(" - {peer}"));
        let (protocol, state) = (raw.protocol.name(), raw.state.name());
        let gone = if socket.closed_at.is_some() {
            ", gone"
        } else {
            ""
        };
        let line = format!("{protocol} {state} {}{peer}{gone}", raw.bound_to());
        text.words("  ", 6, &line);
    }
    let more = story.sockets.len().saturating_sub(MOST_SOCKETS);
    if more > 0 {
        text.words("  ", 6, &format!("and {}", plural(more, "more socket")));
    }
    text.whole("");
}

/// The most sockets that a story lists as text.
const MOST_SOCKETS: usize = 10;

#[derive(Serialize)]
struct CheckJson<'a> {
    schema_version: u32,
    complete: bool,
    owners_hidden: usize,
    fail_on: &'static str,
    policy: Option<PolicyJson<'a>>,
    counts: Counts,
    stories: Vec<StoryJson<'a>>,
}

#[derive(Serialize)]
struct PolicyJson<'a> {
    path: &'a str,
    strict: bool,
    expected: usize,
    denied: usize,
    rules: BTreeMap<&'static str, &'static str>,
    ended: Vec<&'a str>,
}

impl<'a> PolicyJson<'a> {
    fn new(policy: &'a PolicyNotes) -> Option<Self> {
        let setting = |(rule, severity): &(_, Option<Severity>)| {
            (*rule, severity.map_or("off", Severity::name))
        };
        Some(Self {
            path: policy.path.as_deref()?,
            strict: policy.strict,
            expected: policy.expects,
            denied: policy.denies,
            rules: policy.rules.iter().map(setting).collect(),
            ended: policy.ended.iter().map(Text::as_str).collect(),
        })
    }
}

#[derive(Serialize)]
struct Counts {
    suspicious: usize,
    unusual: usize,
    notable: usize,
    expected: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct StoryJson<'a> {
    program: Option<&'a str>,
    verdict: &'static str,
    findings: Vec<FindingJson<'a>>,
    sockets: Vec<SocketJson<'a>>,
}

/// Writes a check as one JSON object.
pub fn write_json(out: &mut dyn io::Write, check: &Check<'_>) -> io::Result<()> {
    let json = CheckJson {
        schema_version: SCHEMA_VERSION,
        complete: check.is_complete(),
        owners_hidden: check.snapshot.owners_hidden,
        fail_on: check.fail_on.name(),
        policy: PolicyJson::new(&check.snapshot.policy),
        counts: Counts {
            suspicious: check.count(Verdict::Suspicious),
            unusual: check.count(Verdict::Unusual),
            notable: check.count(Verdict::Notable),
            expected: check.count(Verdict::Expected),
            unknown: check.count(Verdict::Unknown),
        },
        stories: check
            .stories
            .iter()
            .map(|story| StoryJson {
                program: story.program,
                verdict: story.verdict.name(),
                findings: story
                    .findings
                    .iter()
                    .map(|finding| FindingJson::new(finding))
                    .collect(),
                sockets: story
                    .sockets
                    .iter()
                    .map(|socket| SocketJson::new(socket))
                    .collect(),
            })
            .collect(),
    };
    serde_json::to_writer(&mut *out, &json)?;
    writeln!(out)
}
