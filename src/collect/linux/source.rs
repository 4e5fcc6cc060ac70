//! The source `sock-diag`: the dump, then the owners, then what they are.

use super::{
    diag::Diag,
    host,
    owners::{Scan, Wanted, scan, scan_new},
    processes::Processes,
    procfs::Procfs,
    users::Users,
};
use crate::{
    collect::{Error, Source, clock::Clock, programs::Packages},
    model::{
        Coverage, Limit, LimitKind, Owner, OwnersSeen, ProcessKey, Protocol, Sample, SampledSocket,
        SourceKind, Text,
    },
};
use std::{collections::HashSet, path::Path};

const PROC: &str = "/proc";
const PASSWD: &str = "/etc/passwd";

/// Reads sockets over netlink and owners from `/proc`.
#[derive(Debug)]
pub(super) struct SockDiag {
    clock: Clock,
    diag: Diag,
    procfs: Procfs,
    processes: Processes,
    euid: u32,
    user_uid: u32,
}

impl SockDiag {
    /// Opens it on this machine.
    pub(super) fn open() -> Result<Self, Error> {
        let procfs =
            Procfs::open(Path::new(PROC)).map_err(|errno| Error::Processes(errno.into()))?;
        let diag = Diag::open().map_err(|errno| Error::SocketTable(errno.into()))?;
        let users = Users::from_file(PASSWD.into());
        let packages = Packages::of_system(Path::new("/"));
        let boot = host::boot(&procfs);
        let (euid, user_uid) = host::users();
        Ok(Self {
            clock: Clock::start(),
            diag,
            processes: Processes::new(users, packages, boot),
            procfs,
            euid,
            user_uid,
        })
    }

    /// Finds the owners; `None` when `/proc` cannot be listed.
    fn attribute(&mut self, sockets: &mut Vec<SampledSocket>) -> Option<Scan> {
        let wanted = Wanted::among(sockets, |socket| socket.state.can_have_owner());
        let mut found = scan(&self.procfs, &wanted).ok()?;
        attach(&found, sockets);
        if sockets.iter().any(is_ownerless) {
            let wanted = Wanted::among(sockets, is_ownerless);
            if let Ok(again) = scan_new(&self.procfs, &wanted, &found.pids) {
                attach(&again, sockets);
                found.holders.extend(again.holders);
            }
        }
        if sockets.iter().any(is_ownerless_listener) {
            drop_closed_listeners(sockets, &mut self.diag);
        }
        Some(found)
    }
}

impl Source for SockDiag {
    fn sample(&mut self) -> Result<Option<Sample>, Error> {
        let (taken_at, elapsed) = self.clock.read();
        let dump = self
            .diag
            .dump()
            .map_err(|errno| Error::SocketTable(errno.into()))?;
        let mut sockets = dump.sockets;
        let complete = host::sees_everybody(&self.procfs);
        let scan = self.attribute(&mut sockets);
        let coverage = coverage(dump.limits, scan.as_ref(), complete);
        let scan = scan.unwrap_or_default();
        let connected = connected_owners(&sockets);
        let processes = self
            .processes
            .read(&self.procfs, &scan, &connected, elapsed);
        let users = self
            .processes
            .names(sockets.iter().filter_map(|socket| socket.uid));
        Ok(Some(Sample {
            source: SourceKind::SockDiag,
            host: host::name(),
            taken_at,
            elapsed,
            euid: Some(self.euid),
            user_uid: Some(self.user_uid),
            ephemeral_ports: host::ephemeral_ports(&self.procfs),
            addresses: host::addresses(),
            sockets,
            processes,
            users,
            coverage,
        }))
    }
}

/// Whether a socket should have an owner and has none.
fn is_ownerless(socket: &SampledSocket) -> bool {
    socket.owners.is_empty() && socket.inode.is_some() && socket.state.can_have_owner()
}

fn is_ownerless_listener(socket: &SampledSocket) -> bool {
    is_ownerless(socket) && socket.is_listening()
}

/// Drops the ownerless listeners that are gone by now.
///
/// A listener closed between the dump and the look at the processes has no owner either; that must
/// not be taken for a hidden one.
fn drop_closed_listeners(sockets: &mut Vec<SampledSocket>, diag: &mut Diag) {
    let Ok(now) = diag.dump_waiting() else { return };
    if !now.limits.is_empty() {
        return;
    }
    let now: HashSet<_> = now.sockets.iter().map(SampledSocket::key).collect();
    sockets.retain(|socket| !is_ownerless_listener(socket) || now.contains(&socket.key()));
}

/// Gives the sockets the owners that a pass found.
fn attach(found: &Scan, sockets: &mut [SampledSocket]) {
    for holder in &found.holders {
        for (place, descriptor) in &holder.held {
            let Some(socket) = sockets.get_mut(*place) else {
                continue;
            };
            match socket
                .owners
                .iter_mut()
                .find(|owner| owner.process == holder.key)
            {
                Some(owner) => owner.fds.push(*descriptor),
                None => socket.owners.push(Owner {
                    process: holder.key,
                    fds: vec![*descriptor],
                }),
            }
        }
    }
    for socket in sockets.iter_mut().filter(|socket| socket.owners.len() > 1) {
        socket.owners.sort_unstable_by_key(|owner| owner.process);
    }
    for owner in sockets.iter_mut().flat_map(|socket| &mut socket.owners) {
        owner.fds.sort_unstable();
    }
}

fn connected_owners(sockets: &[SampledSocket]) -> HashSet<ProcessKey> {
    sockets
        .iter()
        .filter(|socket| socket.protocol == Protocol::Tcp && socket.peer.is_some())
        .flat_map(|socket| &socket.owners)
        .map(|owner| owner.process)
        .collect()
}

fn coverage(mut limits: Vec<Limit>, scan: Option<&Scan>, complete: bool) -> Coverage {
    let Some(scan) = scan else {
        limits.push(Limit {
            kind: LimitKind::Owners,
            detail: Text::from("no owner can be seen: /proc cannot be listed"),
            remedy: None,
        });
        return Coverage {
            owners: OwnersSeen::None,
            unreadable_processes: 0,
            limits,
        };
    };
    if !complete {
        limits.push(Limit {
            kind: LimitKind::Owners,
            detail: Text::from("owners of other users' sockets need more privilege to be seen"),
            remedy: Some(Text::from(REMEDY)),
        });
    } else if scan.refused > 0 {
        limits.push(Limit {
            kind: LimitKind::Owners,
            detail: Text::from(format!(
                "{} could not be looked into, even with privilege",
                if scan.refused == 1 {
                    "1 process".to_owned()
                } else {
                    format!("{} processes", scan.refused)
                }
            )),
            remedy: None,
        });
    }
    Coverage {
        owners: if complete {
            OwnersSeen::All
        } else {
            OwnersSeen::Own
        },
        unreadable_processes: scan.refused,
        limits,
    }
}

const REMEDY: &str = "run as root, or: sudo setcap cap_sys_ptrace,cap_dac_read_search+ep \
    \"$(command -v portwise)\"";

#[cfg(test)]
mod tests;
