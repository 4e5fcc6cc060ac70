//! The sockets of a process, as a table.

use super::{Context, judgement};
use crate::{
    model::{ProcessKey, Socket, TcpCounters},
    tui::{
        document::{Cell, Cut, Document, Piece, Table, TableRow, Target, mark},
        layout::fields::SOCKETS_OF_PROCESS,
        theme::Role,
        words,
    },
};

/// Sockets that a page lists at most; the rest is a filter of the table away.
const MOST: usize = 20;

/// Of those that closed a moment ago, how many it lists below them at most, the last ones.
const MOST_CLOSED: usize = 5;

/// Adds the sockets of a process: those that are open, in this order, and those that closed a moment ago.
pub(super) fn add(
    document: &mut Document,
    context: &Context<'_>,
    process: ProcessKey,
    open: &[&Socket],
) {
    document.heading_of(heading(context, open));
    let now = context.snapshot.taken_at;
    let ghosts = context.setup.highlight * 3 / 5;
    // The last of this snapshot are those that closed last.
    let closed = context.snapshot.closed.iter().rev().filter(|socket| {
        let its = socket.processes.iter().any(|owner| owner.key == process);
        let lately = |at| words::since(at, now) < ghosts;
        its && socket.closed_at.is_some_and(lately)
    });
    let closed: Vec<&Socket> = closed.map(|socket| &**socket).collect();
    let last = closed.iter().take(MOST_CLOSED).rev();
    let last = last.map(|socket| (*socket, true));
    let open_rows = open.iter().take(MOST).map(|socket| (*socket, false));
    let (mut rows, mut targets) = (vec![], vec![]);
    for (socket, is_closed) in open_rows.chain(last) {
        let mark = mark(socket, is_closed, now, context.setup.highlight);
        rows.push(TableRow::new(mark, cells(context, socket)));
        targets.push(Target::Socket(socket.key()));
    }
    if rows.is_empty() {
        document.text(2, Role::Dim, "none");
        return;
    }
    let columns = SOCKETS_OF_PROCESS;
    document.table(Table { columns, rows }, targets);
    if let Some(more @ 1..) = open.len().checked_sub(MOST) {
        let text = format!(
            "… and {} more: all of them in the table",
            words::grouped(more)
        );
        let filter = Target::Filter(format!("pid:{}", process.pid));
        document.link(2, vec![Piece::new(Role::Accent, text)], filter);
    }
    if let Some(more @ 1..) = closed.len().checked_sub(MOST_CLOSED) {
        let text = format!("… and {} more that closed just now", words::grouped(more));
        document.text(2, Role::Dim, text);
    }
}

/// How many there are, and what goes through all of them whose throughput is measured.
fn heading(context: &Context<'_>, open: &[&Socket]) -> Vec<Piece> {
    let rates = open.iter().filter_map(|socket| socket.rates);
    let sums = rates.fold(None, |sums: Option<(f64, f64)>, rates| {
        let (received, sent) = sums.unwrap_or_default();
        let (more, further) = (rates.rx_bytes_per_second(), rates.tx_bytes_per_second());
        Some((received + more, sent + further))
    });
    let rate = |sum: Option<f64>| sum.map_or("-".to_owned(), |sum| context.unit.rate(sum));
    let received = rate(sums.map(|sums| sums.0));
    let sent = rate(sums.map(|sums| sums.1));
    vec![
        Piece::new(Role::Head, format!("Sockets ({})", open.len())),
        Piece::new(Role::Received, format!("   ↓ {received}")),
        Piece::new(Role::Sent, format!("  ↑ {sent}")),
    ]
}

/// The cells of a row, as many as there are columns.
fn cells(context: &Context<'_>, socket: &Socket) -> Vec<Cell> {
    let raw = &socket.raw;
    let verdict = socket.assessment.verdict;
    let tcp = raw.tcp().filter(|_| raw.has_peer());
    let total = |count: Option<u64>| count.map_or("-".to_owned(), words::of_bytes);
    let transport = if raw.protocol == crate::model::Protocol::Tcp {
        String::new()
    } else {
        format!(" {}", raw.protocol.name())
    };
    let local = format!("{}{transport}", raw.bound_to());
    let age = if socket.before_us {
        "-".to_owned()
    } else {
        words::age(words::since(socket.first_seen(), context.snapshot.taken_at))
    };
    vec![
        Cell::new(Role::Badge(verdict), words::badge(verdict)).cut(Cut::ToFirst),
        Cell::new(Role::Dim, raw.state.name()),
        Cell::new(Role::Text, local).cut(Cut::MiddleBefore(':')),
        Cell::new(Role::Text, remote(context, socket)).cut(Cut::MiddleBefore(':')),
        Cell::new(Role::Accent, words::service(socket)).cut(Cut::EndBefore(' ')),
        Cell::new(Role::Dim, total(tcp.and_then(TcpCounters::bytes_received))),
        Cell::new(Role::Dim, total(tcp.and_then(TcpCounters::sent))),
        Cell::new(Role::Dim, age),
        why(socket),
    ]
}

/// The other end; `*` where anybody may be.
fn remote(context: &Context<'_>, socket: &Socket) -> String {
    let Some(peer) = socket.raw.connected_to() else {
        return "*".to_owned();
    };
    let host = context.names.and_then(|names| names.of_peer(&socket.raw));
    match (host, socket.raw.peer()) {
        (Some(host), Some(end)) => format!("{host}:{}", end.port),
        _ => peer.to_string(),
    }
}

/// The rule that found the worst, and how many others found something.
fn why(socket: &Socket) -> Cell {
    let findings = &socket.assessment.findings;
    let worst = findings.iter().rev().max_by_key(|one| one.severity);
    let Some(worst) = worst else {
        return Cell::new(Role::Dim, "-");
    };
    let role = Role::Tone(judgement::verdict_of(worst));
    match findings.len() - 1 {
        0 => Cell::new(role, worst.rule.to_string()),
        others => Cell::new(role, format!("{} +{others}", worst.rule)).cut(Cut::EndBefore(' ')),
    }
}
