//! The hierarchy that sockets are numbered by, walked.
//!
//! A group's number is the inode of its directory (cgroup v2, also where it stands beside v1). The tree is
//! walked without privilege; directories without children are known by their link count and never listed.

use crate::collect::linux::{
    bytes::decimal,
    procfs::{LISTING, open_listing, read_file},
};
use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, CWD, FileType, RawDir, StatxFlags, fstat, fstatfs, statx},
    io::Errno,
};
use std::{
    ffi::OsString,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
};

/// Where the second version is mounted: beside the first, or alone. Elsewhere only if the list of mounts says so.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];
/// `CGROUP2_SUPER_MAGIC`.
const SECOND_VERSION: i64 = 0x6367_7270;
/// The most groups that are looked at; real machines have hundreds.
const MOST: usize = 50_000;
/// Longer than the list of the processes of any one group, and than any list of mounts.
const LONGEST: usize = 1024 * 1024;
/// Links of a directory without children: its name and its own dot. Some file systems do not count them, and say 1.
const CHILDLESS: u32 = 2;

/// The tree of control groups.
#[derive(Debug)]
pub(in crate::collect::linux) struct Tree {
    root: OwnedFd,
}

/// A group's directory.
#[derive(Debug)]
pub(in crate::collect::linux) struct Directory {
    /// Below the root, each name behind a slash; empty for the root itself.
    pub(in crate::collect::linux) path: Vec<u8>,
    pub(in crate::collect::linux) number: u64,
    has_children: bool,
}

impl Tree {
    /// Opens that of this machine; `None` where there is no second version.
    pub(in crate::collect::linux) fn open() -> Option<Self> {
        let usual = MOUNTS.iter().find_map(|mount| Self::at(Path::new(mount)));
        usual.or_else(|| {
            let mounts = read_file(CWD, c"/proc/self/mountinfo", LONGEST).ok()?;
            Self::at(&mounted_at(&mounts)?)
        })
    }

    fn at(mount: &Path) -> Option<Self> {
        let tree = Self::below(mount)?;
        let kind = fstatfs(&tree.root).ok()?.f_type;
        (kind == SECOND_VERSION).then_some(tree)
    }

    /// The tree of directories below `root`, whatever file system that is.
    pub(super) fn below(root: &Path) -> Option<Self> {
        let root = open_listing(CWD, root).ok()?;
        Some(Self { root })
    }

    /// Gives every group to `visit`, each after the one it is in, until that says that it has enough.
    pub(in crate::collect::linux) fn walk(&self, visit: &mut dyn FnMut(&Directory) -> Enough) {
        let mut waiting: Vec<Directory> = self.top().into_iter().collect();
        for _ in 0..MOST {
            let Some(next) = waiting.pop() else { return };
            if visit(&next) == Enough::Yes {
                return;
            }
            if next.has_children {
                // A group that ended while we looked has nobody in it.
                _ = self.add_children(&next.path, &mut waiting);
            }
        }
    }

    fn top(&self) -> Option<Directory> {
        Some(Directory {
            path: vec![],
            number: fstat(&self.root).ok()?.st_ino,
            has_children: true,
        })
    }

    fn add_children(&self, parent: &[u8], waiting: &mut Vec<Directory>) -> Result<(), Errno> {
        let listing = open_listing(&self.root, &*relative(parent, b""))?;
        let mut buffer = Vec::with_capacity(LISTING);
        let mut entries = RawDir::new(&listing, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            let bytes = name.to_bytes();
            if entry.file_type() != FileType::Directory || bytes.starts_with(b".") {
                continue;
            }
            let links = statx(&listing, name, AtFlags::empty(), StatxFlags::NLINK);
            waiting.push(Directory {
                path: [parent, b"/", bytes].concat(),
                number: entry.ino(),
                has_children: !links.is_ok_and(|child| child.stx_nlink == CHILDLESS),
            });
        }
        Ok(())
    }

    /// The processes in a group, without those of the groups below.
    pub(in crate::collect::linux) fn processes(
        &self,
        group: &Directory,
    ) -> Result<Vec<u32>, Errno> {
        let list = relative(&group.path, b"/cgroup.procs");
        Ok(numbers(&read_file(&self.root, &*list, LONGEST)?))
    }

    #[cfg(test)]
    pub(in crate::collect::linux) fn number_of(&self, path: &str) -> Option<u64> {
        let path = relative(path.trim_end_matches('/').as_bytes(), b"");
        let group = statx(&self.root, &*path, AtFlags::empty(), StatxFlags::INO);
        group.ok().map(|group| group.stx_ino)
    }
}

/// Whether a walk is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::collect::linux) enum Enough {
    Yes,
    No,
}

/// A path below the root, as the kernel takes it from there.
fn relative(path: &[u8], file: &[u8]) -> Vec<u8> {
    [b".", path, file].concat()
}

/// One number a line.
fn numbers(file: &[u8]) -> Vec<u32> {
    file.split(|byte| *byte == b'\n')
        .filter_map(decimal)
        .filter_map(|number| u32::try_from(number).ok())
        .collect()
}

/// Where the hierarchy is mounted, from `/proc/self/mountinfo`.
fn mounted_at(mounts: &[u8]) -> Option<PathBuf> {
    mounts.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b' ');
        let place = fields.nth(4)?;
        let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
        (kind == b"cgroup2").then(|| PathBuf::from(OsString::from_vec(unescaped(place))))
    })
}

/// Blanks and line breaks are written as `\040` and `\012`.
fn unescaped(path: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..3).filter(|_| *first == b'\\');
        let code = digits.and_then(|digits| {
            let digits = str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 8).ok()
        });
        plain.push(code.unwrap_or(*first));
        rest = match code {
            Some(_) => behind.get(3..).unwrap_or(&[]),
            None => behind,
        };
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::create_dir_all, fs::write};

    const MOUNTS: &[u8] = b"31 24 0:27 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n\
        32 24 0:28 / /sys/fs/my\\040cgroup rw shared:9 - cgroup2 cgroup2 rw\n";

    #[test]
    fn the_one_hierarchy_is_found_among_the_old_ones() {
        let path = mounted_at(MOUNTS).unwrap();
        assert_eq!(path, Path::new("/sys/fs/my cgroup"));
        assert_eq!(mounted_at(b"1 2 3\n\n- \n31 24 0:27 / /x rw -"), None);
    }

    #[test]
    fn a_list_of_processes_is_one_number_a_line() {
        assert_eq!(numbers(b"1\n4711\n\nx\n99999999999\n"), [1, 4711]);
    }

    #[test]
    fn every_group_is_met_behind_the_one_it_is_in_until_enough_was_seen() {
        let root = tempfile::tempdir().unwrap();
        create_dir_all(root.path().join("a.slice/b.slice/c.service")).unwrap();
        create_dir_all(root.path().join("d.service")).unwrap();
        write(root.path().join("d.service/cgroup.procs"), "7\n8\n").unwrap();
        let tree = Tree::below(root.path()).unwrap();
        let mut met = vec![];
        let mut pids = vec![];
        tree.walk(&mut |group| {
            met.push(String::from_utf8(group.path.clone()).unwrap());
            pids.extend(tree.processes(group).unwrap_or_default());
            Enough::No
        });
        let place = |path: &str| met.iter().position(|met| met == path).unwrap();
        assert_eq!((met.len(), place("")), (5, 0), "{met:?}");
        assert!(place("/a.slice") < place("/a.slice/b.slice"), "{met:?}");
        assert!(place("/a.slice/b.slice") < place("/a.slice/b.slice/c.service"));
        assert_eq!(pids, [7, 8]);
        let mut count = 0;
        tree.walk(&mut |_| {
            count += 1;
            if count == 2 { Enough::Yes } else { Enough::No }
        });
        assert_eq!(count, 2);
    }
}
