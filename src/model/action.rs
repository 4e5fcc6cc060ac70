//! What can be done to a process, and what came of it.

use super::{ProcessKey, Text};
use std::time::Duration;

/// A signal that portwise sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Ask it to stop.
    Term,
    /// Stop it now; it cannot clean up.
    Kill,
    /// What Ctrl-C sends.
    Int,
    /// Hang up; many daemons read their configuration again.
    Hup,
    /// Stop with a core dump.
    Quit,
    /// Freeze it; memory and sockets stay as evidence.
    Stop,
    /// Go on after `Stop`.
    Cont,
    /// User-defined.
    Usr1,
    /// User-defined.
    Usr2,
}

impl Signal {
    /// Every signal, in the order a dialog offers them.
    pub const ALL: [Self; 9] = [
        Self::Term,
        Self::Kill,
        Self::Int,
        Self::Hup,
        Self::Quit,
        Self::Stop,
        Self::Cont,
        Self::Usr1,
        Self::Usr2,
    ];

    /// The name without `SIG`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Kill => "KILL",
            Self::Int => "INT",
            Self::Hup => "HUP",
            Self::Quit => "QUIT",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
            Self::Usr1 => "USR1",
            Self::Usr2 => "USR2",
        }
    }

    /// What it asks of a process, in a few words.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Term => "ask it to stop",
            Self::Kill => "stop it now; it cannot clean up",
            Self::Int => "interrupt it, as Ctrl-C does",
            Self::Hup => "hang up; many daemons read their configuration again",
            Self::Quit => "stop it with a core dump",
            Self::Stop => "freeze it; memory and sockets stay as evidence",
            Self::Cont => "let a frozen one go on",
            Self::Usr1 | Self::Usr2 => "whatever the program defines",
        }
    }

    /// Whether a process is expected to end by it.
    pub fn ends(self) -> bool {
        match self {
            Self::Term | Self::Kill | Self::Int | Self::Quit => true,
            Self::Hup | Self::Stop | Self::Cont | Self::Usr1 | Self::Usr2 => false,
        }
    }
}

/// An order to send one signal to one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The process, by identity.
    pub target: ProcessKey,
    /// The executable it ran when it was shown; compared again, since a reused pid can have the same
    /// start time. `None` when it was not visible then.
    pub executable: Option<Text>,
    /// The signal.
    pub signal: Signal,
    /// Also pid 1, portwise itself and its own ancestors.
    pub force: bool,
    /// How long to wait for the process to end.
    pub patience: Duration,
}

/// What came of an [`Order`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The process ended, this long after the signal.
    Ended(Duration),
    /// The signal was sent; the process is still there.
    Signalled,
    /// The process had already gone, or its pid now belongs to another one. Nothing was sent.
    Gone,
    /// The operating system refused; the text says what it needs.
    Denied(String),
    /// We refused; the text says why.
    Refused(String),
    /// It could not be tried; the text says why.
    Failed(String),
}

impl Outcome {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ended(_) => "ended",
            Self::Signalled => "signalled",
            Self::Gone => "gone",
            Self::Denied(_) => "denied",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "skipped",
        }
    }
}
