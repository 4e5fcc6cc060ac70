//! What the operating system said at one moment, raw.

use super::{Coverage, Declared, Process, SampledSocket, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// What the operating system said at one moment, complete or not.
///
/// Serialisable: a recording is a file of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Where it comes from.
    pub source: SourceKind,
    /// Host name.
    pub host: Text,
    /// When the sockets were read.
    pub taken_at: Timestamp,
    /// The same moment on a clock that never jumps; only differences mean anything.
    pub elapsed: Duration,
    /// Effective user id of the reader; `None` where there is no such thing.
    pub euid: Option<u32>,
    /// User id of the person behind it: the one who called `sudo`, else the same as `euid`.
    pub user_uid: Option<u32>,
    /// The ports the kernel hands out by itself.
    pub ephemeral_ports: Option<PortRange>,
    /// This machine's own addresses.
    pub addresses: Vec<IpAddr>,
    /// The sockets, in the order the source has them.
    ///
    /// A source that knows that nothing about a socket has changed since its sample before hands out the same
    /// `Arc` again: the same pointer means the same socket, unchanged, counters and all. The list itself is shared
    /// so that one in which nothing changed costs nothing.
    pub sockets: Arc<Vec<Arc<SampledSocket>>>,
    /// The sockets that were closed since the sample before, with their last counters; also those that were opened
    /// after it and that no sample has. Empty where the source is not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<Arc<SampledSocket>>,
    /// The processes that own them, sorted by key.
    pub processes: Vec<Arc<Process>>,
    /// Names of the user ids that own sockets, where they have one.
    pub users: Vec<(u32, Text)>,
    /// What this machine's own files say about ports. A source reads them once, for its first sample;
    /// empty in the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<Declared>,
    /// What is missing.
    pub coverage: Coverage,
}

/// Where samples come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// The kernel's socket tables over netlink (Linux).
    SockDiag,
    /// The kernel's socket tables as text, from `/proc/net` (Linux).
    ProcNet,
    /// netstat2 and sysinfo (every platform they support).
    Portable,
}

impl SourceKind {
    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::SockDiag => "sock-diag",
            Self::ProcNet => "proc-net",
            Self::Portable => "portable",
        }
    }
}

/// A range of ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortRange {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

impl PortRange {
    /// Whether `port` is one of them.
    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}
