//! Rows of the views of processes, ports, findings and events keep their places while somebody reads.

use super::*;
use crate::tui::{
    action::View,
    app::{
        listing::{Listing, Row},
        processes::Sorting,
        stories::StoryLine,
    },
    layout::fields::{OfPort, OfProcess},
};

/// A listener that receives so much.
fn busy(port: u16, rx: f64) -> Socket {
    fixture::listener(port)
        .cookie(port.into())
        .owned_by("nginx", u32::from(port))
        .rates(rx, 0.0)
        .build()
}

/// A snapshot taken so many seconds after the first.
fn at(seconds: i64, sockets: Vec<Socket>) -> Snapshot {
    let mut snapshot = fixture::snapshot(sockets);
    snapshot.elapsed = Duration::from_secs(100 + seconds.unsigned_abs());
    snapshot.taken_at = fixture::NOW + SignedDuration::from_secs(seconds);
    snapshot
}

/// The selected row, and its line of the screen.
fn stands<R: Row>(list: &Listing<R>) -> (Option<R::Key>, usize) {
    (list.selected().map(Row::key), list.cursor() - list.offset)
}

fn keys<R: Row>(list: &Listing<R>) -> Vec<R::Key> {
    list.rows.iter().map(Row::key).collect()
}

fn left<R: Row>(list: &Listing<R>) -> Vec<R::Key> {
    let rows = list.rows.iter().enumerate();
    let left = rows.filter(|(place, _)| list.has_left(*place));
    left.map(|(_, row)| row.key()).collect()
}

/// A view sorted by what is received, most first.
fn by_received(view: View, sockets: Vec<Socket>) -> App {
    let mut app = empty_app(160, 24);
    app.processes.order = Sorting::by(OfProcess::Rx);
    app.ports.order = Sorting::by(OfPort::Rx);
    app.show(view);
    show(&mut app, at(0, sockets));
    app
}

/// Four that receive less and less.
fn four() -> Vec<Socket> {
    let rates = [(1, 400.0), (2, 300.0), (3, 200.0), (4, 100.0)];
    rates.map(|(port, rx)| busy(port, rx)).into()
}

/// The first has closed, the others have changed places, and there is a new one that receives most.
fn turned() -> Vec<Socket> {
    let rates = [(2, 200.0), (3, 300.0), (4, 400.0), (5, 900.0)];
    rates.map(|(port, rx)| busy(port, rx)).into()
}

#[test]
fn ports_keep_their_places_while_somebody_reads_and_their_numbers_go_on() {
    let mut app = by_received(View::Ports, four());
    press(&mut app, KeyCode::Down);
    press(&mut app, KeyCode::Down);
    let before = stands(&app.ports.list);
    assert_eq!(before, (Some(3), 2));
    show(&mut app, at(1, turned()));
    assert_eq!(keys(&app.ports.list), [1, 2, 3, 4, 5]);
    assert_eq!(left(&app.ports.list), [1]);
    assert_eq!(stands(&app.ports.list), before);
    let rates = app.ports.list.selected().and_then(|row| row.sums.rates);
    assert_eq!(rates, Some((300.0, 0.0)));
    assert_eq!(app.count().0, 4, "what has left is not counted");
    // Again, as what has left must not come to stay.
    show(&mut app, at(2, turned()));
    assert_eq!(left(&app.ports.list), [1]);
    show(&mut app, at(6, turned()));
    assert_eq!(keys(&app.ports.list), [5, 4, 3, 2]);
    assert_eq!(left(&app.ports.list), [] as [u16; 0]);
    assert_eq!(stands(&app.ports.list).0, Some(3));
}

#[test]
fn processes_keep_their_places_while_somebody_reads() {
    let mut app = by_received(View::Processes, four());
    let pids = |app: &App| -> Vec<u32> {
        let keys = keys(&app.processes.list).into_iter().flatten();
        keys.map(|key| key.pid).collect()
    };
    press(&mut app, KeyCode::Down);
    let before = stands(&app.processes.list);
    show(&mut app, at(1, turned()));
    assert_eq!(pids(&app), [1, 2, 3, 4, 5]);
    assert_eq!(stands(&app.processes.list), before);
    assert_eq!(app.count().0, 4);
    // Whoever sorts wants to see it at once.
    press(&mut app, KeyCode::Char('S'));
    assert_eq!(pids(&app), [2, 3, 4, 5]);
    show(&mut app, at(2, four()));
    assert_eq!(pids(&app), [4, 3, 2, 1]);
}

#[test]
fn what_comes_back_takes_its_place_again() {
    let mut app = by_received(View::Ports, four());
    press(&mut app, KeyCode::Down);
    show(&mut app, at(1, turned()));
    show(&mut app, at(2, four()));
    assert_eq!(keys(&app.ports.list), [1, 2, 3, 4, 5]);
    assert_eq!(left(&app.ports.list), [5]);
}

#[test]
fn another_filter_shows_only_what_it_finds() {
    let mut app = by_received(View::Ports, four());
    press(&mut app, KeyCode::Down);
    show(&mut app, at(1, turned()));
    app.set_filter("port:2-5");
    app.settle();
    assert_eq!(keys(&app.ports.list), [2, 3, 4, 5]);
    assert_eq!(left(&app.ports.list), [] as [u16; 0]);
}

#[test]
fn of_thousands_of_rows_that_leave_the_nearest_stay_and_the_selection_keeps_its_line() {
    let sockets = |ports: std::ops::Range<u16>| ports.map(|port| busy(port, 1.0)).collect();
    let mut app = by_received(View::Ports, sockets(1..3000));
    press(&mut app, KeyCode::End);
    for _ in 0..99 {
        press(&mut app, KeyCode::PageUp);
    }
    let before = stands(&app.ports.list);
    let place = app.ports.list.cursor();
    assert!((1000..2900).contains(&place), "{place}");
    show(&mut app, at(1, vec![]));
    let left = left(&app.ports.list);
    assert!((90..=101).contains(&left.len()), "{}", left.len());
    assert_eq!(stands(&app.ports.list), before);
}

#[test]
fn what_has_closed_and_what_the_filter_lost_have_marks_of_their_own() {
    for (filter, mark) in [("", "✕"), ("rx>1", "-")] {
        let mut app = by_received(View::Ports, four());
        app.set_filter(filter);
        app.settle();
        press(&mut app, KeyCode::Down);
        show(&mut app, at(1, turned()));
        assert_eq!(app.ports.list.mark_of_left(0), Some(mark));
        assert_eq!(app.ports.list.mark_of_left(1), None);
    }
}

/// A call of a program that something was found about.
fn call(program: &str, port: u16, severity: Severity) -> Socket {
    fixture::connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443")
        .cookie(u64::from(port))
        .owned_by(program, u32::try_from(program.len()).unwrap())
        .finding("regular-beacon", severity)
        .build()
}

#[test]
fn findings_keep_their_lines_while_somebody_reads() {
    let mut app = empty_app(160, 24);
    app.show(View::Findings);
    let calls = |of: &str, ports: std::ops::Range<u16>, severity| {
        let calls = ports.map(|port| call(of, port, severity));
        calls.collect::<Vec<_>>()
    };
    let low = Severity::Medium;
    let mut sockets = calls("one", 1..7, Severity::High);
    sockets.extend(calls("three", 20..23, low));
    sockets.push(call("fourth", 30, low));
    show(&mut app, at(0, sockets));
    // Onto a socket of the last program.
    for _ in 0..7 {
        press(&mut app, KeyCode::Down);
    }
    let before = stands(&app.stories.list);
    let places = keys(&app.stories.list);
    assert_eq!(places.len(), 10);
    // The first has one that closed and new ones, worse ones came to the second, and a worse program comes.
    let mut sockets = calls("one", 2..12, Severity::High);
    sockets.extend(calls("three", 20..29, Severity::Critical));
    sockets.push(call("newest", 40, Severity::Critical));
    show(&mut app, at(1, sockets.clone()));
    assert_eq!(stands(&app.stories.list), before);
    assert_eq!(keys(&app.stories.list)[..10], places);
    assert_eq!(left(&app.stories.list).len(), 2, "a socket, and a program");
    assert_eq!(app.stories.list.rows.len(), 11, "the new one follows");
    let counts = app.stories.list.rows.iter().filter_map(|line| match line {
        StoryLine::Story(story) => Some(story.sockets.len()),
        StoryLine::More(_, more) => Some(*more),
        StoryLine::Rest(..) | StoryLine::Socket(..) => None,
    });
    assert_eq!(counts.collect::<Vec<_>>(), [10, 8, 1, 9, 1]);
    // What is asked for happens at once, and to nothing else.
    press(&mut app, KeyCode::Right);
    let lines = keys(&app.stories.list);
    assert_eq!(lines.len(), 10 + 6 + 1);
    assert_eq!(lines[..7], places[..7]);
    assert_eq!(stands(&app.stories.list), before);
    show(&mut app, at(8, sockets));
    assert_eq!(left(&app.stories.list).len(), 0);
    let StoryLine::Story(first) = &app.stories.list.rows[0] else {
        panic!("{:?}", app.stories.list.rows);
    };
    assert_ne!(first.name(), "one");
    assert_eq!(stands(&app.stories.list).0, before.0);
}

#[test]
fn events_never_move_the_line_of_one_that_somebody_reads() {
    let opened = |count: u16| (1..=count).map(|port| busy(port, 0.0)).collect::<Vec<_>>();
    let mut app = empty_app(120, 24);
    app.show(View::Timeline);
    show(&mut app, at(0, opened(1)));
    for second in 1..4 {
        show(
            &mut app,
            at(second, opened(1 + u16::try_from(second).unwrap())),
        );
    }
    // There are fewer than the screen has lines.
    press(&mut app, KeyCode::Down);
    let before = stands(&app.timeline.list);
    assert_eq!(before.1, 1);
    for second in 4..8 {
        show(
            &mut app,
            at(second, opened(1 + u16::try_from(second).unwrap())),
        );
        assert_eq!(stands(&app.timeline.list), before, "{second}");
    }
    // Nobody reads any more: no line is empty.
    show(&mut app, at(20, opened(9)));
    assert_eq!(app.timeline.list.offset, 0);
    assert_eq!(stands(&app.timeline.list).0, before.0);
    // Whoever looks at the newest sees what is newer.
    press(&mut app, KeyCode::Home);
    let newest = stands(&app.timeline.list).0;
    show(&mut app, at(21, opened(10)));
    assert!(stands(&app.timeline.list).0 > newest);
    assert_eq!(stands(&app.timeline.list).1, 0);
}

/// Listeners that were seen to open 5 seconds before the first snapshot, the first of them long before.
fn young() -> Vec<Socket> {
    let open = |port: u16, age| {
        let one = fixture::listener(port).cookie(port.into());
        let one = one.owned_by("nginx", u32::from(port)).age(age);
        one.finding("wrong-program", Severity::Medium).build()
    };
    (1..=6)
        .map(|port| open(port, if port == 1 { 60 } else { 5 }))
        .collect()
}

#[test]
fn a_filter_by_age_drops_no_row_while_somebody_reads_in_any_view() {
    for view in [
        View::Sockets,
        View::Processes,
        View::Ports,
        View::Findings,
        View::Timeline,
    ] {
        let mut app = empty_app(160, 24);
        show(&mut app, at(0, vec![]));
        app.set_filter("age:<8s");
        app.show(view);
        show(&mut app, at(1, young()));
        let rows = |app: &App| match view {
            View::Sockets => app.table.rows.len(),
            View::Processes => app.processes.list.rows.len(),
            View::Ports => app.ports.list.rows.len(),
            View::Findings => app.stories.list.rows.len(),
            View::Timeline => app.timeline.list.rows.len(),
        };
        let place = |app: &App| match view {
            View::Sockets => app.table.cursor(),
            View::Processes => app.processes.list.cursor(),
            View::Ports => app.ports.list.cursor(),
            View::Findings => app.stories.list.cursor(),
            View::Timeline => app.timeline.list.cursor(),
        };
        press(&mut app, KeyCode::Down);
        let (before, selected) = (rows(&app), place(&app));
        assert!(before >= 5, "{view:?}: {before}");
        for second in [2, 4, 5] {
            show(&mut app, at(second, young()));
            assert_eq!((rows(&app), place(&app)), (before, selected), "{view:?}");
        }
        let found = if view == View::Timeline { before } else { 0 };
        assert_eq!(
            app.count().0,
            found,
            "{view:?}: what is not found is not counted"
        );
        show(&mut app, at(7, young()));
        assert_eq!(rows(&app), 0, "{view:?}");
    }
}

/// Calls to four machines.
fn calls() -> Vec<Socket> {
    let call = |of: u8| {
        let call = fixture::connection(
            &format!("10.0.0.5:{}", 1000 + u16::from(of)),
            &format!("192.0.2.{of}:443"),
        );
        call.cookie(of.into()).owned_by("curl", of.into()).build()
    };
    (1..=4).map(call).collect()
}

/// What a machine is called becomes known.
fn named(app: &mut App, of: u8, name: &str) {
    let address = std::net::IpAddr::from([192, 0, 2, of]);
    let named = Message::Named(address, Some(Text::from(name)));
    assert_eq!(app.update(named), None);
    app.settle();
}

#[test]
fn names_that_arrive_late_take_no_row_from_whoever_reads_nor_in_a_pause() {
    for is_paused in [false, true] {
        let mut app = empty_app(160, 24);
        app.set_filter("!host:example");
        show(&mut app, at(0, calls()));
        press(&mut app, KeyCode::Char('N'));
        if is_paused {
            // Long after the last key.
            show(&mut app, at(30, calls()));
            press(&mut app, KeyCode::Char(' '));
        } else {
            press(&mut app, KeyCode::Down);
        }
        let before = ports(&app);
        assert_eq!(before.len(), 4);
        let selected = selected_port(&app);
        for of in 1..=3 {
            named(&mut app, of, "a.example");
            assert_eq!(ports(&app), before);
            assert_eq!(selected_port(&app), selected);
            assert_eq!(app.count().0, 4 - usize::from(of));
        }
        // A name that is asked for moves what it has to.
        press(&mut app, KeyCode::Char('N'));
        assert_eq!((ports(&app).len(), app.count().0), (4, 4));
        press(&mut app, KeyCode::Char('N'));
        assert_eq!(ports(&app), [1004]);
    }
}

/// Sockets of a dozen programs, of which each second some come, go, change their rates and what was found.
struct World {
    chance: Chance,
    sockets: Vec<Socket>,
    ports: u16,
    second: i64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            chance: Chance(seed),
            sockets: vec![],
            ports: 0,
            second: 0,
        };
        for _ in 0..40 {
            let socket = world.socket();
            world.sockets.push(socket);
        }
        world
    }

    fn socket(&mut self) -> Socket {
        self.ports += 1;
        let program = self.chance.below(12);
        let (port, pid) = (self.ports, u32::try_from(program).unwrap() + 1);
        let socket = fixture::listener(port).cookie(port.into());
        let socket = socket.owned_by(&format!("program{program}"), pid);
        let severity = [Severity::Medium, Severity::High, Severity::Critical];
        let severity = self.chance.of(&severity);
        let rate = f64::from(u32::try_from(self.chance.below(90)).unwrap());
        let socket = socket.finding("wrong-program", severity);
        socket
            .age(i64::try_from(self.chance.below(20)).unwrap())
            .rates(rate, 0.0)
            .build()
    }

    fn move_on(&mut self) {
        self.second += 1;
        for at in (0..self.sockets.len()).rev() {
            match self.chance.below(12) {
                0 => {
                    self.sockets.remove(at);
                }
                1 => {
                    let new = self.socket();
                    self.sockets.insert(at, new);
                }
                2 => {
                    // Another socket of whichever program, with whatever was found.
                    self.sockets[at] = self.socket();
                }
                _ => {}
            }
        }
    }

    fn snapshot(&self) -> Snapshot {
        at(self.second, self.sockets.clone())
    }
}

/// The keys of the rows down to the selected one, and its line of the screen.
fn above(app: &App, view: View) -> (Vec<String>, usize) {
    fn of<R: Row>(list: &Listing<R>) -> (Vec<String>, usize) {
        let keys = keys(list).into_iter().take(list.cursor() + 1);
        let keys = keys.map(|key| format!("{key:?}"));
        (keys.collect(), list.cursor() - list.offset)
    }
    match view {
        View::Processes => of(&app.processes.list),
        View::Ports => of(&app.ports.list),
        View::Findings => of(&app.stories.list),
        View::Sockets | View::Timeline => panic!("not here"),
    }
}

#[test]
fn nothing_above_the_selection_comes_or_goes_while_somebody_reads_processes_ports_or_findings() {
    for (view, filter) in [
        (View::Processes, ""),
        (View::Processes, "rx:>20 age:<15s"),
        (View::Ports, ""),
        (View::Ports, "age:<15s"),
        (View::Findings, ""),
        (View::Findings, "severity:>=high !age:>15s"),
    ] {
        let mut left = 0;
        for seed in 0..25 {
            let mut world = World::new(seed);
            let mut app = by_received(view, vec![]);
            app.set_filter(filter);
            show(&mut app, world.snapshot());
            press(&mut app, KeyCode::End);
            for _ in 0..world.chance.below(20) {
                press(&mut app, KeyCode::Up);
            }
            for step in 0..15 {
                let of = format!("{view:?} {filter:?}, world {seed}, step {step}");
                // Somebody moves now and again, so it is held for good.
                let key = [KeyCode::Up, KeyCode::Down][step % 2];
                press(&mut app, key);
                let before = above(&app, view);
                world.move_on();
                show(&mut app, world.snapshot());
                assert_eq!(above(&app, view), before, "{of}");
                left += match view {
                    View::Processes => left_of(&app.processes.list),
                    View::Ports => left_of(&app.ports.list),
                    View::Sockets | View::Findings | View::Timeline => left_of(&app.stories.list),
                };
            }
            // Nobody reads any more: what has left goes.
            world.second += 20;
            show(&mut app, world.snapshot());
            let mut anew = by_received(view, vec![]);
            anew.set_filter(filter);
            show(&mut anew, world.snapshot());
            for app in [&mut app, &mut anew] {
                press(app, KeyCode::End);
            }
            assert_eq!(
                above(&app, view).0,
                above(&anew, view).0,
                "{view:?} {filter:?}, world {seed}"
            );
        }
        assert!(left > 100, "{view:?} {filter:?}: {left}");
    }
}

fn left_of<R: Row>(list: &Listing<R>) -> usize {
    left(list).len()
}

#[test]
fn the_first_key_after_a_pause_acts_on_the_row_that_was_selected_in_it() {
    for view in [View::Processes, View::Ports, View::Findings] {
        for seed in 0..20 {
            let mut world = World::new(seed);
            let mut app = by_received(view, vec![]);
            show(&mut app, world.snapshot());
            press(&mut app, KeyCode::Down);
            press(&mut app, KeyCode::Down);
            press(&mut app, KeyCode::Char(' '));
            let before = above(&app, view);
            // A minute goes by that nobody sees.
            for _ in 0..60 {
                world.move_on();
                show(&mut app, world.snapshot());
                assert_eq!(
                    above(&app, view),
                    before,
                    "{view:?}, world {seed}: in the pause"
                );
            }
            press(&mut app, KeyCode::Char(' '));
            assert_eq!(
                above(&app, view),
                before,
                "{view:?}, world {seed}: when it ends"
            );
            world.move_on();
            show(&mut app, world.snapshot());
            assert_eq!(
                above(&app, view),
                before,
                "{view:?}, world {seed}: a second later"
            );
            // The key is about the row that stands where it stood, and moves one on from there.
            press(&mut app, KeyCode::Up);
            let (rows, line) = above(&app, view);
            assert_eq!(rows, before.0[..2], "{view:?}, world {seed}");
            assert_eq!(line, before.1 - 1, "{view:?}, world {seed}");
        }
    }
}
