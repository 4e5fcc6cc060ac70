//! What only Linux has: the kernel's socket tables over netlink, and `/proc`.

#![cfg(target_os = "linux")]

mod background;
mod bytes;
mod cgroup;
mod diag;
mod executable;
mod host;
mod lineage;
mod message;
mod netlink;
mod owners;
mod process;
mod processes;
mod procfs;
mod shells;
mod source;
mod stat;
mod target;
mod users;

use super::{Error, Source};

/// Opens the source `sock-diag`.
pub(super) fn open() -> Result<Box<dyn Source>, Error> {
    Ok(Box::new(source::SockDiag::open()?))
}

/// Returns the effective user id of this process.
pub(super) fn euid() -> u32 {
    host::users().0
}
