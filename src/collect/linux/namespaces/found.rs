//! Where the network namespaces of this machine are to be found.

use crate::{
    collect::linux::procfs::Procfs,
    model::{NetNamespace, Text},
};
use rustix::fs::{AtFlags, CWD, statat};
use std::{
    collections::BTreeMap,
    fs::read_dir,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

/// Where namespaces are given names: by `ip netns`, and by Docker.
const NAMED_IN: [&str; 2] = ["/run/netns", "/run/docker/netns"];

/// A namespace, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) netns: NetNamespace,
    /// The file that leads inside.
    pub(super) door: Option<PathBuf>,
    /// A process that is inside.
    pub(super) pid: Option<u32>,
}

/// How namespaces are told apart.
#[derive(Debug)]
pub(super) struct Places {
    /// The inode of our own; `None` where `/proc` does not tell.
    own: Option<u64>,
    /// The device that namespaces are files of.
    device: Option<u64>,
    /// The inode of our own table of TCP sockets: each namespace has another, and anybody may see it.
    own_table: Option<u64>,
    named_in: Vec<PathBuf>,
}

impl Places {
    pub(super) fn open(procfs: &Procfs) -> Self {
        let own = procfs.stat("self/ns/net").ok();
        Self {
            own: own.as_ref().map(|own| own.st_ino),
            device: own.as_ref().map(|own| own.st_dev),
            own_table: procfs.stat("self/net/tcp").ok().map(|table| table.st_ino),
            named_in: NAMED_IN.map(PathBuf::from).into(),
        }
    }

    /// The one that the process is in.
    pub(super) fn own(&self) -> NetNamespace {
        let named = self.named().find(|(number, _)| Some(*number) == self.own);
        NetNamespace {
            inode: self.own,
            name: named.map(|(_, path)| name_of(&path)),
            own: true,
        }
    }

    /// Finds all the others, those without a name among these processes, by a number that is theirs alone.
    pub(super) fn find(&self, procfs: &Procfs, pids: &[u32]) -> BTreeMap<u64, Place> {
        let mut found = BTreeMap::new();
        for (number, path) in self.named() {
            if Some(number) != self.own {
                found.entry(number).or_insert_with(|| Place {
                    netns: NetNamespace {
                        inode: Some(number),
                        name: Some(name_of(&path)),
                        own: false,
                    },
                    door: Some(path),
                    pid: None,
                });
            }
        }
        // Numbers of files are only compared with each other where no namespace may be looked at.
        let mut by_table: BTreeMap<u64, u32> = BTreeMap::new();
        for &pid in pids {
            match procfs.network_of(pid) {
                Ok(number) => self.add(&mut found, number, pid),
                Err(_) => {
                    if let Ok(table) = procfs.stat(&format!("{pid}/net/tcp")) {
                        by_table.entry(table.st_ino).or_insert(pid);
                    }
                }
            }
        }
        self.add_closed(&mut found, by_table, procfs);
        found
    }

    fn add(&self, found: &mut BTreeMap<u64, Place>, number: u64, pid: u32) {
        if Some(number) == self.own {
            return;
        }
        let place = found.entry(number).or_insert_with(|| Place {
            netns: NetNamespace {
                inode: Some(number),
                name: None,
                own: false,
            },
            door: Some(PathBuf::from(format!("/proc/{pid}/ns/net"))),
            pid: None,
        });
        place.pid.get_or_insert(pid);
    }

    /// Adds those of which only the tables may be seen, unless a process of theirs was open to us.
    fn add_closed(
        &self,
        found: &mut BTreeMap<u64, Place>,
        mut by_table: BTreeMap<u64, u32>,
        procfs: &Procfs,
    ) {
        by_table.retain(|table, _| Some(*table) != self.own_table);
        if by_table.is_empty() {
            return;
        }
        for pid in found.values().filter_map(|place| place.pid) {
            if let Ok(table) = procfs.stat(&format!("{pid}/net/tcp")) {
                by_table.remove(&table.st_ino);
            }
        }
        for (table, pid) in by_table {
            found.entry(table).or_insert_with(|| Place {
                netns: NetNamespace {
                    inode: None,
                    name: Some(Text::from(format!("pid:{pid}"))),
                    own: false,
                },
                door: None,
                pid: Some(pid),
            });
        }
    }

    /// The namespaces that have a name: inode and path.
    fn named(&self) -> impl Iterator<Item = (u64, PathBuf)> {
        let entries = self.named_in.iter().flat_map(read_dir).flatten().flatten();
        entries.filter_map(|entry| {
            let path = entry.path();
            let file = statat(CWD, &path, AtFlags::empty()).ok()?;
            // A name whose namespace is gone is an ordinary file.
            (Some(file.st_dev) == self.device).then_some((file.st_ino, path))
        })
    }
}

fn name_of(path: &Path) -> Text {
    let name = path.file_name().unwrap_or(path.as_os_str());
    Text::from_bytes(name.as_bytes())
}
