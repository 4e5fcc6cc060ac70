//! What can happen to the dashboard.

use super::effect::About;
use crate::{
    collect::Latest,
    model::{
        Ability, Connection, Elevator, Entry, Event, Fact, Heard, Hold, Inspection, Past,
        ProcessKey, Protocol, SocketKey, Surroundings, Text,
    },
};
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use ratatui::layout::{Position, Size};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    time::Duration,
};

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
    /// What goes with the processes that the dialog of this number shows.
    Known(u64, Box<Known>),
    /// The job of the dialog of this number has been under way for this long.
    Waited(u64, Duration),
    /// What came of a job.
    Acted(Box<Report>),
    /// What was done before, the newest last; else why that cannot be read.
    Log(Result<Vec<Event>, String>),
    /// What works on this machine, and what does not.
    Works(Vec<Ability>),
    /// An entry of the policy was written, or taken out again; else why not.
    Accepted(Result<Accepted, String>),
    /// What the listener on this port answered, in words and for the judgement; else why it was not asked.
    Answered(Protocol, u16, Result<(String, Option<Box<Heard>>), String>),
    /// What was shown was written to this file; else why not.
    Exported(Result<String, String>),
    /// What was read of the process of a page, and what the history has of it.
    Inspected(Box<Inspection>, Option<Vec<Event>>),
    /// What the journal has of the process of a page.
    Journal(ProcessKey, Fact<Vec<Text>>),
    /// What was told of the connection of a page.
    Measured(SocketKey, Fact<Box<Connection>>),
    /// Who waited on the port of a page, out of the history; `None` where nobody recorded.
    Remembered(u16, Option<Past>),
    /// An address is called so, or has no name.
    Named(IpAddr, Option<Text>),
    /// The terminal asks us to stop for a while.
    Suspend,
    /// The terminal, or whoever manages us, asks us to leave.
    Quit,
}

/// What was found out about the processes of a dialog.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// For each of them, in their order: whether it is held, and what goes with it.
    pub(super) around: Vec<(Hold, Surroundings)>,
    /// For those and for every relative: whether it is held, and why it is protected, if it is.
    pub(super) each: HashMap<ProcessKey, (Hold, Option<String>)>,
    /// The processes that start nothing again: the first of all, ourselves, and those that we were started from.
    pub(super) ours: HashSet<u32>,
}

/// What came of a job.
#[derive(Debug, Clone)]
pub(super) struct Report {
    /// The number of the dialog that asked for it.
    pub(super) dialog: u64,
    /// Which of its jobs.
    pub(super) job: u64,
    /// When.
    pub(super) at: Timestamp,
    /// Its targets, each with what came of it.
    pub(super) about: Vec<About>,
    /// Nothing more will be seen of it.
    pub(super) settled: bool,
    /// What could do it where a privilege was missing, each with its whole command.
    pub(super) remedies: Vec<(Elevator, String)>,
    /// What is to be said of the action log.
    pub(super) note: Option<String>,
}

/// What became of an entry of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Accepted {
    /// It stands there now, and which file that is.
    Written(Entry, Option<String>),
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
