//! `inspect`: everything about a process, or about what waits on a port.

mod target;

use super::{
    Ending,
    args::{Inspect, PageFormat},
    context::Context,
    error::{self, Failure},
    machine, output,
};
use crate::{
    collect,
    model::{
        Event, Extent, Inspection, Process, ProcessKey, Snapshot, Socket, Transport, Unseen,
        secrets,
    },
    report::inspect::{Inspected, write_json, write_markdown, write_text},
    rules::story,
    store::Store,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    time::Duration,
};
use target::{Target, target};

/// The most processes that others are asked about: each can take a moment.
const MOST_ASKED: usize = 16;
/// How long is waited for the checksum of what a process runs.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most events that are told.
const MOST_EVENTS: usize = 20;

/// One process, or sockets without one, as it is to be shown.
#[derive(Debug)]
struct Shown {
    process: Option<Process>,
    sockets: Vec<Socket>,
    inspection: Option<Inspection>,
    events: Option<Vec<Event>>,
}

pub(super) fn run(context: &Context, args: &Inspect) -> Result<Ending, Failure> {
    let targets = args.targets.iter().map(|text| target(text));
    let targets = targets.collect::<Result<Vec<_>, _>>()?;
    let extent = Extent {
        unix: true,
        ..context.extent
    };
    let snapshot = match ports_of(&targets) {
        Some(ports) => machine::thorough_about(context, extent, &ports, &|all| {
            let on = |target: &Target| match target {
                Target::Port(port, transport) => on_port(all, *port, *transport),
                Target::Pid(_) | Target::Name(_) => vec![],
            };
            targets.iter().flat_map(on).collect()
        })?,
        None => machine::thorough(context, extent)?,
    };
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
    let mut found: Vec<Shown> = keys
        .iter()
        .map(|key| shown(&snapshot, *key, &others, &ownerless))
        .collect();
    look_into(context, &mut found);
    if !args.reveal {
        found.iter_mut().for_each(hide);
    }
    let found: Vec<Inspected<'_>> = found
        .iter()
        .map(|one| inspected(one, args.reveal))
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

/// The ports that are asked about, where nothing else is.
fn ports_of(targets: &[Target]) -> Option<Vec<u16>> {
    let port = |target: &Target| match target {
        Target::Port(port, _) => Some(*port),
        Target::Pid(_) | Target::Name(_) => None,
    };
    targets.iter().map(port).collect()
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

fn shown(
    snapshot: &Snapshot,
    key: Option<ProcessKey>,
    others: &BTreeMap<ProcessKey, Process>,
    ownerless: &[&Socket],
) -> Shown {
    let mut sockets: Vec<Socket> = match key {
        Some(key) => snapshot.sockets_of(key).cloned().collect(),
        None => ownerless.iter().copied().cloned().collect(),
    };
    sockets.sort_by_key(|socket| {
        (
            !socket.raw.is_listening(),
            socket.raw.port(),
            socket.raw.protocol,
            socket.key(),
        )
    });
    let process = key.and_then(|key| {
        // What was asked about stands there, with the answers.
        let shared = || snapshot.process(key).map(|process| &**process);
        others.get(&key).or_else(shared).cloned()
    });
    Shown {
        process,
        sockets,
        inspection: None,
        events: None,
    }
}

/// Reads what is read only when somebody asks, and what happened lately.
fn look_into(context: &Context, found: &mut [Shown]) {
    let mut inspector = collect::Inspector::default();
    let history = machine::history_of(context).and_then(|path| Store::open(&path).ok());
    for one in found {
        let Some(process) = &one.process else {
            continue;
        };
        one.inspection = Some(if context.is_recording {
            Inspection::unseen(process.key, Unseen::NotSupported)
        } else {
            inspector.inspect(process.key, PATIENCE)
        });
        one.events = history.as_ref().and_then(|store| {
            let events = store.events_of(process.key.pid, process.started_at, MOST_EVENTS);
            events
                .inspect_err(|error| tracing::warn!(%error, "what happened before is not known"))
                .ok()
        });
    }
}

fn hide(one: &mut Shown) {
    if let Some(process) = &mut one.process {
        secrets::hide_in_process(process);
    }
    one.sockets.iter_mut().for_each(secrets::hide_in_socket);
}

fn inspected(one: &Shown, reveal: bool) -> Inspected<'_> {
    let sockets: Vec<&Socket> = one.sockets.iter().collect();
    Inspected {
        process: one.process.as_ref(),
        findings: story::findings(&sockets),
        sockets,
        inspection: one.inspection.clone(),
        events: one.events.clone(),
        reveal,
    }
}
