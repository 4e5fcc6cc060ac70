//! How long the registry takes: to be built, to be asked for a port, to make a page.
//!
//! `cargo bench --bench registry` prints the figures, each the best of several runs. The aims: built in less
//! than a millisecond, a look-up in less than a microsecond.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use portwise::{model::Transport, registry::Registry};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const TABLE: &str = include_str!("../assets/iana-ports.tsv");

fn main() {
    println!(
        "first build   {:>10.1?}",
        once(|| {
            black_box(Registry::bundled());
        })
    );
    println!(
        "build         {:>10.1?}",
        best(20, || {
            black_box(Registry::of_table(TABLE));
        })
    );
    let registry = Registry::bundled();
    let ports = (0..=u16::MAX).flat_map(|port| Transport::ALL.map(|transport| (port, transport)));
    let asked = best(5, || {
        for (port, transport) in ports.clone() {
            black_box(registry.service(port, transport));
        }
    });
    println!("look-up       {:>10.1?}", asked / 262_144);
    let named = best(5, || {
        for (port, transport) in ports.clone() {
            black_box(registry.service(port, transport).name());
        }
    });
    println!("with its name {:>10.1?}", named / 262_144);
    let pages = best(1, || {
        for port in 0..=u16::MAX {
            black_box(registry.page(port, None));
        }
    });
    println!("page          {:>10.1?}", pages / 65_536);
    let search = best(5, || drop(black_box(registry.similar_names("submision"))));
    println!("fuzzy name    {search:>10.1?}");
}

fn once(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn best(times: u32, work: impl Fn()) -> Duration {
    let runs = (0..times).map(|_| once(&work));
    runs.min().unwrap_or_default()
}
