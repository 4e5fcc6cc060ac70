//! Colour on a terminal's own palette, or none.

use super::explain::wrap;
use crate::model::{Severity, Verdict};

/// Whether to colour, and how much goes on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Write colour codes.
    pub color: bool,
    /// Columns of the terminal; `None` where it goes to a file or a pipe.
    pub columns: Option<usize>,
}

impl Style {
    /// The widest line of prose: 80 columns, or what a narrower terminal has.
    pub(super) fn prose(self) -> usize {
        self.columns
            .map_or(wrap::WIDTH, |columns| columns.min(wrap::WIDTH))
    }

    /// The widest line of what programs read as well: as a terminal has it, else never broken.
    pub(super) fn line(self) -> usize {
        self.columns.unwrap_or(usize::MAX)
    }

    /// Returns `text` in the colour of a verdict.
    pub fn verdict(self, verdict: Verdict, text: &str) -> String {
        self.paint(text, code(verdict))
    }

    /// Returns `text` in the colour of the verdict that a severity makes.
    pub fn severity(self, severity: Severity, text: &str) -> String {
        self.verdict(
            match severity {
                Severity::Info => Verdict::Expected,
                Severity::Low => Verdict::Notable,
                Severity::Medium => Verdict::Unusual,
                Severity::High | Severity::Critical => Verdict::Suspicious,
            },
            text,
        )
    }

    /// Returns `text` as a heading.
    pub fn heading(self, text: &str) -> String {
        self.paint(text, "1")
    }

    /// Returns `text` set back.
    pub fn dim(self, text: &str) -> String {
        self.paint(text, "2")
    }

    fn paint(self, text: &str, code: &str) -> String {
        if self.color && !code.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The same meanings as in the dashboard: bold reversed red, bold yellow, cyan.
fn code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Expected | Verdict::Unknown => "2",
        Verdict::Notable => "36",
        Verdict::Unusual => "1;33",
        Verdict::Suspicious => "1;7;91",
    }
}
