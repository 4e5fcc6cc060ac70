use crate::{
    model::{EventKind, Sample, SampledSocket, Snapshot, State, TcpInfo, fixture},
    monitor::{
        Monitor,
        events::{Change, changes},
        tests::sample,
    },
    registry::Registry,
};
use std::sync::Arc;

/// A connection that has received so many bytes, `None` where nobody counts.
fn connection(cookie: u64, state: State, bytes: Option<u64>) -> Arc<SampledSocket> {
    let socket = fixture::connection("10.0.0.5:40000", "192.0.2.7:443").build();
    let mut raw = SampledSocket::clone(&socket.raw);
    raw.change(|told| {
        (told.cookie, told.state) = (Some(cookie), state);
        told.tcp = bytes.map(|bytes| TcpInfo {
            bytes_received: Some(bytes),
            bytes_sent: Some(7),
            min_rtt_us: Some(90),
            ..fixture::tcp_info()
        });
    });
    Arc::new(raw)
}

fn with(second: u64, sockets: &[&Arc<SampledSocket>], ended: &[&Arc<SampledSocket>]) -> Sample {
    let all = |list: &[&Arc<SampledSocket>]| list.iter().map(|one| Arc::clone(one)).collect();
    Sample {
        ended: all(ended),
        ..sample(second, all(sockets))
    }
}

/// What the monitor makes of the samples, and what happened with the last of them.
fn seen(samples: impl IntoIterator<Item = Sample>) -> (Arc<Snapshot>, Vec<Change>) {
    let mut monitor = Monitor::new(Registry::bundled());
    let mut last: Option<Arc<Snapshot>> = None;
    let mut happened = vec![];
    for sample in samples {
        let now = monitor.observe(sample);
        if let Some(before) = last.replace(Arc::clone(&now)) {
            happened = changes(&before, &now);
        }
    }
    (last.unwrap(), happened)
}

/// The details of closings: nothing else may have happened.
fn closings(changes: &[Change]) -> Vec<&str> {
    assert!(changes.iter().all(|one| one.kind == EventKind::Closed));
    let details = changes.iter().map(|change| change.detail.as_deref());
    details.map(Option::unwrap_or_default).collect()
}

#[test]
fn a_closing_has_the_last_counters_and_else_what_was_seen() {
    let open = connection(1, State::Established, Some(10));
    let last = connection(1, State::Close, Some(5000));
    let (now, changes) = seen([with(0, &[&open], &[]), with(1, &[], &[&last])]);
    let words = "5000 bytes received, 7 bytes sent";
    assert_eq!(closings(&changes), [words]);
    assert_eq!(changes[0].socket.raw.state, State::Established);
    let received = |socket: &crate::model::Socket| socket.raw.tcp().unwrap().bytes_received();
    assert_eq!(received(&changes[0].socket), Some(5000));
    assert_eq!(received(&now.closed[0]), Some(5000));
}

#[test]
fn what_came_and_went_between_two_looks_is_one_closing() {
    let other = connection(1, State::Established, Some(10));
    let short = connection(2, State::Close, Some(300));
    let (now, changes) = seen([with(0, &[&other], &[]), with(1, &[&other], &[&short])]);
    let words = "came and went between two looks: 300 bytes received, 7 bytes sent";
    assert_eq!(closings(&changes), [words]);
    assert!(now.short_lived[0].is_short_lived());
    assert_eq!((now.ended.len(), now.closed.len()), (0, 0));
}

#[test]
fn a_connection_closes_once_when_it_begins_to_wait() {
    let open = connection(1, State::Established, Some(10));
    let last = connection(1, State::Close, Some(20));
    let waiting = connection(1, State::TimeWait, None);
    let begun = [with(0, &[&open], &[]), with(1, &[&waiting], &[&last])];
    let (_, changes) = seen(begun.clone());
    let words = "20 bytes received, 7 bytes sent";
    assert_eq!(closings(&changes), [words]);
    let [first, second] = begun;
    let (_, changes) = seen([first, second, with(2, &[], &[])]);
    assert_eq!(changes.len(), 0);
}

#[test]
fn late_news_of_what_had_closed_is_none() {
    let open = connection(1, State::Established, Some(10));
    let waiting = connection(1, State::TimeWait, None);
    let last = connection(1, State::Close, Some(20));
    for between in [vec![], vec![&waiting]] {
        let samples = [
            with(0, &[&open], &[]),
            with(1, &between, &[]),
            with(2, &between, &[&last]),
        ];
        let (now, changes) = seen(samples);
        assert_eq!(changes.len(), 0);
        assert_eq!(now.short_lived.len(), 0);
    }
}

#[test]
fn one_that_was_only_seen_waiting_is_told_when_the_word_comes() {
    let waiting = connection(1, State::TimeWait, None);
    let last = connection(1, State::Close, Some(20));
    let samples = [
        with(0, &[], &[]),
        with(1, &[&waiting], &[]),
        with(2, &[&waiting], &[&last]),
    ];
    let (_, changes) = seen(samples);
    assert_eq!(changes.len(), 1);
    assert!(changes[0].socket.is_short_lived());
}

#[test]
fn what_was_told_before_the_first_look_is_left_out() {
    let last = connection(1, State::Close, Some(20));
    let (now, _) = seen([with(0, &[], &[&last])]);
    assert_eq!(now.short_lived.len(), 0);
}

#[test]
fn a_connection_that_never_came_about_is_said_to_be_one() {
    let mut failed = SampledSocket::clone(&connection(1, State::Close, None));
    failed.change(|told| {
        told.peer = Some(fixture::endpoint("192.0.2.7:0"));
        told.tcp = Some(TcpInfo {
            bytes_received: Some(0),
            bytes_sent: Some(0),
            ..fixture::tcp_info()
        });
    });
    let failed = Arc::new(failed);
    let (now, changes) = seen([with(0, &[], &[]), with(1, &[], &[&failed])]);
    let words = "came and went between two looks, and got no connection";
    assert_eq!(closings(&changes), [words]);
    assert!(
        now.short_lived[0].service.is_none(),
        "its port is not known"
    );
}

#[test]
fn many_ports_tried_by_nobody_are_a_finding_on_the_last_of_them() {
    let tries: Vec<_> = (1..=30_u16)
        .map(|port| {
            let mut raw = SampledSocket::clone(&connection(port.into(), State::Close, Some(0)));
            raw.change(|told| {
                told.local = fixture::endpoint("0.0.0.0:40000");
                told.peer = Some(crate::model::Endpoint::new([127, 0, 0, 1], port));
                told.tcp.as_mut().unwrap().bytes_sent = Some(0);
            });
            Arc::new(raw)
        })
        .collect();
    let tries: Vec<_> = tries.iter().collect();
    let (now, changes) = seen([with(0, &[], &[]), with(1, &[], &tries)]);
    let found: Vec<_> = changes
        .iter()
        .filter(|one| one.kind == EventKind::Finding)
        .collect();
    assert_eq!(found.len(), 1);
    let title = "somebody tries the ports of 127.0.0.1 one after the other";
    assert_eq!(found[0].detail.as_deref(), Some(title));
    let place = now
        .short_lived
        .iter()
        .position(|one| Arc::ptr_eq(one, &found[0].socket));
    assert_eq!(place, Some(19));
}
