//! What can happen to the dashboard.

use crate::{
    collect::Latest,
    model::{Entry, Outcome},
};
use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Size};
use std::time::Duration;

/// Something happened.
#[derive(Debug, Clone)]
pub(super) enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(Pointer),
    /// The terminal's background is light, or it is not.
    Background(bool),
    /// Text was pasted; it may hold anything.
    Pasted(String),
    /// The terminal has this size now.
    Resized(Size),
    /// The collector has something new.
    Latest(Latest),
    /// The collector should have been heard by now; the last time was this long ago.
    Late(Duration),
    /// The collector's thread has ended.
    CollectorEnded,
    /// What came of the order.
    Acted(Outcome),
    /// An entry of the policy was written, or taken out again; else why not.
    Accepted(Result<Accepted, String>),
    /// What was shown was written to this file; else why not.
    Exported(Result<String, String>),
    /// The terminal asks us to stop for a while.
    Suspend,
    /// The terminal, or whoever manages us, asks us to leave.
    Quit,
}

/// What became of an entry of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Accepted {
    /// It stands there now.
    Written(Entry),
    /// It stood there before.
    Known,
    /// It does not stand there any more.
    TakenBack,
}

/// What the mouse did, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pointer {
    /// The left button went down.
    Click(Position),
    /// It went down twice at the same place.
    DoubleClick(Position),
    /// The wheel turned away from the person.
    WheelUp(Position),
    /// The wheel turned towards the person.
    WheelDown(Position),
}
