//! The open files of a process, by kind, and those worth a look.

use super::super::{
    bytes::decimal,
    executable::unseen,
    procfs::{LISTING, ProcDir},
};
use crate::model::{
    Fact, Text,
    inspection::{DescriptorKind as Kind, Descriptors, NotableFile},
};
use rustix::{
    fd::AsFd,
    fs::{AtFlags, FileType, RawDir, StatxFlags, readlinkat_raw, statx},
    io::Errno,
};
use std::{collections::BTreeMap, ffi::CStr};

/// The most descriptors that are looked at.
const MOST: usize = 65_536;
/// The most that are named.
const MOST_NOTABLE: usize = 32;
const LONGEST_PATH: usize = 4096;
const DELETED: &[u8] = b" (deleted)";
const GONE: &str = "it was deleted";

/// Reads all that there are.
pub(super) fn read(directory: &ProcDir) -> Fact<Descriptors> {
    match count(directory) {
        Ok(descriptors) => Fact::Known(descriptors),
        Err(errno) => Fact::Unknown(unseen(errno)),
    }
}

fn count(directory: &ProcDir) -> Result<Descriptors, Errno> {
    let descriptors = directory.descriptors()?;
    let mut buffer = Vec::with_capacity(LISTING);
    let mut entries = RawDir::new(&descriptors, buffer.spare_capacity_mut());
    let mut link = vec![0; LONGEST_PATH];
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut found = Descriptors::default();
    let mut seen = 0;
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let Some(number) = decimal(entry.file_name().to_bytes()) else {
            continue;
        };
        seen += 1;
        if seen > MOST {
            found.is_cut = true;
            break;
        }
        let length = match readlinkat_raw(&descriptors, entry.file_name(), link.as_mut_slice()) {
            Ok(length) => length,
            Err(Errno::ACCESS | Errno::PERM) => return Err(Errno::ACCESS),
            // Closed meanwhile.
            Err(_) => continue,
        };
        let link = link.get(..length).unwrap_or_default();
        let (kind, why) = look(link, || file(&descriptors, entry.file_name()));
        *counts.entry(kind).or_default() += 1;
        let Some(why) = why else { continue };
        if found.notable.len() == MOST_NOTABLE {
            found.more += 1;
            continue;
        }
        let path = link.strip_suffix(DELETED).filter(|_| why == GONE);
        found.notable.push(NotableFile {
            fd: u32::try_from(number).unwrap_or(u32::MAX),
            what: Text::from_bytes(path.unwrap_or(link)),
            why,
        });
    }
    found.notable.sort_by_key(|one| one.fd);
    found.counts = counts.into_iter().collect();
    Ok(found)
}

/// What stands behind a path.
#[derive(Debug, Clone, Copy)]
struct File {
    kind: FileType,
    links: u32,
}

/// Asks what the kernel knows already: a server that does not answer must not hold us up.
fn file(descriptors: impl AsFd, name: &CStr) -> Option<File> {
    let flags = AtFlags::STATX_DONT_SYNC;
    let wanted = StatxFlags::TYPE | StatxFlags::NLINK;
    let seen = statx(descriptors, name, flags, wanted).ok()?;
    Some(File {
        kind: FileType::from_raw_mode(seen.stx_mode.into()),
        links: seen.stx_nlink,
    })
}

/// What kind of descriptor has this link, and why it is worth a look; `file` is asked only for paths.
fn look(link: &[u8], file: impl FnOnce() -> Option<File>) -> (Kind, Option<&'static str>) {
    if let Some(kind) = link.strip_prefix(b"anon_inode:") {
        return anonymous(kind);
    }
    if link.starts_with(b"socket:[") {
        return (Kind::Socket, None);
    }
    if link.starts_with(b"pipe:[") {
        return (Kind::Pipe, None);
    }
    if link.starts_with(b"/memfd:") {
        return (Kind::Memory, Some("an anonymous memory file"));
    }
    if !link.starts_with(b"/") {
        let is_namespace = ["net:[", "mnt:[", "pid:[", "user:["]
            .iter()
            .any(|start| link.starts_with(start.as_bytes()));
        return (Kind::Other, is_namespace.then_some("keeps a namespace"));
    }
    path(link, file())
}

/// What has no file: `[eventfd]`, `bpf-map`.
fn anonymous(kind: &[u8]) -> (Kind, Option<&'static str>) {
    let kind = kind.strip_prefix(b"[").unwrap_or(kind);
    let kind = kind.strip_suffix(b"]").unwrap_or(kind);
    match kind {
        b"eventfd" | b"eventpoll" | b"timerfd" | b"signalfd" | b"inotify" => (Kind::Events, None),
        b"fanotify" => (Kind::Events, Some("sees what others do with files")),
        b"io_uring" => (Kind::Other, Some("works past system calls (io_uring)")),
        b"pidfd" => (Kind::Other, Some("holds on to a process")),
        b"perf_event" => (Kind::Other, Some("measures the machine")),
        b"userfaultfd" => (Kind::Other, Some("handles page faults")),
        _ if kind.starts_with(b"bpf") => (Kind::Other, Some("code or data in the kernel (BPF)")),
        _ if kind.starts_with(b"kvm") => (Kind::Other, Some("runs a virtual machine")),
        _ => (Kind::Other, None),
    }
}

fn path(link: &[u8], file: Option<File>) -> (Kind, Option<&'static str>) {
    let why = by_name(link);
    let Some(file) = file else {
        return (Kind::File, why);
    };
    match file.kind {
        FileType::Directory => (Kind::Directory, None),
        FileType::Fifo => (Kind::Pipe, None),
        FileType::Socket => (Kind::Socket, None),
        FileType::BlockDevice => (Kind::Device, Some("a disk, past its file system")),
        FileType::CharacterDevice if is_terminal(link) => (Kind::Terminal, None),
        FileType::CharacterDevice => (Kind::Device, why),
        FileType::RegularFile | FileType::Symlink | FileType::Unknown => {
            let deleted = file.links == 0 && link.ends_with(DELETED);
            (Kind::File, why.or(deleted.then_some(GONE)))
        }
    }
}

fn is_terminal(link: &[u8]) -> bool {
    let starts = ["/dev/pts/", "/dev/tty", "/dev/console", "/dev/ptmx"];
    starts
        .iter()
        .any(|start| link.starts_with(start.as_bytes()))
}

/// What a file is by its name alone.
fn by_name(link: &[u8]) -> Option<&'static str> {
    let is_in = |start: &str| link.starts_with(start.as_bytes());
    let ends = |end: &str| link.ends_with(end.as_bytes());
    if ["/dev/mem", "/dev/kmem", "/dev/port"]
        .iter()
        .any(|one| link == one.as_bytes())
    {
        Some("the memory of the whole machine")
    } else if is_in("/dev/input/") || is_in("/dev/uinput") || is_in("/dev/hidraw") {
        Some("keyboards and other input")
    } else if is_in("/dev/net/tun") {
        Some("a network device of its own")
    } else if is_in("/dev/kvm") {
        Some("runs virtual machines")
    } else if is_in("/proc/") && ends("/mem") {
        Some("the memory of a process")
    } else if is_in("/etc/shadow") || is_in("/etc/gshadow") {
        Some("password hashes")
    } else if ends("/id_rsa") || ends("/id_ed25519") || ends("/id_ecdsa") || ends(".key") {
        Some("a private key, by its name")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::{noise::Noise, procfs::Procfs};
    use std::path::Path;

    fn looked(link: &str, kind: FileType, links: u32) -> (Kind, Option<&'static str>) {
        look(link.as_bytes(), || Some(File { kind, links }))
    }

    #[test]
    fn kinds_are_told_by_link_and_by_what_stands_behind() {
        let file = FileType::RegularFile;
        assert_eq!(looked("socket:[7]", file, 1).0, Kind::Socket);
        assert_eq!(
            looked("anon_inode:[eventfd]", file, 1),
            (Kind::Events, None)
        );
        assert_eq!(
            looked("/dev/null", FileType::CharacterDevice, 1),
            (Kind::Device, None)
        );
        assert_eq!(
            looked("/dev/pts/3", FileType::CharacterDevice, 1).0,
            Kind::Terminal
        );
        assert_eq!(
            looked("/srv", FileType::Directory, 2),
            (Kind::Directory, None)
        );
        assert_eq!(looked("/memfd:x (deleted)", file, 0).0, Kind::Memory);
        assert!(looked("anon_inode:bpf-map", file, 1).1.is_some());
        assert!(looked("/etc/shadow", file, 1).1.is_some());
    }

    #[test]
    fn a_name_that_ends_in_deleted_is_not_a_deletion() {
        let file = FileType::RegularFile;
        assert_eq!(looked("/var/log/x (deleted)", file, 0).1, Some(GONE));
        assert_eq!(looked("/var/log/x (deleted)", file, 1).1, None);
    }

    #[test]
    fn our_own_are_counted_and_a_deleted_one_is_named() {
        let deleted = tempfile::tempfile().unwrap();
        let (_reader, _writer) = std::io::pipe().unwrap();
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let own = count(&procfs.process(std::process::id()).unwrap()).unwrap();
        let of = |kind| {
            own.counts
                .iter()
                .find(|(one, _)| *one == kind)
                .map_or(0, |(_, count)| *count)
        };
        assert!(of(Kind::Pipe) >= 2 && own.count() >= 3, "{own:#?}");
        let fd = std::os::fd::AsRawFd::as_raw_fd(&deleted);
        let named = own
            .notable
            .iter()
            .find(|one| i64::from(one.fd) == i64::from(fd));
        // A temporary file without a name is one that was deleted, wherever the test runs.
        assert!(named.is_some() || own.more > 0, "{own:#?}");
    }

    #[test]
    fn whatever_a_link_says_it_is_of_some_kind() {
        let mut noise = Noise::new(17);
        for _ in 0..2000 {
            let link = noise.spoilt(b"/proc/42/mem (deleted)");
            look(&link, || None);
            look(&noise.spoilt(b"anon_inode:[bpf]"), || None);
        }
    }
}
