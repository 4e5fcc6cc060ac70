//! `inspect`: everything about a process, or about what waits on a port.

use super::{
    Ending,
    args::{Inspect, PageFormat},
    context::Context,
    error::{self, Failure},
    machine, output,
};
use crate::{
    collect,
    model::{Process, ProcessKey, Snapshot, Socket, Transport},
    report::inspect::{Inspected, write_json, write_markdown, write_text},
    rules::story,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
};

/// The most processes that others are asked about: each can take a moment.
const MOST_ASKED: usize = 16;

/// What can be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// What waits on a port, of one transport or of any.
    Port(u16, Option<Transport>),
    /// A process by its number.
    Pid(u32),
    /// The processes that run a program.
    Name(String),
}

pub(super) fn run(context: &Context, args: &Inspect) -> Result<Ending, Failure> {
    let targets = args.targets.iter().map(|text| target(text));
    let targets = targets.collect::<Result<Vec<_>, _>>()?;
    let snapshot = machine::thorough(context)?;
    let mut keys: Vec<Option<ProcessKey>> = vec![];
    let mut others: BTreeMap<ProcessKey, Process> = BTreeMap::new();
    let mut ownerless: Vec<&Socket> = vec![];
    let mut unknown = vec![];
    for (target, text) in targets.iter().zip(&args.targets) {
        let before = keys.len();
        match target {
            Target::Port(port, transport) => {
                for socket in on_port(&snapshot, *port, *transport) {
                    keys.extend(socket.owners().map(|owner| Some(owner.key)));
                    if socket.processes.is_empty() {
                        ownerless.push(socket);
                        keys.push(None);
                    }
                }
            }
            Target::Pid(pid) => keys.extend(find(context, &snapshot, &[*pid], &mut others)),
            Target::Name(name) => {
                let mut pids: BTreeSet<u32> = known_as(&snapshot, name).collect();
                if !context.is_recording {
                    pids.extend(collect::named(name));
                }
                let pids: Vec<u32> = pids.into_iter().collect();
                keys.extend(find(context, &snapshot, &pids, &mut others));
            }
        }
        if keys.len() == before {
            unknown.push(text);
        }
    }
    let mut seen = BTreeSet::new();
    keys.retain(|key| seen.insert(*key));
    if !context.is_recording {
        ask_around(&snapshot, keys.iter().copied().flatten(), &mut others);
    }
    let found: Vec<_> = keys
        .iter()
        .map(|key| inspected(&snapshot, *key, &others, &ownerless))
        .collect();
    let mut out = output::stdout();
    match args.format {
        PageFormat::Text => write_text(&mut out, &found, context.style())?,
        PageFormat::Markdown => write_markdown(&mut out, &found)?,
        PageFormat::Json => write_json(&mut out, &found)?,
    }
    out.flush()?;
    for text in &unknown {
        error::print(format_args!("error: nothing here matches {text:?}"));
    }
    Ok(if unknown.is_empty() {
        Ending::Well
    } else {
        Ending::Negative
    })
}

/// Reads a target: `:1587`, `:1587/udp`, `4711` or `nginx`.
fn target(text: &str) -> Result<Target, Failure> {
    let wrong = |why: &str| {
        Failure::Usage(format!(
            "{text:?} {why}\nhint: `:1587` is a port, `:1587/udp` its UDP side, `4711` a process, `nginx` a program"
        ))
    };
    if let Some(port) = text.strip_prefix(':') {
        let (port, transport) = match port.split_once('/') {
            Some((port, name)) => {
                let found = Transport::ALL.into_iter().find(|one| one.name() == name);
                (
                    port,
                    Some(found.ok_or_else(|| wrong("names no transport"))?),
                )
            }
            None => (port, None),
        };
        let Ok(port) = port.parse() else {
            return Err(wrong("is no port: ports go from 0 to 65535"));
        };
        return Ok(Target::Port(port, transport));
    }
    if text.is_empty() {
        return Err(wrong("names nothing"));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let pid = text.parse().ok().map(Target::Pid);
        return pid.ok_or_else(|| wrong("is no process"));
    }
    Ok(Target::Name(text.to_owned()))
}

/// What waits on a port; where nothing waits, what has it otherwise.
fn on_port(snapshot: &Snapshot, port: u16, transport: Option<Transport>) -> Vec<&Socket> {
    let is_there = |socket: &&Socket| {
        socket.raw.port() == Some(port)
            && transport.is_none_or(|wanted| socket.raw.protocol.transport() == Some(wanted))
    };
    let all: Vec<&Socket> = snapshot.open().filter(is_there).collect();
    let waiting: Vec<&Socket> = all
        .iter()
        .copied()
        .filter(|socket| socket.raw.is_listening())
        .collect();
    if waiting.is_empty() { all } else { waiting }
}

fn known_as<'a>(snapshot: &'a Snapshot, name: &'a str) -> impl Iterator<Item = u32> + 'a {
    let is_it =
        move |process: &&std::sync::Arc<Process>| process.name == *name || process.comm == *name;
    snapshot
        .processes
        .iter()
        .filter(is_it)
        .map(|process| process.key.pid)
}

/// The processes with these numbers: of the snapshot, else read by themselves into `others`.
fn find(
    context: &Context,
    snapshot: &Snapshot,
    pids: &[u32],
    others: &mut BTreeMap<ProcessKey, Process>,
) -> Vec<Option<ProcessKey>> {
    let of_snapshot = snapshot.processes.iter().map(|process| process.key);
    let mut keys: Vec<_> = of_snapshot.filter(|key| pids.contains(&key.pid)).collect();
    let missing: Vec<u32> = pids
        .iter()
        .copied()
        .filter(|pid| !context.is_recording && keys.iter().all(|key| key.pid != *pid))
        .collect();
    for process in collect::processes(&missing) {
        keys.push(process.key);
        others.insert(process.key, process);
    }
    keys.sort_unstable_by_key(|key| key.pid);
    keys.into_iter().map(Some).collect()
}

/// Asks others what only they know of these processes.
fn ask_around(
    snapshot: &Snapshot,
    keys: impl Iterator<Item = ProcessKey>,
    others: &mut BTreeMap<ProcessKey, Process>,
) {
    for key in keys.take(MOST_ASKED) {
        let known = snapshot.process(key).map(|process| Process::clone(process));
        if let Some(mut process) = others.remove(&key).or(known) {
            collect::complete(&mut process);
            others.insert(key, process);
        }
    }
}

fn inspected<'a>(
    snapshot: &'a Snapshot,
    key: Option<ProcessKey>,
    others: &'a BTreeMap<ProcessKey, Process>,
    ownerless: &[&'a Socket],
) -> Inspected<'a> {
    let mut sockets: Vec<&Socket> = match key {
        Some(key) => snapshot.sockets_of(key).collect(),
        None => ownerless.to_vec(),
    };
    sockets.sort_by_key(|socket| {
        (
            !socket.raw.is_listening(),
            socket.raw.port(),
            socket.raw.protocol,
            socket.key,
        )
    });
    let process = key.and_then(|key| {
        // What was asked about stands there, with the answers.
        let shared = || snapshot.process(key).map(|process| &**process);
        others.get(&key).or_else(shared)
    });
    Inspected {
        process,
        findings: story::findings(&sockets),
        sockets,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_port_a_process_or_a_program() {
        assert_eq!(target(":1587").unwrap(), Target::Port(1587, None));
        assert_eq!(
            target(":53/udp").unwrap(),
            Target::Port(53, Some(Transport::Udp))
        );
        assert_eq!(target("4711").unwrap(), Target::Pid(4711));
        assert_eq!(target("nginx").unwrap(), Target::Name("nginx".to_owned()));
        for wrong in [":70000", ":1587/tpc", ":", "", "99999999999"] {
            assert!(matches!(target(wrong), Err(Failure::Usage(_))), "{wrong}");
        }
    }
}
