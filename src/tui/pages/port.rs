//! The page of a port: what is known about the number, and what is true here now.

use super::{Content, Context, judgement, knowledge, past, socket_lines, sort_for_reading};
use crate::{
    model::{Page, Protocol, Socket, Verdict},
    tui::{
        app::looked::Looked,
        document::{Document, Piece, Target},
        theme::Role,
        words,
    },
};

/// The page of `port`; `asked` is the transport a person came from, whose name comes first.
pub(super) fn content(
    context: &Context<'_>,
    port: u16,
    asked: Option<Protocol>,
    looked: &Looked,
) -> Content {
    let page = context.registry.page(port, None);
    let here = here(context, port);
    let label = asked.and_then(|protocol| context.registry.service(port, protocol).label());
    Content {
        title: title(&page, label, &here),
        main: knowledge::registry(&page, context.registry.day()),
        side: now(context, port, &here, looked),
        rest: rest(context, &page),
    }
}

/// What to know of it besides.
fn rest(context: &Context<'_>, page: &Page) -> Document {
    let mut document = knowledge::practice(page);
    let mut nearby = vec![];
    for (name, port) in [-2, -1, 1, 2].into_iter().filter_map(|by| {
        let port = page.port.checked_add_signed(by)?;
        let service = context.registry.service(port, Protocol::Tcp);
        Some((service.label()?, port))
    }) {
        nearby.push(Piece::new(Role::Text, format!("  {port} ")));
        nearby.push(Piece::new(Role::Accent, name));
    }
    if !nearby.is_empty() {
        document.heading("Nearby");
        document.hanging(2, nearby);
    }
    document
}

/// The sockets that have the port, in the order in which they read best.
pub(super) fn here<'a>(context: &Context<'a>, port: u16) -> Vec<&'a Socket> {
    let all = context.snapshot.open();
    let mut here: Vec<_> = all
        .filter(|socket| socket.raw.port() == Some(port))
        .collect();
    sort_for_reading(&mut here);
    here
}

fn title(page: &Page, label: Option<&str>, here: &[&Socket]) -> Document {
    let mut document = Document::default();
    document.line(0, heading(page, label, here));
    document.rule();
    document
}

/// Number, name, and the worst verdict of what is here.
pub(super) fn heading(page: &Page, label: Option<&str>, here: &[&Socket]) -> Vec<Piece> {
    let label = label.or(page.label).unwrap_or(page.status.name());
    let mut pieces = vec![
        Piece::new(Role::Key, format!("Port {}", page.port)),
        Piece::new(Role::Accent, format!("  {label}  ")),
    ];
    match here.iter().map(|socket| socket.assessment.verdict).max() {
        Some(worst) => {
            let badge = format!(" {} ", words::badge(worst));
            pieces.push(Piece::new(Role::Badge(worst), badge));
            let count = words::plural(here.len(), "socket");
            pieces.push(Piece::new(Role::Dim, format!("  {count} here now")));
        }
        None => pieces.push(Piece::new(Role::Dim, "nothing uses it here now")),
    }
    pieces
}

fn now(context: &Context<'_>, port: u16, here: &[&Socket], looked: &Looked) -> Document {
    let mut document = Document::default();
    document.heading("Here now");
    if here.is_empty() {
        document.text(
            2,
            Role::Dim,
            format!("no socket of this machine has port {port}"),
        );
    }
    socket_lines(&mut document, here, true);
    owners(&mut document, context, here);
    past::add(&mut document, context, (port, here), looked);
    declared(&mut document, context, port);
    let mut told: Vec<&Socket> = vec![];
    for socket in here {
        let known = told.iter().any(|one| one.assessment == socket.assessment);
        let calm = socket.assessment.verdict == Verdict::Expected && !told.is_empty();
        if !known && !calm {
            judgement::add(&mut document, socket);
            told.push(socket);
        }
    }
    document
}

fn owners(document: &mut Document, context: &Context<'_>, here: &[&Socket]) {
    let mut owners: Vec<_> = here.iter().flat_map(|socket| &socket.processes).collect();
    owners.sort_by_key(|process| process.key);
    owners.dedup_by_key(|process| process.key);
    for owner in owners.iter().take(super::MOST_SOCKETS) {
        let started = owner
            .started_at
            .map(|at| words::age(words::since(at, context.snapshot.taken_at)));
        let started = started
            .map(|age| format!("  started {age} ago"))
            .unwrap_or_default();
        let user = owner.user.as_deref().unwrap_or("?");
        let pieces = vec![
            Piece::new(Role::Dim, "by "),
            Piece::new(Role::Accent, format!("{} {}", owner.name, owner.key.pid)),
            Piece::new(Role::Dim, format!("  user {user}{started}")),
        ];
        document.link(2, pieces, Target::Process(owner.key));
    }
}

/// What this machine's own files say about the port, where any does.
fn declared(document: &mut Document, context: &Context<'_>, port: u16) {
    let said = |protocol| context.snapshot.declared_for(port, protocol);
    let said = said(Protocol::Tcp).chain(said(Protocol::Udp));
    for (at, one) in said.enumerate() {
        if at == 0 {
            document.heading("What files of this machine say");
        }
        let line = format!("{}: {}", one.protocol.name(), one.words());
        document.text(2, Role::Text, line);
    }
}
