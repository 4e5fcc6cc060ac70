//! From descriptors to the owners of sockets.

use super::SockDiag;
use crate::model::{Protocol, SampledSocket, State};
use std::{collections::HashSet, sync::Arc};

/// Owners can turn out to have ended, whose other sockets then have changed as well: so often that is followed.
const MOST_ROUNDS: usize = 8;

impl SockDiag {
    /// Finds the owners of what is new and of what has lost its own; `false` when `/proc` cannot be listed.
    pub(super) fn attribute(&mut self) -> bool {
        let hints = self.tell_of_changes();
        let has_looked = self.owners.look(&self.procfs, &hints).is_ok();
        self.settle_owners();
        self.drop_what_is_gone();
        has_looked
    }

    /// Tells whoever looks for owners which sockets came and went; returns the processes that had to do with it.
    fn tell_of_changes(&mut self) -> Vec<u32> {
        let tidings = self.sockets.take_tidings();
        let mut ports = HashSet::new();
        for (inode, place) in tidings.wanted {
            // It may have come and gone.
            let Some(socket) = self.sockets.at(place) else {
                continue;
            };
            if socket.inode == Some(inode) {
                self.owners.want(inode, place);
                if is_connection(socket) {
                    ports.insert(socket.local.port);
                }
            }
        }
        let mut hints = Vec::new();
        for (inode, place) in tidings.gone {
            hints.extend(self.owners.forget(inode, place));
        }
        let mut ports: Vec<u16> = ports.into_iter().collect();
        ports.sort_unstable();
        for port in ports {
            let listeners = self.sockets.accounts().listeners_on(port);
            let listeners = listeners.filter_map(|place| self.sockets.at(place));
            let owners = listeners.flat_map(|socket| &socket.owners);
            hints.extend(owners.map(|owner| owner.process.pid));
        }
        let mut told = HashSet::new();
        hints.retain(|pid| told.insert(*pid));
        hints
    }

    /// Writes into the sockets who was found to hold them.
    pub(super) fn settle_owners(&mut self) {
        for _ in 0..MOST_ROUNDS {
            let changed = self.owners.take_changed();
            if changed.is_empty() {
                return;
            }
            for place in changed {
                let inode = self.sockets.at(place).and_then(|socket| socket.inode);
                if let Some(inode) = inode {
                    let owners = self.owners.owners_of(&self.procfs, inode);
                    self.sockets.set_owners(place, owners);
                }
            }
        }
    }

    /// Drops what was closed between the look at the sockets and that at the processes: it has no owner either, which
    /// must not be taken for a hidden one.
    fn drop_what_is_gone(&mut self) {
        let in_vain: HashSet<u64> = self.owners.in_vain().iter().copied().collect();
        if in_vain.is_empty() {
            return;
        }
        let is_doubtful = |socket: &&Arc<SampledSocket>| {
            socket.inode.is_some_and(|inode| in_vain.contains(&inode))
                && !socket.is_elsewhere()
                && (self.machine.sees_everybody || socket.uid == Some(self.euid))
        };
        let doubtful: Vec<_> = self.sockets.all().filter(is_doubtful).cloned().collect();
        let mut gone = Vec::new();
        for socket in doubtful {
            let sockets = &mut self.sockets;
            let is_there = self
                .diag
                .look_up(&socket, &mut |raw, decoder| sockets.refresh(raw, decoder));
            // Of several on one address the kernel may have looked at another; of connections there is one.
            if !is_there && socket.protocol == Protocol::Tcp && socket.peer.is_some() {
                gone.extend(socket.cookie);
            }
        }
        self.sockets.remove(&gone);
        self.tell_of_changes();
        self.settle_owners();
    }
}

fn is_connection(socket: &SampledSocket) -> bool {
    socket.state != State::Listen && socket.peer.is_some()
}
