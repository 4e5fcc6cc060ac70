use super::*;
use crate::model::{Direction, Endpoint, Protocol, State, Text, Verdict, fixture};
use std::{fs, sync::mpsc, thread, time::Duration};
use tempfile::TempDir;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn event(second: i64, kind: EventKind, socket: &str) -> Event {
    Event {
        socket: Text::from(socket),
        local: Endpoint::new([127, 0, 0, 1], 1587),
        ..Event::of_recorder(kind, at(second))
    }
}

fn begun() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state/portwise/history.db");
    (directory, path)
}

fn sockets(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.socket.as_str()).collect()
}

#[test]
fn an_event_is_read_as_it_was_written() {
    let (_directory, path) = begun();
    let whole = Event {
        protocol: Protocol::Udp,
        local: fixture::endpoint("[fe80::1]:5353"),
        peer: Some(fixture::endpoint("192.0.2.7:443")),
        state: Some(State::FinWait2),
        direction: Some(Direction::Outbound),
        user: Some(Text::from("deploy")),
        program: Some(Text::from("x'); DROP TABLE event; --")),
        pid: Some(u32::MAX),
        exe: Some(Text::from_bytes(b"/tmp/\x1b[2J\xff")),
        service: Some(Text::from("mdns")),
        verdict: Some(Verdict::Suspicious),
        detail: Some(Text::from("日本")),
        ..event(1, EventKind::Finding, "cookie-1")
    };
    let bare = event(2, EventKind::Closed, "cookie-1");
    let mut store = Store::open(&path).unwrap();
    store.append(&[whole.clone(), bare.clone()]).unwrap();
    drop(store);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.events(None, None, 10).unwrap(), [whole, bare]);
}

#[test]
fn who_came_to_a_port_and_left_it_is_told_of_its_listeners_alone() {
    let (_directory, path) = begun();
    let of = |second, kind, port, direction| Event {
        local: Endpoint::new([127, 0, 0, 1], port),
        direction: Some(direction),
        ..event(second, kind, "cookie-1")
    };
    let (listens, opened) = (Direction::Listen, EventKind::Opened);
    let mut store = Store::open(&path).unwrap();
    let events = [
        of(1, opened, 1587, listens),
        of(2, opened, 1587, listens),
        of(3, opened, 80, listens),
        of(4, EventKind::Finding, 1587, listens),
        of(5, opened, 1587, Direction::Inbound),
        of(6, EventKind::Closed, 1587, listens),
        of(7, EventKind::Owner, 1587, listens),
    ];
    store.append(&events).unwrap();
    let past = store.listeners_of(1587, at(2), 10).unwrap();
    assert_eq!(past.since, at(2));
    let wanted = [1, 5, 6].map(|place: usize| events[place].clone());
    assert_eq!(past.events, wanted);
    // Of more than are asked for, the newest, and since when that is all.
    let past = store.listeners_of(1587, at(0), 2).unwrap();
    assert_eq!((past.since, past.events.len()), (at(6), 2));
}

#[test]
fn since_when_somebody_recorded_and_when_nobody_did_is_told_from_the_recorder_alone() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let recorder = |second, kind| Event::of_recorder(kind, at(second));
    let told = |store: &Store, since: i64| {
        let past = store.listeners_of(1587, at(since), 10).unwrap();
        let gaps = past.gaps.into_iter();
        let seconds = |moment: Timestamp| moment.duration_since(at(0)).as_secs();
        let gaps = gaps.map(|gap| (seconds(gap.from), gap.until.map(seconds)));
        let from = store.recorded_from(at(since)).unwrap();
        (from.map(seconds), gaps.collect::<Vec<_>>())
    };
    assert_eq!(told(&store, 0).0, None);
    // Who ended something wrote it down, and who asked: nobody looked at the sockets for that.
    let written = [
        recorder(1, EventKind::Action),
        event(2, EventKind::Heard, "cookie-1"),
    ];
    store.append(&written).unwrap();
    assert_eq!(told(&store, 0).0, None);
    store.append(&[recorder(5, EventKind::Began)]).unwrap();
    let running = store.record_alone().unwrap();
    assert_eq!(told(&store, 0).0, Some(5));
    assert_eq!(told(&store, 5), (Some(5), vec![]));
    assert_eq!(told(&store, 7), (Some(7), vec![]));
    store.append(&[recorder(9, EventKind::Ended)]).unwrap();
    drop(running);
    assert_eq!(told(&store, 7), (Some(7), vec![(9, None)]));
    assert_eq!(told(&store, 10).0, None);
    store.append(&[recorder(12, EventKind::Began)]).unwrap();
    let running = store.record_alone().unwrap();
    assert_eq!(told(&store, 7), (Some(7), vec![(9, Some(12))]));
    assert_eq!(told(&store, 10).0, Some(12));
    assert_eq!(told(&store, 12), (Some(12), vec![]));
    // It was killed after what it wrote down last; what another command writes says nothing of it.
    store
        .append(&[
            event(13, EventKind::Opened, "cookie-1"),
            recorder(14, EventKind::Action),
        ])
        .unwrap();
    drop(running);
    assert_eq!(told(&store, 12), (Some(12), vec![(13, None)]));
    store.append(&[recorder(15, EventKind::Began)]).unwrap();
    let running = store.record_alone().unwrap();
    assert_eq!(told(&store, 12), (Some(12), vec![(13, Some(15))]));
    assert_eq!(told(&store, 16), (Some(16), vec![]));
    drop(running);
    assert_eq!(told(&store, 16), (Some(16), vec![(16, None)]));
}

#[test]
fn who_listened_before_is_known_but_not_who_came_lately() {
    let (_directory, path) = begun();
    let listened = |second, exe| Event {
        direction: Some(Direction::Listen),
        exe: Some(Text::from(exe)),
        ..event(second, EventKind::Opened, "cookie-1")
    };
    let mut store = Store::open(&path).unwrap();
    let events = [
        listened(1, "/usr/sbin/nginx"),
        listened(5, "/usr/sbin/nginx"),
        listened(90, "/tmp/x"),
        event(95, EventKind::Opened, "cookie-2"),
    ];
    store.append(&events).unwrap();
    let nginx = (Protocol::Tcp, 1587, Text::from("/usr/sbin/nginx"), at(5));
    assert_eq!(
        store.known_listeners(at(50)).unwrap(),
        std::slice::from_ref(&nginx)
    );
    let x = (Protocol::Tcp, 1587, Text::from("/tmp/x"), at(90));
    assert_eq!(store.known_listeners(at(100)).unwrap(), [nginx.clone(), x]);
    // Whoever was first is known, however lately that was.
    assert_eq!(store.known_listeners(at(0)).unwrap(), [nginx]);
}

#[test]
fn a_limit_keeps_the_newest_in_order() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let of = |second| event(second, EventKind::Opened, &second.to_string());
    store.append(&[of(1), of(2), of(3), of(4)]).unwrap();
    let newest = store.events(None, None, 2).unwrap();
    assert_eq!(sockets(&newest), ["3", "4"]);
    let between = store.events(Some(at(2)), Some(at(4)), 10).unwrap();
    assert_eq!(sockets(&between), ["2", "3"]);
}

#[test]
fn the_events_of_a_process_are_its_own_and_not_those_of_an_earlier_one() {
    let (_folder, path) = begun();
    let of = |second, pid, socket: &str| Event {
        pid: Some(pid),
        ..event(second, EventKind::Opened, socket)
    };
    let all = [
        of(1, 7, "earlier"),
        of(5, 7, "a"),
        of(6, 8, "other"),
        of(7, 7, "b"),
        of(8, 7, "c"),
    ];
    Store::open(&path).unwrap().append(&all).unwrap();
    let store = Store::open(&path).unwrap();
    let found = store.events_of(7, Some(at(5)), 10).unwrap();
    assert_eq!(sockets(&found), ["a", "b", "c"]);
    assert_eq!(sockets(&store.events_of(7, None, 2).unwrap()), ["b", "c"]);
}

#[test]
fn sockets_at_a_time_were_opened_before_and_closed_after() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let events = [
        event(0, EventKind::Opened, "of-an-earlier-run"),
        event(1, EventKind::Began, ""),
        event(2, EventKind::Opened, "a"),
        event(3, EventKind::Opened, "b"),
        event(5, EventKind::Closed, "a"),
        event(7, EventKind::Opened, "a"),
    ];
    store.append(&events).unwrap();
    let open_at = |second| {
        let open = store.sockets_at(at(second)).unwrap();
        sockets(&open).join(" ")
    };
    assert_eq!(open_at(0), "of-an-earlier-run");
    assert_eq!(open_at(1), "");
    assert_eq!(open_at(4), "a b");
    assert_eq!(open_at(5), "b");
    assert_eq!(open_at(9), "b a");
}

#[test]
fn a_socket_at_a_time_is_as_it_was_then() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let in_state = |second, kind, state| Event {
        state: Some(state),
        ..event(second, kind, "a")
    };
    let events = [
        in_state(1, EventKind::Opened, State::SynSent),
        in_state(3, EventKind::State, State::Established),
        in_state(5, EventKind::State, State::CloseWait),
    ];
    store.append(&events).unwrap();
    for (second, state) in [
        (2, State::SynSent),
        (4, State::Established),
        (6, State::CloseWait),
    ] {
        let open = store.sockets_at(at(second)).unwrap();
        let [only] = &open[..] else {
            panic!("{open:?}")
        };
        assert_eq!((only.at, only.kind), (at(1), EventKind::Opened));
        assert_eq!(only.state, Some(state), "{second}");
    }
}

#[test]
fn nothing_is_known_of_the_time_between_an_end_and_a_beginning() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let events = [
        event(1, EventKind::Began, ""),
        event(1, EventKind::Opened, "a"),
        event(3, EventKind::Ended, ""),
        event(7, EventKind::Began, ""),
        event(7, EventKind::Opened, "a"),
    ];
    store.append(&events).unwrap();
    for (second, open, recorded) in [(0, 0, false), (3, 1, true), (5, 0, false), (8, 1, true)] {
        assert_eq!(store.sockets_at(at(second)).unwrap().len(), open);
        let running = (second == 8).then(|| store.record_alone().unwrap());
        let until = recorded.then_some(at(second));
        assert_eq!(store.looked_until(at(second)).unwrap(), until);
        drop(running);
    }
    // The last one is gone, and did not say when.
    assert_eq!(store.looked_until(at(8)).unwrap(), Some(at(7)));
}

#[test]
fn a_recorder_that_was_killed_while_it_was_quiet_looked_until_it_last_said_so() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let gaps = |store: &Store, since: i64| store.listeners_of(1587, at(since), 9).unwrap().gaps;
    store
        .append(&[
            event(1, EventKind::Began, ""),
            event(2, EventKind::Opened, "a"),
        ])
        .unwrap();
    for second in [62, 122] {
        store.saw(at(1), at(second)).unwrap();
    }
    let gap = |from, until| Gap {
        from: at(from),
        until,
    };
    assert_eq!(gaps(&store, 0), [gap(122, None)]);
    assert_eq!(store.looked_until(at(100)).unwrap(), Some(at(100)));
    assert_eq!(store.looked_until(at(200)).unwrap(), Some(at(122)));
    // What the next one says is nothing about this one.
    store.append(&[event(500, EventKind::Began, "")]).unwrap();
    store.saw(at(500), at(600)).unwrap();
    let both = [gap(122, Some(at(500))), gap(600, None)];
    assert_eq!(gaps(&store, 0), both);
    assert_eq!(store.looked_until(at(499)).unwrap(), Some(at(122)));
    store.forget_before(at(400)).unwrap();
    assert_eq!(gaps(&store, 450), [gap(450, Some(at(500))), gap(600, None)]);
}

#[test]
fn of_very_many_runs_only_the_newest_are_told_and_since_when() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let listens = |second| Event {
        direction: Some(Direction::Listen),
        ..event(second, EventKind::Opened, "a")
    };
    let runs = i64::try_from(MOST_RUNS).unwrap();
    let mut events = vec![listens(0)];
    for second in (1..=runs + 10).step_by(2) {
        events.push(event(second, EventKind::Began, ""));
        events.push(event(second + 1, EventKind::Ended, ""));
    }
    events.push(listens(runs + 9));
    store.append(&events).unwrap();
    let past = store.listeners_of(1587, at(0), 9).unwrap();
    // The ten before were not looked at: nothing is said of their time.
    assert_eq!(past.since, at(11));
    assert_eq!(past.events.len(), 1);
    assert_eq!(past.gaps.len(), MOST_RUNS / 2);
    assert!(past.gaps.iter().all(|gap| gap.from >= past.since));
}

#[test]
fn old_events_are_forgotten() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let events = [
        event(1, EventKind::Opened, "a"),
        event(5, EventKind::Opened, "b"),
    ];
    store.append(&events).unwrap();
    // What never closed is still open, and so is not forgotten.
    assert_eq!(store.forget_before(at(5)).unwrap(), 0);
    store.append(&[event(6, EventKind::Closed, "a")]).unwrap();
    assert_eq!(store.forget_before(at(7)).unwrap(), 2);
    assert_eq!(sockets(&store.events(None, None, 10).unwrap()), ["b"]);
}

#[test]
fn what_was_open_can_be_said_after_the_time_before_was_forgotten() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let recorder = |second, kind| Event::of_recorder(kind, at(second));
    let events = [
        recorder(1, EventKind::Began),
        event(1, EventKind::Opened, "lost"),
        recorder(2, EventKind::Ended),
        recorder(3, EventKind::Began),
        event(3, EventKind::Opened, "long"),
        event(3, EventKind::Opened, "short"),
        event(4, EventKind::State, "long"),
        event(5, EventKind::State, "long"),
        event(5, EventKind::Closed, "short"),
        event(9, EventKind::Opened, "late"),
        event(11, EventKind::Closed, "long"),
    ];
    store.append(&events).unwrap();
    let before: Vec<_> = (6..12)
        .map(|second| store.sockets_at(at(second)).unwrap())
        .collect();
    assert_eq!(sockets(&before[4]), ["long", "late"]);
    // The first three, `short` from its opening to its end, and one of the states of `long`.
    assert_eq!(store.forget_before(at(6)).unwrap(), 6);
    let after: Vec<_> = (6..12)
        .map(|second| store.sockets_at(at(second)).unwrap())
        .collect();
    assert_eq!(after, before);
    assert_eq!(store.looked_until(at(7)).unwrap(), Some(at(7)));
    assert_eq!(store.forget_before(at(6)).unwrap(), 0);
}

#[test]
fn a_history_that_has_grown_too_large_forgets_what_is_oldest() {
    const LARGEST: i64 = 256 * 1024;
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    (store.largest, store.forgets_at) = (LARGEST, LARGEST);
    // What is open still is all there is at first, and comes to more than the part that is forgotten.
    let open: Vec<Event> = (0..100)
        .map(|number| event(1, EventKind::Opened, &format!("open-{number}")))
        .collect();
    store.append(&open).unwrap();
    for second in 2..10_000 {
        let name = format!("socket-{second}");
        let both = [EventKind::Opened, EventKind::Closed].map(|kind| event(second, kind, &name));
        store.append(&both).unwrap();
    }
    let left = store.events(None, None, 20_000).unwrap();
    assert!(sockets(&left).starts_with(&["open-0", "open-1"]));
    assert_eq!(store.sockets_at(at(10_000)).unwrap().len(), 100);
    assert_eq!(left.last().map(|event| event.at), Some(at(9999)));
    assert!(left.len() > 1000, "{}", left.len());
    drop(store);
    let length = i64::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    assert!(length < LARGEST * 5 / 4, "{length}");
}

#[test]
fn a_history_of_what_is_open_is_kept_whole() {
    const LARGEST: i64 = 64 * 1024;
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    (store.largest, store.forgets_at) = (LARGEST, LARGEST);
    for second in 1..1000 {
        let opened = event(second, EventKind::Opened, &format!("socket-{second}"));
        store.append(&[opened]).unwrap();
    }
    assert_eq!(store.sockets_at(at(1000)).unwrap().len(), 999);
    assert!(store.forgets_at >= store.length().unwrap());
}

#[test]
fn a_history_has_one_recorder() {
    let (_directory, path) = begun();
    let (one, other) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    let alone = one.record_alone().unwrap();
    assert!(matches!(other.record_alone(), Err(Error::Recorded { .. })));
    drop(alone);
    assert!(other.record_alone().is_ok());
}

#[test]
fn a_recorder_waits_for_those_who_only_ask_whether_there_is_one() {
    let (_directory, path) = begun();
    let store = Store::open(&path).unwrap();
    assert!(!file::is_locked(&path));
    let running = store.record_alone().unwrap();
    assert!(file::is_locked(&path));
    drop(running);
    assert!(!file::is_locked(&path));
    let asker = fs::File::open(path.with_extension("db.lock")).unwrap();
    asker.lock_shared().unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || sender.send(store.record_alone()));
        // It neither gives up nor records beside somebody.
        let early = receiver.recv_timeout(Duration::from_millis(50));
        assert!(early.is_err(), "{early:?}");
        asker.unlock().unwrap();
        assert!(receiver.recv().unwrap().is_ok());
    });
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_was_made() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    store.append(&[event(1, EventKind::Opened, "a")]).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
}

#[test]
fn a_reader_goes_on_while_another_connection_writes() {
    let (_directory, path) = begun();
    let mut writer = Store::open(&path).unwrap();
    writer.append(&[event(1, EventKind::Opened, "a")]).unwrap();
    let reader = Store::open(&path).unwrap();
    let transaction = writer.connection.transaction().unwrap();
    transaction.execute("DELETE FROM event", []).unwrap();
    assert_eq!(reader.events(None, None, 10).unwrap().len(), 1);
    transaction.commit().unwrap();
    assert_eq!(reader.events(None, None, 10).unwrap().len(), 0);
}

#[test]
fn a_file_that_is_no_database_is_damaged_and_stays_as_it_is() {
    let (directory, _) = begun();
    let path = directory.path().join("history.db");
    let text = "this is no database ".repeat(100);
    fs::write(&path, &text).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_page_that_was_overwritten_is_damage_and_no_panic() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    let events: Vec<_> = (0..500)
        .map(|second| event(second, EventKind::Opened, &"x".repeat(200)))
        .collect();
    store.append(&events).unwrap();
    store
        .connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let pages = bytes.len();
    bytes[4096..pages].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let outcome = Store::open(&path).and_then(|store| store.events(None, None, 1000));
    assert!(matches!(outcome, Err(Error::Damaged { .. })), "{outcome:?}");
}

#[test]
fn a_newer_schema_and_somebody_else_s_database_are_refused() {
    let (_directory, path) = begun();
    let store = Store::open(&path).unwrap();
    store
        .connection
        .pragma_update(None, "user_version", 7)
        .unwrap();
    drop(store);
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 7, .. }), "{error:?}");
    let foreign = path.with_file_name("other.db");
    let connection = Connection::open(&foreign).unwrap();
    connection.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(connection);
    let error = Store::open(&foreign).unwrap_err();
    assert!(
        matches!(error, Error::Damaged { source: None, .. }),
        "{error:?}"
    );
}

#[test]
fn what_others_wrote_is_escaped_or_refused() {
    let (_directory, path) = begun();
    let mut store = Store::open(&path).unwrap();
    store.append(&[event(1, EventKind::Opened, "a")]).unwrap();
    let change = |sql: &str| store.connection.execute(sql, []).unwrap();
    change("UPDATE event SET program = char(27) || '[2J'");
    let program = store.events(None, None, 1).unwrap()[0].program.clone();
    assert_eq!(program, Some(Text::from("\\x1b[2J")));
    change("UPDATE event SET kind = 'nonsense'");
    let error = store.events(None, None, 1).unwrap_err();
    assert!(
        matches!(error, Error::Damaged { source: None, .. }),
        "{error:?}"
    );
}

#[test]
fn many_may_begin_the_same_history_at_once() {
    for _ in 0..20 {
        let (_directory, path) = begun();
        thread::scope(|scope| {
            let openers: Vec<_> = (0..8)
                .map(|second| {
                    let path = &path;
                    scope.spawn(move || {
                        let mut store = Store::open(path)?;
                        store.append(&[event(second, EventKind::Opened, "a")])
                    })
                })
                .collect();
            for opener in openers {
                opener.join().unwrap().unwrap();
            }
        });
        let store = Store::open(&path).unwrap();
        assert_eq!(store.events(None, None, 100).unwrap().len(), 8);
    }
}
