//! The source `sock-diag`: the dump, then the owners, then what they are.

use super::{
    diag::Diag,
    families::Families,
    host,
    owners::{Scan, Wanted, scan, scan_again},
    proc_net::Net,
    processes::Processes,
    procfs::Procfs,
    rest::{OWN_TABLES, Rest, share_owners},
    users::Users,
};
use crate::{
    collect::{Error, Source, clock::Clock, declared::Places, programs::Packages},
    model::{
        Coverage, Extent, Few, Limit, LimitKind, Owner, OwnersSeen, ProcessKey, Protocol, Sample,
        SampledSocket, SourceKind, Text,
    },
};
use rustix::io::Errno;
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

const PROC: &str = "/proc";
const PASSWD: &str = "/etc/passwd";
/// The most sockets asked for one by one; more are cheaper in one dump.
const MOST_LOOKED_UP: usize = 64;

/// Reads sockets over netlink and owners from `/proc`.
#[derive(Debug)]
pub(super) struct SockDiag {
    clock: Clock,
    diag: Diag,
    rest: Rest,
    kind: SourceKind,
    /// What every sample is missing.
    limits: Vec<Limit>,
    procfs: Procfs,
    processes: Processes,
    euid: u32,
    user_uid: u32,
    /// Cookies of sockets that had no owner when we last made sure.
    ownerless: HashSet<u64>,
    /// Where files declare ports, until they have been read.
    declared: Option<Places>,
}

impl SockDiag {
    /// Opens it on this machine.
    pub(super) fn open() -> Result<Self, Error> {
        let diag = Diag::open().map_err(|errno| Error::SocketTable(errno.into()))?;
        Self::reading(SourceKind::SockDiag, diag, Families::open(), vec![])
    }

    /// Opens the source that reads `/proc/net` in place of asking over netlink, for this reason.
    pub(super) fn open_proc_net(reason: Option<Limit>) -> Result<Self, Error> {
        let net = Net::open(OWN_TABLES).map_err(|errno| Error::SocketFiles(errno.into()))?;
        let limits = reason.into_iter().chain([Limit {
            kind: LimitKind::Metrics,
            detail: Text::from(
                "connections have no counters and listeners no backlog: /proc/net does not tell them",
            ),
            remedy: None,
        }]);
        Self::reading(
            SourceKind::ProcNet,
            Diag::of_files(net),
            Families::of_proc_net(),
            limits.collect(),
        )
    }

    fn reading(
        kind: SourceKind,
        diag: Diag,
        families: Families,
        limits: Vec<Limit>,
    ) -> Result<Self, Error> {
        let procfs =
            Procfs::open(Path::new(PROC)).map_err(|errno| Error::Processes(errno.into()))?;
        let users = Users::from_file(PASSWD.into());
        let packages = Packages::of_system(Path::new("/"));
        let boot = host::boot(&procfs);
        let (euid, user_uid) = host::users();
        Ok(Self {
            clock: Clock::start(),
            diag,
            rest: Rest::open(&procfs, families),
            kind,
            limits,
            processes: Processes::new(users, packages, boot),
            procfs,
            euid,
            user_uid,
            ownerless: HashSet::new(),
            declared: Some(Places::of_system(Path::new("/"))),
        })
    }

    fn failure(&self, errno: Errno) -> Error {
        match self.kind {
            SourceKind::ProcNet => Error::SocketFiles(errno.into()),
            SourceKind::SockDiag | SourceKind::Portable => Error::SocketTable(errno.into()),
        }
    }

    /// Finds the owners; `None` when `/proc` cannot be listed.
    fn attribute(&mut self, sockets: &mut Vec<SampledSocket>, complete: bool) -> Option<Scan> {
        let wanted = Wanted::among(sockets, |socket| socket.state.can_have_owner());
        let mut found = scan(&self.procfs, &wanted).ok()?;
        attach(&found, sockets);
        share_owners(sockets);
        let doubtful = |socket: &SampledSocket| {
            is_ownerless(socket)
                && matches!(socket.protocol, Protocol::Tcp | Protocol::Udp)
                && !socket.is_elsewhere()
                && (complete || socket.uid == Some(self.euid))
                && !socket
                    .cookie
                    .is_some_and(|cookie| self.ownerless.contains(&cookie))
        };
        if sockets.iter().any(doubtful) {
            refresh(sockets, doubtful, &mut self.diag, &mut self.rest);
            let wanted = Wanted::among(sockets, is_ownerless);
            if !wanted.is_empty()
                && let Ok(again) = scan_again(&self.procfs, &wanted, &found)
            {
                attach(&again, sockets);
                found.holders.extend(again.holders);
            }
        }
        share_owners(sockets);
        self.ownerless = sockets
            .iter()
            .filter(|socket| is_ownerless(socket))
            .filter_map(|socket| socket.cookie)
            .collect();
        Some(found)
    }
}

impl Source for SockDiag {
    fn sample(&mut self) -> Result<Option<Sample>, Error> {
        let (taken_at, elapsed) = self.clock.read();
        let dump = self.diag.dump().map_err(|errno| self.failure(errno))?;
        let mut limits = self.limits.clone();
        limits.extend(dump.limits);
        let mut sockets = self.rest.named(dump.sockets);
        self.rest.read(&self.procfs, &mut sockets, &mut limits);
        let complete = host::sees_everybody(&self.procfs);
        let scan = self.attribute(&mut sockets, complete);
        let mut coverage = coverage(limits, scan.as_ref(), complete);
        coverage.other_namespaces = self.rest.other_namespaces();
        let scan = scan.unwrap_or_default();
        let connected = connected_owners(&sockets);
        let processes = self
            .processes
            .read(&self.procfs, &scan, &connected, elapsed);
        let users = self
            .processes
            .names(sockets.iter().filter_map(|socket| socket.uid));
        Ok(Some(Sample {
            source: self.kind,
            host: host::name(),
            taken_at,
            elapsed,
            euid: Some(self.euid),
            user_uid: Some(self.user_uid),
            ephemeral_ports: host::ephemeral_ports(&self.procfs),
            addresses: host::addresses(),
            sockets: sockets.into_iter().map(Arc::new).collect(),
            processes,
            users,
            declared: self
                .declared
                .take()
                .map(|places| places.read())
                .unwrap_or_default(),
            coverage,
        }))
    }

    fn extend(&mut self, extent: Extent) {
        self.rest.extend(extent);
    }
}

/// Whether a socket should have an owner and has none.
fn is_ownerless(socket: &SampledSocket) -> bool {
    socket.owners.is_empty() && socket.inode.is_some() && socket.state.can_have_owner()
}

/// Replaces the doubtful sockets by what they are now, and drops those that are gone.
///
/// A socket closed between the dump and the look at the processes has no owner either; that must
/// not be taken for a hidden one.
fn refresh(
    sockets: &mut Vec<SampledSocket>,
    doubtful: impl Fn(&SampledSocket) -> bool,
    diag: &mut Diag,
    rest: &mut Rest,
) {
    let mut in_doubt = sockets.iter().filter(|socket| doubtful(socket));
    if in_doubt.clone().take(MOST_LOOKED_UP + 1).count() <= MOST_LOOKED_UP
        && in_doubt.all(|socket| diag.surely_has(socket))
    {
        return;
    }
    let Ok(now) = diag.dump() else { return };
    if !now.limits.is_empty() {
        return;
    }
    let mut now: HashMap<_, _> = rest
        .named(now.sockets)
        .into_iter()
        .map(|socket| (socket.key(), socket))
        .collect();
    sockets.retain_mut(|socket| {
        if !doubtful(socket) {
            return true;
        }
        let Some(newer) = now.remove(&socket.key()) else {
            return false;
        };
        *socket = newer;
        true
    });
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
                .as_mut_slice()
                .iter_mut()
                .find(|owner| owner.process == holder.key)
            {
                Some(owner) => owner.fds.push(*descriptor),
                None => socket.owners.push(Owner {
                    process: holder.key,
                    fds: Few::One(*descriptor),
                }),
            }
        }
    }
    for socket in sockets.iter_mut().filter(|socket| socket.owners.len() > 1) {
        socket
            .owners
            .as_mut_slice()
            .sort_unstable_by_key(|owner| owner.process);
    }
    for owner in sockets.iter_mut().flat_map(|socket| &mut socket.owners) {
        owner.fds.as_mut_slice().sort_unstable();
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
            other_namespaces: 0,
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
        other_namespaces: 0,
    }
}

const REMEDY: &str = "run as root, or: sudo setcap cap_sys_ptrace,cap_dac_read_search+ep \
    \"$(command -v portwise)\"";

#[cfg(test)]
mod tests;
