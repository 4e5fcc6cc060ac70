//! Everything about one process, read when somebody asks: bounded, and never of two processes at once.
//!
//! All of it goes through one descriptor of `/proc/PID`, which reads nothing more once that process has ended,
//! whoever gets its number. Whether it began another program meanwhile is compared at the end.

mod code;
mod descriptors;
mod digest;
mod environment;
mod family;
mod limits;
mod namespaces;
mod status;

use super::{
    background,
    bytes::decimal,
    executable::unseen,
    process::effective_uid,
    procfs::{ProcDir, Procfs},
    stat::Stat,
    users::Users,
};
use crate::{
    collect::clock::Clock,
    model::{Fact, Inspection, ProcessKey, Text, Unseen},
};
use digest::Digests;
use rustix::io::Errno;
use std::{path::Path, time::Duration};

/// How often a process is read anew that begins another program while it is read.
const ATTEMPTS: usize = 3;
const LONGEST_CGROUP: usize = 16 * 1024;
/// The most control groups that are named; the first version has a dozen.
const MOST_GROUPS: usize = 32;

/// Reads processes, and remembers the checksums of what they run.
#[derive(Debug)]
pub(in crate::collect) struct Inspector {
    procfs: Option<Procfs>,
    users: Users,
    groups: Users,
    digests: Digests,
}

/// What program a process runs, as far as it can be seen: it stays the same until it begins another one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Program {
    file: Option<(u64, u64)>,
    arguments: Option<Vec<u8>>,
}

impl Inspector {
    /// One that has read nothing yet.
    pub(in crate::collect) fn new() -> Self {
        Self::at(Path::new("/proc"))
    }

    fn at(root: &Path) -> Self {
        Self {
            procfs: Procfs::open(root).ok(),
            users: Users::from_file("/etc/passwd".into()),
            // The two files are alike in what is read of them: a name, something, a number.
            groups: Users::from_file("/etc/group".into()),
            digests: Digests::default(),
        }
    }

    /// Reads what can be seen of a process; the checksum of its file for at most `within`.
    pub(in crate::collect) fn inspect(&mut self, key: ProcessKey, within: Duration) -> Inspection {
        let Some(procfs) = &self.procfs else {
            return Inspection::unseen(key, Unseen::NotSupported);
        };
        let directory = match procfs.process(key.pid) {
            Ok(directory) => directory,
            Err(errno) => return Inspection::unseen(key, unseen(errno)),
        };
        let is_it =
            |directory: &ProcDir| Stat::read(directory).is_ok_and(|stat| stat.key(key.pid) == key);
        let mut inspection = Inspection::unseen(key, Unseen::Gone);
        for _ in 0..ATTEMPTS {
            if !is_it(&directory) {
                return inspection;
            }
            let before = Program::of(&directory);
            let Some(procfs) = &self.procfs else {
                return inspection;
            };
            let all = read_all(procfs, &directory, key, &mut self.users, &mut self.groups);
            inspection = Inspection {
                digest: self.digests.of(&directory, within),
                ..all
            };
            inspection.is_restless = Program::of(&directory) != before && is_it(&directory);
            if !inspection.is_restless {
                break;
            }
        }
        inspection
    }
}

impl Program {
    fn of(directory: &ProcDir) -> Self {
        let file = directory.stat(c"exe").ok();
        Self {
            file: file.map(|stat| (stat.st_dev, stat.st_ino)),
            arguments: directory.read(c"cmdline", 4096).ok(),
        }
    }
}

fn read_all(
    procfs: &Procfs,
    directory: &ProcDir,
    key: ProcessKey,
    users: &mut Users,
    groups: &mut Users,
) -> Inspection {
    let (taken_at, _) = Clock::start().read();
    let file = fact(directory.read(c"status", status::LONGEST));
    let last = procfs.read("sys/kernel/cap_last_cap", 16).ok();
    let last = last.and_then(|file| decimal(file.trim_ascii()));
    let user = file.known().and_then(|file| effective_uid(file));
    Inspection {
        key,
        taken_at: Some(taken_at),
        is_restless: false,
        family: fact(family::read(procfs, key, user)),
        identity: found(&file, |file| status::identity(file, users, groups)),
        privileges: found(&file, |file| status::privileges(file, last)),
        usage: found(&file, |file| status::usage(file, directory)),
        root: change(fact(directory.link(c"root")), |path| {
            Text::from_bytes(&path)
        }),
        control_groups: change(fact(directory.read(c"cgroup", LONGEST_CGROUP)), |file| {
            lines(&file)
        }),
        namespaces: namespaces::read(procfs, directory),
        limits: change(fact(directory.read(c"limits", limits::LONGEST)), |file| {
            limits::parse(&file)
        }),
        descriptors: descriptors::read(directory),
        code: code::read(directory),
        digest: Fact::Unknown(Unseen::NotAsked),
        environment: change(
            fact(directory.read(c"environ", background::LONGEST_ENVIRONMENT + 1)),
            |file| environment::parse(&file, background::LONGEST_ENVIRONMENT),
        ),
        answers: None,
    }
}

fn lines(file: &[u8]) -> Vec<Text> {
    let lines = file.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .take(MOST_GROUPS)
        .map(Text::from_bytes)
        .collect()
}

fn fact<T>(read: Result<T, Errno>) -> Fact<T> {
    match read {
        Ok(value) => Fact::Known(value),
        Err(errno) => Fact::Unknown(unseen(errno)),
    }
}

/// What a file says, where it says that.
fn found<T>(file: &Fact<Vec<u8>>, find: impl FnOnce(&[u8]) -> Option<T>) -> Fact<T> {
    match file {
        Fact::Known(file) => find(file).map_or(Fact::Unknown(Unseen::NotSupported), Fact::Known),
        Fact::Unknown(why) => Fact::Unknown(*why),
    }
}

fn change<T, U>(fact: Fact<T>, with: impl FnOnce(T) -> U) -> Fact<U> {
    match fact {
        Fact::Known(value) => Fact::Known(with(value)),
        Fact::Unknown(why) => Fact::Unknown(why),
    }
}

#[cfg(test)]
mod tests;
