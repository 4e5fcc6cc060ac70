//! The processes that own sockets, remembered between samples.
//!
//! A process is read when it is first seen, and again when something of it changed: its executable, its name, its
//! parent, its standard streams, its descriptors. Each sample makes sure of some of them in turn, of all where there are
//! few; so on most machines a deletion of an executable shows at once.

use super::{
    checks::{Checks, FileId, Job},
    lineage::Lineage,
    owners::{Owners, Seen, TableId},
    process::{self, Holder, Read},
    procfs::{ProcDir, Procfs, read_link},
    shells,
    sockets::Accounts,
    stat::Stat,
    users::Users,
    view::Views,
};
use crate::{
    collect::{Thoroughly, programs::Packages},
    model::{
        Background, Fact, Integrity, Piped, Process, ProcessKey, ProgramKind, SampledSocket,
        Script, Text, Unseen, program,
    },
};
use jiff::Timestamp;
use rustix::{fd::AsFd, io::Errno};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

/// How long what was read about an unchanged process counts; what is cheap to see is seen sooner.
const FRESH: Duration = Duration::from_secs(5);
/// The most processes that a sample makes sure of, and that it reads again because that was long ago.
const MADE_SURE_OF: usize = 16;
const READ_AGAIN: usize = 2;

/// Reads and remembers processes.
#[derive(Debug)]
pub(super) struct Processes {
    known: BTreeMap<ProcessKey, Known>,
    users: Users,
    packages: Packages,
    boot: Option<Timestamp>,
    /// The last process that was made sure of.
    sure_to: Option<ProcessKey>,
    /// What shells were last looked for behind, and when.
    behind: Vec<ProcessKey>,
    shells_at: Option<Duration>,
    checks: Checks,
    /// Processes were read before: the first time is for what can be seen at once.
    is_later: bool,
}

/// The processes that a sample is to have.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// Those that own sockets.
    pub(super) accounts: &'a Accounts,
    /// Those that owned these sockets, which were closed.
    pub(super) ended: &'a [Arc<SampledSocket>],
}

impl Wanted<'_> {
    fn ended(&self) -> impl Iterator<Item = ProcessKey> {
        let owners = self.ended.iter().flat_map(|socket| socket.owners());
        owners.map(|owner| owner.process)
    }
}

#[derive(Debug)]
struct Known {
    process: Arc<Process>,
    trace: Trace,
}

/// How a process was when it was read.
#[derive(Debug)]
struct Trace {
    file: Option<FileId>,
    link: Result<Vec<u8>, Errno>,
    read_at: Duration,
    /// [`Seen::changes`] when it was read.
    changes: u32,
    /// It can do anything for whoever drives it, as a shell, or no package knows what it does.
    is_general: bool,
}

/// What the processes of one sample have in common.
#[derive(Debug, Default)]
struct Around {
    now: Duration,
    lineage: Lineage,
    views: Views,
}

impl Processes {
    /// Nobody known yet.
    pub(super) fn new(users: Users, packages: Packages, boot: Option<Timestamp>) -> Self {
        Self {
            known: BTreeMap::new(),
            users,
            packages,
            boot,
            sure_to: None,
            behind: Vec::new(),
            shells_at: None,
            checks: Checks::default(),
            is_later: false,
        }
    }

    /// Returns the processes that own sockets, sorted by key.
    ///
    /// Of those that have ended, what was known of them is returned while they are wanted.
    pub(super) fn read(
        &mut self,
        procfs: &Procfs,
        owners: &mut Owners,
        wanted: &Wanted<'_>,
        now: Duration,
    ) -> Vec<Arc<Process>> {
        let accounts = wanted.accounts;
        let mut keys: Vec<ProcessKey> = accounts.owners().chain(wanted.ended()).collect();
        keys.sort_unstable();
        keys.dedup();
        self.known.retain(|key, _| keys.binary_search(key).is_ok());
        let doubted = self.doubted(procfs, owners, now);
        let mut open = owners.take_open();
        let mut fresh = Vec::new();
        let mut around = Around {
            now,
            ..Around::default()
        };
        for key in keys {
            let Some(seen) = owners
                .process(key.pid)
                .filter(|seen| seen.key() == Some(key))
            else {
                continue;
            };
            let known = self.known.get(&key);
            if known.is_some_and(|known| known.trace.changes == seen.changes)
                && doubted.binary_search(&key).is_err()
            {
                continue;
            }
            let table = owners.is_new(seen).then_some(seen.table);
            let directory = match open.remove(&key.pid) {
                Some(open) => Ok(procfs.process_of(key.pid, open)),
                None => procfs.process(key.pid),
            };
            fresh.extend(self.read_one(procfs, seen, (&directory, table), &mut around));
        }
        self.add_packages(&mut fresh);
        for (read, trace) in fresh {
            let key = read.process.key;
            let before = self.known.remove(&key).map(|known| known.process);
            let process = match before {
                Some(before) if *before == read.process => before,
                Some(_) | None => Arc::new(read.process),
            };
            self.known.insert(key, Known { process, trace });
        }
        if self.is_later {
            let found = self.checks.go_on();
            self.note_checks(&found);
        }
        self.is_later = true;
        self.add_shells(procfs, owners, accounts, now);
        self.known
            .values()
            .map(|known| Arc::clone(&known.process))
            .collect()
    }

    /// Returns the names of the users `uids`, where they have one.
    pub(super) fn names(&mut self, uids: impl Iterator<Item = u32>) -> Vec<(u32, Text)> {
        let named = |uid| Some((uid, self.users.name(uid)?));
        uids.filter_map(named).collect()
    }

    /// Makes sure of the next processes in turn; returns those that are to be read again, sorted.
    fn doubted(&mut self, procfs: &Procfs, owners: &mut Owners, now: Duration) -> Vec<ProcessKey> {
        let after = self.sure_to.map_or(0, |last| {
            let before = self.known.range(..=last);
            before.count()
        });
        let in_turn = self.known.iter().cycle().skip(after);
        let in_turn = in_turn.take(self.known.len().min(MADE_SURE_OF));
        let mut doubted = Vec::new();
        let mut old = 0;
        for (key, known) in in_turn {
            self.sure_to = Some(*key);
            let descriptors = owners.make_sure_of_streams(procfs, key.pid);
            let has_changed = !descriptors.is_some_and(|open| known.still_holds(open));
            if has_changed {
                owners.look_again_at(procfs, key.pid);
            }
            let is_old = now.saturating_sub(known.trace.read_at) >= FRESH && old < READ_AGAIN;
            old += usize::from(is_old);
            if has_changed || is_old {
                doubted.push(*key);
            }
        }
        doubted.sort_unstable();
        doubted
    }

    fn read_one(
        &mut self,
        procfs: &Procfs,
        seen: &Seen,
        (directory, table): (&Result<ProcDir, Errno>, Option<TableId>),
        around: &mut Around,
    ) -> Option<(Read, Trace)> {
        let holder = Holder {
            key: seen.key()?,
            stat: seen.stat()?,
            table,
            streams: &seen.streams,
        };
        let link = match directory {
            Ok(directory) => directory.link(c"exe"),
            Err(errno) => Err(*errno),
        };
        let before = self.known.get(&holder.key);
        let same = before.filter(|known| known.trace.link == link);
        let same = same.map(|known| &*known.process);
        let mut read = match directory {
            Ok(directory) => {
                let view = around.views.of(directory);
                process::read(&view, holder, &link, self.boot, same)
            }
            Err(_) => Read {
                process: process::gone(holder, self.boot),
                path: None,
                file: None,
            },
        };
        let process = &mut read.process;
        process.user = process.uid.and_then(|uid| self.users.name(uid));
        if let Some(ppid) = process.ppid {
            process.ancestors = around
                .lineage
                .of((procfs, &around.views), process.key, ppid);
        }
        if let Some(before) = before {
            process.shells.clone_from(&before.process.shells);
        }
        let trace = Trace {
            file: read.file,
            link,
            read_at: around.now,
            changes: seen.changes,
            is_general: is_general(&read.process.name),
        };
        Some((read, trace))
    }

    /// Asks for all packages at once, since an answer costs a walk through the database.
    fn add_packages(&mut self, fresh: &mut [(Read, Trace)]) {
        let scripts = fresh.iter().filter_map(|(read, _)| unowned_script(read));
        let paths = fresh.iter().filter_map(|(read, _)| read.path.as_deref());
        self.packages
            .look_up(paths.chain(scripts.map(|script| script.path.as_bytes())));
        for (read, trace) in fresh {
            if let Some(script) = unowned_script(read) {
                let package = self.packages.owner(script.path.as_bytes());
                let background = Arc::make_mut(&mut read.process.background);
                if let Fact::Known(Some(script)) = &mut background.script {
                    script.package = package;
                }
            }
            read.process.package = match &read.path {
                Some(path) => self.packages.owner(path),
                None => Fact::Unknown(Unseen::NotSupported),
            };
            // A netcat can have any name; one that no package knows may be one.
            trace.is_general |= read.process.package == Fact::Known(None);
            let integrity = self.integrity(read);
            set_integrity(&mut read.process.background, integrity);
        }
    }

    /// Whether a packaged file is what its package installed, as far as that is known yet.
    fn integrity(&mut self, read: &Read) -> Fact<Integrity> {
        match Job::of(read, &self.packages) {
            Some(job) => self.checks.ask(&job),
            None => Fact::Unknown(Unseen::NotSupported),
        }
    }

    /// Finds out what takes long, at most until `within` has passed, and puts it into `processes`.
    ///
    /// Returns how many programs are not compared with their packages yet.
    pub(super) fn settle(
        &mut self,
        processes: &mut [Arc<Process>],
        what: Thoroughly,
        within: Duration,
    ) -> usize {
        let found = self.checks.settle(what, within);
        self.note_checks(&found);
        for process in processes {
            if let Some(known) = self.known.get(&process.key) {
                *process = Arc::clone(&known.process);
            }
        }
        self.checks.waiting(what)
    }

    fn note_checks(&mut self, found: &[(FileId, Fact<Integrity>)]) {
        if found.is_empty() {
            return;
        }
        for known in self.known.values_mut() {
            let mut found = found.iter();
            let Some((_, fact)) = found.find(|(file, _)| known.trace.file == Some(*file)) else {
                continue;
            };
            if known.process.background.integrity != *fact {
                let process = Arc::make_mut(&mut known.process);
                set_integrity(&mut process.background, *fact);
            }
        }
    }

    /// Looks for shells behind general-purpose programs, and those of no package, with a connection, when anything about
    /// pipes has changed.
    fn add_shells(
        &mut self,
        procfs: &Procfs,
        owners: &mut Owners,
        accounts: &Accounts,
        now: Duration,
    ) {
        let candidates: Vec<ProcessKey> = self
            .known
            .iter()
            .filter(|(key, known)| known.trace.is_general && accounts.is_connected(**key))
            .map(|(key, _)| *key)
            .collect();
        let is_fresh = self
            .shells_at
            .is_some_and(|at| now.saturating_sub(at) < FRESH);
        let has_changed = owners.take_plumbing_changed() || candidates != self.behind;
        if is_fresh && !has_changed {
            return;
        }
        let mut behind = if candidates.is_empty() {
            HashMap::new()
        } else {
            let known = &self.known;
            let is_none = |seen: &Seen| {
                let known = seen.key().and_then(|key| known.get(&key));
                let arguments = known.and_then(|known| known.process.cmdline.known());
                arguments.is_some_and(|arguments| !shells::may_wait(arguments))
            };
            shells::behind(procfs, owners, &candidates, &is_none)
        };
        for (key, known) in &mut self.known {
            known.set_shells(behind.remove(key).unwrap_or_default());
        }
        self.behind = candidates;
        self.shells_at = Some(now);
    }
}

fn is_general(name: &str) -> bool {
    ProgramKind::of(name).is_general_purpose() || program::fetches(name)
}

fn set_integrity(background: &mut Arc<Background>, integrity: Fact<Integrity>) {
    if background.integrity != integrity {
        Arc::make_mut(background).integrity = integrity;
    }
}

/// The script of a process in our file system whose package was not looked for yet.
fn unowned_script(read: &Read) -> Option<&Script> {
    read.path.as_ref()?;
    let script = read.process.background.script.known()?.as_ref()?;
    (script.package == Fact::Unknown(Unseen::NotAsked)).then_some(script)
}

impl Known {
    /// Whether what was read before is still so, as far as can be told cheaply.
    fn still_holds(&self, descriptors: impl AsFd) -> bool {
        let Ok(stat) = Stat::beside(&descriptors) else {
            return false;
        };
        self.trace.link == read_link(descriptors, c"../exe")
            && self.process.comm == stat.comm
            && self.process.ppid.unwrap_or(0) == stat.ppid
    }

    fn set_shells(&mut self, shells: Vec<Piped>) {
        if self.process.shells != shells {
            Arc::make_mut(&mut self.process).shells = shells;
        }
    }
}
