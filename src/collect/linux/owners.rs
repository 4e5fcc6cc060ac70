//! Which processes hold which sockets, from `/proc/*/fd`.
//!
//! One pass over every descriptor; it also notes, at no extra cost, the pipes and terminals that
//! later show whether a shell is driven through an owner. Threads that have a descriptor table of
//! their own are not looked into.

use super::{
    bytes::decimal,
    procfs::{LISTING, ProcDir, Procfs},
    stat::Stat,
    target::{Target, pipe_inode, socket_inode},
};
use crate::model::{ProcessKey, SampledSocket};
use rustix::{
    fd::AsFd,
    fs::{RawDir, Stat as FileStat, fstat, readlinkat_raw},
    io::Errno,
};
use std::{collections::HashMap, ffi::CStr};

/// The most pipes and terminals remembered of one process.
const MOST_PIPES: usize = 1024;

/// The sockets that want an owner, by inode.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    places: HashMap<u64, usize>,
}

impl Wanted {
    /// Those of `sockets` that `wants` picks; a socket without an inode has no descriptor.
    pub(super) fn among(sockets: &[SampledSocket], wants: impl Fn(&SampledSocket) -> bool) -> Self {
        let places = sockets
            .iter()
            .enumerate()
            .filter(|(_, socket)| wants(socket))
            .filter_map(|(place, socket)| Some((socket.inode?, place)))
            .collect();
        Self { places }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// What a pass over all processes found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The processes that hold a wanted socket, in the order of the pass.
    pub(super) holders: Vec<Holder>,
    /// Processes that hold none but read or write a pipe or a terminal.
    pub(super) piped: Vec<PipedProcess>,
    /// Processes whose descriptors we may not read; threads of the kernel, which have none, are
    /// not counted.
    pub(super) refused: u32,
    /// The descriptor tables that were read whole and stood still meanwhile.
    settled: HashMap<u32, Table>,
}

/// A descriptor table, as cheaply as it can be told from what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Table {
    /// Inode of the directory: another process has another one.
    inode: u64,
    /// How many descriptors it has; kernels before 6.2 do not tell, which counts as changed.
    length: u64,
}

/// A process that holds wanted sockets.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) key: ProcessKey,
    pub(super) stat: Stat,
    /// Places of sockets, each with the descriptor.
    pub(super) held: Vec<(usize, u32)>,
    pub(super) streams: [Target; 3],
    /// Inodes of its pipes, each with the descriptor.
    pub(super) pipes: Vec<(u64, u32)>,
    /// Its descriptors of the master side of pseudo-terminals.
    pub(super) masters: Vec<u32>,
}

/// A process that reads or writes a pipe or a terminal.
#[derive(Debug)]
pub(super) struct PipedProcess {
    pub(super) pid: u32,
    pub(super) streams: [Target; 3],
}

/// Looks for the holders of `wanted` among all processes.
pub(super) fn scan(procfs: &Procfs, wanted: &Wanted) -> Result<Scan, Errno> {
    scan_among(procfs, wanted, |_pid| true)
}

/// Looks again, among the processes that are new or whose descriptors changed since `before`.
///
/// A socket handed to a child or to another process while the first pass went by is found here.
pub(super) fn scan_again(procfs: &Procfs, wanted: &Wanted, before: &Scan) -> Result<Scan, Errno> {
    scan_among(procfs, wanted, |pid| {
        let now = procfs.descriptors_of(pid).map(|stat| Table::of(&stat));
        let before = before.settled.get(&pid);
        now.is_ok_and(|now| before != Some(&now))
    })
}

fn scan_among(
    procfs: &Procfs,
    wanted: &Wanted,
    looks_at: impl Fn(u32) -> bool,
) -> Result<Scan, Errno> {
    let mut found = Scan::default();
    let mut buffer = Vec::with_capacity(LISTING);
    for pid in procfs.pids()?.into_iter().filter(|pid| looks_at(*pid)) {
        let Ok(process) = procfs.process(pid) else {
            continue;
        };
        match Descriptors::read(&process, wanted, &mut buffer) {
            Ok(descriptors) => found.add(pid, &process, descriptors),
            Err(Errno::ACCESS | Errno::PERM) => found.refused += u32::from(has_files(&process)),
            // It ended meanwhile.
            Err(_) => {}
        }
    }
    Ok(found)
}

/// Whether a process that we may not look into can have descriptors at all.
fn has_files(process: &ProcDir) -> bool {
    Stat::read(process).is_ok_and(|stat| !stat.kernel_thread && stat.state != b'Z')
}

impl Scan {
    fn add(&mut self, pid: u32, process: &ProcDir, descriptors: Descriptors) {
        if let Some(table) = descriptors.settled {
            self.settled.insert(pid, table);
        }
        if !descriptors.held.is_empty() {
            // Gone between the two reads: then its sockets are not held by it any more either.
            if let Ok(stat) = Stat::read(process) {
                self.holders.push(Holder {
                    key: stat.key(pid),
                    stat,
                    held: descriptors.held,
                    streams: descriptors.streams,
                    pipes: descriptors.pipes,
                    masters: descriptors.masters,
                });
            }
        } else if descriptors.streams.iter().take(2).any(is_piped) {
            self.piped.push(PipedProcess {
                pid,
                streams: descriptors.streams,
            });
        }
    }
}

impl Table {
    fn of(stat: &FileStat) -> Self {
        Self {
            inode: stat.st_ino,
            length: u64::try_from(stat.st_size).unwrap_or(0),
        }
    }
}

fn is_piped(target: &Target) -> bool {
    matches!(
        target,
        Target::Pipe(_) | Target::Fifo(..) | Target::Terminal(_)
    )
}

/// What the descriptors of one process stand for.
#[derive(Debug)]
struct Descriptors {
    held: Vec<(usize, u32)>,
    streams: [Target; 3],
    pipes: Vec<(u64, u32)>,
    masters: Vec<u32>,
    settled: Option<Table>,
}

impl Descriptors {
    fn read(process: &ProcDir, wanted: &Wanted, buffer: &mut Vec<u8>) -> Result<Self, Errno> {
        let directory = process.descriptors()?;
        let mut table = Table {
            inode: fstat(&directory)?.st_ino,
            length: 0,
        };
        let mut has_moved = false;
        let mut descriptors = Self {
            held: Vec::new(),
            streams: [Target::Closed, Target::Closed, Target::Closed],
            pipes: Vec::new(),
            masters: Vec::new(),
            settled: None,
        };
        let mut entries = RawDir::new(&directory, buffer.spare_capacity_mut());
        let mut link = [0; 64];
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if !name.to_bytes().first().is_some_and(u8::is_ascii_digit) {
                continue;
            }
            table.length += 1;
            match readlinkat_raw(&directory, name, link.as_mut_slice()) {
                Ok(length) => {
                    let link = link.get(..length).unwrap_or(&[]);
                    descriptors.note(link, wanted, &directory, name);
                }
                // Listing needs less privilege than looking.
                Err(Errno::ACCESS | Errno::PERM) => return Err(Errno::ACCESS),
                // Closed meanwhile.
                Err(_) => has_moved = true,
            }
        }
        descriptors.settled = Some(table).filter(|_| !has_moved);
        Ok(descriptors)
    }

    fn note(&mut self, link: &[u8], wanted: &Wanted, directory: impl AsFd, name: &CStr) {
        if let [digit @ b'0'..=b'2'] = name.to_bytes()
            && let Some(stream) = self.streams.get_mut(usize::from(digit - b'0'))
        {
            *stream = Target::of(link, directory, name);
        }
        if let Some(inode) = socket_inode(link) {
            if let Some(place) = wanted.places.get(&inode) {
                self.held.extend(number(name).map(|fd| (*place, fd)));
            }
        } else if let Some(inode) = pipe_inode(link) {
            if self.pipes.len() < MOST_PIPES {
                self.pipes.extend(number(name).map(|fd| (inode, fd)));
            }
        } else if (link == b"/dev/ptmx" || link == b"/dev/pts/ptmx")
            && self.masters.len() < MOST_PIPES
        {
            self.masters.extend(number(name));
        }
    }
}

fn number(name: &CStr) -> Option<u32> {
    u32::try_from(decimal(name.to_bytes())?).ok()
}

#[cfg(test)]
mod tests;
