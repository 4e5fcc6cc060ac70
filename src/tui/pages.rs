//! What the pages, the details pane and the help say, as documents.

pub(super) mod connection;
pub(super) mod details;
pub(super) mod doctor;
mod facts;
mod graphs;
pub(super) mod help;
pub(super) mod hidden;
mod judgement;
mod kernel;
mod knowledge;
pub(super) mod log;
mod past;
pub(super) mod port;
pub(super) mod process;
pub(super) mod summary;

use super::{
    app::{
        Setup,
        page::{Page, Subject},
        timeline::Timeline,
    },
    document::{Document, Line, Piece, Target},
    theme::Role,
    words::Unit,
};
use crate::{
    model::{Names, Snapshot, Socket, State},
    registry::Registry,
};
use jiff::tz::TimeZone;
use std::{
    cmp::{Ordering, Reverse},
    ops::Range,
};

/// Columns from which a page has two columns.
const TWO_COLUMNS: u16 = 110;

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
    /// One line over both columns.
    pub(super) title: Document,
    pub(super) main: Document,
    /// Right of it where there is room, else below.
    pub(super) side: Document,
    /// Below both.
    pub(super) rest: Document,
}

/// A page as lines on a screen.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) title: Vec<Line>,
    pub(super) main: Vec<Line>,
    pub(super) side: Vec<Line>,
    /// Columns of `main`; `side` begins behind them.
    pub(super) main_width: u16,
    pub(super) links: Vec<Target>,
    main_links: usize,
}

/// What `page` says.
pub(super) fn content(context: &Context<'_>, page: &Page) -> Content {
    match &page.subject {
        Subject::Port(port, protocol) => port::content(context, *port, *protocol, &page.looked),
        Subject::Process(process) => process::content(context, process, &page.looked),
        Subject::Socket(socket) => connection::content(context, socket, page),
    }
}

impl Sheet {
    /// Lays `content` out on `width` columns.
    pub(super) fn new(content: Content, width: u16) -> Self {
        let room = usize::from(width.saturating_sub(2));
        let title = content.title.lines(room);
        let (mut main, side) = (content.main, content.side);
        if width < TWO_COLUMNS {
            main.append(side);
            main.append(content.rest);
            return Self {
                title,
                main_links: main.links().len(),
                links: main.links().to_vec(),
                main: main.lines(room),
                side: vec![],
                main_width: width,
            };
        }
        main.append(content.rest);
        let main_links = main.links().len();
        let links = [main.links(), side.links()].concat();
        let main_width = width * 3 / 5;
        Self {
            title,
            main: main.lines(usize::from(main_width.saturating_sub(2))),
            side: side.lines(usize::from((width - main_width).saturating_sub(3))),
            main_width,
            links,
            main_links,
        }
    }

    /// How many lines it has.
    pub(super) fn height(&self) -> usize {
        self.title.len() + self.main.len().max(self.side.len())
    }

    /// The lines of a link.
    pub(super) fn rows_of(&self, link: usize) -> Range<usize> {
        let of = |lines: &[Line], link: usize| {
            let first = lines.iter().position(|line| line.link == Some(link));
            let last = lines.iter().rposition(|line| line.link == Some(link));
            first.zip(last).map(|(first, last)| first..last + 1)
        };
        let rows = match link.checked_sub(self.main_links) {
            None => of(&self.main, link),
            Some(in_side) => of(&self.side, in_side),
        };
        let rows = rows.unwrap_or_default();
        rows.start + self.title.len()..rows.end + self.title.len()
    }

    /// The link at a line and a column.
    pub(super) fn link_at(&self, row: usize, x: u16) -> Option<usize> {
        let row = row.checked_sub(self.title.len())?;
        if x < self.main_width {
            self.main.get(row)?.link
        } else {
            Some(self.side.get(row)?.link? + self.main_links)
        }
    }

    /// The number that a link of the right column has among all.
    pub(super) fn side_link(&self, link: usize) -> usize {
        link + self.main_links
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

/// Worst first, listeners before connections.
fn sort_for_reading(sockets: &mut [&Socket]) {
    sockets.sort_by(|one, other| for_reading(one, other));
}

/// What is to be read first.
fn for_reading(one: &Socket, other: &Socket) -> Ordering {
    let key = |socket: &Socket| {
        let connected = socket.raw.state != State::Listen;
        (
            Reverse(socket.assessment.verdict),
            connected,
            socket.raw.local(),
            socket.key(),
        )
    };
    key(one).cmp(&key(other))
}
