//! What is read only while somebody looks at a page, and when it is to be read again.

use super::{
    App,
    page::{Page, Subject},
};
use crate::model::{
    Connection, Event, Fact, Inspection, Past, Process, ProcessKey, Protocol, Socket, SocketKey,
    Text, Unseen,
    connection::{LimitedBy, Waits},
};
use jiff::{SignedDuration, Timestamp};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// How old what was read of a process may become while its page is open.
const FRESH_PROCESS: Duration = Duration::from_secs(5);
/// The same of what the journal has of it: a large one is searched.
const FRESH_JOURNAL: Duration = Duration::from_secs(30);
/// The same of a connection. Snapshots that are to be a second apart come a little earlier or later.
const FRESH_CONNECTION: Duration = Duration::from_millis(900);
/// The same of what a port had before the dashboard began.
const FRESH_PAST: Duration = Duration::from_mins(1);
/// How far back it is told who had a port.
pub(crate) const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(24);
/// For how long back it is told what limited a connection.
pub(crate) const LIMITED_FOR: Duration = Duration::from_secs(10);

/// What is to be read for the page on top.
#[derive(Debug, Clone)]
pub(in crate::tui) enum Question {
    /// Everything about a process.
    Process(Arc<Process>),
    /// Everything about a connection.
    Connection(Arc<Socket>),
    /// What the journal has of a process.
    Journal(Arc<Process>),
    /// Who waited on a port since then.
    Port(u16, Timestamp),
}

/// What was read for a page.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Of its process, as it was when it was last seen.
    pub(crate) inspection: Option<Box<Inspection>>,
    /// It was gone when it was to be read again.
    pub(crate) has_ended: bool,
    /// What the history has of it; `None` where nobody recorded.
    pub(crate) history: Option<Vec<Event>>,
    /// What the journal has of it, once that was asked for.
    pub(crate) journal: Option<Fact<Vec<Text>>>,
    /// Secrets are shown.
    pub(crate) reveal: bool,
    /// Of its connection, as it was when it was last seen.
    pub(crate) connection: Option<Fact<Box<Connection>>>,
    /// What the history has of its port.
    pub(crate) past: Recorded,
    /// When each of these was read, and what it had waited for until then, oldest first.
    waits: VecDeque<(Duration, Waits)>,
    asked: Asked,
    journal_asked: Asked,
}

/// What the history has of something.
#[derive(Debug, Default)]
pub(crate) enum Recorded {
    /// It was not asked yet.
    #[default]
    NotAsked,
    /// Nobody recorded.
    Never,
    /// This.
    Past(Past),
}

/// What of those that are read one at a time is being read, whether or not its page is still there: else whoever walks
/// from port to port would have as many of them read at once as there were steps.
#[derive(Debug, Default)]
pub(super) struct Reading {
    journal: bool,
    past: bool,
}

/// When something was asked for.
#[derive(Debug, Default)]
struct Asked {
    /// By the clock of the snapshots.
    at: Option<Duration>,
    is_awaited: bool,
}

impl Asked {
    /// Whether it is to be asked for now, because nothing is under way and what there is is older than `fresh`; it
    /// counts as asked for then.
    fn is_due(&mut self, now: Duration, fresh: Duration) -> bool {
        let is_fresh = self.at.is_some_and(|at| now.saturating_sub(at) < fresh);
        if self.is_awaited || is_fresh {
            return false;
        }
        (self.is_awaited, self.at) = (true, Some(now));
        true
    }
}

impl Looked {
    /// What was read is not to be waited for to grow old.
    pub(super) fn ask_again(&mut self) {
        self.asked.at = None;
    }

    /// Takes over what was told of the connection; what it last said is kept when it is gone.
    fn measured(&mut self, told: Fact<Box<Connection>>) {
        if told == Fact::Unknown(Unseen::Gone) && self.connection.is_some() {
            return;
        }
        if let Fact::Known(connection) = &told
            && let Some(waits) = connection.tcp.as_ref().and_then(|tcp| tcp.waits)
        {
            let now = connection.read_at;
            self.waits.push_back((now, waits));
            // The oldest that is kept is the last one that is old enough.
            while let Some((next, _)) = self.waits.get(1)
                && now.saturating_sub(*next) >= LIMITED_FOR
            {
                self.waits.pop_front();
            }
        }
        self.connection = Some(told);
    }

    /// What limited the connection lately, and for how long back that is told; `None` before it was read twice.
    pub(crate) fn limited(&self) -> Option<(LimitedBy, Duration)> {
        let ((then, before), (now, waits)) = self.waits.front().zip(self.waits.back())?;
        let span = now.saturating_sub(*then);
        Some((waits.limited_by(before, span)?, span))
    }
}

impl App {
    /// What is to be read for the page on top: once, and then every now and again.
    pub(in crate::tui) fn next_question(&mut self) -> Option<Question> {
        if self.setup.recording.is_some() {
            return None;
        }
        let snapshot = self.feed.shown.as_deref()?;
        let (now, taken_at) = (snapshot.elapsed, snapshot.taken_at);
        let is_there = |process: &Process| snapshot.process(process.key).is_some();
        let page = self.pages.last_mut()?;
        let (asked, journal) = (&mut page.looked.asked, &mut page.looked.journal_asked);
        let reading = &mut self.reading;
        match &page.subject {
            Subject::Process(process) => asked
                .is_due(now, FRESH_PROCESS)
                .then(|| Question::Process(Arc::clone(process)))
                .or_else(|| {
                    // The number of one that is gone may be another's.
                    let is_due =
                        is_there(process) && !reading.journal && journal.is_due(now, FRESH_JOURNAL);
                    reading.journal |= is_due;
                    is_due.then(|| Question::Journal(Arc::clone(process)))
                }),
            Subject::Socket(socket) => (is_connection(socket)
                && socket.closed_at.is_none()
                && asked.is_due(now, FRESH_CONNECTION))
            .then(|| Question::Connection(Arc::clone(socket))),
            Subject::Port(port, _) => {
                let is_due = !reading.past && asked.is_due(now, FRESH_PAST);
                reading.past |= is_due;
                is_due.then(|| Question::Port(*port, taken_at - LOOKS_BACK))
            }
        }
    }

    /// Takes over what was read of a process.
    pub(super) fn inspected(&mut self, inspection: Box<Inspection>, history: Option<Vec<Event>>) {
        let key = inspection.key;
        let is_its = |page: &Page| page.process() == Some(key);
        if let Some(looked) = self.waiting(is_its, |looked| &mut looked.asked) {
            let gone = Fact::Unknown(Unseen::Gone);
            looked.has_ended = inspection.taken_at.is_none() && inspection.usage == gone;
            // What is known of it is what was read before.
            if !looked.has_ended || looked.inspection.is_none() {
                looked.inspection = Some(inspection);
            }
            looked.history = history;
        }
    }

    /// Takes over what the journal has of a process; what it last told is kept when that is gone.
    pub(super) fn journal(&mut self, key: ProcessKey, told: Fact<Vec<Text>>) {
        self.reading.journal = false;
        let is_its = |page: &Page| page.process() == Some(key);
        if let Some(looked) = self.waiting(is_its, |looked| &mut looked.journal_asked) {
            // What it told before is its own.
            if told != Fact::Unknown(Unseen::Gone) || looked.journal.is_none() {
                looked.journal = Some(told);
            }
        }
    }

    /// Takes over what was told of a connection.
    pub(super) fn measured(&mut self, key: SocketKey, told: Fact<Box<Connection>>) {
        let is_its = |page: &Page| page.socket() == Some(key);
        if let Some(looked) = self.waiting(is_its, |looked| &mut looked.asked) {
            looked.measured(told);
        }
    }

    /// Takes over what the history has of a port.
    pub(super) fn remembered(&mut self, port: u16, past: Option<Past>) {
        self.reading.past = false;
        let is_its = |page: &Page| matches!(page.subject, Subject::Port(of, _) if of == port);
        if let Some(looked) = self.waiting(is_its, |looked| &mut looked.asked) {
            looked.past = past.map_or(Recorded::Never, Recorded::Past);
        }
    }

    /// The topmost of the pages that an answer is for: it gets it. One below that waited for the same asks again
    /// when it is seen.
    fn waiting(
        &mut self,
        is_its: impl Fn(&Page) -> bool,
        asked: impl Fn(&mut Looked) -> &mut Asked,
    ) -> Option<&mut Looked> {
        let mut its = self.pages.iter_mut().rev().filter(|page| is_its(page));
        let top = &mut its.next()?.looked;
        asked(top).is_awaited = false;
        for page in its {
            let asked = asked(&mut page.looked);
            if asked.is_awaited {
                *asked = Asked::default();
            }
        }
        Some(top)
    }

    /// Shows the secrets of the process on top, or hides them again.
    pub(super) fn reveal(&mut self) {
        if let Some(page) = self.pages.last_mut() {
            page.looked.reveal = !page.looked.reveal;
        }
    }
}

/// Whether there is more to be told of it than a sample has.
pub(crate) fn is_connection(socket: &Socket) -> bool {
    socket.raw.protocol == Protocol::Tcp && socket.raw.has_peer()
}
