//! From the key that asks for an action to what came of it.

use super::{
    App, Mode,
    dialog::{Answer, Dialog, candidate::Connection},
    timeline::Happened,
};
use crate::{
    model::{Entry, EventKind, Heard, Protocol, Socket, State, Text},
    tui::{
        action::Action,
        effect::{About, Effect, Subject},
        message::{Accepted, Known, Report},
        words::plural,
    },
};
use crossterm::event::KeyEvent;
use std::{sync::Arc, time::Duration};

impl App {
    /// Opens the dialog about the owners of what is selected.
    ///
    /// The processes are held from now on: whatever their numbers become, they get the order or nobody.
    pub(super) fn ask_for_signal(&mut self) -> Option<Effect> {
        let snapshot = self.feed.shown.clone()?;
        let owners = self.owners();
        let meant = self.meant_socket();
        let dialog = Dialog::new(self.next_dialog(), &owners, &snapshot, meant.as_ref());
        let know = Effect::Know(dialog.id, dialog.targets());
        self.mode = Mode::Signal(Box::new(dialog));
        Some(know)
    }

    /// The same about them and all they started.
    pub(super) fn ask_for_tree(&mut self) -> Option<Effect> {
        let know = self.ask_for_signal();
        if let Mode::Signal(dialog) = &mut self.mode {
            dialog.wants_tree = true;
        }
        know
    }

    /// Opens the dialog about the one connection that is selected.
    pub(super) fn ask_to_close(&mut self) {
        let Some(snapshot) = self.feed.shown.clone() else {
            return;
        };
        if let Some(socket) = self.meant_socket() {
            let owners: Vec<_> = socket.processes.iter().cloned().collect();
            let dialog = Dialog::closing(self.next_dialog(), &owners, &snapshot, &socket);
            self.mode = Mode::Signal(Box::new(dialog));
        }
    }

    /// Whether what is selected is one connection that can be closed.
    pub(super) fn can_close(&self) -> bool {
        let socket = self.meant_socket();
        socket.is_some_and(|socket| Connection::of(&socket).is_some())
    }

    /// The one socket that an action would be about.
    fn meant_socket(&self) -> Option<Arc<Socket>> {
        self.subject_socket().cloned()
    }

    fn next_dialog(&mut self) -> u64 {
        self.dialogs += 1;
        self.dialogs
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
            Answer::Act(job) => Some(Effect::Act(job)),
            Answer::Elevate(job, elevator) => Some(Effect::Elevate(job, elevator)),
            Answer::Copy(command) => {
                self.said = Some("the command was copied".to_owned());
                Some(Effect::Copy(command))
            }
        }
    }

    /// Shows what goes with the processes of a dialog.
    pub(super) fn known(&mut self, id: u64, known: Known) {
        if let Mode::Signal(dialog) = &mut self.mode
            && dialog.id == id
        {
            dialog.know(known);
        }
    }

    /// Counts the time of a job.
    pub(super) fn waited(&mut self, id: u64, elapsed: Duration) {
        if let Mode::Signal(dialog) = &mut self.mode
            && dialog.id == id
        {
            dialog.waited(elapsed);
        }
    }

    /// Shows what came of a job: in the dialog that asked for it, else in the footer.
    pub(super) fn acted(&mut self, report: Report) -> Effect {
        if report.settled {
            self.write_down(&report);
        }
        if let Mode::Signal(dialog) = &mut self.mode
            && dialog.id == report.dialog
        {
            let next = dialog.finish(report);
            return next.map_or(Effect::Refresh, Effect::Act);
        }
        let note = report.note.as_ref();
        let note = note.map_or_else(String::new, |note| format!("; {note}"));
        self.said = Some(format!("{}{note}", told(&report.about)));
        Effect::Refresh
    }

    /// Puts what was done among what happened.
    fn write_down(&mut self, report: &Report) {
        for one in &report.about {
            if let Some(socket) = &one.socket {
                self.timeline.note(Happened {
                    at: report.at,
                    kind: EventKind::Action,
                    socket: Arc::clone(&socket.0),
                    detail: Some(Text::from(one.acted.sentence())),
                });
            }
        }
        self.stale = true;
    }
}

/// What came of a job, in a line.
fn told(about: &[About]) -> String {
    match about {
        [one] => format!("{}: {}", one.acted.target, one.acted.sentence()),
        all => {
            let done = all.iter().filter(|one| one.acted.is_done()).count();
            format!("done for {done} of {}", plural(all.len(), "process"))
        }
    }
}

impl App {
    /// Says what became of an entry of the policy, and remembers what can be taken back.
    pub(super) fn accepted(&mut self, result: Result<Accepted, String>) -> Effect {
        let undo = self.setup.keymap.first_key(Action::Undo);
        self.said = Some(match result {
            Ok(Accepted::Written(entry, place)) => {
                self.accepted.push(entry);
                // Last, since a narrow screen cuts the end.
                let place = place.map(|place| format!(" ({place})"));
                let place = place.unwrap_or_default();
                format!("accepted, in the policy; {undo} takes it back{place}")
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

    /// The listener that can be asked what it speaks.
    pub(super) fn to_ask(&self) -> Option<&Arc<Socket>> {
        let is_asked = |socket: &&Arc<Socket>| {
            let raw = &socket.raw;
            raw.protocol == Protocol::Tcp
                && raw.state == State::Listen
                && !raw.is_elsewhere()
                && socket.closed_at.is_none()
        };
        self.subject_socket().filter(is_asked)
    }

    /// Asks a listener what it speaks.
    pub(super) fn ask(&mut self) -> Option<Effect> {
        let socket = Arc::clone(self.to_ask()?);
        let port = socket.raw.local().port;
        self.said = Some(format!("asking {port}/tcp what it speaks"));
        Some(Effect::Ask(Subject(socket)))
    }

    /// What a listener answered.
    pub(super) fn answered(
        &mut self,
        protocol: Protocol,
        port: u16,
        result: Result<(String, Option<Box<Heard>>), String>,
    ) -> Option<Effect> {
        match result {
            Ok((words, heard)) => {
                self.said = Some(words);
                Some(Effect::Heard(protocol, port, *heard?))
            }
            Err(why) => {
                self.said = Some(format!("{port}/{} did not answer: {why}", protocol.name()));
                None
            }
        }
    }

    /// What was accepted last, to be taken back.
    pub(super) fn last_accepted(&self) -> Option<&Entry> {
        self.accepted.last()
    }

    /// Keeps the filter of now as `name`, in place of what was kept so.
    pub(super) fn keep_filter(&mut self, name: &str) {
        let filter = self.filter.understood.clone();
        let mut kept = self.kept.iter_mut();
        let known = kept.find(|(known, _)| known == name);
        self.said = Some(if let Some((_, known)) = known {
            let before = std::mem::replace(known, filter);
            format!("kept: @{name}, which was {before}")
        } else {
            self.kept.push((name.to_owned(), filter));
            format!("kept: @{name}")
        });
    }

    /// Forgets what is kept of the filter of now.
    pub(super) fn forget_filter(&mut self) {
        let filter = self.filter.understood.as_str();
        self.kept.retain(|(_, kept)| kept != filter);
        self.said = Some(format!("forgotten: {filter}"));
    }
}
