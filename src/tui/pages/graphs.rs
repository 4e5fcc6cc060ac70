//! What a connection measured while somebody looked: throughput, round trips, losses, queues.

use super::Context;
use crate::tui::{
    app::trace::{Reading, Trace},
    document::{Document, Graph, Graphs},
    theme::Role,
    words::{self, Unit},
};
use std::time::Duration;

/// Adds the graphs of `trace`.
pub(super) fn add(document: &mut Document, context: &Context<'_>, trace: &Trace) {
    let since = words::clock(trace.since, context.zone);
    let rows = if context.tall { 3 } else { 1 };
    let rate = match context.unit {
        Unit::Bytes => rate_in_bytes,
        Unit::Bits => rate_in_bits,
    };
    let series: [(&str, Role, Reader, Writer); 7] = [
        ("Received", Role::Received, |one| one.received, rate),
        ("Sent", Role::Sent, |one| one.sent, rate),
        ("RTT", Role::Accent, round_trip, millis),
        ("Retransmits", Role::Changed, again, count),
        ("Unread", Role::Received, unread, bytes),
        ("Unsent", Role::Sent, unsent, bytes),
        ("cwnd", Role::Accent, window, count),
    ];
    let graphs = series.into_iter().map(|(name, role, read, write)| {
        let values: Vec<_> = trace.readings.iter().map(read).collect();
        let known = || values.iter().flatten().copied();
        let now = values.last().copied().flatten();
        let now = now.map_or_else(|| "-".to_owned(), write);
        let least = known().fold(f64::INFINITY, f64::min);
        let most = known().fold(0.0, f64::max);
        let least = if least.is_finite() {
            format!("min {}", write(least))
        } else {
            String::new()
        };
        Graph {
            title: format!("{name} {now}"),
            note: least,
            highest: write(most),
            values,
            role,
            rows,
        }
    });
    let newest = trace.readings.back().map_or(Duration::ZERO, |one| one.at);
    let ages = trace.readings.iter();
    let ages = ages.map(|one| newest.saturating_sub(one.at)).collect();
    document.graphs(Graphs {
        heading: format!("Since {since}"),
        all: graphs.collect(),
        ages,
        signs: context.setup.graph,
    });
}

type Reader = fn(&Reading) -> Option<f64>;
type Writer = fn(f64) -> String;

fn round_trip(one: &Reading) -> Option<f64> {
    one.rtt_us.map(|us| f64::from(us) / 1000.0)
}

fn again(one: &Reading) -> Option<f64> {
    one.again.map(f64::from)
}

fn unread(one: &Reading) -> Option<f64> {
    one.unread.map(f64::from)
}

fn unsent(one: &Reading) -> Option<f64> {
    one.unsent.map(f64::from)
}

fn window(one: &Reading) -> Option<f64> {
    one.window.map(f64::from)
}

fn rate_in_bytes(value: f64) -> String {
    Unit::Bytes.rate(value)
}

fn rate_in_bits(value: f64) -> String {
    Unit::Bits.rate(value)
}

fn bytes(value: f64) -> String {
    words::bytes(value)
}

fn millis(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.2} ms")
    } else {
        format!("{value:.1} ms")
    }
}

fn count(value: f64) -> String {
    format!("{value:.0}")
}
