//! From descriptors to the owners of sockets.

use super::SockDiag;
use crate::model::{Protocol, SampledSocket, State};
use std::collections::HashSet;

/// Owners can turn out to have ended, whose other sockets then have changed as well: so often that is followed.
const MOST_ROUNDS: usize = 8;

impl SockDiag {
    /// Finds the owners of what is new and of what has lost its own; `false` when `/proc` cannot be listed.
    pub(super) fn attribute(&mut self) -> bool {
        let hints = self.tell_of_changes();
        let has_looked = self.owners.look(&self.procfs, &hints).is_ok();
        self.drop_what_is_gone();
        if has_looked {
            self.owners.look_further(&self.procfs, &hints);
            self.drop_what_is_gone();
        }
        self.settle_owners();
        has_looked
    }

    /// Tells whoever looks for owners which sockets came and went; returns the processes that had to do with it.
    fn tell_of_changes(&mut self) -> Vec<u32> {
        let tidings = self.sockets.take_tidings();
        // The first look goes to everybody: it needs no hints.
        let is_first = !self.owners.has_looked();
        self.owners.expect(tidings.wanted.len());
        let mut ports = Vec::new();
        for place in tidings.wanted {
            // It may have come and gone.
            let Some(socket) = self.sockets.at(place) else {
                continue;
            };
            if let Some(inode) = socket.inode() {
                self.owners.want(inode, place);
                if !is_first && is_connection(socket) {
                    ports.push(socket.local().port);
                }
            }
        }
        let mut hints = Vec::new();
        for (inode, place) in tidings.gone {
            hints.extend(self.owners.forget(inode, place));
        }
        ports.sort_unstable();
        ports.dedup();
        for port in ports {
            let listeners = self.sockets.accounts().listeners_on(port);
            let listeners = listeners.filter_map(|place| self.sockets.at(place));
            let owners = listeners.flat_map(|socket| socket.owners());
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
                let inode = self.sockets.at(place).and_then(|socket| socket.inode());
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
        let mut gone = Vec::new();
        for place in self.owners.take_in_vain() {
            let socket = self.sockets.at(place).cloned();
            let Some(socket) = socket.filter(|socket| self.is_doubtful(socket)) else {
                continue;
            };
            let sockets = &mut self.sockets;
            let is_there = self
                .diag
                .look_up(&socket, &mut |raw, decoder| sockets.refresh(raw, decoder));
            if !is_there {
                gone.extend(socket.cookie());
            }
        }
        if !gone.is_empty() {
            self.sockets.remove(&gone);
            self.tell_of_changes();
        }
    }

    /// Whether we would see an owner if there were one, and the kernel would find the socket if it were there: of several
    /// on one address it may look at another, but of connections there is one.
    fn is_doubtful(&self, socket: &SampledSocket) -> bool {
        socket.protocol == Protocol::Tcp
            && socket.peer().is_some()
            && socket.interface().is_none()
            && !socket.is_elsewhere()
            && (self.machine.sees_everybody || socket.uid() == Some(self.euid))
    }
}

fn is_connection(socket: &SampledSocket) -> bool {
    socket.state != State::Listen && socket.peer().is_some()
}
