//! What only Linux has: the kernel's socket tables over netlink, and `/proc`.

#![cfg(target_os = "linux")]

mod abilities;
mod asked;
mod background;
mod build_id;
mod bytes;
mod cgroup;
mod checks;
mod closings;
mod connections;
mod control_groups;
mod counters;
mod diag;
mod docker;
mod executable;
mod families;
mod found;
mod governor;
mod holders;
mod host;
mod inspection;
mod lineage;
mod memory;
mod message;
mod namespaces;
mod netlink;
#[cfg(test)]
mod noise;
mod numbers;
mod one;
mod owners;
mod pass;
mod proc_net;
mod process;
mod processes;
mod procfs;
mod remedy;
mod rest;
mod restarts;
mod shells;
mod sockets;
mod source;
mod stat;
mod surroundings;
mod target;
mod trial;
mod users;
mod view;

pub(super) use connections::Connections;
pub(super) use inspection::Inspector;
pub(super) use surroundings::surroundings;

use super::{Error, Source, Thoroughly, programs::Packages};
use crate::model::{Ability, Fact, Limit, Process, Text};
use std::{path::Path, sync::Arc, time::Duration};

/// How long is waited until the files of single processes were compared with their packages.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the source `sock-diag`.
pub(super) fn open() -> Result<Box<dyn Source>, Error> {
    Ok(Box::new(source::SockDiag::open()?))
}

/// Opens the source `proc-net`; `reason` says why it was taken in place of a better one.
pub(super) fn open_proc_net(reason: Option<Limit>) -> Result<Box<dyn Source>, Error> {
    Ok(Box::new(source::SockDiag::open_proc_net(reason)?))
}

/// Returns the effective user id of this process.
pub(super) fn euid() -> u32 {
    host::users().0
}

/// Asks others about a process.
pub(super) fn complete(process: &mut Process) {
    asked::complete(process);
}

/// Asks for the last lines that the journal has of a process.
pub(super) fn journal(process: &Process) -> Fact<Vec<Text>> {
    asked::journal(process)
}

/// Finds the processes around what waits on some ports.
pub(super) fn around(ports: &[u16]) -> Option<Vec<u32>> {
    let procfs = procfs::Procfs::open(Path::new("/proc")).ok()?;
    holders::around(&procfs, ports)
}

/// Finds the same by a look into every process and thread.
pub(super) fn among_all(ports: &[u16]) -> Option<Vec<u32>> {
    let procfs = procfs::Procfs::open(Path::new("/proc")).ok()?;
    holders::among_all(&procfs, ports)
}

/// Tries what depends on privileges or on the kernel.
pub(super) fn abilities() -> Vec<Ability> {
    abilities::all()
}

/// The command that gives portwise every privilege it can use.
pub(super) fn every_privilege() -> Option<String> {
    let all = remedy::LOOK_INTO | remedy::END | remedy::CLOSE | remedy::ENTER;
    remedy::obstacle().is_none().then(|| remedy::command(all))
}

/// Reads what can be seen of these processes, whether they hold a socket or not.
pub(super) fn processes(pids: &[u32]) -> Vec<Process> {
    let Ok(procfs) = procfs::Procfs::open(Path::new("/proc")) else {
        return vec![];
    };
    let mut users = users::Users::from_file("/etc/passwd".into());
    let mut packages = Packages::of_system(Path::new("/"));
    let boot = host::boot();
    let found = pids
        .iter()
        .filter_map(|pid| one::read(&procfs, *pid, &mut users, &mut packages, boot));
    let found: Vec<_> = found.collect();
    let mut checks = checks::Checks::default();
    for job in found.iter().filter_map(|(_, job)| job.as_ref()) {
        checks.ask(job);
    }
    checks.settle(Thoroughly::All, PATIENCE);
    let compared = found.into_iter().map(|(mut process, job)| {
        if let Some(job) = job {
            Arc::make_mut(&mut process.background).integrity = checks.ask(&job);
        }
        process
    });
    compared.collect()
}

/// The numbers of the processes that run a program of this name.
pub(super) fn named(name: &str) -> Vec<u32> {
    procfs::Procfs::open(Path::new("/proc"))
        .map(|procfs| one::named(&procfs, name).into_iter().collect())
        .unwrap_or_default()
}
