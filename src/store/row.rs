//! One event as a row.

use crate::model::{Direction, Endpoint, Event, EventKind, Protocol, State, Text, Verdict};
use jiff::Timestamp;
use rusqlite::{Row, Statement, named_params, types::ValueRef};

/// The columns of an event, in the order [`read`] takes them.
pub(super) const COLUMNS: &str = "at, kind, socket, protocol, local_address, local_port, \
    peer_address, peer_port, state, direction, user, program, pid, exe, service, verdict, detail";

/// The same for a socket that is open: opened as in `opened`, and else as in `last`.
pub(super) const COLUMNS_OF_OPEN: &str = "opened.at, opened.kind, last.socket, last.protocol, \
    last.local_address, last.local_port, last.peer_address, last.peer_port, last.state, \
    last.direction, last.user, last.program, last.pid, last.exe, last.service, last.verdict, \
    opened.detail";

/// Adds one event.
pub(super) const INSERT: &str = "INSERT INTO event (at, kind, socket, protocol, local_address, \
    local_port, peer_address, peer_port, state, direction, user, program, pid, exe, service, \
    verdict, detail) VALUES (:at, :kind, :socket, :protocol, :local_address, :local_port, \
    :peer_address, :peer_port, :state, :direction, :user, :program, :pid, :exe, :service, \
    :verdict, :detail)";

/// Runs [`INSERT`] for an event.
pub(super) fn write(statement: &mut Statement<'_>, event: &Event) -> rusqlite::Result<()> {
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.as_str().to_owned());
    statement.execute(named_params! {
        ":at": event.at.as_microsecond(),
        ":kind": event.kind.name(),
        ":socket": event.socket.as_str(),
        ":protocol": event.protocol.name(),
        ":local_address": event.local.address.to_string(),
        ":local_port": event.local.port,
        ":peer_address": event.peer.map(|peer| peer.address.to_string()),
        ":peer_port": event.peer.map(|peer| peer.port),
        ":state": event.state.map(State::name),
        ":direction": event.direction.map(Direction::name),
        ":user": text(&event.user),
        ":program": text(&event.program),
        ":pid": event.pid,
        ":exe": text(&event.exe),
        ":service": text(&event.service),
        ":verdict": event.verdict.map(Verdict::name),
        ":detail": text(&event.detail),
    })?;
    Ok(())
}

/// Reads an event; `None` when a value is none that this program writes.
///
/// Text is escaped again: others may have written to the file.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Option<Event>> {
    let named = |at: usize| Ok::<_, rusqlite::Error>(text(row.get_ref(at)?));
    let endpoint = |at: usize| {
        let address = text(row.get_ref(at)?).and_then(|address| address.parse().ok());
        let port = row.get_ref(at + 1)?.as_i64_or_null();
        let port = port
            .ok()
            .flatten()
            .and_then(|port| u16::try_from(port).ok());
        let both = address.zip(port);
        Ok::<_, rusqlite::Error>(both.map(|(address, port)| Endpoint { address, port }))
    };
    let pid = row.get_ref(12)?.as_i64_or_null().ok().flatten();
    let at = row.get_ref(0)?.as_i64().ok();
    let at = at.and_then(|at| Timestamp::from_microsecond(at).ok());
    let kind = one_of(EventKind::ALL, EventKind::name, named(1)?);
    let protocol = one_of(Protocol::ALL, Protocol::name, named(3)?);
    let (Some(at), Some(kind), Some(protocol), Some(local), Some(socket)) =
        (at, kind, protocol, endpoint(4)?, named(2)?)
    else {
        return Ok(None);
    };
    Ok(Some(Event {
        at,
        kind,
        socket,
        protocol,
        local,
        peer: endpoint(6)?,
        state: one_of(State::ALL, State::name, named(8)?),
        direction: one_of(Direction::ALL, Direction::name, named(9)?),
        user: named(10)?,
        program: named(11)?,
        pid: pid.and_then(|pid| u32::try_from(pid).ok()),
        exe: named(13)?,
        service: named(14)?,
        verdict: one_of(Verdict::ALL, Verdict::name, named(15)?),
        detail: named(16)?,
    }))
}

fn text(value: ValueRef<'_>) -> Option<Text> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(Text::from_bytes(bytes)),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
    }
}

fn one_of<T: Copy, const N: usize>(
    all: [T; N],
    name: impl Fn(T) -> &'static str,
    wanted: Option<Text>,
) -> Option<T> {
    let wanted = wanted?;
    all.into_iter().find(|one| wanted == name(*one))
}
