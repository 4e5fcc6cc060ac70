//! Waiting for a condition, with a deadline.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long a condition may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Looks again and again until `look` finds something. After [`PATIENCE`] it fails with what was there instead.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let end = deadline();
    loop {
        match look() {
            Ok(found) => return found,
            Err(instead) => assert!(
                !is_over(end),
                "waited in vain for {what}; there was: {instead}"
            ),
        }
        thread::park_timeout(Duration::from_millis(10));
    }
}

/// Returns the moment when patience ends that begins now.
#[expect(
    clippy::disallowed_methods,
    reason = "a test that waits needs the clock"
)]
pub(crate) fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// Returns what is left until `end`.
#[expect(
    clippy::disallowed_methods,
    reason = "a test that waits needs the clock"
)]
pub(crate) fn left(end: Instant) -> Duration {
    end.saturating_duration_since(Instant::now())
}

/// Whether `end` has passed.
pub(crate) fn is_over(end: Instant) -> bool {
    left(end).is_zero()
}
