//! What the pages, the details pane and the help say, as documents.

pub(super) mod connection;
pub(super) mod details;
pub(super) mod dialog;
pub(super) mod doctor;
mod facts;
mod graphs;
mod held;
pub(super) mod help;
pub(super) mod hidden;
mod judgement;
mod kernel;
mod knowledge;
pub(super) mod log;
mod past;
pub(super) mod port;
pub(super) mod process;
mod sheet;
pub(super) mod summary;

pub(super) use sheet::Sheet;

use super::{
    app::{
        Setup,
        page::{Page, Subject},
        timeline::Timeline,
    },
    document::{Document, Piece, Target},
    theme::Role,
    words::Unit,
};
use crate::{
    model::{Names, Snapshot, Socket, State},
    registry::Registry,
};
use jiff::tz::TimeZone;
use std::{
    borrow::Borrow,
    cmp::{Ordering, Reverse},
    ops::Deref,
};

/// Sockets that a page lists at most; the rest is counted.
const MOST_SOCKETS: usize = 100;

/// What pages are made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) registry: &'static Registry,
    pub(super) zone: &'a TimeZone,
    /// There is room for pictures of several rows.
    pub(super) tall: bool,
    /// In what throughput is told.
    pub(super) unit: Unit,
    /// What happened since the start.
    pub(super) timeline: &'a Timeline,
    /// What is shown was recorded: nothing more can be asked for.
    pub(super) recorded: bool,
    /// Which keys mean what, among others.
    pub(super) setup: &'a Setup,
    /// What other machines are called, where the person wants to know.
    pub(super) names: Option<&'a Names>,
}

/// What a page says.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Over both columns.
    pub(super) title: Document,
    pub(super) main: Document,
    /// Right of it where there is room, else below.
    pub(super) side: Document,
    /// Below both.
    pub(super) rest: Document,
}

/// What `page` says.
pub(super) fn content(context: &Context<'_>, page: &Page) -> Content {
    match &page.subject {
        Subject::Port(port, protocol) => port::content(context, *port, *protocol, &page.looked),
        Subject::Process(process) => process::content(context, process, page),
        Subject::Socket(socket) => connection::content(context, socket, page),
    }
}

/// A socket in one line, as a link to its page.
fn socket_line(document: &mut Document, socket: &Socket, with_owner: bool) {
    use super::words;
    let verdict = socket.assessment.verdict;
    let raw = &socket.raw;
    let mut pieces = vec![
        Piece::new(Role::Tone(verdict), format!("{:<8}", words::badge(verdict))),
        Piece::new(
            Role::Dim,
            format!("{} {:<11} ", raw.protocol.name(), raw.state.name()),
        ),
        Piece::new(Role::Text, raw.bound_to().to_string()),
    ];
    if let Some(peer) = raw.connected_to() {
        pieces.push(Piece::new(Role::Dim, " → "));
        pieces.push(Piece::new(Role::Text, peer.to_string()));
    }
    if with_owner {
        if let Some(owner) = socket.owner() {
            pieces.push(Piece::new(
                Role::Accent,
                format!("  {} {}", owner.name, owner.key.pid),
            ));
        } else if raw.state.can_have_owner() {
            pieces.push(Piece::new(Role::Dim, "  no visible owner"));
        }
    } else if let Some(label) = socket
        .service
        .as_ref()
        .and_then(crate::model::Service::label)
    {
        pieces.push(Piece::new(Role::Accent, format!("  {label}")));
    }
    document.link(2, pieces, Target::Socket(socket.key()));
}

/// The sockets of a list as lines; what is too many is counted.
fn socket_lines(document: &mut Document, sockets: &[&Socket], with_owner: bool) {
    let first = sockets.iter().copied().take(MOST_SOCKETS);
    first_lines(document, first, sockets.len(), with_owner);
}

/// The first sockets of so many as lines; the others are counted.
fn first_lines<'a>(
    document: &mut Document,
    first: impl Iterator<Item = &'a Socket>,
    count: usize,
    with_owner: bool,
) {
    for socket in first {
        socket_line(document, socket, with_owner);
    }
    if count > MOST_SOCKETS {
        let more = count - MOST_SOCKETS;
        document.text(2, Role::Dim, format!("… and {more} more"));
    }
}

/// Worst first, listeners before connections, then in the order of the table's addresses.
fn sort_for_reading(sockets: &mut [&Socket]) {
    sockets.sort_by(|one, other| for_reading(one, other));
}

/// The first `most` of them in that order; the others are not put into one.
pub(super) fn first_to_read<S>(all: &mut Vec<S>, most: usize)
where
    S: Deref<Target: Borrow<Socket>>,
{
    let by = |one: &S, other: &S| for_reading((**one).borrow(), (**other).borrow());
    if all.len() > most {
        all.select_nth_unstable_by(most, by);
        all.truncate(most);
    }
    all.sort_unstable_by(by);
}

/// What is to be read first.
fn for_reading(one: &Socket, other: &Socket) -> Ordering {
    let key = |socket: &Socket| {
        let (raw, local) = (&socket.raw, socket.raw.local());
        let connected = raw.state != State::Listen;
        let worst = Reverse(socket.assessment.verdict);
        (
            worst,
            connected,
            raw.port().is_none(),
            local.port,
            local.address,
        )
    };
    let by_key = || one.key().cmp(&other.key());
    key(one).cmp(&key(other)).then_with(by_key)
}
