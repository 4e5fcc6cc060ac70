//! What only Linux has: the kernel's socket tables over netlink, and `/proc`.

#![cfg(target_os = "linux")]

mod abilities;
mod background;
mod bytes;
mod cgroup;
mod control_groups;
mod diag;
mod executable;
mod families;
mod found;
mod groups;
mod holders;
mod host;
mod lineage;
mod memory;
mod message;
mod netlink;
#[cfg(test)]
mod noise;
mod owners;
mod proc_net;
mod process;
mod processes;
mod procfs;
mod remedy;
mod rest;
mod shells;
mod source;
mod stat;
mod target;
mod trial;
mod users;

use super::{Error, Holders, Source};
use crate::model::{Ability, Limit};
use std::{io, path::Path};

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

/// Finds who holds what waits on `port`.
pub(super) fn holders(port: u16, thorough: bool) -> Result<Holders, Error> {
    let procfs =
        procfs::Procfs::open(Path::new("/proc")).map_err(|errno| Error::Processes(errno.into()))?;
    holders::of_port(&procfs, port, thorough).map_err(|fault| {
        Error::SocketTable(io::Error::other(format!("the answer {}", fault.words())))
    })
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
