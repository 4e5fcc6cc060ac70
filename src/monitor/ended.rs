//! What the kernel told of sockets that were closed: the last counters of those that were known, and those that no
//! sample had.

use super::{
    describe::{Describe, Description},
    judge::Verdicts,
    recall::{Recall, Seen},
    sides::gate,
};
use crate::{
    model::{Assessment, Endpoint, SampledSocket, Socket, SocketKey, State, Verdict},
    rules::{
        self, Case,
        past::{NOTHING_OF_PORT, Past},
    },
};
use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use std::{collections::HashMap as StdHashMap, sync::Arc};

/// What was told, sorted by what was known.
#[derive(Debug, Default)]
pub(super) struct Ends<'a> {
    /// Sockets of the snapshot before, each with what was told of it.
    known: Vec<(&'a Arc<Socket>, &'a Arc<SampledSocket>)>,
    /// What no snapshot had.
    pub(super) short_lived: Vec<&'a Arc<SampledSocket>>,
    /// Sockets of the snapshot before that have closed and of which nothing was told: the word may come late.
    pub(super) untold: HashSet<SocketKey>,
}

impl<'a> Ends<'a> {
    /// Sorts what was `told` with this sample.
    pub(super) fn new(recall: &Recall<'a>, told: &'a [Arc<SampledSocket>]) -> Self {
        let Some(before) = recall.before else {
            // What had closed before we began to look is none of our business.
            return Self::default();
        };
        let mut left: HashMap<SocketKey, &Arc<SampledSocket>> =
            told.iter().map(|raw| (raw.key(), raw)).collect();
        let (mut known, mut untold) = (vec![], HashSet::new());
        for socket in recall.nobodys() {
            if socket.raw.state == State::TimeWait {
                // It was told of when it began to wait.
                continue;
            }
            match left.remove(&socket.key()) {
                Some(raw) => known.push((socket, raw)),
                None => _ = untold.insert(socket.key()),
            }
        }
        let is_new = |raw: &&Arc<SampledSocket>| {
            let key = raw.key();
            left.remove(&key).is_some() && !before.untold.contains(&key)
        };
        Self {
            known,
            short_lived: told.iter().filter(is_new).collect(),
            untold,
        }
    }

    /// The sockets that were known, with their last counters and else as they were last seen.
    pub(super) fn known(&self, now: Timestamp) -> Vec<Arc<Socket>> {
        let known = self.known.iter();
        let end = |(socket, told): &(&Arc<Socket>, &Arc<SampledSocket>)| {
            let mut last = gone(socket, now);
            if told.tcp().is_some() {
                last.raw = Arc::new(socket.raw.with_counters_of(told));
            }
            Arc::new(last)
        };
        known.map(end).collect()
    }

    /// The sockets that nobody had seen. Nobody judges them either, but for those with a past that is worth it.
    pub(super) fn short_lived(&self, afterwards: &Afterwards<'_>) -> Vec<Arc<Socket>> {
        let describe = afterwards.describe;
        let now = describe.machine.now;
        let unjudged = Arc::new(Assessment {
            verdict: Verdict::Unknown,
            reason: None,
            findings: vec![],
            accepted: vec![],
        });
        let raws = self.short_lived.iter();
        raws.map(|raw| {
            let description = describe.socket(raw);
            let judged = afterwards.judge(raw, &description).map(Arc::new);
            let assessment = judged.unwrap_or_else(|| Arc::clone(&unjudged));
            let mut socket = description.opened(raw, now, assessment);
            socket.closed_at = Some(now);
            Arc::new(socket)
        })
        .collect()
    }
}

/// What sockets whose owner was never seen are judged by when they are gone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Afterwards<'a> {
    pub(super) describe: &'a Describe<'a>,
    pub(super) pasts: &'a StdHashMap<SocketKey, Past>,
    pub(super) recall: &'a Recall<'a>,
    /// What is thought of the listeners.
    pub(super) verdicts: &'a Verdicts,
}

impl Afterwards<'_> {
    /// A socket that was known, judged by what is known now; `None` where that is no more than before.
    pub(super) fn judged_again(&self, socket: &Socket) -> Option<Arc<Socket>> {
        // Of most there is none, and describing one costs more than asking.
        if !self.pasts.contains_key(&socket.key()) {
            return None;
        }
        let description = self.describe.socket(&socket.raw);
        let assessment = Arc::new(self.judge(&socket.raw, &description)?);
        let mut gone = gone(socket, self.describe.machine.now);
        gone.assessment = assessment;
        Some(Arc::new(gone))
    }

    fn judge(&self, raw: &SampledSocket, description: &Description) -> Option<Assessment> {
        let past = self.pasts.get(&raw.key())?;
        // What asks again and again whether a service of this machine is well is no beacon.
        if !past.calls.is_empty() && self.is_question(raw) {
            return None;
        }
        Some(rules::assess(&Case {
            machine: self.describe.machine,
            socket: raw,
            processes: &description.processes,
            direction: description.side.direction,
            exposure: description.exposure,
            service: description.service,
            listener: None,
            client: description.side.client,
            past,
            port: &NOTHING_OF_PORT,
        }))
    }

    /// Whether it is to a listener of this machine that is as it should be, and that somebody here asks whether it is
    /// well. What an interpreter or a netcat serves may be anything: there it takes a program whose work is to ask.
    fn is_question(&self, raw: &SampledSocket) -> bool {
        let describe = self.describe;
        let own = |peer: &Endpoint| describe.sides.is_own(peer.canonical());
        let Some(peer) = raw.peer().filter(own) else {
            return false;
        };
        let wanted = (raw.netns_number(), raw.protocol, peer.port);
        if self.verdicts.get(&wanted) != Some(&Verdict::Expected) {
            return false;
        }
        let mut there = self.recall.iter().filter(Seen::is_listening);
        let listener = there.find(|seen| gate(seen.raw) == wanted);
        let holder = listener.and_then(|seen| describe.holder(&seen.raw.owners()));
        holder.is_some_and(|holder| !rules::is_general_purpose(holder))
            || describe
                .processes
                .iter()
                .any(|process| rules::asks_others(process))
    }
}

/// A socket as it was last seen, found gone at `now`.
pub(super) fn gone(socket: &Socket, now: Timestamp) -> Socket {
    let mut gone = socket.clone();
    (gone.closed_at, gone.rates) = (Some(now), None);
    gone
}

#[cfg(test)]
mod tests;
