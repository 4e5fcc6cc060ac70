//! Where the platforms part: the same questions, answered on Linux and elsewhere.

use super::{Error, Source};
use netstat2::SocketInfo;

/// Opens the source `sock-diag`.
#[cfg(target_os = "linux")]
pub(super) fn open_sock_diag() -> Result<Box<dyn Source>, Error> {
    super::linux::open()
}

/// Says that only Linux has it.
#[cfg(not(target_os = "linux"))]
pub(super) fn open_sock_diag() -> Result<Box<dyn Source>, Error> {
    Err(Error::OnlyOnLinux)
}

/// Whether this platform has a source better than the portable one.
pub(super) const HAS_SOCK_DIAG: bool = cfg!(target_os = "linux");

/// The inode and the user of a socket, where netstat2 tells.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn inode_and_uid(socket: &SocketInfo) -> (Option<u64>, Option<u32>) {
    let inode = (socket.inode != 0).then_some(u64::from(socket.inode));
    (inode, Some(socket.uid))
}

/// The inode and the user of a socket, where netstat2 tells.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn inode_and_uid(_socket: &SocketInfo) -> (Option<u64>, Option<u32>) {
    (None, None)
}
