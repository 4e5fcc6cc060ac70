//! What a person has decided: which listeners are expected, which are denied, which rules count.
//!
//! Pure: text in, judgements or text out. Where the file lies and who may write it is `config`'s.
//!
//! For the dashboard: [`Entry::accepting`] makes an entry out of a socket, [`add`] writes it into the
//! text of a policy, [`remove`] takes it out again.

mod edit;
mod matching;
mod read;

pub use edit::{add, remove};
pub use matching::Match;

use super::{Case, case::seen};
use crate::model::{Entry, Finding, PolicyNotes, Severity, Text};
use jiff::{Timestamp, tz::TimeZone};
use std::{borrow::Cow, ops::Range};

/// What is wrong with the text of a policy, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place, in bytes of the text.
    pub span: Range<usize>,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to write instead, when there is something near.
    pub hint: Option<String>,
}

/// What a person has decided. The default decides nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Every listener that no entry expects is a finding.
    pub strict: bool,
    /// The file it was read from.
    pub path: Option<Text>,
    /// Why a newer edit of that file is not used.
    pub fault: Option<Text>,
    expect: Vec<Written>,
    deny: Vec<Written>,
    rules: Vec<(&'static str, Option<Severity>)>,
}

/// An entry, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    entry: Entry,
    /// From 1.
    line: usize,
    /// Where the program's path leads, when that is elsewhere.
    leads_to: Option<Text>,
}

impl Written {
    fn counts(&self, now: Timestamp) -> bool {
        self.entry
            .until
            .as_ref()
            .is_none_or(|until| now < until.ends)
    }

    /// Why it is there: the reason, or its line.
    fn reason(&self) -> Cow<'_, str> {
        match &self.entry.reason {
            Some(reason) => Cow::Borrowed(reason.as_str()),
            None => Cow::Owned(format!("line {}", self.line)),
        }
    }
}

/// What the policy says of a listener, in no entry's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// An entry expects it.
    Expected,
    /// No entry does.
    NotExpected,
    /// An entry may, but what it asks for cannot be seen.
    Unseen,
}

impl Policy {
    /// Reads a policy.
    ///
    /// A date ends in `zone`. `leads_to` resolves the path of a program, and returns nothing when it
    /// leads nowhere else.
    ///
    /// # Errors
    ///
    /// Names the place that does not fit, and the nearest name for a misspelt one.
    pub fn parse(
        text: &str,
        zone: &TimeZone,
        leads_to: &dyn Fn(&str) -> Option<Text>,
    ) -> Result<Self, Fault> {
        read::parse(text, zone, leads_to)
    }

    /// Whether it decides nothing at all.
    pub fn is_empty(&self) -> bool {
        !self.strict && self.expect.is_empty() && self.deny.is_empty() && self.rules.is_empty()
    }

    /// The next time after `now` from which on it says something else, because an entry ends.
    pub fn changes_after(&self, now: Timestamp) -> Option<Timestamp> {
        let entries = self.expect.iter().chain(&self.deny);
        let ends = entries.filter_map(|written| written.entry.until.as_ref());
        ends.map(|until| until.ends)
            .filter(|ends| *ends > now)
            .min()
    }

    /// What there is to say of it at `now`.
    pub fn notes(&self, now: Timestamp) -> PolicyNotes {
        let count = |entries: &[Written]| entries.iter().filter(|one| one.counts(now)).count();
        let all = [("expect", &self.expect), ("deny", &self.deny)];
        let ended = all.into_iter().flat_map(|(kind, entries)| {
            entries
                .iter()
                .filter(|written| !written.counts(now))
                .map(move |written| Text::from(ended(kind, written)))
        });
        PolicyNotes {
            path: self.path.clone(),
            strict: self.strict,
            expects: count(&self.expect),
            denies: count(&self.deny),
            rules: self.rules.clone(),
            ended: ended.collect(),
            fault: self.fault.clone(),
        }
    }

    /// What it says of a listener.
    pub fn stance(&self, case: &Case<'_>) -> Stance {
        let mut stance = Stance::NotExpected;
        for written in self.counting(case) {
            match written.expects(case) {
                Match::Yes => return Stance::Expected,
                Match::Unseen => stance = Stance::Unseen,
                Match::No => {}
            }
        }
        stance
    }

    /// Whether an `[[expect]]` that counts at `now` expects all that `entry` does.
    pub fn covers(&self, entry: &Entry, now: Timestamp) -> bool {
        let mut entries = self.expect.iter().filter(|written| written.counts(now));
        entries.any(|written| written.covers(entry))
    }

    /// Why the first `[[deny]]` that matches is there.
    pub fn denies(&self, case: &Case<'_>) -> Option<Cow<'_, str>> {
        let now = case.machine.now;
        let mut denied = self.deny.iter().filter(|written| written.counts(now));
        denied
            .find(|written| written.denies(case))
            .map(Written::reason)
    }

    /// The program that the policy expects on just this port, with its script, when it is another one than is there.
    pub fn expects_instead(&self, case: &Case<'_>) -> Option<String> {
        let mut entries = self.counting(case);
        let entry = &entries
            .find(|written| written.is_about_port_of(case))?
            .entry;
        let program = entry.program.as_ref()?;
        Some(match &entry.script {
            Some(script) => format!("{program} {script}"),
            None => program.to_string(),
        })
    }

    fn counting(&self, case: &Case<'_>) -> impl Iterator<Item = &Written> {
        let now = case.machine.now;
        self.expect
            .iter()
            .filter(move |written| written.counts(now))
    }

    /// Takes out of `findings` what the policy accepts or turns off, and gives the others the severity
    /// it wants.
    pub(super) fn apply(&self, case: &Case<'_>, findings: &mut Vec<Finding>) -> Applied {
        for (rule, severity) in &self.rules {
            match severity {
                None => findings.retain(|finding| finding.rule != *rule),
                Some(severity) => findings
                    .iter_mut()
                    .filter(|finding| finding.rule == *rule)
                    .for_each(|finding| finding.severity = *severity),
            }
        }
        let matching: Vec<_> = self
            .expect
            .iter()
            .filter(|written| written.expects(case) == Match::Yes)
            .collect();
        let now = case.machine.now;
        let (counting, ended): (Vec<_>, Vec<_>) = matching
            .into_iter()
            .partition(|written| written.counts(now));
        let silent = |entries: &[&Written], finding: &Finding| {
            entries.iter().any(|one| one.entry.silences(finding.rule))
        };
        let accepted = findings.extract_if(.., |finding| silent(&counting, finding));
        let accepted = accepted.collect();
        for finding in findings.iter_mut() {
            let once = ended.iter().find(|one| one.entry.silences(finding.rule));
            if let Some(written) = once {
                let words = self::ended("expect", written);
                finding.evidence.push(seen("policy", words));
            }
        }
        let first = counting.first();
        Applied {
            expected: first.map(|first| format!("the policy expects it: {}", first.reason())),
            accepted,
        }
    }
}

/// What a policy makes of one socket.
#[derive(Debug)]
pub(super) struct Applied {
    /// Why the socket is expected, when an entry expects it.
    pub(super) expected: Option<String>,
    /// The findings that it accepts.
    pub(super) accepted: Vec<Finding>,
}

/// Says that an entry has ended.
fn ended(kind: &str, written: &Written) -> String {
    let until = written.entry.until.as_ref();
    let until = until.map_or("", |until| until.written.as_str());
    let reason = written.entry.reason.as_ref();
    let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
    format!(
        "the [[{kind}]] of line {} ended on {until}{reason}",
        written.line
    )
}

#[cfg(test)]
mod tests;
