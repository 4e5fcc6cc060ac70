//! Everything that can happen, as one queue of messages.

use super::signals::Signals;
use crate::{
    collect::Latest,
    tui::{
        input::Heard,
        message::{Message, Pointer},
        tty,
    },
};
use crossterm::event::{Event, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Size};
use std::{collections::VecDeque, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::spawn_blocking,
    time::{Instant, sleep_until, timeout},
};

/// Two clicks within this time are one double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);

/// So many events that come together were not typed by hand.
const BURST: usize = 16;

/// How long a gap in what is pasted may be before what came of it is drawn.
const GAP: Duration = Duration::from_millis(4);

/// For how long nothing is drawn at most while more and more comes.
const LONGEST_BURST: Duration = Duration::from_millis(250);

/// How long a signal that was sent before may take to be told to us.
const SIGNALLED: Duration = Duration::from_millis(20);

/// How often a shell may let us go on in the background before the terminal is taken all the same.
const MOST_STOPS: usize = 100;

/// How often the clock of a late collector moves on.
const SECOND: Duration = Duration::from_secs(1);

/// The sources of messages.
pub(super) struct Inbox {
    /// What was heard and is not yet told.
    pub(super) early: VecDeque<Heard>,
    input: mpsc::Receiver<Vec<Heard>>,
    latest: watch::Receiver<Latest>,
    /// Whether `latest` can still change.
    collecting: bool,
    pub(super) outcomes: Option<mpsc::Receiver<Message>>,
    signals: Signals,
    /// What has come from the person since the last frame, and when that was.
    events: usize,
    since: Instant,
    /// How long a gap in what is pasted may be.
    pub(super) gap: Duration,
    heard: Instant,
    /// From when on the collector is late; `None` while nothing is to be expected of it.
    late: Option<Instant>,
    patience: Option<Duration>,
    pressed: Option<(Instant, Position)>,
}

impl Inbox {
    /// The messages from these sources.
    pub(super) fn new(
        input: mpsc::Receiver<Vec<Heard>>,
        mut latest: watch::Receiver<Latest>,
        signals: Signals,
    ) -> Self {
        // What is there already is news to us.
        latest.mark_changed();
        Self {
            early: VecDeque::new(),
            input,
            latest,
            collecting: true,
            outcomes: None,
            signals,
            events: 0,
            since: Instant::now(),
            gap: GAP,
            heard: Instant::now(),
            late: None,
            patience: None,
            pressed: None,
        }
    }

    /// Expects the collector to be heard this often; never when it plays a recording.
    pub(super) fn expect_every(&mut self, interval: Duration, recording: bool) {
        self.patience = (!recording).then(|| (interval * 3).max(interval + SECOND));
        self.expect_more();
    }

    fn expect_more(&mut self) {
        self.heard = Instant::now();
        self.late = self.patience.map(|patience| self.heard + patience);
    }

    /// Waits for the first message after a frame.
    pub(super) async fn next(&mut self) -> Message {
        let message = self.receive().await;
        self.since = Instant::now();
        message
    }

    /// Waits for a message.
    async fn receive(&mut self) -> Message {
        loop {
            while let Some(heard) = self.early.pop_front() {
                if let Some(message) = self.heard(heard) {
                    return message;
                }
            }
            tokio::select! {
                biased;
                message = self.signals.next() => return message,
                event = self.input.recv() => match event {
                    // The terminal is gone.
                    None => return Message::Quit,
                    Some(heard) => {
                        self.events += heard.len();
                        self.early.extend(heard);
                    }
                },
                Some(message) = outcome(&mut self.outcomes) => return message,
                changed = self.latest.changed(), if self.collecting => {
                    if changed.is_err() {
                        self.collecting = false;
                        self.late = None;
                        return Message::CollectorEnded;
                    }
                    self.expect_more();
                    let latest = self.latest.borrow_and_update().clone();
                    if matches!(latest, Latest::Ended) {
                        self.late = None;
                    }
                    return Message::Latest(latest);
                },
                () = sleep_until_some(self.late) => {
                    self.late = Some(Instant::now() + SECOND);
                    return Message::Late(self.heard.elapsed());
                }
            }
        }
    }

    /// Does `work` while another program has the terminal; `None` when we are to leave before it is done.
    pub(super) async fn while_away<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let mut working = spawn_blocking(work);
        let done = loop {
            tokio::select! {
                biased;
                message = self.signals.next_while_away() => {
                    if !matches!(message, Message::Suspend) {
                        return None;
                    }
                    // Whoever asks for a password stops, too; the shell goes on with both of us.
                    tty::stop_ourselves();
                }
                done = &mut working => break done.ok()?,
            }
        };
        // A Ctrl-C that ended it may be told to us only now.
        let late = timeout(SIGNALLED, self.signals.next_while_away()).await;
        self.expect_more();
        match late {
            Ok(Message::Suspend) | Err(_) => Some(done),
            Ok(_) => None,
        }
    }

    /// Whether we are to leave after we were stopped: `kill` ends a stopped program by letting it go on. Waits while
    /// a shell lets us go on in the background only.
    pub(super) async fn is_told_to_leave(&mut self) -> bool {
        for _ in 0..MOST_STOPS {
            // A signal that was sent while we were stopped may be told to us only now.
            let told =
                async { while matches!(self.signals.next_while_away().await, Message::Suspend) {} };
            if timeout(SIGNALLED, told).await.is_ok() {
                return true;
            }
            if tty::in_foreground() {
                break;
            }
            tty::stop_in_background();
        }
        self.expect_more();
        false
    }

    /// The next message when there is one already. `None` when it is time to draw: when there is none, and no more
    /// is to be expected of what is being pasted.
    pub(super) async fn next_waiting(&mut self) -> Option<Message> {
        let waiting = tokio::select! {
            biased;
            message = self.receive() => Some(message),
            () = std::future::ready(()) => None,
        };
        let is_pasted = self.events >= BURST;
        if waiting.is_none() && is_pasted && self.since.elapsed() < LONGEST_BURST {
            let more = timeout(self.gap, self.receive()).await;
            if more.is_ok() {
                return more.ok();
            }
        }
        if waiting.is_none() {
            self.events = 0;
        }
        waiting
    }

    fn heard(&mut self, heard: Heard) -> Option<Message> {
        match heard {
            Heard::Light(light) => Some(Message::Background(light)),
            Heard::Event(event) => self.translate(event),
        }
    }

    fn translate(&mut self, event: Event) -> Option<Message> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Some(Message::Key(key)),
            Event::Mouse(mouse) => self.pointer(mouse).map(Message::Mouse),
            Event::Paste(text) => Some(Message::Pasted(text)),
            Event::Resize(width, height) => Some(Message::Resized(Size::new(width, height))),
            Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
        }
    }

    fn pointer(&mut self, mouse: MouseEvent) -> Option<Pointer> {
        let at = Position::new(mouse.column, mouse.row);
        let pressed = matches!(mouse.kind, MouseEventKind::Down(MouseButton::Left));
        if pressed {
            return Some(self.press(at));
        }
        if matches!(mouse.kind, MouseEventKind::ScrollUp) {
            return Some(Pointer::WheelUp(at));
        }
        matches!(mouse.kind, MouseEventKind::ScrollDown).then_some(Pointer::WheelDown(at))
    }

    fn press(&mut self, at: Position) -> Pointer {
        let now = Instant::now();
        let twice = self
            .pressed
            .is_some_and(|(then, place)| place == at && now - then < DOUBLE_CLICK);
        self.pressed = (!twice).then_some((now, at));
        if twice {
            Pointer::DoubleClick(at)
        } else {
            Pointer::Click(at)
        }
    }
}

async fn outcome(outcomes: &mut Option<mpsc::Receiver<Message>>) -> Option<Message> {
    match outcomes {
        Some(outcomes) => outcomes.recv().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until_some(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
