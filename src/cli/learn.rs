//! `learn`: what listens now becomes what the policy expects.

use super::{
    Ending,
    args::Learn,
    context::Context,
    error::{self, Failure},
    machine, output,
};
use crate::{
    config::PolicyFile,
    model::{
        Breadth, Entry, Exposure, Ports, ProgramKind, Protocol, Severity, Snapshot, Socket, State,
        Text, Verdict,
        policy::{Unacceptable, holder},
    },
    query::Order,
    report::{diff, plural},
    rules::Policy,
};
use jiff::tz::TimeZone;
use std::{collections::BTreeMap, io::Write as _};

pub(super) fn run(context: &Context, args: &Learn) -> Result<Ending, Failure> {
    let expression = args.filter.join(" ");
    let query = error::filter(&expression)?;
    error::refuse_unclear_words(&expression)?;
    if context.settings.readonly && !args.dry_run {
        return Err(Failure::Usage(
            "--readonly takes no action\nhint: add --dry-run".to_owned(),
        ));
    }
    let file = context.policy_to_write()?;
    let snapshot = machine::judged_by(context, file.policy())?;
    let rows = machine::select(&snapshot, &query, Order::default());
    let sockets = rows.iter().filter_map(|row| snapshot.sockets.get(*row));
    let mut learned = Learned::new(args.include_suspicious);
    for socket in sockets.filter(|socket| socket.exposure.is_some()) {
        learned.take(socket, &snapshot);
    }
    let entries = learned.new_to(&file.policy(), &snapshot);
    if args.dry_run {
        show(context, &file, &entries)?;
    } else {
        write(context, &file, &entries)?;
    }
    if !context.quiet {
        learned.say_what_was_left_out();
        machine::warn_of_gaps(context, &snapshot);
    }
    Ok(Ending::Well)
}

/// Shows how the file would change.
fn show(context: &Context, file: &PolicyFile, entries: &[Entry]) -> Result<(), Failure> {
    let (before, after) = file.preview(entries)?;
    let path = file.path().map(|path| path.display().to_string());
    let path = Text::from(path.unwrap_or_default());
    let mut out = output::stdout();
    diff::write(&mut out, &path, [&before, &after], context.style())?;
    Ok(out.flush()?)
}

/// Writes the entries and says which.
fn write(context: &Context, file: &PolicyFile, entries: &[Entry]) -> Result<(), Failure> {
    let path = file.path().map(|path| path.display().to_string());
    let path = Text::from(path.unwrap_or_default());
    if entries.is_empty() || !file.add(entries)? {
        if !context.quiet {
            error::print(format_args!("nothing new for {path}"));
        }
        return Ok(());
    }
    let mut out = output::stdout();
    for entry in entries {
        writeln!(out, "{}", words(entry))?;
    }
    out.flush()?;
    if !context.quiet {
        let count = entries.len();
        let noun = if count == 1 { "entry" } else { "entries" };
        error::print(format_args!("{count} {noun} written to {path}"));
    }
    Ok(())
}

/// An entry in a line.
fn words(entry: &Entry) -> String {
    let program = entry.program.as_deref().unwrap_or("the kernel");
    let script = entry
        .script
        .as_ref()
        .map_or(String::new(), |script| format!(" {script}"));
    let port = entry
        .port
        .map_or(String::new(), |port| format!(" on {port}"));
    let width = entry.exposure.map_or("", |exposure| match exposure {
        Exposure::Loopback => ", from this machine alone",
        Exposure::Interface => ", through one address",
        Exposure::AllInterfaces => ", from everywhere",
    });
    let rules = if entry.rules.is_empty() {
        String::new()
    } else {
        format!(", in spite of {}", entry.rules.join(", "))
    };
    format!("{program}{script}{port}{width}{rules}")
}

/// What is to be learned, and what is not.
#[derive(Debug)]
struct Learned {
    include_suspicious: bool,
    entries: Vec<Entry>,
    /// How many sockets were left out, by the reason why.
    left_out: BTreeMap<&'static str, usize>,
}

impl Learned {
    fn new(include_suspicious: bool) -> Self {
        Self {
            include_suspicious,
            entries: vec![],
            left_out: BTreeMap::new(),
        }
    }

    /// Makes an entry of a listener, or says why not.
    fn take(&mut self, socket: &Socket, snapshot: &Snapshot) {
        match self.entry(socket, snapshot) {
            Ok(entry) => self.put(entry),
            Err(why) => *self.left_out.entry(why).or_default() += 1,
        }
    }

    fn entry(&self, socket: &Socket, snapshot: &Snapshot) -> Result<Entry, &'static str> {
        let findings = &socket.assessment.findings;
        if findings
            .iter()
            .any(|finding| finding.rule == "denied-listener")
        {
            return Err("the policy denies it");
        }
        if waits_for_answers(socket, snapshot) {
            return Err("it only waits for answers, on a port the kernel gave it");
        }
        let is_suspicious = socket.assessment.verdict == Verdict::Suspicious;
        if is_suspicious && !self.include_suspicious {
            return Err(
                "it is suspicious (`portwise check` says why; --include-suspicious learns it)",
            );
        }
        let entry =
            match Entry::accepting(socket, Breadth::ProgramAndPort, snapshot.ephemeral_ports) {
                Ok(entry) => entry,
                // The kernel's own service: there is no program to name.
                Err(Unacceptable::NoOwner) if socket.assessment.verdict == Verdict::Expected => {
                    Entry::accepting(socket, Breadth::Port, None).map_err(Unacceptable::words)?
                }
                Err(why) => return Err(why.words()),
            };
        let severe = findings
            .iter()
            .filter(|finding| finding.severity >= Severity::Low);
        let named = severe
            .map(|finding| finding.rule)
            .filter(|_| self.include_suspicious);
        let today = snapshot.taken_at.to_zoned(TimeZone::system()).date();
        Ok(Entry {
            unit: unit(socket),
            reason: Some(Text::from(format!("learned {today}"))),
            ..entry.naming(named)
        })
    }

    /// Adds an entry; of two that differ in nothing but the exposure, the wider one stays.
    fn put(&mut self, entry: Entry) {
        let bare = |entry: &Entry| Entry {
            exposure: None,
            ..entry.clone()
        };
        let known = self
            .entries
            .iter_mut()
            .find(|known| bare(known) == bare(&entry));
        match known {
            Some(known) => known.exposure = known.exposure.max(entry.exposure),
            None => self.entries.push(entry),
        }
    }

    /// The entries that `policy` lacks, by port.
    fn new_to(&self, policy: &Policy, snapshot: &Snapshot) -> Vec<Entry> {
        let known = |entry: &&Entry| !policy.covers(entry, snapshot.taken_at);
        let mut new: Vec<Entry> = self.entries.iter().filter(known).cloned().collect();
        let by = |ports: Ports| (ports.range.first, ports.transport);
        new.sort_by_key(|entry| (entry.port.map(by), entry.program.clone()));
        new
    }

    fn say_what_was_left_out(&self) {
        for (why, count) in &self.left_out {
            error::print(format_args!(
                "left out {}: {why}",
                plural(*count, "listener")
            ));
        }
    }
}

/// Whether it is a datagram socket that a program got a port for by chance, as every client does.
fn waits_for_answers(socket: &Socket, snapshot: &Snapshot) -> bool {
    let raw = &socket.raw;
    let by_chance = snapshot
        .ephemeral_ports
        .is_some_and(|range| range.contains(raw.local().port));
    let tells = holder(&socket.processes)
        .is_some_and(|process| !ProgramKind::of(&process.name).is_general_purpose());
    by_chance && tells && raw.state == State::Unconnected && raw.protocol == Protocol::Udp
}

/// The unit that runs the program, when it is one that stays: not a login session.
fn unit(socket: &Socket) -> Option<Text> {
    let unit = holder(&socket.processes)?.unit.as_ref()?;
    let stays = unit.ends_with(".service") && !unit.starts_with("user@");
    stays.then(|| unit.clone())
}
