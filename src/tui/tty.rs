//! What only the operating system knows about the terminal.

#[cfg(not(target_os = "linux"))]
use ratatui::layout::Size;
#[cfg(not(target_os = "linux"))]
use std::io;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(super) use linux::{
    Modes, await_answer, await_foreground, hung_up, in_foreground, modes, set_modes, size,
    stop_in_background, stop_ourselves, stop_signal,
};

/// The size that the terminal has now.
#[cfg(not(target_os = "linux"))]
pub(super) fn size() -> io::Result<Size> {
    let (width, height) = crossterm::terminal::size()?;
    Ok(Size::new(width, height))
}

/// Whether the terminal is gone; where nobody can tell, it is there.
#[cfg(not(target_os = "linux"))]
pub(super) fn hung_up() -> bool {
    false
}

/// Whether a shell lets us draw; where nobody can tell, it does.
#[cfg(not(target_os = "linux"))]
pub(super) fn in_foreground() -> bool {
    true
}

/// Stops this process while it is in the background; does nothing here.
#[cfg(not(target_os = "linux"))]
pub(super) fn stop_in_background() {}

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

/// Waits until a shell that started us in the background brings us to the front; does nothing here.
#[cfg(not(target_os = "linux"))]
pub(super) fn await_foreground() {}
