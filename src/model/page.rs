//! Everything known about one port number, as a page to show or to write.

use super::{Backdoor, Practice, Registration, Status, Text, Tier, Transport};

/// What is known about a port, its transports joined.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The port.
    pub port: u16,
    /// The transports the page is about.
    pub protocols: Vec<Transport>,
    /// `system`, `user` or `dynamic`.
    pub range: &'static str,
    /// What the registry did with the number; the most definite of the transports.
    pub status: Status,
    /// How well known it is; the best known of the transports.
    pub tier: Tier,
    /// What to call it in one word.
    pub label: Option<&'static str>,
    /// The registry's lines, the best first, each once.
    pub registrations: Vec<Registration>,
    /// What really uses it, each once.
    pub in_practice: Vec<&'static Practice>,
    /// What the registry says in plain words, a paragraph for each thing it says.
    pub registry_says: Vec<String>,
    /// What is true in practice, in sentences.
    pub practice_says: Vec<String>,
    /// Backdoors and attack tools that it is known as the default of, each once.
    pub backdoors: Vec<&'static Backdoor>,
    /// What would be unusual there, in sentences.
    pub unusual: Vec<String>,
    /// What to do, in sentences.
    pub advice: Vec<String>,
    /// How to look at the port.
    pub checks: Vec<Check>,
    /// Ports that belong with it, look like it or stand beside it.
    pub related: Vec<Related>,
}

/// A command that looks at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Where the command exists: `linux`, `unix` (Linux and macOS), `windows` or `any`.
    pub os: &'static str,
    /// From where to run it.
    pub scope: Scope,
    /// The command, ready to copy; `HOST` stands for this machine's address.
    pub command: String,
    /// What it tells.
    pub purpose: String,
}

/// From where a check is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// On this machine.
    Local,
    /// On another machine.
    Remote,
}

impl Scope {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Remote => "remote",
        }
    }
}

/// A port to know about beside this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The port.
    pub port: u16,
    /// What to call it; `None` where nothing is known.
    pub name: Option<&'static str>,
    /// What it has to do with this one.
    pub why: String,
}

/// A socket of this machine that has to do with a port, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HereNow {
    /// What it is: `listen 0.0.0.0:1587/tcp`.
    pub socket: String,
    /// Who holds it: `python3 30119`; `None` where that could not be seen.
    pub owner: Option<Text>,
}
