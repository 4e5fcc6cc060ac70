//! What stands at paths as processes see them, which in a container is not as we do.
//!
//! Processes that see the same are told by the mount of their root directory: then each path is looked at once for all
//! of them.

use super::procfs::ProcDir;
use rustix::{
    fs::{Stat, StatxFlags},
    io::Errno,
};
use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
};

/// What was looked at so far; true for one sample only.
#[derive(Debug, Default)]
pub(super) struct Views {
    known: RefCell<HashMap<Root, Known>>,
}

/// What stands at paths below one root.
type Known = HashMap<Vec<u8>, Result<Standing, Errno>>;

/// Where paths begin for some processes. The number of a mount is that of one mount namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Root {
    mount: u64,
    device: (u32, u32),
    inode: u64,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Device and inode.
    pub(super) file: (u64, u64),
    /// Type and permissions.
    pub(super) mode: u32,
}

/// Longer than any list of mounts that is worth reading.
const LONGEST_MOUNTS: usize = 1024 * 1024;

/// A process, and what it sees.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) process: &'a ProcDir,
    views: &'a Views,
    /// `None` where the kernel does not tell (before Linux 5.8), or we may not look.
    root: OnceCell<Option<Root>>,
    file: OnceCell<Option<Stat>>,
    mounts: OnceCell<Option<Vec<u8>>>,
}

impl Views {
    /// What a process sees.
    pub(super) fn of<'a>(&'a self, process: &'a ProcDir) -> View<'a> {
        View {
            process,
            views: self,
            root: OnceCell::new(),
            file: OnceCell::new(),
            mounts: OnceCell::new(),
        }
    }
}

impl View<'_> {
    /// The file that the process runs.
    pub(super) fn file(&self) -> Option<&Stat> {
        let read = || self.process.stat(c"exe").ok();
        self.file.get_or_init(read).as_ref()
    }

    /// What is mounted where, as the kernel lists it.
    pub(super) fn mounts(&self) -> Option<&[u8]> {
        let read = || self.process.read(c"mountinfo", LONGEST_MOUNTS).ok();
        self.mounts.get_or_init(read).as_deref()
    }

    /// What stands at an absolute path.
    pub(super) fn at(&self, path: &[u8]) -> Result<Standing, Errno> {
        let Some(root) = self.root.get_or_init(|| self.read_root()) else {
            return self.look_at(path);
        };
        let mut known = self.views.known.borrow_mut();
        let known = known.entry(*root).or_default();
        if let Some(standing) = known.get(path) {
            return *standing;
        }
        let standing = self.look_at(path);
        known.insert(path.to_vec(), standing);
        standing
    }

    fn read_root(&self) -> Option<Root> {
        let asked = StatxFlags::INO | StatxFlags::MNT_ID;
        let root = self.process.statx(c"root", asked).ok()?;
        let told = StatxFlags::from_bits_retain(root.stx_mask);
        told.contains(asked).then_some(Root {
            mount: root.stx_mnt_id,
            device: (root.stx_dev_major, root.stx_dev_minor),
            inode: root.stx_ino,
        })
    }

    fn look_at(&self, path: &[u8]) -> Result<Standing, Errno> {
        let stat = self.process.stat([b"root", path].concat())?;
        Ok(Standing {
            file: (stat.st_dev, stat.st_ino),
            mode: stat.st_mode,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::procfs::Procfs;
    use rustix::fs::{AtFlags, statat};
    use std::{fs, os::unix::fs::symlink, path::Path};

    /// A `/proc` with a process under each number, that sees what is in its own directory of `files`.
    fn fake(pids: &[u32]) -> (tempfile::TempDir, Vec<ProcDir>) {
        let root = tempfile::tempdir().unwrap();
        let processes = pids.iter().map(|pid| {
            let files = root.path().join(format!("files{pid}"));
            fs::create_dir_all(&files).unwrap();
            fs::create_dir(root.path().join(pid.to_string())).unwrap();
            symlink(&files, root.path().join(format!("{pid}/root"))).unwrap();
            let procfs = Procfs::open(root.path()).unwrap();
            procfs.process(*pid).unwrap()
        });
        let processes = processes.collect();
        (root, processes)
    }

    #[test]
    fn each_process_sees_what_is_below_its_own_root() {
        let (root, processes) = fake(&[7, 8]);
        fs::write(root.path().join("files7/tool"), "x").unwrap();
        let views = Views::default();
        assert!(views.of(&processes[0]).at(b"/tool").is_ok());
        assert_eq!(views.of(&processes[1]).at(b"/tool"), Err(Errno::NOENT));
    }

    #[test]
    fn a_path_is_looked_at_once_for_all_that_see_the_same() {
        let (root, processes) = fake(&[7, 8]);
        fs::remove_file(root.path().join("8/root")).unwrap();
        symlink(root.path().join("files7"), root.path().join("8/root")).unwrap();
        let views = Views::default();
        assert_eq!(views.of(&processes[0]).at(b"/tool"), Err(Errno::NOENT));
        fs::write(root.path().join("files7/tool"), "x").unwrap();
        let tells_mounts = views.of(&processes[0]).read_root().is_some();
        assert_eq!(views.of(&processes[1]).at(b"/tool").is_err(), tells_mounts);
        assert!(Views::default().of(&processes[1]).at(b"/tool").is_ok());
    }

    #[test]
    fn the_root_of_this_process_is_told_by_its_mount() {
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let own = procfs.process(std::process::id()).unwrap();
        let views = Views::default();
        let standing = views.of(&own).at(b"/proc/self").unwrap();
        let stat = statat(rustix::fs::CWD, c"/proc/self", AtFlags::empty()).unwrap();
        assert_eq!(standing.file, (stat.st_dev, stat.st_ino));
    }
}
