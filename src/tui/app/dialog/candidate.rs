//! Whom a dialog is about: as they were when it opened.

use crate::{
    model::{
        Closing, HeldPort, Hold, Process, ProcessKey, Snapshot, Socket, Stakes, Surroundings,
        Target, Text, consequences::can_be_closed,
    },
    tui::effect::Subject,
};
use jiff::Timestamp;
use std::sync::Arc;

/// A process that something can be done to.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) target: Target,
    pub(crate) name: Text,
    pub(crate) user: Option<Text>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) unit: Option<Text>,
    pub(crate) container: Option<Text>,
    pub(crate) stakes: Stakes,
    /// What goes with it; `None` while that is being read.
    pub(crate) around: Option<Surroundings>,
    /// It had gone when it was to be held.
    pub(crate) is_gone: bool,
    /// The ports it listens on.
    pub(super) ports: Vec<HeldPort>,
    /// Its socket that tells most about it.
    pub(super) socket: Option<Subject>,
}

/// One connection that can be closed alone.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(super) closing: Closing,
    pub(super) socket: Subject,
    /// Both ends.
    pub(crate) words: String,
}

impl Candidate {
    /// `process`, and what it has open in `snapshot`; `meant` is the socket that was selected.
    pub(super) fn new(
        process: &Process,
        snapshot: &Snapshot,
        meant: Option<&Arc<Socket>>,
        all: &[ProcessKey],
    ) -> Self {
        Self {
            target: Target::of(process),
            name: process.name.clone(),
            user: process.user.clone(),
            started_at: process.started_at,
            unit: process.unit.clone(),
            container: process.container.clone(),
            stakes: Stakes::of(snapshot, process.key),
            around: None,
            is_gone: false,
            ports: HeldPort::of(snapshot, process.key, all, false),
            socket: subject(process.key, snapshot, meant),
        }
    }

    /// Its name and number.
    pub(crate) fn words(&self) -> String {
        format!("{} pid {}", self.name, self.target.key.pid)
    }

    /// Takes note of what was found out about it.
    pub(super) fn know(&mut self, hold: Hold, around: Surroundings) {
        match hold {
            Hold::Held(number) => self.target.pidfs = number,
            Hold::Gone => self.is_gone = true,
            Hold::Unheld => {}
        }
        self.is_gone |= around.is_remains;
        self.around = Some(around);
    }
}

/// The socket that was meant when the process has it, else one it listens on, else any.
fn subject(
    process: ProcessKey,
    snapshot: &Snapshot,
    meant: Option<&Arc<Socket>>,
) -> Option<Subject> {
    let has = |socket: &&Arc<Socket>| socket.processes.iter().any(|one| one.key == process);
    if let Some(meant) = meant.filter(has) {
        return Some(Subject(Arc::clone(meant)));
    }
    let mut all = snapshot.sockets.iter().filter(has);
    let mut listening = snapshot.sockets.iter().filter(has);
    let listening = listening.find(|socket| socket.raw.is_listening());
    let socket = listening.or_else(|| all.next());
    socket.map(|socket| Subject(Arc::clone(socket)))
}

impl Connection {
    /// The connection of a socket, where it is open and can be named.
    pub(in crate::tui::app) fn of(socket: &Arc<Socket>) -> Option<Self> {
        let raw = &socket.raw;
        let is_open = socket.closed_at.is_none()
            && can_be_closed(raw.protocol, raw.state, raw.peer().is_some());
        let closing = is_open.then(|| Closing::of(socket)).flatten()?;
        let peer = raw.connected_to()?;
        Some(Self {
            closing,
            socket: Subject(Arc::clone(socket)),
            words: format!("{} {} to {peer}", raw.protocol.name(), raw.bound_to()),
        })
    }
}
