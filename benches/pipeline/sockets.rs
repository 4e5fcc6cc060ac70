//! A machine with many sockets, made up: what `workload.py --size L` opens, and what `ss` would say of it.

use jiff::Timestamp;
use portwise::model::{
    Coverage, Endpoint, Executable, Fact, Family, Few, Owner, OwnersSeen, PortRange, Process,
    ProcessKey, Protocol, Sample, SampledSocket, SourceKind, Started, State, TcpInfo, Text,
    ToldSocket,
};
use std::{net::Ipv4Addr, sync::Arc, time::Duration};

const PROCESSES: u32 = 500;
const LISTENERS: u32 = 2_000;
const CONNECTIONS: u32 = 25_000;
const DATAGRAM: u32 = 2_000;
/// The first port that is listened on.
const FIRST_PORT: u16 = 20_000;
/// The first port that the kernel gives to a client.
const FIRST_GIVEN: u16 = 32_768;

/// How many sockets [`sample`] has.
pub(crate) const ALL: usize = 54_000;

/// What a source would say at `second`; no two samples share anything but their processes.
pub(crate) fn sample(processes: &[Arc<Process>], second: u64) -> Sample {
    let listeners = (0..LISTENERS).map(listener);
    let clients = (0..CONNECTIONS).map(|number| connection(number, true, second));
    let servers = (0..CONNECTIONS).map(|number| connection(number, false, second));
    let datagram = (0..DATAGRAM).map(datagram);
    let sockets = listeners.chain(clients).chain(servers).chain(datagram);
    Sample {
        ended: vec![],
        source: SourceKind::SockDiag,
        host: Text::from("bench"),
        taken_at: Timestamp::UNIX_EPOCH + Duration::from_secs(1_795_000_000 + second),
        elapsed: Duration::from_secs(second),
        euid: Some(0),
        user_uid: Some(1000),
        ephemeral_ports: Some(PortRange {
            first: FIRST_GIVEN,
            last: 60_999,
        }),
        addresses: vec![
            Ipv4Addr::LOCALHOST.into(),
            Ipv4Addr::new(10, 0, 0, 5).into(),
        ],
        sockets: Arc::new(sockets.map(SampledSocket::from).map(Arc::new).collect()),
        processes: processes.to_vec(),
        users: vec![(0, Text::from("root")), (1000, Text::from("deploy"))],
        declared: vec![],
        coverage: Coverage {
            owners: OwnersSeen::All,
            unreadable_processes: 0,
            limits: vec![],
            other_namespaces: 0,
        },
    }
}

/// The processes that hold those sockets, sorted by key.
pub(crate) fn processes() -> Vec<Arc<Process>> {
    (0..PROCESSES)
        .map(|number| Arc::new(process(number)))
        .collect()
}

fn process(number: u32) -> Process {
    let name = Text::from(format!("wl-{number:04}"));
    let path = Text::from(format!("/usr/bin/{name}"));
    Process {
        key: key(number),
        comm: name.clone(),
        name,
        executable: Fact::Known(Executable {
            path: path.clone(),
            deleted: false,
            file_at_path: true,
            memfd: false,
            shared_directory: None,
        }),
        cmdline: Fact::Known(vec![path, Text::from("--size"), Text::from("L")]),
        cwd: Fact::Known(Text::from("/srv")),
        uid: Some(1000),
        user: Some(Text::from("deploy")),
        ppid: Some(1),
        ancestors: vec![],
        started_at: None,
        terminal: Fact::Known(None),
        unit: Some(Text::from("workload.service")),
        container: None,
        package: Fact::Known(None),
        streams: Fact::default(),
        shells: vec![],
        background: Arc::default(),
    }
}

fn key(number: u32) -> ProcessKey {
    ProcessKey {
        pid: 1000 + number,
        started: Started::Ticks(u64::from(number)),
    }
}

fn address(process: u32) -> Ipv4Addr {
    let [_, _, high, low] = process.to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}

/// Where listener `number` waits: each process has an address, on which it counts its ports up.
fn place(number: u32) -> Endpoint {
    let process = number % PROCESSES;
    Endpoint::new(address(process), FIRST_PORT + low(number / PROCESSES))
}

fn low(number: u32) -> u16 {
    u16::try_from(number % 65_536).unwrap_or(0)
}

fn socket(
    number: u32,
    process: u32,
    protocol: Protocol,
    state: State,
    local: Endpoint,
) -> ToldSocket {
    ToldSocket {
        inode: Some(100_000 + u64::from(number)),
        cookie: Some(1 + u64::from(number)),
        uid: Some(1000),
        recv_queue: Some(0),
        send_queue: Some(0),
        owners: Few::One(Owner {
            process: key(process),
            fds: Few::One(10 + number % 200),
        }),
        ..ToldSocket::new(protocol, Family::Ipv4, state, local)
    }
}

fn listener(number: u32) -> ToldSocket {
    let process = number % PROCESSES;
    socket(number, process, Protocol::Tcp, State::Listen, place(number))
}

fn connection(number: u32, is_client: bool, second: u64) -> ToldSocket {
    let server = place(number % LISTENERS);
    let from = (number / 7) % PROCESSES;
    let client = Endpoint::new(Ipv4Addr::LOCALHOST, FIRST_GIVEN + low(number % 28_000));
    let (process, local, peer, first) = if is_client {
        (from, client, server, LISTENERS)
    } else {
        (
            number % LISTENERS % PROCESSES,
            server,
            client,
            LISTENERS + CONNECTIONS,
        )
    };
    let moved = if number.is_multiple_of(100) {
        second * 1_000_000
    } else {
        0
    };
    ToldSocket {
        peer: Some(peer),
        tcp: Some(tcp(number, moved)),
        ..socket(
            first + number,
            process,
            Protocol::Tcp,
            State::Established,
            local,
        )
    }
}

fn datagram(number: u32) -> ToldSocket {
    let local = Endpoint::new(
        address(number % PROCESSES),
        40_000 + low(number / PROCESSES),
    );
    let first = LISTENERS + 2 * CONNECTIONS;
    let process = number % PROCESSES;
    if number.is_multiple_of(2) {
        return socket(
            first + number,
            process,
            Protocol::Udp,
            State::Unconnected,
            local,
        );
    }
    ToldSocket {
        peer: Some(Endpoint::new(Ipv4Addr::LOCALHOST, 53)),
        ..socket(
            first + number,
            process,
            Protocol::Udp,
            State::Established,
            local,
        )
    }
}

fn tcp(number: u32, moved: u64) -> TcpInfo {
    TcpInfo {
        read_before: None,
        read_at: None,
        congestion: None,
        rtt_us: 200 + number % 100,
        rtt_var_us: 20,
        min_rtt_us: Some(150),
        cwnd: 10,
        retransmits: 0,
        lost: 0,
        bytes_sent: Some(moved),
        bytes_acked: Some(moved),
        bytes_received: Some(moved),
        delivery_rate: Some(1_000_000),
    }
}
