//! What a rule is given to look at.

use super::{
    past::{Past, PortPast},
    policy::Policy,
};
use crate::{
    model::{
        self, Advice, Declared, Direction, Evidence, Exposure, Fact, OwnersSeen, PortRange,
        Process, ProgramKind, Protocol, SampledSocket, Service, State, Verdict, Why,
    },
    registry::Registry,
};
use jiff::{SignedDuration, Timestamp};
use std::{borrow::Cow, sync::Arc};

/// What is true of the whole machine.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The registry.
    pub registry: &'static Registry,
    /// Effective user id of who looks.
    pub euid: Option<u32>,
    /// The person behind it: the one who called `sudo`.
    pub user_uid: Option<u32>,
    /// Whose owners are visible.
    pub owners_seen: OwnersSeen,
    /// Processes whose descriptors could not be read.
    pub unreadable_processes: u32,
    /// The ports the kernel hands out by itself.
    pub ephemeral_ports: Option<PortRange>,
    /// What this machine's own files say about ports.
    pub declared: Arc<[Declared]>,
    /// What a person has decided.
    pub policy: Arc<Policy>,
    /// When it was looked at: an entry of the policy can have ended.
    pub now: Timestamp,
}

/// How long a daemon may take to give root up, or to start those who do.
const STARTING: SignedDuration = SignedDuration::from_secs(3);

impl Machine {
    /// Whether a process has only just been started, so that it may not be yet what it will be.
    ///
    /// The one thing that changes about a process by itself: it is judged again when that is over.
    pub fn is_starting(&self, process: &Process) -> bool {
        let age = process.started_at.map(|at| self.now.duration_since(at));
        age.is_some_and(|age| age < STARTING)
    }

    /// Whether every socket is judged as it was on the machine as it was `before`.
    pub fn judges_like(&self, before: &Self) -> bool {
        // Field by field, so that nobody adds one without a thought for this.
        let Self {
            registry,
            euid,
            user_uid,
            owners_seen,
            unreadable_processes,
            ephemeral_ports,
            declared,
            policy,
            now,
        } = self;
        // An entry of the policy ends at a time of its own.
        let ends = policy.changes_after(before.now.min(*now));
        std::ptr::eq(*registry, before.registry)
            && *euid == before.euid
            && *user_uid == before.user_uid
            && *owners_seen == before.owners_seen
            && *unreadable_processes == before.unreadable_processes
            && *ephemeral_ports == before.ephemeral_ports
            && Arc::ptr_eq(declared, &before.declared)
            && Arc::ptr_eq(policy, &before.policy)
            && ends.is_none_or(|at| at > before.now.max(*now))
    }

    /// Whether every process was looked into, so that a missing owner means something.
    pub fn sees_every_owner(&self) -> bool {
        self.owners_seen == OwnersSeen::All && self.unreadable_processes == 0
    }
}

/// One socket, with everything a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// The socket.
    pub socket: &'a SampledSocket,
    /// Its owners.
    pub processes: &'a [Arc<Process>],
    /// Which way it goes.
    pub direction: Direction,
    /// From where it can be reached, for listeners.
    pub exposure: Option<Exposure>,
    /// What the number that matters stands for.
    pub service: Option<Service>,
    /// The verdict on the listener that a connection came in through.
    pub listener: Option<Verdict>,
    /// The connection is ours: this machine asked for it.
    pub client: bool,
    /// What its owner did before this moment.
    pub past: &'a Past,
    /// What is known of its own port from before.
    pub port: &'a PortPast,
}

impl<'a> Case<'a> {
    /// The owner that has held the socket longest, or the program that the service manager holds it for.
    pub fn owner(&self) -> Option<&'a Process> {
        model::policy::holder(self.processes)
    }

    /// The service of a listener that chose its port, and its exposure.
    ///
    /// Not the ports that the kernel hands out: a number got by chance means nothing.
    pub fn chosen_listener(&self) -> Option<(Service, Exposure)> {
        if self.is_ephemeral() {
            return None;
        }
        Some((self.service?, self.exposure?))
    }

    /// Whether the socket's own port is one the kernel hands out by itself.
    pub fn is_ephemeral(&self) -> bool {
        self.machine
            .ephemeral_ports
            .is_some_and(|ports| ports.contains(self.socket.local().port))
    }

    /// What this machine's own files say about the socket's port.
    pub fn declared(&self) -> impl Iterator<Item = &'a Declared> {
        let (port, protocol) = (self.socket.local().port, self.socket.protocol);
        self.machine
            .declared
            .iter()
            .filter(move |declared| declared.is_about(port, protocol))
    }

    /// Whether the program is one that serves the socket's port as a rule, and may be believed to be it.
    ///
    /// The name of an interpreter or a tool says nothing by itself, so there is nothing to believe.
    pub fn serves(&self, process: &Process) -> bool {
        let (port, protocol) = (self.socket.local().port, self.socket.protocol);
        let serves = |name: &str| self.machine.registry.serves(name, port, protocol);
        serves(&process.name) && (kind(process).is_general_purpose() || is_believable(process))
            || packaged_script(process).is_some_and(serves)
    }

    /// Whether the socket is a side door of a packaged program that is known for another port, and only this
    /// machine reaches it: where `rndc` talks to `named`.
    pub fn is_side_door(&self, process: &Process) -> bool {
        self.exposure == Some(Exposure::Loopback)
            && is_packaged(process) == Some(true)
            && [Some(&*process.name), packaged_script(process)]
                .into_iter()
                .flatten()
                .any(|name| self.machine.registry.known_for(name).is_some())
    }

    /// Whether the program is known for this number on the other transport, where it is another service: syslog
    /// over TCP on 514 is not `rsh`.
    pub fn is_of_other_transport(&self, process: &Process) -> bool {
        let other = match self.socket.protocol {
            Protocol::Tcp => Protocol::Udp,
            Protocol::Udp => Protocol::Tcp,
            Protocol::Mptcp
            | Protocol::UdpLite
            | Protocol::Sctp
            | Protocol::Dccp
            | Protocol::Raw
            | Protocol::Icmp
            | Protocol::Packet
            | Protocol::Unix => return false,
        };
        let port = self.socket.local().port;
        let category = |protocol| {
            let practice = self.machine.registry.service(port, protocol).practice;
            practice.map(|practice| practice.category)
        };
        self.machine.registry.serves(&process.name, port, other)
            && category(other) != category(self.socket.protocol)
    }

    /// Whether it is a connection that carries data or has done so.
    pub fn is_connected(&self) -> bool {
        matches!(
            self.socket.state,
            State::Established | State::CloseWait | State::FinWait1 | State::FinWait2
        ) && self.socket.peer().is_some()
    }
}

/// What kind of program a process runs.
///
/// A forwarder is excused from much, so its name alone makes none.
pub fn kind(process: &Process) -> ProgramKind {
    let mut by_name = ProgramKind::of(&process.name);
    if by_name == ProgramKind::Ordinary
        && let Some(file) = process
            .file_name()
            .filter(|file| *file != process.name.as_str())
    {
        // A link to a shell makes nothing else of it.
        by_name = ProgramKind::of(file);
    }
    if by_name == ProgramKind::Forwarder && !is_believable(process) {
        ProgramKind::Ordinary
    } else if is_remote_login(process) {
        ProgramKind::Tunnel
    } else {
        by_name
    }
}

/// Programs that people log in through, from elsewhere.
const LOGINS: &[&str] = &["sshd", "sshd-session", "dropbear"];

/// Whether it is the part of an SSH server that serves one login: what it listens on, that person forwards
/// (`ssh -R`), and what it calls too (`ssh -L`).
fn is_remote_login(process: &Process) -> bool {
    let is_one = |name: &str| LOGINS.contains(&name);
    let parent = process.ancestors.first();
    is_one(&process.name)
        && parent.is_some_and(|parent| is_one(&parent.name))
        && is_believable(process)
}

/// Whether a program is what its file is called, as far as can be told.
///
/// Anybody can call a file `sshd`. It takes a package, a unit or a container that brings it along, or a
/// directory where only an administrator installs. Where packages cannot be seen, the name is believed.
pub fn is_believable(process: &Process) -> bool {
    is_packaged(process) != Some(false) || is_managed(process) || is_installed_by_hand(process)
}

/// Whether something a person set up explains why the process runs: a unit, a container, a planned job.
///
/// A login session is no such thing; everything a person starts is in one.
pub fn is_managed(process: &Process) -> bool {
    process.why().iter().any(Why::is_set_up)
}

/// Directories where an administrator puts what no package brings.
const BY_HAND: &[&str] = &[
    "/usr/local/",
    "/opt/",
    "/nix/store/",
    "/gnu/store/",
    "/home/linuxbrew/",
];

/// Whether the executable lies where only an administrator installs, and is still the one there.
fn is_installed_by_hand(process: &Process) -> bool {
    process.executable.known().is_some_and(|executable| {
        let here = BY_HAND
            .iter()
            .any(|folder| executable.path.starts_with(folder));
        let stands = !executable.deleted || executable.file_at_path;
        here && stands && executable.shared_directory.is_none()
    })
}

/// Whether nothing that was looked at explains why the process runs: it says nothing by itself or no package owns
/// it, and no unit, container, planned job or terminal is behind it.
///
/// The package of an interpreter says nothing about the script it runs; the package of that script does.
pub fn is_unexplained(process: &Process) -> bool {
    let script = process.background.script.known().and_then(Option::as_ref);
    let has_packaged_script =
        script.is_some_and(|script| matches!(script.package.known(), Some(Some(_))));
    let says_nothing = kind(process).is_general_purpose() && !has_packaged_script
        || is_packaged(process) == Some(false);
    says_nothing && !is_managed(process) && process.terminal == Fact::Known(None)
}

/// The file name of the script that an interpreter runs, where a package brought it: a daemon by itself.
pub fn packaged_script(process: &Process) -> Option<&str> {
    let script = process.background.script.known()?.as_ref()?;
    let is_packaged = matches!(script.package.known(), Some(Some(_)));
    script.path.rsplit('/').next().filter(|_| is_packaged)
}

/// Programs that take any port and tell rpcbind which, so that their callers learn it there.
const TOLD_BY_RPCBIND: &[&str] = &[
    "rpc.mountd",
    "rpc.statd",
    "rpc.rquotad",
    "rpc.yppasswdd",
    "ypserv",
    "ypbind",
    "ypxfrd",
];

/// Whether the number of its port means nothing: whoever wants the program asks rpcbind.
pub fn is_told_by_rpcbind(process: &Process) -> bool {
    TOLD_BY_RPCBIND.contains(&process.name.as_str()) && is_believable(process)
}

/// Whether a package is known to own the executable; `None` when nobody could tell.
pub fn is_packaged(process: &Process) -> Option<bool> {
    process.package.known().map(Option::is_some)
}

/// What was seen of a process, for a finding that rests on it.
pub fn describe(process: &Process) -> Vec<Evidence> {
    let mut evidence = vec![seen(
        "process",
        format!("{} (pid {})", process.name, process.key.pid),
    )];
    match &process.executable {
        Fact::Known(executable) => {
            let gone = if executable.deleted { " (deleted)" } else { "" };
            evidence.push(seen("executable", format!("{}{gone}", executable.path)));
        }
        Fact::Unknown(why) => {
            evidence.push(seen("executable", format!("unknown: {}", why.words())));
        }
    }
    match &process.package {
        Fact::Known(Some(package)) => evidence.push(seen("package", package.to_string())),
        Fact::Known(None) => evidence.push(seen("package", "none owns the executable")),
        Fact::Unknown(why) => evidence.push(seen("package", format!("unknown: {}", why.words()))),
    }
    if let Some(Some(script)) = process.background.script.known() {
        evidence.push(seen("script", script.path.to_string()));
    }
    if let Some(user) = &process.user {
        evidence.push(seen("user", user.to_string()));
    }
    let why = process.why();
    evidence.extend(why.iter().map(|why| seen("why it runs", why.words())));
    if why.is_empty() {
        evidence.push(seen(
            "why it runs",
            "nothing that was looked at explains it",
        ));
    }
    evidence
}

/// One thing that was seen.
pub fn seen(what: &'static str, value: impl Into<String>) -> Evidence {
    Evidence {
        what,
        value: value.into(),
    }
}

/// Advice without a command.
pub fn advise(text: impl Into<Cow<'static, str>>) -> Advice {
    Advice {
        text: text.into(),
        command: None,
    }
}

/// Advice with a command to copy.
pub fn advise_command(text: impl Into<Cow<'static, str>>, command: impl Into<String>) -> Advice {
    Advice {
        text: text.into(),
        command: Some(command.into()),
    }
}

/// How to look at a process more closely.
pub fn look_at(process: &Process) -> Advice {
    let pid = process.key.pid;
    advise_command(
        "Look at who started it and with what arguments.",
        format!("ps -o pid,ppid,user,lstart,args -p {pid}"),
    )
}
