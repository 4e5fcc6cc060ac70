//! What could not be seen, and why.

use super::Text;
use serde::{Deserialize, Serialize};

/// How much of the machine a sample covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Whose sockets have visible owners.
    pub owners: OwnersSeen,
    /// Processes whose descriptors could not be read.
    pub unreadable_processes: u32,
    /// Everything else that is missing, each with its reason.
    pub limits: Vec<Limit>,
    /// Network namespaces besides the reader's own whose sockets were not read, because nobody asked.
    #[serde(default)]
    pub other_namespaces: u32,
}

/// Whose sockets have visible owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnersSeen {
    /// Everybody's.
    All,
    /// Only those of the user who looks.
    Own,
    /// Nobody's.
    None,
    /// Nobody's, since nobody has looked yet.
    NotYet,
}

/// One thing that is missing from a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// What kind of thing.
    pub kind: LimitKind,
    /// What is missing and why, as a sentence without its period.
    pub detail: Text,
    /// What would bring it: a command, or nothing when nothing would.
    pub remedy: Option<Text>,
}

/// What kind of thing is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Owners of sockets.
    Owners,
    /// Some sockets: the kernel's answer was interrupted, refused or cut.
    Sockets,
    /// Queues, `tcp_info` and other numbers per socket.
    Metrics,
    /// Evidence about programs.
    Programs,
    /// News of sockets that were closed: what opened and closed between two looks is not all there.
    Closings,
}
