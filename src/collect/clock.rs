//! The time, for whoever takes samples.

#![expect(clippy::disallowed_methods, reason = "samples are stamped here")]

use jiff::Timestamp;
use std::time::{Duration, Instant};

/// A wall clock and one that never jumps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    started: Instant,
}

impl Clock {
    /// Starts now.
    pub(super) fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    /// Returns the time, and how long ago this started.
    pub(super) fn read(self) -> (Timestamp, Duration) {
        (Timestamp::now(), self.started.elapsed())
    }

    /// Returns how long ago this started.
    pub(super) fn elapsed(self) -> Duration {
        self.started.elapsed()
    }
}
