//! The resolver, with a function in place of the system's.

use super::*;
use crate::model::fixture::address;
use std::net::Ipv4Addr;

/// Long enough for anything that is to come.
const PATIENCE: Duration = Duration::from_secs(20);

fn numbered(number: u32) -> IpAddr {
    Ipv4Addr::from_bits(0x0a00_0000 + number).into()
}

/// Answers nobody until it is let go.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    fn pass(&self) {
        let shut = |open: &mut bool| !*open;
        drop(self.changed.wait_while(self.open.lock().unwrap(), shut));
    }

    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

#[test]
fn answers_are_names_and_what_is_no_name_is_dropped() {
    let lookup = |address: IpAddr| match address.to_string().as_str() {
        "10.0.0.1" => Some("One.Example.".to_owned()),
        "10.0.0.2" => Some("two\x1b[31m.example".to_owned()),
        _ => None,
    };
    let addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "127.0.0.1"].map(address);
    let (names, missing) = names_by(lookup, &addresses, PATIENCE);
    assert_eq!(missing, 0);
    let told = addresses.map(|one| names.of(one).map(ToString::to_string));
    assert_eq!(told, [Some("one.example".to_owned()), None, None, None]);
}

#[test]
fn each_address_is_asked_for_once_and_ones_own_never() {
    let (told, answers) = mpsc::channel();
    let asked = Arc::new(Mutex::new(vec![]));
    let lookup = {
        let asked = Arc::clone(&asked);
        move |address: IpAddr| {
            asked.lock().unwrap().push(address);
            None
        }
    };
    let resolver = Resolver::new(lookup, move |address, name| {
        told.send((address, name)).unwrap();
    });
    let addresses = [
        "10.0.0.1",
        "::ffff:10.0.0.1",
        "10.0.0.1",
        "::1",
        "fe80::1",
        "0.0.0.0",
    ]
    .map(address);
    assert_eq!(resolver.ask(&addresses), 1);
    assert_eq!(
        answers.recv_timeout(PATIENCE).unwrap(),
        (address("10.0.0.1"), None)
    );
    assert_eq!(resolver.ask(&addresses), 0);
    assert_eq!(*asked.lock().unwrap(), [address("10.0.0.1")]);
}

#[test]
fn what_is_not_wanted_any_more_is_not_asked_for() {
    let gate = Arc::new(Gate::default());
    let (at_work, working) = mpsc::channel();
    let (told, answers) = mpsc::channel();
    let lookup = {
        let gate = Arc::clone(&gate);
        move |address: IpAddr| {
            at_work.send(address).unwrap();
            gate.pass();
            None
        }
    };
    let resolver = Resolver::new(lookup, move |address, _| told.send(address).unwrap());
    let all: Vec<_> = (0..100).map(numbered).collect();
    assert_eq!(resolver.ask(&all), 100);
    for _ in 0..THREADS {
        working.recv_timeout(PATIENCE).unwrap();
    }
    // Every thread hangs; the person has scrolled on.
    assert_eq!(resolver.ask(&[numbered(500)]), 1);
    gate.open();
    let told: HashSet<_> = (0..=THREADS)
        .map(|_| answers.recv_timeout(PATIENCE).unwrap())
        .collect();
    let number = u32::try_from(THREADS).unwrap();
    let wanted = (0..number).chain([500]).map(numbered);
    assert_eq!(told, wanted.collect());
}

#[test]
fn a_lookup_that_hangs_keeps_nobody_waiting() {
    let gate = Arc::new(Gate::default());
    let hanging = Arc::clone(&gate);
    let lookup = move |one: IpAddr| {
        if one == address("10.0.0.1") {
            hanging.pass();
        }
        Some("late.example".to_owned())
    };
    let began = Instant::now();
    let both = ["10.0.0.1", "10.0.0.2"].map(address);
    let (names, missing) = names_by(lookup, &both, Duration::from_millis(1500));
    // The resolver was dropped on the way here, with its thread still inside.
    assert!(began.elapsed() < PATIENCE);
    assert_eq!(missing, 1);
    assert_eq!(names.of(both[0]), None);
    assert_eq!(names.of(both[1]).map(Text::as_str), Some("late.example"));
    gate.open();
}

#[test]
fn what_waits_and_what_was_asked_is_bounded() {
    let resolver = Resolver::new(|_| None, |_, _| ());
    // As if the threads were there and busy.
    resolver.0.lock().started = true;
    let many: Vec<_> = (0..10_000).map(numbered).collect();
    assert_eq!(resolver.ask(&many), MOST_WAITING);
    let mut state = State::default();
    for one in &many {
        state.remember(*one);
        state.answered(*one, true);
    }
    assert_eq!(
        (state.asked.len(), state.order.len()),
        (Names::MOST, Names::MOST)
    );
    assert!(!state.asked.contains_key(&numbered(0)));
    assert!(state.asked.contains_key(&numbered(9_999)));
}

#[test]
fn who_is_wanted_is_not_asked_again_because_others_came() {
    let resolver = Resolver::new(|_| None, |_, _| ());
    resolver.0.lock().started = true;
    let all: Vec<_> = (0..4096).map(numbered).collect();
    assert_eq!(resolver.ask(&all), 4096);
    let mut state = resolver.0.lock();
    for number in 0..100_000 {
        state.remember(numbered(number));
        state.answered(numbered(number), true);
    }
    drop(state);
    assert_eq!(resolver.ask(&all), 0);
}

#[test]
fn an_answer_grows_old_and_is_asked_for_again() {
    let resolver = Resolver::new(|_| None, |_, _| ());
    resolver.0.lock().started = true;
    let one = numbered(1);
    resolver.0.lock().remember(one);
    assert_eq!(resolver.ask(&[one]), 0, "it is being asked for");
    resolver.0.lock().answered(one, false);
    assert_eq!(resolver.ask(&[one]), 0, "it was just answered");
    resolver.0.lock().asked.insert(one, Some(Instant::now()));
    assert_eq!(resolver.ask(&[one]), 1);
}
