//! Which control group a number of the kernel's stands for, by walking the hierarchy.
//!
//! The number is the inode of the group's directory, so no privilege is needed. A group that was removed,
//! or that lies outside of what this process sees, has no name; it is looked for again only when another
//! unknown number comes.

use super::{cgroup, procfs::Procfs};
use crate::model::{ControlGroup, Text};
use std::{
    collections::HashMap,
    ffi::OsString,
    fs::{metadata, read_dir},
    os::unix::{
        ffi::{OsStrExt as _, OsStringExt as _},
        fs::{DirEntryExt as _, MetadataExt as _},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

/// The most groups that are read; real machines have hundreds.
const MOST: usize = 20_000;
/// The deepest that they are nested.
const DEEPEST: usize = 32;
/// How many sockets with an unknown group are let pass before the hierarchy is walked again.
const PATIENCE: u32 = 1000;
const LONGEST: usize = 1024 * 1024;

/// The control groups of this machine.
#[derive(Debug, Default)]
pub(super) struct ControlGroups {
    root: Option<PathBuf>,
    names: HashMap<u64, Option<Arc<ControlGroup>>>,
    /// The one that was asked for last: neighbours in a dump are often of one group.
    last: Option<(u64, Arc<ControlGroup>)>,
    /// How often an unknown number was asked for since the last walk.
    misses: u32,
}

impl ControlGroups {
    /// Those of this machine; none where its hierarchy is not mounted.
    pub(super) fn of_system(procfs: &Procfs) -> Self {
        let mounts = procfs.read("self/mountinfo", LONGEST).unwrap_or_default();
        Self {
            root: hierarchy(&mounts),
            ..Self::default()
        }
    }

    /// Returns the group with this number.
    pub(super) fn named(&mut self, number: u64) -> Option<Arc<ControlGroup>> {
        if number == 0 || self.root.is_none() {
            return None;
        }
        if let Some((last, group)) = &self.last
            && *last == number
        {
            return Some(Arc::clone(group));
        }
        let group = self.look_up(number)?;
        self.last = Some((number, Arc::clone(&group)));
        Some(group)
    }

    fn look_up(&mut self, number: u64) -> Option<Arc<ControlGroup>> {
        match self.names.get(&number) {
            Some(Some(group)) => return Some(Arc::clone(group)),
            Some(None) if self.misses < PATIENCE => {
                self.misses += 1;
                return None;
            }
            Some(None) | None => self.walk(),
        }
        self.names.entry(number).or_insert(None).clone()
    }

    fn walk(&mut self) {
        self.misses = 0;
        self.names.clear();
        let Some(root) = &self.root else { return };
        // The root's own number is that of the directory; its parent does not list it.
        let top = metadata(root).map(|top| top.ino()).ok();
        let mut left = vec![(root.clone(), 0)];
        self.names.extend(top.map(|top| (top, group(root, root))));
        while let Some((directory, depth)) = left.pop() {
            for (number, path) in children(&directory) {
                if self.names.len() >= MOST {
                    return;
                }
                self.names.insert(number, group(root, &path));
                if depth < DEEPEST {
                    left.push((path, depth + 1));
                }
            }
        }
    }
}

fn group(root: &Path, path: &Path) -> Option<Arc<ControlGroup>> {
    let below = path.strip_prefix(root).ok()?.as_os_str().as_bytes();
    let path = [b"/", below].concat();
    let member = cgroup::membership(&[b"0::", &*path].concat());
    Some(Arc::new(ControlGroup {
        path: Text::from_bytes(&path),
        unit: member.unit,
        container: member.container,
    }))
}

/// The groups in a group, with their numbers; none when it is gone.
fn children(directory: &Path) -> impl Iterator<Item = (u64, PathBuf)> {
    let entries = read_dir(directory).into_iter().flatten().flatten();
    let is_group = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    entries
        .filter(is_group)
        .map(|entry| (entry.ino(), entry.path()))
}

/// Where the one hierarchy is mounted that sockets are numbered by, from `/proc/self/mountinfo`.
fn hierarchy(mounts: &[u8]) -> Option<PathBuf> {
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
    use std::fs::create_dir_all;

    const MOUNTS: &[u8] = b"31 24 0:27 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n\
        32 24 0:28 / /sys/fs/my\\040cgroup rw shared:9 - cgroup2 cgroup2 rw\n";

    fn groups(root: &Path) -> ControlGroups {
        ControlGroups {
            root: Some(root.to_owned()),
            ..ControlGroups::default()
        }
    }

    #[test]
    fn the_one_hierarchy_is_found_among_the_old_ones() {
        let path = hierarchy(MOUNTS).unwrap();
        assert_eq!(path, Path::new("/sys/fs/my cgroup"));
        assert_eq!(hierarchy(b"1 2 3\n\n- \n31 24 0:27 / /x rw -"), None);
    }

    #[test]
    fn a_number_is_the_group_whose_directory_has_it() {
        let root = tempfile::tempdir().unwrap();
        let service = root.path().join("system.slice/nginx.service");
        create_dir_all(&service).unwrap();
        let number = |path: &Path| metadata(path).unwrap().ino();
        let mut groups = groups(root.path());
        let nginx = groups.named(number(&service)).unwrap();
        assert_eq!(nginx.path, "/system.slice/nginx.service");
        assert_eq!(nginx.unit.as_deref(), Some("nginx.service"));
        assert_eq!(groups.named(number(root.path())).unwrap().path, "/");
        assert!(Arc::ptr_eq(
            &nginx,
            &groups.named(number(&service)).unwrap()
        ));
        assert_eq!(groups.named(0), None);
    }

    #[test]
    fn a_group_made_later_is_found_and_an_unknown_number_is_no_reason_to_look_each_time() {
        let root = tempfile::tempdir().unwrap();
        let mut groups = groups(root.path());
        assert_eq!(groups.named(1), None);
        assert_eq!((groups.named(1), groups.misses), (None, 1));
        let later = root.path().join("later.service");
        create_dir_all(&later).unwrap();
        let number = metadata(&later).unwrap().ino();
        assert_eq!(groups.named(number).unwrap().path, "/later.service");
    }
}
