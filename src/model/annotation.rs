//! What a port number stands for: in the registry, and in practice.

use super::{Protocol, Registrations, Transport};

/// What is known about one port of one transport. Copies are cheap: everything in it is static.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Service {
    /// The port.
    pub port: u16,
    /// The transport.
    pub protocol: Transport,
    /// What the registry did with the number.
    pub status: Status,
    /// How well known it is in practice.
    pub tier: Tier,
    /// All live registrations, the best name first; empty when there is none.
    pub registrations: Registrations,
    /// What really uses it.
    pub practice: Option<&'static Practice>,
}

impl Service {
    /// The best name, from the registry.
    pub fn name(&self) -> Option<&'static str> {
        let mut names = self.registrations.names().map(|(name, _)| name);
        names.find(|name| !name.is_empty())
    }

    /// The range the number lies in, as RFC 6335 names it.
    pub fn range(&self) -> &'static str {
        range_name(self.port)
    }

    /// What to call it where there is room for one word: the registered name, else the software that uses it.
    pub fn label(&self) -> Option<&'static str> {
        self.name()
            .or_else(|| self.practice.map(|practice| practice.software))
    }
}

/// Returns the name of the range a port lies in: `system`, `user` or `dynamic` (RFC 6335, section 6).
pub fn range_name(port: u16) -> &'static str {
    match port {
        0..=1023 => "system",
        1024..=49151 => "user",
        49152.. => "dynamic",
    }
}

/// What the registry did with a number, the most definite first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Somebody has it.
    Assigned,
    /// Kept back; not the same as unassigned.
    Reserved,
    /// Nobody has it.
    Unassigned,
    /// For everybody, never assigned (49152 and above).
    Dynamic,
}

impl Status {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Reserved => "reserved",
            Self::Unassigned => "unassigned",
            Self::Dynamic => "dynamic",
        }
    }
}

/// How well known a port is in practice, best known first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Everybody meets it: 22, 443, 587.
    Common,
    /// Real software uses it: 5432, 8384.
    Known,
    /// Registered, and no common software uses it: 1587.
    Obscure,
    /// Nobody has it, or it is reserved.
    Unassigned,
    /// In the dynamic range.
    Dynamic,
}

impl Tier {
    /// The name in JSON and in the filter language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Known => "known",
            Self::Obscure => "obscure",
            Self::Unassigned => "unassigned",
            Self::Dynamic => "dynamic",
        }
    }
}

/// What really uses a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practice {
    /// First port.
    pub port: u16,
    /// Last port; the same for a single one.
    pub last_port: u16,
    /// The transports it holds for.
    pub protocols: &'static [Protocol],
    /// The service name it is known by; one of the registry's where that has several or the right
    /// one, else our own. May be empty.
    pub name: &'static str,
    /// The software, or the protocol where many programs speak it.
    pub software: &'static str,
    /// What it is for: `mail`, `database`.
    pub category: &'static str,
    /// [`Tier::Common`] or [`Tier::Known`].
    pub tier: Tier,
    /// File names of programs that serve it, without versions.
    pub programs: Vec<&'static str>,
    /// Whether the protocol is readable on the wire.
    pub cleartext: bool,
    /// From where it should be reachable at most.
    pub reach: Reach,
    /// Whether a default installation asks for credentials; `None` where that is no question.
    pub authenticates: Option<bool>,
    /// The kernel itself serves it, without a process.
    pub kernel: bool,
    /// Ports that belong with it, and why.
    pub related: Vec<(u16, &'static str)>,
    /// What a person should know, in a sentence or two.
    pub advice: &'static str,
    /// Where that is written.
    pub source: &'static str,
}

/// A backdoor or an attack tool that a port is known as the default of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backdoor {
    /// First port.
    pub port: u16,
    /// Last port; the same for a single one.
    pub last_port: u16,
    /// The transports it holds for.
    pub protocols: &'static [Protocol],
    /// What it is called.
    pub software: &'static str,
    /// What is known, to follow the port: `has been used by …`.
    pub wording: &'static str,
    /// Where that is written.
    pub source: &'static str,
}

/// From where a service should be reachable at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Only from this machine.
    Local,
    /// From a network one trusts.
    Trusted,
    /// From anywhere.
    Anyone,
}

impl Reach {
    /// The name in JSON and in `known-ports.tsv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Trusted => "trusted",
            Self::Anyone => "anyone",
        }
    }
}
