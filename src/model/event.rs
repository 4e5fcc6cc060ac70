//! Something that happened to a socket, as the history keeps it.

use super::{Direction, Endpoint, Protocol, State, Text, Verdict};
use jiff::Timestamp;
use std::net::Ipv4Addr;

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
    /// Its state then.
    pub state: Option<State>,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// Name of the user who made it.
    pub user: Option<Text>,
    /// File name of the program that owned it.
    pub program: Option<Text>,
    /// Its process id.
    pub pid: Option<u32>,
    /// The path of its executable.
    pub exe: Option<Text>,
    /// What the port that mattered is called: its registered name, else the software that uses it.
    pub service: Option<Text>,
    /// What we thought of it.
    pub verdict: Option<Verdict>,
    /// More, as a sentence: the rule's title, the signal and its outcome.
    pub detail: Option<Text>,
}

/// What the history has of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// From when on that is all of it, but for gaps.
    pub since: Timestamp,
    /// When nobody is known to have recorded since then, in order; the last one may go on.
    pub gaps: Vec<Gap>,
}

/// A time for which nobody is known to have recorded: one who was killed could not say so, and is known to have
/// recorded no longer than until the last that it wrote down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Its first moment.
    pub from: Timestamp,
    /// When somebody began to record again; `None` when nobody has.
    pub until: Option<Timestamp>,
}

impl Event {
    /// The recorder began or ended: no socket has to do with it.
    pub fn of_recorder(kind: EventKind, at: Timestamp) -> Self {
        Self {
            at,
            kind,
            socket: Text::from(""),
            protocol: Protocol::Tcp,
            local: Endpoint::new(Ipv4Addr::UNSPECIFIED, 0),
            peer: None,
            state: None,
            direction: None,
            user: None,
            program: None,
            pid: None,
            exe: None,
            service: None,
            verdict: None,
            detail: None,
        }
    }

    /// Whether it is about a socket, and not about the recorder.
    pub fn is_about_socket(&self) -> bool {
        !matches!(self.kind, EventKind::Began | EventKind::Ended)
    }
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The recorder began; what was open before and was not seen again is gone. Its socket means
    /// nothing.
    Began,
    /// The recorder ended as it was told to: nobody looked from then on. Its socket means nothing.
    Ended,
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
    /// It was asked what it speaks, and answered.
    Heard,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Began,
        Self::Ended,
        Self::Opened,
        Self::Closed,
        Self::State,
        Self::Owner,
        Self::Finding,
        Self::Cleared,
        Self::Action,
        Self::Heard,
    ];

    /// The name in JSON and in the history.
    pub fn name(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Ended => "ended",
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::State => "state",
            Self::Owner => "owner",
            Self::Finding => "finding",
            Self::Cleared => "cleared",
            Self::Action => "action",
            Self::Heard => "heard",
        }
    }
}
