//! The code that is mapped into a process: what was deleted, and what lies where no code belongs.

use super::super::{
    bytes::decimal,
    executable::{shared_directory, unseen},
    procfs::ProcDir,
    view::{View, Views},
};
use crate::model::{
    Fact, Text,
    inspection::{Code, MappedFile, Standing},
};
use rustix::fs::FileType;
use std::collections::{BTreeMap, HashMap};

/// Longer than the maps of all but the largest programs.
const LONGEST: usize = 8 * 1024 * 1024;
/// The most files that are looked at, and that are named.
const MOST: usize = 4096;
const MOST_NOTABLE: usize = 32;
const DELETED: &[u8] = b" (deleted)";
const MEMFD: &[u8] = b"/memfd:";

/// Reads `maps`.
pub(super) fn read(directory: &ProcDir) -> Fact<Code> {
    match directory.read(c"maps", LONGEST + 1) {
        Ok(maps) => Fact::Known(judged(&Views::default().of(directory), &Maps::parse(&maps))),
        Err(errno) => Fact::Unknown(unseen(errno)),
    }
}

/// What is mapped and can be run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Maps<'a> {
    /// Files by path, each with its inode.
    files: BTreeMap<&'a [u8], u64>,
    /// Bytes that can be written as well.
    writable: u64,
    is_cut: bool,
}

impl<'a> Maps<'a> {
    fn parse(maps: &'a [u8]) -> Self {
        let mut found = Self {
            is_cut: maps.len() > LONGEST,
            ..Self::default()
        };
        for line in maps.split(|byte| *byte == b'\n') {
            let Some(map) = Map::parse(line) else {
                continue;
            };
            if map.is_writable {
                found.writable = found.writable.saturating_add(map.length);
            }
            // What the kernel gives every process stands in brackets.
            if map.path.starts_with(b"/") {
                if found.files.len() < MOST {
                    found.files.insert(map.path, map.inode);
                } else if !found.files.contains_key(map.path) {
                    found.is_cut = true;
                }
            }
        }
        found
    }
}

/// One mapping of code.
struct Map<'a> {
    length: u64,
    is_writable: bool,
    inode: u64,
    path: &'a [u8],
}

impl<'a> Map<'a> {
    /// `7f0a-7f0b r-xp 00000000 08:01 4711   /usr/lib/x.so`; `None` for what cannot be run.
    fn parse(line: &'a [u8]) -> Option<Self> {
        let mut rest = line;
        let mut word = || {
            let at = rest.iter().position(|byte| *byte == b' ');
            let (word, behind) = rest.split_at_checked(at.unwrap_or(rest.len()))?;
            rest = behind.get(1..).unwrap_or_default();
            Some(word)
        };
        let (range, rights, _offset, _device, inode) =
            (word()?, word()?, word()?, word()?, word()?);
        let &[_, write, run, _] = rights.first_chunk()?;
        if run != b'x' {
            return None;
        }
        let dash = range.iter().position(|byte| *byte == b'-')?;
        let (begin, end) = (
            hexadecimal(range.get(..dash)?)?,
            hexadecimal(range.get(dash + 1..)?)?,
        );
        Some(Self {
            length: end.checked_sub(begin)?,
            is_writable: write == b'w',
            inode: decimal(inode)?,
            path: rest.trim_ascii_start(),
        })
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u64> {
    u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

fn judged(view: &View<'_>, maps: &Maps<'_>) -> Code {
    let mut code = Code {
        files: maps.files.len(),
        writable: maps.writable,
        is_cut: maps.is_cut,
        ..Code::default()
    };
    let mut places: HashMap<Vec<u8>, Option<Text>> = HashMap::new();
    for (path, inode) in &maps.files {
        let file = mapped(view, path, *inode, &mut places);
        if !file.is_odd() && file.standing == Standing::There {
            continue;
        }
        if code.notable.len() < MOST_NOTABLE {
            code.notable.push(file);
        } else {
            code.more += 1;
        }
    }
    // What is odd comes before what was upgraded.
    code.notable.sort_by_key(|file| !file.is_odd());
    code
}

fn mapped(
    view: &View<'_>,
    listed: &[u8],
    inode: u64,
    places: &mut HashMap<Vec<u8>, Option<Text>>,
) -> MappedFile {
    let stands = |path: &[u8]| {
        let found = view.at(path).ok();
        found.filter(|found| FileType::from_raw_mode(found.mode) == FileType::RegularFile)
    };
    // A file can be really called so.
    let is_called_so = || stands(listed).is_some_and(|found| found.file.1 == inode);
    let path = match listed.strip_suffix(DELETED) {
        Some(path) if !is_called_so() => path,
        Some(_) | None => listed,
    };
    let standing = if path.len() == listed.len() {
        Standing::There
    } else if path.starts_with(MEMFD) {
        Standing::Memory
    } else if stands(path).is_some() {
        Standing::Replaced
    } else {
        Standing::Deleted
    };
    let memfd = standing == Standing::Memory;
    let slash = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    let (folder, name) = path.split_at_checked(slash + 1).unwrap_or((path, b""));
    let mut shared = || {
        let known = places.entry(folder.to_vec());
        known
            .or_insert_with(|| shared_directory(view, folder))
            .clone()
    };
    MappedFile {
        path: Text::from_bytes(path),
        standing,
        shared_directory: if memfd { None } else { shared() },
        hidden: !memfd && name.starts_with(b"."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::{noise::Noise, procfs::Procfs};
    use std::fs;

    const MAPS: &str = "\
5581-5582 r--p 00000000 08:01 11                         /usr/bin/tool
5582-5590 r-xp 00001000 08:01 11                         /usr/bin/tool
7f00-7f10 r-xp 00000000 08:01 12                         /usr/lib/old.so (deleted)
7f10-7f20 r-xp 00000000 08:01 13                         /usr/lib/gone one.so (deleted)
7f20-7f30 rwxp 00000000 00:00 0 
7f30-7f40 r-xp 00000000 00:01 14                         /memfd:x (deleted)
7f40-7f50 rw-s 00000000 00:01 15                         /dev/zero (deleted)
7f50-7f60 r-xp 00000000 08:01 16                         /tmp/.hidden.so
7ffd-7fff r-xp 00000000 00:00 0                          [vdso]
";

    /// A process whose root holds `/usr/lib/old.so`.
    fn fake() -> (tempfile::TempDir, ProcDir) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("42/root/usr/lib")).unwrap();
        fs::write(root.path().join("42/root/usr/lib/old.so"), "new").unwrap();
        let process = Procfs::open(root.path()).unwrap().process(42).unwrap();
        (root, process)
    }

    #[test]
    fn what_is_deleted_or_in_an_odd_place_is_named_and_the_rest_counted() {
        let (_root, process) = fake();
        let code = judged(
            &Views::default().of(&process),
            &Maps::parse(MAPS.as_bytes()),
        );
        let named: Vec<(&str, String)> = code
            .notable
            .iter()
            .map(|file| (file.path.as_str(), file.why()))
            .collect();
        assert_eq!(code.files, 5);
        assert_eq!(code.writable, 0x10);
        assert_eq!(named.len(), 4, "{named:#?}");
        assert_eq!(named[0].0, "/memfd:x");
        assert_eq!(named[1].0, "/tmp/.hidden.so");
        assert!(named[1].1.contains("everybody may write to /tmp"));
        assert_eq!(named[2], ("/usr/lib/gone one.so", "deleted".to_owned()));
        assert!(named[3].1.contains("upgraded"), "{named:#?}");
    }

    #[test]
    fn maps_that_were_tampered_with_harm_nobody() {
        let (_root, process) = fake();
        let mut noise = Noise::new(19);
        for _ in 0..1000 {
            let spoilt = noise.spoilt(MAPS.as_bytes());
            let code = judged(&Views::default().of(&process), &Maps::parse(&spoilt));
            assert!(code.notable.len() <= MOST_NOTABLE);
            for file in &code.notable {
                assert!(!file.path.chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn more_files_than_are_looked_at_is_said() {
        let line = |at: usize| format!("1-2 r-xp 0 08:01 {at} /usr/lib/{at}.so\n");
        let many: String = (0..=MOST).map(line).collect();
        let maps = Maps::parse(many.as_bytes());
        assert_eq!((maps.files.len(), maps.is_cut), (MOST, true));
    }
}
