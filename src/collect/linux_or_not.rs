//! Where the platforms part: the same questions, answered on Linux and elsewhere.

#[cfg(target_os = "linux")]
pub(super) use super::linux::{Connections, Inspector};
use super::{Error, Source};
#[cfg(target_os = "linux")]
use crate::model::Started;
use crate::model::{Ability, Fact, Limit, Process, ProcessKey, Surroundings, Text};
use netstat2::{AddressFamilyFlags, ProtocolFlags, SocketInfo, error::Error as NetstatError};

/// A table of netstat2, row by row.
pub(super) type Table = Box<dyn Iterator<Item = Result<SocketInfo, NetstatError>>>;

/// Whether this platform has a source better than the portable one.
pub(super) const HAS_SOCK_DIAG: bool = cfg!(target_os = "linux");

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

/// Opens the source `proc-net`; `reason` says why it was taken in place of a better one.
#[cfg(target_os = "linux")]
pub(super) fn open_proc_net(reason: Option<Limit>) -> Result<Box<dyn Source>, Error> {
    super::linux::open_proc_net(reason)
}

/// Says that only Linux has it.
#[cfg(not(target_os = "linux"))]
pub(super) fn open_proc_net(_reason: Option<Limit>) -> Result<Box<dyn Source>, Error> {
    Err(Error::OnlyOnLinux)
}

/// What goes with these processes when they end.
#[cfg(target_os = "linux")]
pub(super) fn surroundings(keys: &[ProcessKey]) -> Vec<Surroundings> {
    let by_ticks = |key: &ProcessKey| matches!(key.started, Started::Ticks(_));
    if keys.iter().all(by_ticks) {
        super::linux::surroundings(keys)
    } else {
        super::system::surroundings(keys)
    }
}

/// What goes with these processes when they end.
#[cfg(not(target_os = "linux"))]
pub(super) fn surroundings(keys: &[ProcessKey]) -> Vec<Surroundings> {
    super::system::surroundings(keys)
}

/// The effective user id of this process.
#[cfg(target_os = "linux")]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere nobody tells")]
pub(super) fn euid() -> Option<u32> {
    Some(super::linux::euid())
}

/// The effective user id of this process: nobody tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn euid() -> Option<u32> {
    None
}

/// Asks others about a process.
#[cfg(target_os = "linux")]
pub(super) fn complete(process: &mut Process) {
    super::linux::complete(process);
}

/// Nobody is asked elsewhere.
#[cfg(not(target_os = "linux"))]
pub(super) fn complete(_process: &mut Process) {}

/// Asks for the last lines that the journal has of a process.
#[cfg(target_os = "linux")]
pub(super) fn journal(process: &Process) -> Fact<Vec<Text>> {
    super::linux::journal(process)
}

/// Only systemd has one.
#[cfg(not(target_os = "linux"))]
pub(super) fn journal(_process: &Process) -> Fact<Vec<Text>> {
    Fact::Unknown(crate::model::Unseen::NotSupported)
}

/// Finds the processes around what waits on some ports, without a look at the others.
#[cfg(target_os = "linux")]
pub(super) fn around(ports: &[u16]) -> Option<Vec<u32>> {
    super::linux::around(ports)
}

/// Finds the same by a look into every process and thread.
#[cfg(target_os = "linux")]
pub(super) fn among_all(ports: &[u16]) -> Option<Vec<u32>> {
    super::linux::among_all(ports)
}

/// Only Linux tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn among_all(_ports: &[u16]) -> Option<Vec<u32>> {
    None
}

/// Only Linux tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn around(_ports: &[u16]) -> Option<Vec<u32>> {
    None
}

/// Tries what depends on privileges or on the kernel.
#[cfg(target_os = "linux")]
pub(super) fn abilities() -> Vec<Ability> {
    super::linux::abilities()
}

/// Reads what can be seen of these processes, whether they hold a socket or not.
#[cfg(target_os = "linux")]
pub(super) fn processes(pids: &[u32]) -> Vec<Process> {
    super::linux::processes(pids)
}

/// Elsewhere only those that hold sockets are read, with the sockets.
#[cfg(not(target_os = "linux"))]
pub(super) fn processes(_pids: &[u32]) -> Vec<Process> {
    vec![]
}

/// The numbers of the processes that run a program of this name.
#[cfg(target_os = "linux")]
pub(super) fn named(name: &str) -> Vec<u32> {
    super::linux::named(name)
}

/// Elsewhere only those that hold sockets are known.
#[cfg(not(target_os = "linux"))]
pub(super) fn named(_name: &str) -> Vec<u32> {
    vec![]
}

/// The command that gives portwise every privilege it can use.
#[cfg(target_os = "linux")]
pub(super) fn every_privilege() -> Option<String> {
    super::linux::every_privilege()
}

/// No single command does that here.
#[cfg(not(target_os = "linux"))]
pub(super) fn every_privilege() -> Option<String> {
    None
}

/// Elsewhere nothing more is known of a process than the portable source tells.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) struct Inspector;

#[cfg(not(target_os = "linux"))]
impl Inspector {
    /// One that reads nothing.
    pub(super) fn new() -> Self {
        Self
    }

    /// Says that this system does not tell.
    pub(super) fn inspect(
        &mut self,
        key: ProcessKey,
        _within: std::time::Duration,
    ) -> crate::model::Inspection {
        crate::model::Inspection::unseen(key, crate::model::Unseen::NotSupported)
    }
}

/// Elsewhere no connection tells more than a sample has.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) struct Connections;

#[cfg(not(target_os = "linux"))]
impl Connections {
    /// One that asks nothing.
    pub(super) fn new() -> Self {
        Self
    }

    /// Says that this system does not tell.
    pub(super) fn ask(
        &mut self,
        _socket: &crate::model::SampledSocket,
    ) -> crate::model::Fact<crate::model::Connection> {
        crate::model::Fact::Unknown(crate::model::Unseen::NotSupported)
    }
}

/// What the portable source can do.
#[cfg(not(target_os = "linux"))]
pub(super) fn abilities() -> Vec<Ability> {
    let lacks = "only on Linux";
    vec![
        Ability::partly("owners", "as far as this system shows them"),
        Ability::fails("rates", lacks),
        Ability::fails("closes", lacks),
        Ability::fails("namespaces", lacks),
        Ability::works("kill", "processes that this system lets us end"),
        Ability::fails("close", lacks),
    ]
}

/// The inode and the user of a socket, where netstat2 tells.
#[cfg(target_os = "linux")]
pub(super) fn inode_and_uid(socket: &SocketInfo) -> (Option<u64>, Option<u32>) {
    let inode = (socket.inode != 0).then_some(u64::from(socket.inode));
    (inode, Some(socket.uid))
}

/// The inode and the user of a socket, where netstat2 tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn inode_and_uid(_socket: &SocketInfo) -> (Option<u64>, Option<u32>) {
    (None, None)
}

/// Whether owners can be looked for; netstat2 panics on Linux where they cannot.
#[cfg(target_os = "linux")]
pub(super) fn can_list_processes() -> bool {
    std::fs::read_dir("/proc").is_ok()
}

/// Whether owners can be looked for.
#[cfg(not(target_os = "linux"))]
pub(super) fn can_list_processes() -> bool {
    true
}

/// Reads one table of netstat2, with owners only when `attributed`.
#[cfg(target_os = "linux")]
pub(super) fn netstat(
    family: AddressFamilyFlags,
    protocol: ProtocolFlags,
    attributed: bool,
) -> Result<Table, NetstatError> {
    if attributed {
        Ok(Box::new(netstat2::iterate_sockets_info(family, protocol)?))
    } else {
        let rows = netstat2::iterate_sockets_info_without_pids(family, protocol)?;
        Ok(Box::new(rows))
    }
}

/// Reads one table of netstat2; the owners come with it.
#[cfg(not(target_os = "linux"))]
pub(super) fn netstat(
    family: AddressFamilyFlags,
    protocol: ProtocolFlags,
    _attributed: bool,
) -> Result<Table, NetstatError> {
    Ok(Box::new(netstat2::iterate_sockets_info(family, protocol)?))
}

/// The path of an executable without the kernel's mark of deletion, and whether it was marked.
#[cfg(target_os = "linux")]
pub(super) fn without_deleted(path: &[u8]) -> (Vec<u8>, bool) {
    let unmarked = path.strip_suffix(b" (deleted)");
    (unmarked.unwrap_or(path).to_vec(), unmarked.is_some())
}

/// The path of an executable, and whether nothing stands there any more.
#[cfg(not(target_os = "linux"))]
pub(super) fn without_deleted(path: &[u8]) -> (Vec<u8>, bool) {
    let text = String::from_utf8_lossy(path);
    let gone = matches!(std::path::Path::new(&*text).try_exists(), Ok(false));
    (path.to_vec(), gone)
}
