//! What a dialog offers to do, and to whom.

use super::{Candidate, Dialog};
use crate::model::{Hold, Manager, Relative, Restarts, Signal, Target, Text, text::plural};
use std::{collections::HashSet, time::Duration};

/// How long `TERM` is given before `KILL` follows.
pub(crate) const BEFORE_KILL: Duration = Duration::from_secs(5);

/// One thing that can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// Send a signal.
    Signal(Signal),
    /// Send `TERM`, and `KILL` to what is still there after [`BEFORE_KILL`].
    TermThenKill,
    /// Have the manager stop what it runs.
    Stop(Manager),
    /// Close the connection alone.
    Close,
}

/// How many of the family a signal goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The process.
    One,
    /// Everybody in its process group.
    Group,
    /// It and what it started.
    Tree,
}

impl Way {
    /// Its name in the list, and what is said behind it.
    pub(crate) fn words(&self, euid: Option<u32>) -> (String, String) {
        match self {
            Self::Signal(signal) => (signal.name().to_owned(), signal.purpose().to_owned()),
            Self::TermThenKill => (
                "TERM, then KILL".to_owned(),
                format!("when it is still there after {} s", BEFORE_KILL.as_secs()),
            ),
            Self::Stop(manager) => {
                let kind = match manager {
                    Manager::Unit { .. } => "unit",
                    Manager::Container { .. } => "container",
                };
                (format!("stop the {kind}"), manager.command(euid).join(" "))
            }
            Self::Close => (
                "close".to_owned(),
                "this one connection; the process goes on".to_owned(),
            ),
        }
    }

    /// What it is called on its button.
    pub(crate) fn button(&self) -> String {
        match self {
            Self::Signal(signal) => format!("send {}", signal.name()),
            Self::TermThenKill => "send TERM, then KILL".to_owned(),
            Self::Stop(_) => "stop it".to_owned(),
            Self::Close => "close it".to_owned(),
        }
    }

    /// Whether it is sent to processes, so that there is a choice of how many.
    pub(super) fn is_signal(&self) -> bool {
        matches!(self, Self::Signal(_) | Self::TermThenKill)
    }
}

impl Dialog {
    /// What can be done, in the order of the list.
    pub(crate) fn ways(&self) -> Vec<Way> {
        let close = self.connection.as_ref().map(|_| Way::Close);
        if self.only_closes {
            return close.into_iter().collect();
        }
        let mut ways = vec![
            Way::Signal(Signal::Term),
            Way::TermThenKill,
            Way::Signal(Signal::Kill),
        ];
        ways.extend(self.manager().map(Way::Stop));
        ways.extend(close);
        let others = Signal::ALL
            .into_iter()
            .filter(|signal| !matches!(signal, Signal::Term | Signal::Kill));
        ways.extend(others.map(Way::Signal));
        ways
    }

    /// The way that is selected.
    pub(crate) fn selected(&self) -> Option<Way> {
        self.ways().into_iter().nth(self.way)
    }

    /// The one manager that runs all that are meant.
    fn manager(&self) -> Option<Manager> {
        let managers = self.chosen().iter().map(|one| {
            let supervisor = one.around.as_ref()?.supervisor.as_ref()?;
            Some(supervisor.manager.clone())
        });
        let mut managers: Vec<_> = managers.collect();
        managers.dedup();
        match managers.as_slice() {
            [Some(one)] => Some(one.clone()),
            _ => None,
        }
    }

    /// The place of the gentlest way that works: what is started again has to be stopped by its manager,
    /// and who is deaf to `TERM` needs more.
    pub(super) fn gentlest(&self) -> usize {
        let around = |wanted: fn(&Candidate) -> bool| self.chosen().iter().any(wanted);
        let returns = around(|one| {
            let supervisor = one.around.as_ref().and_then(|one| one.supervisor.as_ref());
            supervisor.is_some_and(|one| matches!(one.restarts, Restarts::Yes(_)))
        });
        let is_deaf = around(|one| {
            let around = one.around.as_ref();
            around.is_some_and(|around| around.is_deaf_to_term || around.is_stopped)
        });
        let ways = self.ways();
        let place = |wanted: fn(&Way) -> bool| ways.iter().position(wanted);
        let stop = place(|way| matches!(way, Way::Stop(_))).filter(|_| returns);
        let kill = place(|way| matches!(way, Way::TermThenKill)).filter(|_| is_deaf);
        stop.or(kill).unwrap_or(0)
    }

    /// Who else could be meant: of the group, and of what they started.
    pub(crate) fn relatives(&self, scope: Scope) -> Vec<&Relative> {
        let meant: HashSet<_> = self.chosen().iter().map(|one| one.target.key).collect();
        let mut seen = HashSet::new();
        let around = self.chosen().iter().filter_map(|one| one.around.as_ref());
        around
            .flat_map(|around| match scope {
                Scope::One => &[][..],
                Scope::Group => &around.group[..],
                Scope::Tree => &around.descendants[..],
            })
            .filter(|one| !meant.contains(&one.key) && seen.insert(one.key))
            .collect()
    }

    /// Goes on to the next choice that would mean more than the process alone.
    pub(super) fn next_scope(&mut self) {
        let all = [Scope::One, Scope::Group, Scope::Tree];
        let has = |scope: &Scope| *scope == Scope::One || !self.relatives(*scope).is_empty();
        let offered: Vec<Scope> = all.into_iter().filter(has).collect();
        let now = offered.iter().position(|scope| *scope == self.scope);
        let next = now.map_or(0, |at| (at + 1) % offered.len().max(1));
        self.scope = offered.get(next).copied().unwrap_or(Scope::One);
    }

    /// Means everything that they started, where that was asked for and there is any of it.
    pub(super) fn widen(&mut self) {
        if self.wants_tree && !self.relatives(Scope::Tree).is_empty() {
            self.scope = Scope::Tree;
        }
    }

    /// What `t` would do now; `None` when there is nobody else.
    pub(crate) fn scope_hint(&self) -> Option<&'static str> {
        let group = !self.relatives(Scope::Group).is_empty();
        let tree = !self.relatives(Scope::Tree).is_empty();
        match self.scope {
            Scope::One if group => Some("whole group"),
            Scope::One | Scope::Group if tree => Some("whole tree"),
            Scope::One => None,
            Scope::Group | Scope::Tree => Some("this one alone"),
        }
    }

    /// Everybody that a signal would go to, with their names; parents before their children.
    pub(in crate::tui::app) fn meant(&self) -> Vec<(Target, Text)> {
        let present = self.present().into_iter();
        let mut all: Vec<_> = present
            .map(|one| (one.target.clone(), one.name.clone()))
            .collect();
        for relative in self.relatives(self.scope) {
            let mut target = relative.target();
            match self.each.get(&relative.key) {
                Some((Hold::Held(number), _)) => target.pidfs = *number,
                // Whoever has its number now is not meant.
                Some((Hold::Gone, _)) => continue,
                Some((Hold::Unheld, _)) | None => {}
            }
            all.push((target, relative.name.clone()));
        }
        all
    }

    /// Those that are meant and had not gone when they were to be held.
    pub(super) fn present(&self) -> Vec<&Candidate> {
        let chosen = self.chosen().iter();
        chosen.filter(|one| !one.is_gone).collect()
    }

    /// To whom the signal goes, where that is more than one.
    pub(crate) fn addressed(&self) -> Option<String> {
        if !self.is_signal() {
            return None;
        }
        let all = self.meant();
        let what = match self.scope {
            Scope::One if all.len() < 2 => return None,
            Scope::One => "all that hold it",
            Scope::Group => "the whole process group",
            Scope::Tree => "it and what it started",
        };
        Some(format!("{}: {what}", plural(all.len(), "process")))
    }
}
