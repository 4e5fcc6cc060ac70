//! Turns samples into snapshots.
//!
//! Owns everything that outlives one sample: identities, first-seen times, rates and what closed a
//! moment ago. Takes the time from the sample, so a recording replays exactly.
//!
//! It works only on what changed. Of a socket that the source hands out again (the same `Arc`), everything
//! stays as it was, unless something else that it depends on has moved: `changes` finds that out, and says
//! what there is to depend on.

pub mod events;

mod changes;
mod describe;
mod ended;
mod judge;
mod lately;
mod memory;
mod rates;
mod recall;
mod sides;
mod sketch;

#[cfg(test)]
mod tests;

use crate::{
    model::{
        Declared, Extent, Heard, Holdings, PolicyNotes, Protocol, Sample, SampledSocket, Snapshot,
        Socket, SocketKey, Text,
    },
    registry::Registry,
    rules::{Machine, Policy, past::Past},
};
use changes::Changes;
use describe::{Describe, Users};
use ended::{Afterwards, Ends};
use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use judge::{Judge, Verdicts, Work};
use lately::Lately;
use memory::{Memory, Sight};
use recall::{Mark, Recall};
use sides::Sides;
use std::{sync::Arc, time::Duration};

/// How long a closed socket stays in [`Snapshot::closed`].
const KEEP_CLOSED: Duration = Duration::from_secs(5);

/// The most closed sockets that are kept; of more, the newest.
const MOST_CLOSED: usize = 1000;

/// What is remembered between samples.
#[derive(Debug)]
pub struct Monitor {
    registry: &'static Registry,
    declared: Arc<[Declared]>,
    policy: Arc<Policy>,
    notes: Arc<PolicyNotes>,
    /// From when on the policy says something else, because an entry ends.
    policy_changes: Option<Timestamp>,
    judge: Judge,
    memory: Memory,
    lately: Lately,
    extent: Extent,
    before: Option<Before>,
}

/// The snapshot before, and what it rested on.
#[derive(Debug)]
struct Before {
    snapshot: Arc<Snapshot>,
    machine: Machine,
    sides: Sides,
    users: Users,
    verdicts: Verdicts,
    /// One for each of the snapshot's sockets, in their order.
    marks: Vec<Mark>,
    /// Sockets that had closed without a word from the kernel.
    untold: HashSet<SocketKey>,
}

impl Monitor {
    /// A monitor that has seen nothing yet.
    pub fn new(registry: &'static Registry) -> Self {
        Self {
            registry,
            declared: Arc::default(),
            policy: Arc::default(),
            notes: Arc::default(),
            policy_changes: None,
            judge: Judge::default(),
            memory: Memory::default(),
            lately: Lately::default(),
            extent: Extent::default(),
            before: None,
        }
    }

    /// Takes over what is known of a port from before: a program that listened there, and until when.
    pub fn knew(&mut self, protocol: Protocol, port: u16, program: &Text, until: Timestamp) {
        // The history keeps no namespace: it is about the one the recorder ran in.
        self.memory.knew((0, protocol, port), program, until);
    }

    /// Takes over what a listener of this machine's own network namespace answered when somebody asked it.
    pub fn heard(&mut self, protocol: Protocol, port: u16, heard: Heard) {
        self.memory.heard((0, protocol, port), heard);
    }

    /// Expects samples of this extent from now on: what it adds has not opened, and what it leaves out has not
    /// closed.
    pub fn extend(&mut self, extent: Extent) {
        self.extent = extent;
    }

    /// Judges everything by `policy` from the next sample on.
    pub fn set_policy(&mut self, policy: Arc<Policy>) {
        self.policy = policy;
        // Long ago, so that the notes are made anew with the next sample.
        self.policy_changes = Some(Timestamp::MIN);
    }

    /// Returns what is known now that `sample` was seen.
    ///
    /// Rates and changes compare it with the sample before; on first sight they are `None`.
    pub fn observe(&mut self, mut sample: Sample) -> Arc<Snapshot> {
        if !sample.declared.is_empty() {
            self.declared = std::mem::take(&mut sample.declared).into();
        }
        let policy_changed = self.renew_policy(sample.taken_at);
        let machine = self.machine(&sample);
        let before = self.before.take();
        let raws = std::mem::take(&mut sample.sockets);
        let told = std::mem::take(&mut sample.ended);
        let recall = Recall::new(before.as_ref(), &sample, &raws, self.extent);
        let ends = Ends::new(&recall, &told);
        let sides = Sides::new(
            recall.listening(),
            &sample.addresses,
            sample.ephemeral_ports,
        );
        let users = std::mem::take(&mut sample.users).into_iter().collect();
        if let Some(before) = &before {
            changes::keep_unchanged(&mut sample.processes, &before.snapshot.processes);
        }
        let describe = Describe {
            machine: &machine,
            sides: &sides,
            users: &users,
            processes: &sample.processes,
        };
        let mut changes = Changes::between(before.as_ref(), &describe);
        let moved = self.memory.observe(
            sights(&recall, &describe),
            &sample.processes,
            (sample.taken_at, sample.elapsed),
        );
        changes.add_past(moved);
        let pasts = self.strangers(&ends, &recall, &describe, &sample);
        let listeners = self.judge.listeners(Work {
            recall: &recall,
            describe: &describe,
            changes: &changes,
            memory: &self.memory,
        });
        if let Some(before) = &before {
            changes.add_verdicts(&before.verdicts, &listeners.verdicts);
        }
        let verdicts = listeners.verdicts.clone();
        let work = Work {
            recall: &recall,
            describe: &describe,
            changes: &changes,
            memory: &self.memory,
        };
        let (sockets, marks) = self.judge.all(listeners, work);
        let afterwards = Afterwards {
            describe: &describe,
            pasts: &pasts,
            recall: &recall,
            verdicts: &verdicts,
        };
        let ended = ends.known(sample.taken_at);
        let closed = closed(&recall, &ended);
        let short_lived = ends.short_lived(&afterwards);
        self.lately.observe(
            gone_now(&closed, &short_lived, &afterwards),
            sample.elapsed,
            policy_changed.then_some(&machine),
        );
        let untold = ends.untold;
        let snapshot = Arc::new(Snapshot {
            holdings: before.as_ref().map_or_else(Holdings::default, |before| {
                Holdings::kept(&before.snapshot, &sockets)
            }),
            source: sample.source,
            host: sample.host,
            taken_at: sample.taken_at,
            elapsed: sample.elapsed,
            euid: sample.euid,
            ephemeral_ports: sample.ephemeral_ports,
            extent: self.extent,
            owners_hidden: marks.iter().filter(|mark| mark.is_hidden).count(),
            sockets,
            closed,
            ended,
            short_lived,
            lately: self.lately.told(),
            processes: sample.processes,
            declared: Arc::clone(&self.declared),
            policy: Arc::clone(&self.notes),
            coverage: sample.coverage,
        });
        self.before = Some(Before {
            snapshot: Arc::clone(&snapshot),
            machine,
            sides,
            users,
            verdicts,
            marks,
            untold,
        });
        snapshot
    }

    /// Whether the policy says something else at `now` than it did.
    fn renew_policy(&mut self, now: Timestamp) -> bool {
        let has_changed = self.policy_changes.is_some_and(|at| at <= now);
        if has_changed {
            self.notes = Arc::new(self.policy.notes(now));
            self.policy_changes = self.policy.changes_after(now);
        }
        has_changed
    }

    /// What is remembered of connections that this machine asked for and whose owner nobody saw.
    fn strangers(
        &mut self,
        ends: &Ends<'_>,
        recall: &Recall<'_>,
        describe: &Describe<'_>,
        sample: &Sample,
    ) -> std::collections::HashMap<SocketKey, Past> {
        let is_client = |raw: &&SampledSocket| describe.sides.of(raw).client;
        let tried = ends.short_lived.iter().map(|raw| &***raw);
        let orphans = recall
            .nobodys()
            .filter(|socket| socket.processes.is_empty());
        let orphans = orphans.map(|socket| &*socket.raw);
        self.memory.observe_strangers(
            tried.filter(is_client),
            orphans.filter(is_client),
            sample.ephemeral_ports,
        )
    }

    /// What is true of the whole machine in `sample`.
    fn machine(&self, sample: &Sample) -> Machine {
        Machine {
            registry: self.registry,
            euid: sample.euid,
            user_uid: sample.user_uid,
            owners_seen: sample.coverage.owners,
            unreadable_processes: sample.coverage.unreadable_processes,
            ephemeral_ports: sample.ephemeral_ports,
            declared: Arc::clone(&self.declared),
            policy: Arc::clone(&self.policy),
            now: sample.taken_at,
        }
    }
}

/// What the memory is to see: listeners, what began, and what the peer has closed.
fn sights<'a>(
    recall: &'a Recall<'a>,
    describe: &'a Describe<'a>,
) -> impl Iterator<Item = Sight<'a>> {
    let given = |port| {
        let ports = describe.machine.ephemeral_ports;
        ports.is_some_and(|ports| ports.contains(port))
    };
    let is_first = recall.before.is_none();
    recall
        .iter()
        // Connections that were there when we began to look say nothing.
        .filter(move |seen| seen.is_remembered() && !(is_first && seen.is_settled()))
        .map(move |seen| {
            Sight {
                raw: seen.raw,
                owner: describe.holder(&seen.raw.owners()),
                side: describe.sides.of(seen.raw),
                is_new: seen.before.is_none() && recall.began(seen.raw),
                is_chosen: !given(seen.raw.local().port),
            }
        })
}

/// What is gone since the sample before, judged by what is known now.
fn gone_now<'a>(
    closed: &'a [Arc<Socket>],
    short_lived: &'a [Arc<Socket>],
    afterwards: &'a Afterwards<'a>,
) -> impl Iterator<Item = Arc<Socket>> + use<'a> {
    let now = Some(afterwards.recall.now);
    let known = closed.iter().filter(move |socket| socket.closed_at == now);
    let orphans = afterwards.recall.nobodys();
    let again = orphans.filter_map(|socket| afterwards.judged_again(socket));
    known.chain(short_lived).cloned().chain(again)
}

/// The sockets that closed a moment ago, those of this moment last.
///
/// `ended` are those of which more is known than when they were last seen.
fn closed(recall: &Recall<'_>, ended: &[Arc<Socket>]) -> Vec<Arc<Socket>> {
    let now = recall.now;
    let recently = |socket: &&Arc<Socket>| {
        socket
            .closed_at
            .is_some_and(|at| now.duration_since(at).unsigned_abs() < KEEP_CLOSED)
    };
    let before = recall.before.map(|before| &before.snapshot.closed);
    let still = before.into_iter().flatten().filter(recently).cloned();
    let ended: HashMap<SocketKey, &Arc<Socket>> =
        ended.iter().map(|socket| (socket.key(), socket)).collect();
    let gone = recall.gone().map(|socket| match ended.get(&socket.key()) {
        Some(last) => Arc::clone(last),
        None => Arc::new(ended::gone(socket, now)),
    });
    let mut closed: Vec<_> = still.chain(gone).collect();
    let surplus = closed.len().saturating_sub(MOST_CLOSED);
    closed.drain(..surplus);
    closed
}
