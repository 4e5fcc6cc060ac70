//! The rows of netstat2, and the processes it names, each by itself.
//!
//! netstat2 lists a shared socket once per descriptor on some platforms, and names an owner only
//! the first time on others; rows are joined by what identifies them.

use crate::{
    collect::{Error, linux_or_not},
    model::{
        Endpoint, Family, Few, Limit, LimitKind, Owner, Process, Protocol, SampledSocket,
        SocketKey, State, Text, ToldSocket,
    },
};
use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, SocketInfo, TcpState};
use std::{
    collections::{BTreeSet, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// What netstat2 said.
#[derive(Debug)]
pub(super) struct Rows {
    /// Each socket once, with the processes that hold it.
    sockets: Vec<(SampledSocket, BTreeSet<u32>)>,
    /// What is missing.
    pub(super) limits: Vec<Limit>,
    /// Owners were looked for at all.
    pub(super) attributed: bool,
}

/// Reads the four tables; each that fails is a limit, all four an error.
pub(super) fn read() -> Result<Rows, Error> {
    let attributed = linux_or_not::can_list_processes();
    let mut rows = Rows {
        sockets: Vec::new(),
        limits: Vec::new(),
        attributed,
    };
    let mut places = HashMap::new();
    let mut last_fault = None;
    let mut answered = 0;
    for protocol in [ProtocolFlags::TCP, ProtocolFlags::UDP] {
        for family in [AddressFamilyFlags::IPV4, AddressFamilyFlags::IPV6] {
            let (table, fault) = table(family, protocol, attributed);
            for socket in &table {
                rows.add(socket, &mut places);
            }
            answered += u8::from(fault.is_none() || !table.is_empty());
            if let Some(fault) = fault {
                rows.limits.push(cut(family, protocol, &fault));
                last_fault = Some(fault);
            }
        }
    }
    match last_fault {
        Some(fault) if answered == 0 => Err(Error::System(fault)),
        _ => Ok(rows),
    }
}

/// One table, and what ended it before its end.
fn table(
    family: AddressFamilyFlags,
    protocol: ProtocolFlags,
    attributed: bool,
) -> (Vec<SocketInfo>, Option<String>) {
    let mut table = Vec::new();
    // netstat2 panics where a process table cannot be read.
    let read = catch_unwind(AssertUnwindSafe(|| {
        for socket in linux_or_not::netstat(family, protocol, attributed)? {
            // After an error it may give the same one for ever.
            table.push(socket?);
        }
        Ok::<(), netstat2::error::Error>(())
    }));
    let fault = match read {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_panic) => Some("netstat2 failed".to_owned()),
    };
    (table, fault)
}

fn cut(family: AddressFamilyFlags, protocol: ProtocolFlags, fault: &str) -> Limit {
    let protocol = if protocol == ProtocolFlags::TCP {
        "TCP"
    } else {
        "UDP"
    };
    let family = if family == AddressFamilyFlags::IPV4 {
        "IPv4"
    } else {
        "IPv6"
    };
    Limit {
        kind: LimitKind::Sockets,
        detail: Text::from(format!(
            "sockets of {protocol} over {family} may be missing: {fault}"
        )),
        remedy: None,
    }
}

impl Rows {
    fn add(&mut self, row: &SocketInfo, places: &mut HashMap<SocketKey, usize>) {
        let socket = socket(row);
        let place = *places.entry(socket.key()).or_insert(self.sockets.len());
        if let Some((_, owners)) = self.sockets.get_mut(place) {
            owners.extend(&row.associated_pids);
        } else {
            let owners = row.associated_pids.iter().copied().collect();
            self.sockets.push((socket, owners));
        }
    }

    /// The processes that hold a socket.
    pub(super) fn pids(&self) -> BTreeSet<u32> {
        let owners = self.sockets.iter().flat_map(|(_, owners)| owners);
        owners.copied().filter(|pid| *pid != 0).collect()
    }

    /// The sockets, with those owners that are among `processes`.
    pub(super) fn into_sockets(self, processes: &[Arc<Process>]) -> Vec<Arc<SampledSocket>> {
        let keys: HashMap<u32, _> = processes
            .iter()
            .map(|process| (process.key.pid, process.key))
            .collect();
        let owner = |pid: u32| {
            Some(Owner {
                process: *keys.get(&pid)?,
                fds: Few::default(),
            })
        };
        self.sockets
            .into_iter()
            .map(|(socket, owners)| {
                let mut socket = socket;
                socket.set_owners(owners.into_iter().filter_map(owner).collect());
                Arc::new(socket)
            })
            .collect()
    }
}

fn socket(row: &SocketInfo) -> SampledSocket {
    let local = Endpoint::new(row.local_addr(), row.local_port());
    let (protocol, state, peer) = match &row.protocol_socket_info {
        ProtocolSocketInfo::Tcp(tcp) => {
            let peer = Endpoint::new(tcp.remote_addr, tcp.remote_port);
            (Protocol::Tcp, state_of(tcp.state), Some(peer))
        }
        ProtocolSocketInfo::Udp(_) => (Protocol::Udp, State::Unconnected, None),
    };
    let nobody = |peer: &Endpoint| peer.port == 0 && peer.address.is_unspecified();
    let (inode, uid) = linux_or_not::inode_and_uid(row);
    let family = if local.address.is_ipv4() {
        Family::Ipv4
    } else {
        Family::Ipv6
    };
    SampledSocket::from(ToldSocket {
        // netstat2 reports 0.0.0.0:0 as the peer of a listener; we mean "no peer".
        peer: peer.filter(|peer| state != State::Listen && !nobody(peer)),
        inode,
        // The kernel keeps no user for these and says 0, which would be root.
        uid: uid.filter(|_| state.can_have_owner()),
        ..ToldSocket::new(protocol, family, state, local)
    })
}

fn state_of(state: TcpState) -> State {
    match state {
        TcpState::Listen => State::Listen,
        TcpState::SynSent => State::SynSent,
        TcpState::SynReceived => State::SynRecv,
        TcpState::Established => State::Established,
        TcpState::FinWait1 => State::FinWait1,
        TcpState::FinWait2 => State::FinWait2,
        TcpState::CloseWait => State::CloseWait,
        TcpState::Closing => State::Closing,
        TcpState::LastAck => State::LastAck,
        TcpState::TimeWait => State::TimeWait,
        TcpState::Closed | TcpState::DeleteTcb | TcpState::Unknown => State::Close,
    }
}
