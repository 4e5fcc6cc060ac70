//! What was found about a socket, and what to think of it.

use std::borrow::Cow;

/// How bad a finding is by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a sentence, no reason to act.
    Info,
    /// Worth knowing.
    Low,
    /// Unusual.
    Medium,
    /// Suspicious.
    High,
    /// Suspicious, and nothing harmless looks like it.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 5] = [
        Self::Info,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// One step milder; [`Severity::Info`] stays.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Info | Self::Low => Self::Info,
            Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }
}

/// What to think of a socket, from its worst finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing worse than `info`, and a positive reason.
    Expected,
    /// Neither a finding nor a reason.
    Unknown,
    /// A `low` finding.
    Notable,
    /// A `medium` finding.
    Unusual,
    /// A `high` or `critical` finding.
    Suspicious,
}

impl Verdict {
    /// Every verdict, calmest first.
    pub const ALL: [Self; 5] = [
        Self::Expected,
        Self::Unknown,
        Self::Notable,
        Self::Unusual,
        Self::Suspicious,
    ];

    /// The name in JSON and in the filter language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Unknown => "unknown",
            Self::Notable => "notable",
            Self::Unusual => "unusual",
            Self::Suspicious => "suspicious",
        }
    }
}

/// One judgement, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The rule that made it: `obscure-port`.
    pub rule: &'static str,
    /// How bad it is here.
    pub severity: Severity,
    /// The sentence for this case.
    pub title: String,
    /// What was seen.
    pub evidence: Vec<Evidence>,
    /// What to do next.
    pub advice: Vec<Advice>,
}

impl Finding {
    /// Gives back the room that its lists and texts do not need: it is kept for as long as its socket is as it is.
    pub fn shrink_to_fit(&mut self) {
        self.title.shrink_to_fit();
        self.evidence.shrink_to_fit();
        for evidence in &mut self.evidence {
            evidence.value.shrink_to_fit();
        }
        self.advice.shrink_to_fit();
        for advice in &mut self.advice {
            if let Cow::Owned(text) = &mut advice.text {
                text.shrink_to_fit();
            }
            if let Some(command) = &mut advice.command {
                command.shrink_to_fit();
            }
        }
    }
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// What it is: `executable`.
    pub what: &'static str,
    /// What it was: `/tmp/.x (deleted)`.
    pub value: String,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Advice {
    /// What to do and why, as a sentence.
    pub text: Cow<'static, str>,
    /// The command that does it, ready to copy.
    pub command: Option<String>,
}

/// What to think of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Assessment {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is expected, or what keeps us from knowing. `None` when the findings say it all.
    pub reason: Option<Cow<'static, str>>,
    /// The findings, worst first.
    pub findings: Vec<Finding>,
    /// What rules found and the policy accepts, in the order of the rules; it counts for nothing.
    pub accepted: Vec<Finding>,
}
