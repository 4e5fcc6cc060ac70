//! The processes that own sockets, remembered between samples.
//!
//! A process that has not changed in what is cheap to see is not read again for a few seconds.
//! The link to its executable is read every time, so a deletion shows at once.

use super::{
    lineage::Lineage,
    owners::{Holder, Scan},
    process::{self, Read},
    procfs::Procfs,
    shells,
    users::Users,
};
use crate::{
    collect::programs::Packages,
    model::{Fact, Piped, Process, ProcessKey, ProgramKind, Script, Text, Unseen},
};
use jiff::Timestamp;
use rustix::io::Errno;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// How long what was read about an unchanged process counts.
const FRESH: Duration = Duration::from_secs(5);

/// Reads and remembers processes.
#[derive(Debug)]
pub(super) struct Processes {
    known: HashMap<ProcessKey, Known>,
    users: Users,
    packages: Packages,
    boot: Option<Timestamp>,
}

#[derive(Debug)]
struct Known {
    process: Arc<Process>,
    link: Result<Vec<u8>, Errno>,
    read_at: Duration,
}

impl Processes {
    /// Nobody known yet.
    pub(super) fn new(users: Users, packages: Packages, boot: Option<Timestamp>) -> Self {
        Self {
            known: HashMap::new(),
            users,
            packages,
            boot,
        }
    }

    /// Returns the processes that hold sockets, sorted by key.
    ///
    /// `connected` are those that hold a connected TCP socket.
    pub(super) fn read(
        &mut self,
        procfs: &Procfs,
        scan: &Scan,
        connected: &HashSet<ProcessKey>,
        now: Duration,
    ) -> Vec<Arc<Process>> {
        let mut kept = HashMap::with_capacity(scan.holders.len());
        let mut fresh = Vec::new();
        let mut lineage = Lineage::default();
        for holder in &scan.holders {
            if kept.contains_key(&holder.key) {
                continue;
            }
            let directory = procfs.process(holder.key.pid);
            let link = match &directory {
                Ok(directory) => directory.link(c"exe"),
                Err(errno) => Err(*errno),
            };
            let mut before = None;
            if let Some(known) = self.known.remove(&holder.key) {
                if known.still_holds(holder, &link, now) {
                    kept.insert(holder.key, known);
                    continue;
                }
                before = Some(known.process).filter(|_| known.link == link);
            }
            let read = match &directory {
                Ok(directory) => {
                    process::read(directory, holder, &link, self.boot, before.as_deref())
                }
                Err(_) => Read {
                    process: process::gone(holder, self.boot),
                    path: None,
                },
            };
            fresh.push((self.finish(procfs, &mut lineage, read), link));
        }
        self.add_packages(&mut fresh);
        for (read, link) in fresh {
            let known = Known {
                process: Arc::new(read.process),
                link,
                read_at: now,
            };
            kept.insert(known.process.key, known);
        }
        self.known = kept;
        self.add_shells(procfs, scan, connected);
        let mut processes: Vec<_> = self
            .known
            .values()
            .map(|known| Arc::clone(&known.process))
            .collect();
        processes.sort_unstable_by_key(|process| process.key);
        processes
    }

    /// Returns the names of the users `uids`, each once, where they have one.
    pub(super) fn names(&mut self, uids: impl Iterator<Item = u32>) -> Vec<(u32, Text)> {
        let uids: BTreeSet<u32> = uids.collect();
        let named = |uid| Some((uid, self.users.name(uid)?));
        uids.into_iter().filter_map(named).collect()
    }

    fn finish(&mut self, procfs: &Procfs, lineage: &mut Lineage, mut read: Read) -> Read {
        let process = &mut read.process;
        process.user = process.uid.and_then(|uid| self.users.name(uid));
        if let Some(ppid) = process.ppid {
            process.ancestors = lineage.of(procfs, process.key, ppid);
        }
        read
    }

    /// Asks for all packages at once, since an answer costs a walk through the database.
    fn add_packages(&mut self, fresh: &mut [(Read, Result<Vec<u8>, Errno>)]) {
        let scripts = fresh.iter().filter_map(|(read, _)| unowned_script(read));
        let paths = fresh.iter().filter_map(|(read, _)| read.path.as_deref());
        self.packages
            .look_up(paths.chain(scripts.map(|script| script.path.as_bytes())));
        for (read, _) in fresh {
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
        }
    }

    fn add_shells(&mut self, procfs: &Procfs, scan: &Scan, connected: &HashSet<ProcessKey>) {
        let candidates: HashSet<ProcessKey> = connected
            .iter()
            .copied()
            .filter(|key| {
                self.known
                    .get(key)
                    .is_some_and(|known| ProgramKind::of(&known.process.name).is_general_purpose())
            })
            .collect();
        let mut behind = if candidates.is_empty() {
            HashMap::new()
        } else {
            shells::behind(procfs, scan, &candidates)
        };
        for holder in &scan.holders {
            if let Some(known) = self.known.get_mut(&holder.key) {
                known.set_shells(behind.remove(&holder.key).unwrap_or_default());
            }
        }
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
    fn still_holds(&self, holder: &Holder, link: &Result<Vec<u8>, Errno>, now: Duration) -> bool {
        let process = &self.process;
        let streams = process.streams.known();
        now.saturating_sub(self.read_at) < FRESH
            && self.link == *link
            && process.comm == holder.stat.comm
            && process.ppid.unwrap_or(0) == holder.stat.ppid
            && streams.is_some_and(|streams| {
                holder
                    .streams
                    .iter()
                    .zip(streams)
                    .all(|(now, before)| now.stream() == *before)
            })
    }

    fn set_shells(&mut self, shells: Vec<Piped>) {
        if self.process.shells != shells {
            Arc::make_mut(&mut self.process).shells = shells;
        }
    }
}
