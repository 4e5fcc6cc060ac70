//! What is read for a page while it is open, besides the snapshots.

use super::*;
use crate::model::{
    Connection,
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
