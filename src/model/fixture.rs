//! Small sockets and snapshots for tests.
//!
//! `fixture::listener(1587).owned_by("python3", 30119).user("deploy").build()`

use super::{
    About, Assessment, Coverage, Direction, Endpoint, Executable, Extent, Fact, Family, Few,
    Finding, Holdings, Owner, OwnersSeen, Process, ProcessKey, Protocol, Rates, Registrations,
    SampledSocket, Service, Severity, Snapshot, Socket, SourceKind, Started, State, Status,
    TcpInfo, Text, Tier, ToldSocket, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// The moment every fixture snapshot was taken at.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

/// A socket in the making.
#[derive(Debug, Clone)]
pub(crate) struct Builder(Socket);

/// A TCP listener on every IPv4 address, owner hidden.
pub(crate) fn listener(port: u16) -> Builder {
    Builder::new(Protocol::Tcp, State::Listen, address("0.0.0.0"), port)
}

/// A UDP socket without a peer on every IPv4 address, owner hidden.
pub(crate) fn udp(port: u16) -> Builder {
    Builder::new(Protocol::Udp, State::Unconnected, address("0.0.0.0"), port)
}

/// An outbound established TCP connection, both ends as `10.0.0.5:43210`.
pub(crate) fn connection(local: &str, peer: &str) -> Builder {
    let (local, peer) = (endpoint(local), endpoint(peer));
    let mut builder = Builder::new(Protocol::Tcp, State::Established, local.address, local.port);
    builder.change(|told| told.peer = Some(peer));
    builder.0.direction = Direction::Outbound;
    builder.0.exposure = None;
    builder.serves(peer.port)
}

/// A snapshot of these sockets and their owners, taken at [`NOW`] by root.
pub(crate) fn snapshot(sockets: Vec<Socket>) -> Snapshot {
    let mut processes: Vec<_> = sockets
        .iter()
        .flat_map(|socket| socket.processes.clone())
        .collect();
    processes.sort_by_key(|process| process.key);
    processes.dedup_by_key(|process| process.key);
    let hidden =
        |socket: &&Socket| socket.processes.is_empty() && socket.raw.state.can_have_owner();
    Snapshot {
        holdings: Holdings::default(),
        source: SourceKind::SockDiag,
        host: Text::from("machine"),
        taken_at: NOW,
        elapsed: Duration::from_secs(100),
        euid: Some(0),
        extent: Extent::default(),
        ephemeral_ports: Some(super::PortRange {
            first: 32768,
            last: 60999,
        }),
        owners_hidden: sockets.iter().filter(hidden).count(),
        sockets: sockets.into_iter().map(Arc::new).collect(),
        closed: vec![],
        ended: vec![],
        short_lived: vec![],
        lately: vec![],
        processes,
        declared: Arc::default(),
        policy: Arc::default(),
        coverage: Coverage {
            owners: OwnersSeen::All,
            unreadable_processes: 0,
            limits: vec![],
            other_namespaces: 0,
        },
    }
}

/// The numbers of a connection of which the kernel counts no bytes.
pub(crate) fn tcp_info() -> TcpInfo {
    TcpInfo {
        read_at: None,
        read_before: None,
        congestion: Some(Text::from("cubic")),
        rtt_us: 100,
        rtt_var_us: 50,
        min_rtt_us: None,
        cwnd: 10,
        retransmits: 0,
        lost: 0,
        bytes_sent: None,
        bytes_acked: None,
        bytes_received: None,
        delivery_rate: None,
    }
}

/// A process of user 1000, `/usr/bin/NAME`, with a known past.
pub(crate) fn process(name: &str, pid: u32) -> Process {
    let path = Text::from(format!("/usr/bin/{name}"));
    Process {
        key: ProcessKey {
            pid,
            started: Started::Ticks(u64::from(pid) * 10),
        },
        name: Text::from(name),
        comm: Text::from(name.get(..15).unwrap_or(name)),
        executable: Fact::Known(Executable {
            path: path.clone(),
            deleted: false,
            file_at_path: true,
            memfd: false,
            shared_directory: None,
        }),
        cmdline: Fact::Known(vec![path]),
        cwd: Fact::Known(Text::from("/")),
        uid: Some(1000),
        user: Some(Text::from("deploy")),
        ppid: Some(1),
        ancestors: vec![],
        started_at: None,
        terminal: Fact::Known(None),
        unit: None,
        container: None,
        package: Fact::Known(None),
        streams: Fact::default(),
        shells: vec![],
        background: Arc::default(),
    }
}

/// A finding of `rule`, titled after it.
pub(crate) fn finding(rule: &'static str, severity: Severity) -> Finding {
    Finding {
        rule,
        severity,
        title: rule.replace('-', " "),
        evidence: vec![],
        advice: vec![],
    }
}

/// Reads an address that a test wrote.
pub(crate) fn address(text: &str) -> IpAddr {
    text.parse().expect("the test writes an address")
}

/// Reads an endpoint that a test wrote: `[::1]:80`.
pub(crate) fn endpoint(text: &str) -> Endpoint {
    let socket: std::net::SocketAddr = text.parse().expect("the test writes an endpoint");
    Endpoint::new(socket.ip(), socket.port())
}

impl Builder {
    fn new(protocol: Protocol, state: State, address: IpAddr, port: u16) -> Self {
        let local = Endpoint { address, port };
        let raw = SampledSocket::from(ToldSocket {
            inode: Some(90_000 + u64::from(port)),
            uid: Some(1000),
            recv_queue: Some(0),
            send_queue: Some(0),
            ..ToldSocket::new(protocol, family(address), state, local)
        });
        let about = About {
            processes: Few::default(),
            direction: Direction::Listen,
            exposure: Some(local.exposure()),
            service: None,
            user: Some(Text::from("deploy")),
            before_us: true,
            changed_at: None,
            closed_at: None,
            assessment: Arc::new(Assessment {
                verdict: Verdict::Unknown,
                reason: None,
                findings: vec![],
                accepted: vec![],
            }),
        };
        let socket = Socket {
            raw: Arc::new(raw),
            about: Arc::new(about),
            first_seen: NOW.into(),
            rates: None,
        };
        Self(socket).serves(port)
    }

    fn change(&mut self, change: impl FnOnce(&mut ToldSocket)) {
        Arc::make_mut(&mut self.0.raw).change(change);
    }

    /// Binds it to `at` in place of every address.
    pub(crate) fn at(mut self, at: &str) -> Self {
        let address = address(at);
        self.change(|told| {
            told.local.address = address;
            told.family = family(address);
        });
        self.0.exposure = self.0.exposure.map(|_| self.0.raw.local().exposure());
        self
    }

    /// Puts it in another state.
    pub(crate) fn state(mut self, state: State) -> Self {
        self.change(|told| told.state = state);
        self
    }

    /// Gives it another protocol.
    pub(crate) fn protocol(mut self, protocol: Protocol) -> Self {
        self.change(|told| told.protocol = protocol);
        self
    }

    /// Gives it another direction.
    pub(crate) fn direction(mut self, direction: Direction) -> Self {
        self.0.direction = direction;
        self
    }

    /// Adds an owner made by [`process`].
    pub(crate) fn owned_by(self, name: &str, pid: u32) -> Self {
        self.owner(process(name, pid))
    }

    /// Adds an owner.
    pub(crate) fn owner(mut self, process: Process) -> Self {
        self.change(|told| {
            told.owners.push(Owner {
                process: process.key,
                fds: Few::One(3),
            });
        });
        self.0.processes.push(Arc::new(process));
        self
    }

    /// Changes the owner that was added last.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Process)) -> Self {
        let owner = self
            .0
            .processes
            .as_mut_slice()
            .last_mut()
            .expect("the test added an owner");
        change(Arc::make_mut(owner));
        self
    }

    /// Names the user of the socket and of its owners: uid 0 for `root`, else 1000.
    pub(crate) fn user(mut self, name: &str) -> Self {
        let uid = if name == "root" { 0 } else { 1000 };
        self.change(|told| told.uid = Some(uid));
        self.0.user = Some(Text::from(name));
        for process in &mut self.0.processes {
            let process = Arc::make_mut(process);
            process.uid = Some(uid);
            process.user = Some(Text::from(name));
        }
        self
    }

    /// Gives it a service of this port, unassigned until [`Builder::service`] says otherwise.
    fn serves(mut self, port: u16) -> Self {
        self.0.service = Some(Service {
            port,
            protocol: self.0.raw.protocol.into(),
            status: Status::Unassigned,
            tier: Tier::Unassigned,
            registrations: Registrations::NONE,
            practice: None,
        });
        self
    }

    /// Gives it another service.
    pub(crate) fn service(mut self, service: Option<Service>) -> Self {
        self.0.service = service;
        self
    }

    /// Gives it a verdict without a finding.
    pub(crate) fn verdict(mut self, verdict: Verdict) -> Self {
        Arc::make_mut(&mut self.0.assessment).verdict = verdict;
        self
    }

    /// Adds a finding and raises the verdict to what it calls for.
    pub(crate) fn finding(mut self, rule: &'static str, severity: Severity) -> Self {
        let assessment = Arc::make_mut(&mut self.0.assessment);
        let called_for = match severity {
            Severity::Info => Verdict::Expected,
            Severity::Low => Verdict::Notable,
            Severity::Medium => Verdict::Unusual,
            Severity::High | Severity::Critical => Verdict::Suspicious,
        };
        assessment.verdict = assessment.verdict.max(called_for);
        assessment.findings.push(finding(rule, severity));
        assessment
            .findings
            .sort_by_key(|one| std::cmp::Reverse(one.severity));
        self
    }

    /// Finds something that the policy accepts.
    pub(crate) fn accepted(mut self, rule: &'static str, severity: Severity) -> Self {
        let assessment = Arc::make_mut(&mut self.0.assessment);
        assessment.verdict = Verdict::Expected;
        assessment.reason = Some("the policy expects it: ticket 4711".into());
        assessment.accepted.push(finding(rule, severity));
        self
    }

    /// Lets it move so many bytes per second.
    pub(crate) fn rates(mut self, rx: f64, tx: f64) -> Self {
        self.0.rates = Some(Rates::new(rx, tx));
        self
    }

    /// Gives it `tcp_info` with this round-trip time.
    pub(crate) fn rtt_us(mut self, rtt_us: u32) -> Self {
        let tcp = TcpInfo {
            rtt_us,
            rtt_var_us: rtt_us / 2,
            ..tcp_info()
        };
        self.change(|told| told.tcp = Some(tcp));
        self
    }

    /// Lets it begin so many seconds before [`NOW`], while we looked.
    pub(crate) fn age(mut self, seconds: i64) -> Self {
        self.0.first_seen = (NOW - SignedDuration::from_secs(seconds)).into();
        self.0.before_us = false;
        self
    }

    /// The kernel's number for it.
    pub(crate) fn cookie(mut self, cookie: u64) -> Self {
        self.change(|told| told.cookie = Some(cookie));
        self
    }

    /// The socket.
    pub(crate) fn build(self) -> Socket {
        self.0
    }
}

fn family(address: IpAddr) -> Family {
    match address {
        IpAddr::V4(_) => Family::Ipv4,
        IpAddr::V6(_) => Family::Ipv6,
    }
}

mod tests {
    use super::*;

    #[test]
    fn a_snapshot_finds_the_owners_of_its_sockets() {
        let socket = listener(1587)
            .owned_by("python3", 30119)
            .user("root")
            .build();
        let key = socket.raw.owners()[0].process;
        let snapshot = snapshot(vec![socket, udp(53).build()]);
        assert_eq!(snapshot.process(key).unwrap().name, "python3");
        assert_eq!(snapshot.process(key).unwrap().uid, Some(0));
        assert_eq!(snapshot.owners_hidden, 1);
    }

    #[test]
    fn a_builder_changes_only_what_it_is_told() {
        let socket = connection("10.0.0.5:43210", "192.0.2.7:443")
            .owned_by("curl", 7)
            .with(|process| process.ppid = Some(6))
            .at("::1")
            .state(State::CloseWait)
            .direction(Direction::Local)
            .service(None)
            .verdict(Verdict::Expected)
            .finding("plaintext", Severity::Medium)
            .rates(1.0, 2.0)
            .rtt_us(300)
            .age(60)
            .build();
        assert_eq!(socket.raw.local(), endpoint("[::1]:43210"));
        assert_eq!(socket.raw.family, Family::Ipv6);
        assert_eq!(socket.processes[0].ppid, Some(6));
        assert_eq!(socket.assessment.verdict, Verdict::Unusual);
        assert_eq!(socket.first_seen(), NOW - SignedDuration::from_secs(60));
    }
}
