//! How often the machine is read: as a person says, else less often where reading is dear.

use super::App;
use crate::{
    model::{Snapshot, SourceKind},
    tui::{
        effect::Effect,
        words::{interval, plural},
    },
};
use std::time::Duration;

/// The intervals that `+` and `-` step through, in milliseconds.
const INTERVALS: [u64; 7] = [250, 500, 1000, 2000, 5000, 10_000, 30_000];

/// From so many sockets on, a source that reads all of them each time is asked less often. Of 54,000 sockets the
/// portable one takes a third of a processor each second; the others read what changed, and take 2 to 3 %.
const MANY: usize = 20_000;

/// How often then; and at how many sockets as before again, so that it does not go back and forth.
const SLOW: Duration = Duration::from_secs(3);
const FEWER: usize = 15_000;

/// Who says how often.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    /// No person does.
    pub(crate) is_free: bool,
    /// The interval before it was made longer.
    before: Option<Duration>,
}

impl App {
    /// Reads more or less often, as a person asks.
    pub(super) fn change_pace(&mut self, faster: bool) -> Option<Effect> {
        let mut steps = INTERVALS.map(Duration::from_millis).into_iter();
        let next = if faster {
            steps.rfind(|step| *step < self.interval)
        } else {
            steps.find(|step| *step > self.interval)
        };
        self.interval = next?;
        self.pace = Pace::default();
        self.said = Some(format!("reading every {}", interval(self.interval)));
        Some(Effect::Interval(self.interval))
    }

    /// Reads less often where that is dear and nobody chose otherwise, and as before where it is no more.
    pub(super) fn settle_pace(&mut self) -> Option<Effect> {
        let newest = self.feed.newest()?;
        let is_slow = self.pace.before.is_some();
        let wanted = match (is_slow, is_dear(newest, if is_slow { FEWER } else { MANY })) {
            (false, true) if self.may_slow_down() => {
                self.pace.before = Some(self.interval);
                SLOW
            }
            (true, false) => self.pace.before.take()?,
            (false, _) | (true, true) => return None,
        };
        self.interval = wanted;
        // The notice may have to say something else, or be turned off; but what was just done comes first.
        if self.said.is_none() {
            self.said = self.pace_notice();
        }
        Some(Effect::Interval(wanted))
    }

    /// Whether nobody chose how often the machine is read; a recording is shown as it was taken.
    fn may_slow_down(&self) -> bool {
        self.pace.is_free && self.interval < SLOW && self.setup.recording.is_none()
    }

    /// That it is read less often than usual, and why.
    pub(super) fn pace_notice(&self) -> Option<String> {
        self.pace.before?;
        let sockets = plural(self.feed.newest()?.sockets.len(), "socket");
        let every = self.interval.as_secs();
        Some(format!("{sockets}: sampling every {every} s."))
    }
}

/// Whether a snapshot of more than so many sockets comes of a source that reads all of them each time.
fn is_dear(snapshot: &Snapshot, many: usize) -> bool {
    snapshot.source == SourceKind::Portable && snapshot.sockets.len() > many
}
