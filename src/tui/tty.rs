//! What only the operating system knows about the terminal.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(super) use linux::{hung_up, stop_ourselves, stop_signal};

/// Whether the terminal is gone; where nobody can tell, it is there.
#[cfg(not(target_os = "linux"))]
pub(super) fn hung_up() -> bool {
    false
}

/// Stops this process until it is continued; does nothing here.
#[cfg(not(target_os = "linux"))]
pub(super) fn stop_ourselves() {}

/// The number of the signal that asks us to stop.
#[cfg(not(target_os = "linux"))]
pub(super) fn stop_signal() -> Option<i32> {
    None
}
