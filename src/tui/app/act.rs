//! From the signal key to the outcome.

use super::{
    App, Mode,
    dialog::{Answer, Candidate, Dialog, Stage},
};
use crate::{
    model::{Order, Outcome},
    tui::{effect::Effect, words},
};
use crossterm::event::KeyEvent;

impl App {
    /// Opens the dialog about the owners of what is selected.
    ///
    /// The processes are held from now on: whatever their numbers become, they get the order or nobody.
    pub(super) fn ask_for_signal(&mut self) -> Option<Effect> {
        let snapshot = self.feed.shown.as_deref()?;
        let owners = self.owners();
        let candidates = owners.iter().map(|owner| Candidate::new(owner, snapshot));
        let dialog = Dialog::new(candidates.collect());
        let targets = dialog.candidates.iter().map(|one| one.target.clone());
        let hold = Effect::Hold(targets.collect());
        self.mode = Mode::Signal(Box::new(dialog));
        Some(hold)
    }

    pub(super) fn dialog_key(&mut self, key: KeyEvent) -> Option<Effect> {
        let Mode::Signal(dialog) = &mut self.mode else {
            return None;
        };
        match dialog.key(key) {
            Answer::Stay => None,
            Answer::Close => {
                self.mode = Mode::Browse;
                None
            }
            Answer::Send(order) => {
                self.sent = Some(order.clone());
                Some(Effect::Signal(order))
            }
        }
    }

    /// Shows what came of the order: in the dialog that sent it, else in the footer.
    pub(super) fn acted(&mut self, outcome: Outcome) -> Effect {
        let order = self.sent.take();
        let forced = order.as_ref().is_some_and(|order| order.force);
        match &mut self.mode {
            Mode::Signal(dialog) if matches!(dialog.stage, Stage::Waiting) => {
                dialog.finish(outcome, forced);
            }
            Mode::Signal(_) | Mode::Browse | Mode::Filter | Mode::Search | Mode::Help(_) => {
                self.said = order.map(|order| told(&order, &outcome));
            }
        }
        Effect::Refresh
    }
}

fn told(order: &Order, outcome: &Outcome) -> String {
    let pid = order.target.key.pid;
    format!("pid {pid}: {}", words::outcome(outcome, order.signal))
}
