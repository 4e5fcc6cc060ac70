//! From a message to a socket of the model, with the names that only the machine knows.

use super::{
    Raw,
    row::{self, Names},
};
use crate::{
    collect::linux::{
        control_groups::ControlGroups,
        found::{Found, Interfaces},
    },
    model::{NetNamespace, ToldSocket},
};
use std::sync::Arc;

/// Decodes messages, and remembers names.
#[derive(Debug, Default)]
pub(in crate::collect::linux) struct Decoder {
    names: Names,
    interfaces: Interfaces,
    groups: ControlGroups,
    /// The network namespace that is asked, where that is known.
    netns: Option<Arc<NetNamespace>>,
}

impl Decoder {
    /// One that knows the control groups of this machine, for sockets of this network namespace.
    pub(super) fn of_system(netns: &Arc<NetNamespace>) -> Self {
        Self {
            groups: ControlGroups::of_system(),
            netns: Some(Arc::clone(netns)),
            ..Self::default()
        }
    }

    /// Returns the socket that `raw` tells of, without owners; `None` when it is cut or in no form we know.
    pub(in crate::collect::linux) fn decode(&mut self, raw: &Raw<'_>) -> Option<ToldSocket> {
        let found = self.found(raw)?;
        Some(self.named(found))
    }

    /// The same before its numbers have names.
    pub(super) fn found(&mut self, raw: &Raw<'_>) -> Option<Found> {
        let mut found = row::decode(raw.payload, raw.protocol, &mut self.names)?;
        if let Some(tcp) = &mut found.socket.tcp {
            tcp.read_at = Some(raw.read_at);
        }
        Some(found)
    }

    /// Gives a socket the names of its interface and control group.
    fn named(&mut self, found: Found) -> ToldSocket {
        let netns = self.netns.as_ref();
        found.named(&mut self.interfaces, &mut self.groups, netns)
    }

    /// Interfaces can be renamed: their names count for one dump.
    pub(super) fn forget_interfaces(&mut self) {
        self.interfaces = Interfaces::default();
    }
}
