//! The control groups of this machine, found by the number that the kernel gives with a socket.
//!
//! A group's number is the inode of its directory (cgroup v2, also where it stands beside v1). The tree is
//! walked without privilege; directories without children are known by their link count and never listed.

use super::{
    bytes::decimal,
    procfs::{LISTING, open_listing, read_file},
};
use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, CWD, FileType, RawDir, fstat, fstatfs, statat},
    io::Errno,
};
use std::{collections::BTreeSet, path::Path};

/// Where the second version is mounted: beside the first, or alone.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];
/// `CGROUP2_SUPER_MAGIC`.
const SECOND_VERSION: i64 = 0x6367_7270;
/// The most groups that are looked at.
const MOST: usize = 50_000;
/// Longer than the list of the processes of any one group.
const LONGEST: usize = 256 * 1024;
/// Links of a directory without children: its name and its own dot.
const CHILDLESS: u32 = 2;

/// The tree of control groups.
#[derive(Debug)]
pub(super) struct Groups {
    root: OwnedFd,
}

/// One control group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The processes in it, without those of the groups below.
    pub(super) pids: Vec<u32>,
    /// It holds whatever has no group of its own, or a service manager, which hands its sockets on.
    pub(super) is_common: bool,
}

/// A directory that still has to be looked into.
struct Directory {
    /// Below the root, `.` for the root itself.
    path: Vec<u8>,
    inode: u64,
    is_common: bool,
    has_children: bool,
}

impl Groups {
    /// Opens the tree of this machine; `None` where there is no second version.
    pub(super) fn open() -> Option<Self> {
        MOUNTS.iter().find_map(|mount| Self::at(Path::new(mount)))
    }

    fn at(mount: &Path) -> Option<Self> {
        let root = open_listing(CWD, mount).ok()?;
        let kind = fstatfs(&root).ok()?.f_type;
        (kind == SECOND_VERSION).then_some(Self { root })
    }

    /// Returns the groups with these numbers; those that are gone or outside our view are missing.
    pub(super) fn find(&self, numbers: &BTreeSet<u64>) -> Vec<Group> {
        let mut sought = numbers.clone();
        let mut found = Vec::new();
        let mut waiting: Vec<Directory> = self.top().into_iter().collect();
        for _ in 0..MOST {
            let Some(next) = waiting.pop().filter(|_| !sought.is_empty()) else {
                break;
            };
            if sought.remove(&next.inode)
                && let Ok(pids) = self.processes(&next.path)
            {
                found.push(Group {
                    pids,
                    is_common: next.is_common,
                });
            }
            if next.has_children && !sought.is_empty() {
                // A group that ended while we looked has nobody in it.
                _ = self.add_children(&next.path, &sought, &mut waiting);
            }
        }
        found
    }

    fn top(&self) -> Option<Directory> {
        Some(Directory {
            path: b".".to_vec(),
            inode: fstat(&self.root).ok()?.st_ino,
            is_common: true,
            has_children: true,
        })
    }

    /// Adds the groups below `parent` that are sought, or may have sought ones below them.
    fn add_children(
        &self,
        parent: &[u8],
        sought: &BTreeSet<u64>,
        waiting: &mut Vec<Directory>,
    ) -> Result<(), Errno> {
        let listing = open_listing(&self.root, parent)?;
        let mut buffer = Vec::with_capacity(LISTING);
        let mut entries = RawDir::new(&listing, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            let bytes = name.to_bytes();
            if entry.file_type() != FileType::Directory || bytes.starts_with(b".") {
                continue;
            }
            let has_children = statat(&listing, name, AtFlags::empty())
                .is_ok_and(|child| child.st_nlink > CHILDLESS.into());
            if has_children || sought.contains(&entry.ino()) {
                waiting.push(Directory {
                    path: [parent, b"/", bytes].concat(),
                    inode: entry.ino(),
                    is_common: bytes == b"init.scope",
                    has_children,
                });
            }
        }
        Ok(())
    }

    fn processes(&self, path: &[u8]) -> Result<Vec<u32>, Errno> {
        let path = [path, b"/cgroup.procs"].concat();
        Ok(numbers(&read_file(&self.root, path, LONGEST)?))
    }
}

/// One number a line.
fn numbers(file: &[u8]) -> Vec<u32> {
    file.split(|byte| *byte == b'\n')
        .filter_map(decimal)
        .filter_map(|number| u32::try_from(number).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, process};

    #[test]
    fn a_list_of_processes_is_one_number_a_line() {
        assert_eq!(numbers(b"1\n4711\n\nx\n99999999999\n"), [1, 4711]);
    }

    /// Every process is in some group, and the first line of all paths names that of the second version.
    #[test]
    fn the_group_of_this_process_is_found_by_its_number() {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap();
        let Some(path) = own.lines().find_map(|line| line.strip_prefix("0::/")) else {
            return;
        };
        let Some(groups) = Groups::open() else { return };
        let Ok(group) = statat(&groups.root, Path::new(".").join(path), AtFlags::empty()) else {
            return;
        };
        let found = groups.find(&BTreeSet::from([group.st_ino, u64::MAX]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].pids.contains(&process::id()), "{found:?}");
    }
}
