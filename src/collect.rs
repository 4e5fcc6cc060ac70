//! The only code that reads the machine: sockets, owners, and what could not be read.

use crate::model::{Sample, Snapshot};
use crate::monitor::Monitor;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::watch;

/// Where samples are to come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChoice {
    /// The best this machine has.
    Auto,
    /// The kernel's socket tables over netlink (Linux).
    SockDiag,
    /// netstat2 and sysinfo.
    Portable,
    /// A recording.
    Recording(PathBuf),
}

/// Something that gives samples.
pub trait Source: Send {
    /// Takes the next sample; `None` when a recording has ended.
    fn sample(&mut self) -> Result<Option<Sample>, Error>;
}

/// Opens a source.
pub fn open(_choice: &SourceChoice) -> Result<Box<dyn Source>, Error> {
    Err(Error::NotBuilt)
}

/// What could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Placeholder.
    #[error("read")]
    NotBuilt,
}

/// The newest thing the collector has to say.
#[derive(Debug, Clone)]
pub enum Latest {
    /// Nothing was read yet.
    Pending,
    /// A snapshot.
    Ready(Arc<Snapshot>),
    /// The last attempt failed with these words; the snapshot before stays the newest.
    Failed(String),
    /// The recording has ended; its last snapshot stays.
    Ended,
}

/// What the collector can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Read now.
    Refresh,
    /// Read this often.
    Every(Duration),
}

/// A thread that reads the machine again and again; dropping this ends it at once.
#[derive(Debug)]
pub struct Collector {
    commands: std::sync::mpsc::Sender<Command>,
}

impl Collector {
    /// Starts reading `source` every `interval`.
    pub fn start(
        _source: Box<dyn Source>,
        _monitor: Monitor,
        _interval: Duration,
    ) -> Result<(Self, watch::Receiver<Latest>), Error> {
        Err(Error::NotBuilt)
    }

    /// Tells the thread something; nothing happens when it has ended.
    pub fn tell(&self, command: Command) {
        _ = self.commands.send(command);
    }
}
