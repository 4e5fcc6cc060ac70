//! What can be done to a process or a connection, and what came of it.

use super::{Endpoint, Family, Process, ProcessKey, Socket, SocketKey, Text};
use std::time::Duration;

/// A signal that portwise sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Ask it to stop.
    Term,
    /// Stop it now; it cannot clean up.
    Kill,
    /// What Ctrl-C sends.
    Int,
    /// Hang up; many daemons read their configuration again.
    Hup,
    /// Stop with a core dump.
    Quit,
    /// Freeze it; memory and sockets stay as evidence.
    Stop,
    /// Go on after `Stop`.
    Cont,
    /// User-defined.
    Usr1,
    /// User-defined.
    Usr2,
}

impl Signal {
    /// Every signal, in the order a dialog offers them.
    pub const ALL: [Self; 9] = [
        Self::Term,
        Self::Kill,
        Self::Int,
        Self::Hup,
        Self::Quit,
        Self::Stop,
        Self::Cont,
        Self::Usr1,
        Self::Usr2,
    ];

    /// The name without `SIG`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Kill => "KILL",
            Self::Int => "INT",
            Self::Hup => "HUP",
            Self::Quit => "QUIT",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
            Self::Usr1 => "USR1",
            Self::Usr2 => "USR2",
        }
    }

    /// What it asks of a process, in a few words.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Term => "ask it to stop",
            Self::Kill => "stop it now; it cannot clean up",
            Self::Int => "interrupt it, as Ctrl-C does",
            Self::Hup => "hang up; many daemons read their configuration again",
            Self::Quit => "stop it with a core dump",
            Self::Stop => "freeze it; memory and sockets stay as evidence",
            Self::Cont => "let a frozen one go on",
            Self::Usr1 | Self::Usr2 => "whatever the program defines",
        }
    }

    /// Whether a process is expected to end by it.
    pub fn ends(self) -> bool {
        match self {
            Self::Term | Self::Kill | Self::Int | Self::Quit => true,
            Self::Hup | Self::Stop | Self::Cont | Self::Usr1 | Self::Usr2 => false,
        }
    }
}

/// A process as it was shown: what is compared before anything is done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The process, by identity.
    pub key: ProcessKey,
    /// The executable it ran; compared again, since a reused pid can have the same start time.
    /// `None` when it was not visible.
    pub executable: Option<Text>,
    /// The number of the process in the kernel's pidfs (Linux 6.9), which is never used twice.
    /// `None` where nobody told.
    pub pidfs: Option<u64>,
}

impl Target {
    /// The process, as a sample tells of it.
    pub fn of(process: &Process) -> Self {
        let executable = process.executable.known();
        Self {
            key: process.key,
            executable: executable.map(|executable| executable.path.clone()),
            pidfs: None,
        }
    }
}

/// An order to send one signal to one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The process.
    pub target: Target,
    /// The signal.
    pub signal: Signal,
    /// Also pid 1, portwise itself, its own ancestors and what the configuration protects.
    pub force: bool,
    /// How long to wait for the process to end.
    pub patience: Duration,
    /// Send `KILL` to what is still there after `patience`, and wait once more.
    pub then_kill: bool,
}

/// Whether a process is held on to, so that its number means nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// An order will reach this process or nothing. With its number in the kernel's pidfs, where
    /// there is one.
    Held(Option<u64>),
    /// It has already gone, or its number belongs to another one.
    Gone,
    /// This platform cannot; it is compared again when the order comes.
    Unheld,
}

/// An order to close one TCP connection and leave its process alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The connection: by the kernel's number for it, so no other one can be hit.
    pub cookie: u64,
    /// Address family of the socket.
    pub family: Family,
    /// Local end.
    pub local: Endpoint,
    /// Remote end.
    pub peer: Endpoint,
}

impl Closing {
    /// The connection of `socket`; `None` when it has no other end, or its source gives no number for it.
    pub fn of(socket: &Socket) -> Option<Self> {
        let SocketKey::Cookie(cookie) = socket.key() else {
            return None;
        };
        Some(Self {
            cookie,
            family: socket.raw.family,
            local: socket.raw.local(),
            peer: socket.raw.peer()?,
        })
    }
}

/// Something that is to be done, complete with whom or what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Signals, each to one process.
    Signal(Vec<Order>),
    /// Connections are to be closed.
    Close(Vec<Closing>),
    /// A manager is to stop what it runs, and is given so long.
    Stop(Manager, Duration),
}

/// A program that runs another one with more privilege, after asking the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elevator {
    /// `sudo`.
    Sudo,
    /// `pkexec`.
    Pkexec,
}

impl Elevator {
    /// Every one, the best known first.
    pub const ALL: [Self; 2] = [Self::Sudo, Self::Pkexec];

    /// The name of the program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sudo => "sudo",
            Self::Pkexec => "pkexec",
        }
    }

    /// What it is given before the command. With `-k` sudo asks even when it remembers an answer, and
    /// remembers none.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Sudo => &["-k", "--"],
            Self::Pkexec => &[],
        }
    }
}

/// What runs a process and can stop it in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manager {
    /// A unit of systemd.
    Unit {
        /// Its name: `nginx.service`.
        name: Text,
        /// Whose manager: `None` is the system's.
        user: Option<u32>,
    },
    /// A container.
    Container {
        /// The program that stops it: `docker` or `podman`.
        engine: &'static str,
        /// Its id, or the beginning of it.
        id: Text,
    },
}

impl Manager {
    /// What to call it.
    pub fn name(&self) -> String {
        match self {
            Self::Unit { name, user: None } => name.to_string(),
            Self::Unit {
                name,
                user: Some(uid),
            } => format!("{name} of user {uid}"),
            Self::Container { engine, id } => format!("{engine} container {id}"),
        }
    }

    /// The command by which the user `ourselves` stops it, word by word.
    pub fn command(&self, ourselves: Option<u32>) -> Vec<String> {
        let machine;
        let words: &[&str] = match self {
            Self::Unit { name, user: None } => &["systemctl", "stop", "--", name],
            Self::Unit { name, user } if *user == ourselves => {
                &["systemctl", "--user", "stop", "--", name]
            }
            // Somebody else's manager does not answer on our bus.
            Self::Unit {
                name,
                user: Some(uid),
            } => {
                machine = format!("--machine={uid}@.host");
                &["systemctl", "--user", &machine, "stop", "--", name]
            }
            Self::Container { engine, id } => &[engine, "stop", id],
        };
        words.iter().map(|word| String::from(*word)).collect()
    }
}

/// What came of an [`Order`], a [`Closing`] or a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The process or the connection ended, this long after.
    Ended(Duration),
    /// The process ended only after `KILL`, this long after it.
    Killed(Duration),
    /// Its manager stopped it, which took this long.
    Stopped(Duration),
    /// The signal was sent; the process is still there.
    Signalled,
    /// The signal was sent, but the process is stopped and takes it only after `CONT`.
    Pending,
    /// It had already gone, or its number now belongs to another one. Nothing was done.
    Gone,
    /// The operating system refused; the text says what it needs.
    Denied(String),
    /// We refused; the text says why.
    Refused(String),
    /// It could not be tried; the text says why.
    Failed(String),
}

impl Outcome {
    /// The outcome that JSON calls `name`; `None` for no such name.
    pub fn named(name: &str, after: Duration, detail: String) -> Option<Self> {
        Some(match name {
            "ended" => Self::Ended(after),
            "stopped" => Self::Stopped(after),
            "signalled" => Self::Signalled,
            "gone" => Self::Gone,
            "denied" => Self::Denied(detail),
            "refused" => Self::Refused(detail),
            "skipped" => Self::Failed(detail),
            _ => return None,
        })
    }

    /// How long it took, where something has ended.
    pub fn after(&self) -> Option<Duration> {
        match self {
            Self::Ended(after) | Self::Killed(after) | Self::Stopped(after) => Some(*after),
            Self::Signalled
            | Self::Pending
            | Self::Gone
            | Self::Denied(_)
            | Self::Refused(_)
            | Self::Failed(_) => None,
        }
    }

    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ended(_) | Self::Killed(_) => "ended",
            Self::Stopped(_) => "stopped",
            Self::Signalled | Self::Pending => "signalled",
            Self::Gone => "gone",
            Self::Denied(_) => "denied",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "skipped",
        }
    }
}
