//! What the kernel tells of a connection while its page is open: what limits it, its timers, windows and options.

use super::Context;
use crate::{
    model::{
        Connection, Fact, Socket, SourceKind, Unseen,
        connection::{LimitedBy, Numbers, Timer, TimerKind},
    },
    tui::{
        app::looked::{Looked, is_connection},
        document::{Document, HOLD},
        theme::Role,
        words,
    },
};
use std::time::Duration;

/// Adds what was told of `socket`, or why nothing was.
pub(super) fn add(
    document: &mut Document,
    context: &Context<'_>,
    socket: &Socket,
    looked: &Looked,
) {
    if !is_connection(socket) {
        return;
    }
    document.heading("From the kernel");
    match &looked.connection {
        Some(Fact::Known(connection)) => told(document, connection),
        Some(Fact::Unknown(why)) => document.text(2, Role::Dim, why_not(*why, context)),
        None if context.recorded => {
            document.text(2, Role::Dim, "a recording has no more than this");
        }
        None if socket.closed_at.is_some() => {
            document.text(2, Role::Dim, why_not(Unseen::Gone, context));
        }
        None => document.text(2, Role::Dim, "being asked"),
    }
}

fn why_not(why: Unseen, context: &Context<'_>) -> &'static str {
    match (why, context.snapshot.source) {
        (Unseen::Gone, _) => "it had closed before it was asked for",
        (Unseen::NotPermitted, _) => {
            "its network namespace may not be entered: more privilege would show it"
        }
        (_, SourceKind::SockDiag) => "the kernel tells no more of it",
        (_, SourceKind::ProcNet | SourceKind::Portable) => {
            "only the source sock-diag (Linux) can ask for more"
        }
    }
}

fn told(document: &mut Document, connection: &Connection) {
    let name = connection.congestion.as_deref().unwrap_or("unknown");
    match &connection.tcp {
        Some(tcp) => {
            document.field("Congestion", congestion(name, tcp));
            window(document, tcp);
            document.field("Segments", segments(tcp));
            if let Some(text) = losses(tcp) {
                document.field("Losses", text);
            }
        }
        None => document.text(
            2,
            Role::Dim,
            "no tcp_info any more: it only waits to be forgotten",
        ),
    }
    document.field("Timer", timer(connection.timer, connection.tcp.as_deref()));
    if let Some(tcp) = &connection.tcp {
        document.field("Last data", last_data(tcp));
        document.field("Under way", under_way(tcp));
    }
    if let Some(text) = memory(connection) {
        document.field("Memory", text);
    }
    if let Some(tcp) = &connection.tcp {
        let names = tcp.options.names();
        document.field("Options", names.unwrap_or_else(|| "none".to_owned()));
    }
}

fn congestion(name: &str, tcp: &Numbers) -> String {
    let slow_start = tcp
        .slow_start
        .map(|segments| format!("ssthresh {segments}"));
    let pacing = tcp
        .pacing
        .map(|rate| format!("pacing {}/s", words::of_bytes(rate)));
    let parts = [name.to_owned(), format!("cwnd {}", tcp.window)];
    together(parts.into_iter().chain(slow_start).chain(pacing))
}

/// For how many bytes either end has told the other that it has room.
fn window(document: &mut Document, tcp: &Numbers) {
    let of = |name: &str, room: Option<u32>| {
        room.map(|room| format!("{name} {}", words::of_bytes(room.into())))
    };
    let both = [of("snd", tcp.peers_room), of("rcv", tcp.own_room)];
    let both = together(both.into_iter().flatten());
    if !both.is_empty() {
        document.field("Window", both);
    }
}

fn segments(tcp: &Numbers) -> String {
    let sizes = [
        ("mss", tcp.segment),
        ("received", tcp.received_segment),
        ("advmss", tcp.advertised_segment),
        ("pmtu", tcp.path),
    ];
    together(sizes.map(|(name, size)| format!("{name} {size}")))
}

/// What kept the connection from sending: lately, else since it began; `None` where nobody is asked.
pub(super) fn limited_by(
    context: &Context<'_>,
    socket: &Socket,
    looked: &Looked,
) -> Option<String> {
    if !is_connection(socket) {
        return None;
    }
    let connection = match &looked.connection {
        Some(Fact::Known(connection)) => connection,
        None if !context.recorded && socket.closed_at.is_none() => {
            return Some("being asked".to_owned());
        }
        Some(Fact::Unknown(_)) | None => return None,
    };
    let tcp = connection.tcp.as_ref()?;
    Some(match (looked.limited(), tcp.waits) {
        (Some((limited, span)), _) => {
            let lately = format!("(last {})", words::span(span));
            together(percents(limited, true).chain([lately]))
        }
        (None, Some(waits)) => match waits.in_all() {
            Some(limited) => {
                let busy = words::span(waits.busy);
                together(percents(limited, false).chain([format!("(of {busy} busy)")]))
            }
            None => "nothing: it never had anything to send".to_owned(),
        },
        (None, None) => "this kernel does not tell".to_owned(),
    })
}

fn percents(limited: LimitedBy, with_application: bool) -> impl Iterator<Item = String> {
    let parts = [
        ("application", limited.application),
        ("receiver", limited.receiver),
        ("sender", limited.sender),
        ("network", limited.network),
    ];
    let parts = parts.into_iter().skip(usize::from(!with_application));
    let parts = parts.map(|(name, percent)| (name, percent.round()));
    // What had no part in it takes no room.
    let parts = parts.filter(|(_, percent)| *percent > 0.0);
    parts.map(|(name, percent)| format!("{name} {percent:.0} %"))
}

/// Parts side by side: where a line is full, the next begins with a whole one.
fn together(parts: impl IntoIterator<Item = String>) -> String {
    let hold = HOLD.to_string();
    let parts = parts.into_iter().map(|part| part.replace(' ', &hold));
    parts.collect::<Vec<_>>().join("  ")
}

fn losses(tcp: &Numbers) -> Option<String> {
    let share = tcp.segments_sent.filter(|sent| *sent > 0).map(|sent| {
        let share = 100.0 * f64::from(tcp.again) / f64::from(sent);
        format!("sent again {} ({share:.2} %)", tcp.again)
    });
    let lost = format!("lost now {}", tcp.lost);
    let reordered = tcp.reordered.map(|count| format!("reordered {count}"));
    let parts = share.into_iter().chain([lost]).chain(reordered);
    tcp.segments_sent.map(|_| together(parts))
}

fn timer(timer: Option<Timer>, tcp: Option<&Numbers>) -> String {
    let patience = tcp.map(|tcp| format!("rto {}", words::span(tcp.patience)));
    let Some(timer) = timer else {
        return together(["none runs".to_owned()].into_iter().chain(patience));
    };
    let name = match timer.kind {
        TimerKind::Retransmit => "retransmit",
        TimerKind::KeepAlive => "keepalive",
        TimerKind::TimeWait => "forgotten",
        TimerKind::Probe => "window probe",
        TimerKind::Other => "unknown",
    };
    let left = words::span(timer.left);
    let tries = match timer.tries {
        0 => String::new(),
        tries => format!(
            ", {} without an answer",
            words::plural(tries.into(), "attempt")
        ),
    };
    let runs = format!("{name} in {left}{tries}");
    together([runs].into_iter().chain(patience))
}

fn last_data(tcp: &Numbers) -> String {
    let of = |name: &str, segments: Option<u32>, since: Duration| match segments {
        Some(0) => format!("never {name}"),
        _ => format!("{name} {} ago", words::span(since)),
    };
    let sent = of("sent", tcp.segments_sent, tcp.since_sent);
    let received = of("received", tcp.segments_received, tcp.since_received);
    together([sent, received])
}

fn under_way(tcp: &Numbers) -> String {
    let segments = words::plural(tcp.unacked as usize, "segment");
    let behind = Some(tcp.behind_gap).filter(|count| *count > 0);
    let behind = behind.map(|count| format!("{count} behind a gap"));
    let waiting = tcp.never_sent.filter(|count| *count > 0);
    let waiting = waiting.map(|count| format!("{} not sent yet", words::of_bytes(count.into())));
    together([segments].into_iter().chain(behind).chain(waiting))
}

fn memory(connection: &Connection) -> Option<String> {
    let buffers = connection.buffers?;
    let of = |(used, most): (u32, u32)| {
        format!(
            "{} of {}",
            words::of_bytes(used.into()),
            words::of_bytes(most.into())
        )
    };
    let backlog = buffers.backlog.filter(|count| *count > 0);
    let backlog = backlog.map(|count| format!("backlog {}", words::of_bytes(count.into())));
    let (received, sent) = (of(buffers.received), of(buffers.sent));
    let both = [format!("rcv {received}"), format!("snd {sent}")];
    Some(together(both.into_iter().chain(backlog)))
}
