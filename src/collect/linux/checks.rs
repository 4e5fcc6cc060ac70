//! Whether programs still are what their packages installed.
//!
//! A file is read once, by a thread of the lowest priority, and never again while its number, its size and
//! its times stay. The kernel notes when a file last changed, and nobody can set that back: one that has not
//! changed since its package was unpacked is merely waiting for its turn, one that has is in doubt.

#![expect(
    clippy::disallowed_methods,
    reason = "waits for its thread, but not for ever"
)]

use super::{executable::unseen, process::Read};
use crate::{
    collect::{
        Thoroughly,
        programs::{Database, Digest, Packages},
    },
    model::{Fact, Integrity, Text, Unseen},
};
use rustix::{
    fs::{AtFlags, CWD, Mode, OFlags, Stat, fstat, openat, statat},
    io::Errno,
    process::setpriority_process,
    thread::gettid,
};
use std::{
    collections::HashMap,
    fs::File,
    io,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

/// The most files that wait or are remembered.
const MOST: usize = 4096;

/// Larger than any program; what is larger is not read.
const LARGEST: u64 = 1 << 30;
/// As polite as a thread can be.
const NICE: i32 = 19;

/// What tells a file, as it is now, from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
    size: u64,
    /// When its content was written, in nanoseconds since 1970.
    modified: i128,
    /// When anything about it changed.
    changed: i128,
}

impl FileId {
    pub(super) fn of(stat: &Stat) -> Self {
        let time =
            |seconds, nanoseconds| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        Self {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: u64::try_from(stat.st_size).unwrap_or(u64::MAX),
            modified: time(stat.st_mtime, stat.st_mtime_nsec),
            changed: time(stat.st_ctime, stat.st_ctime_nsec),
        }
    }
}

/// The checks of one system.
#[derive(Debug, Default)]
pub(super) struct Checks {
    known: HashMap<FileId, State>,
    waiting: Vec<Job>,
    worker: Option<Worker>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Whether it changed since its package was unpacked; `None` until somebody wants to know, since that is looked up.
    Waits {
        in_doubt: Option<bool>,
    },
    Known(Fact<Integrity>),
}

/// Whether somebody waits for the thread when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Awaited,
    Background,
}

#[derive(Debug)]
struct Worker {
    jobs: Sender<Job>,
    done: Receiver<(FileId, Fact<Integrity>)>,
}

#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) file: FileId,
    pub(super) path: Vec<u8>,
    pub(super) package: Text,
    pub(super) database: Database,
}

impl Job {
    /// What has to be compared of a process, when a package owns the file that it runs.
    pub(super) fn of(read: &Read, packages: &Packages) -> Option<Self> {
        let Fact::Known(Some(package)) = &read.process.package else {
            return None;
        };
        Some(Self {
            file: read.file?,
            path: read.path.clone()?,
            package: package.clone(),
            database: packages.database()?.clone(),
        })
    }
}

impl Checks {
    /// Returns what is known of a file, and has it checked when that is nothing.
    pub(super) fn ask(&mut self, job: &Job) -> Fact<Integrity> {
        match self.known.get(&job.file) {
            Some(State::Known(fact)) => *fact,
            Some(State::Waits { .. }) => Fact::Unknown(Unseen::NotYet),
            None if self.known.len() >= MOST => Fact::Unknown(Unseen::NotAsked),
            None => {
                self.known.insert(job.file, State::Waits { in_doubt: None });
                self.waiting.push(job.clone());
                Fact::Unknown(Unseen::NotYet)
            }
        }
    }

    /// Has everything that waits checked in the background, and returns what was found out since.
    pub(super) fn go_on(&mut self) -> Vec<(FileId, Fact<Integrity>)> {
        if !self.waiting.is_empty() {
            self.start(Thoroughly::All, Pace::Background);
        }
        let done: Vec<_> = self
            .worker
            .iter()
            .flat_map(|worker| worker.done.try_iter())
            .collect();
        self.note(&done);
        done
    }

    /// Waits until what is asked for was checked, at most for `within`, and returns what was found out.
    pub(super) fn settle(
        &mut self,
        what: Thoroughly,
        within: Duration,
    ) -> Vec<(FileId, Fact<Integrity>)> {
        let end = Instant::now() + within;
        self.start(what, Pace::Awaited);
        let mut all = vec![];
        while self.known.values().any(|state| state.is_waited_for(what)) {
            let Some(worker) = &self.worker else { break };
            let left = end.saturating_duration_since(Instant::now());
            let Ok(done) = worker.done.recv_timeout(left) else {
                break;
            };
            self.note(&[done]);
            all.push(done);
        }
        all
    }

    /// How many of the files that were asked for still wait.
    pub(super) fn waiting(&self, what: Thoroughly) -> usize {
        let states = self.known.values();
        states.filter(|state| state.is_waited_for(what)).count()
    }

    /// Finds out which of those that wait are in doubt.
    fn doubt(&mut self) {
        for job in &self.waiting {
            if let Some(State::Waits { in_doubt }) = self.known.get_mut(&job.file) {
                let changed_since = |unpacked| job.file.changed > unpacked;
                in_doubt.get_or_insert_with(|| unpacked(job).is_none_or(changed_since));
            }
        }
    }

    fn note(&mut self, done: &[(FileId, Fact<Integrity>)]) {
        for (file, fact) in done {
            self.known.insert(*file, State::Known(*fact));
        }
    }

    /// Hands over to the thread what is asked for.
    fn start(&mut self, what: Thoroughly, pace: Pace) {
        if what == Thoroughly::InDoubt {
            self.doubt();
        }
        let known = &self.known;
        let is_asked = |job: &Job| {
            known
                .get(&job.file)
                .is_some_and(|state| state.is_waited_for(what))
        };
        let (now, later): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(is_asked);
        self.waiting = later;
        if now.is_empty() {
            return;
        }
        if self.worker.is_none() {
            self.worker = Worker::start(pace);
        }
        for job in now {
            let file = job.file;
            let handed = self
                .worker
                .as_ref()
                .is_some_and(|worker| worker.jobs.send(job).is_ok());
            if !handed {
                self.known
                    .insert(file, State::Known(Fact::Unknown(Unseen::NotAsked)));
            }
        }
    }
}

impl State {
    fn is_waited_for(self, what: Thoroughly) -> bool {
        match self {
            Self::Waits { in_doubt } => in_doubt != Some(false) || what == Thoroughly::All,
            Self::Known(_) => false,
        }
    }
}

impl Worker {
    /// Starts the thread; `None` when the system has none left.
    fn start(pace: Pace) -> Option<Self> {
        let (jobs, todo) = channel::<Job>();
        let (report, done) = channel();
        let work = move || {
            if pace == Pace::Background {
                // Refused, it is only less polite.
                _ = setpriority_process(Some(gettid()), NICE);
            }
            for job in todo {
                let found = check(&job);
                if report.send((job.file, found)).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new()
            .name("checksums".into())
            .spawn(work)
            .ok()?;
        Some(Self { jobs, done })
    }
}

/// When the package of a file was unpacked, in nanoseconds since 1970.
fn unpacked(job: &Job) -> Option<i128> {
    let stamp = job.database.stamp(&job.package)?;
    let stat = statat(CWD, stamp.as_path(), AtFlags::empty()).ok()?;
    Some(FileId::of(&stat).changed)
}

/// Compares one file with its package.
fn check(job: &Job) -> Fact<Integrity> {
    let recorded = match job.database.digest(&job.package, &job.path) {
        Ok(Some(recorded)) => recorded,
        Ok(None) => return Fact::Known(Integrity::NotRecorded),
        Err(error) => return Fact::Unknown(why(&error)),
    };
    match digest(job, &recorded) {
        Ok(digest) if digest == recorded => Fact::Known(Integrity::Intact),
        Ok(_) => Fact::Known(Integrity::Modified),
        Err(error) => Fact::Unknown(why(&error)),
    }
}

/// The checksum of the file, when it still is the one that was asked about before and after.
fn digest(job: &Job, like: &Digest) -> io::Result<Digest> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = openat(CWD, job.path.as_slice(), flags, Mode::empty())?;
    let is_it = |file: &File| Ok::<_, io::Error>(FileId::of(&fstat(file)?) == job.file);
    let file = File::from(file);
    let gone = || io::Error::from(Errno::NOENT);
    if job.file.size > LARGEST {
        return Err(Errno::FBIG.into());
    }
    if !is_it(&file)? {
        return Err(gone());
    }
    let digest = like.of(&file, LARGEST)?;
    if is_it(&file)? {
        Ok(digest)
    } else {
        Err(gone())
    }
}

fn why(error: &io::Error) -> Unseen {
    match error.raw_os_error() {
        Some(code) => unseen(Errno::from_raw_os_error(code)),
        None => Unseen::NotSupported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::programs::Packages;
    use std::{fs, path::Path, time::Duration};

    /// A package `abc` whose one file holds `content`.
    fn job(root: &Path, content: &str) -> Job {
        let info = root.join("var/lib/dpkg/info");
        fs::create_dir_all(&info).unwrap();
        let path = root.join("abc");
        fs::write(&path, content).unwrap();
        let name = path.to_str().unwrap();
        let sum = "900150983cd24fb0d6963f7d28e17f72";
        fs::write(
            info.join("abc.md5sums"),
            format!("{sum}  {}\n", name.strip_prefix('/').unwrap()),
        )
        .unwrap();
        fs::write(info.join("abc.list"), format!("{name}\n")).unwrap();
        Job {
            file: FileId::of(&statat(CWD, path.as_path(), AtFlags::empty()).unwrap()),
            path: name.as_bytes().to_vec(),
            package: Text::from("abc"),
            database: Packages::of_system(root).database().unwrap().clone(),
        }
    }

    fn settled(checks: &mut Checks, what: Thoroughly) -> Vec<Fact<Integrity>> {
        let found = checks.settle(what, Duration::from_secs(20));
        found.into_iter().map(|(_, fact)| fact).collect()
    }

    #[test]
    fn a_file_is_compared_with_its_package_once() {
        let root = tempfile::tempdir().unwrap();
        let job = job(root.path(), "abc");
        let mut checks = Checks::default();
        assert_eq!(checks.ask(&job), Fact::Unknown(Unseen::NotYet));
        let intact = Fact::Known(Integrity::Intact);
        assert_eq!(settled(&mut checks, Thoroughly::All), [intact]);
        assert_eq!(checks.ask(&job), intact);
        assert_eq!(settled(&mut checks, Thoroughly::All), []);
    }

    #[test]
    fn one_byte_more_is_a_difference() {
        let root = tempfile::tempdir().unwrap();
        let job = job(root.path(), "abcd");
        let mut checks = Checks::default();
        checks.ask(&job);
        let modified = Fact::Known(Integrity::Modified);
        assert_eq!(settled(&mut checks, Thoroughly::All), [modified]);
    }

    #[test]
    fn only_what_changed_since_it_was_unpacked_is_in_doubt() {
        let root = tempfile::tempdir().unwrap();
        let before = job(root.path(), "abc");
        let mut checks = Checks::default();
        checks.ask(&before);
        assert_eq!(settled(&mut checks, Thoroughly::InDoubt), []);
        let path = root.path().join("abc");
        // The clock of a file system is coarse: the change must be seen to be later.
        let stamp = root.path().join("var/lib/dpkg/info/abc.list");
        let changed = |path: &Path| FileId::of(&statat(CWD, path, AtFlags::empty()).unwrap());
        let end = Instant::now() + Duration::from_secs(20);
        while changed(&path).changed <= changed(&stamp).changed {
            assert!(Instant::now() < end, "the clock stands still");
            fs::write(&path, "abX").unwrap();
        }
        let after = Job {
            file: changed(&path),
            ..checks.waiting[0].clone()
        };
        checks.ask(&after);
        let modified = Fact::Known(Integrity::Modified);
        assert_eq!(settled(&mut checks, Thoroughly::InDoubt), [modified]);
    }

    #[test]
    fn a_file_replaced_meanwhile_is_not_blamed() {
        let root = tempfile::tempdir().unwrap();
        let job = job(root.path(), "abc");
        fs::write(root.path().join("abc"), "another").unwrap();
        assert_eq!(check(&job), Fact::Unknown(Unseen::Gone));
    }
}
