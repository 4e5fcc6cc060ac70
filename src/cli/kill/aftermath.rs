//! What became of the ports of what was ended: free, or taken again.

#![expect(clippy::disallowed_methods, reason = "how soon a port was taken again")]

use super::whom::Whom;
use crate::{
    cli::context::Context,
    collect,
    model::{Extent, Outcome, ProcessKey, Protocol, Sample, Snapshot},
    report::acted::Acted,
};
use std::{
    collections::HashSet,
    thread,
    time::{Duration, Instant},
};

/// How long a supervisor is given to start again what has ended. systemd waits 0.1 s by itself.
const RETURNS_WITHIN: Duration = Duration::from_millis(1500);
/// How often the ports are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// A port that a target listened on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Port {
    protocol: Protocol,
    number: u16,
    /// Others that hold it too and were not ended.
    shared_with: Vec<ProcessKey>,
}

impl Port {
    fn words(&self) -> String {
        format!("port {}/{}", self.number, self.protocol.name())
    }
}

/// Looks at the ports of what has ended, and writes down for each target what it saw.
pub(super) fn look(context: &Context, before: &Snapshot, targets: &[Whom], done: &mut [Acted]) {
    let ended = Instant::now();
    let gone: HashSet<ProcessKey> = targets.iter().map(|one| one.target.key).collect();
    let mut open: Vec<(usize, Port, bool)> = vec![];
    for (at, (one, acted)) in targets.iter().zip(done.iter()).enumerate() {
        let has_ended = matches!(
            acted.outcome,
            Some(Outcome::Ended(_) | Outcome::Killed(_) | Outcome::Stopped(_))
        );
        if has_ended {
            let ports = ports(before, one, &gone).into_iter();
            open.extend(ports.map(|port| (at, port, one.may_return)));
        }
    }
    if open.is_empty() {
        return;
    }
    let Ok(mut source) = collect::open(&context.source, Extent::default()) else {
        return;
    };
    loop {
        let Ok(Some(sample)) = source.sample() else {
            return;
        };
        let after = ended.elapsed();
        let is_last = after >= RETURNS_WITHIN;
        open.retain(|(at, port, may_return)| {
            let said = match holder(port, &sample, &gone) {
                // Who has just opened it may be seen only at the next look.
                Some(holder) if !holder.is_visible && !is_last => return true,
                Some(holder) => taken(port, &holder, after),
                None if *may_return && !is_last => return true,
                None => format!("{} is free", port.words()),
            };
            if let Some(acted) = done.get_mut(*at) {
                acted.aftermath.push(said);
            }
            false
        });
        if open.is_empty() {
            return;
        }
        thread::sleep(LOOK);
    }
}

/// The ports that a target listens on, each once.
fn ports(before: &Snapshot, one: &Whom, gone: &HashSet<ProcessKey>) -> Vec<Port> {
    let mut ports: Vec<Port> = vec![];
    for socket in before.sockets_of(one.target.key) {
        if !socket.raw.is_listening() || socket.raw.local.port == 0 {
            continue;
        }
        let shared_with = socket.owners().map(|owner| owner.key);
        let port = Port {
            protocol: socket.raw.protocol,
            number: socket.raw.local.port,
            shared_with: shared_with.filter(|key| !gone.contains(key)).collect(),
        };
        let is_known =
            |other: &Port| (other.protocol, other.number) == (port.protocol, port.number);
        if !ports.iter().any(is_known) {
            ports.push(port);
        }
    }
    ports
}

/// Who listens on a port now.
#[derive(Debug)]
struct Holder {
    words: String,
    is_visible: bool,
    /// It held the port before, together with what has ended.
    is_old: bool,
}

fn holder(port: &Port, sample: &Sample, gone: &HashSet<ProcessKey>) -> Option<Holder> {
    let sockets = sample.sockets.iter().filter(|socket| {
        socket.is_listening()
            && (socket.protocol, socket.local.port) == (port.protocol, port.number)
    });
    let mut holders = sockets.filter_map(|socket| {
        let Some(owner) = socket
            .owners
            .iter()
            .find(|owner| !gone.contains(&owner.process))
        else {
            // Still being freed, or held by somebody who cannot be seen.
            return (socket.owners.is_empty() && socket.inode.is_some()).then(|| Holder {
                words: "somebody who is not visible".to_owned(),
                is_visible: false,
                is_old: false,
            });
        };
        let pid = owner.process.pid;
        let process = sample
            .processes
            .iter()
            .find(|process| process.key == owner.process);
        let unit = process.and_then(|process| process.unit.as_ref());
        let name = process.map_or_else(String::new, |process| format!("{} ", process.name));
        let unit = unit.map_or_else(String::new, |unit| format!(" of {unit}"));
        Some(Holder {
            words: format!("{name}pid {pid}{unit}"),
            is_visible: true,
            is_old: port.shared_with.contains(&owner.process),
        })
    });
    holders.next()
}

fn taken(port: &Port, holder: &Holder, after: Duration) -> String {
    if holder.is_old {
        format!(
            "{} is still open: {} holds it too",
            port.words(),
            holder.words
        )
    } else {
        format!(
            "{} was taken again by {}, {:.1} s later",
            port.words(),
            holder.words,
            after.as_secs_f64()
        )
    }
}
