//! Reading `/proc` through directory descriptors.
//!
//! A descriptor of `/proc/PID` belongs to one process for ever: when that ends and its number is
//! given to another, reads fail. Everything about one process is read through one descriptor.

use super::{
    bytes::{between, decimal},
    owners::TableId,
    target::socket_inode,
};
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{
        AtFlags, CWD, Mode, OFlags, RawDir, Stat, Statx, StatxFlags, openat, readlinkat_raw,
        statat, statx,
    },
    io::{Errno, read},
    path::{Arg, DecInt},
    process::{Pid, getpid},
    thread::capabilities,
};
use std::path::Path;

/// Room for a directory listing in one go.
pub(super) const LISTING: usize = 32 * 1024;
/// Most files are shorter.
const USUAL: usize = 2048;
/// The links of a directory without children, and with one for the only thread.
const CHILDLESS: u32 = 2;
const LINKS_OF_ONE_THREAD: u32 = CHILDLESS + 1;
/// Longer than the line that says how busy the machine is.
const LOAD: usize = 128;
/// The longest path the kernel gives.
const LONGEST_PATH: usize = 4096;

/// A `/proc`.
#[derive(Debug)]
pub(super) struct Procfs {
    root: OwnedFd,
    /// The only processes that are listed, where not all are.
    only: Option<Vec<u32>>,
    /// It numbers processes as the kernel does when we ask it; that of another namespace of processes does not.
    is_ours: bool,
}

/// What tells whether there still are the processes that there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Population {
    /// The number that was given to a process or thread last.
    last: u64,
    /// The links of `/proc`: one for each process of the machine, and some more.
    count: u32,
}

/// The directory of one process.
#[derive(Debug)]
pub(super) struct ProcDir {
    dir: OwnedFd,
    /// The way from there to its files: they lie beside the directory of its descriptors, where that is what is open.
    above: &'static [u8],
    /// Its number, where that is what the kernel calls it too.
    number: Option<Pid>,
}

/// As whom a process acts, and what it may beyond that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Credentials {
    /// The effective user.
    pub(super) uid: u32,
    /// The effective capabilities.
    pub(super) capabilities: u64,
}

impl Procfs {
    /// Opens the one at `root`.
    pub(super) fn open(root: &Path) -> Result<Self, Errno> {
        let root = open_path(CWD, root)?;
        let own = read_link(&root, c"self").ok();
        let own = own.as_deref().and_then(decimal);
        Ok(Self {
            is_ours: own == u64::try_from(getpid().as_raw_nonzero().get()).ok(),
            root,
            only: None,
        })
    }

    /// Lists none but these processes from now on; each can be read as before.
    pub(super) fn list_only(&mut self, mut pids: Vec<u32>) {
        pids.sort_unstable();
        pids.dedup();
        self.only = Some(pids);
    }

    /// Whether only some processes are listed.
    pub(super) fn lists_few(&self) -> bool {
        self.only.is_some()
    }

    /// Returns the processes there are, in the kernel's order.
    pub(super) fn pids(&self) -> Result<Vec<u32>, Errno> {
        if let Some(only) = &self.only {
            let is_there = |pid: &u32| self.stat(&pid.to_string()).is_ok();
            return Ok(only.iter().copied().filter(is_there).collect());
        }
        numbers_in(open_listing(&self.root, c".")?, usize::MAX)
    }

    /// Returns what is another whenever a process came, and nearly always when one went; `None` where the kernel does
    /// not tell.
    pub(super) fn population(&self) -> Option<Population> {
        let load = self.read("loadavg", LOAD).ok()?;
        let last = load.rsplit(|byte| *byte == b' ').next()?;
        let last = last.strip_suffix(b"\n").and_then(decimal)?;
        let root = statx(&self.root, c"", AtFlags::EMPTY_PATH, StatxFlags::NLINK);
        let count = root.ok()?.stx_nlink;
        (last > 0 && count > CHILDLESS).then_some(Population { last, count })
    }

    /// Opens the directory of a process.
    pub(super) fn process(&self, pid: u32) -> Result<ProcDir, Errno> {
        let dir = open_path(&self.root, DecInt::new(pid))?;
        Ok(self.at(pid, dir, b""))
    }

    /// The same of a process whose directory of descriptors is open already.
    pub(super) fn process_of(&self, pid: u32, descriptors: OwnedFd) -> ProcDir {
        self.at(pid, descriptors, b"../")
    }

    fn at(&self, pid: u32, dir: OwnedFd, above: &'static [u8]) -> ProcDir {
        let number = i32::try_from(pid).ok().filter(|_| self.is_ours);
        ProcDir {
            dir,
            above,
            number: number.and_then(Pid::from_raw),
        }
    }

    /// Opens the directory of a process's descriptors for listing.
    pub(super) fn list_descriptors(&self, pid: u32) -> Result<OwnedFd, Errno> {
        open_listing(&self.root, format!("{pid}/fd"))
    }

    /// Returns what the directory of a process's descriptors looks like from outside.
    pub(super) fn descriptors_of(&self, pid: u32) -> Result<Stat, Errno> {
        statat(&self.root, format!("{pid}/fd"), AtFlags::empty())
    }

    /// Whether a process has more than one thread; also where the kernel does not tell.
    pub(super) fn has_threads(&self, pid: u32) -> bool {
        let name = format!("{pid}/task");
        let task = statx(&self.root, name, AtFlags::empty(), StatxFlags::NLINK);
        task.is_ok_and(|task| task.stx_nlink != LINKS_OF_ONE_THREAD)
    }

    /// Returns the number of the network namespace that a process is in; its link tells it for less than the namespace.
    pub(super) fn network_of(&self, pid: u32) -> Result<u64, Errno> {
        let mut link = [0; 64];
        let length = readlinkat_raw(&self.root, format!("{pid}/ns/net"), link.as_mut_slice())?;
        let link = link.get(..length).unwrap_or(&[]);
        between(link, b"net:[", b"]")
            .and_then(decimal)
            .ok_or(Errno::INVAL)
    }

    /// Returns what a file, or what a link leads to, looks like from outside.
    pub(super) fn stat(&self, name: &str) -> Result<Stat, Errno> {
        statat(&self.root, name, AtFlags::empty())
    }

    /// Returns the same of our own.
    pub(super) fn own_descriptors(&self) -> Result<Stat, Errno> {
        statat(&self.root, c"self/fd", AtFlags::empty())
    }

    /// Whether a descriptor of a process stands for the socket with this inode.
    pub(super) fn is_socket(&self, pid: u32, descriptor: u32, inode: u64) -> bool {
        let mut link = [0; 64];
        let name = format!("{pid}/fd/{descriptor}");
        readlinkat_raw(&self.root, name, link.as_mut_slice())
            .is_ok_and(|length| link.get(..length).and_then(socket_inode) == Some(inode))
    }

    /// Returns up to `limit` bytes of a file.
    pub(super) fn read(&self, name: &str, limit: usize) -> Result<Vec<u8>, Errno> {
        read_file(&self.root, name, limit)
    }
}

impl ProcDir {
    /// Opens the directory of its descriptors for listing.
    pub(super) fn descriptors(&self) -> Result<OwnedFd, Errno> {
        open_listing(&self.dir, self.path(c"fd")?)
    }

    /// Which descriptor table it has.
    pub(super) fn table(&self) -> Result<TableId, Errno> {
        self.stat(c"fd").map(|stat| TableId::of(&stat))
    }

    /// Whether it is known by the directory of its descriptors: then it is the process whose descriptors were listed.
    pub(super) fn was_listed(&self) -> bool {
        !self.above.is_empty()
    }

    fn path(&self, name: impl Arg) -> Result<Vec<u8>, Errno> {
        Ok([self.above, name.into_c_str()?.to_bytes()].concat())
    }

    /// Returns what a file, or what a link leads to, looks like from outside.
    pub(super) fn stat(&self, name: impl Arg) -> Result<Stat, Errno> {
        statat(&self.dir, self.path(name)?, AtFlags::empty())
    }

    /// The same, and what only newer kernels tell of it.
    pub(super) fn statx(&self, name: impl Arg, asked: StatxFlags) -> Result<Statx, Errno> {
        statx(&self.dir, self.path(name)?, AtFlags::empty(), asked)
    }

    /// Opens a file.
    pub(super) fn open(&self, name: impl Arg, flags: OFlags) -> Result<OwnedFd, Errno> {
        openat(&self.dir, self.path(name)?, flags, Mode::empty())
    }

    /// As whom it acts, without a look at its file `status`, which takes ten times as long; `None` where only that tells.
    ///
    /// They are its own when something that is read of it afterwards can be: until then its number was not given away.
    pub(super) fn credentials(&self) -> Option<Credentials> {
        let capabilities = capabilities(Some(self.number?)).ok()?;
        Some(Credentials {
            // The owner of this directory, unlike those of the files in it, always is the effective user.
            uid: self.stat(c".").ok()?.st_uid,
            capabilities: capabilities.effective.bits(),
        })
    }

    /// Returns up to `limit` bytes of a file.
    pub(super) fn read(&self, name: impl Arg, limit: usize) -> Result<Vec<u8>, Errno> {
        read_file(&self.dir, self.path(name)?, limit)
    }

    /// The same of a file that the kernel writes in one go.
    pub(super) fn read_record(&self, name: impl Arg, limit: usize) -> Result<Vec<u8>, Errno> {
        read_record(&self.dir, self.path(name)?, limit)
    }

    /// Returns what a link points to.
    pub(super) fn link(&self, name: impl Arg) -> Result<Vec<u8>, Errno> {
        read_link(&self.dir, self.path(name)?)
    }

    /// Returns its threads, at most so many.
    pub(super) fn threads(&self, most: usize) -> Result<Vec<u32>, Errno> {
        numbers_in(open_listing(&self.dir, self.path(c"task")?)?, most)
    }

    /// Opens the directory of a thread's descriptors for listing.
    pub(super) fn thread_descriptors(&self, tid: u32) -> Result<OwnedFd, Errno> {
        open_listing(&self.dir, self.path(format!("task/{tid}/fd"))?)
    }
}

/// The names in a directory that are numbers, at most so many.
fn numbers_in(directory: OwnedFd, most: usize) -> Result<Vec<u32>, Errno> {
    let mut buffer = Vec::with_capacity(LISTING);
    let mut entries = RawDir::new(directory, buffer.spare_capacity_mut());
    let mut numbers = Vec::with_capacity(most.min(512));
    while let Some(entry) = entries.next()
        && numbers.len() < most
    {
        let number = decimal(entry?.file_name().to_bytes());
        numbers.extend(number.and_then(|number| u32::try_from(number).ok()));
    }
    Ok(numbers)
}

/// Returns what a link points to.
pub(super) fn read_link(at: impl AsFd, name: impl Arg) -> Result<Vec<u8>, Errno> {
    let mut buffer = [0; LONGEST_PATH];
    let length = readlinkat_raw(at, name, buffer.as_mut_slice())?;
    Ok(buffer.get(..length).unwrap_or(&[]).to_vec())
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
    read_until(at, path, limit, |_, more| more == 0)
}

/// The same of a file that the kernel writes in one go, as `stat`, `status`, `cgroup`, `cmdline` and `environ` of a
/// process: it ends where a read brings less than there was room for.
pub(super) fn read_record(at: impl AsFd, path: impl Arg, limit: usize) -> Result<Vec<u8>, Errno> {
    read_until(at, path, limit, |room, more| more < room)
}

fn read_until(
    at: impl AsFd,
    path: impl Arg,
    limit: usize,
    is_end: fn(usize, usize) -> bool,
) -> Result<Vec<u8>, Errno> {
    let file = openat(at, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let mut bytes = vec![0; limit.min(USUAL)];
    let mut length = 0;
    while let Some(room) = bytes.get_mut(length..).filter(|room| !room.is_empty()) {
        let size = room.len();
        match read(&file, room) {
            Ok(more) => {
                length += more;
                if is_end(size, more) {
                    break;
                }
                if length == bytes.len() {
                    bytes.resize(limit.min(length.saturating_mul(4)), 0);
                }
            }
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
    fn of_few_that_are_asked_for_only_those_that_are_there_are_listed() {
        let root = tempfile::tempdir().unwrap();
        for name in ["1", "7", "4711"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let mut procfs = Procfs::open(root.path()).unwrap();
        procfs.list_only(vec![4711, 8, 7, 7]);
        assert_eq!(procfs.pids().unwrap(), [7, 4711]);
        assert!(procfs.process(1).is_ok());
    }

    #[test]
    fn a_process_is_read_beside_its_open_descriptors_as_from_above() {
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let own = std::process::id();
        let above = procfs.process(own).unwrap();
        let listing = procfs.list_descriptors(own).unwrap();
        let beside = procfs.process_of(own, listing);
        assert!(beside.was_listed() && !above.was_listed());
        let seen = |process: &ProcDir| {
            let lists = process.descriptors().is_ok() && process.threads(9).is_ok();
            (
                process.link(c"exe").unwrap(),
                process.read(c"comm", 64).unwrap(),
                process.read_record(c"cmdline", 4096).unwrap(),
                process.table().unwrap(),
                process.credentials().unwrap(),
                process.stat(b"root/proc".as_slice()).unwrap().st_ino,
                lists,
            )
        };
        assert_eq!(seen(&beside), seen(&above));
        // It is the process that it was, not whoever has the number.
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let listing = procfs.list_descriptors(child.id());
        child.wait().unwrap();
        if let Ok(listing) = listing {
            let ended = procfs.process_of(own, listing);
            assert!(ended.read(c"comm", 64).is_err());
        }
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

    #[test]
    fn a_process_that_came_makes_another_population() {
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        // Not every kernel tells.
        let Some(before) = procfs.population() else {
            return;
        };
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        assert_ne!(procfs.population(), Some(before));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_machine_that_does_not_say_how_many_there_are_has_no_population() {
        let root = tempfile::tempdir().unwrap();
        let procfs = Procfs::open(root.path()).unwrap();
        assert_eq!(procfs.population(), None);
        fs::create_dir(root.path().join("1")).unwrap();
        fs::write(root.path().join("loadavg"), "0.00 0.00 0.00 0/0 0\n").unwrap();
        assert_eq!(procfs.population(), None);
        fs::write(root.path().join("loadavg"), "0.00 0.00 0.00 1/90 4711\n").unwrap();
        let last = procfs.population().map(|population| population.last);
        assert_eq!(last, Some(4711));
    }
}
