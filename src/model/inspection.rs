//! Everything about one process that is read only when somebody asks for it.
//!
//! A part that could not be read says why. Nothing of it is written to a recording or to the history.

mod parts;

pub use parts::{Line, Part, parts};

use super::{Fact, ProcessKey, Text, Unseen, capability};
use jiff::Timestamp;
use std::{fmt, time::Duration};

/// What was read of one process at one moment, all of it of this process and of no other.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// Whom it is about.
    pub key: ProcessKey,
    /// When it was read.
    pub taken_at: Option<Timestamp>,
    /// It began another program while it was read, and did so again each time we tried.
    pub is_restless: bool,
    /// Users and groups.
    pub identity: Fact<Identity>,
    /// What it may do beyond its user, and what it gave up.
    pub privileges: Fact<Privileges>,
    /// Processor time, memory, threads.
    pub usage: Fact<Usage>,
    /// The directory that it takes for `/`.
    pub root: Fact<Text>,
    /// Its control groups, as the kernel writes them: `0::/system.slice/ssh.service`.
    pub control_groups: Fact<Vec<Text>>,
    /// Its namespaces, by kind.
    pub namespaces: Fact<Vec<Namespace>>,
    /// Its limits, in the kernel's order.
    pub limits: Fact<Vec<ResourceLimit>>,
    /// Its open files.
    pub descriptors: Fact<Descriptors>,
    /// The code that is mapped into it.
    pub code: Fact<Code>,
    /// The checksum of the file that it runs, read through the process itself.
    pub digest: Fact<FileDigest>,
    /// Its environment.
    pub environment: Fact<Environment>,
    /// What it started, and what else its user runs.
    pub family: Fact<Family>,
    /// What others told of it when they were asked; `None` where nobody was.
    pub answers: Option<Answers>,
}

/// What is asked of others about a process: of rpm, of who runs its container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// The package that owns its executable, `None` when none does.
    pub package: Fact<Option<Text>>,
    /// What its container is called.
    pub container_name: Option<Text>,
}

impl Inspection {
    /// One of which nothing could be read, for this reason.
    pub fn unseen(key: ProcessKey, why: Unseen) -> Self {
        Self {
            key,
            taken_at: None,
            is_restless: false,
            identity: Fact::Unknown(why),
            privileges: Fact::Unknown(why),
            usage: Fact::Unknown(why),
            root: Fact::Unknown(why),
            control_groups: Fact::Unknown(why),
            namespaces: Fact::Unknown(why),
            limits: Fact::Unknown(why),
            descriptors: Fact::Unknown(why),
            code: Fact::Unknown(why),
            digest: Fact::Unknown(why),
            environment: Fact::Unknown(why),
            family: Fact::Unknown(why),
            answers: None,
        }
    }
}

/// A user or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id {
    /// Its number.
    pub number: u32,
    /// Its name on this machine.
    pub name: Option<Text>,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} ({})", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}

/// Users and groups of a process: real, effective, saved, and for files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Users.
    pub users: [Id; 4],
    /// Groups.
    pub groups: [Id; 4],
    /// Further groups.
    pub more_groups: Vec<Id>,
    /// The permissions that new files lack.
    pub umask: Option<u32>,
}

/// What a process may do, as bits of capabilities, and what it may never do again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privileges {
    /// Those that count now.
    pub effective: u64,
    /// Those it can make count.
    pub permitted: u64,
    /// Those it passes on to programs that are prepared for it.
    pub inheritable: u64,
    /// More than these nobody it starts can get.
    pub bounding: u64,
    /// Those it passes on to any program.
    pub ambient: u64,
    /// Those that this kernel knows.
    pub all: u64,
    /// Whether its system calls are filtered; `None` where the kernel does not tell.
    pub seccomp: Option<Seccomp>,
    /// How many filters there are.
    pub filters: Option<u32>,
    /// It cannot gain privileges by starting a program; `None` where the kernel does not tell.
    pub no_new_privileges: Option<bool>,
    /// The process that traces it, as a debugger does.
    pub tracer: Option<u32>,
}

impl Default for Privileges {
    fn default() -> Self {
        Self {
            effective: 0,
            permitted: 0,
            inheritable: 0,
            bounding: 0,
            ambient: 0,
            all: capability::ALL,
            seccomp: None,
            filters: None,
            no_new_privileges: None,
            tracer: None,
        }
    }
}

/// How system calls are filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seccomp {
    /// They are not.
    Off,
    /// Only reading, writing and ending are left.
    Strict,
    /// By a program of its own.
    Filter,
}

impl Seccomp {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Strict => "strict",
            Self::Filter => "filter",
        }
    }
}

/// The processes around a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Family {
    /// Those that it started, by number.
    pub children: Vec<Kin>,
    /// How many more of these there are.
    pub more: usize,
    /// How many others run as its user; `None` where that is not known.
    pub of_user: Option<usize>,
}

/// A process of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kin {
    /// Its number.
    pub pid: u32,
    /// File name of its executable, else what it calls itself.
    pub name: Text,
}

/// What a process uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What it does just now: `S (sleeping)`.
    pub state: Text,
    /// Threads.
    pub threads: u64,
    /// Processor time in its own code.
    pub user: Duration,
    /// Processor time in the kernel for it.
    pub system: Duration,
    /// How long it has run.
    pub age: Option<Duration>,
    /// Bytes in memory now, and the most there ever were.
    pub resident: Option<u64>,
    /// The most that ever were.
    pub most_resident: Option<u64>,
    /// Bytes put out to disk.
    pub swapped: Option<u64>,
    /// Bytes of addresses.
    pub addresses: Option<u64>,
}

impl Usage {
    /// The share of one processor that it has used over its life, in percent.
    pub fn mean_percent(&self) -> Option<f64> {
        let age = self.age.filter(|age| !age.is_zero())?;
        Some((self.user + self.system).as_secs_f64() * 100.0 / age.as_secs_f64())
    }
}

/// A namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// What it holds apart: `net`, `mnt`.
    pub kind: Text,
    /// Its number.
    pub inode: u64,
    /// We are in the same one; `None` when ours could not be read.
    pub is_ours: Option<bool>,
}

/// A limit of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceLimit {
    /// The kernel's name without its `Max`: `open files`.
    pub name: Text,
    /// What holds now, `None` without limit.
    pub soft: Option<u64>,
    /// What it can be raised to.
    pub hard: Option<u64>,
    /// What is counted: `files`, `bytes`; empty for bare numbers.
    pub unit: Text,
}

/// What a descriptor stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DescriptorKind {
    /// A socket.
    Socket,
    /// A file on disk.
    File,
    /// A directory.
    Directory,
    /// A pipe, with a name or without.
    Pipe,
    /// A terminal.
    Terminal,
    /// A device that is no terminal.
    Device,
    /// An anonymous memory file.
    Memory,
    /// What a program waits on: timers, signals, counters, queues of these.
    Events,
    /// Anything else.
    Other,
}

impl DescriptorKind {
    /// Every kind, in the order they are listed.
    pub const ALL: [Self; 9] = [
        Self::Socket,
        Self::File,
        Self::Directory,
        Self::Pipe,
        Self::Terminal,
        Self::Device,
        Self::Memory,
        Self::Events,
        Self::Other,
    ];

    /// One of them, as a noun.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::File => "file",
            Self::Directory => "folder",
            Self::Pipe => "pipe",
            Self::Terminal => "terminal",
            Self::Device => "device",
            Self::Memory => "memory file",
            Self::Events => "event queue",
            Self::Other => "other",
        }
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Memory => "memfd",
            Self::Events => "events",
            Self::Socket
            | Self::File
            | Self::Pipe
            | Self::Terminal
            | Self::Device
            | Self::Other => self.noun(),
        }
    }
}

/// The open files of a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Descriptors {
    /// How many there are of each kind that there is.
    pub counts: Vec<(DescriptorKind, usize)>,
    /// Those worth a look, by descriptor.
    pub notable: Vec<NotableFile>,
    /// How many more are worth a look.
    pub more: usize,
    /// There are more than were looked at.
    pub is_cut: bool,
}

impl Descriptors {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

/// An open file that is worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotableFile {
    /// The descriptor.
    pub fd: u32,
    /// Its path, or what the kernel writes in place of one.
    pub what: Text,
    /// Why: `it was deleted`.
    pub why: &'static str,
}

/// The code that is mapped into a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Code {
    /// From how many files.
    pub files: usize,
    /// Those that are deleted or lie in odd places.
    pub notable: Vec<MappedFile>,
    /// How many more of these there are.
    pub more: usize,
    /// Bytes that can be both written and run.
    pub writable: u64,
    /// There are more than were looked at.
    pub is_cut: bool,
}

/// A file that code was mapped from and that is not where code belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedFile {
    /// Its path, without the kernel's ` (deleted)`.
    pub path: Text,
    /// Whether it still stands there.
    pub standing: Standing,
    /// The temporary or world-writable directory it lies in, if it does.
    pub shared_directory: Option<Text>,
    /// Its name begins with a dot.
    pub hidden: bool,
}

/// Whether a file that code was mapped from still stands at its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    There,
    /// Another one stands there.
    Replaced,
    /// Nothing stands there.
    Deleted,
    /// It never did: it is an anonymous memory file.
    Memory,
}

impl MappedFile {
    /// Whether it is anything but a file that is in its place, or whose package was upgraded meanwhile.
    pub fn is_odd(&self) -> bool {
        let is_gone = matches!(self.standing, Standing::Deleted | Standing::Memory);
        is_gone || self.hidden || self.shared_directory.is_some()
    }

    /// What is special about it.
    pub fn why(&self) -> String {
        let mut why = vec![];
        why.extend(match self.standing {
            Standing::There => None,
            Standing::Replaced => {
                Some("another file stands there now: upgraded, as a rule; a restart uses it".into())
            }
            Standing::Deleted => Some("deleted".to_owned()),
            Standing::Memory => Some("an anonymous memory file".to_owned()),
        });
        if let Some(directory) = &self.shared_directory {
            why.push(format!("everybody may write to {directory}"));
        }
        if self.hidden {
            why.push("a hidden file".to_owned());
        }
        why.join("; ")
    }
}

/// The checksum of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// SHA-256, in hexadecimal.
    pub sha256: Text,
    /// Its length.
    pub bytes: u64,
}

/// The environment of a process, as it was when its program began, unless it wrote over it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// In its order.
    pub variables: Vec<Variable>,
    /// Entries that are no variables: programs that set their title write over what was there.
    pub nameless: usize,
    /// There is more than was read.
    pub is_cut: bool,
}

/// A variable. What is secret in it is shown only to those who ask for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    name: Text,
    value: Text,
    masked: Option<Text>,
}

impl Variable {
    /// The variable `name` with `value`, whole: what is secret is looked for before anything is cut.
    pub fn new(name: &str, value: &str) -> Self {
        let masked = super::secrets::masked(name, value);
        Self {
            name: name.into(),
            value: value.into(),
            masked: masked.map(Text::from),
        }
    }

    /// Its name.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Whether something in it is secret.
    pub fn is_secret(&self) -> bool {
        self.masked.is_some()
    }

    /// Its value, without what is secret unless that is to be revealed.
    pub fn shown(&self, reveal: bool) -> &Text {
        self.masked
            .as_ref()
            .filter(|_| !reveal)
            .unwrap_or(&self.value)
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.shown(false))
    }
}
