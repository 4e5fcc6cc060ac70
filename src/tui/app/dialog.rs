//! The signal dialog: whom, what, and what came of it.
//!
//! The target is frozen when it opens. Whatever the table does meanwhile, the order goes to that
//! process or to none.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::line;
use crate::model::{Order, Outcome, Process, Signal, Snapshot, Target, Text};
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use std::time::Duration;
use tui_input::Input;

/// How long a signal is given to end its process.
const PATIENCE: Duration = Duration::from_secs(3);

/// Sockets of the target that are named; the rest is counted.
const MOST_SOCKETS: usize = 4;

/// The dialog while it is open.
#[derive(Debug)]
pub(crate) struct Dialog {
    pub(crate) candidates: Vec<Candidate>,
    /// Which candidate.
    pub(crate) chosen: usize,
    /// Which of [`Signal::ALL`].
    pub(crate) signal: usize,
    pub(crate) stage: Stage,
}

/// How far it has come.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Several processes hold the socket: which one?
    Owner,
    /// Which signal?
    Signal,
    /// The order is on its way.
    Waiting,
    /// We refused, for this reason; typing the name overrules it.
    Force(Text, Input),
    /// This came of it.
    Done(Outcome),
}

/// A process that can be signalled, as it was when the dialog opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) target: Target,
    pub(crate) name: Text,
    pub(crate) user: Option<Text>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) unit: Option<Text>,
    /// The first of its sockets, in words.
    pub(crate) sockets: Vec<String>,
    pub(crate) socket_count: usize,
}

/// What a key did to the dialog.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It stays.
    Stay,
    /// It closes.
    Close,
    /// It stays, and this is to be done.
    Send(Order),
}

impl Candidate {
    /// `process`, and what it has open in `snapshot`.
    pub(super) fn new(process: &Process, snapshot: &Snapshot) -> Self {
        let mut sockets: Vec<_> = snapshot
            .sockets_of(process.key)
            .map(|socket| {
                let raw = &socket.raw;
                let (transport, state) = (raw.protocol.name(), raw.state.name());
                match raw.connected_to() {
                    Some(peer) => format!("{transport} {state} {} → {peer}", raw.bound_to()),
                    None => format!("{transport} {state} {}", raw.bound_to()),
                }
            })
            .collect();
        let socket_count = sockets.len();
        sockets.truncate(MOST_SOCKETS);
        Self {
            target: Target::of(process),
            name: process.name.clone(),
            user: process.user.clone(),
            started_at: process.started_at,
            unit: process.unit.clone(),
            sockets,
            socket_count,
        }
    }
}

impl Dialog {
    /// A dialog about these processes; `TERM` is selected, nothing is sent.
    pub(super) fn new(candidates: Vec<Candidate>) -> Self {
        let stage = if candidates.len() > 1 {
            Stage::Owner
        } else {
            Stage::Signal
        };
        Self {
            candidates,
            chosen: 0,
            signal: 0,
            stage,
        }
    }

    /// The process it is about.
    pub(crate) fn candidate(&self) -> Option<&Candidate> {
        self.candidates.get(self.chosen)
    }

    /// The signal it would send.
    pub(crate) fn signal(&self) -> Signal {
        Signal::ALL
            .get(self.signal)
            .copied()
            .unwrap_or(Signal::Term)
    }

    /// Takes note of what came of its order.
    pub(super) fn finish(&mut self, outcome: Outcome, forced: bool) {
        self.stage = if !forced && let Outcome::Refused(why) = outcome {
            Stage::Force(Text::from(why), Input::default())
        } else {
            Stage::Done(outcome)
        };
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Answer {
        match &self.stage {
            Stage::Force(..) => self.force_key(key),
            Stage::Owner | Stage::Signal => self.choose_key(key),
            // The order cannot be called back; its outcome will be told in the footer.
            Stage::Waiting => match key.code {
                KeyCode::Esc => Answer::Close,
                _ => Answer::Stay,
            },
            Stage::Done(_) => match key.code {
                KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => Answer::Close,
                _ => Answer::Stay,
            },
        }
    }

    fn choose_key(&mut self, key: KeyEvent) -> Answer {
        let owner = matches!(self.stage, Stage::Owner);
        let (at, count) = if owner {
            (&mut self.chosen, self.candidates.len())
        } else {
            (&mut self.signal, Signal::ALL.len())
        };
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => *at = at.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => *at = (*at + 1).min(count.saturating_sub(1)),
            KeyCode::Enter if owner => self.stage = Stage::Signal,
            KeyCode::Enter => return self.send(false),
            KeyCode::Esc if !owner && self.candidates.len() > 1 => self.stage = Stage::Owner,
            KeyCode::Esc | KeyCode::Char('q') => return Answer::Close,
            _ => {}
        }
        Answer::Stay
    }

    fn force_key(&mut self, key: KeyEvent) -> Answer {
        let Stage::Force(_, input) = &mut self.stage else {
            return Answer::Stay;
        };
        match key.code {
            KeyCode::Esc => return Answer::Close,
            KeyCode::Enter => {
                let typed = input.value().to_owned();
                let right = self
                    .candidate()
                    .is_some_and(|one| one.name == typed.as_str());
                return if right { self.send(true) } else { Answer::Stay };
            }
            _ => {
                line::edit(input, key);
            }
        }
        Answer::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        if let Stage::Force(_, input) = &mut self.stage {
            line::paste(input, text);
        }
    }

    fn send(&mut self, force: bool) -> Answer {
        let Some(target) = self.candidate() else {
            return Answer::Close;
        };
        let order = Order {
            target: target.target.clone(),
            signal: self.signal(),
            force,
            patience: PATIENCE,
            then_kill: false,
        };
        self.stage = Stage::Waiting;
        Answer::Send(order)
    }
}
