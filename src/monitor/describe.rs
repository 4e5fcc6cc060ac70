//! What follows for one socket from the sample alone, without a judgement.

use super::sides::{Side, Sides};
use crate::{
    model::{
        About, Assessment, Exposure, Few, Owner, Process, ProcessKey, SampledSocket, Service,
        Socket, State, Text, policy,
    },
    rules::Machine,
};
use hashbrown::HashMap;
use jiff::Timestamp;
use std::sync::Arc;

/// Names by user id.
pub(super) type Users = HashMap<u32, Text>;

/// Everything that the description of a socket rests on, beside the socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Describe<'a> {
    pub(super) machine: &'a Machine,
    pub(super) sides: &'a Sides,
    pub(super) users: &'a Users,
    /// Sorted by key.
    pub(super) processes: &'a [Arc<Process>],
}

/// A socket as the sample describes it.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) processes: Few<Arc<Process>>,
    pub(super) side: Side,
    pub(super) exposure: Option<Exposure>,
    pub(super) service: Option<Service>,
    pub(super) user: Option<Text>,
    /// More privilege would show its owner.
    pub(super) is_hidden: bool,
}

impl Description {
    /// The socket that was described, first seen at `now` and open since.
    pub(super) fn opened(
        self,
        raw: &Arc<SampledSocket>,
        now: Timestamp,
        assessment: Arc<Assessment>,
    ) -> Socket {
        Socket {
            raw: Arc::clone(raw),
            about: Arc::new(self.about(assessment)),
            first_seen: now.into(),
            rates: None,
        }
    }

    /// What follows for the socket that was described, when that is thought of it.
    pub(super) fn about(self, assessment: Arc<Assessment>) -> About {
        About {
            processes: self.processes,
            direction: self.side.direction,
            exposure: self.exposure,
            service: self.service,
            user: self.user,
            before_us: false,
            changed_at: None,
            closed_at: None,
            assessment,
        }
    }
}

impl<'a> Describe<'a> {
    pub(super) fn socket(&self, raw: &SampledSocket) -> Description {
        let side = self.sides.of(raw);
        let processes = self.owners(&raw.owners());
        Description {
            side,
            exposure: raw.exposure(),
            service: self.service(raw, side, &processes),
            user: raw.uid().and_then(|uid| self.users.get(&uid).cloned()),
            is_hidden: processes.is_empty()
                && raw.state.can_have_owner()
                && !self.machine.sees_every_owner(),
            processes,
        }
    }

    fn owners(&self, owners: &[Owner]) -> Few<Arc<Process>> {
        let find = |owner: &Owner| self.process(owner.process).cloned();
        owners.iter().filter_map(find).collect()
    }

    /// The process that a socket of these owners is about.
    pub(super) fn holder(&self, owners: &[Owner]) -> Option<&'a Arc<Process>> {
        if let [only] = owners {
            return self.process(only.process);
        }
        let processes: Few<&'a Arc<Process>> = owners
            .iter()
            .filter_map(|owner| self.process(owner.process))
            .collect();
        let key = policy::holder(&processes)?.key;
        self.process(key)
    }

    fn process(&self, key: ProcessKey) -> Option<&'a Arc<Process>> {
        let at = self
            .processes
            .binary_search_by_key(&key, |process| process.key)
            .ok()?;
        self.processes.get(at)
    }

    /// What the number that matters stands for.
    ///
    /// A connection that we asked for is about its remote port; our own was given by chance. So is the port of
    /// an unconnected datagram socket in the kernel's range, unless its program is known for just that port.
    fn service(
        &self,
        raw: &SampledSocket,
        side: Side,
        processes: &[Arc<Process>],
    ) -> Option<Service> {
        if !raw.protocol.has_ports() {
            return None;
        }
        let registry = self.machine.registry;
        if side.client {
            // Of a connection that failed the kernel forgets which port it was to.
            let peer = raw.peer().filter(|peer| peer.port != 0);
            return peer.map(|peer| registry.service(peer.port, raw.protocol));
        }
        let service = registry.service(raw.local().port, raw.protocol);
        let by_chance = raw.state == State::Unconnected
            && self
                .machine
                .ephemeral_ports
                .is_some_and(|range| range.contains(raw.local().port));
        let known = || {
            let kernel =
                processes.is_empty() && service.practice.is_some_and(|practice| practice.kernel);
            let serves = |process: &Arc<Process>| {
                registry.serves(&process.name, service.port, service.protocol)
            };
            kernel || processes.iter().any(serves)
        };
        (!by_chance || known()).then_some(service)
    }
}
