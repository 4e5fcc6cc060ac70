//! A machine that changes by chance, always the same way for the same seed.

use crate::model::{
    Coverage, Declared, DeclaredBy, Endpoint, Fact, Family, Few, Owner, OwnersSeen, PortRange,
    Process, Protocol, Sample, SampledSocket, SourceKind, State, TcpInfo, Text, ToldSocket,
    fixture,
};
use crate::rules::Policy;
use jiff::tz::TimeZone;
use std::{net::IpAddr, sync::Arc, time::Duration};

/// Ports that something is known about, and some that nothing is.
const PORTS: [u16; 10] = [22, 53, 80, 443, 1587, 5432, 31337, 40_000, 40_001, 55_000];
const ADDRESSES: [&str; 5] = ["127.0.0.1", "0.0.0.0", "10.0.0.5", "192.0.2.7", "::1"];
const PROGRAMS: [&str; 6] = ["sshd", "nginx", "python3", "bash", "nc", "postgres"];
const STATES: [State; 5] = [
    State::Established,
    State::TimeWait,
    State::CloseWait,
    State::SynSent,
    State::SynRecv,
];

/// The machine.
pub(super) struct World {
    chance: Chance,
    /// What the source handed out last of each, or would.
    sockets: Vec<Arc<SampledSocket>>,
    processes: Vec<Arc<Process>>,
    users: Vec<(u32, Text)>,
    addresses: Vec<IpAddr>,
    ephemeral: Option<PortRange>,
    euid: u32,
    unreadable: u32,
    declares: bool,
    cookies: u64,
    now: Duration,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut world = Self {
            chance: Chance(seed),
            sockets: vec![],
            processes: vec![],
            users: vec![(0, Text::from("root")), (1000, Text::from("deploy"))],
            addresses: vec![fixture::address("10.0.0.5")],
            ephemeral: Some(PortRange {
                first: 32_768,
                last: 60_999,
            }),
            euid: 0,
            unreadable: 0,
            declares: false,
            cookies: 0,
            now: Duration::from_secs(10),
        };
        for pid in 1..8 {
            world.start(pid);
        }
        for _ in 0..25 {
            world.open();
        }
        world
    }

    /// What a source says now.
    pub(super) fn sample(&mut self) -> Sample {
        let declared = Declared {
            ports: PortRange {
                first: 1587,
                last: 1587,
            },
            protocol: Protocol::Tcp,
            name: Text::from("mail.socket"),
            by: DeclaredBy::SocketUnit,
            file: Text::from("/etc/systemd/system/mail.socket"),
        };
        Sample {
            ended: vec![],
            source: SourceKind::SockDiag,
            host: Text::from("world"),
            taken_at: fixture::NOW + self.now,
            elapsed: self.now,
            euid: Some(self.euid),
            user_uid: Some(self.euid),
            ephemeral_ports: self.ephemeral,
            addresses: self.addresses.clone(),
            sockets: Arc::new(self.sockets.clone()),
            processes: self.processes.clone(),
            users: self.users.clone(),
            declared: if std::mem::take(&mut self.declares) {
                vec![declared]
            } else {
                vec![]
            },
            coverage: Coverage {
                owners: if self.euid == 0 {
                    OwnersSeen::All
                } else {
                    OwnersSeen::Own
                },
                unreadable_processes: self.unreadable,
                limits: vec![],
                other_namespaces: 0,
            },
        }
    }

    /// What a person has decided now; some of it for a few seconds only.
    pub(super) fn policy(&mut self) -> Policy {
        let (port, program) = (self.chance.one_of(&PORTS), self.chance.one_of(&PROGRAMS));
        let until = fixture::NOW + self.now + Duration::from_secs(1);
        let strict = self.chance.below(2) == 0;
        let text = format!(
            r#"
            strict = {strict}
            [[expect]]
            port = {port}
            reason = "now"
            until = {until}
            [[deny]]
            program = "{program}"
            "#
        );
        Policy::parse(&text, &TimeZone::UTC, &|_| None).unwrap()
    }

    /// Lets some time pass, and a few things happen.
    pub(super) fn move_on(&mut self) {
        self.now += Duration::from_millis(250 * self.chance.below(5));
        for _ in 0..self.chance.below(6) {
            match self.chance.below(16) {
                0..3 => self.open(),
                3..5 => self.close(),
                5..10 => self.change_socket(),
                10 => self.shuffle(),
                11 => self.change_process(),
                12 => {
                    let pid = 1 + self.chance.small(12);
                    self.start(pid);
                }
                13 => self.end_process(),
                14 => self.copy_what_has_not_changed(),
                _ => self.change_machine(),
            }
        }
    }

    fn start(&mut self, pid: u32) {
        let mut process = fixture::process(self.chance.one_of(&PROGRAMS), pid);
        process.uid = Some(self.chance.one_of(&[0, 1000]));
        self.processes.retain(|other| other.key != process.key);
        self.processes.push(Arc::new(process));
        self.processes.sort_by_key(|process| process.key);
    }

    fn end_process(&mut self) {
        if !self.processes.is_empty() {
            let at = self.chance.place(self.processes.len());
            self.processes.remove(at);
        }
    }

    /// Something about a process is found out, or it becomes another.
    fn change_process(&mut self) {
        if self.processes.is_empty() {
            return;
        }
        let at = self.chance.place(self.processes.len());
        let process = Arc::make_mut(&mut self.processes[at]);
        match self.chance.below(4) {
            0 => process.unit = Some(Text::from("some.service")),
            1 => process.package = Fact::Known(Some(Text::from("some"))),
            2 => process.name = Text::from(self.chance.one_of(&PROGRAMS)),
            _ => {
                if let Fact::Known(executable) = &mut process.executable {
                    executable.deleted ^= true;
                }
            }
        }
    }

    fn change_machine(&mut self) {
        match self.chance.below(6) {
            0 => self.euid = self.chance.one_of(&[0, 1000]),
            1 => self.unreadable = self.chance.small(2),
            2 => self.declares = true,
            3 => self.users[1].1 = Text::from(self.chance.one_of(&["deploy", "admin"])),
            4 => self.addresses = vec![fixture::address(self.chance.one_of(&ADDRESSES))],
            _ => {
                let first = self.chance.one_of(&[32_768, 50_000]);
                self.ephemeral = Some(PortRange {
                    first,
                    last: 60_999,
                });
            }
        }
    }

    fn open(&mut self) {
        let chance = &mut self.chance;
        let protocol = chance.one_of(&[Protocol::Tcp, Protocol::Tcp, Protocol::Udp]);
        let waits = chance.below(3) == 0;
        let state = match (protocol, waits) {
            (Protocol::Udp, true) => State::Unconnected,
            (Protocol::Udp, false) => State::Established,
            (_, true) => State::Listen,
            (_, false) => chance.one_of(&STATES),
        };
        let local = chance.endpoint();
        self.cookies += 1;
        let socket = SampledSocket::from(ToldSocket {
            peer: (!waits).then(|| chance.endpoint()),
            cookie: Some(self.cookies),
            inode: Some(self.cookies),
            uid: Some(chance.one_of(&[0, 1000, 33])),
            recv_queue: Some(0),
            tcp: (protocol == Protocol::Tcp && !waits).then(numbers),
            owners: self.owners(),
            ..ToldSocket::new(protocol, Family::Ipv4, state, local)
        });
        let at = self.chance.place(self.sockets.len() + 1);
        self.sockets.insert(at, Arc::new(socket));
    }

    /// Up to two processes, that may not be there.
    fn owners(&mut self) -> Few<Owner> {
        let mut pids: Vec<u32> = (0..self.chance.below(3))
            .map(|_| 1 + self.chance.small(9))
            .collect();
        pids.sort_unstable();
        pids.dedup();
        pids.into_iter()
            .map(|pid| Owner {
                process: fixture::process("any", pid).key,
                fds: Few::One(3),
            })
            .collect()
    }

    fn close(&mut self) {
        if !self.sockets.is_empty() {
            let at = self.chance.place(self.sockets.len());
            self.sockets.remove(at);
        }
    }

    fn change_socket(&mut self) {
        if self.sockets.is_empty() {
            return;
        }
        let at = self.chance.place(self.sockets.len());
        let owners = self.owners();
        let socket = Arc::make_mut(&mut self.sockets[at]);
        match self.chance.below(8) {
            0 if !socket.is_listening() => socket.state = self.chance.one_of(&STATES),
            1 => socket.set_owners(owners),
            2 => {
                let queue = self.chance.small(200);
                socket.change(|told| told.recv_queue = Some(queue));
            }
            3 => {
                let uid = self.chance.one_of(&[0, 1000]);
                socket.change(|told| told.uid = Some(uid));
            }
            _ => {
                let moved = self.chance.below(5000);
                socket.change(|told| {
                    if let Some(tcp) = &mut told.tcp {
                        tcp.bytes_received = tcp.bytes_received.map(|bytes| bytes + moved);
                        tcp.rtt_us += 1;
                    }
                });
            }
        }
    }

    fn shuffle(&mut self) {
        for at in 0..self.sockets.len() {
            let other = self.chance.place(self.sockets.len());
            self.sockets.swap(at, other);
        }
    }

    /// A source need not know what has not changed.
    fn copy_what_has_not_changed(&mut self) {
        for socket in self.sockets.iter_mut().step_by(2) {
            *socket = Arc::new(SampledSocket::clone(socket));
        }
        for process in &mut self.processes {
            *process = Arc::new(Process::clone(process));
        }
    }
}

fn numbers() -> TcpInfo {
    TcpInfo {
        read_before: None,
        read_at: None,
        congestion: None,
        rtt_us: 100,
        rtt_var_us: 10,
        min_rtt_us: None,
        cwnd: 10,
        retransmits: 0,
        lost: 0,
        bytes_sent: None,
        bytes_acked: Some(0),
        bytes_received: Some(0),
        delivery_rate: None,
    }
}

/// Numbers by chance (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn small(&mut self, end: u64) -> u32 {
        u32::try_from(self.below(end)).unwrap()
    }

    fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.place(all.len())]
    }

    fn endpoint(&mut self) -> Endpoint {
        let address = self.one_of(&ADDRESSES);
        Endpoint::new(fixture::address(address), self.one_of(&PORTS))
    }
}
