//! To whom one program turned lately, and how regularly.

use crate::{
    model::Endpoint,
    rules::past::{Calls, Contacts, Past},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
    time::Duration,
};

/// For how long contacts count together.
pub(super) const WINDOW: Duration = Duration::from_mins(1);
/// So many ports of one machine are a sweep.
pub(super) const MANY_PORTS: usize = 20;
/// So many machines are a fan-out.
const MANY_MACHINES: usize = 100;
/// So many calls in a row are regular; fewer are chance.
const ENOUGH_CALLS: usize = 8;
/// How far the distance of two calls may be from the middle one, as a part of that.
const TOLERANCE: f64 = 0.25;
/// A series that pauses for so long has ended.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);
/// A finding stays for so many distances after the last call.
const PATIENCE: u32 = 3;

/// So many calls that keep to a beat, where looks are too coarse to see each of its distances.
const MANY_CALLS: usize = 16;
/// Looks are coarse for a beat that is not so many times as long as they are apart.
const COARSE: u32 = 4;

const MOST_CONTACTS: usize = 512;
const MOST_PEERS: usize = 64;

/// To whom one program opened connections.
#[derive(Debug, Default)]
pub(super) struct Caller {
    /// When and whom, oldest first.
    contacts: VecDeque<(Duration, Endpoint)>,
    /// When, each peer by itself.
    calls: BTreeMap<Endpoint, Beat>,
    now: Duration,
}

impl Caller {
    /// Remembers that a connection to `peer` was opened, at most `look` before.
    pub(super) fn called(&mut self, peer: Endpoint, at: Duration, look: Duration) {
        self.now = at;
        if self.contacts.len() == MOST_CONTACTS {
            self.contacts.pop_front();
        }
        self.contacts.push_back((at, peer));
        if self.calls.len() >= MOST_PEERS && !self.calls.contains_key(&peer) {
            return;
        }
        self.calls.entry(peer).or_default().called(at, look);
    }

    /// Forgets what lies too far back; `false` when nothing is left.
    pub(super) fn forget(&mut self, now: Duration) -> bool {
        self.now = now;
        let is_old = |at: Duration, limit| now.saturating_sub(at) > limit;
        while self
            .contacts
            .front()
            .is_some_and(|(at, _)| is_old(*at, WINDOW))
        {
            self.contacts.pop_front();
        }
        self.calls
            .retain(|_, beat| beat.last().is_some_and(|at| !is_old(at, LONGEST_PAUSE)));
        !self.contacts.is_empty() || !self.calls.is_empty()
    }

    /// What that says, when it says anything.
    pub(super) fn conclude(&self) -> Option<Past> {
        let past = Past {
            contacts: self.contacts(),
            calls: self
                .calls
                .iter()
                .filter_map(|(peer, beat)| beat.regular(*peer, self.now))
                .collect(),
            ..Past::default()
        };
        (past.contacts.is_some() || !past.calls.is_empty()).then_some(past)
    }

    fn contacts(&self) -> Option<Contacts> {
        // Most programs stop here.
        if self.contacts.len() < MANY_PORTS {
            return None;
        }
        let mut machines: BTreeMap<IpAddr, BTreeSet<u16>> = BTreeMap::new();
        for (_, peer) in &self.contacts {
            machines
                .entry(peer.canonical())
                .or_default()
                .insert(peer.port);
        }
        let sweep = machines.iter().find(|(_, ports)| ports.len() >= MANY_PORTS);
        if let Some((address, _)) = sweep {
            return Some(Contacts::Ports {
                address: *address,
                count: MANY_PORTS,
                within: WINDOW,
            });
        }
        (machines.len() >= MANY_MACHINES).then_some(Contacts::Machines {
            count: MANY_MACHINES,
            within: WINDOW,
        })
    }
}

/// When one peer was called, the newest [`MANY_CALLS`]: each with how long before that nobody looked.
#[derive(Debug, Default)]
pub(super) struct Beat(VecDeque<(Duration, Duration)>);

impl Beat {
    /// Remembers a call that was seen `at`, and came at most `look` before.
    pub(super) fn called(&mut self, at: Duration, look: Duration) {
        if self.0.len() == MANY_CALLS {
            self.0.pop_front();
        }
        self.0.push_back((at, look));
    }

    /// When the last call was seen.
    pub(super) fn last(&self) -> Option<Duration> {
        self.0.back().map(|(at, _)| *at)
    }

    /// How many calls are remembered.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The calls to `peer`, when they come at regular distances and have not stopped.
    pub(super) fn regular(&self, peer: Endpoint, now: Duration) -> Option<Calls> {
        let (count, middle) = self
            .by_distances()
            .map(|middle| (ENOUGH_CALLS, middle))
            .or_else(|| self.by_number().map(|middle| (MANY_CALLS, middle)))?;
        let goes_on = now.saturating_sub(self.last()?) <= middle * PATIENCE;
        goes_on.then(|| Calls {
            peer,
            count,
            // As exact as the calls are, so that it stays the same from one to the next.
            every: rounded(middle),
        })
    }

    /// The middle distance of the last calls, when no distance is far from it.
    fn by_distances(&self) -> Option<Duration> {
        let before = self.0.len().checked_sub(ENOUGH_CALLS)?;
        let times: Vec<Duration> = self.0.iter().skip(before).map(|(at, _)| *at).collect();
        let distances = times.iter().zip(times.iter().skip(1));
        let mut distances: Vec<Duration> = distances
            .map(|(one, next)| next.saturating_sub(*one))
            .collect();
        distances.sort_unstable();
        let middle = *distances.get(distances.len() / 2)?;
        // Two at once are no beat: a program that is busy with this peer.
        let may_be_off = middle.mul_f64(TOLERANCE);
        let is_regular = !middle.is_zero()
            && distances
                .iter()
                .all(|distance| distance.abs_diff(middle) <= may_be_off);
        is_regular.then_some(middle)
    }

    /// The mean distance of many calls, when none is farther from where it belongs than looks can tell. A beat that is
    /// about as long as looks are apart is seen twice by one look and not by the next.
    fn by_number(&self) -> Option<Duration> {
        if self.0.len() < MANY_CALLS {
            return None;
        }
        let look = self.0.iter().map(|(_, look)| *look).max()?;
        let first = self.0.front()?.0;
        let between = u32::try_from(MANY_CALLS - 1).ok()?;
        let mean = self.last()?.saturating_sub(first) / between;
        if mean < look.mul_f64(0.9) || mean > look * COARSE {
            return None;
        }
        let may_be_off = look + mean.mul_f64(TOLERANCE);
        let belongs = (0..).map(|number| first + mean * number);
        let mut times = self.0.iter().map(|(at, _)| *at).zip(belongs);
        times
            .all(|(at, belongs)| at.abs_diff(belongs) <= may_be_off)
            .then_some(mean)
    }
}

/// Rounded to half a second, or to a tenth of itself where that is more.
fn rounded(distance: Duration) -> Duration {
    let step = (distance / 10)
        .max(Duration::from_millis(500))
        .as_millis()
        .max(1);
    let steps = (distance.as_millis() + step / 2) / step;
    Duration::from_millis(u64::try_from(steps * step).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    fn peer(text: &str) -> Endpoint {
        fixture::endpoint(text)
    }

    fn after(calls: &[(u64, &str)]) -> Option<Past> {
        let mut caller = Caller::default();
        for (milliseconds, to) in calls {
            let at = Duration::from_millis(*milliseconds);
            caller.called(peer(to), at, Duration::from_millis(250));
            caller.forget(at);
        }
        caller.conclude()
    }

    #[test]
    fn calls_at_regular_distances_are_a_beat() {
        let calls: Vec<_> = (0..8)
            .map(|n| (n * 1000 + n % 2 * 90, "192.0.2.7:443"))
            .collect();
        let past = after(&calls).unwrap();
        assert_eq!(past.calls[0].peer, peer("192.0.2.7:443"));
        assert_eq!(past.calls[0].every, Duration::from_secs(1));
    }

    #[test]
    fn calls_without_a_beat_are_none() {
        let calls =
            [0, 900, 4000, 4500, 9000, 9100, 15_000, 15_500].map(|at| (at, "192.0.2.7:443"));
        assert_eq!(after(&calls), None);
    }

    #[test]
    fn a_busy_client_has_no_beat() {
        let calls: Vec<_> = (0..40).map(|n| (n / 3 * 1000, "192.0.2.7:443")).collect();
        assert_eq!(after(&calls), None);
    }

    /// What looks once a second make of calls at these milliseconds.
    fn looked_at(calls: &[u64]) -> Option<Past> {
        let mut caller = Caller::default();
        let mut last = Duration::ZERO;
        for at in calls {
            last = Duration::from_secs(at / 1000 + 1);
            caller.called(peer("192.0.2.7:443"), last, Duration::from_secs(1));
        }
        caller.forget(last);
        caller.conclude()
    }

    #[test]
    fn a_beat_as_long_as_looks_are_apart_is_seen() {
        let calls: Vec<u64> = (0..16_u64).map(|n| n * 1060 + 500).collect();
        assert_eq!(looked_at(&calls[8..]).map(|past| past.calls.len()), None);
        let past = looked_at(&calls).unwrap();
        assert_eq!(past.calls[0].every, Duration::from_secs(1));
    }

    #[test]
    fn as_many_calls_without_a_beat_are_none() {
        // As often as looks, but by chance: several, then a pause.
        let mut calls = vec![];
        for burst in 0..4_u64 {
            calls.extend((0..4).map(|n| burst * 4400 + n * 150));
        }
        assert_eq!(looked_at(&calls), None);
        // A busy client is looked at more seldom than it calls.
        let calls: Vec<u64> = (0..40).map(|n| n * 333).collect();
        assert_eq!(looked_at(&calls), None);
    }

    #[test]
    fn a_beat_that_stopped_is_forgotten() {
        let mut caller = Caller::default();
        for n in 0..8 {
            caller.called(
                peer("192.0.2.7:443"),
                Duration::from_secs(n),
                Duration::ZERO,
            );
        }
        assert!(caller.forget(Duration::from_secs(9)));
        assert!(caller.conclude().is_some());
        assert!(caller.forget(Duration::from_secs(20)));
        assert_eq!(caller.conclude(), None);
        assert!(!caller.forget(Duration::from_secs(2000)));
    }

    #[test]
    fn many_ports_of_one_machine_are_a_sweep() {
        let names: Vec<String> = (1..=20).map(|port| format!("127.0.0.1:{port}")).collect();
        let calls: Vec<_> = names.iter().map(|name| (0, name.as_str())).collect();
        let Some(Past {
            contacts: Some(Contacts::Ports { count, .. }),
            ..
        }) = after(&calls)
        else {
            panic!("{:?}", after(&calls))
        };
        assert_eq!(count, 20);
        assert_eq!(after(&calls[1..]), None);
    }

    #[test]
    fn many_machines_are_a_fan_out_only_within_a_minute() {
        let names: Vec<String> = (0..100).map(|n| format!("10.1.0.{n}:443")).collect();
        let at_once: Vec<_> = names.iter().map(|name| (0, name.as_str())).collect();
        assert!(matches!(
            after(&at_once).unwrap().contacts,
            Some(Contacts::Machines { .. })
        ));
        let slowly: Vec<_> = (0..)
            .zip(&names)
            .map(|(n, name)| (n * 1000, name.as_str()))
            .collect();
        assert_eq!(after(&slowly), None);
    }

    #[test]
    fn what_is_remembered_of_one_program_is_bounded() {
        let mut caller = Caller::default();
        for n in 0..60_000_u16 {
            let peer = Endpoint::new([10, 0, 0, 1], n);
            caller.called(peer, Duration::from_secs(1), Duration::ZERO);
        }
        assert_eq!(caller.contacts.len(), MOST_CONTACTS);
        assert_eq!(caller.calls.len(), MOST_PEERS);
        assert!(caller.calls.values().all(|beat| beat.len() <= MANY_CALLS));
    }
}
