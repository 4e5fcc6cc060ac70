//! The registry that `registry update` has put on this machine: one file, replaced whole.
//!
//! The file is our table with a few lines above it that say where it is from and what its checksum is.
//! It is the user's own, but it may be broken: nothing is used that does not verify.

use super::{
    Registry, SNAPSHOT,
    import::{self, ImportError, plausible},
};
use crate::{
    given::{Given, Pipes},
    model::Text,
};
use jiff::{Timestamp, tz::TimeZone};
use sha2::{Digest as _, Sha256};
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

/// The name of the file in the registry's directory.
const FILE: &str = "ports.tsv";
/// The one before it.
const PREVIOUS: &str = "ports.previous.tsv";
/// The first line of the file, with the version of its form.
const MAGIC: &str = "#portwise-registry\t1";

/// A registry and where it is from.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Our table.
    pub table: String,
    /// The file or address it was made of.
    pub source: Text,
    /// When.
    pub imported_at: Timestamp,
    /// SHA-256 of `table`, in hexadecimal.
    pub sha256: String,
}

/// Why an updated registry could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstalledError {
    /// It could not be read.
    #[error("read the updated registry {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It could not be written.
    #[error("write the updated registry {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not as we wrote it.
    #[error("use the updated registry {}: {what}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// It cannot be the registry.
    #[error("use the updated registry {}", path.display())]
    Implausible {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ImportError,
    },
}

impl Installed {
    /// A registry made of `table`.
    pub fn new(table: String, source: Text, imported_at: Timestamp) -> Self {
        Self {
            sha256: checksum(&table),
            table,
            source,
            imported_at,
        }
    }

    /// The text of the file.
    fn written(&self) -> String {
        // A tab or a line end in the source would end its field.
        let source = self.source.as_str().replace(['\t', '\n'], " ");
        format!(
            "{MAGIC}\n#source\t{source}\n#imported\t{}\n#sha256\t{}\n{}",
            self.imported_at, self.sha256, self.table
        )
    }

    /// Reads the text of the file back.
    fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let mut line = |what: &str| {
            let (line, after) = rest.split_once('\n').ok_or(format!("it has no {what}"))?;
            rest = after;
            Ok::<&str, String>(line)
        };
        if line("beginning")? != MAGIC {
            return Err(String::from("it is no registry of this version"));
        }
        let mut field = |what: &'static str| {
            let wrong = format!("it does not say its {what}");
            let line = line(what)?;
            let (name, value) = line.split_once('\t').ok_or(wrong.clone())?;
            let is_it = name.strip_prefix('#') == Some(what);
            is_it.then(|| String::from(value)).ok_or(wrong)
        };
        let (source, imported, sha256) = (field("source")?, field("imported")?, field("sha256")?);
        let table = String::from(rest);
        if checksum(&table) != sha256 {
            return Err(String::from("its checksum is wrong"));
        }
        Ok(Self {
            table,
            source: Text::from(source),
            imported_at: imported
                .parse()
                .map_err(|error: jiff::Error| error.to_string())?,
            sha256,
        })
    }
}

/// The file of the updated registry in `directory`.
pub fn file(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

/// The updated registry in `directory`, when there is one and it verifies.
pub fn read(directory: &Path) -> Result<Option<Installed>, InstalledError> {
    let path = file(directory);
    let opened = match Given::open(&path, Pipes::Refused) {
        Ok(opened) => opened,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(InstalledError::Read { path, source }),
    };
    let text = match opened.text(import::LARGEST) {
        Ok(text) => text,
        Err(source) => return Err(InstalledError::Read { path, source }),
    };
    let installed = match Installed::parse(&text) {
        Ok(installed) => installed,
        Err(what) => return Err(InstalledError::Broken { path, what }),
    };
    match plausible::check(&installed.table) {
        Ok(()) => Ok(Some(installed)),
        Err(source) => Err(InstalledError::Implausible { path, source }),
    }
}

/// Puts `new` in place of the updated registry in `directory`, all or nothing, and keeps the one before.
pub fn replace(directory: &Path, new: &Installed) -> Result<PathBuf, InstalledError> {
    let path = file(directory);
    match write(directory, &path, new.written().as_bytes()) {
        Ok(()) => Ok(path),
        Err(source) => Err(InstalledError::Write { path, source }),
    }
}

fn write(directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    // A name of our own: two updates at once must not write into one file.
    let fresh = directory.join(format!("ports.{}.new", std::process::id()));
    let written = write_whole(&fresh, bytes)
        .and_then(|()| keep_previous(directory, path))
        .and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        // What could not be finished is of no use; that it cannot be removed changes nothing.
        let _kept: io::Result<()> = fs::remove_file(&fresh);
    }
    written?;
    // The directory holds the new name; some systems cannot flush one, and the file itself is whole.
    let _unflushed: io::Result<()> =
        File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Whatever has the name was left by one that failed; a link must not lead elsewhere.
    let _absent: io::Result<()> = fs::remove_file(path);
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Keeps a copy under another name; the file itself stays until the new one takes its name.
fn keep_previous(directory: &Path, path: &Path) -> io::Result<()> {
    let opened = Given::open(path, Pipes::Refused);
    match opened.and_then(|given| given.bytes(import::LARGEST)) {
        Ok(bytes) => write_whole(&directory.join(PREVIOUS), &bytes),
        // What is too large was none that was ever read: an update must be able to mend it.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::FileTooLarge) => {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// SHA-256 in hexadecimal.
pub fn checksum(text: &str) -> String {
    let mut shown = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        _ = write!(shown, "{byte:02x}");
    }
    shown
}

/// The registry that is used, and where it is from.
#[derive(Debug, Clone)]
pub struct InUse {
    /// The registry.
    pub registry: &'static Registry,
    /// Where it is from.
    pub origin: Origin,
}

/// Where the registry that is used is from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Compiled in.
    Bundled,
    /// Updated by the user.
    Updated {
        /// Where that came from.
        source: Text,
        /// When.
        imported_at: Timestamp,
        /// SHA-256 of its table, in hexadecimal.
        sha256: String,
    },
}

impl Registry {
    /// The updated registry in `directory`, where there is one that verifies, else the compiled-in one.
    ///
    /// Lives as long as the program: called once. The error says why an updated one is not used.
    pub fn in_use(directory: Option<&Path>) -> (InUse, Option<InstalledError>) {
        let bundled = || InUse {
            registry: Self::bundled(),
            origin: Origin::Bundled,
        };
        match directory.map_or(Ok(None), read) {
            Ok(None) => (bundled(), None),
            Err(error) => (bundled(), Some(error)),
            Ok(Some(installed)) => (installed.into_use(), None),
        }
    }

    /// The day of IANA's registry that the compiled-in table was checked against, and its checksum.
    pub fn bundled_version() -> (&'static str, String) {
        (SNAPSHOT, checksum(super::IANA_PORTS))
    }

    /// Checks the compiled-in table as an updated one is checked.
    pub fn verify_bundled() -> Result<(), ImportError> {
        plausible::check(super::IANA_PORTS)
    }
}

impl Installed {
    /// Makes it a registry that lives as long as the program.
    pub fn into_use(self) -> InUse {
        let registry = Registry::of_table(self.table.leak());
        registry.is_of(self.imported_at.to_zoned(TimeZone::UTC).date());
        InUse {
            registry,
            origin: Origin::Updated {
                source: self.source,
                imported_at: self.imported_at,
                sha256: self.sha256,
            },
        }
    }
}

#[cfg(test)]
mod tests;
