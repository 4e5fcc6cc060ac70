//! What thousands of sockets have in common, kept once.

use super::SampledSocket;
use crate::model::{ControlGroup, NetNamespace, Text, ToldSocket};
use std::{collections::HashSet, sync::Arc};

/// What a socket has in common with others: where it is, and how it sends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Shared {
    pub(super) interface: Option<Text>,
    pub(super) cgroup: Option<Arc<ControlGroup>>,
    pub(super) netns: Option<Arc<NetNamespace>>,
    pub(super) congestion: Option<Text>,
}

impl Shared {
    /// Takes it out of what was told of a socket.
    fn taken_from(told: &mut ToldSocket) -> Self {
        let tcp = told.tcp.as_mut();
        Self {
            interface: told.interface.take(),
            cgroup: told.cgroup.take(),
            netns: told.netns.take(),
            congestion: tcp.and_then(|tcp| tcp.congestion.take()),
        }
    }

    /// Whether it is what was told of a socket.
    fn is_of(&self, told: &ToldSocket) -> bool {
        let congestion = told.tcp.as_ref().and_then(|tcp| tcp.congestion.as_ref());
        self.interface == told.interface
            && self.cgroup == told.cgroup
            && self.netns == told.netns
            && self.congestion.as_ref() == congestion
    }

    /// Keeps what was told of one socket alone, where that is anything.
    pub(super) fn alone(told: &mut ToldSocket) -> Option<Arc<Self>> {
        let shared = Self::taken_from(told);
        (shared != Self::default()).then(|| Arc::new(shared))
    }

    /// Whether all of it but the algorithm is the same.
    fn is_where(&self, other: &Self) -> bool {
        // Field by field, so that nobody adds one without a thought for this.
        let Self {
            interface,
            cgroup,
            netns,
            congestion: _,
        } = self;
        *interface == other.interface && *cgroup == other.cgroup && *netns == other.netns
    }

    /// Whether two sockets are in the same place, whatever algorithm they use.
    pub(super) fn are_in_one_place(one: Option<&Arc<Self>>, other: Option<&Arc<Self>>) -> bool {
        if let (Some(one), Some(other)) = (one, other)
            && Arc::ptr_eq(one, other)
        {
            return true;
        }
        let nowhere = Self::default();
        let one = one.map_or(&nowhere, |one| one);
        one.is_where(other.map_or(&nowhere, |other| other))
    }
}

/// Makes sockets that share what they have in common.
#[derive(Debug, Default)]
pub struct Sharing {
    /// What the last socket had: the next one mostly has the same.
    last: Option<Arc<Shared>>,
    known: HashSet<Arc<Shared>>,
}

/// So many are kept before those that no socket has any more are let go.
const MANY: usize = 4096;

impl Sharing {
    /// Makes a socket of what was told of it.
    pub fn pack(&mut self, told: ToldSocket) -> SampledSocket {
        SampledSocket::pack(told, |told| self.share(told))
    }

    fn share(&mut self, told: &mut ToldSocket) -> Option<Arc<Shared>> {
        if let Some(last) = self.last.as_ref().filter(|last| last.is_of(told)) {
            return Some(Arc::clone(last));
        }
        let shared = Shared::taken_from(told);
        if shared == Shared::default() {
            return None;
        }
        let known = match self.known.get(&shared) {
            Some(known) => Arc::clone(known),
            None => self.keep(Arc::new(shared)),
        };
        self.last = Some(Arc::clone(&known));
        Some(known)
    }

    fn keep(&mut self, shared: Arc<Shared>) -> Arc<Shared> {
        if self.known.len() >= MANY {
            self.known.retain(|known| Arc::strong_count(known) > 1);
        }
        // A machine where even more are in use keeps the rest once for each socket.
        if self.known.len() < MANY {
            self.known.insert(Arc::clone(&shared));
        }
        shared
    }
}
