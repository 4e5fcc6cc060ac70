//! Who is called again and again by this machine, whoever does it: most of such calls can be over before anybody looks.
//!
//! The kernel tells of them without their owner. Where one of them was seen while it lasted, its owner is remembered.

use super::calls::Beat;
use crate::{
    model::{Endpoint, Process},
    rules::past::{Calls, Past},
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// The most peers that are told apart.
const MOST_PEERS: usize = 1024;
/// A series that pauses for so long has ended.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);
/// A peer that was called once is remembered for so long where there is no more room.
const SHORT: Duration = Duration::from_mins(1);

/// Who is called, by network namespace.
#[derive(Debug, Default)]
pub(super) struct Beats(HashMap<(u64, Endpoint), Peer>);

#[derive(Debug, Default)]
struct Peer {
    beat: Beat,
    /// Who was seen to call it last.
    by: Option<Arc<Process>>,
}

impl Beats {
    /// Remembers a call that was seen `at`, and came at most `look` before.
    pub(super) fn called(
        &mut self,
        netns: u64,
        peer: Endpoint,
        by: Option<&Arc<Process>>,
        (at, look): (Duration, Duration),
    ) {
        let key = (netns, peer);
        if self.0.len() >= MOST_PEERS && !self.0.contains_key(&key) {
            self.0.retain(|_, peer| {
                let age = peer.beat.last().map(|last| at.saturating_sub(last));
                peer.beat.len() > 1 || age.is_some_and(|age| age < SHORT)
            });
            if self.0.len() >= MOST_PEERS {
                return;
            }
        }
        let peer = self.0.entry(key).or_default();
        peer.beat.called(at, look);
        if let Some(by) = by {
            peer.by = Some(Arc::clone(by));
        }
    }

    /// Forgets what lies too far back.
    pub(super) fn forget(&mut self, now: Duration) {
        self.0.retain(|_, peer| {
            let age = peer.beat.last().map(|last| now.saturating_sub(last));
            age.is_some_and(|age| age <= LONGEST_PAUSE)
        });
    }

    /// The calls to a peer, when they are regular, and who was seen to make one of them.
    pub(super) fn regular(
        &self,
        netns: u64,
        peer: Endpoint,
        now: Duration,
    ) -> Option<(Calls, Option<&Arc<Process>>)> {
        let known = self.0.get(&(netns, peer))?;
        Some((known.beat.regular(peer, now)?, known.by.as_ref()))
    }

    /// The same as what a rule may know.
    pub(super) fn past(&self, netns: u64, peer: Endpoint, now: Duration) -> Option<Past> {
        let (calls, by) = self.regular(netns, peer, now)?;
        Some(Past {
            calls: vec![calls],
            caught: by.cloned(),
            ..Past::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded_and_calls_again_find_room() {
        let mut beats = Beats::default();
        let look = Duration::from_secs(1);
        for number in 0..3000_u16 {
            let peer = Endpoint::new([10, 0, 0, 1], number);
            beats.called(0, peer, None, (Duration::from_secs(1), look));
        }
        assert_eq!(beats.0.len(), MOST_PEERS);
        let peer = Endpoint::new([192, 0, 2, 7], 443);
        for second in 100..108 {
            beats.called(0, peer, None, (Duration::from_secs(second), look));
        }
        let now = Duration::from_secs(108);
        assert!(beats.regular(0, peer, now).is_some());
        assert!(beats.regular(1, peer, now).is_none());
        beats.forget(Duration::from_secs(2000));
        assert!(beats.0.is_empty());
    }
}
