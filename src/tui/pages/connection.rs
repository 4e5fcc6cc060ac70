//! The page of one socket: both ends, what the kernel measures, what to think of it.

use super::{Content, Context, details, graphs, judgement, kernel};
use crate::{
    model::{Direction, Rates, Socket, State, TcpCounters, Verdict},
    tui::{
        action::Action,
        app::{menus::HOST, page::Page},
        document::{Document, Piece, Target},
        theme::Role,
        words,
    },
};
use std::net::IpAddr;

/// The page of `socket`.
pub(super) fn content(context: &Context<'_>, socket: &Socket, page: &Page) -> Content {
    let mut main = Document::default();
    about(&mut main, context, socket);
    traffic(&mut main, context, socket, page);
    besides(&mut main, context, socket);
    let is_measured = socket.raw.tcp().is_some() && socket.raw.has_peer();
    if let Some(trace) = page.trace.as_ref().filter(|_| is_measured) {
        graphs::add(&mut main, context, trace);
    }
    let mut side = Document::default();
    // What is wrong with it comes first; else what it does just now.
    let is_wrong = socket.assessment.verdict >= Verdict::Unusual;
    if is_wrong {
        judgement::add(&mut side, socket);
    }
    kernel::add(&mut side, context, socket, &page.looked);
    if !is_wrong {
        judgement::add(&mut side, socket);
    }
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

/// Both ends, and whose it is: what is read first.
fn about(document: &mut Document, context: &Context<'_>, socket: &Socket) {
    let raw = &socket.raw;
    let remote = raw.connected_to();
    document.fields([
        ("Local", raw.bound_to().to_string()),
        (
            "Remote",
            remote.map_or("none".to_owned(), |peer| peer.to_string()),
        ),
        (
            "State",
            format!("{} {}", raw.protocol.name(), raw.state.name()),
        ),
    ]);
    host(document, context, socket);
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
}

/// Where it goes, who may reach it, since when it is there.
fn besides(document: &mut Document, context: &Context<'_>, socket: &Socket) {
    document.blank();
    other_end(document, context, socket);
    let now = context.snapshot.taken_at;
    let seen = if socket.before_us {
        "since before portwise looked".to_owned()
    } else {
        words::moment(socket.first_seen(), now, context.zone)
    };
    let reach = socket.exposure.map(words::exposure);
    let interface = socket.raw.interface();
    let fields = [
        ("Direction", Some(direction(socket.direction).to_owned())),
        ("Reach", reach.map(str::to_owned)),
        ("Interface", interface.map(ToString::to_string)),
        ("Made by", socket.user.as_ref().map(ToString::to_string)),
        ("Seen", Some(seen)),
    ];
    let fields = fields.into_iter();
    document.fields(fields.filter_map(|(name, value)| Some((name, value?))));
    where_it_lives(document, socket);
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
        let others = words::plural(others, "more connection");
        let filter = context.setup.keymap.first_key(Action::QuickFilter);
        let keys = format!("{filter} {HOST}");
        document.field_of(
            "Others",
            vec![
                Piece::new(Role::Text, format!("{others} with this host   ")),
                Piece::new(Role::Key, keys),
                Piece::new(Role::Dim, " to filter"),
            ],
        );
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

fn traffic(document: &mut Document, context: &Context<'_>, socket: &Socket, page: &Page) {
    document.blank();
    let raw = &socket.raw;
    let listens = raw.state == State::Listen;
    let total = |count: Option<u64>| {
        let total = count.map(|count| format!("   total {}", words::of_bytes(count)));
        total.unwrap_or_default()
    };
    let tcp = raw.tcp().filter(|_| !listens);
    let rate = |of: fn(&Rates) -> f64| {
        let rates = socket.rates.as_ref();
        rates.map_or("not measured".to_owned(), |rates| {
            context.unit.rate(of(rates))
        })
    };
    let mut fields = vec![];
    // Nothing goes through a listener itself.
    if !listens {
        let received = total(tcp.and_then(TcpCounters::bytes_received));
        let sent = total(tcp.and_then(TcpCounters::sent));
        fields.push(("Received", rate(Rates::rx_bytes_per_second) + &received));
        fields.push(("Sent", rate(Rates::tx_bytes_per_second) + &sent));
    }
    fields.extend(tcp.into_iter().flat_map(round_trips));
    document.fields(fields);
    if let Some(text) = kernel::limited_by(context, socket, &page.looked) {
        document.field("Limited by", text);
    }
    if let Some((waiting, most)) = raw.recv_queue().zip(raw.send_queue()) {
        if listens {
            document.field("Waiting", format!("{waiting} of at most {most}"));
        } else {
            let (unread, unsent) = (
                words::of_bytes(waiting.into()),
                words::of_bytes(most.into()),
            );
            document.field("Queues", format!("unread {unread}  unsent {unsent}"));
        }
    }
    if tcp.is_none() && !listens {
        let protocol = raw.protocol.name();
        let text = format!("no numbers per connection for this {protocol} socket");
        document.text(0, Role::Dim, text);
    }
}

fn round_trips(tcp: &TcpCounters) -> [(&'static str, String); 2] {
    let least = tcp.min_rtt_us().map(|us| format!("  min {}", millis(us)));
    let (rtt, varies) = (millis(tcp.rtt_us), millis(tcp.rtt_var_us));
    let (again, lost) = (tcp.retransmits, tcp.lost);
    let again = words::plural(again as usize, "segment");
    [
        (
            "RTT",
            format!("{rtt}{}  var {varies}", least.unwrap_or_default()),
        ),
        ("Retransmit", format!("{again}  lost now {lost}")),
    ]
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
