//! What is known about something, or why it is not.

use serde::{Deserialize, Serialize};

/// A value, or the reason why it could not be seen.
///
/// A rule that needs a value and finds [`Fact::Unknown`] says so; it never takes absence of
/// knowledge for knowledge of absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact<T> {
    /// It was read.
    Known(T),
    /// It was not, and this is why.
    Unknown(Unseen),
}

/// Why something could not be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// The operating system refused; more privilege would show it.
    NotPermitted,
    /// It went away while it was read.
    Gone,
    /// This source or platform does not tell.
    NotSupported,
    /// Nobody asked, because nothing needed it.
    NotAsked,
    /// It is still being worked out.
    NotYet,
}

impl Unseen {
    /// The reason in words, to follow "could not be seen: ".
    pub fn words(self) -> &'static str {
        match self {
            Self::NotPermitted => "not permitted",
            Self::Gone => "it went away meanwhile",
            Self::NotSupported => "this source does not tell",
            Self::NotAsked => "not looked up",
            Self::NotYet => "still being worked out",
        }
    }
}

impl<T> Fact<T> {
    /// The value, when it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Whether the value is known.
    pub fn is_known(&self) -> bool {
        self.known().is_some()
    }
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self::Unknown(Unseen::NotAsked)
    }
}
