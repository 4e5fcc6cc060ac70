//! What stands in the cells of one row.

use crate::{
    model::{Endpoint, Names, OwnersSeen, Protocol, Snapshot, Socket, State, Text},
    query::Column,
    tui::{
        app::groups::Group,
        document::{self, Piece},
        layout::Slot,
        plain,
        theme::Role,
        words::{self, Unit, Writing},
    },
};
use std::time::Duration;

/// What a row's cells need to know besides its socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// The columns that are on screen.
    pub(super) slots: &'a [Slot],
    /// How long a new row is marked.
    pub(super) highlight: Duration,
    pub(super) writing: Writing,
    /// What other machines are called, where the person wants to know.
    pub(super) names: Option<&'a Names>,
}

/// The mark before a row: new, changed or closed.
pub(super) fn mark(socket: &Socket, closed: bool, setting: Setting<'_>) -> Piece {
    let now = setting.snapshot.taken_at;
    document::mark(socket, closed, now, setting.highlight)
}

/// One cell.
pub(super) fn cell(socket: &Socket, slot: Slot, setting: Setting<'_>) -> Piece {
    let width = usize::from(slot.width);
    let raw = &socket.raw;
    let verdict = socket.assessment.verdict;
    match slot.column {
        Column::Verdict if width > 2 => Piece::new(Role::Badge(verdict), words::badge(verdict)),
        Column::Verdict => Piece::new(Role::Badge(verdict), words::glyph(verdict)),
        Column::Local => Piece::new(Role::Text, local(socket, width, setting)),
        Column::Service => service(socket, width),
        Column::Process => Piece::new(Role::Text, owner(socket, width, setting.snapshot)),
        Column::Rx => {
            let rate = socket.rates.map(|rates| rates.rx_bytes_per_second());
            rate_cell(Role::Received, rate, setting.writing.unit)
        }
        Column::Tx => {
            let rate = socket.rates.map(|rates| rates.tx_bytes_per_second());
            rate_cell(Role::Sent, rate, setting.writing.unit)
        }
        Column::State if width > 2 => Piece::new(Role::Dim, raw.state.name()),
        Column::State => Piece::new(Role::Dim, letter(raw.protocol, raw.state)),
        Column::Protocol => Piece::new(Role::Dim, raw.protocol.name()),
        Column::Remote => Piece::new(Role::Text, remote(socket, width, setting)),
        Column::User => {
            let user = socket.user.as_deref().unwrap_or("-");
            Piece::new(Role::Dim, words::fit(user, width))
        }
        Column::Pid => {
            let pid = socket.owner().map(|owner| owner.key.pid.to_string());
            Piece::new(Role::Text, pid.unwrap_or_else(|| "-".to_owned()))
        }
        Column::Interface => text_or_dash(raw.interface().map(Text::as_str), width),
        Column::Rtt => {
            let rtt = raw.tcp().map(|tcp| tcp.rtt_us).filter(|us| *us > 0);
            let text = rtt.map(|us| format!("{:.1} ms", f64::from(us) / 1000.0));
            Piece::new(Role::Dim, text.unwrap_or_else(|| "-".to_owned()))
        }
        Column::Unit => {
            let unit = socket.owner().and_then(|owner| owner.unit.as_deref());
            text_or_dash(unit, width)
        }
        Column::Container => {
            let owner = socket.owner();
            text_or_dash(owner.and_then(|owner| owner.container.as_deref()), width)
        }
        Column::Namespace => {
            let elsewhere = raw.netns().filter(|netns| !netns.own);
            let text = elsewhere.map_or("-".to_owned(), ToString::to_string);
            Piece::new(Role::Dim, words::middle(&text, width))
        }
        Column::Age if socket.before_us => Piece::new(Role::Dim, "-"),
        Column::Age => {
            let age = words::since(socket.first_seen(), setting.snapshot.taken_at);
            Piece::new(Role::Dim, words::age(age))
        }
    }
}

fn text_or_dash(text: Option<&str>, width: usize) -> Piece {
    Piece::new(Role::Dim, words::fit(text.unwrap_or("-"), width))
}

/// One cell of a row that counts several sockets.
pub(super) fn of_group(group: &Group, slot: Slot, unit: Unit) -> Piece {
    let width = usize::from(slot.width);
    let verdict = group.sums.worst();
    let of_all = |text: &Option<String>| match text {
        Some(text) => words::fit(text, width),
        None => "-".to_owned(),
    };
    match slot.column {
        Column::Verdict if width > 2 => Piece::new(Role::Badge(verdict), words::badge(verdict)),
        Column::Verdict => Piece::new(Role::Badge(verdict), words::glyph(verdict)),
        Column::Local => {
            // How many there are is never cut.
            let (name, count) = group.label();
            let room = width.saturating_sub(plain::width(&count));
            Piece::new(Role::Head, format!("{}{count}", words::fit(&name, room)))
        }
        Column::Service => Piece::new(Role::Accent, of_all(&group.service)),
        Column::Process => Piece::new(Role::Text, of_all(&group.owner)),
        Column::Rx => rate_cell(Role::Received, group.sums.rates.map(|rates| rates.0), unit),
        Column::Tx => rate_cell(Role::Sent, group.sums.rates.map(|rates| rates.1), unit),
        Column::State
        | Column::Protocol
        | Column::Remote
        | Column::User
        | Column::Pid
        | Column::Age
        | Column::Interface
        | Column::Rtt
        | Column::Unit
        | Column::Container
        | Column::Namespace => Piece::new(Role::Text, ""),
    }
}

/// Whether numbers in this column stand on the right.
pub(super) fn is_number(column: Column) -> bool {
    matches!(
        column,
        Column::Rx | Column::Tx | Column::Age | Column::Pid | Column::Rtt
    )
}

/// The title of a column.
pub(super) fn title(slot: Slot) -> &'static str {
    match slot.column {
        Column::Verdict if slot.width > 2 => "VERDICT",
        Column::Verdict => "V",
        Column::Local => "LOCAL",
        Column::Service => "SERVICE",
        Column::Process => "PROCESS",
        Column::Rx => "↓ B/s",
        Column::Tx => "↑ B/s",
        Column::State if slot.width > 2 => "STATE",
        Column::State => "ST",
        Column::Protocol => "PROTO",
        Column::Remote => "REMOTE",
        Column::User => "USER",
        Column::Pid => "PID",
        Column::Age => "AGE",
        Column::Interface => "IFACE",
        Column::Rtt => "RTT",
        Column::Unit => "UNIT",
        Column::Container => "CONTAINER",
        Column::Namespace => "NETNS",
    }
}

/// The local end; `udp` stands behind it where no other column says so.
fn local(socket: &Socket, width: usize, setting: Setting<'_>) -> String {
    let said = |slot: &Slot| matches!(slot.column, Column::Protocol | Column::State);
    let silent = !setting.slots.iter().any(said);
    let raw = &socket.raw;
    let end = |width| match port_name(socket, raw.local(), setting.writing) {
        Some(name) => words::named_endpoint(raw.local(), name, width),
        None => words::local(raw, width),
    };
    let has_column = |slot: &Slot| slot.column == Column::Namespace;
    let elsewhere = raw.netns().filter(|netns| !netns.own);
    if let Some(netns) = elsewhere.filter(|_| !setting.slots.iter().any(has_column)) {
        let name = words::middle(&netns.to_string(), width / 3);
        let end = end(width.saturating_sub(name.chars().count() + 1));
        return format!("{end} {name}");
    }
    if silent && raw.protocol != Protocol::Tcp {
        let name = raw.protocol.name();
        let end = end(width.saturating_sub(name.len() + 1));
        return format!("{end} {name}");
    }
    end(width)
}

/// The other end; nothing where there is none.
fn remote(socket: &Socket, width: usize, setting: Setting<'_>) -> String {
    let peer = socket.raw.peer();
    if let Some(peer) = peer.filter(|_| socket.raw.protocol.has_ports())
        && let Some(host) = setting.names.and_then(|names| names.of(peer.address))
    {
        let port = match port_name(socket, peer, setting.writing) {
            Some(name) => name.to_owned(),
            None => peer.port.to_string(),
        };
        return words::named_host(host, &port, width);
    }
    let named = peer.and_then(|peer| Some((peer, port_name(socket, peer, setting.writing)?)));
    match named {
        Some((peer, name)) => words::named_endpoint(peer, name, width),
        None => words::remote(&socket.raw, width).unwrap_or_default(),
    }
}

/// The name of the port of `end`, where a person wants names and it is the port that the socket is about.
fn port_name(socket: &Socket, end: Endpoint, writing: Writing) -> Option<&'static str> {
    let service = socket.service.as_ref().filter(|_| writing.port_names)?;
    (service.port == end.port).then(|| service.label())?
}

fn service(socket: &Socket, width: usize) -> Piece {
    let text = words::service(socket);
    // The port behind the arrow is what must stay.
    let text = match text.split_once(" →") {
        Some((name, port)) => {
            let room = width.saturating_sub(port.len() + 2);
            format!("{} →{port}", words::fit(name, room))
        }
        None => words::fit(&text, width),
    };
    Piece::new(Role::Accent, text)
}

fn owner(socket: &Socket, width: usize, snapshot: &Snapshot) -> String {
    if snapshot.coverage.owners == OwnersSeen::NotYet {
        return words::fit("…", width);
    }
    let seen = snapshot.coverage.owners == OwnersSeen::All;
    words::owner(socket, seen, width)
}

/// Throughput; `-` where nobody can tell.
pub(super) fn rate_cell(role: Role, bytes_per_second: Option<f64>, unit: Unit) -> Piece {
    match bytes_per_second {
        Some(rate) if rate >= 0.5 => Piece::new(role, words::amount(unit.of(rate))),
        Some(_) => Piece::new(Role::Dim, "0"),
        None => Piece::new(Role::Dim, "-"),
    }
}

fn letter(protocol: Protocol, state: State) -> &'static str {
    match (protocol, state) {
        (Protocol::Udp | Protocol::UdpLite, _) => "U",
        (Protocol::Packet, _) => "P",
        (Protocol::Raw, _) => "R",
        (Protocol::Icmp, _) => "I",
        (_, State::Listen) => "L",
        (_, State::Established) => "E",
        (_, State::SynSent | State::SynRecv) => "S",
        (_, State::TimeWait) => "T",
        (_, State::CloseWait) => "C",
        (_, State::FinWait1 | State::FinWait2 | State::LastAck | State::Closing) => "F",
        (_, State::Close | State::Unconnected) => "-",
    }
}
