//! The page of one socket: both ends, what the kernel measures, what to think of it.

use super::{Content, Context, details, graphs, judgement};
use crate::{
    model::{Direction, Socket, TcpCounters, Text},
    tui::{
        app::trace::Trace,
        document::{Document, Piece, Target},
        theme::Role,
        words::{self, Unit},
    },
};
use std::net::IpAddr;

/// The page of `socket`.
pub(super) fn content(context: &Context<'_>, socket: &Socket, trace: Option<&Trace>) -> Content {
    let mut main = Document::default();
    about(&mut main, context, socket);
    traffic(&mut main, socket, context.unit);
    if let Some(trace) = trace.filter(|_| socket.raw.tcp().is_some() && socket.raw.peer().is_some())
    {
        graphs::add(&mut main, context, trace);
    }
    let mut side = Document::default();
    judgement::add(&mut side, socket);
    Content {
        title: title(context, socket),
        main,
        side,
        rest: Document::default(),
    }
}

fn title(context: &Context<'_>, socket: &Socket) -> Document {
    let mut pieces = details::title(socket);
    let open = context
        .snapshot
        .sockets
        .iter()
        .any(|one| one.key() == socket.key());
    if !open {
        let closed = socket
            .closed_at
            .map(|at| format!(" {}", words::clock(at, context.zone)))
            .unwrap_or_default();
        pieces.push(Piece::new(Role::Changed, format!("  closed{closed}")));
    }
    let mut document = Document::default();
    document.line(0, pieces);
    document.rule();
    document
}

/// What the other end is called, and who says so.
pub(in crate::tui) fn host(document: &mut Document, context: &Context<'_>, socket: &Socket) {
    let name = context.names.and_then(|names| names.of_peer(&socket.raw));
    if let Some(name) = name {
        let claim = Piece::new(Role::Dim, "  says whoever owns the address");
        document.field_of(
            "Host",
            vec![Piece::new(Role::Text, name.to_string()), claim],
        );
    }
}

/// Its network namespace, what runs it where no owner says so, and what it has lost.
pub(in crate::tui) fn where_it_lives(document: &mut Document, socket: &Socket) {
    let raw = &socket.raw;
    if let Some(netns) = raw.netns().filter(|netns| !netns.own) {
        document.field("Namespace", netns.to_string());
    }
    if let Some(group) = raw.cgroup().filter(|_| socket.processes.is_empty()) {
        let name = group.container.as_ref().or(group.unit.as_ref());
        document.field("Group", name.unwrap_or(&group.path).to_string());
    }
    if let Some(lost) = raw.drops().filter(|lost| *lost > 0) {
        document.field("Lost", words::plural(lost as usize, "packet"));
    }
}

fn about(document: &mut Document, context: &Context<'_>, socket: &Socket) {
    let raw = &socket.raw;
    document.field("Local", raw.bound_to().to_string());
    match raw.connected_to() {
        Some(peer) => document.field("Remote", peer.to_string()),
        None => document.field("Remote", "none"),
    }
    host(document, context, socket);
    other_end(document, context, socket);
    document.field(
        "State",
        format!("{} {}", raw.protocol.name(), raw.state.name()),
    );
    document.field("Direction", direction(socket.direction));
    if let Some(exposure) = socket.exposure {
        document.field("Reach", words::exposure(exposure));
    }
    if let Some(interface) = &raw.interface() {
        document.field("Interface", interface.to_string());
    }
    where_it_lives(document, socket);
    if let Some(service) = &socket.service {
        let text = service.label().unwrap_or(service.status.name());
        let pieces = vec![
            Piece::new(Role::Accent, words::port_of(service.port, service.protocol)),
            Piece::new(Role::Text, format!("  {text}")),
        ];
        document.field_link("Service", pieces, Target::Port(service.port));
    }
    for owner in &socket.processes {
        let pieces = vec![
            Piece::new(Role::Accent, owner.name.to_string()),
            Piece::new(Role::Text, format!(" {}", owner.key.pid)),
            Piece::new(
                Role::Dim,
                format!("  user {}", owner.user.as_deref().unwrap_or("?")),
            ),
        ];
        document.field_link("Process", pieces, Target::Process(owner.key));
    }
    if socket.processes.is_empty() {
        document.field("Process", details::no_owner(context, socket));
    }
    if let Some(user) = &socket.user {
        document.field("Made by", user.to_string());
    }
    let now = context.snapshot.taken_at;
    if socket.before_us {
        document.field("Seen", "since before portwise looked");
    } else {
        document.field("Seen", words::moment(socket.first_seen, now, context.zone));
    }
}

/// Where the other end is, and what else goes there.
fn other_end(document: &mut Document, context: &Context<'_>, socket: &Socket) {
    let Some(peer) = socket.raw.peer().map(|peer| peer.canonical()) else {
        return;
    };
    if !socket.raw.protocol.has_ports() {
        return;
    }
    document.field("Where", whereabouts(peer));
    let with_it = |one: &&Socket| {
        let its_peer = one.raw.peer().map(|peer| peer.canonical());
        one.key() != socket.key() && its_peer == Some(peer)
    };
    let others = context.snapshot.open().filter(with_it).count();
    if others > 0 && !peer.is_loopback() {
        let others = words::plural(others, "more socket");
        document.field("Others", format!("{others} with this address"));
    }
}

/// The kind of network that an address is of.
fn whereabouts(address: IpAddr) -> &'static str {
    match address {
        address if address.is_loopback() => "this machine",
        address if address.is_multicast() => "multicast: whoever listens to the group",
        IpAddr::V4(address) => match address.octets() {
            _ if address.is_private() => "a private network (RFC 1918)",
            _ if address.is_link_local() => "this link (RFC 3927)",
            _ if address.is_documentation() => "documentation (RFC 5737): no host has it",
            _ if address.is_broadcast() => "everybody on this link",
            [100, 64..=127, ..] => "behind a provider's address translation (RFC 6598)",
            [198, 18 | 19, ..] => "benchmarks (RFC 2544): no host has it",
            _ => "the Internet",
        },
        IpAddr::V6(address) => match address.segments() {
            _ if address.is_unique_local() => "a private network (RFC 4193)",
            _ if address.is_unicast_link_local() => "this link (RFC 4291)",
            [0x2001, 0xdb8, ..] => "documentation (RFC 3849): no host has it",
            _ => "the Internet",
        },
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Listen => "waits for others",
        Direction::Inbound => "came in from another machine",
        Direction::Outbound => "goes out to another machine",
        Direction::Local => "both ends are on this machine",
    }
}

fn traffic(document: &mut Document, socket: &Socket, unit: Unit) {
    document.heading("Traffic");
    match socket.rates {
        Some(rates) => {
            document.field("Received", unit.rate(rates.rx_bytes_per_second));
            document.field("Sent", unit.rate(rates.tx_bytes_per_second));
        }
        None => document.field("Rates", "not measured"),
    }
    let listens = socket.raw.state == crate::model::State::Listen;
    let (waiting, unsent) = if listens {
        ("Waiting", "Backlog")
    } else {
        ("Unread", "Unsent")
    };
    let bytes_word = if listens { "" } else { " bytes" };
    if let Some(bytes) = socket.raw.recv_queue() {
        document.field(waiting, format!("{bytes}{bytes_word}"));
    }
    if let Some(bytes) = socket.raw.send_queue() {
        document.field(unsent, format!("{bytes}{bytes_word}"));
    }
    match socket.raw.tcp() {
        Some(tcp) if !listens => kernel_numbers(document, tcp, socket.raw.congestion()),
        Some(_) => {}
        None => {
            let protocol = socket.raw.protocol.name();
            let text = format!("no numbers per connection for this {protocol} socket");
            document.text(0, Role::Dim, text);
        }
    }
}

fn kernel_numbers(document: &mut Document, tcp: &TcpCounters, congestion: Option<&Text>) {
    let least = tcp.min_rtt_us().map(|us| format!("  min {}", millis(us)));
    let (rtt, varies) = (millis(tcp.rtt_us), millis(tcp.rtt_var_us));
    let text = format!("{rtt}{}  var {varies}", least.unwrap_or_default());
    document.field("RTT", text);
    let (again, lost) = (tcp.retransmits, tcp.lost);
    let again = words::plural(again as usize, "segment");
    document.field("Retransmit", format!("{again}  lost now {lost}"));
    let congestion = congestion.map_or("unknown", Text::as_str);
    document.field(
        "Congestion",
        format!(
            "{congestion}  cwnd {}",
            words::plural(tcp.cwnd as usize, "segment")
        ),
    );
    if let Some(received) = tcp.bytes_received() {
        document.field("Total", format!("received {}", bytes(received)));
    }
    if let Some(sent) = tcp.sent() {
        document.field("", format!("sent {}", bytes(sent)));
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "it is shown with one digit behind the point"
)]
fn bytes(count: u64) -> String {
    words::bytes(count as f64)
}

/// On one's own machine a round trip takes microseconds.
fn millis(us: u32) -> String {
    let digits = if us < 10_000 { 2 } else { 1 };
    format!("{:.digits$} ms", f64::from(us) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::address;

    #[test]
    fn an_address_says_what_network_it_is_of() {
        for (text, said) in [
            ("127.0.0.1", "this machine"),
            ("::1", "this machine"),
            ("10.0.0.5", "a private network (RFC 1918)"),
            ("172.31.255.1", "a private network (RFC 1918)"),
            ("172.32.0.1", "the Internet"),
            ("169.254.1.1", "this link (RFC 3927)"),
            (
                "100.64.0.1",
                "behind a provider's address translation (RFC 6598)",
            ),
            ("100.128.0.1", "the Internet"),
            ("192.0.2.77", "documentation (RFC 5737): no host has it"),
            ("198.19.0.1", "benchmarks (RFC 2544): no host has it"),
            ("224.0.0.251", "multicast: whoever listens to the group"),
            ("fd00::1", "a private network (RFC 4193)"),
            ("fe80::1", "this link (RFC 4291)"),
            ("2001:db8::1", "documentation (RFC 3849): no host has it"),
            ("2606:4700::1111", "the Internet"),
        ] {
            assert_eq!(whereabouts(address(text)), said, "{text}");
        }
    }
}
