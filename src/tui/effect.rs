//! Work the state asks for and never does itself.

use crate::model::{Entry, Order, SocketKey, Target};
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
    /// Put this socket on the clipboard, as JSON.
    CopyJson(SocketKey),
    /// Write what is shown to a file.
    Export(Format),
    /// Put this into the policy.
    Accept(Entry),
    /// Take this out of the policy again.
    TakeBack(Entry),
    /// Look like this theme, by its place among them.
    Theme(usize),
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

/// A form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
}
