//! The filter language, sorting. Returns row indices, never clones sockets.

pub mod order;

pub use order::{Column, Order};

use crate::model::{Snapshot, Socket};
use std::{fmt, ops::Range};

/// A filter that was read and understood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {}

impl Query {
    /// Reads a filter; an empty one matches everything.
    ///
    /// # Errors
    ///
    /// Names the place of the fault in `text`, what was expected there, and the nearest right word.
    pub fn parse(_text: &str) -> Result<Self, Error> {
        Ok(Self {})
    }

    /// Whether nothing is asked, so everything matches.
    pub fn is_empty(&self) -> bool {
        true
    }

    /// Whether `socket`, one of `snapshot`'s, is asked for.
    pub fn matches(&self, _socket: &Socket, _snapshot: &Snapshot) -> bool {
        true
    }

    /// The rows of `snapshot` that match, in its order.
    pub fn select(&self, snapshot: &Snapshot) -> Vec<usize> {
        let wanted = snapshot
            .sockets
            .iter()
            .enumerate()
            .filter(|(_, socket)| self.matches(socket, snapshot));
        wanted.map(|(row, _)| row).collect()
    }
}

/// What is wrong with a filter, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The whole expression.
    pub expression: String,
    /// The fault, in bytes of `expression`; empty at its end where something is missing.
    pub span: Range<usize>,
    /// What is wrong, as a fragment: `port: "abc" is not a number`.
    pub message: String,
    /// What to write instead, when there is something near.
    pub hint: Option<String>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
