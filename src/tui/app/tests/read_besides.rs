//! What is read for a page while it is open, besides the snapshots.

use super::*;
use crate::model::{
    Connection, Direction, Event, EventKind, Gap, Past, Started,
    connection::{Numbers, Waits},
};

fn connection() -> Socket {
    fixture::connection("10.0.0.5:38870", "192.0.2.77:443")
        .cookie(7)
        .build()
}

/// A snapshot of it, so many milliseconds after the first.
fn after(milliseconds: u64) -> Snapshot {
    let mut snapshot = fixture::snapshot(vec![connection()]);
    snapshot.elapsed += Duration::from_millis(milliseconds);
    snapshot
}

fn on_its_page() -> App {
    let mut app = app(120, 36, vec![connection()]);
    press(&mut app, KeyCode::Enter);
    app
}

/// What the kernel tells at this second, of which the connection was busy for so many milliseconds.
fn told(second: u64, busy: u64) -> Message {
    let numbers = Numbers {
        waits: Some(Waits {
            busy: Duration::from_millis(busy),
            receiver: Duration::from_millis(busy),
            ..Waits::default()
        }),
        ..Numbers::default()
    };
    let connection = Connection {
        read_at: Duration::from_secs(second),
        timer: None,
        unread: 0,
        unsent: 0,
        buffers: None,
        congestion: None,
        tcp: Some(Box::new(numbers)),
    };
    Message::Measured(self::connection().key(), Fact::Known(Box::new(connection)))
}

fn text(app: &App) -> String {
    let sheet = app.sheet().unwrap();
    let lines = sheet.main.iter().chain(&sheet.side);
    lines.map(|line| line.plain() + "\n").collect()
}

#[test]
fn the_connection_of_a_page_is_asked_for_each_second_and_one_at_a_time() {
    let mut app = app(120, 36, vec![connection()]);
    assert!(app.next_question().is_none());
    press(&mut app, KeyCode::Enter);
    assert!(matches!(
        app.next_question(),
        Some(Question::Connection(socket)) if socket.key() == connection().key()
    ));
    show(&mut app, after(2000));
    assert!(app.next_question().is_none(), "the first is not answered");
    assert_eq!(app.update(told(1, 0)), None);
    assert!(app.next_question().is_some());
    assert_eq!(app.update(told(2, 0)), None);
    show(&mut app, after(2400));
    assert!(app.next_question().is_none(), "it is fresh");
    show(&mut app, after(2990));
    assert!(app.next_question().is_some());
}

#[test]
fn nothing_is_asked_about_what_has_nothing_to_tell_or_was_recorded() {
    let mut app = app(120, 36, vec![fixture::udp(53).build()]);
    press(&mut app, KeyCode::Char('c'));
    assert!(app.page().is_some() && app.next_question().is_none());
    let mut app = on_its_page();
    app.setup.recording = Some(Text::from("x"));
    assert!(app.next_question().is_none());
    app.forget_lines();
    assert!(text(&app).contains("a recording has no more than this"));
}

#[test]
fn what_limits_a_connection_is_told_of_the_last_seconds() {
    let mut app = on_its_page();
    assert!(text(&app).contains("being asked"));
    let limited = |app: &App| {
        let text = text(app);
        let line = text.lines().find(|line| line.starts_with("Limited by"));
        let next = text
            .lines()
            .skip_while(|line| !line.starts_with("Limited by"));
        let next = next.skip(1).take_while(|line| line.starts_with(' '));
        let rest: Vec<_> = next.map(str::trim).collect();
        format!("{} {}", line.unwrap().trim_end(), rest.join(" "))
    };
    assert_eq!(app.update(told(100, 0)), None);
    assert!(limited(&app).contains("never had anything to send"));
    assert_eq!(app.update(told(101, 250)), None);
    let told_of = limited(&app);
    assert!(told_of.contains("application 75 %"), "{told_of}");
    assert!(told_of.contains("receiver 25 %"), "{told_of}");
    assert!(told_of.contains("(last 1.0 s)"), "{told_of}");
    // It is busy from now on: what was before the last ten seconds does not count any more.
    for second in 102..=112 {
        let busy = 250 + (second - 101) * 1000;
        assert_eq!(app.update(told(second, busy)), None);
    }
    let told_of = limited(&app);
    assert!(told_of.contains("receiver 100 %"), "{told_of}");
    assert!(told_of.contains("(last 10 s)"), "{told_of}");
    for none in ["application", "sender", "network"] {
        assert!(!told_of.contains(none), "{told_of}");
    }
}

#[test]
fn what_was_told_last_stays_when_the_connection_is_gone() {
    let mut app = on_its_page();
    let gone = || Message::Measured(connection().key(), Fact::Unknown(Unseen::Gone));
    assert_eq!(app.update(gone()), None);
    assert!(text(&app).contains("it had closed before it was asked for"));
    assert_eq!(app.update(told(1, 0)), None);
    assert_eq!(app.update(gone()), None);
    assert!(text(&app).contains("mss 0"), "{}", text(&app));
}

#[test]
fn an_answer_about_another_page_is_left_alone() {
    let mut app = on_its_page();
    press(&mut app, KeyCode::Esc);
    assert_eq!(app.update(told(1, 0)), None);
    assert!(app.page().is_none());
}

/// A listener on 1587 of this process, first seen so many seconds before now.
fn listener(program: &str, pid: u32, seconds: i64) -> Socket {
    let socket = fixture::listener(1587).cookie(pid.into());
    socket.owned_by(program, pid).age(seconds).build()
}

/// What the history has of a listener on 1587, so many seconds before now.
fn event(seconds: i64, kind: EventKind, program: &str, pid: u32) -> Event {
    Event {
        local: fixture::endpoint("0.0.0.0:1587"),
        direction: Some(Direction::Listen),
        program: Some(Text::from(program)),
        pid: Some(pid),
        ..Event::of_recorder(kind, fixture::NOW - SignedDuration::from_secs(seconds))
    }
}

#[test]
fn the_page_of_a_port_tells_who_had_it_before_from_the_history_and_from_memory() {
    let at = |seconds: u64, sockets: Vec<Socket>| {
        let mut snapshot = fixture::snapshot(sockets);
        snapshot.elapsed += Duration::from_secs(seconds);
        snapshot.taken_at += SignedDuration::from_secs(i64::try_from(seconds).unwrap());
        snapshot
    };
    let mut app = empty_app(160, 45);
    show(&mut app, at(0, vec![listener("python3", 30119, 5)]));
    show(&mut app, at(1, vec![listener("python3", 30119, 5)]));
    press(&mut app, KeyCode::Enter);
    let Some(Question::Port(1587, since)) = app.next_question() else {
        panic!("the history of the port is asked for");
    };
    assert_eq!(
        since,
        fixture::NOW + SignedDuration::from_secs(1) - SignedDuration::from_hours(24)
    );
    assert!(
        text(&app).contains("never (first seen 11:06:35)"),
        "{}",
        text(&app)
    );
    // Nobody recorded.
    assert_eq!(app.update(Message::Remembered(1587, None)), None);
    assert!(
        text(&app).contains("Seen before, since 11:06:40"),
        "{}",
        text(&app)
    );
    assert!(text(&app).contains("portwise record"));
    // The history knows of two, the one who has it now among them.
    let past = Past {
        events: vec![
            event(7200, EventKind::Opened, "exim4", 900),
            event(3600, EventKind::Closed, "exim4", 900),
            event(5, EventKind::Opened, "python3", 30119),
            // What memory has as well counts once.
            event(-4, EventKind::Closed, "python3", 30119),
        ],
        since,
        gaps: vec![],
    };
    let gaps = Past {
        gaps: vec![Gap {
            from: fixture::NOW - SignedDuration::from_mins(20),
            until: None,
        }],
        ..past.clone()
    };
    assert_eq!(app.update(Message::Remembered(1587, Some(gaps))), None);
    let told = text(&app);
    assert!(told.contains("Seen before, last 24 h, with gaps"), "{told}");
    // Whoever recorded then was killed; from its beginning on the dashboard has seen everything.
    let gap = "not known to be recorded: from 10:46:40 to 11:06:40";
    assert!(told.contains(gap), "{told}");
    assert_eq!(app.update(Message::Remembered(1587, Some(past))), None);
    let told = text(&app);
    assert!(told.contains("Seen before, last 24 h"), "{told}");
    assert!(!told.contains("gaps"), "{told}");
    assert!(
        told.contains("tcp exim4 900  09:06:40 to 10:06:40 (1 h ago)"),
        "{told}"
    );
    let before = told
        .lines()
        .skip_while(|line| !line.starts_with("Seen before"));
    let mut before = before.take_while(|line| !line.starts_with("Why"));
    assert!(before.all(|line| !line.contains("python3")), "{told}");
    // It leaves while somebody looks.
    show(&mut app, at(6, vec![]));
    let told = text(&app);
    let line = "tcp python3 30119  11:06:35 to 11:06:46 (0 s ago)";
    assert!(told.contains(line), "{told}");
    assert!(!told.contains("never"), "{told}");
}

#[test]
fn ports_that_are_walked_past_are_read_one_at_a_time() {
    let mut app = empty_app(120, 36);
    show(&mut app, after(0));
    let on_page_of = |app: &mut App, port| {
        app.pages = vec![Page::new(page::Subject::Port(port, None))];
        app.next_question()
    };
    assert!(matches!(
        on_page_of(&mut app, 80),
        Some(Question::Port(80, _))
    ));
    assert!(on_page_of(&mut app, 81).is_none());
    assert!(on_page_of(&mut app, 82).is_none());
    // Nobody looks at the first any more; the second was never asked for.
    assert_eq!(app.update(Message::Remembered(80, None)), None);
    assert!(matches!(app.next_question(), Some(Question::Port(82, _))));
}

#[test]
fn a_page_below_another_one_of_the_same_is_read_when_it_is_seen_again() {
    let mut app = app(120, 36, vec![listener("sshd", 812, 5)]);
    press(&mut app, KeyCode::Char('p'));
    let Some(Question::Process(process)) = app.next_question() else {
        panic!("the process is asked for");
    };
    app.pages
        .push(Page::new(page::Subject::Process(Arc::clone(&process))));
    assert!(matches!(app.next_question(), Some(Question::Process(_))));
    let answer = || {
        let inspection = Inspection::unseen(process.key, Unseen::NotPermitted);
        Message::Inspected(Box::new(inspection), None)
    };
    assert_eq!(app.update(answer()), None);
    assert_eq!(app.update(answer()), None);
    assert!(app.pages[1].looked.inspection.is_some());
    app.pages.pop();
    assert!(matches!(app.next_question(), Some(Question::Process(_))));
}

#[test]
fn a_connection_that_has_closed_is_not_asked_for_again() {
    let mut app = on_its_page();
    assert!(app.next_question().is_some());
    assert_eq!(app.update(told(1, 0)), None);
    let closed = || {
        let mut socket = connection();
        socket.closed_at = Some(fixture::NOW);
        socket
    };
    let mut gone = after(5000);
    gone.sockets = vec![];
    gone.closed = vec![Arc::new(closed())];
    show(&mut app, gone);
    assert!(app.next_question().is_none());
    assert!(text(&app).contains("mss 0"), "{}", text(&app));
    // One that is looked at only now.
    app.pages = vec![Page::new(page::Subject::Socket(Arc::new(closed())))];
    app.forget_lines();
    let told = text(&app);
    assert!(
        told.contains("it had closed before it was asked for"),
        "{told}"
    );
}

#[test]
fn who_had_a_port_on_another_day_is_told_with_the_day() {
    let mut app = empty_app(160, 45);
    show(&mut app, fixture::snapshot(vec![]));
    let mut later = fixture::snapshot(vec![]);
    later.taken_at += SignedDuration::from_hours(1);
    show(&mut app, later.clone());
    app.pages = vec![Page::new(page::Subject::Port(1587, None))];
    assert!(app.next_question().is_some());
    let past = Past {
        events: vec![
            event(3 * 86_400, EventKind::Opened, "exim4", 900),
            event(3 * 86_400 - 60, EventKind::Closed, "exim4", 900),
            event(86_400, EventKind::Opened, "postfix", 901),
            event(60, EventKind::Closed, "postfix", 901),
        ],
        since: fixture::NOW - SignedDuration::from_hours(96),
        gaps: vec![],
    };
    assert_eq!(app.update(Message::Remembered(1587, Some(past))), None);
    let told = text(&app);
    let today = fixture::NOW.to_zoned(app.setup.zone.clone()).date();
    let day = |ago: i64| (today - SignedDuration::from_hours(24 * ago)).to_string();
    for words in [
        format!("Seen before, since {} 11:06:40", day(4)),
        format!("exim4 900  {} 11:06:40 to 11:07:40 (3 d ago)", day(3)),
        format!("postfix 901  {} 11:06:40 to {today} 11:05:40", day(1)),
    ] {
        assert!(told.contains(&words), "{words}: {told}");
    }
}

/// On the page of a process of which everything was asked, with these lines of the journal.
fn with_journal(told: Fact<Vec<Text>>) -> App {
    let mut app = app(120, 36, vec![listener("sshd", 812, 5)]);
    press(&mut app, KeyCode::Char('p'));
    assert!(matches!(app.next_question(), Some(Question::Process(_))));
    let Some(Question::Journal(process)) = app.next_question() else {
        panic!("the journal is asked for");
    };
    assert!(text(&app).contains("being read"));
    assert_eq!(app.update(Message::Journal(process.key, told)), None);
    app
}

#[test]
fn the_page_of_a_process_tells_the_last_lines_of_its_journal_without_secrets() {
    let lines = [
        "Nov 22 sshd[812]: ready",
        "Nov 22 app[812]: psql postgres://me:hunter2@db/x",
    ];
    let mut app = with_journal(Fact::Known(lines.map(Text::from).to_vec()));
    assert!(
        text(&app).contains("  Nov 22 sshd[812]: ready"),
        "{}",
        text(&app)
    );
    assert!(!text(&app).contains("hunter2"), "{}", text(&app));
    press(&mut app, KeyCode::Char('v'));
    assert!(text(&app).contains("hunter2"), "{}", text(&app));
    // Of a page that stays open it is asked for again, but not soon.
    let mut later = fixture::snapshot(vec![listener("sshd", 812, 5)]);
    later.elapsed += Duration::from_secs(29);
    show(&mut app, later.clone());
    assert!(app.next_question().is_none());
    later.elapsed += Duration::from_secs(2);
    show(&mut app, later);
    assert!(matches!(app.next_question(), Some(Question::Journal(_))));
}

#[test]
fn the_journal_of_a_process_that_is_gone_is_not_asked_for_and_what_it_told_stays() {
    let line = Text::from("Nov 22 sshd[812]: ready");
    let mut app = with_journal(Fact::Known(vec![line]));
    let key = app.page().and_then(Page::process).unwrap();
    // It went while it was asked about: its number may be another's.
    let gone = || Message::Journal(key, Fact::Unknown(Unseen::Gone));
    assert_eq!(app.update(gone()), None);
    assert!(text(&app).contains("sshd[812]: ready"), "{}", text(&app));
    let mut later = fixture::snapshot(vec![listener("other", 812, 5)]);
    for process in &mut later.processes {
        Arc::make_mut(process).key.started = Started::Ticks(u64::MAX);
    }
    later.elapsed += Duration::from_mins(1);
    assert!(later.process(key).is_none());
    show(&mut app, later.clone());
    while let Some(question) = app.next_question() {
        assert!(matches!(question, Question::Process(_)), "{question:?}");
    }
    // Of one that went before anything was told, that is said.
    let mut app = self::app(120, 36, vec![listener("sshd", 812, 5)]);
    press(&mut app, KeyCode::Char('p'));
    show(&mut app, later);
    assert!(
        text(&app).contains("it ended before it was read"),
        "{}",
        text(&app)
    );
    assert_eq!(app.update(gone()), None);
    assert!(
        text(&app).contains("it ended before it was read"),
        "{}",
        text(&app)
    );
}

#[test]
fn why_the_journal_tells_nothing_is_said() {
    for (told, said) in [
        (Fact::Known(vec![]), "no line of it since it began"),
        (Fact::Unknown(Unseen::NotSupported), "no journal here"),
        (Fact::Unknown(Unseen::NotPermitted), "journalctl refused"),
        (
            Fact::Unknown(Unseen::NotYet),
            "journalctl did not answer in time",
        ),
    ] {
        let app = with_journal(told);
        assert!(text(&app).contains(said), "{said}: {}", text(&app));
    }
}
