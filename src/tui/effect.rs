//! Work the state asks for and never does itself.

use crate::model::{Order, Target};
use std::time::Duration;

/// Work for `run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Hold on to these processes, which a dialog shows.
    Hold(Vec<Target>),
    /// Send a signal.
    Signal(Order),
    /// Put this on the clipboard of the person's own terminal.
    Copy(String),
    /// Read the machine now.
    Refresh,
    /// Read the machine this often.
    Interval(Duration),
    /// Report clicks and the wheel, or leave them to the terminal.
    Mouse(bool),
    /// Give the terminal back and stop until resumed.
    Suspend,
    /// Draw everything again.
    Redraw,
    /// Leave.
    Quit,
}
