//! Whether an entry is about a socket.

use super::Written;
use crate::{
    model::{Entry, Fact, Ports, Process, Text, policy::holder},
    rules::Case,
};

/// The shortest beginning of a container's id that names it.
const SHORTEST_ID: usize = 12;

/// Whether an entry is about a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// Every field that is given matches.
    Yes,
    /// One does not.
    No,
    /// None contradicts, but one of them cannot be seen.
    Unseen,
}

impl Match {
    fn of(matches: bool) -> Self {
        if matches { Self::Yes } else { Self::No }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unseen, _) | (_, Self::Unseen) => Self::Unseen,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

impl Written {
    /// Whether it expects this socket. In doubt it does not: what is accepted must be what was meant.
    pub(super) fn expects(&self, case: &Case<'_>) -> Match {
        let entry = &self.entry;
        let width = entry
            .exposure
            .is_none_or(|most| case.exposure.is_some_and(|exposure| exposure <= most));
        let place = Match::of(self.has_port_of(case) && width);
        if place == Match::No {
            return place;
        }
        let whom = [
            entry
                .program
                .as_ref()
                .map(|program| self.runs(program, case)),
            entry
                .script
                .as_ref()
                .map(|script| runs_script(script, case)),
            entry.user.as_ref().map(|user| runs_as(user, case)),
            entry
                .unit
                .as_ref()
                .map(|unit| of_holder(case, |process| process.unit.as_ref() == Some(unit))),
            entry.container.as_ref().map(|container| {
                of_holder(case, |process| {
                    process
                        .container
                        .as_deref()
                        .is_some_and(|its| names(container, its))
                })
            }),
        ];
        whom.into_iter().flatten().fold(place, Match::and)
    }

    /// Whether it denies this listener. In doubt about a program it does: any name it goes by will do.
    pub(super) fn denies(&self, case: &Case<'_>) -> bool {
        let entry = &self.entry;
        let Some(exposure) = case.exposure else {
            return false;
        };
        if !self.has_port_of(case) || entry.exposure.is_some_and(|least| exposure < least) {
            return false;
        }
        let whom = entry.program.is_some()
            || entry.script.is_some()
            || entry.user.is_some()
            || entry.unit.is_some()
            || entry.container.is_some();
        let is_meant = |process: &Process| {
            entry.program.as_ref().is_none_or(|program| {
                goes_by(program, process)
                    || self
                        .leads_to
                        .as_ref()
                        .is_some_and(|path| goes_by(path, process))
            }) && entry
                .script
                .as_ref()
                .is_none_or(|script| is_script(script, process) != Match::No)
                && entry
                    .user
                    .as_ref()
                    .is_none_or(|user| is_user(user, process))
                && entry
                    .unit
                    .as_ref()
                    .is_none_or(|unit| process.unit.as_ref() == Some(unit))
                && entry.container.as_ref().is_none_or(|container| {
                    process
                        .container
                        .as_deref()
                        .is_some_and(|its| names(container, its))
                })
        };
        !whom || case.processes.iter().any(|process| is_meant(process))
    }

    /// Whether it expects all that `other` does.
    pub(super) fn covers(&self, other: &Entry) -> bool {
        let entry = &self.entry;
        let within = |ports: Ports| {
            other
                .port
                .is_some_and(|theirs| ports.contain_all_of(&theirs))
        };
        let is_program = |program: &Text| {
            let theirs = other.program.as_ref();
            theirs == Some(program) || theirs.is_some() && theirs == self.leads_to.as_ref()
        };
        let same = |ours: &Option<Text>, theirs: &Option<Text>| ours.is_none() || ours == theirs;
        entry.port.is_none_or(within)
            && entry.program.as_ref().is_none_or(is_program)
            && (entry.exposure.is_none()
                || other
                    .exposure
                    .is_some_and(|theirs| Some(theirs) <= entry.exposure))
            && same(&entry.script, &other.script)
            && same(&entry.user, &other.user)
            && same(&entry.unit, &other.unit)
            && (same(&entry.container, &other.container)
                && (entry.container == other.container || other.program.is_none()))
            && other.rules.iter().all(|rule| entry.rules.contains(rule))
    }

    /// Whether it is about the one port of this listener, which another program serves.
    pub(super) fn is_about_port_of(&self, case: &Case<'_>) -> bool {
        let alone = self
            .entry
            .port
            .is_some_and(|ports| ports.range.first == ports.range.last);
        let Some(program) = self.entry.program.as_ref().filter(|_| alone) else {
            return false;
        };
        let script = self.entry.script.as_ref();
        let runs_another = || {
            self.runs(program, case) == Match::No
                || script.is_some_and(|script| runs_script(script, case) == Match::No)
        };
        case.exposure.is_some() && self.has_port_of(case) && runs_another()
    }

    fn has_port_of(&self, case: &Case<'_>) -> bool {
        let remote = case.socket.peer().filter(|_| case.client);
        let port = remote.unwrap_or(case.socket.local()).port;
        let ports = self.entry.port;
        ports.is_none_or(|ports| ports.contain(port, case.socket.protocol))
    }

    /// Whether the socket's holder runs `program`.
    ///
    /// A path is compared as a whole. A file name alone is easily taken, so nothing that was deleted
    /// or that lies where anybody may write has one. A program in memory has neither. In a container a
    /// path is another file, so that the entry must name the container too.
    fn runs(&self, program: &Text, case: &Case<'_>) -> Match {
        let Some(process) = holder(case.processes) else {
            return without_holder(case);
        };
        let executable = match &process.executable {
            Fact::Known(executable) => executable,
            Fact::Unknown(_) => return Match::Unseen,
        };
        if executable.memfd || (process.container.is_some() && self.entry.container.is_none()) {
            return Match::No;
        }
        if program.contains('/') {
            let path = &executable.path;
            return Match::of(path == program || self.leads_to.as_ref() == Some(path));
        }
        let has_name = process.name == *program || process.file_name() == Some(program);
        let is_settled = !executable.deleted && executable.shared_directory.is_none();
        Match::of(is_settled && has_name)
    }
}

fn without_holder(case: &Case<'_>) -> Match {
    if case.machine.sees_every_owner() {
        Match::No
    } else {
        Match::Unseen
    }
}

fn of_holder(case: &Case<'_>, matches: impl Fn(&Process) -> bool) -> Match {
    holder(case.processes).map_or_else(
        || without_holder(case),
        |process| Match::of(matches(process)),
    )
}

fn runs_as(user: &Text, case: &Case<'_>) -> Match {
    of_holder(case, |process| is_user(user, process))
}

fn runs_script(script: &Text, case: &Case<'_>) -> Match {
    holder(case.processes).map_or_else(
        || without_holder(case),
        |process| is_script(script, process),
    )
}

/// Whether a process runs `script`. As with programs, a path is compared as a whole, and what lies where anybody may
/// write has no name.
fn is_script(script: &Text, process: &Process) -> Match {
    let runs = match process.script() {
        Fact::Known(runs) => runs,
        Fact::Unknown(_) => return Match::Unseen,
    };
    let is_file_name = |path: &Text| {
        let known = process.background.script.known().and_then(Option::as_ref);
        let is_settled = known.is_none_or(|script| script.shared_directory.is_none());
        is_settled && path.rsplit('/').next() == Some(script)
    };
    Match::of(
        runs.is_some_and(|runs| runs == *script || !script.contains('/') && is_file_name(&runs)),
    )
}

fn is_user(user: &Text, process: &Process) -> bool {
    let number = || process.uid.map(|uid| uid.to_string());
    process.user.as_ref() == Some(user) || number().as_deref() == Some(user.as_str())
}

/// Whether `given` names the container `its`, which is `docker:3f1c…`: whole, or its id or name alone.
fn names(given: &str, its: &str) -> bool {
    let id = its.split_once(':').map_or(its, |(_, id)| id);
    given == its || given == id || (given.len() >= SHORTEST_ID && id.starts_with(given))
}

/// Whether `program` is a path or a name that the process has or gives itself.
fn goes_by(program: &str, process: &Process) -> bool {
    let file_name = |path: &str| path.rsplit('/').next() == Some(program);
    let path = process
        .executable
        .known()
        .map(|executable| executable.path.as_str());
    let first = process
        .cmdline
        .known()
        .and_then(|arguments| arguments.first());
    path.is_some_and(|path| path == program || file_name(path))
        || process.name == program
        || process.comm == program
        || first.is_some_and(|first| *first == program || file_name(first))
}
