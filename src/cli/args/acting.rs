//! The arguments of what changes the machine: `kill`, `close`, and `act` between ourselves.

use super::CheckFormat;
use crate::{
    model::{Closing, Signal, Target},
    query::value::parse_duration,
};
use clap::{Args, Subcommand};
use std::time::Duration;

/// Options of `kill`.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one option")]
pub struct Kill {
    /// Whose owners to end: `:3000` is whoever listens on port 3000
    #[arg(required = true)]
    pub filter: Vec<String>,
    /// Say who would be signalled, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Which signal
    #[arg(short, long, value_name = "SIGNAL", default_value = "TERM", value_parser = parse_signal)]
    pub signal: Signal,
    /// Also everything they started, which is found first
    #[arg(long, conflicts_with = "unit")]
    pub tree: bool,
    /// Have the service manager or the container engine stop them instead, which starts nothing again
    #[arg(long, conflicts_with_all = ["signal", "then_kill"])]
    pub unit: bool,
    /// Send KILL to what is still there after --timeout
    #[arg(long)]
    pub then_kill: bool,
    /// Also process 1, portwise itself, what it was started from, and what is protected
    #[arg(long)]
    pub force: bool,
    /// How long to wait for each to end
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration)]
    pub timeout: Duration,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: CheckFormat,
}

/// Options of `close`.
#[derive(Debug, Clone, clap::Args)]
pub struct Close {
    /// Which connections: `raddr:203.0.113.9`, `port:443 age:>1h`
    #[arg(required = true)]
    pub filter: Vec<String>,
    /// Say which would be closed, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: CheckFormat,
}

/// An action on targets that are named by identity.
#[derive(Debug, Clone, Subcommand)]
pub enum Act {
    /// Send a signal to processes
    Signal(ActSignal),
    /// Close connections
    Close(ActClose),
}

/// Options of `act signal`.
#[derive(Debug, Clone, Args)]
pub struct ActSignal {
    /// Which signal
    #[arg(value_parser = parse_signal)]
    pub signal: Signal,
    /// The processes: PID@START.NUMBER:EXECUTABLE, the start in the kernel's ticks, the number in pidfs
    #[arg(required = true, value_name = "PROCESS", value_parser = parse_target)]
    pub targets: Vec<Target>,
    /// How long to wait for each to end
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration)]
    pub timeout: Duration,
    /// Send KILL to what is still there after --timeout
    #[arg(long)]
    pub then_kill: bool,
    /// Also process 1, portwise itself, what it was started from, and what is protected
    #[arg(long)]
    pub force: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: CheckFormat,
}

/// Options of `act close`.
#[derive(Debug, Clone, Args)]
pub struct ActClose {
    /// The connections: COOKIE/FAMILY/LOCAL/PEER
    #[arg(required = true, value_name = "CONNECTION", value_parser = parse_closing)]
    pub connections: Vec<Closing>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: CheckFormat,
}

/// Reads the identity of a process.
fn parse_target(text: &str) -> Result<Target, String> {
    Target::parse(text).ok_or_else(|| "not the identity of a process".to_owned())
}

/// Reads the identity of a connection.
fn parse_closing(text: &str) -> Result<Closing, String> {
    Closing::parse(text).ok_or_else(|| "not the identity of a connection".to_owned())
}

/// Reads a signal: `TERM`, `SIGTERM`, `term` or `15`.
fn parse_signal(text: &str) -> Result<Signal, String> {
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let numbers = [
        ("15", Signal::Term),
        ("9", Signal::Kill),
        ("2", Signal::Int),
        ("1", Signal::Hup),
        ("3", Signal::Quit),
    ];
    let by_name = Signal::ALL.into_iter().find(|signal| signal.name() == name);
    let by_number = numbers
        .into_iter()
        .find(|(number, _)| *number == name)
        .map(|(_, signal)| signal);
    by_name.or(by_number).ok_or_else(|| {
        let all: Vec<_> = Signal::ALL.iter().map(|signal| signal.name()).collect();
        format!(
            "not a signal that portwise sends; one of {}",
            all.join(", ")
        )
    })
}
