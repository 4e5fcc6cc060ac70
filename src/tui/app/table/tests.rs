//! A table that was brought up to date is the one that is made from scratch, whatever has happened.

use super::*;
use crate::model::{
    Direction, State, Verdict,
    fixture::{self, connection, listener},
};
use jiff::SignedDuration;

/// Numbers by chance, always the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        // Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

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
            assert_eq!(wanted, now.iter().copied().collect::<HashSet<_>>(), "{of}");
            assert_eq!(wanted.len(), now.len(), "{of}");
            if let Some(before) = before {
                let still = before.iter().filter(|key| now.contains(key));
                let still: Vec<_> = still.copied().collect();
                assert_eq!(now[..still.len()], still, "{of}");
            }
            table.hold();
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
                assert_eq!(table.selected, selected, "{of}");
            }
            let row = table.selected_row();
            assert_eq!(
                row.and_then(|row| table.key_of(row)),
                table.selected,
                "{of}"
            );
            let open: HashSet<_> = snapshot.sockets.iter().map(|one| one.key()).collect();
            for (ghost, _) in &table.ghosts {
                assert!(!open.contains(ghost), "{of}");
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
