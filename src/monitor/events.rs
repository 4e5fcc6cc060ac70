//! What happened between two snapshots.
//!
//! Pure: the same two snapshots give the same events. What opened and closed again between them is one event, where
//! the kernel told of it: its closing. A connection in `time-wait` has closed: nobody but the kernel keeps it.

mod gathered;

use crate::model::{Event, EventKind, Process, Snapshot, Socket, SocketKey, State, Text};
pub use gathered::gathered;
use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use std::sync::Arc;

/// One thing that happened to a socket.
#[derive(Debug, Clone)]
pub struct Change {
    /// What.
    pub kind: EventKind,
    /// The socket after it; one that has closed as it was last seen, with its last counters where they are known.
    pub socket: Arc<Socket>,
    /// More, as a sentence.
    pub detail: Option<Text>,
}

/// What the recorder begins with: every socket of its first snapshot opens.
pub fn beginning(now: &Snapshot) -> Vec<Event> {
    let mut changes = vec![];
    each_once(&now.sockets).for_each(|socket| opened(&mut changes, socket));
    let mut events = vec![Event::of_recorder(EventKind::Began, now.taken_at)];
    events.extend(changes.iter().map(|change| event(now.taken_at, change)));
    events
}

/// What happened to sockets from `before` to `now`, in the order of the snapshots: first what closed.
pub fn changes(before: &Snapshot, now: &Snapshot) -> Vec<Change> {
    let (mut closed, mut open) = apart(&before.sockets, &now.sockets);
    let is_unique = |socket: &&&Arc<Socket>| matches!(socket.key(), SocketKey::Cookie(_));
    if before.extent != now.extent {
        // Of what only one of them was to show, nobody knows when it began or ended.
        closed.retain(|socket| now.extent.covers(&socket.raw));
        open.retain(|socket| before.extent.covers(&socket.raw));
        return between(&closed, &open, now);
    }
    if closed.iter().chain(&open).all(|socket| is_unique(&socket)) {
        return between(&closed, &open, now);
    }
    // Another socket of the same key may be among those that are the same.
    let all = |snapshot| Vec::from_iter(snapshot);
    between(&all(&before.sockets), &all(&now.sockets), now)
}

/// How far apart two lists may be before a socket is taken for another one.
const NEAR: usize = 8;

/// The sockets that are only in one of the two lists, or not as they were, each in its order: the lists keep theirs.
///
/// What is as it was is left out here, before anything is put into a map: after the second snapshot that is every
/// socket, each with rates that it had not before.
fn apart<'a>(
    before: &'a [Arc<Socket>],
    now: &'a [Arc<Socket>],
) -> (Vec<&'a Arc<Socket>>, Vec<&'a Arc<Socket>>) {
    let (mut closed, mut open) = (vec![], vec![]);
    let (mut before, mut now) = (before, now);
    while let ([one, rest_before @ ..], [other, rest_now @ ..]) = (before, now) {
        if is_as_it_was(one, other) {
            (before, now) = (rest_before, rest_now);
        } else if is_near(other, rest_before) {
            closed.push(one);
            before = rest_before;
        } else if is_near(one, rest_now) {
            open.push(other);
            now = rest_now;
        } else {
            closed.push(one);
            open.push(other);
            (before, now) = (rest_before, rest_now);
        }
    }
    closed.extend(before);
    open.extend(now);
    without_both(&mut closed, &mut open);
    (closed, open)
}

fn is_near(socket: &Arc<Socket>, list: &[Arc<Socket>]) -> bool {
    let mut near = list.iter().take(NEAR);
    near.any(|other| is_as_it_was(socket, other))
}

/// Whether `now` is the socket that was `before`, and nothing has happened to it but that it was counted again.
fn is_as_it_was(before: &Arc<Socket>, now: &Arc<Socket>) -> bool {
    let owner = |socket: &Socket| socket.owner().map(|process| process.key);
    Arc::ptr_eq(before, now)
        || before.key() == now.key()
            && matches!(now.key(), SocketKey::Cookie(_))
            && before.raw.state == now.raw.state
            && Arc::ptr_eq(&before.assessment, &now.assessment)
            && owner(before) == owner(now)
}

/// Takes out of both lists what is in both, in whatever place.
fn without_both(closed: &mut Vec<&Arc<Socket>>, open: &mut Vec<&Arc<Socket>>) {
    if closed.is_empty() || open.is_empty() {
        return;
    }
    let place = |socket: &&Arc<Socket>| Arc::as_ptr(socket).addr();
    let closing: HashSet<usize> = closed.iter().map(place).collect();
    let opening: HashSet<usize> = open.iter().map(place).collect();
    closed.retain(|socket| !opening.contains(&place(socket)));
    open.retain(|socket| !closing.contains(&place(socket)));
}

fn between(before: &[&Arc<Socket>], now: &[&Arc<Socket>], told: &Snapshot) -> Vec<Change> {
    let mut changes = vec![];
    let (before, now) = (before.iter().copied(), now.iter().copied());
    let ended = told.ended.iter();
    let ended: HashMap<SocketKey, &Arc<Socket>> =
        ended.map(|socket| (socket.key(), socket)).collect();
    let known: HashMap<SocketKey, &Arc<Socket>> = each_once(before.clone())
        .map(|socket| (socket.key(), socket))
        .collect();
    let open: HashSet<SocketKey> = each_once(now.clone()).map(|socket| socket.key()).collect();
    let gone = each_once(before).filter(|socket| !open.contains(&socket.key()));
    changes.extend(gone.map(|socket| match ended.get(&socket.key()) {
        Some(last) => change(EventKind::Closed, last, moved(last).as_deref()),
        None => change(EventKind::Closed, socket, None),
    }));
    for socket in &told.short_lived {
        found(&mut changes, socket);
        changes.push(change(EventKind::Closed, socket, Some(&passing(socket))));
    }
    for socket in each_once(now) {
        match known.get(&socket.key()) {
            None => opened(&mut changes, socket),
            Some(before) if Arc::ptr_eq(before, socket) => {}
            Some(before) => changed(&mut changes, before, socket),
        }
    }
    changes
}

/// The open sockets of a snapshot. Where a source knows no cookie, two can share a key: then the first.
fn each_once<'a>(
    sockets: impl IntoIterator<Item = &'a Arc<Socket>>,
) -> impl Iterator<Item = &'a Arc<Socket>> {
    let mut seen = HashSet::new();
    let open = sockets
        .into_iter()
        .filter(|socket| socket.raw.state != State::TimeWait);
    open.filter(move |socket| seen.insert(socket.key()))
}

fn opened(changes: &mut Vec<Change>, socket: &Arc<Socket>) {
    let detail = socket.before_us.then_some("was open when we began to look");
    changes.push(change(EventKind::Opened, socket, detail));
    found(changes, socket);
}

fn found(changes: &mut Vec<Change>, socket: &Arc<Socket>) {
    let findings = socket.assessment.findings.iter();
    changes.extend(findings.map(|one| change(EventKind::Finding, socket, Some(&one.title))));
}

/// What became of a socket that nobody saw.
fn passing(socket: &Socket) -> String {
    if socket.raw.never_connected() {
        return format!("{PASSING}, and got no connection");
    }
    match moved(socket) {
        Some(bytes) => format!("{PASSING}: {bytes}"),
        None => PASSING.to_owned(),
    }
}

/// Says of a socket that it opened and closed since the look before.
const PASSING: &str = "came and went between two looks";

/// The bytes of a connection in all.
fn moved(socket: &Socket) -> Option<String> {
    let tcp = socket.raw.tcp()?;
    Some(in_words(tcp.bytes_received()?, tcp.sent()?))
}

fn in_words(received: u64, sent: u64) -> String {
    let bytes = |count: u64| match count {
        1 => "1 byte".to_owned(),
        _ => format!("{count} bytes"),
    };
    format!("{} received, {} sent", bytes(received), bytes(sent))
}

fn changed(changes: &mut Vec<Change>, before: &Socket, now: &Arc<Socket>) {
    let states = (before.raw.state, now.raw.state);
    if states.0 != states.1 {
        let detail = format!("{} to {}", states.0.name(), states.1.name());
        changes.push(change(EventKind::State, now, Some(&detail)));
    }
    if let Some(detail) = new_owner(before.owner(), now.owner()) {
        changes.push(change(EventKind::Owner, now, Some(&detail)));
    }
    if Arc::ptr_eq(&before.assessment, &now.assessment) {
        return;
    }
    let found = |socket: &Socket, rule| {
        let mut findings = socket.assessment.findings.iter();
        findings.any(|one| one.rule == rule)
    };
    for one in &now.assessment.findings {
        if !found(before, one.rule) {
            changes.push(change(EventKind::Finding, now, Some(&one.title)));
        }
    }
    for one in &before.assessment.findings {
        if !found(now, one.rule) {
            changes.push(change(EventKind::Cleared, now, Some(&one.title)));
        }
    }
}

fn change(kind: EventKind, socket: &Arc<Socket>, detail: Option<&str>) -> Change {
    Change {
        kind,
        socket: Arc::clone(socket),
        detail: detail.map(Text::from),
    }
}

/// Says who holds a socket now in place of whom. Children that share it change nothing, and an owner
/// who has gone is told by the state.
fn new_owner(before: Option<&Arc<Process>>, now: Option<&Arc<Process>>) -> Option<String> {
    let now = now?;
    if before.is_some_and(|before| before.key == now.key) {
        return None;
    }
    let name = |process: &Arc<Process>| format!("{} {}", process.name, process.key.pid);
    let before = before.map_or_else(|| "nobody visible".to_owned(), name);
    Some(format!("{before} to {}", name(now)))
}

/// A change as an event that can be kept.
pub fn event(at: Timestamp, change: &Change) -> Event {
    of_socket(at, change.kind, &change.socket, change.detail.clone())
}

/// An event about `socket`, with everything that is known of it.
pub fn of_socket(at: Timestamp, kind: EventKind, socket: &Socket, detail: Option<Text>) -> Event {
    let owner = socket.owner();
    let executable = owner.and_then(|process| process.executable.known());
    let service = socket.service.and_then(|service| service.label());
    Event {
        at,
        kind,
        socket: Text::from(socket.key().to_string()),
        protocol: socket.raw.protocol,
        local: socket.raw.local(),
        peer: socket.raw.peer(),
        state: Some(socket.raw.state),
        direction: Some(socket.direction),
        user: socket.user.clone(),
        program: owner.map(|process| process.name.clone()),
        pid: owner.map(|process| process.key.pid),
        exe: executable.map(|executable| executable.path.clone()),
        service: service.map(Text::from),
        verdict: Some(socket.assessment.verdict),
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Severity, Verdict, fixture};

    #[test]
    fn a_socket_that_was_only_counted_again_is_left_out_at_once() {
        let all: Vec<_> = (0..40_u16)
            .map(|at| fixture::udp(at).cookie(u64::from(at)).build())
            .map(Arc::new)
            .collect();
        let mut counted: Vec<_> = all.iter().map(|one| Arc::new(Socket::clone(one))).collect();
        let came = Arc::new(fixture::udp(99).cookie(99).build());
        counted.remove(30);
        counted.insert(20, Arc::clone(&came));
        let (closed, open) = apart(&all, &counted);
        let is_only = |list: &[&Arc<Socket>], one| matches!(list, [only] if Arc::ptr_eq(only, one));
        assert!(is_only(&closed, &all[30]) && is_only(&open, &came));
    }

    #[test]
    fn the_same_socket_in_another_place_is_no_event() {
        let cookie = |number| Arc::new(fixture::udp(53).cookie(number).build());
        let all: Vec<_> = (0..40).map(cookie).collect();
        let with = |sockets: Vec<Arc<Socket>>| Snapshot {
            sockets,
            ..fixture::snapshot(vec![])
        };
        let reversed = all.iter().rev().cloned().collect();
        assert_eq!(changes(&with(all.clone()), &with(reversed)).len(), 0);
        let mut moved = all.clone();
        moved.rotate_left(20);
        moved.remove(3);
        moved.insert(30, cookie(99));
        let changes = changes(&with(all), &with(moved));
        let told: Vec<_> = changes
            .iter()
            .map(|one| (one.kind, one.socket.key()))
            .collect();
        let closed = (EventKind::Closed, SocketKey::Cookie(23));
        assert_eq!(told, [closed, (EventKind::Opened, SocketKey::Cookie(99))]);
    }

    fn kinds(events: &[Event]) -> Vec<&'static str> {
        events.iter().map(|event| event.kind.name()).collect()
    }

    fn between(before: Vec<Socket>, now: Vec<Socket>) -> Vec<Event> {
        let (before, now) = (fixture::snapshot(before), fixture::snapshot(now));
        let changes = changes(&before, &now);
        let at = now.taken_at;
        changes.iter().map(|change| event(at, change)).collect()
    }

    #[test]
    fn the_first_snapshot_begins_and_opens_everything() {
        let web = fixture::listener(80).owned_by("nginx", 7).build();
        let odd = fixture::listener(1587)
            .finding("obscure-port", Severity::High)
            .build();
        let events = beginning(&fixture::snapshot(vec![web, odd]));
        assert_eq!(kinds(&events), ["began", "opened", "opened", "finding"]);
        let [_, web, _, finding] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((web.local.port, web.pid), (80, Some(7)));
        assert_eq!(web.program, Some(Text::from("nginx")));
        assert_eq!(web.exe, Some(Text::from("/usr/bin/nginx")));
        assert_eq!(web.state, Some(State::Listen));
        assert_eq!(
            web.detail.as_deref(),
            Some("was open when we began to look")
        );
        assert_eq!(finding.detail.as_deref(), Some("obscure port"));
        assert_eq!(finding.verdict, Some(Verdict::Suspicious));
    }

    #[test]
    fn nothing_happened_when_nothing_changed() {
        let sockets = || {
            let web = fixture::listener(80).owned_by("nginx", 7);
            vec![
                web.finding("plaintext", Severity::Low).build(),
                fixture::udp(53).build(),
            ]
        };
        assert_eq!(between(sockets(), sockets()), []);
    }

    #[test]
    fn what_went_closes_before_what_came_opens() {
        let events = between(
            vec![fixture::listener(80).build(), fixture::udp(53).build()],
            vec![
                fixture::listener(1587).age(0).build(),
                fixture::udp(53).build(),
            ],
        );
        assert_eq!(kinds(&events), ["closed", "opened"]);
        assert_eq!((events[0].local.port, events[1].local.port), (80, 1587));
        assert_eq!(events[1].detail, None);
    }

    #[test]
    fn a_change_of_state_says_from_what_to_what() {
        let in_state = |state| {
            let one = fixture::connection("10.0.0.5:43210", "192.0.2.7:443");
            vec![one.state(state).build()]
        };
        let events = between(in_state(State::SynSent), in_state(State::Established));
        assert_eq!(kinds(&events), ["state"]);
        assert_eq!(events[0].detail.as_deref(), Some("syn-sent to established"));
        assert_eq!(events[0].state, Some(State::Established));
    }

    #[test]
    fn a_connection_closes_when_only_the_kernel_keeps_it() {
        let in_state = |state| {
            let one = fixture::connection("10.0.0.5:43210", "192.0.2.7:443");
            vec![one.state(state).owned_by("curl", 7).build()]
        };
        let events = between(in_state(State::Established), in_state(State::TimeWait));
        assert_eq!(kinds(&events), ["closed"]);
        assert_eq!(events[0].pid, Some(7));
        assert_eq!(between(in_state(State::TimeWait), vec![]), []);
        assert_eq!(between(vec![], in_state(State::TimeWait)), []);
    }

    #[test]
    fn a_child_that_shares_a_socket_is_no_new_owner() {
        let alone = fixture::listener(22).owned_by("sshd", 5).build();
        let shared = fixture::listener(22)
            .owned_by("sshd", 5)
            .owned_by("sshd", 9)
            .build();
        let handed_over = fixture::listener(22).owned_by("sshd", 9).build();
        let hidden = fixture::listener(22).build();
        assert_eq!(between(vec![alone], vec![shared.clone()]), []);
        let events = between(vec![shared], vec![handed_over.clone()]);
        assert_eq!(kinds(&events), ["owner"]);
        assert_eq!(events[0].detail.as_deref(), Some("sshd 5 to sshd 9"));
        assert_eq!(between(vec![handed_over], vec![hidden]), []);
    }

    #[test]
    fn findings_come_and_are_cleared_by_their_rule() {
        let with = |rule| {
            let one = fixture::listener(1587);
            vec![one.finding(rule, Severity::Low).build()]
        };
        let events = between(with("obscure-port"), with("wrong-program"));
        assert_eq!(kinds(&events), ["finding", "cleared"]);
        assert_eq!(events[0].detail.as_deref(), Some("wrong program"));
        assert_eq!(events[1].detail.as_deref(), Some("obscure port"));
    }

    #[test]
    fn two_sockets_of_one_key_open_once() {
        let twins = vec![fixture::udp(53).build(), fixture::udp(53).build()];
        let begun = beginning(&fixture::snapshot(twins.clone()));
        assert_eq!(kinds(&begun), ["began", "opened"]);
        assert_eq!(between(twins.clone(), twins), []);
    }
}
