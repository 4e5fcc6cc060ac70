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
    /// Whether two sockets are in the same place, whatever algorithm they use.
    pub(super) fn are_in_one_place(one: Option<&Arc<Self>>, other: Option<&Arc<Self>>) -> bool {
        if let (Some(one), Some(other)) = (one, other)
            && Arc::ptr_eq(one, other)
        {
            return true;
        }
        let place = |shared: Option<&Arc<Self>>| Self {
            congestion: None,
            ..shared.map(|shared| Self::clone(shared)).unwrap_or_default()
        };
        place(one) == place(other)
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
        SampledSocket::pack(told, |shared| self.share(shared))
    }

    fn share(&mut self, shared: Shared) -> Arc<Shared> {
        if let Some(last) = &self.last
            && **last == shared
        {
            return Arc::clone(last);
        }
        let known = match self.known.get(&shared) {
            Some(known) => Arc::clone(known),
            None => self.keep(Arc::new(shared)),
        };
        self.last = Some(Arc::clone(&known));
        known
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
