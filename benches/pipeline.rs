//! What the middle costs at 54,000 sockets: a sample made into a snapshot, rows chosen, sorted and drawn.
//!
//! `cargo bench --bench pipeline` prints each figure with its bar and ends with 1 when one is missed; with
//! `--json` it prints one JSON object a line. Every figure is processor time, the median of several runs.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "pipeline/sockets.rs"]
mod sockets;

use portwise::{
    monitor::{Monitor, events},
    query::{self, Column, Order, Query},
    registry::Registry,
};
use std::{hint::black_box, process::ExitCode, time::Duration};

fn main() -> ExitCode {
    let mut figures = Figures {
        json: std::env::args().any(|argument| argument == "--json"),
        missed: false,
    };
    snapshots(&mut figures);
    rows(&mut figures);
    if figures.missed {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn snapshots(figures: &mut Figures) {
    let processes = sockets::processes();
    let registry = Registry::bundled();
    let first = sockets::sample(&processes, 1);
    let all_new = median(9, || {
        let mut monitor = Monitor::new(registry);
        let sample = sockets::sample(&processes, 1);
        clock(|| drop(black_box(monitor.observe(sample))))
    });
    figures.add("snapshot of a sample, all new", all_new, 30.0);
    let mut monitor = Monitor::new(registry);
    let mut before = monitor.observe(first.clone());
    let mut second = 1;
    let nothing_new = median(15, || {
        second += 1;
        let mut sample = first.clone();
        sample.elapsed = Duration::from_secs(second);
        clock(|| drop(black_box(monitor.observe(sample))))
    });
    figures.add("snapshot of a sample, nothing new", nothing_new, 6.0);
    let nothing_happened = median(9, || {
        second += 1;
        let mut sample = first.clone();
        sample.elapsed = Duration::from_secs(second);
        let now = monitor.observe(sample);
        let took = clock(|| drop(black_box(events::changes(&before, &now))));
        before = now;
        took
    });
    figures.add(
        "events of two snapshots, nothing new",
        nothing_happened,
        6.0,
    );
    let counters = median(9, || {
        second += 1;
        let sample = sockets::sample(&processes, second);
        clock(|| drop(black_box(monitor.observe(sample))))
    });
    figures.add(
        "snapshot of a sample, every counter read again",
        counters,
        30.0,
    );
}

fn rows(figures: &mut Figures) {
    let mut monitor = Monitor::new(Registry::bundled());
    let snapshot = monitor.observe(sockets::sample(&sockets::processes(), 1));
    let words = [
        "",
        "port:20002",
        "wl-0077",
        "state:established rtt>250us",
        "verdict:unknown or svc:domain",
        "127.1.0.9",
    ];
    for text in words {
        let Ok(query) = Query::parse(text) else {
            continue;
        };
        let took = median(7, || clock(|| drop(black_box(query.select(&snapshot)))));
        figures.add(&format!("filter '{text}'"), took, 15.0);
    }
    for column in Column::ALL {
        for reverse in [false, true] {
            let order = Order { column, reverse };
            let took = median(5, || {
                // Out of order: 7 has no factor in common with their number.
                let mut rows: Vec<usize> = (0..sockets::ALL)
                    .map(|row| row * 7 % sockets::ALL)
                    .collect();
                clock(|| query::order::sort(&snapshot, black_box(&mut rows), order))
            });
            figures.add(
                &format!(
                    "sort by {}{}",
                    column.name(),
                    if reverse { ", reversed" } else { "" }
                ),
                took,
                15.0,
            );
        }
    }
}

/// Prints figures, and remembers whether a bar was missed.
struct Figures {
    json: bool,
    missed: bool,
}

impl Figures {
    fn add(&mut self, what: &str, took: Duration, most_ms: f64) {
        let ms = took.as_secs_f64() * 1000.0;
        let ok = ms <= most_ms;
        self.missed |= !ok;
        if self.json {
            println!(
                r#"{{"bench":"pipeline","what":{what:?},"value":{ms:.3},"bar":{most_ms},"unit":"ms","ok":{ok}}}"#
            );
        } else {
            let verdict = if ok { "ok" } else { "MISSED" };
            println!("{what:<50} {ms:>9.3} ms   bar {most_ms:>6} ms   {verdict}");
        }
    }
}

/// How much processor time `work` takes.
fn clock(work: impl FnOnce()) -> Duration {
    let begin = now();
    work();
    now().saturating_sub(begin)
}

#[cfg(target_os = "linux")]
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(target_os = "linux"))]
fn now() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

fn median(times: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut took: Vec<Duration> = (0..times).map(|_| run()).collect();
    took.sort_unstable();
    took.get(times / 2).copied().unwrap_or_default()
}
