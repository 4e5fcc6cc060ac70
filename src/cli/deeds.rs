//! Writes down what was done, for `history` and the dashboard.

#![expect(clippy::disallowed_methods, reason = "when it was done")]

use super::{context::Context, error, history};
use crate::{
    model::{Acted, Event, EventKind, ProcessKey, Snapshot, Socket, Text},
    monitor::events,
    store::Store,
};
use jiff::Timestamp;
use std::path::PathBuf;

/// The action log: the history, where what was done stands among what happened.
///
/// An action is always written down, so the first one begins a history where none is, and says where.
#[derive(Debug, Clone)]
pub(super) struct Journal {
    path: Option<PathBuf>,
    /// Who called `sudo`.
    asked_for_by: Option<u32>,
}

impl Journal {
    /// That of `context`.
    pub(super) fn of(context: &Context) -> Self {
        Self {
            path: history::path(context, None).ok(),
            asked_for_by: context.environment.sudo_uid,
        }
    }

    /// Writes one event for each. Returns the file when this began it.
    ///
    /// # Errors
    ///
    /// Says why it could not be written.
    pub(super) fn write(&self, events: &[Event]) -> Result<Option<PathBuf>, String> {
        let path = self.path.as_ref().ok_or("there is no home directory")?;
        let is_new = matches!(path.try_exists(), Ok(false));
        let written = Store::add(path, events);
        written.map_err(|error| format!("could not {error}"))?;
        Ok(is_new.then(|| path.clone()))
    }

    /// The last things that were done, the newest last.
    ///
    /// # Errors
    ///
    /// Says why they could not be read.
    pub(super) fn recent(&self, most: usize) -> Result<Vec<Event>, String> {
        let path = self.path.as_ref().ok_or("there is no home directory")?;
        // Looking must not begin a history.
        if matches!(path.try_exists(), Ok(false)) {
            return Ok(vec![]);
        }
        let read = Store::open(path).and_then(|store| store.of_kind(EventKind::Action, most));
        read.map_err(|error| format!("could not {error}"))
    }

    /// An event about `socket` that says what was done.
    pub(super) fn event(&self, at: Timestamp, socket: Option<Event>, acted: &Acted) -> Event {
        let mut sentence = acted.sentence();
        if let Some(uid) = self.asked_for_by {
            sentence = format!("{sentence}; asked for by user {uid} through sudo");
        }
        let mut event = socket.unwrap_or_else(|| Event::of_recorder(EventKind::Action, at));
        event.at = at;
        event.kind = EventKind::Action;
        event.detail = Some(Text::from(sentence));
        event.pid = acted.pid.or(event.pid);
        event.program = acted.name.clone().or(event.program);
        event
    }
}

/// The socket of a process that tells most about it: one it listens on, else its first.
pub(super) fn socket_of(snapshot: &Snapshot, process: ProcessKey) -> Option<&Socket> {
    let mut sockets = snapshot.sockets_of(process);
    let mut listening = snapshot
        .sockets_of(process)
        .filter(|socket| socket.raw.is_listening());
    listening.next().or_else(|| sockets.next())
}

/// Writes one event for each, with the socket it was about. That it cannot be written is said, and is no
/// failure of the action.
pub(super) fn write(context: &Context, acted: &[(Option<&Socket>, &Acted)]) {
    let now = Timestamp::now();
    let journal = Journal::of(context);
    let event = |(socket, acted): &(Option<&Socket>, &Acted)| {
        let socket = socket.map(|one| events::of_socket(now, EventKind::Action, one, None));
        journal.event(now, socket, acted)
    };
    let events: Vec<Event> = acted.iter().map(event).collect();
    if events.is_empty() {
        return;
    }
    let note = match journal.write(&events) {
        Ok(None) => return,
        Ok(Some(path)) => format!(
            "what was done is written down in {}; `portwise history` shows it",
            path.display()
        ),
        Err(why) => format!(
            "what was done could not be written to the history: {}",
            Text::from(why)
        ),
    };
    if !context.quiet {
        error::print(format_args!("note: {note}"));
    }
}
