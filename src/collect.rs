//! The only code that reads the machine: sockets, owners, and what could not be read.

mod clock;
mod collector;
mod declared;
mod error;
mod fallback;
mod host;
mod linux;
mod linux_or_not;
mod programs;
pub mod recording;
mod system;

pub use collector::{Collector, Command, Latest};
pub use error::Error;

use crate::model::Sample;
use fallback::Fallback;
use recording::Recording;
use std::path::PathBuf;
use system::Portable;

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

    /// Whether the samples were taken before, so that their distances are their own.
    fn is_recording(&self) -> bool {
        false
    }
}

/// The effective user id of this process, where there is such a thing and we can ask for it.
pub fn euid() -> Option<u32> {
    linux_or_not::euid()
}

/// Opens a source.
pub fn open(choice: &SourceChoice) -> Result<Box<dyn Source>, Error> {
    match choice {
        SourceChoice::Auto if linux_or_not::HAS_SOCK_DIAG => {
            Ok(Box::new(Fallback::from(linux_or_not::open_sock_diag())))
        }
        SourceChoice::SockDiag => linux_or_not::open_sock_diag(),
        SourceChoice::Auto | SourceChoice::Portable => Ok(Box::new(Portable::open(None))),
        SourceChoice::Recording(path) => Ok(Box::new(Recording::open(path)?)),
    }
}
