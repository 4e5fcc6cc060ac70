//! Carries out what a dialog asked for, on threads where waiting harms nobody.

#![expect(
    clippy::disallowed_methods,
    reason = "how long it takes, and when it was done"
)]

use crate::{
    act::Actions,
    model::{
        Ability, Acted, Elevator, Event, EventKind, HeldPort, Hold, Outcome, PortNow, ProcessKey,
        Surroundings, Target, text::shell_word,
    },
    monitor::events,
    tui::{
        effect::{About, Job},
        message::{Known, Message, Report},
    },
};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, task::spawn_blocking, time};

/// How often a dialog is told how long it has been waiting.
const TICK: Duration = Duration::from_millis(250);
/// Entries of the action log that are read.
const MOST_READ: usize = 200;

/// Sees what goes with a process and what became of its ports, and keeps what was done.
pub trait Witness: Send + Sync {
    /// What goes with these processes, one for each.
    fn surroundings(&self, keys: &[ProcessKey]) -> Vec<Surroundings>;

    /// What became of the ports of those who are gone; `None` where nobody can tell.
    fn aftermath(
        &self,
        ports: &[HeldPort],
        gone: &[ProcessKey],
        ended: Instant,
    ) -> Vec<Option<PortNow>>;

    /// Writes down what was done, each with its socket and what came of it. Returns what is to be said of it.
    fn write_down(&self, at: Timestamp, done: Vec<(Option<Event>, &Acted)>) -> Option<String>;

    /// The last things that were done, the newest last.
    ///
    /// # Errors
    ///
    /// Says why they could not be read.
    fn recent(&self, most: usize) -> Result<Vec<Event>, String>;

    /// Tries what works here, and says what would change what does not. It may take a moment.
    fn examine(&self) -> Vec<Ability>;
}

/// What a job is carried out with.
#[derive(Clone)]
pub(super) struct Hands {
    pub(super) actions: Arc<dyn Actions>,
    pub(super) witness: Arc<dyn Witness>,
    pub(super) done: mpsc::Sender<Message>,
}

impl Hands {
    /// Holds on to these processes at once, and finds out what goes with them.
    pub(super) fn know(&self, dialog: u64, targets: Vec<Target>) {
        let holds = self.actions.hold(&targets);
        let hands = self.clone();
        tokio::spawn(async move {
            let done = hands.done.clone();
            let known = spawn_blocking(move || hands.found_out(&targets, holds)).await;
            // What could not be found out is told as nothing; the dialog must not wait for ever.
            let known = Box::new(known.unwrap_or_default());
            drop(done.send(Message::Known(dialog, known)).await);
        });
    }

    fn found_out(&self, targets: &[Target], holds: Vec<Hold>) -> Known {
        let keys: Vec<ProcessKey> = targets.iter().map(|target| target.key).collect();
        let around = self.witness.surroundings(&keys);
        let relatives: HashMap<ProcessKey, Target> = around
            .iter()
            .flat_map(|one| one.descendants.iter().chain(&one.group))
            .filter(|one| !keys.contains(&one.key))
            .map(|one| (one.key, one.target()))
            .collect();
        let relatives: Vec<Target> = relatives.into_values().collect();
        let held = self.actions.hold_also(&relatives);
        let mut each = HashMap::new();
        for (all, holds) in [(&*relatives, &held), (targets, &holds)] {
            let protected = self.actions.protection(all);
            for ((target, hold), why) in all.iter().zip(holds).zip(protected) {
                each.insert(target.key, (*hold, why));
            }
        }
        Known {
            around: holds.into_iter().zip(around).collect(),
            each,
            ours: self.actions.ours(),
        }
    }

    /// Carries a job out, and tells how long it takes and what comes of it.
    pub(super) fn act(&self, job: Job) {
        let hands = self.clone();
        tokio::spawn(async move {
            let (actions, request) = (Arc::clone(&hands.actions), job.request.clone());
            let mut acting = spawn_blocking(move || actions.carry_out(&request));
            let begun = Instant::now();
            let mut ticks = time::interval(TICK);
            let outcomes = loop {
                tokio::select! {
                    biased;
                    outcomes = &mut acting => break outcomes,
                    _ = ticks.tick() => {
                        let waited = Message::Waited(job.dialog, begun.elapsed());
                        // Nobody counts any more when the dashboard was left.
                        drop(hands.done.send(waited).await);
                    }
                }
            };
            let outcomes = outcomes
                .unwrap_or_else(|error| vec![Outcome::Failed(error.to_string()); job.about.len()]);
            hands.tell(job, outcomes, true);
        });
    }

    /// Tells what came of a job, looks at the ports, writes it down, and tells again.
    pub(super) fn tell(&self, job: Job, outcomes: Vec<Outcome>, offers: bool) {
        let ended = Instant::now();
        let hands = self.clone();
        tokio::spawn(async move {
            let about = taken_over(job.about.clone(), outcomes);
            let remedies = if offers {
                hands.remedies(&job, &about)
            } else {
                vec![]
            };
            let mut report = Report {
                dialog: job.dialog,
                job: job.number,
                at: Timestamp::now(),
                about,
                settled: false,
                remedies,
                note: None,
            };
            let first = Message::Acted(Box::new(report.clone()));
            drop(hands.done.send(first).await);
            let done = hands.done.clone();
            let settled = spawn_blocking(move || {
                hands.look_after(&job, &mut report.about, ended);
                report.note = hands.write_down(&report);
                report.settled = true;
                report
            });
            if let Ok(report) = settled.await {
                drop(done.send(Message::Acted(Box::new(report))).await);
            }
        });
    }

    /// What could do it where a privilege was missing.
    fn remedies(&self, job: &Job, about: &[About]) -> Vec<(Elevator, String)> {
        let Some(Job { request, .. }) = job.denied(about) else {
            return vec![];
        };
        let elevators = self.actions.elevators().into_iter();
        let commands = elevators.filter_map(|elevator| {
            let words = self.actions.elevated(&request, elevator).ok()?;
            let words: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
            Some((elevator, words.join(" ")))
        });
        commands.collect()
    }

    /// Looks what became of the ports of those that have ended.
    fn look_after(&self, job: &Job, about: &mut [About], ended: Instant) {
        let has_ended = |at: usize| about.get(at).is_some_and(|one| one.acted.has_ended());
        let (whose, ports): (Vec<usize>, Vec<HeldPort>) = job
            .ports
            .iter()
            .filter(|(at, _)| has_ended(*at))
            .cloned()
            .unzip();
        let now = self.witness.aftermath(&ports, &job.gone, ended);
        for ((at, port), now) in whose.into_iter().zip(&ports).zip(now) {
            if let (Some(one), Some(now)) = (about.get_mut(at), now) {
                one.acted.aftermath.push(port.words(&now));
            }
        }
    }

    fn write_down(&self, report: &Report) -> Option<String> {
        let at = report.at;
        let done = report.about.iter().map(|one| {
            let socket = one.socket.as_ref();
            let event =
                socket.map(|socket| events::of_socket(at, EventKind::Action, &socket.0, None));
            (event, &one.acted)
        });
        self.witness.write_down(at, done.collect())
    }

    /// Reads what was done before.
    pub(super) fn read_log(&self) {
        let hands = self.clone();
        tokio::spawn(async move {
            let read = spawn_blocking(move || (hands.witness.recent(MOST_READ), hands.done)).await;
            if let Ok((events, done)) = read {
                drop(done.send(Message::Log(events)).await);
            }
        });
    }

    /// Finds out what works here.
    pub(super) fn examine(&self) {
        let hands = self.clone();
        tokio::spawn(async move {
            let tried = spawn_blocking(move || (hands.witness.examine(), hands.done)).await;
            if let Ok((abilities, done)) = tried {
                drop(done.send(Message::Works(abilities)).await);
            }
        });
    }
}

/// The targets with what came of each.
fn taken_over(mut about: Vec<About>, outcomes: Vec<Outcome>) -> Vec<About> {
    let mut outcomes = outcomes.into_iter();
    for one in &mut about {
        let none = || Outcome::Failed("nothing came of it".to_owned());
        one.acted.outcome = Some(outcomes.next().unwrap_or_else(none));
    }
    about
}
