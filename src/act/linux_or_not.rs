//! Where the platforms part.

use super::portable;
use crate::model::{Order, Outcome};

/// Sends to a process that is known by its start in ticks.
#[cfg(target_os = "linux")]
pub(super) fn signal(order: &Order, ticks: u64) -> Outcome {
    let is_target = |pid| super::linux::started_at(pid) == Some(ticks);
    super::linux::signal(order, is_target).unwrap_or_else(|| {
        // Here the comparison is made before the number is looked up again, which leaves a moment.
        match portable::started_at(order.target.pid) {
            Some(seconds) if is_target(order.target.pid) => portable::signal(order, seconds),
            _ => Outcome::Gone,
        }
    })
}

/// Ticks are a thing of Linux.
#[cfg(not(target_os = "linux"))]
pub(super) fn signal(_order: &Order, _ticks: u64) -> Outcome {
    Outcome::Failed("this process was seen on a Linux machine".into())
}

/// Sends to a process that is known by its start in seconds.
#[cfg(target_os = "linux")]
pub(super) fn signal_by_epoch(order: &Order, seconds: u64) -> Outcome {
    super::linux::signal(order, |pid| portable::started_at(pid) == Some(seconds))
        .unwrap_or_else(|| portable::signal(order, seconds))
}

/// Sends to a process that is known by its start in seconds.
#[cfg(not(target_os = "linux"))]
pub(super) fn signal_by_epoch(order: &Order, seconds: u64) -> Outcome {
    portable::signal(order, seconds)
}
