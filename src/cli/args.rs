//! What can be typed.

mod acting;

pub use acting::{Act, ActClose, ActSignal, Close, Kill};

use crate::{
    config::{Interval, ThemeName},
    model::Severity,
    query::value::parse_duration,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

/// Watch the ports of this machine: who listens, what the port is for, whether that is fine, and how to end it.
///
/// Without a command it opens the dashboard; with a filter, filtered; with a port, on that port's page. When
/// input or output is no terminal, it prints the list, or the port's page.
#[derive(Debug, Parser)]
#[command(name = "portwise", version, subcommand_precedence_over_arg = true)]
#[command(
    after_help = "Filters: portwise list 'port:1587 proc:ssh state:listen verdict:suspicious !lo'\n\
    Exit codes: 0 as asked, 1 the answer is no, 2 wrong usage or it could not be done."
)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// How the dashboard's table begins.
    #[command(flatten)]
    pub table: Arrangement,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Show only these sockets, or one port's page
    #[arg(value_name = "FILTER")]
    pub filter: Vec<String>,
}

/// Columns and order of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Arrangement {
    /// Which columns, in which order
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Sort by this column
    #[arg(long, value_name = "COLUMN")]
    pub sort: Option<String>,
    /// Sort the other way round
    #[arg(long)]
    pub reverse: bool,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "switches, each of its own")]
pub struct Global {
    /// Read this configuration
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Judge by this policy
    #[arg(long, global = true, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Where to read the sockets from
    #[arg(long, global = true, value_enum)]
    pub source: Option<Source>,
    /// How often to read
    #[arg(long, global = true, value_name = "DURATION", value_parser = Interval::parse)]
    pub interval: Option<Interval>,
    /// Read every network namespace, not this one alone (Linux)
    #[arg(long, global = true)]
    pub all_namespaces: bool,
    /// Ask DNS what peers are called, in the list and the dashboard; its servers learn whom you look at
    #[arg(long, global = true)]
    pub resolve: bool,
    /// Read a recording in place of the machine
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "source")]
    pub recording: Option<PathBuf>,
    /// Take no action, whatever is asked
    #[arg(long, global = true)]
    pub readonly: bool,
    /// Leave the mouse to the terminal
    #[arg(long, global = true)]
    pub no_mouse: bool,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// When to use colours, and how many
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<When>,
    /// Colours of the dashboard: auto, dark, light, ansi, ansi-light, mono, or a file of yours
    #[arg(long, global = true, value_parser = ThemeName::parse, value_name = "NAME")]
    pub theme: Option<ThemeName>,
    /// Write a log to this file (created, mode 0600), pipe or terminal; what it lacks is said
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Log more; say more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say less
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// Where sockets are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// The best this machine has
    Auto,
    /// The kernel's socket tables over netlink (Linux)
    SockDiag,
    /// The kernel's socket tables as text, from /proc/net (Linux)
    ProcNet,
    /// netstat2 and sysinfo (every platform they support)
    Portable,
}

/// When to use colours, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal that has them
    Auto,
    /// Always
    Always,
    /// Never
    Never,
    /// The terminal's own 16
    #[value(name = "16")]
    Sixteen,
    /// Any, whatever the terminal says it has
    #[value(name = "truecolor")]
    TrueColor,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the sockets once
    List(List),
    /// Say what a port is for: 1587, 587/tcp, submission, 6000-6007
    Explain(Explain),
    /// Say everything about a process, or about who waits on a port: :1587, :53/udp, 4711, nginx
    Inspect(Inspect),
    /// Assess what is open; for scripts, cron and CI
    Check(Check),
    /// Write what listens now into the policy, as `[[expect]]` entries
    ///
    /// An entry names the program, its port, user, unit and container, and from where it can be reached
    /// at most. What the policy expects already is left alone; so are listeners that are suspicious or
    /// denied, and those whose owner is not visible.
    Learn(Learn),
    /// Print what happens as it happens: what opens, closes, changes, and what the rules find
    ///
    /// Until it is interrupted, `--for` is over, or `--count` events were printed. What opens and closes again
    /// between two reads (`--interval`) is not seen. With --recording it goes through it at once.
    Watch(Watch),
    /// End the owners of the matching sockets
    Kill(Kill),
    /// Close matching TCP connections and leave their processes alone (Linux)
    ///
    /// The owner is told `connection aborted`, the other side gets a reset. Listeners are left out: whoever
    /// listens has to be ended (`kill`).
    Close(Close),
    /// Carry one action out on targets that are named by identity: what sudo and pkexec are asked to run
    ///
    /// `kill`, `close` and the dashboard print such a command where a privilege is missing. It hits the very
    /// process or connection that was shown, or nothing: a number that was given away since is no target.
    #[command(subcommand, hide = true)]
    Act(Act),
    /// Record what happens, for `history`; or samples to a file, to read again with --recording
    ///
    /// Fills the history until it is interrupted or `--for` is over: what opens, closes, changes
    /// its state or its owner, and what the rules find. What opens and closes again between two reads
    /// (`--interval`) is not seen.
    Record(Record),
    /// Show, check or update the registry of ports
    #[command(subcommand)]
    Registry(RegistryCommand),
    /// What happened, as `record` wrote it down
    ///
    /// A time is `2026-11-22T03:12:00Z`, `2026-11-22`, `2026-11-22 03:12` or `03:12` (the last that was) of
    /// the local time zone, or how long ago: `2h`.
    History(History),
    /// Ask a port what it speaks: :587, host:587
    ///
    /// It connects, which the other side can see, and waits for a greeting. When none comes, it sends
    /// `HEAD / HTTP/1.0`. It sends nothing else.
    Probe(Probe),
    /// Say what works on this machine, what does not, and what would change it
    ///
    /// Everything is tried: on a connection of its own, and without touching anybody else's. Exit code 1 when
    /// something is missing.
    Doctor(Doctor),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write all of them into a directory
    Man {
        /// The directory
        #[arg(value_name = "DIR")]
        directory: Option<PathBuf>,
    },
}

/// What to do with the registry of ports.
#[derive(Debug, Clone, Subcommand)]
pub enum RegistryCommand {
    /// Say which registry is in use, how old it is, and what it holds
    Info,
    /// Check that the registry in use is whole and right
    Verify,
    /// Use a newer registry: IANA's CSV or XML
    Update {
        /// A file, or an https:// address
        #[arg(long, value_name = "FILE-or-URL", default_value = crate::registry::fetch::OFFICIAL)]
        from: String,
    },
    /// Write the table that is compiled in, for maintainers
    #[command(hide = true)]
    Import(RegistryImport),
}

/// Options of `registry import`.
#[derive(Debug, Clone, Args)]
pub struct RegistryImport {
    /// IANA's CSV or XML
    #[arg(long, value_name = "FILE")]
    pub csv: PathBuf,
    /// A newer list of names, in JSON
    #[arg(long, value_name = "FILE")]
    pub names: Option<PathBuf>,
}

/// A shell that completions are made for.
pub type Shell = clap_complete::Shell;

/// Options of `list`.
#[derive(Debug, Clone, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags of `ss`, each a switch of its own"
)]
pub struct List {
    /// Show only these sockets
    pub filter: Vec<String>,
    /// How to print
    #[arg(long, value_enum)]
    pub format: Option<ListFormat>,
    /// Only sockets that wait for others
    #[arg(short, long)]
    pub listening: bool,
    /// TCP
    #[arg(short, long)]
    pub tcp: bool,
    /// UDP
    #[arg(short, long)]
    pub udp: bool,
    /// Raw and ping sockets
    #[arg(short = 'w', long)]
    pub raw: bool,
    /// Packet sockets
    #[arg(short = '0', long)]
    pub packet: bool,
    /// UNIX sockets, which are not read otherwise
    #[arg(short = 'x', long)]
    pub unix: bool,
    /// Columns and order.
    #[command(flatten)]
    pub table: Arrangement,
    /// Leave the header line out
    #[arg(long)]
    pub no_header: bool,
}

impl List {
    /// What `portwise FILTER…` means where there is no terminal.
    pub fn of_filter(filter: Vec<String>, table: Arrangement) -> Self {
        Self {
            filter,
            format: None,
            listening: false,
            tcp: false,
            udp: false,
            raw: false,
            packet: false,
            unix: false,
            table,
            no_header: false,
        }
    }
}

/// How `list`, `history` and `watch` print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Aligned columns
    Table,
    /// One sentence a line, words not glyphs
    Plain,
    /// One object
    Json,
    /// One object a line
    Ndjson,
    /// RFC 4180
    Csv,
}

/// Options of `explain`.
#[derive(Debug, Clone, Args)]
pub struct Explain {
    /// Ports, names or ranges: 1587, 587/tcp, submission, 6000-6007
    #[arg(required = true)]
    pub targets: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: PageFormat,
}

impl Explain {
    /// What `portwise PORT` means where there is no terminal.
    pub fn of_port(port: u16) -> Self {
        Self {
            targets: vec![port.to_string()],
            format: PageFormat::Text,
        }
    }
}

/// How `explain`, `inspect` and `probe` print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// Paragraphs
    Text,
    /// An array of objects
    Json,
    /// Markdown
    Markdown,
}

/// Options of `inspect`.
#[derive(Debug, Clone, Args)]
pub struct Inspect {
    /// Ports, process ids or names of programs: :1587, :53/udp, 4711, nginx
    #[arg(required = true, value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Show passwords, tokens and keys of environment and command line
    #[arg(long)]
    pub reveal: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: PageFormat,
}

/// Options of `watch`.
#[derive(Debug, Clone, Args)]
pub struct Watch {
    /// Print only what happens to these sockets
    pub filter: Vec<String>,
    /// Stop after this long
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
    pub span: Option<Duration>,
    /// Stop after so many events
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub count: Option<NonZeroUsize>,
    /// How to print
    #[arg(long, value_enum)]
    pub format: Option<ListFormat>,
}

/// Options of `check`.
#[derive(Debug, Clone, Args)]
pub struct Check {
    /// Assess only these sockets
    pub filter: Vec<String>,
    /// Look for so long before the answer: for calls at a beat, sweeps, and what is soon over.
    /// Interrupted with nothing found, it ends with 2
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
    pub span: Option<Duration>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: AssessFormat,
    /// Exit with 1 when a finding is at least this bad
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "medium")]
    pub fail_on: SeverityArg,
    /// Exit with 2 when not everything could be seen
    #[arg(long)]
    pub require_complete: bool,
}

/// Options of `learn`.
#[derive(Debug, Clone, Args)]
pub struct Learn {
    /// Learn only these listeners
    pub filter: Vec<String>,
    /// Show how the policy would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Also what is suspicious: the entries then name what is accepted
    #[arg(long)]
    pub include_suspicious: bool,
}

/// How `check` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AssessFormat {
    /// Stories, then counts
    Text,
    /// One object
    Json,
    /// SARIF 2.1.0, which CI systems read
    Sarif,
}

/// How `kill` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// One line each
    Text,
    /// An array of objects
    Json,
}

/// A severity, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeverityArg(pub Severity);

impl ValueEnum for SeverityArg {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [SeverityArg; 5] = [
            SeverityArg(Severity::Info),
            SeverityArg(Severity::Low),
            SeverityArg(Severity::Medium),
            SeverityArg(Severity::High),
            SeverityArg(Severity::Critical),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.name()))
    }
}

/// Options of `record`.
#[derive(Debug, Clone, Args)]
pub struct Record {
    /// Make a recording of samples in place of the history; the file must not exist
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Stop after this long
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
    pub span: Option<Duration>,
    /// Use this history
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    pub history: Option<PathBuf>,
    /// Forget what is older than this, and of more than 1 GiB what is oldest
    #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = parse_duration, conflicts_with = "to")]
    pub keep: Duration,
}

/// Options of `history`.
#[derive(Debug, Clone, Args)]
pub struct History {
    /// Show only what happened to these sockets
    pub filter: Vec<String>,
    /// Show only what happened from this time on
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Show only what happened before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// List the sockets that were open at this time
    #[arg(long, value_name = "TIME", conflicts_with_all = ["since", "until"])]
    pub at: Option<String>,
    /// How to print
    #[arg(long, value_enum)]
    pub format: Option<ListFormat>,
    /// Use this history
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
}

/// Options of `probe`.
#[derive(Debug, Clone, Args)]
pub struct Probe {
    /// Ports: :587 of this machine, host:587 of another
    #[arg(required = true, value_name = "TARGET")]
    pub targets: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: PageFormat,
    /// How long to wait for each
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration)]
    pub timeout: Duration,
}

/// Options of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct Doctor {
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: CheckFormat,
}

/// How many events: one at least.
fn parse_count(text: &str) -> Result<NonZeroUsize, String> {
    let count = text.parse();
    count.map_err(|_why| "a whole number from 1 is expected".to_owned())
}
