//! What can be said before owners are looked for: a first picture, which the first snapshot replaces.

use super::{
    Monitor,
    describe::{Describe, Users},
    sides::{Sides, gate},
};
use crate::model::{
    Assessment, Holdings, Limit, LimitKind, OwnersSeen, Sample, Snapshot, Text, Verdict,
};
use std::sync::Arc;

/// The most sockets of a sketch: more than any screen has, and little to make and to hold.
const MOST: usize = 2000;

impl Monitor {
    /// Shows `sample`, whose owners nobody has looked for yet: what waits for others first, and of many sockets the
    /// first ones alone.
    ///
    /// Judges nothing and remembers nothing: a judgement without owners would be wrong, and no socket of it has
    /// opened or closed.
    pub fn sketch(&self, mut sample: Sample) -> Arc<Snapshot> {
        sample.coverage.owners = OwnersSeen::NotYet;
        let listening = sample.sockets.iter().filter(|raw| raw.is_listening());
        let sides = Sides::new(
            listening.map(|raw| gate(raw)),
            &sample.addresses,
            sample.ephemeral_ports,
        );
        let users: Users = std::mem::take(&mut sample.users).into_iter().collect();
        let machine = self.machine(&sample);
        let describe = Describe {
            machine: &machine,
            sides: &sides,
            users: &users,
            processes: &[],
        };
        let assessment = Arc::new(Assessment {
            verdict: Verdict::Unknown,
            reason: Some("its owner is still being looked for".into()),
            findings: vec![],
            accepted: vec![],
        });
        let all = sample.sockets.len();
        if all > MOST {
            let said = format!("{MOST} of {all} sockets are shown until their owners are known");
            let limit = Limit {
                kind: LimitKind::Sockets,
                detail: Text::from(said),
                remedy: None,
            };
            sample.coverage.limits.insert(0, limit);
        }
        let (first, others): (Vec<_>, Vec<_>) =
            sample.sockets.iter().partition(|raw| raw.is_listening());
        let sockets = first.into_iter().chain(others).take(MOST).map(|raw| {
            let description = describe.socket(raw);
            let mut socket = description.opened(raw, sample.taken_at, Arc::clone(&assessment));
            socket.before_us = true;
            Arc::new(socket)
        });
        Arc::new(Snapshot {
            holdings: Holdings::default(),
            sockets: sockets.collect(),
            source: sample.source,
            host: sample.host.clone(),
            taken_at: sample.taken_at,
            elapsed: sample.elapsed,
            euid: sample.euid,
            ephemeral_ports: sample.ephemeral_ports,
            owners_hidden: 0,
            closed: vec![],
            ended: vec![],
            short_lived: vec![],
            lately: vec![],
            extent: self.extent,
            processes: vec![],
            declared: Arc::clone(&self.declared),
            policy: Arc::clone(&self.notes),
            coverage: sample.coverage.clone(),
        })
    }
}
