//! Writes down what was done, for `history`.

#![expect(clippy::disallowed_methods, reason = "when it was done")]

use super::{context::Context, error, history};
use crate::{
    model::{Event, EventKind, ProcessKey, Snapshot, Socket, Text},
    monitor::events,
    report::acted::Acted,
    store::Store,
};
use jiff::Timestamp;

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
    let events: Vec<Event> = acted
        .iter()
        .map(|(socket, acted)| event(context, now, *socket, acted))
        .collect();
    if events.is_empty() {
        return;
    }
    let written =
        history::path(context, None).and_then(|path| Ok(Store::open(&path)?.append(&events)?));
    if written.is_err() && !context.quiet {
        error::print(format_args!(
            "note: what was done could not be written to the history"
        ));
    }
}

fn event(context: &Context, now: Timestamp, socket: Option<&Socket>, acted: &Acted) -> Event {
    let mut parts = vec![acted.words()];
    parts.extend(acted.aftermath.iter().cloned());
    if let Some(uid) = context.environment.sudo_uid {
        parts.push(format!("asked for by user {uid} through sudo"));
    }
    let detail = Text::from(parts.join("; "));
    let mut event = match socket {
        Some(socket) => events::of_socket(now, EventKind::Action, socket, Some(detail)),
        None => Event {
            detail: Some(detail),
            ..Event::of_recorder(EventKind::Action, now)
        },
    };
    event.pid = acted.pid.or(event.pid);
    event.program = acted.name.clone().or(event.program);
    event
}
