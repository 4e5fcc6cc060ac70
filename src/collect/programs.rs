//! Evidence about programs that costs more than a look at a process: the package of a file.
//!
//! Asked once per file and remembered until the package database changes. Reads the databases'
//! own text files; starts no package manager.

mod apk;
mod digest;
mod dpkg;
mod pacman;

pub(super) use digest::{Digest, sha256};

use crate::model::{Fact, Text, Unseen};
use std::{
    collections::{BTreeSet, HashMap},
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Longer than any file of a package database that is read.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Where packages put programs; elsewhere, and in `/usr/local`, no package owns anything.
const PACKAGED: [&[u8]; 5] = [b"/usr/", b"/bin/", b"/sbin/", b"/lib", b"/opt/"];

/// Directories in which anybody may put files, however they are protected.
const TEMPORARY: [&str; 6] = [
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/run/user",
    "/private/tmp",
    "/private/var/tmp",
];

/// The most files that are remembered: whoever runs scripts under ever new names must not fill our memory with them.
const MOST_KNOWN: usize = 4096;

/// The files that are looked for, under each name a database may list them by.
type Sought = HashMap<Vec<u8>, Vec<u8>>;
/// The package of each file that was found.
type Found = HashMap<Vec<u8>, Text>;
/// Looks the sought files up in the database at a path.
type Find = fn(&Path, &Sought) -> io::Result<Found>;

/// The package database of one system.
#[derive(Debug)]
pub(super) struct Packages {
    database: Option<Database>,
    changed: Option<SystemTime>,
    known: HashMap<Vec<u8>, Option<Text>>,
}

/// Where a system keeps what its packages brought.
#[derive(Debug, Clone)]
pub(super) struct Database {
    /// Its modification time tells whether packages came or went.
    path: PathBuf,
    kind: Kind,
}

/// Whose database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dpkg,
    Apk,
    Pacman,
}

impl Kind {
    fn find(self) -> Find {
        match self {
            Self::Dpkg => dpkg::find,
            Self::Apk => apk::find,
            Self::Pacman => pacman::find,
        }
    }
}

impl Packages {
    /// Those of the system whose files lie under `root`.
    pub(super) fn of_system(root: &Path) -> Self {
        let kinds = [
            ("var/lib/dpkg/info", Kind::Dpkg),
            ("lib/apk/db/installed", Kind::Apk),
            ("var/lib/pacman/local", Kind::Pacman),
        ];
        let database = kinds.into_iter().find_map(|(path, kind)| {
            let path = root.join(path);
            path.exists().then_some(Database { path, kind })
        });
        Self {
            database,
            changed: None,
            known: HashMap::new(),
        }
    }

    /// Looks for the packages of all `paths` that are not known yet, in one walk.
    pub(super) fn look_up<'a>(&mut self, paths: impl Iterator<Item = &'a [u8]>) {
        let Some(database) = &self.database else {
            return;
        };
        let mut paths = paths.filter(|path| is_packaged(path)).peekable();
        if paths.peek().is_none() {
            return;
        }
        let changed = fs::metadata(&database.path)
            .and_then(|metadata| metadata.modified())
            .ok();
        if changed != self.changed {
            self.known.clear();
            self.changed = changed;
        }
        let mut new: BTreeSet<&[u8]> = paths.collect();
        if new.len() + self.known.len() > MOST_KNOWN {
            // What still runs is asked for again when it is read again.
            self.known.retain(|path, _| new.contains(path.as_slice()));
        }
        new.retain(|path| !self.known.contains_key(*path));
        let new: BTreeSet<Vec<u8>> = new.into_iter().map(<[u8]>::to_vec).collect();
        if new.is_empty() {
            return;
        }
        let sought = sought(&new);
        // What could not be read stays unknown, and is asked for again.
        if let Ok(mut found) = database.kind.find()(&database.path, &sought) {
            for path in new {
                let package = found.remove(&path);
                self.known.insert(path, package);
            }
        }
    }

    /// The database, where there is one that we can read.
    pub(super) fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// Returns the package that owns the file at `path`, which was looked up before.
    pub(super) fn owner(&self, path: &[u8]) -> Fact<Option<Text>> {
        if let Some(snap) = snap_of(path) {
            return Fact::Known(Some(snap));
        }
        if self.database.is_none() {
            return Fact::Unknown(Unseen::NotSupported);
        }
        if !is_packaged(path) {
            return Fact::Known(None);
        }
        match self.known.get(path) {
            Some(package) => Fact::Known(package.clone()),
            None => Fact::Unknown(Unseen::NotPermitted),
        }
    }
}

/// Returns the directory for temporary files in which `path` lies; anybody may put files there.
pub(super) fn temporary_directory(path: &[u8]) -> Option<Text> {
    TEMPORARY
        .iter()
        .find(|directory| {
            path.strip_prefix(directory.as_bytes())
                .is_some_and(|rest| rest.starts_with(b"/"))
        })
        .map(|directory| Text::from(*directory))
}

/// A snap lies under its own name, and in no database: `/snap/firefox/4711/usr/lib/firefox/firefox`.
fn snap_of(path: &[u8]) -> Option<Text> {
    let name = path
        .strip_prefix(b"/snap/")?
        .split(|byte| *byte == b'/')
        .next()?;
    let name = str::from_utf8(name).ok()?;
    Some(Text::from(format!("snap:{name}")))
}

/// Whether a package can own the file at `path`.
pub(super) fn may_be_packaged(path: &[u8]) -> bool {
    is_packaged(path) || snap_of(path).is_some()
}

fn is_packaged(path: &[u8]) -> bool {
    PACKAGED.iter().any(|directory| path.starts_with(directory))
        && !path.starts_with(b"/usr/local/")
}

/// Each file under the names a database may list it by: before and after `/bin` became a link to
/// `/usr/bin`.
fn sought(paths: &BTreeSet<Vec<u8>>) -> Sought {
    let mut sought: Vec<_> = paths
        .iter()
        .map(|path| (path.clone(), path.clone()))
        .collect();
    for path in paths {
        let other = path
            .strip_prefix(b"/usr")
            .map_or_else(|| [b"/usr", path.as_slice()].concat(), <[u8]>::to_vec);
        sought.push((other, path.clone()));
    }
    sought.into_iter().collect()
}

/// Reads a file of a database, never more than [`LONGEST`].
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_into(path, &mut bytes)?;
    Ok(bytes)
}

/// Reads a file of a database in place of what `bytes` held, never more than [`LONGEST`].
fn read_into(path: &Path, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    fs::File::open(path)?.take(LONGEST).read_to_end(bytes)?;
    Ok(())
}

#[cfg(test)]
mod tests;
