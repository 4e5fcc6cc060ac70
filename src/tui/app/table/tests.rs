//! A table that was brought up to date is the one that is made from scratch, whatever has happened.

use super::*;
use crate::model::{
    Direction, State, Verdict,
    fixture::{self, connection, listener},
};
use crate::tui::app::{groups::folds, listing::scrolled, tests::Chance};
use jiff::SignedDuration;

/// Sockets that come, go and change by chance.
struct World {
    chance: Chance,
    sockets: Vec<Arc<Socket>>,
    closed: Vec<Arc<Socket>>,
    cookies: u64,
    seconds: i64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            chance: Chance(seed),
            sockets: vec![],
            closed: vec![],
            cookies: 0,
            seconds: 0,
        };
        for _ in 0..40 {
            let socket = world.socket();
            world.sockets.push(socket);
        }
        world
    }

    fn socket(&mut self) -> Arc<Socket> {
        self.cookies += 1;
        let cookie = self.cookies;
        Arc::new(self.socket_of(cookie))
    }

    fn socket_of(&mut self, cookie: u64) -> Socket {
        let chance = &mut self.chance;
        let port = 20 + chance.below(4);
        let builder = match chance.below(4) {
            0 => listener(u16::try_from(port).unwrap()),
            1 => connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443").state(State::TimeWait),
            2 => connection(&format!("127.0.0.1:{port}"), "127.0.0.1:5432")
                .direction(Direction::Local),
            _ => connection(&format!("10.0.0.5:{port}"), "192.0.2.8:443"),
        };
        let name = chance.of(&["nginx", "sshd", "curl"]);
        let builder = match chance.below(3) {
            0 => builder,
            pid => builder.owned_by(name, u32::try_from(pid).unwrap()),
        };
        let builder = match chance.below(3) {
            0 => builder,
            rate => builder.rates(f64::from(u32::try_from(rate).unwrap()) * 100.0, 7.0),
        };
        let age = i64::try_from(chance.below(90)).unwrap();
        builder
            .verdict(chance.of(&[Verdict::Expected, Verdict::Unknown, Verdict::Unusual]))
            .age(age)
            .cookie(cookie)
            .build()
    }

    /// Lets a second go by.
    fn move_on(&mut self) {
        self.seconds += 1;
        let count = self.sockets.len().max(1);
        let steps = self.chance.of(&[0, 0, 1, 2, 3, 30]);
        for _ in 0..steps {
            let at = self.chance.below(count).min(self.sockets.len());
            match self.chance.below(6) {
                0 | 1 => {
                    let new = self.socket();
                    self.sockets.insert(at, new);
                }
                2 | 3 if at < self.sockets.len() => {
                    let mut gone = Socket::clone(&self.sockets.remove(at));
                    gone.closed_at = Some(fixture::NOW + SignedDuration::from_secs(self.seconds));
                    self.closed.push(Arc::new(gone));
                }
                4 if at < self.sockets.len() => {
                    let SocketKey::Cookie(cookie) = self.sockets[at].key() else {
                        panic!("all have one");
                    };
                    self.sockets[at] = Arc::new(self.socket_of(cookie));
                }
                _ if at < self.sockets.len() => {
                    let moved = self.sockets.remove(at);
                    self.sockets.push(moved);
                }
                _ => {}
            }
        }
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        let mut snapshot = fixture::snapshot(vec![]);
        snapshot.sockets.clone_from(&self.sockets);
        snapshot.closed.clone_from(&self.closed);
        snapshot.taken_at = fixture::NOW + SignedDuration::from_secs(self.seconds);
        snapshot.elapsed = Duration::from_secs(100 + self.seconds.unsigned_abs());
        Arc::new(snapshot)
    }
}

/// Every row in words: the cookie of a socket, or all that a group says.
fn rows(table: &Table) -> Vec<String> {
    let snapshot = table.snapshot.as_deref().unwrap();
    let words = |row: &Row| match row {
        Row::Group(at) => {
            let group = &table.groups[*at];
            let owners = group.owners(snapshot).len();
            let members: Vec<_> = group.sockets(snapshot).map(|one| one.key()).collect();
            let (sums, label) = (group.sums, group.label());
            format!(
                "{label:?} {sums:?} {:?} {:?} {owners} {members:?}",
                group.service, group.owner
            )
        }
        row @ (Row::Open(_) | Row::Closed(_)) => {
            let key = table.socket(*row, snapshot).unwrap().key();
            format!("{row:?} {key:?}")
        }
    };
    table.rows.iter().map(words).collect()
}

fn chosen(table: &Table) -> Vec<SocketKey> {
    let snapshot = table.snapshot.as_deref().unwrap();
    let rows = table.chosen.rows().iter();
    rows.map(|at| snapshot.sockets[*at].key()).collect()
}

const FILTERS: [&str; 6] = ["", "listening", "!nginx", "age>30s", "port:21", "rx>50"];

/// Changes by chance what a person can change.
fn fiddle(table: &mut Table, filter: &mut &str, chance: &mut Chance) {
    match chance.below(8) {
        0 => *filter = chance.of(&FILTERS),
        1 => table.sort_by(chance.of(&Column::ALL)),
        2 => table.grouping = chance.of(&Grouping::ALL),
        3 => {
            table.select(chance.below(table.rows.len().max(1)));
            table.fold(None);
        }
        _ => {}
    }
}

/// Somebody reads.
fn hold(table: &mut Table) {
    let now = table.snapshot.as_ref().map(|now| now.elapsed);
    table.hold_from(now.unwrap());
}

#[test]
fn what_was_brought_up_to_date_is_what_is_made_from_scratch() {
    for seed in 0..80 {
        let (mut world, mut chance) = (World::new(seed), Chance(seed + 1000));
        let mut table = Table::new(Order::default());
        let mut filter = "";
        for step in 0..25 {
            let snapshot = world.snapshot();
            let query = Query::parse(filter).unwrap();
            table.rebuild(&snapshot, &query, Duration::ZERO, [].iter());
            let mut anew = Table::new(table.order);
            anew.grouping = table.grouping;
            anew.unfolded.clone_from(&table.unfolded);
            anew.rebuild(&snapshot, &query, Duration::ZERO, [].iter());
            assert_eq!(rows(&table), rows(&anew), "world {seed}, step {step}");
            assert_eq!(table.found(), query.select(&snapshot).len());
            fiddle(&mut table, &mut filter, &mut chance);
            world.move_on();
        }
    }
}

#[test]
fn while_somebody_reads_nothing_changes_its_order_and_nothing_is_left_out() {
    for seed in 0..80 {
        let mut world = World::new(seed);
        let mut table = Table::new(Order {
            column: Column::Rx,
            reverse: seed % 2 == 0,
        });
        let query = Query::parse(FILTERS[usize::try_from(seed).unwrap() % FILTERS.len()]).unwrap();
        for step in 0..15 {
            let snapshot = world.snapshot();
            let of = format!("world {seed}, step {step}");
            let before = table.snapshot.is_some().then(|| chosen(&table));
            table.rebuild(&snapshot, &query, Duration::ZERO, [].iter());
            let now = chosen(&table);
            let wanted = query.select(&snapshot).into_iter();
            let wanted: HashSet<_> = wanted.map(|at| snapshot.sockets[at].key()).collect();
            let found: HashSet<_> = now.iter().copied().collect();
            assert_eq!(found.len(), now.len(), "{of}");
            let others: Vec<_> = found.difference(&wanted).collect();
            assert_eq!(found.len(), wanted.len() + others.len(), "{of}");
            if let Some(before) = before {
                // What has changed so that the filter does not find it any more stays, too.
                assert!(others.iter().all(|key| before.contains(key)), "{of}");
                let still = before.iter().filter(|key| now.contains(key));
                let still: Vec<_> = still.copied().collect();
                assert_eq!(now[..still.len()], still, "{of}");
            }
            hold(&mut table);
            world.move_on();
        }
        // Nobody reads any more: the order that was asked for.
        table.release();
        let snapshot = world.snapshot();
        table.rebuild(&snapshot, &query, Duration::ZERO, [].iter());
        let mut anew = Table::new(table.order);
        anew.rebuild(&snapshot, &query, Duration::ZERO, [].iter());
        assert_eq!(chosen(&table), chosen(&anew), "world {seed}");
    }
}

#[test]
fn the_selection_and_what_has_closed_are_where_they_were() {
    for seed in 0..80 {
        let (mut world, mut chance) = (World::new(seed), Chance(seed + 1000));
        let mut table = Table::new(Order::default());
        let query = Query::default();
        let span = Duration::from_secs(3);
        for step in 0..20 {
            let of = format!("world {seed}, step {step}");
            let selected = table.selected.clone();
            let snapshot = world.snapshot();
            table.rebuild(&snapshot, &query, span, [].iter());
            let is_there = |key: &RowKey| {
                let mut rows = table.rows.iter();
                rows.any(|row| table.key_of(*row).as_ref() == Some(key))
            };
            if step > 0 && selected.as_ref().is_some_and(is_there) {
                let same = match (&selected, &table.selected) {
                    // Its row is still where it was, and it is counted elsewhere.
                    (Some(RowKey::Socket(was)), Some(RowKey::Closed(is))) => was == is,
                    (was, is) => was == is,
                };
                assert!(same, "{of}");
            }
            let row = table.selected_row();
            assert_eq!(
                row.and_then(|row| table.key_of(row)),
                table.selected,
                "{of}"
            );
            let open: HashSet<_> = snapshot.sockets.iter().map(|one| one.key()).collect();
            for ghost in table.ghosts.iter().filter(|ghost| ghost.is_new) {
                let key = ghost.socket.key();
                let is_counted = |group: &Group| {
                    let mut members = group.sockets(&snapshot);
                    group.key == GroupKey::TimeWait && members.any(|one| one.key() == key)
                };
                assert!(
                    !open.contains(&key) || table.groups.iter().any(is_counted),
                    "{of}"
                );
            }
            table.select(chance.below(table.rows.len().max(1)));
            world.move_on();
        }
    }
}

#[test]
fn rows_stay_as_they_are_where_nothing_has_changed() {
    let mut world = World::new(7);
    let mut table = Table::new(Order::default());
    let query = Query::default();
    table.rebuild(&world.snapshot(), &query, Duration::ZERO, [].iter());
    let before = table.rows.as_ptr();
    world.seconds += 1;
    let next = world.snapshot();
    table.rebuild(&next, &query, Duration::ZERO, [].iter());
    assert_eq!(table.rows.as_ptr(), before);
    assert!(Arc::ptr_eq(table.snapshot.as_ref().unwrap(), &next));
}

/// Lets a second go by for sockets that each have a row of their own at first.
fn a_second(world: &mut World) {
    world.seconds += 1;
    for at in (0..world.sockets.len()).rev() {
        let (socket, now) = (Arc::clone(&world.sockets[at]), world.seconds);
        match world.chance.below(12) {
            0 => {
                let mut gone = Socket::clone(&world.sockets.remove(at));
                gone.closed_at = Some(fixture::NOW + SignedDuration::from_secs(now));
                world.closed.push(Arc::new(gone));
            }
            1 => {
                let mut changed = Socket::clone(&socket);
                let raw = Arc::make_mut(&mut changed.raw);
                raw.state = State::TimeWait;
                world.sockets[at] = Arc::new(changed);
            }
            2 if socket.raw.state != State::TimeWait => {
                world.sockets[at] = call(&mut world.chance, socket.key());
            }
            3 => {
                world.cookies += 1;
                let key = SocketKey::Cookie(world.cookies);
                let new = call(&mut world.chance, key);
                world.sockets.insert(at, new);
            }
            _ => {}
        }
    }
}

fn call(chance: &mut Chance, key: SocketKey) -> Arc<Socket> {
    let SocketKey::Cookie(cookie) = key else {
        panic!("all have one");
    };
    let rate = f64::from(u32::try_from(chance.below(90)).unwrap());
    let call = connection(&format!("10.0.0.5:{}", 1000 + cookie), "192.0.2.8:443");
    let call = call.owned_by("curl", 7).verdict(Verdict::Expected);
    Arc::new(call.rates(rate, 7.0).cookie(cookie).build())
}

#[test]
fn while_somebody_reads_the_selection_does_not_move() {
    const HEIGHT: usize = 12;
    for seed in 0..60 {
        let mut world = World::new(seed);
        world.sockets.clear();
        for cookie in 1..60 {
            let call = call(&mut world.chance, SocketKey::Cookie(cookie));
            world.sockets.push(call);
            world.cookies = cookie;
        }
        let mut table = Table::new(Order {
            column: Column::Rx,
            reverse: seed % 2 == 0,
        });
        let query = Query::parse(["", "rx>20", "state:estab"][usize::try_from(seed).unwrap() % 3]);
        let (query, span) = (query.unwrap(), Duration::from_secs(3));
        table.rebuild(&world.snapshot(), &query, span, [].iter());
        let mut ghosts = 0;
        for step in 0..20 {
            let of = format!("world {seed}, step {step}");
            // One row is selected by a key: at the top, in the middle, at the end of the first screen and below.
            let place = world.chance.of(&[0, 1, HEIGHT / 2, HEIGHT - 1, HEIGHT + 9]);
            if step % 5 == 0 {
                table.select(place);
            }
            hold(&mut table);
            table.offset = scrolled(table.offset, table.cursor, table.rows.len(), HEIGHT);
            let (line, selected) = (table.cursor - table.offset, table.selected.clone());
            let Some(RowKey::Socket(was) | RowKey::Closed(was)) = selected else {
                break;
            };
            let above = table.cursor;
            let socket = table.selected_socket().unwrap();
            // What is counted stands below all others, and what is new between.
            let stands_alone = folds(socket).is_none();
            a_second(&mut world);
            table.rebuild(&world.snapshot(), &query, span, [].iter());
            table.offset = scrolled(table.offset, table.cursor, table.rows.len(), HEIGHT);
            let Some(RowKey::Socket(is) | RowKey::Closed(is)) = table.selected else {
                panic!("{of}: {:?}", table.selected);
            };
            assert_eq!(was, is, "{of}");
            assert_eq!(table.cursor - table.offset, line, "{of}");
            if stands_alone && table.ghosts.len() < 90 {
                assert_eq!(table.cursor, above, "{of}: nothing comes or goes above it");
            }
            ghosts += table.ghosts.len();
        }
        assert!(ghosts > 20, "{ghosts}");
        // Nobody reads any more: what has closed goes.
        table.release();
        world.seconds += 9;
        table.rebuild(&world.snapshot(), &query, span, [].iter());
        assert!(table.ghosts.is_empty());
        let rows = table
            .rows
            .iter()
            .filter(|row| matches!(row, Row::Closed(_)));
        assert_eq!(rows.count(), 0);
    }
}

#[test]
fn there_are_no_more_ghosts_than_there_is_use_for_and_the_nearest_stay() {
    let sockets: Vec<_> = (1..900)
        .map(|cookie| call(&mut Chance(cookie), SocketKey::Cookie(cookie)))
        .collect();
    let mut world = World::new(1);
    world.sockets.clone_from(&sockets);
    let mut table = Table::new(Order::default());
    let (query, span) = (Query::default(), Duration::from_secs(3));
    table.rebuild(&world.snapshot(), &query, span, [].iter());
    table.select(400);
    hold(&mut table);
    let selected = table.selected.clone();
    table.offset = 390;
    world.seconds += 1;
    let selected_socket = Arc::clone(table.selected_socket().unwrap());
    world
        .sockets
        .retain(|one| one.key() == selected_socket.key());
    table.rebuild(&world.snapshot(), &query, span, [].iter());
    assert!(
        (90..=101).contains(&table.rows.len()),
        "{}",
        table.rows.len()
    );
    assert_eq!(table.selected, selected);
    assert_eq!(table.cursor - table.offset, 10);
    assert!(table.cursor >= 45, "{}", table.cursor);
}

/// A call that was seen to open so many seconds before the world began, or that was there before us.
fn aged(chance: &mut Chance, cookie: u64) -> Arc<Socket> {
    let age = i64::try_from(chance.below(40)).unwrap();
    let rate = f64::from(u32::try_from(chance.below(90)).unwrap());
    let call = connection(&format!("10.0.0.5:{}", 1000 + cookie), "192.0.2.8:443");
    let call = call.owned_by("curl", 7).verdict(Verdict::Expected);
    Arc::new(call.age(age).rates(rate, 7.0).cookie(cookie).build())
}

#[test]
fn while_somebody_reads_time_takes_no_row_away() {
    // Each changes its answer of sockets that stay as they are.
    for (filter, grouping, loses) in [
        ("age:<20s", Grouping::None, true),
        ("age:>20s", Grouping::None, false),
        ("!age:>15s rx:>1", Grouping::None, true),
        // In a group its members have no rows.
        ("new age:<30s", Grouping::Program, false),
        ("age:<20s | port:1003", Grouping::Port, false),
    ] {
        let mut lost = 0;
        for seed in 0..30 {
            let mut world = World::new(seed);
            world.sockets.clear();
            for cookie in 1..50 {
                let call = aged(&mut world.chance, cookie);
                world.sockets.push(call);
                world.cookies = cookie;
            }
            let mut table = Table::new(Order {
                column: Column::Rx,
                reverse: seed % 2 == 0,
            });
            table.grouping = grouping;
            let (query, span) = (Query::parse(filter).unwrap(), Duration::from_secs(3));
            table.rebuild(&world.snapshot(), &query, span, [].iter());
            table.select(world.chance.below(table.rows.len().max(1)));
            for step in 0..20 {
                let of = format!("{filter}, world {seed}, step {step}");
                hold(&mut table);
                let keys = |table: &Table| -> Vec<SocketKey> {
                    let rows = table.rows.iter().filter_map(|row| table.key_of(*row));
                    let keys = rows.filter_map(|key| match key {
                        RowKey::Socket(key) | RowKey::Closed(key) => Some(key),
                        RowKey::Group(_) => None,
                    });
                    keys.collect()
                };
                let (before, rows) = (keys(&table), table.rows.len());
                let (cursor, selected) = (table.cursor, table.selected.clone());
                let most = world.chance.of(&[0, 0, 1, 3]);
                for _ in 0..most {
                    let cookie = world.cookies + 1;
                    let new = aged(&mut world.chance, cookie);
                    let at = world.chance.below(world.sockets.len());
                    world.sockets.insert(at, new);
                    world.cookies = cookie;
                }
                world.seconds += 1;
                let snapshot = world.snapshot();
                table.rebuild(&snapshot, &query, span, [].iter());
                assert_eq!(keys(&table)[..before.len()], before, "{of}");
                assert!(table.rows.len() >= rows, "{of}");
                assert_eq!((table.cursor, &table.selected), (cursor, &selected), "{of}");
                let found = query.select(&snapshot);
                assert_eq!(table.found(), found.len(), "{of}");
                let others = table.rows.iter().filter(|row| table.is_other(**row));
                lost += others.count();
                let is_right = |row: &Row| match row {
                    Row::Open(at) => table.is_other(*row) != found.contains(at),
                    Row::Closed(_) | Row::Group(_) => true,
                };
                assert!(table.rows.iter().all(is_right), "{of}");
            }
            // Nobody reads any more: what the filter finds, in the order that was asked for.
            table.release();
            world.seconds += 1;
            let snapshot = world.snapshot();
            table.rebuild(&snapshot, &query, Duration::ZERO, [].iter());
            let mut anew = Table::new(table.order);
            anew.grouping = grouping;
            anew.rebuild(&snapshot, &query, Duration::ZERO, [].iter());
            assert_eq!(chosen(&table), chosen(&anew), "{filter}, world {seed}");
            assert!(!table.rows.iter().any(|row| table.is_other(*row)));
        }
        assert_eq!(lost > 100, loses, "{filter}: {lost}");
    }
}

#[test]
fn what_turns_into_time_wait_has_one_row_while_a_filter_does_not_find_it_any_more() {
    let state = |port: u16, state| {
        let call = connection(&format!("10.0.0.5:{port}"), "192.0.2.8:443").cookie(port.into());
        call.verdict(Verdict::Expected).state(state).build()
    };
    let at = |second: i64, of_second: State| {
        let mut snapshot = fixture::snapshot(vec![
            state(1, State::Established),
            state(2, of_second),
            state(3, State::Established),
        ]);
        snapshot.taken_at = fixture::NOW + SignedDuration::from_secs(second);
        snapshot.elapsed = Duration::from_secs(100 + second.unsigned_abs());
        Arc::new(snapshot)
    };
    let mut table = Table::new(Order::default());
    let (query, span) = (Query::parse("estab").unwrap(), Duration::from_secs(3));
    table.rebuild(&at(0, State::Established), &query, span, [].iter());
    table.select(2);
    hold(&mut table);
    table.rebuild(&at(1, State::TimeWait), &query, span, [].iter());
    let kinds: Vec<bool> = table.rows.iter().map(Row::is_open).collect();
    assert_eq!(kinds, [true, false, true]);
    assert_eq!((table.found(), table.cursor), (2, 2));
}

/// What each row is, down to the selected one.
fn above(table: &Table) -> Vec<RowKey> {
    let rows = table.rows.iter().take(table.cursor + 1);
    let keys = rows.map(|row| match table.key_of(*row).unwrap() {
        RowKey::Closed(key) => RowKey::Socket(key),
        key @ (RowKey::Socket(_) | RowKey::Group(_)) => key,
    });
    keys.collect()
}

#[test]
fn while_somebody_reads_nothing_moves_above_the_selection_whatever_is_grouped() {
    let mut grown = 0;
    for seed in 0..120 {
        let (mut world, mut chance) = (World::new(seed), Chance(seed + 1000));
        let mut table = Table::new(Order {
            column: Column::Rx,
            reverse: seed % 2 == 0,
        });
        let (query, span) = (Query::default(), Duration::from_secs(3));
        table.grouping = chance.of(&Grouping::ALL);
        table.with_closed = seed % 5 == 0;
        let show = |table: &mut Table, world: &World| {
            table.rebuild(&world.snapshot(), &query, span, world.closed.iter());
        };
        show(&mut table, &world);
        // Some groups are unfolded.
        for _ in 0..4 {
            table.select(chance.below(table.rows.len().max(1)));
            table.fold(Some(false));
            show(&mut table, &world);
        }
        for step in 0..12 {
            let of = format!("world {seed}, step {step}, by {:?}", table.grouping);
            if step % 4 == 0 {
                table.select(chance.below(table.rows.len().max(1)));
            }
            hold(&mut table);
            let (before, count) = (above(&table), table.rows.len());
            world.move_on();
            show(&mut table, &world);
            if table.ghosts.len() < 90 {
                assert_eq!(above(&table), before, "{of}");
            }
            grown += usize::from(table.rows.len() > count);
            let each: HashSet<Row> = table.rows.iter().copied().collect();
            assert_eq!(each.len(), table.rows.len(), "{of}");
        }
        // Nobody reads any more.
        table.release();
        table.rebuild(&world.snapshot(), &query, Duration::ZERO, [].iter());
        let mut anew = Table::new(table.order);
        anew.grouping = table.grouping;
        anew.with_closed = table.with_closed;
        anew.unfolded.clone_from(&table.unfolded);
        anew.rebuild(&world.snapshot(), &query, Duration::ZERO, [].iter());
        assert_eq!(rows(&table), rows(&anew), "world {seed}");
    }
    assert!(grown > 100, "{grown}");
}
