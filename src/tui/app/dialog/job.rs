//! From what was chosen to the job, and to the one that may follow it.

use super::{
    Dialog, Done,
    way::{BEFORE_KILL, Way},
};
use crate::{
    model::{Acted, Deed, Order, Outcome, ProcessKey, Request, Signal, Text, text::plural},
    tui::{
        effect::{About, Job},
        message::Report,
    },
};
use jiff::Timestamp;
use std::time::Duration;

/// How long a signal is given to end its process.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a manager is given: units may take their time.
const OF_MANAGER: Duration = Duration::from_secs(30);

impl Dialog {
    /// The job that does this; `None` when there is nobody to do it to.
    pub(super) fn job(&self, way: &Way, force: bool) -> Option<Job> {
        let job = match way {
            Way::Signal(signal) => self.signals(*signal, PATIENCE, force),
            Way::TermThenKill => self.signals(Signal::Term, BEFORE_KILL, force),
            Way::Stop(manager) => {
                let deed = Deed::Stop(manager.command(self.euid).join(" "));
                let request = Request::Stop(manager.clone(), OF_MANAGER);
                // The manager is asked once, whoever of its processes are meant.
                let about = self.chosen_as(&deed).into_iter().take(1).collect();
                self.job_of(request, about, false)
            }
            Way::Close => {
                let connection = self.connection.as_ref()?;
                let owner = self.candidates.first();
                let acted = Acted {
                    pid: owner.map(|one| one.target.key.pid),
                    start_time: owner.and_then(|one| one.started_at),
                    name: owner.map(|one| one.name.clone()),
                    socket: Some(connection.socket.0.key().to_string()),
                    target: connection.words.clone(),
                    deed: Deed::Close,
                    outcome: None,
                    aftermath: vec![],
                };
                let socket = Some(connection.socket.clone());
                let request = Request::Close(vec![connection.closing.clone()]);
                Job {
                    ports: vec![],
                    gone: vec![],
                    ..self.job_of(request, vec![About { acted, socket }], false)
                }
            }
        };
        (!job.about.is_empty()).then_some(job)
    }

    fn signals(&self, signal: Signal, patience: Duration, force: bool) -> Job {
        let deed = Deed::Signal(signal, patience);
        let mut about = self.chosen_as(&deed);
        let meant = self.meant();
        let relatives = meant.iter().skip(about.len());
        about.extend(relatives.map(|(target, name)| About {
            acted: acted(target.key.pid, name, deed.clone()),
            socket: None,
        }));
        let orders = meant.into_iter().map(|(target, _)| Order {
            target,
            signal,
            force,
            patience,
            then_kill: false,
        });
        self.job_of(Request::Signal(orders.collect()), about, true)
    }

    /// Those that are meant, as they are told of.
    fn chosen_as(&self, deed: &Deed) -> Vec<About> {
        let present = self.present().into_iter();
        present
            .map(|one| About {
                acted: Acted {
                    start_time: one.started_at,
                    ..acted(one.target.key.pid, &one.name, deed.clone())
                },
                socket: one.socket.clone(),
            })
            .collect()
    }

    fn job_of(&self, request: Request, about: Vec<About>, each_by_itself: bool) -> Job {
        let mut ports = vec![];
        for (at, one) in self.present().into_iter().enumerate() {
            let may_return = one
                .around
                .as_ref()
                .is_some_and(|one| one.may_return(|pid| self.is_ours(pid)));
            for port in &one.ports {
                let mut port = port.clone();
                // What a manager was told to stop it does not start again.
                port.may_return = may_return && each_by_itself;
                port.shared_with = self.others_on(&port.shared_with);
                ports.push((if each_by_itself { at } else { 0 }, port));
            }
        }
        Job {
            dialog: self.id,
            number: 0,
            request,
            about,
            ports,
            gone: self.meant().iter().map(|(target, _)| target.key).collect(),
        }
    }

    /// Those that hold a port, too, and are not meant: others, and the candidates that were not chosen.
    fn others_on(&self, outside: &[ProcessKey]) -> Vec<ProcessKey> {
        let chosen: Vec<_> = self.chosen().iter().map(|one| one.target.key).collect();
        let candidates = self.candidates.iter().map(|one| one.target.key);
        let left = candidates.filter(|key| !chosen.contains(key));
        outside.iter().copied().chain(left).collect()
    }
}

fn acted(pid: u32, name: &Text, deed: Deed) -> Acted {
    Acted {
        pid: Some(pid),
        start_time: None,
        name: Some(name.clone()),
        socket: None,
        target: format!("{name} pid {pid}"),
        deed,
        outcome: None,
        aftermath: vec![],
    }
}

/// What is being done, while it is.
pub(super) fn words(job: &Job) -> String {
    let name = job.about.first().map_or("", |one| &*one.acted.target);
    match &job.request {
        Request::Signal(orders) => {
            let signal = orders.first().map_or("", |order| order.signal.name());
            let whom = match orders.len() {
                1 => name.to_owned(),
                many => plural(many, "process"),
            };
            format!("{signal} is sent to {whom}; waiting for what comes of it")
        }
        Request::Stop(manager, _) => format!("{} is asked to stop", manager.name()),
        Request::Close(_) => format!("{name} is being closed"),
    }
}

/// What is told of those that had gone before anything could be sent.
pub(super) fn gone(dialog: &Dialog) -> Done {
    let deed = Deed::Signal(Signal::Term, PATIENCE);
    let about = dialog.chosen().iter().map(|one| About {
        acted: Acted {
            outcome: Some(Outcome::Gone),
            ..acted(one.target.key.pid, &one.name, deed.clone())
        },
        socket: None,
    });
    let report = Report {
        dialog: dialog.id,
        job: 0,
        at: Timestamp::UNIX_EPOCH,
        about: about.collect(),
        settled: true,
        remedies: vec![],
        note: None,
    };
    let job = dialog.signals(Signal::Term, PATIENCE, false);
    Done { report, job }
}

/// Whether the job overrules protection.
pub(super) fn is_forced(job: &Job) -> bool {
    match &job.request {
        Request::Signal(orders) => orders.iter().any(|order| order.force),
        Request::Stop(..) | Request::Close(_) => true,
    }
}

/// `KILL` for those that are still there after `TERM`; `None` when nobody is.
pub(super) fn kill_after(job: &Job, report: &Report) -> Option<Job> {
    let still_there = |outcome: &Outcome| matches!(outcome, Outcome::Signalled | Outcome::Pending);
    let mut job = job.only(&report.about, still_there)?;
    if let Request::Signal(orders) = &mut job.request {
        for order in orders {
            order.signal = Signal::Kill;
            order.patience = PATIENCE;
        }
    }
    for one in &mut job.about {
        one.acted.deed = Deed::Signal(Signal::Kill, PATIENCE);
    }
    Some(job)
}
