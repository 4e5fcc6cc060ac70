//! Work the state asks for and never does itself.

use crate::model::{
    Acted, Elevator, Entry, Heard, HeldPort, Outcome, ProcessKey, Protocol, Request, Socket,
    SocketKey, Target,
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
    /// Find out what works on this machine.
    Examine,
    /// Put this on the clipboard of the person's own terminal.
    Copy(String),
    /// Put this socket on the clipboard, as JSON.
    CopyJson(SocketKey),
    /// Write what is shown to a file.
    Export(Format),
    /// Ask this listener what it speaks.
    Ask(Subject),
    /// Judge with what was answered on this port.
    Heard(Protocol, u16, Heard),
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

impl Job {
    /// The same job for those that were denied; `None` when nobody was.
    pub(super) fn denied(&self, done: &[About]) -> Option<Self> {
        self.only(done, |outcome| matches!(outcome, Outcome::Denied(_)))
    }

    /// The same job for those whose outcome is wanted.
    pub(super) fn only(&self, done: &[About], wanted: impl Fn(&Outcome) -> bool) -> Option<Self> {
        let is_wanted = |one: &About| one.acted.outcome.as_ref().is_some_and(&wanted);
        let places: Vec<usize> = done
            .iter()
            .enumerate()
            .filter(|(_, one)| is_wanted(one))
            .map(|(at, _)| at)
            .collect();
        let pick = |at: &usize| self.about.get(*at).cloned();
        let about: Vec<About> = places.iter().filter_map(pick).collect();
        let request = match &self.request {
            Request::Signal(orders) => {
                let orders = places.iter().filter_map(|at| orders.get(*at).cloned());
                Request::Signal(orders.collect())
            }
            Request::Stop(..) | Request::Close(_) => self.request.clone(),
        };
        let ports = self.ports.iter().filter_map(|(at, port)| {
            let now = places.iter().position(|place| place == at)?;
            Some((now, port.clone()))
        });
        (!about.is_empty()).then(|| Self {
            request,
            about,
            ports: ports.collect(),
            ..self.clone()
        })
    }
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
        self.0.key() == other.0.key()
    }
}

impl Eq for Subject {}

/// A form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
}
