//! Where a socket lives: its control group and its network namespace; and how far to look.

use super::{Protocol, SampledSocket, Text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much of the machine to read, beyond the sockets with Internet addresses of one's own network
/// namespace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// UNIX sockets too.
    pub unix: bool,
    /// Every network namespace.
    pub all_namespaces: bool,
}

impl Extent {
    /// Whether a socket is among what is read.
    pub fn covers(self, socket: &SampledSocket) -> bool {
        (self.unix || socket.protocol != Protocol::Unix)
            && (self.all_namespaces || !socket.is_elsewhere())
    }
}

/// The control group that a socket was made in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ControlGroup {
    /// Its path below the root of the hierarchy: `/system.slice/nginx.service`.
    pub path: Text,
    /// The service manager's unit.
    pub unit: Option<Text>,
    /// The container, with what runs it: `docker:3f1c2a9b8d7e`.
    pub container: Option<Text>,
}

/// A network namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NetNamespace {
    /// The inode of its file, by which the kernel and `lsns` name it; `None` where that may not be seen.
    pub inode: Option<u64>,
    /// What it is called in `/run/netns`; where not even its inode may be seen, a process that is in it:
    /// `pid:4711`.
    pub name: Option<Text>,
    /// It is the one that the reader is in.
    pub own: bool,
}

impl fmt::Display for NetNamespace {
    /// Writes its name, else `net:[4026532281]` as `/proc/PID/ns/net` does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.inode) {
            (Some(name), _) => f.write_str(name),
            (None, Some(inode)) => write!(f, "net:[{inode}]"),
            (None, None) => f.write_str("unknown"),
        }
    }
}
