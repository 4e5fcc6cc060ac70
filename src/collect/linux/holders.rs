//! Who can hold the sockets that wait on some ports: the short way.
//!
//! The kernel is asked for the waiting sockets of these ports alone, and tells the control group that each was made
//! in. Mostly its processes are the ones that hold it, so only they and their relatives are looked into. A group that
//! many share, and one whose service manager hands its sockets on, is no such hint.

use super::{
    bytes::{decimal, port_at, u32_at, u64_at},
    control_groups,
    message::attributes,
    netlink::{Fault, Netlink},
    procfs::{LISTING, ProcDir, Procfs},
    stat::Stat,
    target::socket_inode,
};
use crate::collect::descent;
use rustix::{
    fd::OwnedFd,
    fs::{RawDir, readlinkat_raw},
    io::Errno,
    net::netlink::SOCK_DIAG,
};
use std::collections::BTreeSet;

/// `SOCK_DIAG_BY_FAMILY`.
const BY_FAMILY: u16 = 20;
const FAMILIES: [u8; 2] = [2, 10];
/// TCP and UDP by number, each with the one state in which a socket waits for others.
const WAITING: [(u8, u32); 2] = [(6, 1 << 10), (17, 1 << 7)];
/// Length of `struct inet_diag_msg`; attributes follow.
const FIXED: usize = 72;
/// `INET_DIAG_REQ_BYTECODE`.
const BYTECODE: u16 = 1;
/// `INET_DIAG_BC_S_GE` and `INET_DIAG_BC_S_LE`: the own port is at least, at most.
const AT_LEAST: u8 = 2;
const AT_MOST: u8 = 3;
/// `INET_DIAG_CGROUP_ID`.
const CGROUP_ID: u16 = 21;
/// More processes than one program is likely to have.
const MANY: usize = 256;
/// More ports than it pays to ask about one by one.
const MANY_PORTS: usize = 16;
/// The most parents that are followed, and the most threads that are asked for children.
const MOST_PARENTS: usize = 16;
const MOST_THREADS: usize = 256;
const LONGEST_CHILDREN: usize = 16 * 1024;

/// The sockets that wait on a port.
#[derive(Debug, Default)]
struct Waiting {
    /// Those without a descriptor have none here.
    inodes: BTreeSet<u64>,
    groups: BTreeSet<u64>,
    /// The kernel told a group with each.
    all_grouped: bool,
}

/// Finds the processes that can hold what waits on any of `ports`: all of the control groups that the sockets were
/// made in, their parents, and what they started.
///
/// `None` where these hints do not tell for sure: then everybody has to be looked into.
pub(super) fn around(procfs: &Procfs, ports: &[u16]) -> Option<Vec<u32>> {
    let waiting = waiting_on_any(ports)?;
    if waiting.inodes.is_empty() {
        return Some(vec![]);
    }
    if !waiting.all_grouped {
        return None;
    }
    let groups = control_groups::with_numbers(&waiting.groups)?;
    if groups.len() != waiting.groups.len() || groups.iter().any(|group| group.is_common) {
        return None;
    }
    let members: Vec<u32> = groups
        .iter()
        .flat_map(|group| &group.pids)
        .copied()
        .collect();
    if members.len() > MANY {
        return None;
    }
    let all = relatives(procfs, &members);
    let mut search = Search::new(procfs, &waiting.inodes);
    for pid in &all {
        search.look_into(*pid);
    }
    search.look_into_threads(&members);
    // A stranger may hold what none of these has. Whom we may not look into, nobody else of us sees either.
    (search.is_complete() && all.len() <= MANY).then_some(all)
}

/// Finds the same by a look into every process and, while that does not bring them, into every thread.
pub(super) fn among_all(procfs: &Procfs, ports: &[u16]) -> Option<Vec<u32>> {
    let waiting = waiting_on_any(ports)?;
    let pids = procfs.pids().ok()?;
    let mut search = Search::new(procfs, &waiting.inodes);
    for pid in &pids {
        search.look_into(*pid);
    }
    search.look_into_threads(&pids);
    search
        .is_complete()
        .then(|| relatives(procfs, &search.holders))
}

fn waiting_on_any(ports: &[u16]) -> Option<Waiting> {
    if ports.len() > MANY_PORTS {
        return None;
    }
    let mut waiting = Waiting {
        all_grouped: true,
        ..Waiting::default()
    };
    for port in ports {
        let more = waiting_on(*port).ok()?;
        waiting.inodes.extend(more.inodes);
        waiting.groups.extend(more.groups);
        waiting.all_grouped &= more.all_grouped;
    }
    Some(waiting)
}

/// These processes, what they started, and their parents: whoever hands descriptors on without being asked.
fn relatives(procfs: &Procfs, members: &[u32]) -> Vec<u32> {
    let mut known: BTreeSet<u32> = members.iter().copied().collect();
    let started = |pid: u32| children(procfs, pid).unwrap_or_default().into_iter();
    for pid in members {
        known.extend(descent::descendants(*pid, started));
        let mut next = *pid;
        for _ in 0..MOST_PARENTS {
            let stat = procfs.process(next).and_then(|one| Stat::read(&one));
            let Some(parent) = stat.ok().map(|stat| stat.ppid).filter(|pid| *pid != 0) else {
                break;
            };
            if !known.insert(parent) {
                break;
            }
            next = parent;
        }
    }
    known.into_iter().collect()
}

/// What the threads of a process started, where this kernel tells.
fn children(procfs: &Procfs, pid: u32) -> Result<Vec<u32>, Errno> {
    let process = procfs.process(pid)?;
    let mut children = vec![];
    for tid in process.threads(MOST_THREADS)? {
        let listed = process.read(format!("task/{tid}/children"), LONGEST_CHILDREN);
        let listed = listed.unwrap_or_default();
        let numbers = listed.split(|byte| *byte == b' ').filter_map(decimal);
        children.extend(numbers.filter_map(|number| u32::try_from(number).ok()));
    }
    Ok(children)
}

/// A search among processes for those that hold some sockets.
struct Search<'a> {
    procfs: &'a Procfs,
    sought: &'a BTreeSet<u64>,
    met: BTreeSet<u64>,
    holders: Vec<u32>,
    buffer: Vec<u8>,
}

impl<'a> Search<'a> {
    fn new(procfs: &'a Procfs, sought: &'a BTreeSet<u64>) -> Self {
        Self {
            procfs,
            sought,
            met: BTreeSet::new(),
            holders: vec![],
            buffer: Vec::with_capacity(LISTING),
        }
    }

    fn is_complete(&self) -> bool {
        self.met.len() == self.sought.len()
    }

    /// Looks into the threads of these processes, until each socket was met.
    fn look_into_threads(&mut self, pids: &[u32]) {
        for pid in pids {
            if self.is_complete() {
                return;
            }
            let Ok(process) = self.procfs.process(*pid) else {
                continue;
            };
            let held = held_by_threads(&process, *pid, self.sought, &mut self.buffer);
            let held = held.unwrap_or_default();
            if !held.is_empty() {
                self.met.extend(held);
                self.holders.push(*pid);
            }
        }
    }

    fn look_into(&mut self, pid: u32) {
        let Ok(process) = self.procfs.process(pid) else {
            return;
        };
        // Whom we may not look into, and who has ended meanwhile, holds nothing that we could see.
        let held = held(&process, self.sought, &mut self.buffer).unwrap_or_default();
        if !held.is_empty() {
            self.met.extend(held);
            self.holders.push(pid);
        }
    }
}

/// The inodes among `sought` that a process has descriptors of.
fn held(
    process: &ProcDir,
    sought: &BTreeSet<u64>,
    buffer: &mut Vec<u8>,
) -> Result<Vec<u64>, Errno> {
    held_in(&process.descriptors()?, sought, buffer)
}

/// The same of its threads that have a table of their own, as far as that is cheap to tell.
fn held_by_threads(
    process: &ProcDir,
    pid: u32,
    sought: &BTreeSet<u64>,
    buffer: &mut Vec<u8>,
) -> Result<Vec<u64>, Errno> {
    let mut held = vec![];
    for tid in process.threads(MOST_THREADS)? {
        if tid != pid
            && let Ok(descriptors) = process.thread_descriptors(tid)
        {
            held.extend(held_in(&descriptors, sought, buffer).unwrap_or_default());
        }
    }
    Ok(held)
}

fn held_in(
    directory: &OwnedFd,
    sought: &BTreeSet<u64>,
    buffer: &mut Vec<u8>,
) -> Result<Vec<u64>, Errno> {
    let mut entries = RawDir::new(directory, buffer.spare_capacity_mut());
    let mut held = vec![];
    let mut link = [0; 64];
    while let Some(entry) = entries.next() {
        let entry = entry?;
        if decimal(entry.file_name().to_bytes()).is_none() {
            continue;
        }
        match readlinkat_raw(directory, entry.file_name(), link.as_mut_slice()) {
            Ok(length) => {
                let inode = link.get(..length).and_then(socket_inode);
                held.extend(inode.filter(|inode| sought.contains(inode)));
            }
            Err(Errno::ACCESS | Errno::PERM) => return Err(Errno::ACCESS),
            // Closed meanwhile.
            Err(_) => {}
        }
    }
    Ok(held)
}

/// Asks the kernel for what waits on `port`, and for nothing else.
fn waiting_on(port: u16) -> Result<Waiting, Fault> {
    let mut netlink = Netlink::open(Some(SOCK_DIAG)).map_err(Fault::Refused)?;
    let mut waiting = Waiting {
        all_grouped: true,
        ..Waiting::default()
    };
    for (protocol, states) in WAITING {
        for family in FAMILIES {
            let body = request(family, protocol, states, port);
            let answer = netlink.dump(BY_FAMILY, &body, &mut |message| waiting.add(message, port));
            match answer {
                // Without IPv6 there is none of it.
                Err(Fault::Refused(Errno::NOENT | Errno::AFNOSUPPORT)) if family == FAMILIES[1] => {
                }
                answer => answer?,
            }
        }
    }
    Ok(waiting)
}

/// `struct inet_diag_req_v2`, and the program that lets one port pass.
fn request(family: u8, protocol: u8, states: u32, port: u16) -> Vec<u8> {
    let mut body = vec![family, protocol, 0, 0];
    body.extend(states.to_ne_bytes());
    body.extend([0; 48]);
    let program = only_port(port);
    let length = u16::try_from(4 + program.len()).unwrap_or(u16::MAX);
    body.extend(length.to_ne_bytes());
    body.extend(BYTECODE.to_ne_bytes());
    body.extend(program);
    body
}

/// The kernel's little program (`struct inet_diag_bc_op`): each step is a code, how far to go on when it
/// holds, how far when not, and its operand in a step of its own. Ending exactly at the end lets pass, four
/// bytes behind it does not.
fn only_port(port: u16) -> Vec<u8> {
    let mut program = vec![];
    for (code, beyond_the_end) in [(AT_LEAST, 20_u16), (AT_MOST, 12)] {
        program.extend([code, 8]);
        program.extend(beyond_the_end.to_ne_bytes());
        program.extend([0, 0]);
        program.extend(port.to_ne_bytes());
    }
    program
}

impl Waiting {
    fn add(&mut self, message: &[u8], port: u16) {
        // A kernel that ignores our program sends the others too.
        if port_at(message, 4) != Some(port) {
            return;
        }
        let inode = u32_at(message, 68).map_or(0, u64::from);
        if inode == 0 {
            return;
        }
        self.inodes.insert(inode);
        let tail = message.get(FIXED..).unwrap_or(&[]);
        let group = attributes(tail).find(|(kind, _)| *kind == CGROUP_ID);
        match group.and_then(|(_, value)| u64_at(value, 0)) {
            Some(group) => _ = self.groups.insert(group),
            None => self.all_grouped = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, os::unix::process::parent_id, path::Path, process};

    #[test]
    fn a_look_into_everybody_brings_the_holder_of_a_listener_and_its_parents() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let found = among_all(&procfs, &[port]).unwrap();
        // The first process of a namespace has no parent in it.
        let parent = Some(parent_id()).filter(|pid| *pid != 0);
        for pid in [Some(process::id()), parent].into_iter().flatten() {
            assert!(found.contains(&pid), "{pid}: {found:?}");
        }
    }

    #[test]
    fn a_port_that_nobody_waits_on_has_no_holder() {
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        assert_eq!(around(&procfs, &[0]), Some(vec![]));
        assert_eq!(among_all(&procfs, &[0]), Some(vec![]));
    }

    #[test]
    fn a_message_cut_short_adds_nothing() {
        let mut waiting = Waiting::default();
        for length in 0..FIXED {
            waiting.add(&vec![0; length], 0);
        }
        assert!(waiting.inodes.is_empty());
    }
}
