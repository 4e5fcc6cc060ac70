//! From the signal key to the outcome.

use super::{
    App, Mode,
    dialog::{Answer, Candidate, Dialog, Stage},
};
use crate::{
    model::{Entry, Order, Outcome},
    tui::{action::Action, effect::Effect, message::Accepted, words},
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
            Mode::Signal(_)
            | Mode::Browse
            | Mode::Filter
            | Mode::Search
            | Mode::Choose(_)
            | Mode::Columns(_)
            | Mode::Why
            | Mode::Help(_) => {
                self.said = order.map(|order| told(&order, &outcome));
            }
        }
        Effect::Refresh
    }
}

impl App {
    /// Says what became of an entry of the policy, and remembers what can be taken back.
    pub(super) fn accepted(&mut self, result: Result<Accepted, String>) -> Effect {
        let undo = self.setup.keymap.first_key(Action::Undo);
        self.said = Some(match result {
            Ok(Accepted::Written(entry)) => {
                self.accepted.push(entry);
                format!("accepted, in the policy; {undo} takes it back")
            }
            Ok(Accepted::Known) => "the policy has it already".to_owned(),
            Ok(Accepted::TakenBack) => {
                self.accepted.pop();
                "taken out of the policy again".to_owned()
            }
            Err(why) => format!("could not change the policy: {why}"),
        });
        Effect::Refresh
    }

    /// What was accepted last, to be taken back.
    pub(super) fn last_accepted(&self) -> Option<&Entry> {
        self.accepted.last()
    }

    /// Keeps `filter` under its own text, or forgets it when it is kept.
    pub(super) fn keep_filter(&mut self, filter: &str) {
        let known = self.kept.iter().position(|(_, kept)| kept == filter);
        let words = if let Some(at) = known {
            self.kept.remove(at);
            format!("forgotten: {filter}")
        } else {
            self.kept.push((filter.to_owned(), filter.to_owned()));
            format!("kept: {filter}")
        };
        self.said = Some(words);
    }
}

fn told(order: &Order, outcome: &Outcome) -> String {
    let pid = order.target.key.pid;
    format!("pid {pid}: {}", words::outcome(outcome, order.signal))
}
