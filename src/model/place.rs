//! Where a socket lives: its control group and its network namespace; and how far to look.

use super::Text;
use serde::{Deserialize, Serialize};

/// How much of the machine to read, beyond the sockets with Internet addresses of one's own network
/// namespace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// UNIX sockets too.
    pub unix: bool,
    /// Every network namespace.
    pub all_namespaces: bool,
}

/// The control group that a socket was made in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlGroup {
    /// Its path below the root of the hierarchy: `/system.slice/nginx.service`.
    pub path: Text,
    /// The service manager's unit.
    pub unit: Option<Text>,
    /// The container, with what runs it: `docker:3f1c2a9b8d7e`.
    pub container: Option<Text>,
}

/// A network namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NetNamespace {
    /// The inode of its file, by which the kernel and `lsns` name it.
    pub inode: u64,
    /// What it is called in `/run/netns`; `None` when it has no name there.
    pub name: Option<Text>,
    /// It is the one that the reader is in.
    pub own: bool,
}
