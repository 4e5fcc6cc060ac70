//! What could not be read.

use std::{io, path::PathBuf};

/// What could not be read; completes "could not …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No table of sockets could be read.
    #[error("read the socket tables over netlink")]
    SocketTable(#[source] io::Error),
    /// The directory of processes could not be opened.
    #[error("read /proc")]
    Processes(#[source] io::Error),
    /// netstat2 or sysinfo failed.
    #[error("read the sockets of this system: {0}")]
    System(String),
    /// No file of `/proc/net` could be read.
    #[error("read the socket tables in /proc/net")]
    SocketFiles(#[source] io::Error),
    /// A source of Linux was asked for on another platform.
    #[error("read sockets with this source: only Linux has it; use `--source portable`")]
    OnlyOnLinux,
    /// The operating system gave no thread.
    #[error("start the thread that reads the machine")]
    Thread(#[source] io::Error),
    /// A recording could not be opened or read.
    #[error("read the recording {}", path.display())]
    OpenRecording {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What stands in a recording is not one.
    #[error("read the recording {}, line {line}: {fault}", path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        fault: String,
    },
    /// A recording could not be made.
    #[error("write the recording {}", path.display())]
    WriteRecording {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    /// The whole story in one line, completing "could not …": what was tried, and each cause.
    pub fn words(&self) -> String {
        let mut words = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            words.push_str(": ");
            words.push_str(&error.to_string());
            cause = error.source();
        }
        words
    }
}
