//! What this machine's own files say a port is for.

use super::{Protocol, Text, sample::PortRange};
use serde::{Deserialize, Serialize};

/// One line of a file that gives a port a name or a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The ports.
    pub ports: PortRange,
    /// The transport.
    pub protocol: Protocol,
    /// What it calls them: a service, a unit, a profile.
    pub name: Text,
    /// What kind of file it is.
    pub by: DeclaredBy,
    /// The file.
    pub file: Text,
}

/// What kind of file declares a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeclaredBy {
    /// `/etc/services`: names only, most of them the registry's.
    Services,
    /// A socket unit of systemd.
    SocketUnit,
    /// An application profile of ufw.
    Ufw,
    /// A service of firewalld.
    Firewalld,
}

impl DeclaredBy {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::SocketUnit => "socket-unit",
            Self::Ufw => "ufw",
            Self::Firewalld => "firewalld",
        }
    }
}

impl Declared {
    /// Whether it is about `port`.
    pub fn is_about(&self, port: u16, protocol: Protocol) -> bool {
        self.protocol == protocol && self.ports.contains(port)
    }

    /// Whether some software declares the port for its own use.
    ///
    /// A name in `/etc/services` is no such thing: hundreds stand there for software that is not installed.
    pub fn is_use(&self) -> bool {
        self.by != DeclaredBy::Services
    }

    /// What it says, in words: `systemd's cups.socket listens on it`.
    pub fn words(&self) -> String {
        let name = &self.name;
        match self.by {
            DeclaredBy::Services => format!("{} calls it {name}", self.file),
            DeclaredBy::SocketUnit => format!("systemd's {name} listens on it"),
            DeclaredBy::Ufw => format!("ufw's profile {name} opens it"),
            DeclaredBy::Firewalld => format!("firewalld's service {name} opens it"),
        }
    }
}
