//! A monitor that makes every snapshot from scratch: slow, and plainly right.

use crate::{
    model::{
        About, Declared, Extent, Holdings, Rates, Sample, SampledSocket, Snapshot, Socket, Verdict,
        policy::holder,
    },
    monitor::{
        KEEP_CLOSED, MOST_CLOSED,
        describe::Describe,
        memory::{Memory, Sight},
        sides::{Sides, gate},
    },
    registry::Registry,
    rules::{self, Case, Machine, Policy},
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// The snapshot before is all it knows.
#[derive(Default)]
pub(super) struct Plain {
    before: Option<Snapshot>,
    declared: Arc<[Declared]>,
    pub(super) policy: Arc<Policy>,
    memory: Memory,
}

impl Plain {
    pub(super) fn observe(&mut self, sample: &Sample) -> Snapshot {
        if !sample.declared.is_empty() {
            self.declared = sample.declared.clone().into();
        }
        let machine = Machine {
            registry: Registry::bundled(),
            euid: sample.euid,
            user_uid: sample.user_uid,
            owners_seen: sample.coverage.owners,
            unreadable_processes: sample.coverage.unreadable_processes,
            ephemeral_ports: sample.ephemeral_ports,
            declared: Arc::clone(&self.declared),
            policy: Arc::clone(&self.policy),
            now: sample.taken_at,
        };
        let raws = || sample.sockets.iter();
        let listening = raws()
            .filter(|raw| raw.is_listening())
            .map(|raw| (raw.netns_number(), raw.protocol, raw.local().port));
        let sides = Sides::new(listening, &sample.addresses, sample.ephemeral_ports);
        let users = sample.users.iter().cloned().collect();
        let describe = Describe {
            machine: &machine,
            sides: &sides,
            users: &users,
            processes: &sample.processes,
        };
        let known = |raw: &SampledSocket| {
            let before = self.before.as_ref()?;
            Some(before.sockets.iter().any(|one| one.key() == raw.key()))
        };
        // Every socket, whether anything about it has changed or not.
        let sights = raws().map(|raw| {
            let ports = sample.ephemeral_ports;
            Sight {
                raw,
                owner: describe.holder(&raw.owners()),
                side: sides.of(raw),
                is_new: known(raw) == Some(false),
                is_chosen: !ports.is_some_and(|ports| ports.contains(raw.local().port)),
            }
        });
        let sights: Vec<_> = sights.collect();
        let now = (sample.taken_at, sample.elapsed);
        self.memory
            .observe(sights.into_iter(), &sample.processes, now);
        let mut verdicts: HashMap<_, Verdict> = HashMap::new();
        for raw in raws().filter(|raw| raw.is_listening()) {
            let verdict = self.socket(raw, &describe, sample, None).assessment.verdict;
            let worst = verdicts
                .entry((raw.netns_number(), raw.protocol, raw.local().port))
                .or_insert(verdict);
            *worst = verdict.max(*worst);
        }
        let sockets: Vec<_> = raws()
            .map(|raw| {
                let listener = verdicts
                    .get(&(raw.netns_number(), raw.protocol, raw.local().port))
                    .copied();
                let listener = listener.filter(|_| !raw.is_listening());
                Arc::new(self.socket(raw, &describe, sample, listener))
            })
            .collect();
        let hidden = raws().filter(|raw| describe.socket(raw).is_hidden).count();
        let snapshot = Snapshot {
            holdings: Holdings::default(),
            source: sample.source,
            host: sample.host.clone(),
            taken_at: sample.taken_at,
            elapsed: sample.elapsed,
            euid: sample.euid,
            ephemeral_ports: sample.ephemeral_ports,
            extent: Extent::default(),
            closed: self.closed(&sockets, sample),
            // The worlds tell of no closings: `monitor/ended/tests.rs` has them.
            ended: vec![],
            short_lived: vec![],
            lately: vec![],
            sockets,
            processes: sample.processes.clone(),
            declared: Arc::clone(&self.declared),
            policy: Arc::new(self.policy.notes(sample.taken_at)),
            coverage: sample.coverage.clone(),
            owners_hidden: hidden,
        };
        self.before = Some(snapshot.clone());
        snapshot
    }

    fn socket(
        &self,
        raw: &Arc<SampledSocket>,
        describe: &Describe<'_>,
        sample: &Sample,
        listener: Option<Verdict>,
    ) -> Socket {
        let it = describe.socket(raw);
        let assessment = rules::assess(&Case {
            machine: describe.machine,
            socket: raw,
            processes: &it.processes,
            direction: it.side.direction,
            exposure: it.exposure,
            service: it.service,
            listener: listener.filter(|_| !it.side.client),
            client: it.side.client,
            past: holder(&it.processes)
                .map_or(&rules::past::NOTHING, |owner| self.memory.past(owner.key)),
            port: self.memory.past_of_port(gate(raw)),
        });
        let mut earlier = self.before.iter().flat_map(|before| &before.sockets);
        let earlier = earlier.find(|one| one.key() == raw.key());
        let interval = self.before.as_ref().and_then(|before| {
            let interval = sample.elapsed.checked_sub(before.elapsed)?;
            (!interval.is_zero()).then_some(interval)
        });
        let is_other =
            |one: &Socket| one.raw.state != raw.state || one.raw.owners() != raw.owners();
        let about = About {
            processes: it.processes,
            direction: it.side.direction,
            exposure: it.exposure,
            service: it.service,
            user: it.user,
            before_us: earlier.map_or(self.before.is_none(), |one| one.before_us),
            changed_at: match earlier {
                Some(one) if is_other(one) => Some(sample.taken_at),
                Some(one) => one.changed_at,
                None => None,
            },
            closed_at: None,
            assessment: Arc::new(assessment),
        };
        Socket {
            raw: Arc::clone(raw),
            about: Arc::new(about),
            first_seen: earlier.map_or(sample.taken_at.into(), |one| one.first_seen),
            rates: earlier.and_then(|one| rates(&one.raw, raw, interval?)),
        }
    }

    fn closed(&self, now: &[Arc<Socket>], sample: &Sample) -> Vec<Arc<Socket>> {
        let Some(before) = &self.before else {
            return vec![];
        };
        let at = sample.taken_at;
        let recently = |one: &&Arc<Socket>| {
            let closed = at.duration_since(one.closed_at.unwrap());
            closed.unsigned_abs() < KEEP_CLOSED
        };
        let mut closed: Vec<_> = before.closed.iter().filter(recently).cloned().collect();
        let is_gone = |one: &&Arc<Socket>| now.iter().all(|other| other.key() != one.key());
        closed.extend(before.sockets.iter().filter(is_gone).map(|one| {
            let mut gone = Socket::clone(one);
            (gone.closed_at, gone.rates) = (Some(at), None);
            Arc::new(gone)
        }));
        closed.split_off(closed.len().saturating_sub(MOST_CLOSED))
    }
}

#[expect(clippy::cast_precision_loss, reason = "tests move few bytes")]
fn rates(before: &SampledSocket, now: &SampledSocket, interval: Duration) -> Option<Rates> {
    let (before, now) = (before.tcp()?, now.tcp()?);
    let received = now
        .bytes_received()?
        .checked_sub(before.bytes_received()?)?;
    let sent = now.bytes_acked()?.checked_sub(before.bytes_acked()?)?;
    let per_second = |bytes| bytes as f64 / interval.as_secs_f64();
    Some(Rates::new(per_second(received), per_second(sent)))
}
