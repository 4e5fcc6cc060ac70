//! Samples in, snapshots and judgements out: one readable TOML file a scenario.
//!
//! Each file of `tests/scenarios/` tells what a machine looked like, sample by sample, and what
//! portwise must say of it. A new edge case is a new file.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use portwise::{
    model::{
        Ancestor, Background, Coverage, Declared, Endpoint, Executable, Fact, Family, Few,
        Integrity, Owner, OwnersSeen, Piped, PortRange, Process, ProcessKey, Protocol, Sample,
        SampledSocket, Setting, Snapshot, SourceKind, Started, State, Stream, TcpInfo, Text,
        ToldSocket, Unseen,
    },
    monitor::Monitor,
    registry::Registry,
    rules::Policy,
};
use serde::Deserialize;
use std::{fs, net::SocketAddr, path::Path, sync::Arc, time::Duration};

const BEGIN: Timestamp = Timestamp::constant(1_795_000_000, 0);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What it shows, in a sentence.
    about: String,
    /// Who looks; root when left out.
    #[serde(default)]
    euid: u32,
    /// The person behind it; the same when left out.
    person: Option<u32>,
    sample: Vec<Moment>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    /// Seconds since the first sample.
    #[serde(default)]
    at: u32,
    #[serde(default)]
    process: Vec<Proc>,
    #[serde(default)]
    socket: Vec<Sock>,
    /// What files of the machine say about ports.
    #[serde(default)]
    declared: Vec<Declared>,
    /// The text of the policy that counts from here on.
    policy: Option<String>,
    #[serde(default)]
    expect: Vec<Expect>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proc {
    pid: u32,
    exe: String,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    file_at_path: bool,
    #[serde(default)]
    memfd: bool,
    shared_directory: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    uid: Option<u32>,
    /// `none` when no package owns it; unknown when left out.
    package: Option<String>,
    unit: Option<String>,
    container: Option<String>,
    terminal: Option<String>,
    /// Inodes of the sockets behind standard input and output.
    streams: Option<[u64; 2]>,
    /// Names of shells driven through pipes.
    #[serde(default)]
    shells: Vec<String>,
    /// What it calls itself; the name of its file when left out.
    comm: Option<String>,
    /// `intact`, `modified`, `not_recorded`; unknown when left out.
    integrity: Option<Integrity>,
    /// Libraries that its environment adds, and the shared directory they lie in, if they do.
    preload: Option<[String; 2]>,
    /// What `/etc/ld.so.preload` names; nothing when left out.
    #[serde(default)]
    preloaded: Vec<String>,
    /// What could not be read: `loader`.
    #[serde(default)]
    hidden: Vec<String>,
    session: Option<String>,
    /// Names of its parents, nearest first; `systemd` when left out.
    parents: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sock {
    #[serde(default = "tcp")]
    proto: Protocol,
    state: State,
    local: SocketAddr,
    peer: Option<SocketAddr>,
    /// Process ids.
    #[serde(default)]
    owners: Vec<u32>,
    inode: Option<u64>,
    /// Bytes received and acknowledged so far.
    moved: Option<[u64; 2]>,
    /// Connections that wait to be accepted, and how many may.
    queue: Option<[u32; 2]>,
}

fn tcp() -> Protocol {
    Protocol::Tcp
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// The local end; with ` -> ` and the remote one for a connection.
    socket: String,
    verdict: Option<String>,
    /// `rule:severity`, all of them, worst first.
    findings: Option<Vec<String>>,
    direction: Option<String>,
    /// The service's label; empty when there must be none.
    service: Option<String>,
    /// Bytes received and sent per second; empty when there must be no rates.
    rates: Option<Vec<f64>>,
    /// It must be among the sockets that closed a moment ago.
    #[serde(default)]
    closed: bool,
    /// A text that some evidence of its findings must contain.
    evidence: Option<String>,
    /// A text that the reason of its verdict must contain.
    reason: Option<String>,
}

#[test]
fn every_scenario_is_judged_as_it_says() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(
        paths.len() >= 15,
        "only {} scenarios were found",
        paths.len()
    );
    let mut wrong = vec![];
    for path in &paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let scenario: Scenario = toml::from_str(&fs::read_to_string(path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            !scenario.about.is_empty(),
            "{name} does not say what it shows"
        );
        let asked: usize = scenario
            .sample
            .iter()
            .map(|moment| moment.expect.len())
            .sum();
        assert!(asked > 0, "{name} expects nothing");
        wrong.extend(
            play(&scenario)
                .into_iter()
                .map(|fault| format!("{name}: {fault}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn play(scenario: &Scenario) -> Vec<String> {
    let mut monitor = Monitor::new(Registry::bundled());
    let mut sharing = Monitor::new(Registry::bundled());
    let mut before = vec![];
    let mut faults = vec![];
    for moment in &scenario.sample {
        if let Some(text) = &moment.policy {
            match Policy::parse(text, &TimeZone::UTC, &|_| None) {
                Ok(policy) => {
                    let policy = Arc::new(policy);
                    sharing.set_policy(Arc::clone(&policy));
                    monitor.set_policy(policy);
                }
                Err(fault) => return vec![format!("the policy: {fault:?}")],
            }
        }
        let seen = sample(scenario, moment);
        let shared = share(&seen, &before);
        before.clone_from(&shared.sockets);
        let snapshot = monitor.observe(seen);
        if !is_same(&snapshot, &sharing.observe(shared)) {
            let fault = "another snapshot when sockets that have not changed are shared";
            faults.push(format!("at {} s: {fault}", moment.at));
        }
        for expect in &moment.expect {
            faults.extend(
                check(expect, &snapshot)
                    .into_iter()
                    .map(|fault| format!("at {} s: {fault}", moment.at)),
            );
        }
    }
    faults
}

/// The same sample as from a source that hands out again what has not changed.
fn share(sample: &Sample, before: &[Arc<SampledSocket>]) -> Sample {
    let mut shared = sample.clone();
    for socket in Arc::make_mut(&mut shared.sockets) {
        if let Some(same) = before.iter().find(|other| *other == socket) {
            *socket = Arc::clone(same);
        }
    }
    shared
}

fn is_same(one: &Snapshot, other: &Snapshot) -> bool {
    let all = |snapshot: &Snapshot| {
        let sockets = snapshot.sockets.iter().chain(&snapshot.closed);
        sockets
            .map(|socket| format!("{socket:?}"))
            .collect::<Vec<_>>()
    };
    all(one) == all(other)
}

fn check(expect: &Expect, snapshot: &Snapshot) -> Vec<String> {
    let among = if expect.closed {
        &snapshot.closed
    } else {
        &snapshot.sockets
    };
    let named = |socket: &&Arc<portwise::model::Socket>| match socket.raw.peer() {
        Some(peer) => format!("{} -> {peer}", socket.raw.local()) == expect.socket,
        None => socket.raw.local().to_string() == expect.socket,
    };
    let Some(socket) = among.iter().find(named) else {
        return vec![format!("{} is not there", expect.socket)];
    };
    let assessment = &socket.assessment;
    let findings: Vec<_> = assessment
        .findings
        .iter()
        .map(|finding| format!("{}:{}", finding.rule, finding.severity.name()))
        .collect();
    let mut faults = vec![];
    let mut compare = |what: &str, wanted: Option<String>, got: String| {
        if wanted.as_ref().is_some_and(|wanted| *wanted != got) {
            faults.push(format!(
                "{}: {what} is {got}, not {}",
                expect.socket,
                wanted.unwrap_or_default()
            ));
        }
    };
    compare(
        "verdict",
        expect.verdict.clone(),
        assessment.verdict.name().to_owned(),
    );
    compare(
        "findings",
        expect.findings.as_ref().map(|list| format!("{list:?}")),
        format!("{findings:?}"),
    );
    compare(
        "direction",
        expect.direction.clone(),
        socket.direction.name().to_owned(),
    );
    let label = socket
        .service
        .and_then(|service| service.label())
        .unwrap_or("");
    compare("service", expect.service.clone(), label.to_owned());
    let rates = socket.rates.map_or(vec![], |rates| {
        vec![rates.rx_bytes_per_second(), rates.tx_bytes_per_second()]
    });
    compare(
        "rates",
        expect.rates.as_ref().map(|list| format!("{list:?}")),
        format!("{rates:?}"),
    );
    let reason = assessment.reason.as_deref().unwrap_or_default();
    if let Some(text) = expect
        .reason
        .as_ref()
        .filter(|text| !reason.contains(*text))
    {
        faults.push(format!(
            "{}: the reason is {reason:?}, not {text:?}",
            expect.socket
        ));
    }
    if let Some(text) = &expect.evidence {
        let mut evidence = assessment
            .findings
            .iter()
            .flat_map(|finding| &finding.evidence);
        if !evidence.any(|evidence| evidence.value.contains(text)) {
            faults.push(format!(
                "{}: no evidence says {text:?}: {:#?}",
                expect.socket, assessment.findings
            ));
        }
    }
    for finding in &assessment.findings {
        let advised = finding.advice.iter().any(|advice| !advice.text.is_empty());
        if finding.title.is_empty() || finding.evidence.is_empty() || !advised {
            faults.push(format!(
                "{}: {} lacks its sentence, evidence or advice",
                expect.socket, finding.rule
            ));
        }
    }
    faults
}

fn sample(scenario: &Scenario, moment: &Moment) -> Sample {
    let mut processes: Vec<_> = moment
        .process
        .iter()
        .map(|process| Arc::new(self::process(process)))
        .collect();
    processes.sort_by_key(|process| process.key);
    Sample {
        source: SourceKind::SockDiag,
        host: Text::from("machine"),
        taken_at: BEGIN + SignedDuration::from_secs(i64::from(moment.at)),
        elapsed: Duration::from_secs(u64::from(moment.at)),
        euid: Some(scenario.euid),
        user_uid: Some(scenario.person.unwrap_or(scenario.euid)),
        ephemeral_ports: Some(PortRange {
            first: 32768,
            last: 60999,
        }),
        addresses: vec![[127, 0, 0, 1].into(), [10, 0, 0, 5].into()],
        sockets: Arc::new(
            moment
                .socket
                .iter()
                .map(|one| Arc::new(socket(one)))
                .collect(),
        ),
        ended: vec![],
        processes,
        users: vec![(0, Text::from("root"))],
        declared: moment.declared.clone(),
        coverage: Coverage {
            owners: if scenario.euid == 0 {
                OwnersSeen::All
            } else {
                OwnersSeen::Own
            },
            unreadable_processes: if scenario.euid == 0 { 0 } else { 12 },
            limits: vec![],
            other_namespaces: 0,
        },
    }
}

fn key(pid: u32) -> ProcessKey {
    ProcessKey {
        pid,
        started: Started::Ticks(u64::from(pid)),
    }
}

fn process(process: &Proc) -> Process {
    let name = process.exe.rsplit('/').next().unwrap_or(&process.exe);
    let stream = |inode| {
        if inode == 0 {
            Stream::Other
        } else {
            Stream::Socket(inode)
        }
    };
    let shell = |(at, name): (usize, &String)| Piped {
        shell: key(9000 + u32::try_from(at).unwrap_or(0)),
        name: Text::from(name.as_str()),
        through: Text::from("pipe"),
    };
    Process {
        key: key(process.pid),
        name: Text::from(name),
        comm: Text::from(process.comm.as_deref().unwrap_or(name)),
        executable: Fact::Known(Executable {
            path: Text::from(process.exe.as_str()),
            deleted: process.deleted,
            file_at_path: process.file_at_path,
            memfd: process.memfd,
            shared_directory: process.shared_directory.as_deref().map(Text::from),
        }),
        cmdline: Fact::Known(
            process
                .args
                .iter()
                .map(|argument| Text::from(argument.as_str()))
                .collect(),
        ),
        cwd: Fact::Known(Text::from("/")),
        uid: process.uid,
        user: None,
        ppid: Some(1),
        ancestors: match &process.parents {
            None => vec![ancestor("systemd")],
            Some(names) => names.iter().map(|name| ancestor(name)).collect(),
        },
        started_at: None,
        terminal: Fact::Known(process.terminal.as_deref().map(Text::from)),
        unit: process.unit.as_deref().map(Text::from),
        container: process.container.as_deref().map(Text::from),
        package: match process.package.as_deref() {
            None => Fact::Unknown(Unseen::NotSupported),
            Some("none") => Fact::Known(None),
            Some(package) => Fact::Known(Some(Text::from(package))),
        },
        streams: process
            .streams
            .map_or(Fact::Unknown(Unseen::NotPermitted), |[input, output]| {
                Fact::Known([stream(input), stream(output), stream(output)])
            }),
        shells: process.shells.iter().enumerate().map(shell).collect(),
        background: Arc::new(background(process)),
    }
}

fn ancestor(name: &str) -> Ancestor {
    Ancestor {
        key: key(1),
        name: Text::from(name),
    }
}

fn background(process: &Proc) -> Background {
    let setting = |[value, shared]: &[String; 2]| Setting {
        name: Text::from("LD_PRELOAD"),
        value: Text::from(value.as_str()),
        shared_directory: (!shared.is_empty()).then(|| Text::from(shared.as_str())),
    };
    Background {
        integrity: process
            .integrity
            .map_or(Fact::Unknown(Unseen::NotAsked), Fact::Known),
        loader: if process.hidden.contains(&"loader".to_owned()) {
            Fact::Unknown(Unseen::NotPermitted)
        } else {
            Fact::Known(process.preload.iter().map(setting).collect())
        },
        preloaded: Fact::Known(
            process
                .preloaded
                .iter()
                .map(|library| Text::from(library.as_str()))
                .collect(),
        ),
        session: process.session.as_deref().map(Text::from),
        ..Background::default()
    }
}

fn socket(socket: &Sock) -> SampledSocket {
    let endpoint = |address: SocketAddr| Endpoint::new(address.ip(), address.port());
    let family = match (socket.proto, socket.local) {
        (Protocol::Unix, _) => Family::Unix,
        (Protocol::Packet, _) => Family::Packet,
        (_, SocketAddr::V4(_)) => Family::Ipv4,
        (_, SocketAddr::V6(_)) => Family::Ipv6,
    };
    SampledSocket::from(ToldSocket {
        peer: socket.peer.map(endpoint),
        inode: socket.inode,
        uid: Some(0),
        recv_queue: Some(socket.queue.map_or(0, |[waiting, _]| waiting)),
        send_queue: Some(socket.queue.map_or(0, |[_, most]| most)),
        tcp: socket.moved.map(|[received, acked]| TcpInfo {
            read_at: None,
            read_before: None,
            congestion: None,
            rtt_us: 100,
            rtt_var_us: 10,
            min_rtt_us: None,
            cwnd: 10,
            retransmits: 0,
            lost: 0,
            bytes_sent: Some(acked),
            bytes_acked: Some(acked),
            bytes_received: Some(received),
            delivery_rate: None,
        }),
        owners: socket
            .owners
            .iter()
            .map(|pid| Owner {
                process: key(*pid),
                fds: Few::One(3),
            })
            .collect(),
        ..ToldSocket::new(socket.proto, family, socket.state, endpoint(socket.local))
    })
}
