//! Turns samples into snapshots.
//!
//! Owns everything that outlives one sample: identities, first-seen times, rates and what closed a
//! moment ago. Takes the time from the sample, so a recording replays exactly.

pub mod events;
mod sides;

use crate::{
    model::{
        Assessment, Declared, Direction, Few, Owner, PolicyNotes, Process, ProcessKey, Rates,
        Sample, SampledSocket, Service, Snapshot, Socket, SocketKey, Text, Verdict,
    },
    registry::Registry,
    rules::{self, Case, Machine, Policy},
};
use jiff::Timestamp;
use sides::{Side, Sides};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// How long a closed socket stays in [`Snapshot::closed`].
const KEEP_CLOSED: Duration = Duration::from_secs(5);

/// The most closed sockets that are kept; of more, the newest.
const MOST_CLOSED: usize = 1000;

/// What is remembered between samples.
#[derive(Debug)]
pub struct Monitor {
    registry: &'static Registry,
    previous: Option<Arc<Snapshot>>,
    declared: Arc<[Declared]>,
    policy: Arc<Policy>,
    notes: Arc<PolicyNotes>,
    /// From when on the policy says something else, because an entry ends.
    policy_changes: Option<Timestamp>,
}

impl Monitor {
    /// A monitor that has seen nothing yet.
    pub fn new(registry: &'static Registry) -> Self {
        Self {
            registry,
            previous: None,
            declared: Arc::default(),
            policy: Arc::default(),
            notes: Arc::default(),
            policy_changes: None,
        }
    }

    /// Judges everything by `policy` from the next sample on.
    pub fn set_policy(&mut self, policy: Arc<Policy>) {
        self.policy = policy;
        // Long ago, so that the notes are made anew with the next sample.
        self.policy_changes = Some(Timestamp::MIN);
    }

    /// Returns what is known now that `sample` was seen.
    ///
    /// Rates and changes compare it with the sample before; on first sight they are `None`.
    pub fn observe(&mut self, sample: Sample) -> Arc<Snapshot> {
        if !sample.declared.is_empty() {
            self.declared = sample.declared.into();
        }
        if self.policy_changes.is_some_and(|at| at <= sample.taken_at) {
            self.notes = Arc::new(self.policy.notes(sample.taken_at));
            self.policy_changes = self.policy.changes_after(sample.taken_at);
        }
        let machine = Machine {
            registry: self.registry,
            euid: sample.euid,
            user_uid: sample.user_uid,
            owners_seen: sample.coverage.owners,
            unreadable_processes: sample.coverage.unreadable_processes,
            ephemeral_ports: sample.ephemeral_ports,
            declared: Arc::clone(&self.declared),
            policy: Arc::clone(&self.policy),
            now: sample.taken_at,
        };
        let mut snapshot = Snapshot {
            source: sample.source,
            host: sample.host,
            taken_at: sample.taken_at,
            elapsed: sample.elapsed,
            euid: sample.euid,
            ephemeral_ports: sample.ephemeral_ports,
            sockets: vec![],
            closed: vec![],
            processes: sample.processes,
            declared: Arc::clone(&self.declared),
            policy: Arc::clone(&self.notes),
            coverage: sample.coverage,
            owners_hidden: 0,
        };
        let sides = Sides::new(&sample.sockets, &sample.addresses, sample.ephemeral_ports);
        let users: HashMap<u32, Text> = sample.users.into_iter().collect();
        let mut sockets: Vec<Socket> = sample
            .sockets
            .into_iter()
            .map(|raw| {
                let side = sides.of(&raw);
                let mut socket = describe(raw, side, &snapshot, self.registry);
                socket.user = socket.raw.uid.and_then(|uid| users.get(&uid).cloned());
                socket
            })
            .collect();
        if let Some(previous) = &self.previous {
            remember(&mut snapshot, &mut sockets, previous);
        }
        judge(&mut sockets, &machine, &sides);
        snapshot.sockets = sockets.into_iter().map(Arc::new).collect();
        snapshot.owners_hidden = snapshot
            .sockets
            .iter()
            .filter(|socket| is_hidden(socket, &machine))
            .count();
        let snapshot = Arc::new(snapshot);
        self.previous = Some(Arc::clone(&snapshot));
        snapshot
    }
}

/// Whether the socket has an owner that more privilege would show.
fn is_hidden(socket: &Socket, machine: &Machine) -> bool {
    socket.processes.is_empty() && socket.raw.state.can_have_owner() && !machine.sees_every_owner()
}

/// Says of one socket what follows from this sample alone, without a judgement.
fn describe(
    raw: Arc<SampledSocket>,
    side: Side,
    snapshot: &Snapshot,
    registry: &Registry,
) -> Socket {
    let processes = owners(&raw.owners, &snapshot.processes);
    let exposure = raw.exposure();
    let service = service(&raw, side, &processes, registry, snapshot);
    Socket {
        key: raw.key(),
        processes,
        direction: side.direction,
        exposure,
        service,
        user: None,
        first_seen: snapshot.taken_at,
        before_us: true,
        changed_at: None,
        closed_at: None,
        rates: None,
        assessment: Arc::new(Assessment {
            verdict: Verdict::Unknown,
            reason: None,
            findings: vec![],
        }),
        raw,
    }
}

fn owners(owners: &[Owner], processes: &[Arc<Process>]) -> Few<Arc<Process>> {
    let find = |key: ProcessKey| {
        let at = processes
            .binary_search_by_key(&key, |process| process.key)
            .ok()?;
        processes.get(at).cloned()
    };
    owners
        .iter()
        .filter_map(|owner| find(owner.process))
        .collect()
}

/// What the number that matters stands for.
///
/// A connection that we asked for is about its remote port; our own was given by chance. So is the port of
/// an unconnected datagram socket in the kernel's range, unless its program is known for just that port.
fn service(
    raw: &SampledSocket,
    side: Side,
    processes: &[Arc<Process>],
    registry: &Registry,
    snapshot: &Snapshot,
) -> Option<Service> {
    if !raw.protocol.has_ports() {
        return None;
    }
    if side.client {
        return raw
            .peer
            .map(|peer| registry.service(peer.port, raw.protocol));
    }
    let service = registry.service(raw.local.port, raw.protocol);
    let by_chance = raw.state == crate::model::State::Unconnected
        && snapshot
            .ephemeral_ports
            .is_some_and(|range| range.contains(raw.local.port));
    let known = || {
        let kernel =
            processes.is_empty() && service.practice.is_some_and(|practice| practice.kernel);
        kernel
            || processes
                .iter()
                .any(|process| registry.serves(&process.name, service.port, service.protocol))
    };
    (!by_chance || known()).then_some(service)
}

/// Takes over what the snapshot before knew, and finds what has gone since.
fn remember(snapshot: &mut Snapshot, sockets: &mut [Socket], previous: &Arc<Snapshot>) {
    let mut known: HashMap<SocketKey, &Socket> = previous
        .sockets
        .iter()
        .map(|socket| (socket.key, &**socket))
        .collect();
    let now = snapshot.taken_at;
    let interval = snapshot
        .elapsed
        .checked_sub(previous.elapsed)
        .filter(|interval| !interval.is_zero());
    for socket in sockets {
        let Some(before) = known.remove(&socket.key) else {
            socket.before_us = false;
            continue;
        };
        socket.first_seen = before.first_seen;
        socket.before_us = before.before_us;
        let changed =
            before.raw.state != socket.raw.state || before.raw.owners != socket.raw.owners;
        socket.changed_at = if changed {
            Some(now)
        } else {
            before.changed_at
        };
        socket.rates = interval.and_then(|interval| rates(before, socket, interval));
    }
    let still = previous.closed.iter().filter(|socket| {
        socket
            .closed_at
            .is_some_and(|at| now.duration_since(at).unsigned_abs() < KEEP_CLOSED)
    });
    snapshot.closed = still.cloned().collect();
    // In the order of the snapshot before: a map's own would differ from run to run.
    let gone: HashSet<SocketKey> = known.into_keys().collect();
    let gone = previous
        .sockets
        .iter()
        .filter(|socket| gone.contains(&socket.key));
    snapshot.closed.extend(gone.map(|socket| {
        Arc::new(Socket {
            closed_at: Some(now),
            rates: None,
            ..Socket::clone(socket)
        })
    }));
    let surplus = snapshot.closed.len().saturating_sub(MOST_CLOSED);
    snapshot.closed.drain(..surplus);
}

/// What moved between two sights of one connection; `None` when a counter is missing or went backwards.
fn rates(before: &Socket, now: &Socket, interval: Duration) -> Option<Rates> {
    let (before, now) = (before.raw.tcp.as_ref()?, now.raw.tcp.as_ref()?);
    let received = now.bytes_received?.checked_sub(before.bytes_received?)?;
    let sent = now.bytes_acked?.checked_sub(before.bytes_acked?)?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "2^53 bytes in one interval are out of reach"
    )]
    let per_second = |bytes: u64| bytes as f64 / interval.as_secs_f64();
    Some(Rates {
        rx_bytes_per_second: per_second(received),
        tx_bytes_per_second: per_second(sent),
    })
}

/// Judges listeners first: what a connection is worth depends on the listener it came in through.
fn judge(sockets: &mut [Socket], machine: &Machine, sides: &Sides) {
    let listens = |socket: &Socket| socket.direction == Direction::Listen;
    let mut verdicts = HashMap::new();
    for socket in sockets.iter_mut().filter(|socket| listens(socket)) {
        socket.assessment = Arc::new(rules::assess(&case(socket, machine, false, None)));
        let verdict = socket.assessment.verdict;
        let entry = verdicts
            .entry((socket.raw.protocol, socket.raw.local.port))
            .or_insert(verdict);
        *entry = verdict.max(*entry);
    }
    for socket in sockets.iter_mut().filter(|socket| !listens(socket)) {
        let client = sides.of(&socket.raw).client;
        let listener = verdicts
            .get(&(socket.raw.protocol, socket.raw.local.port))
            .copied();
        socket.assessment = Arc::new(rules::assess(&case(
            socket,
            machine,
            client,
            listener.filter(|_| !client),
        )));
    }
}

fn case<'a>(
    socket: &'a Socket,
    machine: &'a Machine,
    client: bool,
    listener: Option<Verdict>,
) -> Case<'a> {
    Case {
        machine,
        socket: &socket.raw,
        processes: &socket.processes,
        direction: socket.direction,
        exposure: socket.exposure,
        service: socket.service,
        listener,
        client,
        past: &rules::past::NOTHING,
        former: None,
    }
}
