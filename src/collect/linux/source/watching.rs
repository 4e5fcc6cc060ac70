//! Exact look-ups of the few sockets in which something happens, between two passes.

use super::SockDiag;
use crate::collect::linux::sockets::bytes_between;
use std::{cmp::Reverse, sync::Arc};

/// The most busy sockets that are looked up in each sample, and the most that change their state.
const MOST_BUSY: usize = 256;
const MOST_PASSING: usize = 128;
/// The most new connections that are looked up for the algorithm they send by.
const MOST_NAMED: usize = 64;

impl SockDiag {
    /// Looks up the watched sockets; returns how many bytes went through them since the last time.
    pub(super) fn look_up_watched(&mut self) -> u64 {
        let passing = self.sockets.accounts().passing().iter();
        let passing = passing
            .take(MOST_PASSING)
            .filter_map(|place| self.sockets.at(*place));
        let busy = self.watched.iter();
        let busy = busy.filter_map(|cookie| self.sockets.by_cookie(*cookie));
        let looked_up: Vec<_> = busy.chain(passing).cloned().collect();
        let mut bytes = 0;
        for before in looked_up {
            let sockets = &mut self.sockets;
            self.diag
                .look_up(&before, &mut |raw, decoder| sockets.refresh(raw, decoder));
            let now = before.cookie().and_then(|cookie| sockets.by_cookie(cookie));
            if let Some(now) = now.filter(|now| !Arc::ptr_eq(now, &before)) {
                bytes += bytes_between(&before, now);
            }
        }
        drop(self.sockets.take_moved());
        bytes
    }

    /// Watches those sockets from now on that most bytes went through since the pass before.
    pub(super) fn watch_the_busiest(&mut self) {
        let mut moved = self.sockets.take_moved();
        moved.sort_unstable_by_key(|(bytes, _)| Reverse(*bytes));
        moved.dedup_by_key(|(_, cookie)| *cookie);
        let busiest = moved.into_iter().take(MOST_BUSY);
        let before = std::mem::take(&mut self.watched);
        self.watched = busiest.map(|(_, cookie)| cookie).collect();
        // A pass that follows right after another sees little move: then the ones before are still the busiest.
        for cookie in before {
            if self.watched.len() < MOST_BUSY && !self.watched.contains(&cookie) {
                self.watched.push(cookie);
            }
        }
    }

    /// Has the algorithms named of connections that a pass brought without, where they are few.
    pub(super) fn name_new(&mut self) {
        let unnamed = self.sockets.take_unnamed();
        if unnamed.len() > MOST_NAMED {
            self.has_unnamed = true;
            return;
        }
        for place in unnamed {
            let sockets = &mut self.sockets;
            if let Some(socket) = sockets.at(place).cloned() {
                self.diag
                    .name(&socket, &mut |raw, decoder| sockets.refresh(raw, decoder));
            }
        }
    }
}
