//! What the kernel told of sockets that were closed: the last counters of those that were known, and those that no
//! sample had.

use super::{
    describe::{Describe, Description},
    recall::Recall,
};
use crate::{
    model::{Assessment, SampledSocket, Socket, SocketKey, State, Verdict},
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
        for socket in recall.gone().chain(recall.begun_to_wait()) {
            if socket.raw.state == State::TimeWait {
                // It was told of when it began to wait.
                continue;
            }
            match left.remove(&socket.key) {
                Some(raw) => known.push((socket, raw)),
                None => _ = untold.insert(socket.key),
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
    pub(super) fn short_lived(
        &self,
        describe: &Describe<'_>,
        pasts: &StdHashMap<SocketKey, Past>,
    ) -> Vec<Arc<Socket>> {
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
            let past = pasts.get(&raw.key());
            let judged = past.map(|past| Arc::new(judge(raw, &description, past, describe)));
            let assessment = judged.unwrap_or_else(|| Arc::clone(&unjudged));
            Arc::new(Socket {
                closed_at: Some(now),
                ..description.opened(raw, now, assessment)
            })
        })
        .collect()
    }
}

fn judge(
    raw: &SampledSocket,
    description: &Description,
    past: &Past,
    describe: &Describe<'_>,
) -> Assessment {
    rules::assess(&Case {
        machine: describe.machine,
        socket: raw,
        processes: &description.processes,
        direction: description.side.direction,
        exposure: description.exposure,
        service: description.service,
        listener: None,
        client: description.side.client,
        past,
        port: &NOTHING_OF_PORT,
    })
}

/// A socket as it was last seen, found gone at `now`.
pub(super) fn gone(socket: &Socket, now: Timestamp) -> Socket {
    Socket {
        closed_at: Some(now),
        rates: None,
        ..socket.clone()
    }
}

#[cfg(test)]
mod tests;
