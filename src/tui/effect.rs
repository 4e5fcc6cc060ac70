//! Work the state asks for and never does itself.

use crate::model::{
    Acted, Elevator, Entry, HeldPort, ProcessKey, Request, Socket, SocketKey, Target,
};
use std::{sync::Arc, time::Duration};

/// Work for `run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Hold on to these processes, which the dialog of this number shows, and find out what goes with them.
    Know(u64, Vec<Target>),
    /// Carry out what a dialog asked for.
    Act(Box<Job>),
    /// Do the same with more privilege: the terminal is given back while that may ask for a password.
    Elevate(Box<Job>, Elevator),
    /// Read what was done before.
    ReadLog,
    /// Put this on the clipboard of the person's own terminal.
    Copy(String),
    /// Put this socket on the clipboard, as JSON.
    CopyJson(SocketKey),
    /// Write what is shown to a file.
    Export(Format),
    /// Put this into the policy.
    Accept(Entry),
    /// Take this out of the policy again.
    TakeBack(Entry),
    /// Look like this theme, by its place among them.
    Theme(usize),
    /// Read the machine now.
    Refresh,
    /// Read the machine this often.
    Interval(Duration),
    /// Report clicks and the wheel, or leave them to the terminal.
    Mouse(bool),
    /// Give the terminal back and stop until resumed.
    Suspend,
    /// Draw everything again.
    Redraw,
    /// Leave.
    Quit,
}

/// What a dialog asked for, and what is to be told and written down of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    /// The number of the dialog.
    pub(super) dialog: u64,
    /// Which of its jobs.
    pub(super) number: u64,
    /// What is to be done.
    pub(super) request: Request,
    /// Whom it is about, in the order of the request.
    pub(super) about: Vec<About>,
    /// The ports that are to be looked at afterwards, each with the place of its holder in `about`.
    pub(super) ports: Vec<(usize, HeldPort)>,
    /// Whose ports those are: who is to be gone.
    pub(super) gone: Vec<ProcessKey>,
}

/// One target of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct About {
    /// What it is called, and what is done; nothing has come of it yet.
    pub(super) acted: Acted,
    /// Its socket that tells most about it.
    pub(super) socket: Option<Subject>,
}

/// A socket as it was then; two are the same when their keys are.
#[derive(Debug, Clone)]
pub(super) struct Subject(pub(super) Arc<Socket>);

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for Subject {}

/// A form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
}
