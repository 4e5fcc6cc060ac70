//! What only the operating system knows about the terminal.

use ratatui::layout::Size;
use std::io;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(super) use linux::{
    Modes, await_answer, hung_up, modes, set_modes, stop_ourselves, stop_signal,
};

/// The size that the terminal has now.
pub(super) fn size() -> io::Result<Size> {
    #[cfg(target_os = "linux")]
    if let Some(size) = linux::size() {
        return Ok(size);
    }
    let (width, height) = crossterm::terminal::size()?;
    Ok(Size::new(width, height))
}

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

/// How the terminal is set: nobody tells.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) struct Modes;

/// How the terminal is set.
#[cfg(not(target_os = "linux"))]
pub(super) fn modes() -> Option<Modes> {
    None
}

/// Sets the terminal as it was.
#[cfg(not(target_os = "linux"))]
pub(super) fn set_modes(_modes: &Modes) {}

/// Stops this process until it is continued; does nothing here.
#[cfg(not(target_os = "linux"))]
pub(super) fn stop_ourselves() {}

/// The number of the signal that asks us to stop.
#[cfg(not(target_os = "linux"))]
pub(super) fn stop_signal() -> Option<i32> {
    None
}
