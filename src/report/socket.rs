//! The JSON shape of a snapshot and of a socket (`CONTRACT`: it may only grow).

use super::compact::{self, Displayed, Part};
use crate::model::{
    self, ControlGroup, Fact, Family, Few, Finding, Names, NetNamespace, Portless, Process,
    ProcessKey, Protocol, Registration, SampledSocket, Service, Snapshot, Socket, SocketKey, State,
    TcpCounters, Text, Transport,
};
use hashbrown::HashMap;
use jiff::Timestamp;
use serde::Serialize;
use std::{io, net::IpAddr, sync::Arc};

/// The version of the JSON schema.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct SnapshotJson<'a> {
    schema_version: u32,
    portwise_version: &'static str,
    host: &'a str,
    taken_at: Timestamp,
    source: &'static str,
    euid: Option<u32>,
    owners_hidden: usize,
    other_namespaces: u32,
    truncated: bool,
    limits: Vec<LimitJson<'a>>,
    /// Behind everything else: they are written one by one.
    sockets: [(); 0],
}

#[derive(Serialize)]
struct LimitJson<'a> {
    detail: &'a str,
    remedy: Option<&'a str>,
}

/// Writes a snapshot's sockets at `rows` as one JSON object.
pub fn write_json(
    out: &mut (impl io::Write + ?Sized),
    snapshot: &Snapshot,
    rows: &[usize],
    names: &Names,
) -> io::Result<()> {
    let limits = &snapshot.coverage.limits;
    let json = SnapshotJson {
        schema_version: SCHEMA_VERSION,
        portwise_version: env!("CARGO_PKG_VERSION"),
        host: &snapshot.host,
        taken_at: snapshot.taken_at,
        source: snapshot.source.name(),
        euid: snapshot.euid,
        owners_hidden: snapshot.owners_hidden,
        other_namespaces: snapshot.coverage.other_namespaces,
        truncated: limits
            .iter()
            .any(|limit| limit.kind == model::LimitKind::Sockets),
        limits: limits
            .iter()
            .map(|limit| LimitJson {
                detail: &limit.detail,
                remedy: limit.remedy.as_deref(),
            })
            .collect(),
        sockets: [],
    };
    let mut text = serde_json::to_vec(&json)?;
    // The end of the list and of the object.
    text.truncate(text.len().saturating_sub("]}".len()));
    let mut sockets = Sockets::default();
    let mut is_first = true;
    for socket in rows.iter().filter_map(|row| snapshot.sockets.get(*row)) {
        if !std::mem::take(&mut is_first) {
            text.push(b',');
        }
        sockets.write(&mut text, socket, names)?;
        flush(out, &mut text, ENOUGH)?;
    }
    text.extend_from_slice(b"]}\n");
    flush(out, &mut text, 0)
}

/// Writes a snapshot's sockets at `rows`, one JSON object a line.
pub fn write_ndjson(
    out: &mut (impl io::Write + ?Sized),
    snapshot: &Snapshot,
    rows: &[usize],
    names: &Names,
) -> io::Result<()> {
    let (mut text, mut sockets) = (vec![], Sockets::default());
    for socket in rows.iter().filter_map(|row| snapshot.sockets.get(*row)) {
        sockets.write(&mut text, socket, names)?;
        text.push(b'\n');
        flush(out, &mut text, ENOUGH)?;
    }
    flush(out, &mut text, 0)
}

/// So many bytes are worth being written.
const ENOUGH: usize = 64 * 1024;

fn flush(out: &mut (impl io::Write + ?Sized), text: &mut Vec<u8>, least: usize) -> io::Result<()> {
    if text.len() >= least {
        out.write_all(text)?;
        text.clear();
    }
    Ok(())
}

/// Writes sockets one after the other. What many of them share is written once: a process around its
/// descriptors, a service, a time.
#[derive(Default)]
struct Sockets {
    processes: HashMap<ProcessKey, (String, String)>,
    services: HashMap<(Transport, u16), Vec<u8>>,
    first_seen: Option<(Timestamp, Vec<u8>)>,
    /// Those of the last socket that had any: mostly that of the next one as well.
    netns: Option<(Arc<NetNamespace>, Vec<u8>)>,
    cgroup: Option<(Arc<ControlGroup>, Vec<u8>)>,
    /// The processes of one socket.
    owners: Vec<u8>,
}

impl Sockets {
    fn write(
        &mut self,
        out: &mut Vec<u8>,
        socket: &Socket,
        names: &Names,
    ) -> Result<(), serde_json::Error> {
        self.write_owners(socket)?;
        if self
            .first_seen
            .as_ref()
            .is_none_or(|(at, _)| *at != socket.first_seen())
        {
            self.first_seen = Some((
                socket.first_seen(),
                serde_json::to_vec(&socket.first_seen())?,
            ));
        }
        let service = match socket.service {
            None => NOTHING,
            Some(service) => written(&mut self.services, (service.protocol, service.port), || {
                serde_json::to_vec(&ServiceJson::new(service))
            })?,
        };
        let raw = &socket.raw;
        let netns = as_last(&mut self.netns, raw.netns(), |netns| {
            serde_json::to_vec(&NetNamespaceJson::new(netns))
        })?;
        let cgroup = as_last(&mut self.cgroup, raw.cgroup(), |cgroup| {
            serde_json::to_vec(&ControlGroupJson::new(cgroup))
        })?;
        let mut json = SocketJson {
            netns: Part::Written(netns),
            cgroup: Part::Written(cgroup),
            first_seen: Part::Written(self.first_seen.as_ref().map_or(NOTHING, |(_, json)| json)),
            processes: Part::Written(&self.owners),
            service: Part::Written(service),
            ..SocketJson::alone(socket)
        };
        if let Some(peer) = &mut json.peer {
            peer.host = names.of_peer(raw).map(Text::as_str);
        }
        compact::write(out, &json)
    }

    fn write_owners(&mut self, socket: &Socket) -> Result<(), serde_json::Error> {
        self.owners.clear();
        self.owners.push(b'[');
        for process in socket.owners() {
            if self.owners.len() > 1 {
                self.owners.push(b',');
            }
            let (before, behind) = written(&mut self.processes, process.key, || {
                let json = serde_json::to_string(&ProcessJson::new(process, Few::default()))?;
                // Such quotes are only around a key: within text they have a backslash before them.
                let (before, behind) = json.split_once(NO_DESCRIPTORS).unwrap_or((&json, ""));
                Ok((format!("{before}\"fds\":"), behind.to_owned()))
            })?;
            self.owners.extend_from_slice(before.as_bytes());
            compact::write(&mut self.owners, &descriptors(socket, process))?;
            self.owners.extend_from_slice(behind.as_bytes());
        }
        self.owners.push(b']');
        Ok(())
    }
}

const NOTHING: &[u8] = b"null";

/// What was written of `value` when it was that of the last socket, else what is made of it now.
fn as_last<'k, T>(
    last: &'k mut Option<(Arc<T>, Vec<u8>)>,
    value: Option<&Arc<T>>,
    make: impl FnOnce(&T) -> Result<Vec<u8>, serde_json::Error>,
) -> Result<&'k [u8], serde_json::Error> {
    let Some(value) = value else {
        return Ok(NOTHING);
    };
    if !matches!(last, Some((known, _)) if Arc::ptr_eq(known, value)) {
        *last = Some((Arc::clone(value), make(value)?));
    }
    Ok(last.as_ref().map_or(NOTHING, |(_, json)| json))
}

/// How a process without descriptors shows them.
const NO_DESCRIPTORS: &str = "\"fds\":[]";

/// What was written of `key`, made when it is first asked for.
fn written<K: Eq + std::hash::Hash, V>(
    known: &mut HashMap<K, V>,
    key: K,
    make: impl FnOnce() -> Result<V, serde_json::Error>,
) -> Result<&V, serde_json::Error> {
    Ok(match known.entry(key) {
        hashbrown::hash_map::Entry::Occupied(entry) => entry.into_mut(),
        hashbrown::hash_map::Entry::Vacant(entry) => entry.insert(make()?),
    })
}

/// A socket in JSON.
#[derive(Debug, Serialize)]
pub struct SocketJson<'a> {
    id: Displayed<SocketKey>,
    protocol: &'static str,
    family: &'static str,
    state: &'static str,
    local: EndJson<'a>,
    peer: Option<PeerJson<'a>>,
    mode: Option<&'static str>,
    receives: Option<ReceivesJson>,
    direction: &'static str,
    exposure: Option<&'static str>,
    netns: Part<'a, Option<NetNamespaceJson<'a>>>,
    cgroup: Part<'a, Option<ControlGroupJson<'a>>>,
    inode: Option<u64>,
    cookie: Option<u64>,
    uid: Option<u32>,
    user: Option<&'a str>,
    first_seen: Part<'a, Timestamp>,
    recv_queue_bytes: Option<u32>,
    send_queue_bytes: Option<u32>,
    accept_queue: Option<u32>,
    backlog: Option<u32>,
    memory_bytes: Option<u32>,
    drops: Option<u32>,
    tcp: Option<TcpJson<'a>>,
    rates: Option<RatesJson>,
    processes: Part<'a, Vec<ProcessJson<'a>>>,
    service: Part<'a, Option<ServiceJson>>,
    verdict: &'static str,
    verdict_reason: Option<&'a str>,
    findings: Vec<FindingJson<'a>>,
}

impl<'a> SocketJson<'a> {
    /// The JSON shape of one socket, whose other end nobody has named.
    pub fn new(socket: &'a Socket) -> Self {
        Self {
            processes: Part::Whole(processes(socket)),
            service: Part::Whole(socket.service.map(ServiceJson::new)),
            ..Self::alone(socket)
        }
    }

    /// The same without its processes and its service.
    fn alone(socket: &'a Socket) -> Self {
        let raw = &socket.raw;
        let listens = raw.state == State::Listen;
        let portless = raw.portless();
        Self {
            id: Displayed(socket.key()),
            protocol: raw.protocol.name(),
            family: raw.family.name(),
            state: raw.state.name(),
            local: EndJson {
                address: has_address(raw.family).then_some(raw.local().address),
                port: raw.port(),
                interface: raw.interface().map(Text::as_str),
                path: portless.and_then(|portless| portless.path.as_deref()),
            },
            peer: PeerJson::of(raw),
            mode: portless.and_then(|portless| portless.mode.map(model::Mode::name)),
            receives: portless.and_then(|portless| ReceivesJson::of(portless, raw.protocol)),
            direction: socket.direction.name(),
            exposure: socket.exposure.map(model::Exposure::name),
            netns: Part::Whole(raw.netns().map(|netns| NetNamespaceJson::new(netns))),
            cgroup: Part::Whole(raw.cgroup().map(|cgroup| ControlGroupJson::new(cgroup))),
            inode: raw.inode(),
            cookie: raw.cookie(),
            uid: raw.uid(),
            user: socket.user.as_deref(),
            first_seen: Part::Whole(socket.first_seen()),
            recv_queue_bytes: raw.recv_queue().filter(|_| !listens),
            send_queue_bytes: raw.send_queue().filter(|_| !listens),
            accept_queue: raw.recv_queue().filter(|_| listens),
            backlog: raw.send_queue().filter(|_| listens),
            memory_bytes: raw.memory(),
            drops: raw.drops(),
            tcp: raw.tcp().map(|tcp| TcpJson::new(tcp, raw.congestion())),
            rates: socket.rates.map(|rates| RatesJson {
                rx_bytes_per_s: rates.rx_bytes_per_second(),
                tx_bytes_per_s: rates.tx_bytes_per_second(),
            }),
            processes: Part::Whole(vec![]),
            service: Part::Whole(None),
            verdict: socket.assessment.verdict.name(),
            verdict_reason: socket.assessment.reason.as_deref(),
            findings: socket
                .assessment
                .findings
                .iter()
                .map(FindingJson::new)
                .collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct EndJson<'a> {
    address: Option<IpAddr>,
    port: Option<u16>,
    interface: Option<&'a str>,
    path: Option<&'a str>,
}

fn has_address(family: Family) -> bool {
    matches!(family, Family::Ipv4 | Family::Ipv6)
}

#[derive(Debug, Serialize)]
struct PeerJson<'a> {
    address: Option<IpAddr>,
    port: Option<u16>,
    /// What whoever owns the address calls it.
    host: Option<&'a str>,
    path: Option<&'a str>,
    inode: Option<u64>,
}

impl<'a> PeerJson<'a> {
    fn of(raw: &'a SampledSocket) -> Option<Self> {
        let portless = raw.portless();
        let path = portless.and_then(|portless| portless.peer_path.as_deref());
        let inode = portless.and_then(|portless| portless.peer_inode);
        let connected = raw.peer().is_some() || path.is_some() || inode.is_some();
        connected.then(|| Self {
            address: raw.peer().map(|peer| peer.address),
            port: raw
                .peer()
                .filter(|_| raw.protocol.has_ports())
                .map(|peer| peer.port),
            host: None,
            path,
            inode,
        })
    }
}

/// What a raw or a packet socket is given.
#[derive(Debug, Serialize)]
struct ReceivesJson {
    number: u16,
    name: Option<&'static str>,
}

impl ReceivesJson {
    fn of(portless: &Portless, protocol: Protocol) -> Option<Self> {
        Some(Self {
            number: portless.number?,
            name: portless.number_name(protocol),
        })
    }
}

#[derive(Debug, Serialize)]
struct NetNamespaceJson<'a> {
    inode: Option<u64>,
    name: Option<&'a str>,
}

impl<'a> NetNamespaceJson<'a> {
    fn new(netns: &'a NetNamespace) -> Self {
        Self {
            inode: netns.inode,
            name: netns.name.as_deref(),
        }
    }
}

#[derive(Debug, Serialize)]
struct ControlGroupJson<'a> {
    path: &'a str,
    unit: Option<&'a str>,
    container: Option<&'a str>,
}

impl<'a> ControlGroupJson<'a> {
    fn new(cgroup: &'a ControlGroup) -> Self {
        Self {
            path: &cgroup.path,
            unit: cgroup.unit.as_deref(),
            container: cgroup.container.as_deref(),
        }
    }
}

#[derive(Debug, Serialize)]
struct TcpJson<'a> {
    congestion: Option<&'a str>,
    rtt_us: u32,
    rtt_var_us: u32,
    min_rtt_us: Option<u32>,
    cwnd: u32,
    retransmits: u32,
    lost: u32,
    bytes_sent: Option<u64>,
    bytes_received: Option<u64>,
    delivery_rate_bytes_per_s: Option<u64>,
}

impl<'a> TcpJson<'a> {
    fn new(tcp: &TcpCounters, congestion: Option<&'a Text>) -> Self {
        Self {
            congestion: congestion.map(Text::as_str),
            rtt_us: tcp.rtt_us,
            rtt_var_us: tcp.rtt_var_us,
            min_rtt_us: tcp.min_rtt_us(),
            cwnd: tcp.cwnd,
            retransmits: tcp.retransmits,
            lost: tcp.lost,
            bytes_sent: tcp.bytes_sent(),
            bytes_received: tcp.bytes_received(),
            delivery_rate_bytes_per_s: tcp.delivery_rate(),
        }
    }
}

#[derive(Debug, Serialize)]
struct RatesJson {
    rx_bytes_per_s: f64,
    tx_bytes_per_s: f64,
}

#[derive(Debug, Serialize)]
struct ProcessJson<'a> {
    pid: u32,
    start_time: Option<Timestamp>,
    name: &'a str,
    exe: Option<&'a str>,
    exe_deleted: Option<bool>,
    cmdline: Option<&'a [Text]>,
    cwd: Option<&'a str>,
    uid: Option<u32>,
    user: Option<&'a str>,
    ppid: Option<u32>,
    fds: Few<u32>,
    unit: Option<&'a str>,
    container: Option<&'a str>,
    package: Option<&'a str>,
}

fn processes(socket: &Socket) -> Vec<ProcessJson<'_>> {
    socket
        .owners()
        .map(|process| ProcessJson::new(process, descriptors(socket, process)))
        .collect()
}

/// Under which descriptors a process holds a socket.
fn descriptors(socket: &Socket, process: &Process) -> Few<u32> {
    let mut owners = socket.raw.owners().into_iter();
    let owner = owners.find(|owner| owner.process == process.key);
    owner.map(|owner| owner.fds).unwrap_or_default()
}

impl<'a> ProcessJson<'a> {
    fn new(process: &'a Process, fds: Few<u32>) -> Self {
        let executable = process.executable.known();
        Self {
            pid: process.key.pid,
            start_time: process.started_at,
            name: &process.name,
            exe: executable.map(|executable| &*executable.path),
            exe_deleted: executable.map(|executable| executable.deleted),
            cmdline: process.cmdline.known().map(|arguments| &arguments[..]),
            cwd: process.cwd.known().map(|path| &**path),
            uid: process.uid,
            user: process.user.as_deref(),
            ppid: process.ppid,
            fds,
            unit: process.unit.as_deref(),
            container: process.container.as_deref(),
            package: match &process.package {
                Fact::Known(package) => package.as_deref(),
                Fact::Unknown(_) => None,
            },
        }
    }
}

#[derive(Debug, Serialize)]
struct ServiceJson {
    port: u16,
    protocol: &'static str,
    name: Option<&'static str>,
    names: Vec<&'static str>,
    description: Option<&'static str>,
    status: &'static str,
    range: &'static str,
    tier: &'static str,
    assignee: Option<&'static str>,
    contact: Option<&'static str>,
    registered: Option<&'static str>,
    modified: Option<&'static str>,
    reference: Option<&'static str>,
    notes: Option<&'static str>,
    in_practice: Option<&'static str>,
}

impl ServiceJson {
    fn new(service: Service) -> Self {
        let best = service.registrations.first();
        let said = |field: fn(&Registration) -> &'static str| {
            best.as_ref().map(field).filter(|text| !text.is_empty())
        };
        let names = service
            .registrations
            .iter()
            .map(|registration| registration.name);
        Self {
            port: service.port,
            protocol: service.protocol.name(),
            name: service.name(),
            names: names.filter(|name| !name.is_empty()).collect(),
            description: said(|registration| registration.description),
            status: service.status.name(),
            range: service.range(),
            tier: service.tier.name(),
            assignee: said(|registration| registration.assignee),
            contact: said(|registration| registration.contact),
            registered: said(|registration| registration.registered),
            modified: said(|registration| registration.modified),
            reference: said(|registration| registration.references),
            notes: said(|registration| registration.notes),
            in_practice: service.practice.map(|practice| practice.software),
        }
    }
}

/// A finding in JSON.
#[derive(Debug, Serialize)]
pub struct FindingJson<'a> {
    rule: &'static str,
    severity: &'static str,
    title: &'a str,
    evidence: Vec<EvidenceJson<'a>>,
    advice: Vec<AdviceJson<'a>>,
}

#[derive(Debug, Serialize)]
struct EvidenceJson<'a> {
    what: &'static str,
    value: &'a str,
}

#[derive(Debug, Serialize)]
struct AdviceJson<'a> {
    text: &'a str,
    command: Option<&'a str>,
}

impl<'a> FindingJson<'a> {
    /// The JSON shape of one finding.
    pub fn new(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity.name(),
            title: &finding.title,
            evidence: finding
                .evidence
                .iter()
                .map(|evidence| EvidenceJson {
                    what: evidence.what,
                    value: &evidence.value,
                })
                .collect(),
            advice: finding
                .advice
                .iter()
                .map(|advice| AdviceJson {
                    text: &advice.text,
                    command: advice.command.as_deref(),
                })
                .collect(),
        }
    }
}
