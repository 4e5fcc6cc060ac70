//! The dialog before anything is done: whom, what goes with them, what can be done, and what came of it.
//!
//! The targets are frozen when it opens. Whatever the table does meanwhile, the order goes to those
//! processes or to none. Nothing can be sent before it is known, and shown, what goes with them.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

pub(crate) mod candidate;
mod job;
pub(crate) mod way;

use super::line;
use crate::{
    model::{
        Elevator, Hold, Outcome, Process, ProcessKey, Snapshot, Socket, Target, Text, text::plural,
    },
    tui::{
        effect::Job,
        message::{Known, Report},
    },
};
use candidate::{Candidate, Connection};
use crossterm::event::{KeyCode, KeyEvent};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tui_input::Input;
use way::{Scope, Way};

/// The dialog while it is open.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is about something else: the kind, the person, what is known"
)]
pub(crate) struct Dialog {
    /// Its number, by which answers find it.
    pub(super) id: u64,
    pub(crate) candidates: Vec<Candidate>,
    /// The connection that can be closed alone.
    pub(crate) connection: Option<Connection>,
    /// It is about the connection and nothing else.
    pub(crate) only_closes: bool,
    /// Which candidate; behind the last, all of them.
    pub(crate) chosen: usize,
    pub(crate) scope: Scope,
    /// Everything that they started is meant as soon as that is known.
    pub(super) wants_tree: bool,
    /// Which of [`Dialog::ways`].
    pub(crate) way: usize,
    /// Lines of what goes with them that are above the box.
    pub(crate) scroll: usize,
    pub(crate) stage: Stage,
    /// Our own user, for the words of commands.
    pub(super) euid: Option<u32>,
    /// What was tried before anything was known.
    pub(crate) hurried: bool,
    /// The person has chosen a way.
    moved: bool,
    /// Whether each process is held, and why it is protected, if it is.
    each: HashMap<ProcessKey, (Hold, Option<String>)>,
    /// The processes that start nothing again.
    ours: HashSet<u32>,
    is_known: bool,
    /// The name is asked for because of what is to be done, not of whom: typing it overrules nothing.
    pub(crate) confirms: bool,
    /// How many jobs it has asked for.
    jobs: u64,
}

/// How far it has come.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Several processes hold the socket: which one?
    Owner,
    /// What goes with it, and what is to be done?
    Choose,
    /// The job is on its way.
    Waiting(Waiting),
    /// It is protected, for this reason; typing the name overrules it.
    Force(Text, Input),
    /// This came of it.
    Done(Box<Done>),
}

/// A job that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// What is done.
    pub(crate) words: String,
    /// For how long it has been.
    pub(crate) elapsed: Duration,
    /// When `KILL` follows, counted from the beginning.
    pub(crate) kill_at: Option<Duration>,
    job: Job,
}

/// What came of a job.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) report: Report,
    job: Job,
}

/// What a key did to the dialog.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It stays.
    Stay,
    /// It closes.
    Close,
    /// It stays, and this is to be done.
    Act(Box<Job>),
    /// The same with more privilege.
    Elevate(Box<Job>, Elevator),
    /// It stays, and this is to be copied.
    Copy(String),
}

impl Dialog {
    /// A dialog about these processes; nothing is sent. `meant` is the socket that was selected.
    pub(super) fn new(
        id: u64,
        owners: &[Arc<Process>],
        snapshot: &Snapshot,
        meant: Option<&Arc<Socket>>,
    ) -> Self {
        let all: Vec<ProcessKey> = owners.iter().map(|owner| owner.key).collect();
        let candidates: Vec<Candidate> = owners
            .iter()
            .map(|owner| Candidate::new(owner, snapshot, meant, &all))
            .collect();
        Self {
            id,
            stage: if candidates.len() > 1 {
                Stage::Owner
            } else {
                Stage::Choose
            },
            candidates,
            connection: meant.and_then(Connection::of),
            only_closes: false,
            chosen: 0,
            scope: Scope::One,
            wants_tree: false,
            way: 0,
            scroll: 0,
            euid: snapshot.euid,
            hurried: false,
            moved: false,
            confirms: false,
            each: HashMap::new(),
            ours: HashSet::new(),
            is_known: false,
            jobs: 0,
        }
    }

    /// A dialog about one connection, and nothing else of its owners.
    pub(super) fn closing(
        id: u64,
        owners: &[Arc<Process>],
        snapshot: &Snapshot,
        meant: &Arc<Socket>,
    ) -> Self {
        let mut dialog = Self::new(id, owners, snapshot, Some(meant));
        dialog.only_closes = true;
        dialog.stage = Stage::Choose;
        // Nobody ends, so there is nothing to be found out.
        dialog.is_known = true;
        dialog
    }

    /// The processes that are to be held while it is open.
    pub(super) fn targets(&self) -> Vec<Target> {
        let all = self.candidates.iter();
        all.map(|one| one.target.clone()).collect()
    }

    /// Whom it is about.
    pub(crate) fn chosen(&self) -> &[Candidate] {
        self.candidates
            .get(self.chosen..=self.chosen)
            .unwrap_or(&self.candidates)
    }

    /// Whether what goes with them is known.
    pub(crate) fn is_known(&self) -> bool {
        self.is_known
    }

    /// Our own user.
    pub(crate) fn euid(&self) -> Option<u32> {
        self.euid
    }

    /// Whether a process is the first of all, ourselves, or one that we were started from: none of these
    /// starts anything again.
    pub(crate) fn is_ours(&self, pid: u32) -> bool {
        self.ours.contains(&pid)
    }

    /// Takes note of what goes with the processes.
    pub(super) fn know(&mut self, known: Known) {
        for (candidate, (hold, around)) in self.candidates.iter_mut().zip(known.around) {
            candidate.know(hold, around);
        }
        self.each = known.each;
        self.ours = known.ours;
        self.is_known = true;
        self.hurried = false;
        self.widen();
        self.choose_gentlest();
    }

    /// Selects the gentlest way that works, unless the person has chosen one.
    fn choose_gentlest(&mut self) {
        if !self.moved {
            self.way = self.gentlest();
        }
    }

    /// Why typing the name is asked for, if it is: whom of those that are meant is protected.
    pub(crate) fn protection(&self) -> Option<String> {
        let all = self.meant();
        let mut reasons = all.iter().filter_map(|(target, name)| {
            let (_, why) = self.each.get(&target.key)?;
            let why = why.as_ref()?;
            Some(format!("{name} pid {}: {why}", target.key.pid))
        });
        let first = reasons.next()?;
        Some(match reasons.count() {
            0 => first,
            more => format!("{first}, and {more} more"),
        })
    }

    /// Counts the time of the job.
    pub(super) fn waited(&mut self, elapsed: Duration) {
        if let Stage::Waiting(waiting) = &mut self.stage {
            waiting.elapsed = elapsed;
        }
    }

    /// Takes note of what came of its job. Returns the job that follows, if one does.
    pub(super) fn finish(&mut self, report: Report) -> Option<Box<Job>> {
        let (job, kills) = match &self.stage {
            Stage::Waiting(waiting) => (waiting.job.clone(), waiting.kill_at.is_some()),
            Stage::Done(done) => (done.job.clone(), false),
            Stage::Owner | Stage::Choose | Stage::Force(..) => return None,
        };
        // What is told at last of a job that another one has followed.
        if job.number != report.job {
            return None;
        }
        if kills && let Some(job) = job::kill_after(&job, &report) {
            return Some(self.begin(job, None).into());
        }
        let refused = report
            .about
            .iter()
            .find_map(|one| match &one.acted.outcome {
                Some(Outcome::Refused(why)) => Some(Text::from(why.as_str())),
                _ => None,
            });
        let is_forced = job::is_forced(&job);
        self.stage = match refused {
            Some(why) if !is_forced && report.settled => {
                self.confirms = false;
                Stage::Force(why, Input::default())
            }
            _ => Stage::Done(Box::new(Done { report, job })),
        };
        None
    }

    /// Whether it tells what came of it, and nothing is left to choose.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done(_))
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Answer {
        match &mut self.stage {
            Stage::Force(..) => self.force_key(key),
            Stage::Owner => self.owner_key(key),
            Stage::Choose => self.choose_key(key),
            Stage::Waiting(waiting) => match key.code {
                // What was sent cannot be called back; what has not been sent can.
                KeyCode::Esc | KeyCode::Char('c') if waiting.kill_at.take().is_some() => {
                    Answer::Stay
                }
                KeyCode::Esc => Answer::Close,
                _ => Answer::Stay,
            },
            Stage::Done(_) => self.done_key(key),
        }
    }

    fn owner_key(&mut self, key: KeyEvent) -> Answer {
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.chosen = self.chosen.saturating_sub(1),
            // Behind the last stand all of them.
            KeyCode::Down | KeyCode::Char('j') => {
                self.chosen = (self.chosen + 1).min(self.candidates.len());
            }
            KeyCode::Enter | KeyCode::Char('y') => {
                self.stage = Stage::Choose;
                self.widen();
                self.choose_gentlest();
            }
            KeyCode::Esc | KeyCode::Char('q') => return Answer::Close,
            _ => {}
        }
        Answer::Stay
    }

    fn choose_key(&mut self, key: KeyEvent) -> Answer {
        let last = self.ways().len().saturating_sub(1);
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => {
                self.way = self.way.saturating_sub(1);
                self.moved = true;
            }
            KeyCode::Down | KeyCode::Char('j') => {
                self.way = (self.way + 1).min(last);
                self.moved = true;
            }
            KeyCode::Char('t') if self.is_signal() => self.next_scope(),
            KeyCode::Enter | KeyCode::Char('y') if !self.is_known => self.hurried = true,
            KeyCode::Enter | KeyCode::Char('y') => return self.decide(),
            KeyCode::Esc if !self.only_closes && self.candidates.len() > 1 => {
                self.stage = Stage::Owner;
                self.scope = Scope::One;
                self.moved = false;
                self.scroll = 0;
            }
            KeyCode::Esc | KeyCode::Char('q') => return Answer::Close,
            _ => {}
        }
        Answer::Stay
    }

    /// Whether a signal is selected, so that there is a choice of how many get it.
    pub(crate) fn is_signal(&self) -> bool {
        self.selected().is_some_and(|way| way.is_signal())
    }

    /// Does what is selected, or asks for the name first.
    fn decide(&mut self) -> Answer {
        let closes = matches!(self.selected(), Some(Way::Close));
        let protection = self.protection().filter(|_| !closes);
        self.confirms = protection.is_none();
        let Some(why) = protection.or_else(|| self.weight()) else {
            return self.send(false);
        };
        self.scroll = 0;
        self.stage = Stage::Force(Text::from(why), Input::default());
        Answer::Stay
    }

    /// What is so hard to make good about what is selected that the name is asked for, if it is.
    fn weight(&self) -> Option<String> {
        match self.selected()? {
            Way::Signal(_) | Way::TermThenKill if self.meant().len() > 1 => {
                let count = plural(self.meant().len(), "process");
                Some(format!("{count} at once"))
            }
            Way::Signal(crate::model::Signal::Kill) => {
                Some("it saves nothing and cleans nothing up".to_owned())
            }
            Way::Signal(_) | Way::TermThenKill | Way::Stop(_) | Way::Close => None,
        }
    }

    fn force_key(&mut self, key: KeyEvent) -> Answer {
        let Stage::Force(_, input) = &mut self.stage else {
            return Answer::Stay;
        };
        match key.code {
            KeyCode::Esc => return Answer::Close,
            KeyCode::Enter => {
                let typed = input.value().to_owned();
                let mut chosen = self.chosen().iter();
                let right = chosen.next().is_some_and(|one| one.name == typed.as_str());
                return if right {
                    self.send(!self.confirms)
                } else {
                    Answer::Stay
                };
            }
            _ => {
                line::edit(input, key);
            }
        }
        Answer::Stay
    }

    fn done_key(&mut self, key: KeyEvent) -> Answer {
        let Stage::Done(done) = &self.stage else {
            return Answer::Stay;
        };
        let remedy = |wanted: Elevator| {
            let mut remedies = done.report.remedies.iter();
            remedies.find(|(elevator, _)| *elevator == wanted)
        };
        match key.code {
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => return Answer::Close,
            KeyCode::Char('s') if remedy(Elevator::Sudo).is_some() => {
                return self.elevate(Elevator::Sudo);
            }
            KeyCode::Char('p') if remedy(Elevator::Pkexec).is_some() => {
                return self.elevate(Elevator::Pkexec);
            }
            KeyCode::Char('y') => {
                if let Some((_, command)) = done.report.remedies.first() {
                    return Answer::Copy(command.clone());
                }
            }
            KeyCode::Char('b') | KeyCode::Backspace if self.can_try_again() => {
                self.scroll = 0;
                self.stage = Stage::Choose;
            }
            _ => {}
        }
        Answer::Stay
    }

    /// Whether something else can still be tried.
    pub(crate) fn can_try_again(&self) -> bool {
        let Stage::Done(done) = &self.stage else {
            return false;
        };
        let mut all = done.report.about.iter();
        all.any(|one| !one.acted.is_done() || matches!(one.acted.outcome, Some(Outcome::Signalled)))
    }

    pub(super) fn paste(&mut self, text: &str) {
        if let Stage::Force(_, input) = &mut self.stage {
            line::paste(input, text);
        }
    }

    fn send(&mut self, force: bool) -> Answer {
        let Some(way) = self.selected() else {
            return Answer::Close;
        };
        let kill_at = matches!(way, Way::TermThenKill).then_some(way::BEFORE_KILL);
        if let Some(job) = self.job(&way, force) {
            return Answer::Act(self.begin(job, kill_at).into());
        }
        self.stage = Stage::Done(Box::new(job::gone(self)));
        Answer::Stay
    }

    fn elevate(&mut self, elevator: Elevator) -> Answer {
        let Stage::Done(done) = &self.stage else {
            return Answer::Stay;
        };
        match done.job.denied(&done.report.about) {
            Some(job) => Answer::Elevate(self.begin(job, None).into(), elevator),
            None => Answer::Stay,
        }
    }

    fn begin(&mut self, mut job: Job, kill_at: Option<Duration>) -> Job {
        self.jobs += 1;
        job.number = self.jobs;
        self.scroll = 0;
        self.stage = Stage::Waiting(Waiting {
            words: job::words(&job),
            elapsed: Duration::ZERO,
            kill_at,
            job: job.clone(),
        });
        job
    }
}
