//! Something that happened to a socket, as the history keeps it.

use super::{Endpoint, Protocol, Text, Verdict};
use jiff::Timestamp;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Which socket: its key, written out.
    pub socket: Text,
    /// Transport.
    pub protocol: Protocol,
    /// Local end.
    pub local: Endpoint,
    /// Remote end.
    pub peer: Option<Endpoint>,
    /// File name of the program that owned it.
    pub program: Option<Text>,
    /// Its process id.
    pub pid: Option<u32>,
    /// The path of its executable.
    pub exe: Option<Text>,
    /// Registered name of the port that mattered.
    pub service: Option<Text>,
    /// What we thought of it.
    pub verdict: Option<Verdict>,
    /// More, as a sentence: the rule's title, the signal and its outcome.
    pub detail: Option<Text>,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The recorder began; what was open before and was not seen again is gone. Its socket means
    /// nothing.
    Began,
    /// A socket was seen for the first time.
    Opened,
    /// A socket was seen no more.
    Closed,
    /// A socket changed its state.
    State,
    /// A socket changed its owner.
    Owner,
    /// A rule found something.
    Finding,
    /// What a rule had found is no more.
    Cleared,
    /// We did something to the owner.
    Action,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Began,
        Self::Opened,
        Self::Closed,
        Self::State,
        Self::Owner,
        Self::Finding,
        Self::Cleared,
        Self::Action,
    ];

    /// The name in JSON and in the history.
    pub fn name(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::State => "state",
            Self::Owner => "owner",
            Self::Finding => "finding",
            Self::Cleared => "cleared",
            Self::Action => "action",
        }
    }
}
