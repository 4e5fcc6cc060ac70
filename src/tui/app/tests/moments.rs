//! The timeline: which moments its picture shows, and how one goes to them.

use super::*;
use crate::tui::action::View;

/// A minute a sample, for an hour and a half; every ten minutes a listener more.
fn long_watched() -> App {
    let mut app = empty_app(140, 36);
    // Nothing can have happened before the first sample.
    for sample in 0..=91_u16 {
        let minute = sample.saturating_sub(1);
        let sockets = (0..=minute / 10).map(|at| web(1000 + at)).collect();
        let mut snapshot = fixture::snapshot(sockets);
        snapshot.taken_at = fixture::NOW + SignedDuration::from_mins(i64::from(minute));
        snapshot.elapsed = Duration::from_secs(u64::from(sample) * 60);
        show(&mut app, snapshot);
    }
    app.show(View::Timeline);
    app.settle();
    app
}

fn port(app: &App) -> u16 {
    app.timeline.selected().unwrap().socket.raw.local().port
}

/// When the picture begins, in minutes since the first sample, and how many it shows.
fn shown(app: &App) -> (i64, i64) {
    let scale = app.scale(140).unwrap();
    let begins = scale.begins - fixture::NOW.as_second();
    (begins / 60, scale.span / 60)
}

fn go_to(app: &mut App, text: &str) {
    press(app, KeyCode::Char('g'));
    type_text(app, text);
    press(app, KeyCode::Enter);
    app.settle();
}

#[test]
fn the_picture_shows_a_shorter_time_and_a_longer_one() {
    let mut app = long_watched();
    assert_eq!(shown(&app), (0, 90));
    press(&mut app, KeyCode::Char('+'));
    assert_eq!(shown(&app), (30, 60));
    assert_eq!(app.said.as_deref(), Some("last 1 h"));
    for _ in 0..3 {
        press(&mut app, KeyCode::Char('='));
    }
    assert_eq!(shown(&app), (89, 1));
    assert!(!app.can(Action::Closer));
    for _ in 0..4 {
        press(&mut app, KeyCode::Char('-'));
    }
    assert_eq!(shown(&app), (0, 90));
    assert!(!app.can(Action::Further));
}

#[test]
fn the_picture_goes_where_the_selection_is() {
    let mut app = long_watched();
    press(&mut app, KeyCode::Char('+'));
    press(&mut app, KeyCode::Char('+'));
    assert_eq!((port(&app), shown(&app)), (1009, (75, 15)));
    // The event before is out of sight, and is walked to all the same.
    press(&mut app, KeyCode::Left);
    assert_eq!(port(&app), 1008);
    press(&mut app, KeyCode::Left);
    assert_eq!((port(&app), shown(&app)), (1007, (62, 15)));
    // Nor is it said of a time that has passed that it is the last one.
    let span = |app: &App| app.scale(140).unwrap().span_in_words();
    assert_eq!(span(&app), "15 m");
    press(&mut app, KeyCode::Home);
    assert_eq!(span(&app), "last 15 m");
    press(&mut app, KeyCode::End);
    let (begins, span) = shown(&app);
    let selected = app.timeline.selected().unwrap().at;
    assert!(app.scale(140).unwrap().column(selected).is_some());
    assert!(begins >= 0 && span == 15, "{begins} {span}");
}

#[test]
fn g_asks_for_a_time_and_goes_to_what_had_happened_by_then() {
    let mut app = long_watched();
    go_to(&mut app, "35m");
    assert_eq!(port(&app), 1005);
    go_to(&mut app, "20m ago");
    assert_eq!(port(&app), 1007);
    // Before everything: the oldest.
    go_to(&mut app, "2d");
    assert_eq!(port(&app), 1001);
    assert_eq!(app.said.as_deref(), Some("the oldest that is kept"));
    go_to(&mut app, "soon");
    let Mode::Moment(asking) = &app.mode else {
        panic!("{:?}", app.mode);
    };
    assert!(asking.is_wrong);
    press(&mut app, KeyCode::Esc);
    assert!(matches!(app.mode, Mode::Browse));
    assert_eq!(port(&app), 1001);
}

#[test]
fn going_to_a_time_when_nothing_has_happened_says_so() {
    let mut app = app(140, 36, vec![web(80)]);
    app.show(View::Timeline);
    app.settle();
    press(&mut app, KeyCode::Char('g'));
    type_text(&mut app, "23:14");
    assert_eq!(app.view, View::Timeline, "what is typed is no key");
    press(&mut app, KeyCode::Enter);
    assert!(matches!(app.mode, Mode::Browse));
    assert_eq!(app.said.as_deref(), Some("nothing has happened yet"));
    let mut app = long_watched();
    // While the time is typed, a filter that finds nothing takes the rows away.
    press(&mut app, KeyCode::Char('g'));
    type_text(&mut app, "5m");
    app.set_filter("port:9");
    press(&mut app, KeyCode::Enter);
    assert!(matches!(app.mode, Mode::Browse));
    assert_eq!(app.said.as_deref(), Some("no event is shown to go to"));
}

#[test]
fn each_row_knows_how_long_after_the_one_before_it_was() {
    let app = long_watched();
    let rows = &app.timeline.list.rows;
    let apart = |at: usize| app.timeline.since_before(rows[at]);
    assert_eq!(apart(0), Some(Duration::from_mins(10)));
    assert_eq!(apart(rows.len() - 1), None);
}

#[test]
fn g_on_the_page_of_a_port_asks_for_another() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Char('g'));
    assert!(matches!(app.mode, Mode::Search));
    type_text(&mut app, "submission");
    press(&mut app, KeyCode::Enter);
    let subject = &app.page().unwrap().subject;
    assert!(
        matches!(subject, page::Subject::Port(587, _)),
        "{subject:?}"
    );
}

#[test]
fn a_key_that_can_do_nothing_says_why() {
    let mut hidden = app(80, 24, vec![fixture::listener(631).build()]);
    for (key, words) in [
        ('p', "its owner is not visible; ! says how to see it"),
        ('x', "its owner is not visible; ! says how to see it"),
        ('K', "only an open TCP connection"),
        ('a', "nothing was found here"),
        ('U', "nothing was accepted"),
    ] {
        press(&mut hidden, KeyCode::Char(key));
        let said = hidden.said.clone().unwrap_or_default();
        assert!(said.starts_with(words), "{key}: {said:?}");
    }
    let mut all = long_watched();
    press(&mut all, KeyCode::Char('-'));
    assert_eq!(all.said.as_deref(), Some("this is all the time there is"));
}

#[test]
fn a_key_of_another_place_says_where_it_works() {
    let mut app = app(80, 24, vec![web(80)]);
    let said = |app: &mut App, key| {
        assert_eq!(press(app, key), None);
        app.said.clone().unwrap_or_default()
    };
    for (key, words) in [
        ('A', "A works in Findings: "),
        ('v', "v works on the page of a process: "),
        (
            '(',
            "( works on the page of a port, on the page of a process",
        ),
    ] {
        let said = said(&mut app, KeyCode::Char(key));
        assert!(said.starts_with(words), "{said:?}");
    }
    assert_eq!(said(&mut app, KeyCode::Char('ß')), "");
    press(&mut app, KeyCode::Char('p'));
    let said = said(&mut app, KeyCode::Char('C'));
    assert!(said.starts_with("C works in Sockets: "), "{said:?}");
}
