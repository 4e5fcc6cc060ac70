//! What the collector said, what of it is shown, and what is in it.

use super::timeline::Timeline;
use crate::{
    collect::Latest,
    model::{Limit, LimitKind, Protocol, Snapshot, State, Text, Verdict, snapshot::are_same},
    tui::words::{grouped, plural},
};
use jiff::Timestamp;
use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

/// Samples whose totals are kept for the graphs.
const HISTORY: usize = 60;

/// How the collector is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Health {
    /// Nothing was read yet.
    #[default]
    Waiting,
    /// The newest snapshot is new.
    Live,
    /// Nothing was heard for this long.
    Late(Duration),
    /// The last attempt failed, with these words.
    Failed(Text),
    /// The recording has ended.
    Ended,
    /// Nothing more will come.
    Stopped,
}

/// The snapshots.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    /// The one on screen.
    pub(crate) shown: Option<Arc<Snapshot>>,
    /// The newest one.
    latest: Option<Arc<Snapshot>>,
    /// When the view was stopped.
    pub(crate) paused: Option<Timestamp>,
    pub(crate) health: Health,
    pub(crate) totals: Totals,
    /// What is in the newest one.
    newest: Totals,
    /// Oldest first.
    pub(crate) history: VecDeque<Moved>,
}

/// What went through all connections together between two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moved {
    /// Bytes per second received.
    pub(crate) received: f64,
    /// Bytes per second sent.
    pub(crate) sent: f64,
    /// Between which moments that was, by the clock of the snapshots.
    from: Duration,
    until: Duration,
}

/// How much time these samples, oldest first, tell of.
pub(crate) fn time_of<'a>(mut samples: impl DoubleEndedIterator<Item = &'a Moved>) -> Duration {
    let Some(newest) = samples.next_back() else {
        return Duration::ZERO;
    };
    let oldest = samples.next().unwrap_or(newest);
    newest.until.saturating_sub(oldest.from)
}

/// What is in the snapshot on screen.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Totals {
    pub(crate) sockets: usize,
    pub(crate) listening: usize,
    pub(crate) established: usize,
    pub(crate) udp: usize,
    pub(crate) time_wait: usize,
    pub(crate) other: usize,
    /// By verdict, calmest first.
    pub(crate) verdicts: [usize; 5],
    /// Bytes per second; `None` while nobody can tell.
    pub(crate) rates: Option<(f64, f64)>,
    /// Programs with an unusual or a suspicious socket.
    pub(crate) alarming: usize,
}

impl Feed {
    /// Takes what the collector said, and notes in `timeline` what has happened. Returns whether there
    /// is something new to show.
    pub(super) fn receive(&mut self, latest: Latest, timeline: &mut Timeline) -> bool {
        match latest {
            Latest::Pending => false,
            Latest::Sketched(sketch) => {
                // No moment of its own: the first snapshot is not compared with it.
                self.totals = Totals::of(&sketch);
                self.shown = Some(sketch);
                true
            }
            Latest::Ready(snapshot) => {
                self.health = Health::Live;
                let rates = self.remember(&snapshot);
                if let Some(before) = &self.latest {
                    timeline.remember(before, &snapshot, rates);
                }
                self.latest = Some(snapshot);
                self.paused.is_none() && self.show()
            }
            Latest::Failed(words) => {
                self.health = Health::Failed(Text::from(words));
                false
            }
            Latest::Ended => {
                self.health = Health::Ended;
                false
            }
        }
    }

    /// Nothing was heard for `span`.
    pub(super) fn late(&mut self, span: Duration) {
        if matches!(self.health, Health::Live | Health::Late(_)) {
            self.health = Health::Late(span);
        }
    }

    /// Nothing more will come.
    pub(super) fn stop(&mut self) {
        if self.health != Health::Ended {
            self.health = Health::Stopped;
        }
    }

    /// Stops the view, or lets it go on. Returns whether there is something new to show.
    pub(super) fn toggle_pause(&mut self) -> bool {
        if self.paused.take().is_some() {
            return self.show();
        }
        self.paused = self.shown.as_ref().map(|snapshot| snapshot.taken_at);
        false
    }

    /// The newest snapshot, which is not on screen during a pause.
    pub(super) fn newest(&self) -> Option<&Arc<Snapshot>> {
        self.latest.as_ref()
    }

    /// What cannot be seen, and what would show it.
    pub(crate) fn notice(&self) -> Option<String> {
        notice(self.shown.as_deref()?)
    }

    /// Why there is nothing newer, where that is a failure.
    pub(crate) fn failure(&self) -> Option<String> {
        match &self.health {
            Health::Failed(why) => Some(format!("no data: {why}")),
            Health::Stopped => Some("no data: the reader has stopped".to_owned()),
            Health::Waiting | Health::Live | Health::Late(_) | Health::Ended => None,
        }
    }

    fn show(&mut self) -> bool {
        if self.latest.is_none() {
            // A sketch stays until there is a snapshot.
            return false;
        }
        self.shown.clone_from(&self.latest);
        self.totals = self.newest;
        self.shown.is_some()
    }

    /// Keeps the rates of `snapshot` for the graphs, and returns them.
    fn remember(&mut self, snapshot: &Snapshot) -> Option<(f64, f64)> {
        let before = self.latest.as_ref();
        if !before.is_some_and(|before| are_same(&before.sockets, &snapshot.sockets)) {
            self.newest = Totals::of(snapshot);
        }
        let rates = self.newest.rates;
        let until = snapshot.elapsed;
        let from = self.latest.as_ref().map_or(until, |before| before.elapsed);
        self.history.extend(rates.map(|(received, sent)| Moved {
            received,
            sent,
            from,
            until,
        }));
        while self.history.len() > HISTORY {
            self.history.pop_front();
        }
        rates
    }
}

impl Totals {
    fn of(snapshot: &Snapshot) -> Self {
        let mut totals = Self {
            sockets: snapshot.sockets.len(),
            ..Self::default()
        };
        let mut alarming = HashSet::new();
        for socket in &snapshot.sockets {
            *totals.kind(socket.raw.protocol, socket.raw.state) += 1;
            let verdict = usize::from(socket.assessment.verdict as u8);
            if let Some(count) = totals.verdicts.get_mut(verdict) {
                *count += 1;
            }
            if socket.assessment.verdict >= Verdict::Unusual {
                alarming.insert(socket.owner().map(|owner| owner.program()));
            }
            if let Some(rates) = socket.rates {
                let (rx, tx) = totals.rates.get_or_insert_default();
                *rx += rates.rx_bytes_per_second();
                *tx += rates.tx_bytes_per_second();
            }
        }
        totals.alarming = alarming.len();
        totals
    }

    fn kind(&mut self, protocol: Protocol, state: State) -> &mut usize {
        match (protocol, state) {
            (Protocol::Udp | Protocol::UdpLite, _) => &mut self.udp,
            (Protocol::Raw | Protocol::Icmp | Protocol::Packet | Protocol::Unix, _) => {
                &mut self.other
            }
            (_, State::Listen) => &mut self.listening,
            (_, State::Established) => &mut self.established,
            (_, State::TimeWait) => &mut self.time_wait,
            (_, _) => &mut self.other,
        }
    }

    /// How many sockets have this verdict.
    pub(crate) fn of_verdict(&self, verdict: Verdict) -> usize {
        let at = usize::from(verdict as u8);
        self.verdicts.get(at).copied().unwrap_or(0)
    }
}

/// What a notice is about, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// Nothing newer was read.
    Failure,
    /// The policy could not be read again.
    Policy,
    /// Nothing will be remembered of this run.
    Memory,
    /// Owners that cannot be seen.
    Owners,
    /// What else cannot be seen.
    Limits,
    /// Entries of the policy that are over.
    Ended,
    /// The machine is read less often.
    Pace,
}

impl About {
    /// What is to be said of `snapshot`.
    pub(super) fn of(snapshot: &Snapshot) -> Option<Self> {
        if snapshot.policy.fault.is_some() {
            Some(Self::Policy)
        } else if snapshot.owners_hidden > 0 {
            Some(Self::Owners)
        } else if other_limits(snapshot).next().is_some() {
            Some(Self::Limits)
        } else {
            (!snapshot.policy.ended.is_empty()).then_some(Self::Ended)
        }
    }
}

/// What is missing besides owners.
fn other_limits(snapshot: &Snapshot) -> impl Iterator<Item = &Limit> {
    let limits = snapshot.coverage.limits.iter();
    limits.filter(|limit| limit.kind != LimitKind::Owners)
}

/// What cannot be seen in `snapshot`, and what would show it; first what is wrong with the policy.
fn notice(snapshot: &Snapshot) -> Option<String> {
    match About::of(snapshot)? {
        About::Policy => Some(format!("{}.", snapshot.policy.fault.as_ref()?)),
        About::Owners => Some(hidden_owners(snapshot)),
        About::Limits => {
            let first = other_limits(snapshot).next()?;
            let more = match other_limits(snapshot).count() - 1 {
                0 => String::new(),
                more => format!("  (and {more} more)"),
            };
            Some(format!("{}.{more}", first.detail))
        }
        About::Ended => Some(format!(
            "In the policy, {}.",
            snapshot.policy.ended.first()?
        )),
        About::Failure | About::Memory | About::Pace => None,
    }
}

fn hidden_owners(snapshot: &Snapshot) -> String {
    let (has, them) = match snapshot.owners_hidden {
        1 => ("has", "it"),
        _ => ("have", "them"),
    };
    let (hidden, of) = (
        grouped(snapshot.owners_hidden),
        plural(snapshot.sockets.len(), "socket"),
    );
    let mut limits = snapshot.coverage.limits.iter();
    let limit = limits.find(|limit| limit.kind == LimitKind::Owners);
    let said = format!("{hidden} of {of} {has} no visible owner");
    match limit.map(|limit| (&limit.detail, &limit.remedy)) {
        _ if snapshot.euid.is_some_and(|euid| euid != 0) => {
            format!("{said}.  sudo portwise shows {them}.")
        }
        Some((_, Some(remedy))) => format!("{said}.  To see {them}: {remedy}."),
        Some((detail, None)) => format!("{said}: {detail}."),
        None => format!("{said}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PolicyNotes, fixture};

    fn ready(sockets: Vec<crate::model::Socket>) -> Latest {
        Latest::Ready(Arc::new(fixture::snapshot(sockets)))
    }

    #[test]
    fn a_pause_holds_the_view_and_loses_nothing() {
        let mut feed = Feed::default();
        assert!(feed.receive(ready(vec![]), &mut Timeline::default()));
        feed.toggle_pause();
        assert!(!feed.receive(
            ready(vec![fixture::listener(80).build()]),
            &mut Timeline::default()
        ));
        assert_eq!(feed.totals.sockets, 0);
        assert!(feed.toggle_pause());
        assert_eq!(feed.totals.sockets, 1);
    }

    #[test]
    fn a_pause_before_the_first_snapshot_leaves_the_sketch() {
        let mut feed = Feed::default();
        let sketch = fixture::snapshot(vec![fixture::listener(80).build()]);
        feed.receive(Latest::Sketched(Arc::new(sketch)), &mut Timeline::default());
        feed.toggle_pause();
        assert!(!feed.toggle_pause());
        assert_eq!(feed.totals.sockets, 1);
        assert!(feed.shown.is_some());
    }

    #[test]
    fn nothing_measured_is_not_zero() {
        let unmeasured = fixture::snapshot(vec![fixture::listener(80).build()]);
        assert_eq!(Totals::of(&unmeasured).rates, None);
    }

    #[test]
    fn a_failure_keeps_what_was_seen() {
        let mut feed = Feed::default();
        feed.receive(
            ready(vec![fixture::listener(80).build()]),
            &mut Timeline::default(),
        );
        feed.receive(
            Latest::Failed("read\x1b[31m".to_owned()),
            &mut Timeline::default(),
        );
        assert_eq!(feed.totals.sockets, 1);
        assert_eq!(feed.health, Health::Failed(Text::from("read\x1b[31m")));
    }

    #[test]
    fn hidden_owners_are_counted_aloud() {
        let mut snapshot = fixture::snapshot(vec![
            fixture::listener(80).build(),
            fixture::listener(81).owned_by("nginx", 8).build(),
        ]);
        snapshot.euid = Some(1000);
        assert_eq!(
            notice(&snapshot).unwrap(),
            "1 of 2 sockets has no visible owner.  sudo portwise shows it."
        );
        snapshot.owners_hidden = 0;
        assert_eq!(notice(&snapshot), None);
        let policy = PolicyNotes {
            fault: Some(Text::from("the policy was not read again")),
            ..PolicyNotes::default()
        };
        snapshot.policy = Arc::new(policy);
        assert_eq!(notice(&snapshot).unwrap(), "the policy was not read again.");
    }
}
