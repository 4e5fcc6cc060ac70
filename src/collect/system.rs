//! The source `portable`: netstat2 for sockets, sysinfo for processes.
//!
//! Works wherever these two do. Says in its coverage what they do not tell. Their types never
//! leave this folder.

mod processes;
mod relatives;
mod sockets;

pub(super) use relatives::surroundings;

use super::{
    Error, Source, clock::Clock, declared::Places, host, linux_or_not, programs::Packages,
};
use crate::model::{Coverage, Limit, LimitKind, OwnersSeen, Process, Sample, SourceKind, Text};
use std::{collections::BTreeMap, fs, net::IpAddr, path::Path, sync::Arc};
use sysinfo::{Networks, System};

/// Where Linux keeps the range; elsewhere the file is not there and the range not known.
const PORT_RANGE: &str = "/proc/sys/net/ipv4/ip_local_port_range";

/// Reads the machine through netstat2 and sysinfo.
#[derive(Debug)]
pub(super) struct Portable {
    clock: Clock,
    packages: Packages,
    /// Where files declare ports, until they have been read.
    declared: Option<Places>,
    /// Limits that hold for every sample.
    standing: Vec<Limit>,
}

impl Portable {
    /// Opens it; `why` says why it stands in for a better source.
    pub(super) fn open(why: Option<Limit>) -> Self {
        Self {
            clock: Clock::start(),
            packages: Packages::of_system(Path::new("/")),
            declared: Some(Places::of_system(Path::new("/"))),
            standing: why.into_iter().chain(untold()).collect(),
        }
    }
}

impl Source for Portable {
    fn sample(&mut self) -> Result<Option<Sample>, Error> {
        let (taken_at, elapsed) = self.clock.read();
        let rows = sockets::read()?;
        let pids = rows.pids();
        let read = processes::read(&pids, &mut self.packages)?;
        let mut limits = self.standing.clone();
        limits.extend(rows.limits.iter().cloned());
        let owners = owners_seen(rows.attributed, read.euid);
        if owners == OwnersSeen::Own {
            limits.push(Limit {
                kind: LimitKind::Owners,
                detail: Text::from("owners of other users' sockets need more privilege to be seen"),
                remedy: Some(Text::from("run as root")),
            });
        }
        Ok(Some(Sample {
            ended: Vec::new(),
            source: SourceKind::Portable,
            host: Text::from(System::host_name().unwrap_or_default()),
            taken_at,
            elapsed,
            euid: read.euid,
            user_uid: read.euid.map(host::person_behind),
            ephemeral_ports: fs::read_to_string(PORT_RANGE)
                .ok()
                .and_then(|text| host::port_range(&text)),
            addresses: addresses(),
            sockets: Arc::new(rows.into_sockets(&read.processes)),
            users: users(&read.processes),
            processes: read.processes,
            declared: self
                .declared
                .take()
                .map(|places| places.read())
                .unwrap_or_default(),
            coverage: Coverage {
                owners,
                unreadable_processes: 0,
                limits,
                other_namespaces: 0,
            },
        }))
    }
}

/// The names of the users whose processes were seen; a hidden owner's has none here.
fn users(processes: &[Arc<Process>]) -> Vec<(u32, Text)> {
    let named = processes
        .iter()
        .filter_map(|process| Some((process.uid?, process.user.clone()?)));
    named.collect::<BTreeMap<_, _>>().into_iter().collect()
}

/// What these libraries tell of no socket and no process.
fn untold() -> [Limit; 3] {
    let remedy = linux_or_not::HAS_SOCK_DIAG.then(|| Text::from("use --source sock-diag"));
    let limit = |kind, detail: &str| Limit {
        kind,
        detail: Text::from(detail),
        remedy: remedy.clone(),
    };
    [
        limit(
            LimitKind::Metrics,
            "this source tells no queues, byte counts, round-trip times and cookies",
        ),
        limit(
            LimitKind::Sockets,
            "this source tells no peers of UDP sockets, and does not say when its list is cut short",
        ),
        limit(
            LimitKind::Programs,
            "this source tells no service units, containers, terminals and standard streams",
        ),
    ]
}

/// Where there are no user ids, everybody is shown every owner.
fn owners_seen(attributed: bool, euid: Option<u32>) -> OwnersSeen {
    match (attributed, euid) {
        (false, _) => OwnersSeen::None,
        (true, None | Some(0)) => OwnersSeen::All,
        (true, Some(_)) => OwnersSeen::Own,
    }
}

fn addresses() -> Vec<IpAddr> {
    let Ok(networks) = Networks::new_with_refreshed_list() else {
        return Vec::new();
    };
    let mut addresses: Vec<IpAddr> = networks
        .values()
        .flat_map(sysinfo::NetworkData::ip_networks)
        .map(|network| network.addr)
        .collect();
    addresses.sort_unstable();
    addresses
}

#[cfg(test)]
mod tests;
