//! What is wrong with a configuration, and where.

use crate::{model::Text, query};
use std::{
    fmt, io,
    ops::Range,
    path::{Path, PathBuf},
};

/// Why a configuration could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be read.
    #[error("read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is no configuration.
    #[error("read the configuration {}: it is larger than 1 MiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is not believed.
    #[error("use the configuration {}: it {why}", path.display())]
    DistrustedConfiguration {
        /// The file.
        path: PathBuf,
        /// Why, to follow "it".
        why: String,
    },
    /// The policy could not be read.
    #[error("read the policy {}", path.display())]
    ReadPolicy {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The policy could not be written.
    #[error("write the policy {}", path.display())]
    WritePolicy {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The policy is not believed.
    #[error("use the policy {}: it {why}", path.display())]
    Distrusted {
        /// The file.
        path: PathBuf,
        /// Why, to follow "it".
        why: String,
    },
    /// There is no home directory, so no place for a policy.
    #[error("find a place for the policy: there is no home directory")]
    NoHome,
    /// Something in it does not fit.
    #[error("{0}")]
    Misfit(Box<Misfit>),
}

/// What does not fit, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to write instead, when there is something near.
    pub hint: Option<String>,
    source_line: String,
    span: Range<usize>,
}

impl Misfit {
    /// Finds the line of `span`, bytes of `text`. Text of the file is escaped.
    pub(super) fn new(path: &Path, text: &str, span: Range<usize>, message: String) -> Self {
        let before = text.get(..span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let source_line = text.get(line_start..).unwrap_or_default();
        let source_line = source_line.lines().next().unwrap_or_default();
        let begins = span.start.saturating_sub(line_start).min(source_line.len());
        let ends = span
            .end
            .saturating_sub(line_start)
            .clamp(begins, source_line.len());
        Self {
            path: path.into(),
            line: before.matches('\n').count() + 1,
            column: source_line
                .get(..begins)
                .map_or(1, |start| start.chars().count() + 1),
            message: Text::from(message).as_str().into(),
            hint: None,
            source_line: source_line.into(),
            span: begins..ends,
        }
    }

    #[must_use]
    pub(super) fn hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// The line, and carets under what does not fit: two lines without a last newline.
    pub fn pointed(&self) -> String {
        let error = query::Error {
            expression: self.source_line.clone(),
            span: self.span.clone(),
            message: self.message.clone(),
            hint: None,
        };
        // The message, which is its last line, is told with the place.
        let pointed = error.pointed();
        let lines = pointed.rsplit_once('\n').map(|(lines, _)| lines.to_owned());
        lines.unwrap_or(pointed)
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "{path}:{}:{}: {}", self.line, self.column, self.message)
    }
}
