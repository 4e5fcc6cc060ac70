//! The only code that reads the machine: sockets, owners, and what could not be read.

mod aftermath;
mod clock;
mod collector;
mod declared;
mod descent;
mod error;
mod fallback;
mod host;
mod linux;
mod linux_or_not;
pub mod names;
mod programs;
pub mod recording;
mod system;

pub use aftermath::aftermath;
pub use collector::{Collector, Command, Latest};
pub use error::Error;

use crate::model::{
    Ability, Connection, Extent, Fact, Inspection, Limit, LimitKind, Process, ProcessKey, Sample,
    SampledSocket, SourceKind, Surroundings, Text, text::plural,
};
use fallback::Fallback;
use recording::Recording;
use std::{path::PathBuf, time::Duration};
use system::Portable;

/// Where samples are to come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChoice {
    /// The best this machine has.
    Auto,
    /// The kernel's socket tables over netlink (Linux).
    SockDiag,
    /// The kernel's socket tables as text, from `/proc/net` (Linux).
    ProcNet,
    /// netstat2 and sysinfo.
    Portable,
    /// A recording.
    Recording(PathBuf),
}

/// How much about programs is to be found out before one goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thoroughly {
    /// What is in doubt: packaged files that changed after their package was unpacked.
    InDoubt,
    /// Everything.
    All,
}

/// The processor time that a sample took, of all threads of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Until all sockets were there, each with its counters and its owners.
    pub sockets: Duration,
    /// Until what its processes are was known as well, and everything else of the sample.
    pub whole: Duration,
}

/// Something that gives samples.
pub trait Source: Send {
    /// Takes the next sample; `None` when a recording has ended.
    fn sample(&mut self) -> Result<Option<Sample>, Error>;

    /// Takes what can be had at once, before the first sample: sockets without their owners. `None` where that
    /// would be no earlier.
    fn sketch(&mut self) -> Result<Option<Sample>, Error> {
        Ok(None)
    }

    /// Changes how much is read from now on; a source that has no choice stays as it is.
    fn extend(&mut self, _extent: Extent) {}

    /// Makes the next sample read everything anew, where a source spares itself what most likely has not changed.
    fn hurry(&mut self) {}

    /// Looks for owners among these processes alone from now on, where it can; returns whether it does.
    ///
    /// A socket of anybody else has no owner then, which says nothing about it.
    fn look_only_at(&mut self, pids: &[u32]) -> bool {
        _ = pids;
        false
    }

    /// Finds out what takes longer than a sample may, and puts it into `sample`, the one just taken.
    ///
    /// Waits at most until `within` has passed. What is not known then stays so.
    fn settle(&mut self, sample: &mut Sample, what: Thoroughly, within: Duration) {
        _ = (sample, what, within);
    }

    /// What the last sample cost, where the source takes that down.
    fn cost(&self) -> Option<Cost> {
        None
    }

    /// Whether the samples were taken before, so that their distances are their own.
    fn is_recording(&self) -> bool {
        false
    }
}

/// The effective user id of this process, where there is such a thing and we can ask for it.
pub fn euid() -> Option<u32> {
    linux_or_not::euid()
}

/// What can be seen of these processes, whether they hold a socket or not; those that are gone are left out.
///
/// Only on Linux; elsewhere a process is known by its sockets alone, and this returns none.
pub fn processes(pids: &[u32]) -> Vec<Process> {
    linux_or_not::processes(pids)
}

/// Reads everything that can be seen of single processes, and remembers the checksums of what they run.
#[derive(Debug)]
pub struct Inspector(linux_or_not::Inspector);

impl Default for Inspector {
    fn default() -> Self {
        Self(linux_or_not::Inspector::new())
    }
}

impl Inspector {
    /// Reads what can be seen of a process (Linux); for the checksum of its file it waits at most `within`.
    pub fn inspect(&mut self, key: ProcessKey, within: Duration) -> Inspection {
        self.0.inspect(key, within)
    }
}

/// Asks the kernel about single connections, each in its own network namespace.
#[derive(Debug)]
pub struct Connections(linux_or_not::Connections);

impl Default for Connections {
    fn default() -> Self {
        Self(linux_or_not::Connections::new())
    }
}

impl Connections {
    /// Asks for everything that is told of a TCP connection now (Linux).
    pub fn ask(&mut self, socket: &SampledSocket) -> Fact<Connection> {
        self.0.ask(socket)
    }
}

/// The numbers of the processes that run a program of this name, ascending; none where only sockets tell of processes.
pub fn named(name: &str) -> Vec<u32> {
    linux_or_not::named(name)
}

/// What works on this machine, found by trying: the source first, then what depends on privileges and the kernel.
///
/// Makes a connection on loopback and closes it; touches nobody else's process or connection.
pub fn abilities(choice: &SourceChoice) -> Vec<Ability> {
    let mut abilities = vec![source_ability(choice)];
    abilities.extend(linux_or_not::abilities());
    abilities
}

/// The command that gives portwise every privilege it can use; `None` where there is no such command.
pub fn every_privilege() -> Option<String> {
    linux_or_not::every_privilege()
}

fn source_ability(choice: &SourceChoice) -> Ability {
    let sample = opened(choice).and_then(|mut source| source.sample());
    let sample = match sample {
        Ok(Some(sample)) => sample,
        Ok(None) => return Ability::fails("source", "the recording holds no sample"),
        Err(error) => return Ability::fails("source", format!("could not {}", error.words())),
    };
    let read = format!(
        "{}, {}: {} read",
        sample.source.name(),
        why_this_source(choice, sample.source),
        plural(sample.sockets.len(), "socket")
    );
    // Whose owners are missing is a question of its own.
    let missing = |limit: &&Limit| matches!(limit.kind, LimitKind::Sockets | LimitKind::Metrics);
    let missing: Vec<&str> = sample
        .coverage
        .limits
        .iter()
        .filter(missing)
        .map(|limit| &*limit.detail)
        .collect();
    if missing.is_empty() {
        Ability::works("source", read)
    } else {
        Ability::partly("source", format!("{read}; {}", missing.join("; ")))
    }
}

fn why_this_source(choice: &SourceChoice, used: SourceKind) -> &'static str {
    match (choice, used) {
        (SourceChoice::Recording(_), _) => "as it was recorded",
        (SourceChoice::Auto, SourceKind::SockDiag) => {
            "the best there is (the kernel's tables over netlink)"
        }
        (SourceChoice::Auto, _) => "the best that works here",
        (SourceChoice::SockDiag | SourceChoice::ProcNet | SourceChoice::Portable, _) => {
            "as asked for"
        }
    }
}

/// Finds the processes that can hold what waits on any of `ports`, without a look at the others (Linux).
///
/// These are all of the control groups that the sockets were made in, and their relatives. `None` where that is not
/// sure: a group is shared by many, or a socket is held by none of them. Who was
/// handed a socket by one of these, and is neither in its group nor related to it, is not among them.
pub fn around(ports: &[u16]) -> Option<Vec<u32>> {
    linux_or_not::around(ports)
}

/// Finds the same by a look into every process, and into every thread that has descriptors of its own, however long
/// that takes: a first sample looks for those a moment only. `None` where that does not bring a holder of each either.
pub fn among_all(ports: &[u16]) -> Option<Vec<u32>> {
    linux_or_not::among_all(ports)
}

/// Asks others what only they know of a process, and adds the answers: rpm for the package of its file, the one
/// who runs its container for that container's name.
///
/// Made for a process that a person looks at: it can take seconds, and may start `rpm -qf`. Without an answer,
/// what was known stays.
pub fn complete(process: &mut Process) {
    linux_or_not::complete(process);
}

/// Asks `journalctl` for the last lines that the journal has of a process or of its unit, as far as our user may see
/// them (Linux). It can take seconds.
pub fn journal(process: &Process) -> Fact<Vec<Text>> {
    linux_or_not::journal(process)
}

/// Returns what goes with these processes when they end, one for each. Reads the whole process table.
pub fn surroundings(keys: &[ProcessKey]) -> Vec<Surroundings> {
    linux_or_not::surroundings(keys)
}

/// Opens a source.
pub fn open(choice: &SourceChoice, extent: Extent) -> Result<Box<dyn Source>, Error> {
    let mut source = opened(choice)?;
    source.extend(extent);
    Ok(source)
}

fn opened(choice: &SourceChoice) -> Result<Box<dyn Source>, Error> {
    match choice {
        SourceChoice::Auto if linux_or_not::HAS_SOCK_DIAG => {
            Ok(Box::new(Fallback::from(linux_or_not::open_sock_diag())))
        }
        SourceChoice::SockDiag => linux_or_not::open_sock_diag(),
        SourceChoice::ProcNet => linux_or_not::open_proc_net(None),
        SourceChoice::Auto | SourceChoice::Portable => Ok(Box::new(Portable::open(None))),
        SourceChoice::Recording(path) => Ok(Box::new(Recording::open(path)?)),
    }
}
