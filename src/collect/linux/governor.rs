//! Decides whether a sample needs a pass over all sockets. Pure.
//!
//! A pass costs what there is, so it is taken when something must have happened that nothing cheaper tells, or when it is
//! cheap; and never so often that it takes more than its share of a processor.

use super::counters::Counters;
use std::{mem, time::Duration};

/// After this long a pass is taken whatever the counts say, or later where one is so dear that it would take more than
/// one part in so many; but not after longer than the second time.
const OLDEST: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(30)];
const UNASKED: u32 = 200;
/// A pass that takes no more than one part in so many of the time since the last one is always taken, unless it takes
/// longer than that.
const CHEAP: u32 = 500;
const DEAR: Duration = Duration::from_millis(5);
/// A pass never takes more than one part in so many.
const SHARE: u32 = 50;
/// So many bytes a second more than usual that no watched socket explains wake us.
const UNEXPLAINED: u64 = 50_000;

/// What was seen before a decision.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// What the kernel counts; `None` where it does not tell.
    pub(super) counters: Option<Counters>,
    /// Bytes that the sockets we watch account for since the last time; `None` where nobody looked.
    pub(super) explained: Option<u64>,
    /// Sockets in `time-wait` that we know.
    pub(super) in_time_wait: u64,
}

/// Remembers what a decision needs.
#[derive(Debug, Default)]
pub(super) struct Governor {
    before: Option<(Duration, Counters)>,
    last_pass: Option<Duration>,
    cost: Duration,
    /// Bytes a second that nobody explained in quiet times: datagrams, headers.
    usual: u64,
    /// Something happened that only a pass can tell, and none has been taken since.
    is_due: bool,
    /// Sockets that the kernel said were closed since the last decision, and whether some of that news was lost.
    closed: u64,
    lost: bool,
}

impl Governor {
    /// Notes that the kernel said of so many sockets that they were closed, and whether it had no room to tell of more.
    ///
    /// What is heard during a pass counts for the decision after it: the pass may have met the socket before it closed.
    pub(super) fn heard(&mut self, closed: u64, lost: bool) {
        self.closed += closed;
        self.lost |= lost;
    }

    /// Returns whether a pass is to be taken now.
    pub(super) fn decide(&mut self, now: Duration, seen: Seen) -> bool {
        self.is_due |= self.has_news(now, seen);
        let Some(last) = self.last_pass else {
            return true;
        };
        let since = now.saturating_sub(last);
        self.is_certain(now) || self.is_due && since >= self.cost * SHARE
    }

    /// Whether a pass is to be taken now, whatever is seen.
    pub(super) fn is_certain(&self, now: Duration) -> bool {
        self.last_pass.is_none_or(|last| {
            let since = now.saturating_sub(last);
            let is_cheap = self.cost <= DEAR && since >= self.cost * CHEAP;
            let [soonest, latest] = OLDEST;
            since >= (self.cost * UNASKED).clamp(soonest, latest) || is_cheap
        })
    }

    /// Notes that a pass was taken, at the price of so much processor time.
    pub(super) fn passed(&mut self, now: Duration, cost: Duration) {
        self.last_pass = Some(now);
        self.cost = cost;
        self.is_due = false;
    }

    /// Makes the next decision a yes.
    pub(super) fn hurry(&mut self) {
        self.last_pass = None;
    }

    /// Whether something must have happened that only a pass can tell.
    fn has_news(&mut self, now: Duration, seen: Seen) -> bool {
        let (closed, lost) = (mem::take(&mut self.closed), mem::take(&mut self.lost));
        let Some(counters) = seen.counters else {
            return true;
        };
        let Some((then, before)) = self.before.replace((now, counters)) else {
            return true;
        };
        let opened = counters.in_use + closed > before.in_use;
        // The first look reads none: of what was sent before the second nobody can say by whom.
        let octets = counters.octets.zip(before.octets);
        let octets = octets.map_or(0, |(now, before)| now.saturating_sub(before));
        let is_busy = seen
            .explained
            .is_some_and(|explained| self.is_busy(now.saturating_sub(then), octets, explained));
        opened || lost || is_busy || counters.in_time_wait != seen.in_time_wait
    }

    /// Whether more of these bytes than usual, in so much time, are not explained.
    fn is_busy(&mut self, time: Duration, octets: u64, explained: u64) -> bool {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let unexplained = octets
            .saturating_sub(explained)
            .saturating_mul(1000)
            .checked_div(milliseconds)
            .unwrap_or(0);
        let is_busy = unexplained > self.usual.saturating_mul(2).saturating_add(UNEXPLAINED);
        // Rises with a pass that found no one to blame, and sinks as it gets quieter.
        self.usual = if is_busy {
            unexplained
        } else {
            self.usual.min(unexplained)
        };
        is_busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn counters(in_use: u64, octets: u64) -> Counters {
        Counters {
            in_use,
            in_time_wait: 0,
            octets: Some(octets),
        }
    }

    /// A governor that has just seen a pass over 100 sockets, at 10 s.
    fn after_pass(cost: Duration) -> Governor {
        let mut governor = Governor::default();
        let seen = Seen {
            counters: Some(counters(100, 0)),
            ..Seen::default()
        };
        assert!(governor.decide(10 * SECOND, seen));
        governor.passed(10 * SECOND, cost);
        governor
    }

    fn at(second: u32, seen: Seen, governor: &mut Governor) -> bool {
        governor.decide(SECOND * second, seen)
    }

    const QUIET: Seen = Seen {
        counters: Some(Counters {
            in_use: 100,
            in_time_wait: 0,
            octets: Some(0),
        }),
        explained: Some(0),
        in_time_wait: 0,
    };

    #[test]
    fn nothing_is_read_while_nothing_happens_but_for_once_in_ten_seconds_or_for_half_a_percent() {
        for (cost, second) in [
            (13, 20),
            (50, 20),
            (60, 22),
            (100, 30),
            (500, 40),
            (5000, 40),
        ] {
            let mut governor = after_pass(Duration::from_millis(cost));
            assert!((11..second).all(|second| !at(second, QUIET, &mut governor)));
            assert!(at(second, QUIET, &mut governor), "{cost}");
        }
    }

    #[test]
    fn a_cheap_pass_is_always_taken() {
        let mut governor = after_pass(Duration::from_millis(1));
        assert!(at(11, QUIET, &mut governor));
    }

    #[test]
    fn an_opened_socket_is_noticed_even_when_another_was_closed() {
        let mut governor = after_pass(Duration::from_millis(10));
        let one_less = Seen {
            counters: Some(counters(99, 0)),
            ..QUIET
        };
        governor.heard(1, false);
        assert!(!at(11, one_less, &mut governor));
        governor.heard(1, false);
        assert!(at(12, one_less, &mut governor));
    }

    #[test]
    fn whether_a_pass_is_taken_whatever_happens_is_known_before() {
        let mut governor = after_pass(Duration::from_millis(40));
        assert!(!governor.is_certain(19 * SECOND));
        assert!(governor.is_certain(20 * SECOND));
        let unasked = Seen {
            explained: None,
            counters: Some(counters(100, 10_000_000)),
            ..QUIET
        };
        assert!(at(20, unasked, &mut governor));
        governor.passed(20 * SECOND, Duration::from_millis(60));
        // Bytes that nobody asked about are not thought to be usual.
        let busy = Seen {
            counters: Some(counters(100, 11_000_000)),
            ..QUIET
        };
        assert!((21..24).any(|second| at(second, busy, &mut governor)));
        governor.hurry();
        assert!(governor.is_certain(24 * SECOND));
    }

    #[test]
    fn news_waits_until_a_pass_is_within_its_share() {
        let mut governor = after_pass(Duration::from_millis(60));
        let opened = Seen {
            counters: Some(counters(101, 0)),
            ..QUIET
        };
        assert!(!at(11, opened, &mut governor));
        assert!(!at(12, opened, &mut governor));
        assert!(at(13, opened, &mut governor));
    }

    #[test]
    fn traffic_counts_only_when_no_watched_socket_explains_it() {
        let mut governor = after_pass(Duration::from_millis(10));
        let explained = Seen {
            counters: Some(counters(100, 1_000_000)),
            explained: Some(990_000),
            ..QUIET
        };
        assert!(!at(11, explained, &mut governor));
        let unexplained = Seen {
            counters: Some(counters(100, 2_000_000)),
            ..QUIET
        };
        assert!(at(12, unexplained, &mut governor));
        governor.passed(12 * SECOND, Duration::from_millis(10));
        // Datagrams: no pass will ever explain them, so they become what is usual.
        let again = Seen {
            counters: Some(counters(100, 3_000_000)),
            ..QUIET
        };
        assert!(!at(13, again, &mut governor));
    }

    #[test]
    fn lost_news_and_a_change_of_waiting_sockets_need_a_pass() {
        let mut governor = after_pass(Duration::from_millis(10));
        governor.heard(0, true);
        assert!(at(11, QUIET, &mut governor));
        let mut governor = after_pass(Duration::from_millis(10));
        assert!(at(
            11,
            Seen {
                in_time_wait: 3,
                ..QUIET
            },
            &mut governor
        ));
    }

    #[test]
    fn what_is_heard_during_a_pass_counts_for_the_next_decision() {
        let pass = Duration::from_millis(10);
        for (closed, lost) in [(1, false), (0, true)] {
            let mut governor = after_pass(pass);
            governor.heard(0, true);
            assert!(at(11, QUIET, &mut governor));
            governor.heard(closed, lost);
            governor.passed(11 * SECOND, pass);
            assert!(at(12, QUIET, &mut governor), "{closed} {lost}");
            governor.passed(12 * SECOND, pass);
            assert!(!at(13, QUIET, &mut governor), "{closed} {lost}");
        }
    }

    #[test]
    fn a_kernel_that_does_not_count_is_read_as_often_as_its_share_allows() {
        let mut governor = after_pass(Duration::from_millis(60));
        let blind = Seen {
            counters: None,
            ..QUIET
        };
        assert!(!at(11, blind, &mut governor));
        assert!(at(13, blind, &mut governor));
    }
}
