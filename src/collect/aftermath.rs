//! Looks at the ports of what was ended until it is certain what became of them.

use super::{Source, SourceChoice, open};
use crate::model::{Extent, HeldPort, PortNow, ProcessKey, Sample, aftermath};
use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

/// How long a supervisor is given to start again what has ended. systemd waits 0.1 s by itself.
const RETURNS_WITHIN: Duration = Duration::from_millis(1500);
/// How often the ports are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Says of each port what became of it since `ended`; `None` where nobody can tell.
///
/// `gone` are the processes that were ended. Waits a moment where something may open a port again.
pub fn aftermath(
    choice: &SourceChoice,
    ports: &[HeldPort],
    gone: &[ProcessKey],
    ended: Instant,
) -> Vec<Option<PortNow>> {
    let unknown = vec![None; ports.len()];
    if ports.is_empty() {
        return unknown;
    }
    match open(choice, Extent::default()) {
        Ok(mut source) => watch(&mut *source, ports, gone, ended),
        Err(_) => unknown,
    }
}

fn watch(
    source: &mut dyn Source,
    ports: &[HeldPort],
    gone: &[ProcessKey],
    ended: Instant,
) -> Vec<Option<PortNow>> {
    let mut said = vec![None; ports.len()];
    // Nobody sends: the channel is a sleep that holds no lock and needs no platform.
    let (_nobody, pause) = mpsc::channel::<()>();
    loop {
        let Ok(Some(sample)) = source.sample() else {
            return said;
        };
        let after = ended.elapsed();
        let is_last = after >= RETURNS_WITHIN;
        for (port, said) in ports.iter().zip(&mut said) {
            if said.is_none() {
                *said = now(port, &sample, gone, after, is_last);
            }
        }
        if said.iter().all(Option::is_some) {
            return said;
        }
        _ = pause.recv_timeout(LOOK);
    }
}

/// What became of a port; `None` while that may still change.
fn now(
    port: &HeldPort,
    sample: &Sample,
    gone: &[ProcessKey],
    after: Duration,
    is_last: bool,
) -> Option<PortNow> {
    match holder(port, sample, gone) {
        // Who has just opened it may be seen only at the next look.
        Some(holder) if !holder.is_visible && !is_last => None,
        Some(holder) if holder.is_old => Some(PortNow::Shared(holder.words)),
        Some(holder) => Some(PortNow::Taken(holder.words, after)),
        None if port.may_return && !is_last => None,
        None => Some(PortNow::Free),
    }
}

/// Who listens on a port now.
#[derive(Debug)]
struct Holder {
    words: String,
    is_visible: bool,
    /// It held the port before, together with what has ended.
    is_old: bool,
}

fn holder(port: &HeldPort, sample: &Sample, gone: &[ProcessKey]) -> Option<Holder> {
    let sockets = sample.sockets.iter().filter(|socket| {
        socket.is_listening()
            && (socket.protocol, socket.local().port) == (port.protocol, port.number)
    });
    let mut holders = sockets.filter_map(|socket| {
        let owners = socket.owners();
        let Some(owner) = owners.iter().find(|owner| !gone.contains(&owner.process)) else {
            // Still being freed, or held by somebody who cannot be seen.
            return (owners.is_empty() && socket.inode().is_some()).then(|| Holder {
                words: "somebody who is not visible".to_owned(),
                is_visible: false,
                is_old: false,
            });
        };
        let mut processes = sample.processes.iter();
        let process = processes.find(|process| process.key == owner.process);
        Some(Holder {
            words: aftermath::holder(process.map(|process| &**process), owner.process.pid),
            is_visible: true,
            is_old: port.shared_with.contains(&owner.process),
        })
    });
    holders.next()
}
