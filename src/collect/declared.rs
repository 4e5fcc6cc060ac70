//! What files of this machine say about ports: names, socket units, firewall profiles.
//!
//! Read once. A file that is missing, too large or not understood says nothing; none is an error.

mod firewall;
mod unit;

use crate::model::{Declared, DeclaredBy, PortRange, Protocol, Text};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

/// The most bytes of a file that are read; larger files are none of these.
const LARGEST: u64 = 1024 * 1024;
/// Most files are shorter.
const USUAL: u64 = 4096;
/// The standard library tries a short read first where less is left.
const ROOM_FOR_THE_END: u64 = 64;
/// The most files of a directory.
const MOST_FILES: usize = 4096;
/// The most declarations that are kept.
const MOST: usize = 20_000;

/// Where such files lie. Of directories, a file in an earlier one hides those of its name in later ones.
#[derive(Debug, Clone)]
pub(super) struct Places {
    services: PathBuf,
    units: Vec<PathBuf>,
    ufw: Vec<PathBuf>,
    firewalld: Vec<PathBuf>,
}

/// One declaration before it has its file: ports, transport, name.
type Said = (PortRange, Protocol, Text);

impl Places {
    /// Those of the system whose files lie under `root`.
    pub(super) fn of_system(root: &Path) -> Self {
        let under =
            |paths: &[&str]| -> Vec<_> { paths.iter().map(|path| root.join(path)).collect() };
        let mut units = under(&[
            "etc/systemd/system",
            "run/systemd/system",
            "usr/local/lib/systemd/system",
            "usr/lib/systemd/system",
        ]);
        // On most systems this is the one before, which is not listed twice.
        let is_one_before = |lib: PathBuf| root.join(lib) == root.join("usr/lib");
        if !fs::read_link(root.join("lib")).is_ok_and(is_one_before) {
            units.push(root.join("lib/systemd/system"));
        }
        Self {
            services: root.join("etc/services"),
            units,
            ufw: under(&["etc/ufw/applications.d"]),
            firewalld: under(&["etc/firewalld/services", "usr/lib/firewalld/services"]),
        }
    }

    /// Reads them all.
    pub(super) fn read(&self) -> Vec<Declared> {
        let mut all = vec![];
        let mut add = |by, file: &Path, said: Vec<Said>| {
            let room = MOST.saturating_sub(all.len());
            let file = Text::from(file.display().to_string());
            all.extend(
                said.into_iter()
                    .take(room)
                    .map(|(ports, protocol, name)| Declared {
                        ports,
                        protocol,
                        name,
                        by,
                        file: file.clone(),
                    }),
            );
        };
        for (stem, file) in files(&self.units, ".socket") {
            let said = unit::listens(&format!("{stem}.socket"), &file.text());
            add(DeclaredBy::SocketUnit, &file.path, said);
        }
        for file in files(&self.ufw, "").values() {
            add(DeclaredBy::Ufw, &file.path, firewall::ufw(&file.text()));
        }
        for (stem, file) in files(&self.firewalld, ".xml") {
            let said = firewall::firewalld(&stem, &file.text());
            add(DeclaredBy::Firewalld, &file.path, said);
        }
        add(
            DeclaredBy::Services,
            &self.services,
            services(&text(&self.services)),
        );
        all
    }
}

/// What lies in a directory.
struct Found {
    path: PathBuf,
    /// It surely is a file, without another look at it.
    is_file: bool,
}

impl Found {
    fn text(&self) -> String {
        if self.is_file {
            read(&self.path, USUAL)
        } else {
            text(&self.path)
        }
    }
}

/// What lies in `directories` under names that end as given, by their names without that end.
fn files(directories: &[PathBuf], ending: &str) -> BTreeMap<String, Found> {
    let mut found = BTreeMap::new();
    for directory in directories {
        let Ok(entries) = fs::read_dir(directory) else {
            continue;
        };
        for entry in entries.take(MOST_FILES).filter_map(Result::ok) {
            let name = entry.file_name();
            // Of hundreds of files few end so.
            let stem = name.as_encoded_bytes().strip_suffix(ending.as_bytes());
            if let Some(stem) = stem {
                let stem = String::from_utf8_lossy(stem).into_owned();
                found.entry(stem).or_insert_with(|| Found {
                    path: entry.path(),
                    is_file: entry.file_type().is_ok_and(|kind| kind.is_file()),
                });
            }
        }
    }
    found
}

/// The text of a file; empty for what is no file, is too large or is no text.
fn text(path: &Path) -> String {
    // A FIFO would wait for whoever writes it.
    let Some(file) = fs::metadata(path).ok().filter(fs::Metadata::is_file) else {
        return String::new();
    };
    // Room for all of it and for finding its end, so that it is read in one go.
    read(path, file.len().min(LARGEST) + ROOM_FOR_THE_END)
}

/// The same of what is known to be a file, of about so many bytes.
fn read(path: &Path, room: u64) -> String {
    let mut text = String::with_capacity(usize::try_from(room).unwrap_or(0));
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text));
    let is_whole =
        read.is_ok_and(|length| u64::try_from(length).is_ok_and(|length| length <= LARGEST));
    if is_whole { text } else { String::new() }
}

/// The names in `/etc/services`: `ssh 22/tcp alias # comment`.
fn services(text: &str) -> Vec<Said> {
    text.lines().filter_map(service).collect()
}

fn service(line: &str) -> Option<Said> {
    let line = line.split('#').next()?;
    let mut words = line.split_ascii_whitespace();
    let (name, place) = (words.next()?, words.next()?);
    let (port, transport) = place.split_once('/')?;
    let port = port.parse().ok()?;
    Some((only(port), protocol(transport)?, Text::from(name)))
}

fn protocol(name: &str) -> Option<Protocol> {
    [Protocol::Tcp, Protocol::Udp]
        .into_iter()
        .find(|protocol| protocol.name() == name)
}

fn only(port: u16) -> PortRange {
    PortRange {
        first: port,
        last: port,
    }
}

#[cfg(test)]
mod tests;
