//! Snapshots made from what changed are the same as those made from scratch.

mod plain;
mod world;

use super::{Monitor, events, judge::AT_REST_AT_ONCE};
use crate::{
    model::{
        Assessment, Coverage, Endpoint, Extent, Fact, Family, Few, Owner, OwnersSeen, Protocol,
        Sample, SampledSocket, Snapshot, Socket, SourceKind, State, TcpInfo, Text, ToldSocket,
        Verdict, fixture,
    },
    registry::Registry,
};
use plain::Plain;
use std::{net::Ipv4Addr, sync::Arc, time::Duration};
use world::World;

/// Every field of two snapshots, socket by socket, so that a difference is short enough to read.
fn assert_same(made: &Snapshot, plain: &Snapshot, of: &str) {
    let list = |sockets: &[Arc<Socket>]| -> Vec<String> {
        sockets
            .iter()
            .map(|socket| format!("{socket:#?}"))
            .collect()
    };
    assert_eq!(made.sockets.len(), plain.sockets.len(), "{of}");
    for (made, plain) in list(&made.sockets).iter().zip(list(&plain.sockets)) {
        assert_eq!(*made, plain, "{of}");
    }
    assert_eq!(list(&made.closed), list(&plain.closed), "{of}");
    assert_eq!(made.owners_hidden, plain.owners_hidden, "{of}");
    assert_eq!(made.policy, plain.policy, "{of}");
    assert_eq!(made.processes, plain.processes, "{of}");
}

#[test]
fn what_is_made_from_changes_is_what_is_made_from_scratch() {
    for seed in 0..60 {
        let (mut world, mut monitor) = (World::new(seed), Monitor::new(Registry::bundled()));
        let mut plain = Plain::default();
        for step in 0..10 {
            if step % 3 == 2 {
                let policy = Arc::new(world.policy());
                plain.policy = Arc::clone(&policy);
                monitor.set_policy(policy);
            }
            let sample = world.sample();
            let from_scratch = plain.observe(&sample);
            let made = monitor.observe(sample);
            assert_same(
                &made,
                &from_scratch,
                &format!("world {seed}, sample {step}"),
            );
            world.move_on();
        }
    }
}

#[test]
fn a_source_that_shares_nothing_gets_the_same_snapshots() {
    for seed in 1000..1020 {
        let mut world = World::new(seed);
        let registry = Registry::bundled();
        let (mut sharing, mut copying) = (Monitor::new(registry), Monitor::new(registry));
        for step in 0..8 {
            let sample = world.sample();
            let copied = copy(&sample);
            let of = format!("world {seed}, sample {step}");
            assert_same(&sharing.observe(sample), &copying.observe(copied), &of);
            world.move_on();
        }
    }
}

fn copy(sample: &Sample) -> Sample {
    let mut copied = sample.clone();
    for socket in Arc::make_mut(&mut copied.sockets) {
        *socket = Arc::new(SampledSocket::clone(socket));
    }
    for process in &mut copied.processes {
        *process = Arc::new(crate::model::Process::clone(process));
    }
    copied
}

pub(super) fn sample(second: u64, sockets: Vec<Arc<SampledSocket>>) -> Sample {
    let server = Arc::new(fixture::process("python3", 7));
    Sample {
        ended: vec![],
        source: SourceKind::SockDiag,
        host: Text::from("host"),
        taken_at: fixture::NOW + Duration::from_secs(second),
        elapsed: Duration::from_secs(second),
        euid: Some(0),
        user_uid: Some(0),
        ephemeral_ports: None,
        addresses: vec![],
        sockets: Arc::new(sockets),
        processes: vec![server],
        users: vec![],
        declared: vec![],
        coverage: Coverage {
            owners: OwnersSeen::All,
            unreadable_processes: 0,
            limits: vec![],
            other_namespaces: 0,
        },
    }
}

fn socket(cookie: u64, state: State, port: u16) -> SampledSocket {
    SampledSocket::from(ToldSocket {
        cookie: Some(cookie),
        owners: Few::One(Owner {
            process: fixture::process("python3", 7).key,
            fds: Few::One(3),
        }),
        ..ToldSocket::new(
            Protocol::Tcp,
            Family::Ipv4,
            state,
            Endpoint::new(Ipv4Addr::LOCALHOST, port),
        )
    })
}

fn connection(bytes: u64, read_at: Option<Duration>) -> SampledSocket {
    let tcp = TcpInfo {
        read_before: None,
        read_at,
        congestion: None,
        rtt_us: 100,
        rtt_var_us: 10,
        min_rtt_us: None,
        cwnd: 10,
        retransmits: 0,
        lost: 0,
        bytes_sent: Some(bytes),
        bytes_acked: Some(bytes),
        bytes_received: Some(0),
        delivery_rate: None,
    };
    SampledSocket::from(ToldSocket {
        peer: Some(Endpoint::new(Ipv4Addr::LOCALHOST, 50_000)),
        tcp: Some(tcp),
        ..socket(1, State::Established, 1587).told()
    })
}

fn sent(snapshot: &Snapshot) -> Option<f64> {
    let rates = snapshot.sockets.last()?.rates?;
    Some(rates.tx_bytes_per_second())
}

#[test]
fn a_quiet_socket_is_the_same_one_in_every_snapshot() {
    let mut monitor = Monitor::new(Registry::bundled());
    let quiet = vec![
        Arc::new(socket(1, State::Listen, 1587)),
        Arc::new(connection(5, None)),
    ];
    monitor.observe(sample(0, quiet.clone()));
    let before = monitor.observe(sample(1, quiet.clone()));
    let after = monitor.observe(sample(2, quiet));
    assert_eq!(sent(&before), Some(0.0));
    for (before, after) in before.sockets.iter().zip(&after.sockets) {
        assert!(Arc::ptr_eq(before, after));
    }
}

#[test]
fn of_so_many_quiet_sockets_a_snapshot_makes_only_some_anew() {
    let mut monitor = Monitor::new(Registry::bundled());
    let more = 10;
    let quiet: Vec<_> = (0..AT_REST_AT_ONCE + more)
        .map(|number| {
            let told = ToldSocket {
                cookie: Some(number as u64),
                ..connection(5, None).told()
            };
            Arc::new(SampledSocket::from(told))
        })
        .collect();
    let mut before = monitor.observe(sample(0, quiet.clone()));
    for (second, unsaid) in [(1, more), (2, 0)] {
        let now = monitor.observe(sample(second, quiet.clone()));
        let is_unsaid = |socket: &&Arc<Socket>| socket.rates.is_none();
        assert_eq!(now.sockets.iter().filter(is_unsaid).count(), unsaid);
        let pairs = before.sockets.iter().zip(&now.sockets);
        let kept = pairs.filter(|(before, now)| Arc::ptr_eq(before, now));
        let made_anew = before.sockets.iter().filter(is_unsaid).count() - unsaid;
        assert_eq!(kept.count(), quiet.len() - made_anew, "{second}");
        before = now;
    }
    // What then moves counts from when it was last known to be still.
    let mut moving = quiet;
    let last = moving.last_mut().unwrap();
    let told = ToldSocket {
        cookie: last.cookie(),
        ..connection(1005, None).told()
    };
    *last = Arc::new(SampledSocket::from(told));
    assert_eq!(sent(&monitor.observe(sample(3, moving))), Some(1000.0));
}

#[test]
fn what_is_excused_while_it_starts_is_not_excused_for_good() {
    let mut monitor = Monitor::new(Registry::bundled());
    let quiet = vec![Arc::new(socket(1, State::Listen, 1883))];
    let daemon = Arc::new(crate::model::Process {
        uid: Some(0),
        started_at: Some(fixture::NOW),
        package: Fact::Known(Some(Text::from("mosquitto"))),
        ..fixture::process("mosquitto", 7)
    });
    let mut found_at = |second| {
        let mut sample = sample(second, quiet.clone());
        sample.processes = vec![Arc::clone(&daemon)];
        let snapshot = monitor.observe(sample);
        let findings = snapshot.sockets[0].assessment.findings.iter();
        findings
            .filter(|finding| finding.rule == "root-service")
            .count()
    };
    assert_eq!([1, 2, 4, 5].map(&mut found_at), [0, 0, 1, 1]);
}

#[test]
fn a_rate_counts_from_when_the_counters_were_read() {
    let mut monitor = Monitor::new(Registry::bundled());
    let at = |millis| Some(Duration::from_millis(millis));
    let mut observe = |second, connection: &Arc<SampledSocket>| {
        sent(&monitor.observe(sample(second, vec![Arc::clone(connection)])))
    };
    let first = Arc::new(connection(0, at(100)));
    assert_eq!(observe(0, &first), None);
    let moved = Arc::new(connection(1200, at(1300)));
    assert_eq!(observe(1, &moved), Some(1000.0));
    // The same one again: nothing had moved when this sample was taken, whenever it was read.
    assert_eq!(observe(3, &moved), Some(0.0));
    assert_eq!(
        observe(4, &Arc::new(connection(1700, at(4000)))),
        Some(500.0)
    );
}

#[test]
fn no_time_is_no_rate() {
    let mut monitor = Monitor::new(Registry::bundled());
    let same = Arc::new(connection(5, None));
    for _ in 0..3 {
        let snapshot = monitor.observe(sample(1, vec![Arc::clone(&same)]));
        assert_eq!(sent(&snapshot), None);
    }
}

#[test]
fn judgements_of_connections_are_shared_and_keep_no_room_that_they_do_not_need() {
    let connections = |count| {
        let one = |number| {
            Arc::new(SampledSocket::from(ToldSocket {
                cookie: Some(number),
                ..connection(0, None).told()
            }))
        };
        (0..count).map(one).collect()
    };
    let calm = sample(0, connections(50));
    let mut from_temp = sample(0, connections(50));
    for process in &mut from_temp.processes {
        let process = Arc::make_mut(process);
        if let Fact::Known(executable) = &mut process.executable {
            executable.shared_directory = Some(Text::from("/tmp"));
        }
    }
    for (sample, verdict) in [(calm, Verdict::Expected), (from_temp, Verdict::Suspicious)] {
        let snapshot = Monitor::new(Registry::bundled()).observe(sample);
        let mut assessments = snapshot.sockets.iter().map(|socket| &socket.assessment);
        let first: &Arc<Assessment> = assessments.next().unwrap();
        assert_eq!(first.verdict, verdict);
        assert!(assessments.all(|other| Arc::ptr_eq(first, other)));
        for finding in &first.findings {
            assert_eq!(finding.evidence.capacity(), finding.evidence.len());
            assert_eq!(finding.title.capacity(), finding.title.len());
        }
    }
}

#[test]
fn of_two_sockets_with_one_key_each_is_found_again() {
    let twin = |uid| {
        SampledSocket::from(ToldSocket {
            cookie: None,
            uid: Some(uid),
            ..socket(1, State::Listen, 53).told()
        })
    };
    let both = || vec![Arc::new(twin(1)), Arc::new(twin(2))];
    let mut monitor = Monitor::new(Registry::bundled());
    monitor.observe(sample(0, both()));
    let mut other_order = both();
    other_order.reverse();
    let snapshot = monitor.observe(sample(1, other_order));
    assert!(snapshot.sockets.iter().all(|socket| socket.before_us));
    assert!(snapshot.closed.is_empty());
    let snapshot = monitor.observe(sample(2, vec![Arc::new(twin(1))]));
    assert_eq!((snapshot.sockets.len(), snapshot.closed.len()), (1, 1));
}

#[test]
fn what_an_extent_adds_has_not_opened_and_what_it_leaves_out_has_not_closed() {
    let mut world = World::new(7);
    let mut monitor = Monitor::new(Registry::bundled());
    let first = world.sample();
    let name = Endpoint::new(Ipv4Addr::UNSPECIFIED, 0);
    let unix = SampledSocket::from(ToldSocket {
        cookie: Some(u64::MAX - 1),
        ..ToldSocket::new(Protocol::Unix, Family::Unix, State::Listen, name)
    });
    let at = |seconds, with_unix: bool| {
        let mut sample = first.clone();
        sample.elapsed += Duration::from_secs(seconds);
        sample.taken_at += Duration::from_secs(seconds);
        if with_unix {
            Arc::make_mut(&mut sample.sockets).push(Arc::new(unix.clone()));
        }
        sample
    };
    let before = monitor.observe(at(1, false));
    monitor.extend(Extent {
        unix: true,
        ..Extent::default()
    });
    let wider = monitor.observe(at(2, true));
    let added = wider.sockets.last().unwrap();
    assert_eq!(added.raw.protocol, Protocol::Unix);
    assert!(added.before_us);
    assert_eq!(events::changes(&before, &wider).len(), 0);
    monitor.extend(Extent::default());
    let again = monitor.observe(at(3, false));
    assert_eq!(again.closed.len(), before.closed.len());
    assert_eq!(events::changes(&wider, &again).len(), 0);
    // Within one extent, it closes like any other.
    monitor.observe(at(4, true));
    let gone = monitor.observe(at(5, false));
    assert_eq!(gone.closed.len(), before.closed.len() + 1);
}

#[test]
fn a_sketch_judges_nothing_remembers_nothing_and_is_bounded() {
    let mut world = World::new(3);
    let mut sample = world.sample();
    let mut monitor = Monitor::new(Registry::bundled());
    let template = Arc::clone(sample.sockets.first().unwrap());
    for cookie in 0..3000 {
        let mut socket = SampledSocket::clone(&template);
        socket.change(|told| {
            (told.cookie, told.state) = (Some(1_000_000 + cookie), State::Established);
        });
        Arc::make_mut(&mut sample.sockets).push(Arc::new(socket));
    }
    let listeners = sample.sockets.iter().filter(|raw| raw.is_listening());
    let listeners = listeners.count();
    let sketch = monitor.sketch(sample.clone());
    assert_eq!(sketch.sockets.len(), 2000);
    let first = sketch.sockets.iter().take(listeners);
    assert!(first.into_iter().all(|socket| socket.raw.is_listening()));
    assert_eq!(sketch.coverage.owners, OwnersSeen::NotYet);
    let said = sketch.coverage.limits.first().unwrap();
    assert!(said.detail.starts_with("2000 of "), "{}", said.detail);
    assert!(sketch.open().all(|socket| {
        socket.processes.is_empty()
            && socket.assessment.findings.is_empty()
            && socket.assessment.verdict == Verdict::Unknown
    }));
    let alone = Monitor::new(Registry::bundled()).observe(sample.clone());
    assert_same(&monitor.observe(sample), &alone, "after a sketch");
}
