//! A process, and the evidence about the program it runs.

use super::{
    Background, Fact, Text,
    program::{self, Task},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A process: the pid is reused, the pair is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProcessKey {
    /// Process id.
    pub pid: u32,
    /// When it started.
    pub started: Started,
}

/// When a process started, in the unit its source has.
///
/// Two values of different kinds say nothing about each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Started {
    /// Clock ticks since boot: field 22 of `/proc/PID/stat`.
    Ticks(u64),
    /// Seconds since 1970, as `sysinfo` tells it.
    Epoch(u64),
}

/// A process that owns a socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its identity.
    pub key: ProcessKey,
    /// The file name of the executable, or the one of a link to it by which the process was started; what the process
    /// calls itself where neither is known.
    pub name: Text,
    /// What the process calls itself: at most 15 bytes, and it can set them.
    pub comm: Text,
    /// The file it runs.
    pub executable: Fact<Executable>,
    /// Arguments, the program's own name first. Empty for kernel threads.
    pub cmdline: Fact<Vec<Text>>,
    /// Working directory.
    pub cwd: Fact<Text>,
    /// Effective user id.
    pub uid: Option<u32>,
    /// Name of that user.
    pub user: Option<Text>,
    /// Parent process id.
    pub ppid: Option<u32>,
    /// Parents, nearest first; only those that started before their child.
    pub ancestors: Vec<Ancestor>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// The controlling terminal, `None` when it has none.
    pub terminal: Fact<Option<Text>>,
    /// The service manager's unit, from the control group.
    pub unit: Option<Text>,
    /// The container, from the control group: `docker:3f1c…`.
    pub container: Option<Text>,
    /// The installed package that owns the executable, `None` when none does.
    pub package: Fact<Option<Text>>,
    /// Standard input, output and error.
    pub streams: Fact<[Stream; 3]>,
    /// Shells whose standard streams this process holds the other end of. Looked up only for
    /// general-purpose programs that own a connected socket.
    pub shells: Vec<Piped>,
    /// What stands behind it: checksum, script, loader, session.
    #[serde(default)]
    pub background: Arc<Background>,
}

impl Process {
    /// What tells one program from another: the path of its executable, else its name.
    pub fn program(&self) -> &Text {
        let executable = self.executable.known();
        executable.map_or(&self.name, |executable| &executable.path)
    }

    /// What its interpreter was told to run, in the words of a policy: the path of a script, `-m http.server`, the
    /// class of a Java program. `None` where it is no interpreter or was told the code itself.
    pub fn script(&self) -> Fact<Option<Text>> {
        if let Fact::Known(Some(script)) = &self.background.script {
            return Fact::Known(Some(script.path.clone()));
        }
        let known = |arguments: &Vec<Text>| match program::task(&self.name, arguments) {
            Some(Task::Module(module)) => Some(Text::from(format!("-m {module}"))),
            Some(Task::Class(class)) => Some(class.clone()),
            Some(Task::File(path)) => Some(path.clone()),
            None => None,
        };
        match &self.cmdline {
            Fact::Known(arguments) => Fact::Known(known(arguments)),
            Fact::Unknown(why) => Fact::Unknown(*why),
        }
    }

    /// The file name of its executable, which a link may call otherwise than [`name`](Self::name); `None` when the
    /// executable is not known.
    pub fn file_name(&self) -> Option<&str> {
        self.executable.known()?.path.rsplit('/').next()
    }
}

/// The file a process runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executable {
    /// Its path, without the kernel's ` (deleted)`.
    pub path: Text,
    /// The file is gone, or another one has taken its place.
    pub deleted: bool,
    /// A regular file stands at the path now.
    pub file_at_path: bool,
    /// It runs from an anonymous memory file.
    pub memfd: bool,
    /// The temporary or world-writable directory it lies in, if it does.
    pub shared_directory: Option<Text>,
}

/// A proven parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestor {
    /// Its identity.
    pub key: ProcessKey,
    /// Its name.
    pub name: Text,
}

/// What stands behind a standard stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// A socket, by inode.
    Socket(u64),
    /// A pipe, by inode.
    Pipe(u64),
    /// A terminal or pseudo-terminal, by path.
    Terminal(Text),
    /// A file, a device, or anything else.
    Other,
    /// Nothing: the descriptor is closed.
    Closed,
}

/// A shell that is driven through another process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piped {
    /// The shell.
    pub shell: ProcessKey,
    /// Its name.
    pub name: Text,
    /// How: `pipe`, `fifo` or `pty`.
    pub through: Text,
}
