//! What a descriptor stands for, from its link in `/proc/PID/fd`.

use super::bytes::{between, decimal};
use crate::model::{Stream, Text};
use rustix::{
    fd::AsFd,
    fs::{AtFlags, FileType, statat},
};
use std::ffi::CStr;

/// What stands behind a standard stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A socket, by inode.
    Socket(u64),
    /// A pipe, by inode.
    Pipe(u64),
    /// A named pipe, by device and inode.
    Fifo(u64, u64),
    /// A terminal, by path.
    Terminal(Text),
    /// Anything else.
    Other,
    /// Nothing.
    Closed,
}

impl Target {
    /// Returns what the descriptor `name` in `descriptors` stands for, whose link reads `link`.
    pub(super) fn of(link: &[u8], descriptors: impl AsFd, name: &CStr) -> Self {
        if let Some(inode) = socket_inode(link) {
            return Self::Socket(inode);
        }
        if let Some(inode) = pipe_inode(link) {
            return Self::Pipe(inode);
        }
        if link.starts_with(b"/dev/") {
            return if is_terminal(link) {
                Self::Terminal(Text::from_bytes(link))
            } else {
                Self::Other
            };
        }
        if !link.starts_with(b"/") {
            return Self::Other;
        }
        match statat(descriptors, name, AtFlags::empty()) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Fifo => {
                Self::Fifo(stat.st_dev, stat.st_ino)
            }
            _ => Self::Other,
        }
    }

    /// The same in the model's words, where a named pipe is a pipe.
    pub(super) fn stream(&self) -> Stream {
        match self {
            Self::Socket(inode) => Stream::Socket(*inode),
            Self::Pipe(inode) | Self::Fifo(_, inode) => Stream::Pipe(*inode),
            Self::Terminal(path) => Stream::Terminal(path.clone()),
            Self::Other => Stream::Other,
            Self::Closed => Stream::Closed,
        }
    }
}

/// The inode in `socket:[4711]`.
pub(super) fn socket_inode(link: &[u8]) -> Option<u64> {
    decimal(between(link, b"socket:[", b"]")?)
}

/// The inode in `pipe:[4711]`.
pub(super) fn pipe_inode(link: &[u8]) -> Option<u64> {
    decimal(between(link, b"pipe:[", b"]")?)
}

fn is_terminal(link: &[u8]) -> bool {
    link.starts_with(b"/dev/pts/") || link.starts_with(b"/dev/tty") || link == b"/dev/console"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_told_apart_by_their_form() {
        assert_eq!(socket_inode(b"socket:[4711]"), Some(4711));
        assert_eq!(socket_inode(b"socket:[4711"), None);
        assert_eq!(socket_inode(b"/tmp/socket:[4711]"), None);
        assert_eq!(pipe_inode(b"pipe:[12]"), Some(12));
        assert!(is_terminal(b"/dev/pts/3"));
        assert!(!is_terminal(b"/dev/null"));
    }
}
