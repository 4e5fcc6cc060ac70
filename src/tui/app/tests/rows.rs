//! Rows that keep still, are counted, grouped, and have other columns.

use super::*;
use crate::{
    model::{Direction, State},
    tui::app::groups::{Group, Grouping},
};

/// A listener that receives so much.
fn busy(port: u16, rx: f64) -> Socket {
    fixture::listener(port)
        .owned_by("nginx", u32::from(port))
        .rates(rx, 0.0)
        .build()
}

/// A snapshot taken so many seconds after the first.
fn at(seconds: u64, sockets: Vec<Socket>) -> Snapshot {
    let mut snapshot = fixture::snapshot(sockets);
    snapshot.elapsed = Duration::from_secs(100 + seconds);
    snapshot
}

fn by_received() -> App {
    let mut app = empty_app(80, 24);
    app.table.order = Order {
        column: Column::Rx,
        reverse: false,
    };
    show(
        &mut app,
        at(0, vec![busy(1, 300.0), busy(2, 200.0), busy(3, 100.0)]),
    );
    app
}

/// The same sockets in the other order, and a new one that receives most.
fn turned() -> Vec<Socket> {
    vec![
        busy(1, 100.0),
        busy(2, 200.0),
        busy(3, 300.0),
        busy(4, 400.0),
    ]
}

#[test]
fn nothing_is_sorted_again_while_somebody_reads() {
    let mut app = by_received();
    press(&mut app, KeyCode::Down);
    show(&mut app, at(1, turned()));
    assert_eq!(ports(&app), [1, 2, 3, 4]);
    assert_eq!(selected_port(&app), Some(2));
    show(&mut app, at(6, turned()));
    assert_eq!(ports(&app), [4, 3, 2, 1]);
    assert_eq!(selected_port(&app), Some(2));
}

#[test]
fn what_has_closed_does_not_move_either_while_somebody_reads() {
    let mut app = by_received();
    press(&mut app, KeyCode::Char('z'));
    press(&mut app, KeyCode::Down);
    // The one in the middle closes, then the others change places and a new one comes.
    let without = |mut sockets: Vec<Socket>, seconds| {
        sockets.retain(|socket| socket.raw.local().port != 2);
        let mut snapshot = at(seconds, sockets);
        snapshot.taken_at =
            fixture::NOW + SignedDuration::from_secs(60 + i64::try_from(seconds).unwrap());
        snapshot
    };
    show(&mut app, without(turned(), 1));
    assert_eq!(ports(&app), [1, 2, 3, 4]);
    assert_eq!(
        selected_port(&app),
        Some(2),
        "it has closed and is still selected"
    );
    let mut other = turned();
    other.remove(0);
    show(&mut app, without(other, 2));
    assert_eq!(ports(&app), [1, 2, 3, 4], "the first has closed, too");
    show(&mut app, without(turned(), 9));
    assert_eq!(
        ports(&app),
        [4, 3, 2, 1],
        "sorted when nobody reads any more"
    );
}

/// The listeners of these ports but for those that have `closed`, so many seconds after the first snapshot.
fn without(seconds: u16, ports: std::ops::Range<u16>, closed: &[u16]) -> Snapshot {
    let open = ports.filter(|port| !closed.contains(port)).map(web);
    let mut snapshot = at(seconds.into(), open.collect());
    let moment = |seconds: u16| fixture::NOW + SignedDuration::from_secs(seconds.into());
    snapshot.taken_at = moment(seconds);
    let ended = closed.iter().map(|port| {
        let mut socket = web(*port);
        socket.closed_at = Some(moment(1));
        Arc::new(socket)
    });
    snapshot.closed = ended.collect();
    snapshot
}

/// Where the selection is: its port, and its line of the screen.
fn cursor(app: &App) -> (Option<u16>, usize) {
    (selected_port(app), app.table.cursor() - app.table.offset)
}

#[test]
fn a_row_that_closed_above_the_selection_goes_only_when_nobody_reads() {
    let mut app = empty_app(80, 24);
    show(&mut app, without(0, 20..30, &[]));
    for _ in 0..4 {
        press(&mut app, KeyCode::Down);
    }
    assert_eq!(cursor(&app), (Some(24), 4));
    show(&mut app, without(1, 20..30, &[21, 23]));
    assert_eq!(cursor(&app), (Some(24), 4));
    // Its three seconds are over, those of the person are not.
    show(&mut app, without(4, 20..30, &[21, 23]));
    assert_eq!((ports(&app).len(), cursor(&app)), (10, (Some(24), 4)));
    press(&mut app, KeyCode::Down);
    show(&mut app, without(8, 20..30, &[21, 23]));
    assert_eq!((ports(&app).len(), cursor(&app)), (10, (Some(25), 5)));
    show(&mut app, without(10, 20..30, &[21, 23]));
    assert_eq!((ports(&app).len(), selected_port(&app)), (8, Some(25)));
}

#[test]
fn of_two_rows_that_closed_one_goes_and_the_other_stays_between_its_neighbours() {
    let mut app = empty_app(80, 24);
    show(&mut app, without(0, 20..26, &[]));
    show(&mut app, without(1, 20..26, &[21]));
    let mut later = without(3, 20..26, &[21, 24]);
    let second = Arc::make_mut(&mut later.closed[1]);
    second.closed_at = Some(later.taken_at);
    let second = later.closed[1].clone();
    show(&mut app, later);
    assert_eq!(ports(&app), [20, 21, 22, 23, 24, 25]);
    let mut last = without(5, 20..26, &[21, 24]);
    last.closed = vec![second];
    show(&mut app, last);
    assert_eq!(ports(&app), [20, 22, 23, 24, 25]);
}

#[test]
fn nothing_moves_during_a_pause_nor_when_it_ends() {
    let mut app = empty_app(80, 24);
    show(&mut app, without(0, 20..30, &[]));
    for _ in 0..4 {
        press(&mut app, KeyCode::Down);
    }
    show(&mut app, without(1, 20..30, &[21]));
    press(&mut app, KeyCode::Char(' '));
    let before = (ports(&app), cursor(&app));
    // A minute later others have closed, the selected one among them, and nobody tells of them any more.
    let mut late = without(60, 10..30, &[21, 22, 24]);
    late.closed.clear();
    show(&mut app, late.clone());
    assert_eq!((ports(&app), cursor(&app)), before);
    // Folding and unfolding, looking at another view: the rows are made anew, and are the same.
    press(&mut app, KeyCode::Char('2'));
    press(&mut app, KeyCode::Char('1'));
    assert_eq!((ports(&app), cursor(&app)), before);
    press(&mut app, KeyCode::Char(' '));
    assert_eq!(ports(&app)[..10], before.0, "what is new follows");
    assert_eq!(cursor(&app), before.1);
    assert!(
        app.selected()
            .is_some_and(|socket| socket.closed_at.is_some())
    );
    late.elapsed += Duration::from_secs(6);
    late.taken_at += SignedDuration::from_secs(6);
    show(&mut app, late);
    assert_eq!(ports(&app).len(), 17);
}

#[test]
fn a_connection_that_closes_into_time_wait_leaves_its_row_a_moment() {
    let call = |port: u16| {
        fixture::connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443")
            .cookie(u64::from(port))
            .owned_by("curl", 7)
            .verdict(Verdict::Expected)
    };
    let open = || (1..5).map(|port| call(port).build()).collect::<Vec<_>>();
    let mut app = empty_app(80, 24);
    show(&mut app, at(0, open()));
    press(&mut app, KeyCode::Down);
    let mut sockets = open();
    sockets[1] = call(2).state(State::TimeWait).build();
    sockets.push(call(9).state(State::TimeWait).build());
    show(&mut app, at(1, sockets.clone()));
    assert_eq!(ports(&app), [1, 2, 3, 4]);
    assert_eq!(cursor(&app), (Some(2), 1));
    assert!(
        app.selected()
            .is_some_and(|socket| socket.closed_at.is_some())
    );
    assert_eq!(app.table.groups[0].label().1, " ×2");
    let mut later = at(9, sockets);
    later.taken_at = fixture::NOW + SignedDuration::from_secs(9);
    show(&mut app, later);
    assert_eq!(ports(&app), [1, 3, 4]);
}

#[test]
fn rows_are_sorted_again_at_once_when_nobody_reads_or_it_is_asked_for() {
    let mut app = by_received();
    show(&mut app, at(1, turned()));
    assert_eq!(ports(&app), [4, 3, 2, 1]);
    press(&mut app, KeyCode::Down);
    press(&mut app, KeyCode::Char('S'));
    assert_eq!(ports(&app), [1, 2, 3, 4]);
}

#[test]
fn a_followed_row_stays_on_its_line_of_the_screen() {
    let many = |first: u16| (first..400).map(web).collect::<Vec<_>>();
    let mut app = app(80, 24, many(100));
    press(&mut app, KeyCode::Char('F'));
    for _ in 0..5 {
        press(&mut app, KeyCode::Down);
    }
    let line = app.table.cursor() - app.table.offset;
    let before = selected_port(&app);
    // Forty rows come in above it.
    show(&mut app, at(9, many(60)));
    assert_eq!(selected_port(&app), before);
    assert_eq!(app.table.cursor() - app.table.offset, line);
}

fn time_wait(port: u16) -> Socket {
    fixture::connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443")
        .state(State::TimeWait)
        .verdict(Verdict::Expected)
        .build()
}

fn loopback(port: u16) -> Socket {
    fixture::connection(&format!("127.0.0.1:{port}"), "127.0.0.1:5432")
        .direction(Direction::Local)
        .verdict(Verdict::Expected)
        .owned_by("app", 7)
        .build()
}

#[test]
fn noise_is_counted_in_one_row_and_shown_when_asked_for() {
    let mut sockets = vec![web(80)];
    sockets.extend((1000..1012).map(time_wait));
    sockets.extend((2000..2004).map(loopback));
    let mut app = app(80, 24, sockets);
    assert_eq!(ports(&app), [80]);
    assert_eq!(app.table.rows.len(), 3);
    let labels: Vec<_> = app.table.groups.iter().map(Group::label).collect();
    assert!(labels.contains(&("TIME-WAIT".to_owned(), " ×12".to_owned())));
    assert!(labels.contains(&("loopback :5432".to_owned(), " ×4".to_owned())));
    press(&mut app, KeyCode::Down);
    press(&mut app, KeyCode::Enter);
    assert!(app.table.rows.len() > 5);
    assert!(app.table.selected_group().is_some());
    press(&mut app, KeyCode::Left);
    assert_eq!(app.table.rows.len(), 3);
}

#[test]
fn nothing_that_was_found_is_ever_hidden_in_a_count() {
    let odd = fixture::connection("127.0.0.1:2000", "127.0.0.1:5432")
        .direction(Direction::Local)
        .finding("shell-on-socket", Severity::Critical)
        .build();
    let mut sockets = vec![odd];
    sockets.extend((2001..2010).map(loopback));
    let app = app(80, 24, sockets);
    assert_eq!(ports(&app), [2000]);
}

#[test]
fn the_readings_of_the_selected_connection_go_on_when_others_come_before_it() {
    let call = |port: u16| {
        fixture::connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443")
            .cookie(u64::from(port))
            .rtt_us(1000)
            .build()
    };
    let mut app = empty_app(80, 24);
    show(&mut app, at(0, vec![call(2), call(3)]));
    let watched = |app: &App| {
        let trace = app.watched.as_ref().unwrap();
        (Some(trace.key), trace.readings.len())
    };
    let key = app.selected().map(|socket| socket.key());
    assert_eq!(selected_port(&app), Some(2));
    for second in 1..=4 {
        // A newer socket stands before the others each time.
        let first = 1000 - u16::try_from(second).unwrap();
        let mut sockets: Vec<_> = (first..1000).map(call).collect();
        sockets.extend([call(2), call(3)]);
        let latest = Latest::Ready(Arc::new(at(second, sockets)));
        assert_eq!(app.update(Message::Latest(latest)), None);
        // Before the rows are made anew, too.
        assert_eq!(selected_port(&app), Some(2));
        let readings = usize::try_from(second).unwrap();
        assert_eq!(watched(&app), (key, readings));
        app.settle();
        press(&mut app, KeyCode::Home);
        while selected_port(&app) != Some(2) {
            press(&mut app, KeyCode::Down);
        }
    }
}

#[test]
fn what_is_all_there_is_has_rows_of_its_own() {
    let app = app(80, 24, (1000..1012).map(time_wait).collect());
    assert_eq!(ports(&app).len(), 12);
}

#[test]
fn sockets_are_grouped_by_program_and_the_worst_verdict_is_told() {
    let odd = fixture::listener(1587)
        .owned_by("python3", 3)
        .finding("obscure-port", Severity::Medium)
        .build();
    let mut app = app(80, 24, vec![web(80), web(443), odd]);
    press(&mut app, KeyCode::Char('t'));
    press(&mut app, KeyCode::Char('r'));
    assert_eq!(app.table.grouping, Grouping::Program);
    assert_eq!(app.table.groups.len(), 2);
    let group = app.table.selected_group().unwrap();
    assert_eq!(group.label().0, "python3");
    assert_eq!(group.sums.worst(), Verdict::Unusual);
    press(&mut app, KeyCode::Char('t'));
    press(&mut app, KeyCode::Char('n'));
    assert_eq!(ports(&app).len(), 3);
}

#[test]
fn a_group_offers_the_owners_of_its_sockets_to_be_signalled() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    press(&mut app, KeyCode::Char('t'));
    press(&mut app, KeyCode::Char('r'));
    press(&mut app, KeyCode::Char('x'));
    assert_eq!(dialog(&app).candidates.len(), 2);
    assert!(matches!(dialog(&app).stage, Stage::Owner));
}

#[test]
fn columns_are_hidden_shown_and_moved() {
    let mut app = app(160, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('C'));
    press(&mut app, KeyCode::Char(' '));
    assert!(!app.columns.contains(&Column::Verdict));
    press(&mut app, KeyCode::Char(' '));
    press(&mut app, KeyCode::Right);
    assert_eq!(app.columns[..2], [Column::Protocol, Column::Verdict]);
    press(&mut app, KeyCode::Char('r'));
    assert_eq!(app.columns, Column::USUAL);
    press(&mut app, KeyCode::Esc);
    assert!(matches!(app.mode, Mode::Browse));
}

#[test]
fn the_last_column_cannot_be_hidden() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('C'));
    for _ in 0..Column::ALL.len() {
        press(&mut app, KeyCode::Char(' '));
        press(&mut app, KeyCode::Down);
    }
    assert!(!app.columns.is_empty());
}
