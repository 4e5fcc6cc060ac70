//! Reading `/proc` through directory descriptors.
//!
//! A descriptor of `/proc/PID` belongs to one process for ever: when that ends and its number is
//! given to another, reads fail. Everything about one process is read through one descriptor.

use super::bytes::decimal;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{AtFlags, CWD, Mode, OFlags, RawDir, Stat, openat, readlinkat_raw, statat},
    io::{Errno, read},
    path::Arg,
};
use std::path::Path;

/// Room for a directory listing in one go.
pub(super) const LISTING: usize = 32 * 1024;
/// The longest path the kernel gives.
const LONGEST_PATH: usize = 4096;

/// A `/proc`.
#[derive(Debug)]
pub(super) struct Procfs {
    root: OwnedFd,
}

/// The directory of one process.
#[derive(Debug)]
pub(super) struct ProcDir {
    dir: OwnedFd,
}

impl Procfs {
    /// Opens the one at `root`.
    pub(super) fn open(root: &Path) -> Result<Self, Errno> {
        Ok(Self {
            root: open_path(CWD, root)?,
        })
    }

    /// Returns the processes there are, in the kernel's order.
    pub(super) fn pids(&self) -> Result<Vec<u32>, Errno> {
        let listing = open_listing(&self.root, c".")?;
        let mut buffer = Vec::with_capacity(LISTING);
        let mut entries = RawDir::new(listing, buffer.spare_capacity_mut());
        let mut pids = Vec::with_capacity(512);
        while let Some(entry) = entries.next() {
            let number = decimal(entry?.file_name().to_bytes());
            pids.extend(number.and_then(|number| u32::try_from(number).ok()));
        }
        Ok(pids)
    }

    /// Opens the directory of a process.
    pub(super) fn process(&self, pid: u32) -> Result<ProcDir, Errno> {
        let dir = open_path(&self.root, pid.to_string())?;
        Ok(ProcDir { dir })
    }

    /// Returns what the directory of a process's descriptors looks like from outside.
    pub(super) fn descriptors_of(&self, pid: u32) -> Result<Stat, Errno> {
        statat(&self.root, format!("{pid}/fd"), AtFlags::empty())
    }

    /// Returns what a file, or what a link leads to, looks like from outside.
    pub(super) fn stat(&self, name: &str) -> Result<Stat, Errno> {
        statat(&self.root, name, AtFlags::empty())
    }

    /// Returns up to `limit` bytes of a file.
    pub(super) fn read(&self, name: &str, limit: usize) -> Result<Vec<u8>, Errno> {
        read_file(&self.root, name, limit)
    }
}

impl ProcDir {
    /// Opens the directory of its descriptors for listing.
    pub(super) fn descriptors(&self) -> Result<OwnedFd, Errno> {
        open_listing(&self.dir, c"fd")
    }

    /// Returns up to `limit` bytes of a file.
    pub(super) fn read(&self, name: impl Arg, limit: usize) -> Result<Vec<u8>, Errno> {
        read_file(&self.dir, name, limit)
    }

    /// Returns what a link points to.
    pub(super) fn link(&self, name: impl Arg) -> Result<Vec<u8>, Errno> {
        let mut buffer = vec![0; LONGEST_PATH];
        let length = readlinkat_raw(&self.dir, name, buffer.as_mut_slice())?;
        buffer.truncate(length);
        Ok(buffer)
    }

    /// The descriptor, for paths below it.
    pub(super) fn as_dir(&self) -> impl AsFd {
        self.dir.as_fd()
    }
}

fn open_path(at: impl AsFd, path: impl Arg) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(at, path, flags, Mode::empty())
}

/// Opens a directory for listing.
pub(super) fn open_listing(at: impl AsFd, path: impl Arg) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(at, path, flags, Mode::empty())
}

/// Returns up to `limit` bytes of a file.
pub(super) fn read_file(at: impl AsFd, path: impl Arg, limit: usize) -> Result<Vec<u8>, Errno> {
    let file = openat(at, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let mut bytes = vec![0; limit];
    let mut length = 0;
    while let Some(room) = bytes.get_mut(length..).filter(|room| !room.is_empty()) {
        match read(&file, room) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_numbers_are_processes() {
        let root = tempfile::tempdir().unwrap();
        for name in ["1", "4711", "self", "12a", "99999999999"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let mut pids = Procfs::open(root.path()).unwrap().pids().unwrap();
        pids.sort_unstable();
        assert_eq!(pids, [1, 4711]);
    }

    #[test]
    fn a_file_is_read_no_further_than_asked() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("long"), [b'x'; 9000]).unwrap();
        let procfs = Procfs::open(root.path()).unwrap();
        assert_eq!(procfs.read("long", 100).unwrap().len(), 100);
        assert_eq!(procfs.read("long", 20_000).unwrap().len(), 9000);
        assert_eq!(procfs.read("none", 100), Err(Errno::NOENT));
    }
}
