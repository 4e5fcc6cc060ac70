//! What only the operating system knows about the terminal.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(super) use linux::{await_answer, hung_up, stop_ourselves, stop_signal};

/// Whether the terminal is gone; where nobody can tell, it is there.
#[cfg(not(target_os = "linux"))]
pub(super) fn hung_up() -> bool {
    false
}

/// Waits for what the terminal answers; nobody can tell here, so the answer is found when it is read.
#[cfg(not(target_os = "linux"))]
pub(super) fn await_answer() -> u64 {
    0
}

/// Stops this process until it is continued; does nothing here.
#[cfg(not(target_os = "linux"))]
pub(super) fn stop_ourselves() {}

/// The number of the signal that asks us to stop.
#[cfg(not(target_os = "linux"))]
pub(super) fn stop_signal() -> Option<i32> {
    None
}
