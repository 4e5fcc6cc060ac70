//! A socket as the kernel tells it, before its numbers have names.

use super::control_groups::ControlGroups;
use crate::model::{NetNamespace, Text, ToldSocket};
use rustix::{
    fd::{AsFd, OwnedFd},
    net::{AddressFamily, SocketFlags, SocketType, netdevice::index_to_name, socket_with},
};
use std::{collections::HashMap, sync::Arc};

/// A socket, and what the kernel told of it by number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) socket: ToldSocket,
    /// The interface it is bound to; 0 when it is bound to none.
    pub(super) interface: u32,
    /// Its control group; 0 when the kernel does not tell.
    pub(super) cgroup: u64,
}

/// The names of one network namespace's interfaces, for as long as one dump takes.
#[derive(Debug, Default)]
pub(super) struct Interfaces {
    /// A socket of the namespace, through which names are asked for; made when first needed.
    asker: Option<OwnedFd>,
    names: HashMap<u32, Text>,
}

impl Interfaces {
    /// Returns the name of an interface of the namespace the thread is in; its number when it is gone.
    pub(super) fn name(&mut self, index: u32) -> Text {
        if self.asker.is_none() {
            let (family, kind) = (AddressFamily::INET, SocketType::DGRAM);
            self.asker = socket_with(family, kind, SocketFlags::CLOEXEC, None).ok();
        }
        let asker = self.asker.as_ref();
        let name = self.names.entry(index);
        name.or_insert_with(|| interface_name(asker, index)).clone()
    }
}

fn interface_name(asker: Option<&impl AsFd>, index: u32) -> Text {
    let name = asker.and_then(|asker| index_to_name(asker, index).ok());
    name.map_or_else(|| Text::from(format!("if{index}")), Text::from)
}

impl Found {
    /// The socket, with names.
    pub(super) fn named(
        self,
        interfaces: &mut Interfaces,
        groups: &mut ControlGroups,
        netns: Option<&Arc<NetNamespace>>,
    ) -> ToldSocket {
        let mut socket = self.socket;
        if self.interface != 0 {
            socket.interface = Some(interfaces.name(self.interface));
        }
        socket.cgroup = groups.named(self.cgroup);
        socket.netns = netns.cloned();
        socket
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_has_its_name_and_one_that_is_gone_its_number() {
        let mut interfaces = Interfaces::default();
        assert_eq!(interfaces.name(1), "lo");
        assert_eq!(interfaces.name(9_999_999), "if9999999");
    }
}
