//! One entry of the policy, and what there is to say of the policy as a whole.

use super::{
    Direction, Exposure, PortRange, Process, ProgramKind, Protocol, Severity, Socket, Text,
    Transport,
};
use jiff::Timestamp;
use std::{fmt, str::FromStr};

/// One `[[expect]]` or `[[deny]]`. A field that is `None` matches anything.
///
/// Two are equal when they say the same; where they stand in a file is no part of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The local port of a listener, and of a connection that came in; the remote port of one that
    /// goes out.
    pub port: Option<Ports>,
    /// The path of the executable, or its file name when there is no `/` in it.
    pub program: Option<Text>,
    /// What an interpreter must run: the path of its script, or its file name when there is no `/` in it; `-m
    /// http.server`, the class of a Java program.
    pub script: Option<Text>,
    /// From where it may be reached at most; in a `[[deny]]`, at least.
    pub exposure: Option<Exposure>,
    /// Name or number of the user the program runs as.
    pub user: Option<Text>,
    /// The service manager's unit.
    pub unit: Option<Text>,
    /// The container: what `list` shows, or its id or name alone.
    pub container: Option<Text>,
    /// Rules that are accepted too, of those that an entry silences only when it names them
    /// ([`silenced_by`]). Always empty in a `[[deny]]`.
    pub rules: Vec<&'static str>,
    /// Why, in a person's words.
    pub reason: Option<Text>,
    /// When it ends.
    pub until: Option<Until>,
}

/// When an entry ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Until {
    /// As it is written: `2027-01-31`.
    pub written: Text,
    /// From when on it does not count: a date counts to its end.
    pub ends: Timestamp,
}

/// Ports of an entry: `1587`, `8000-8100`, `1587/udp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The ports, both ends included.
    pub range: PortRange,
    /// The transport; `None` for each.
    pub transport: Option<Transport>,
}

impl Ports {
    /// Whether `port` of `protocol` is one of them.
    pub fn contain(&self, port: u16, protocol: Protocol) -> bool {
        protocol.transport().is_some_and(|transport| {
            self.range.contains(port) && self.transport.is_none_or(|ours| ours == transport)
        })
    }

    /// Whether every one of `other` is one of them.
    pub fn contain_all_of(&self, other: &Self) -> bool {
        let transport = self.transport.is_none() || self.transport == other.transport;
        let range = other.range;
        transport && self.range.contains(range.first) && self.range.contains(range.last)
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PortRange { first, last } = self.range;
        write!(f, "{first}")?;
        if last != first {
            write!(f, "-{last}")?;
        }
        match self.transport {
            Some(transport) => write!(f, "/{}", transport.name()),
            None => Ok(()),
        }
    }
}

impl FromStr for Ports {
    type Err = String;

    /// Reads what [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, String> {
        let (ports, transport) = match text.split_once('/') {
            Some((ports, transport)) => (ports, Some(transport)),
            None => (text, None),
        };
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        let range = PortRange {
            first: port(first)?,
            last: port(last)?,
        };
        if range.first > range.last {
            return Err(format!("{first} is above {last}; write \"{last}-{first}\""));
        }
        let transport = transport.map(self::transport).transpose()?;
        Ok(Self { range, transport })
    }
}

fn port(text: &str) -> Result<u16, String> {
    let text = text.trim();
    match text.parse() {
        Ok(port) => Ok(port),
        Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(format!("{text} is no port: ports go from 0 to 65535"))
        }
        Err(_) => Err(format!(
            "\"{text}\" is no port: write 1587, \"8000-8100\" or \"1587/udp\""
        )),
    }
}

fn transport(name: &str) -> Result<Transport, String> {
    let mut known = Transport::ALL.into_iter();
    known
        .find(|known| known.name() == name.trim())
        .ok_or_else(|| {
            let names = Transport::ALL.map(Transport::name).join(", ");
            format!("there is no transport \"{name}\", only {names}")
        })
}

/// How widely a person accepts a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breadth {
    /// This program on this port, as widely reachable as it is now, by this user.
    ProgramAndPort,
    /// This program on any port, by this user.
    Program,
    /// Any program on this port, as widely reachable as it is now.
    Port,
}

impl Breadth {
    /// Every breadth, narrowest first.
    pub const ALL: [Self; 3] = [Self::ProgramAndPort, Self::Program, Self::Port];
}

/// Why a socket cannot be put into an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unacceptable {
    /// Its owner cannot be seen, so the program is not known.
    OwnerHidden,
    /// No process owns it.
    NoOwner,
    /// The program's file cannot be named: it runs from memory, or the path could not be read.
    NoFile,
    /// The program's file is gone; whatever takes its place would be accepted.
    Deleted,
    /// The program runs what it is told, and what that is could not be named: any other code would be accepted too.
    NoScript,
}

impl Unacceptable {
    /// The reason in words, as a sentence without its period.
    pub fn words(self) -> &'static str {
        match self {
            Self::OwnerHidden => "its owner is not visible without more privilege",
            Self::NoOwner => "no process owns it",
            Self::NoFile => "its program has no file that could be named",
            Self::Deleted => "the file of its program was deleted, and another may take its place",
            Self::NoScript => {
                "its program runs what it is told, and no script is known: accept it on its port"
            }
        }
    }
}

impl Entry {
    /// The entry that accepts `socket` as widely as `breadth` says.
    ///
    /// The user is the program's, the exposure what it is now. The port of a listener that the kernel
    /// chose becomes the kernel's whole range, unless the program is one that says nothing about
    /// the service it offers. No rule is named: see [`Entry::naming`].
    ///
    /// # Errors
    ///
    /// Says why the program cannot be named, when `breadth` needs it.
    pub fn accepting(
        socket: &Socket,
        breadth: Breadth,
        ephemeral: Option<PortRange>,
    ) -> Result<Self, Unacceptable> {
        let mut entry = Self::default();
        if breadth != Breadth::Port {
            let process = holder(&socket.processes).ok_or(if owner_hidden(socket) {
                Unacceptable::OwnerHidden
            } else {
                Unacceptable::NoOwner
            })?;
            entry.program = Some(path_of(process)?);
            // An interpreter that runs something else is another program.
            entry.script = process.script().known().cloned().flatten();
            let runs_anything = ProgramKind::of(&process.name).is_general_purpose();
            if breadth == Breadth::Program && runs_anything && entry.script.is_none() {
                return Err(Unacceptable::NoScript);
            }
            entry.user = process
                .user
                .clone()
                .or_else(|| process.uid.map(|uid| Text::from(uid.to_string())));
            entry.container.clone_from(&process.container);
        }
        if breadth != Breadth::Program {
            entry.port = Some(ports(socket, breadth, ephemeral));
            entry.exposure = socket.exposure;
        }
        Ok(entry)
    }

    /// The same entry, which accepts also what `rules` found.
    ///
    /// Names only those that have to be named.
    #[must_use]
    pub fn naming(mut self, rules: impl IntoIterator<Item = &'static str>) -> Self {
        for rule in rules {
            if !self.silences(rule) && silenced_by(rule) != Subject::Nothing {
                self.rules.push(rule);
            }
        }
        self
    }

    /// Whether a finding of `rule` about what this entry matches is accepted by it.
    ///
    /// An entry accepts only what it speaks of.
    pub fn silences(&self, rule: &str) -> bool {
        let spoken_of = match silenced_by(rule) {
            Subject::Port => true,
            Subject::Program => self.program.is_some(),
            Subject::Exposure => self.exposure.is_some(),
            Subject::User => self.user.is_some() && self.program.is_some(),
            Subject::Named => self.rules.contains(&rule),
            Subject::Nothing => false,
        };
        spoken_of || (self.rules.contains(&rule) && silenced_by(rule) != Subject::Nothing)
    }
}

/// What an entry must say so that a rule is silent where it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Anything: the rule wonders why somebody listens there at all.
    Port,
    /// The program: the rule wonders about this program on this port.
    Program,
    /// The exposure: the rule wonders from where it can be reached.
    Exposure,
    /// The user and the program: the rule wonders about that user.
    User,
    /// The rule itself, in `rules`.
    Named,
    /// No entry can: the policy itself made the rule.
    Nothing,
}

/// What an entry must say so that `rule` is silent where it matches.
///
/// A rule that is not listed here is about what a program is or does, whoever expects it on its port:
/// a shell on a socket, an executable that is gone. It has to be named.
pub fn silenced_by(rule: &str) -> Subject {
    match rule {
        "obscure-port" | "unassigned-port" | "lookalike-port" | "unauthorized-use"
        | "ephemeral-listener" | "untracked-listener" => Subject::Port,
        "wrong-program" | "backdoor-port" | "owner-changed" => Subject::Program,
        "exposed-local-service" | "cleartext-service" => Subject::Exposure,
        "root-service" => Subject::User,
        "denied-listener" => Subject::Nothing,
        _ => Subject::Named,
    }
}

/// The process that an entry is about: of those that share a socket, the one that has held it longest.
///
/// The service manager, which holds the sockets of others before they start, counts only
/// while nobody else holds it.
pub fn holder<P: AsRef<Process>>(processes: &[P]) -> Option<&Process> {
    let oldest = |managers: bool| {
        let processes = processes.iter().map(AsRef::as_ref);
        processes
            .filter(|process| is_service_manager(process) == managers)
            .min_by_key(|process| (process.key.started, process.key.pid))
    };
    oldest(false).or_else(|| oldest(true))
}

fn is_service_manager(process: &Process) -> bool {
    let executable = process.executable.known();
    executable.is_some_and(|executable| {
        matches!(
            executable.path.as_str(),
            "/usr/lib/systemd/systemd" | "/lib/systemd/systemd" | "/sbin/launchd"
        )
    })
}

/// Whether the owner is missing because we may not see it.
fn owner_hidden(socket: &Socket) -> bool {
    let mut findings = socket.assessment.findings.iter();
    findings.any(|finding| finding.rule == "owner-not-visible")
}

fn path_of(process: &Process) -> Result<Text, Unacceptable> {
    let executable = process.executable.known().ok_or(Unacceptable::NoFile)?;
    if executable.memfd {
        return Err(Unacceptable::NoFile);
    }
    // After an upgrade the same program stands there again.
    if executable.deleted && !executable.file_at_path {
        return Err(Unacceptable::Deleted);
    }
    Ok(executable.path.clone())
}

fn ports(socket: &Socket, breadth: Breadth, ephemeral: Option<PortRange>) -> Ports {
    let raw = &socket.raw;
    let outbound = socket.direction == Direction::Outbound;
    let remote = raw.peer().filter(|_| outbound).map(|peer| peer.port);
    let port = remote.unwrap_or(raw.local().port);
    let tells = holder(&socket.processes)
        .is_some_and(|process| !ProgramKind::of(&process.name).is_general_purpose());
    let chosen_by_kernel = ephemeral
        .filter(|range| range.contains(port) && raw.is_listening())
        .filter(|_| tells && breadth == Breadth::ProgramAndPort);
    Ports {
        range: chosen_by_kernel.unwrap_or(PortRange {
            first: port,
            last: port,
        }),
        transport: raw.protocol.transport(),
    }
}

/// What there is to say of the policy that judged a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyNotes {
    /// The file; `None` when there is no policy.
    pub path: Option<Text>,
    /// Every listener that no entry expects is a finding.
    pub strict: bool,
    /// How many `[[expect]]` count now.
    pub expects: usize,
    /// How many `[[deny]]` count now.
    pub denies: usize,
    /// What it makes of single rules: another severity, or off.
    pub rules: Vec<(&'static str, Option<Severity>)>,
    /// Entries that have ended, each as a sentence without its period.
    pub ended: Vec<Text>,
    /// Why a newer edit of the file is not used, as a sentence without its period.
    pub fault: Option<Text>,
}
