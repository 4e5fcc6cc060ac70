//! Findings and the lines of their sockets.

use super::*;
use crate::tui::{
    action::View,
    app::{listing::Row, page::Subject, stories::StoryLine},
};

/// A connection of `beacon` that something was found about.
fn call(port: u16, severity: Severity) -> Socket {
    fixture::connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443")
        .cookie(u64::from(port))
        .owned_by("beacon", 7)
        .finding("regular-beacon", severity)
        .build()
}

/// The findings: a program with `count` sockets, the worst of them the last, and one with one.
fn findings(count: u16) -> App {
    let mut sockets: Vec<_> = (1..count)
        .map(|port| call(port, Severity::Medium))
        .collect();
    sockets.push(call(count, Severity::High));
    let other = fixture::listener(8500).owned_by("consul", 9);
    sockets.push(other.finding("wrong-program", Severity::Medium).build());
    let mut app = app(80, 24, sockets);
    app.show(View::Findings);
    app.settle();
    app
}

/// Each line: a program, the port of a socket, or how many there are more.
fn lines(app: &App) -> Vec<String> {
    let lines = app.stories.list.rows.iter();
    let lines = lines.map(|line| match line {
        StoryLine::Story(story) => story.name(),
        StoryLine::Socket(_, socket, true) => format!("└{}", socket.raw.local().port),
        StoryLine::Socket(_, socket, false) => format!("├{}", socket.raw.local().port),
        StoryLine::Rest(_, line) => format!("…{line}"),
        StoryLine::More(_, count) => format!("+{count}"),
    });
    lines.collect()
}

fn selected_line(app: &App) -> String {
    lines(app)[app.stories.list.cursor()].clone()
}

#[test]
fn the_first_sockets_of_a_story_stand_below_it_the_worst_first() {
    let app = findings(15);
    assert_eq!(lines(&app), ["beacon", "├15", "├1", "├2", "+12", "consul"]);
    // One line that says that one is left out would take its room.
    assert_eq!(lines(&findings(4))[1..5], ["├4", "├1", "├2", "└3"]);
    assert_eq!(lines(&findings(2))[..3], ["beacon", "├2", "└1"]);
    assert_eq!(lines(&findings(1)), ["beacon", "consul"]);
}

#[test]
fn lines_are_folded_and_unfolded_and_the_selection_stays_with_its_story() {
    let mut app = findings(15);
    for _ in 0..2 {
        press(&mut app, KeyCode::Down);
    }
    assert_eq!(selected_line(&app), "├1");
    press(&mut app, KeyCode::Char('l'));
    assert_eq!(
        (lines(&app).len(), selected_line(&app)),
        (17, "├1".to_owned())
    );
    assert!(!app.can(Action::Unfold));
    press(&mut app, KeyCode::End);
    press(&mut app, KeyCode::Up);
    assert_eq!(selected_line(&app), "└14");
    press(&mut app, KeyCode::Char('h'));
    assert_eq!(
        (lines(&app).len(), selected_line(&app)),
        (6, "beacon".to_owned())
    );
    press(&mut app, KeyCode::Left);
    assert_eq!(lines(&app), ["beacon", "consul"]);
    assert!(!app.can(Action::Fold));
    press(&mut app, KeyCode::Right);
    assert_eq!(lines(&app).len(), 6);
}

#[test]
fn enter_opens_the_socket_of_the_line_and_shows_what_is_left_out() {
    let mut app = findings(15);
    press(&mut app, KeyCode::Down);
    press(&mut app, KeyCode::Down);
    press(&mut app, KeyCode::Enter);
    let Some(Subject::Socket(socket)) = app.page().map(|page| &page.subject) else {
        panic!("{:?}", app.pages);
    };
    assert_eq!(socket.raw.local().port, 1);
    press(&mut app, KeyCode::Esc);
    for _ in 0..2 {
        press(&mut app, KeyCode::Down);
    }
    assert_eq!(selected_line(&app), "+12");
    press(&mut app, KeyCode::Enter);
    assert_eq!(lines(&app).len(), 17);
    assert_eq!(
        selected_line(&app),
        "├3",
        "the first of those that were left out"
    );
}

#[test]
fn a_line_stays_selected_when_others_come_before_it() {
    let mut app = findings(5);
    for _ in 0..3 {
        press(&mut app, KeyCode::Down);
    }
    let before = app.stories.list.selected().map(Row::key);
    let mut sockets: Vec<_> = (1..5).map(|port| call(port, Severity::Medium)).collect();
    sockets.extend([call(5, Severity::High), web(80)]);
    sockets.push(
        fixture::listener(31390)
            .owned_by("kworkerd", 3)
            .finding("deleted-executable", Severity::High)
            .build(),
    );
    show(&mut app, fixture::snapshot(sockets));
    assert_eq!(app.stories.list.selected().map(Row::key), before);
}

#[test]
fn lines_are_bounded_however_many_sockets_a_story_has() {
    let mut app = findings(3000);
    press(&mut app, KeyCode::Right);
    assert_eq!(lines(&app).len(), 203);
    assert_eq!(lines(&app)[201], "+2800");
    assert!(!app.can(Action::Unfold));
}

#[test]
fn sockets_whose_owner_alone_is_hidden_are_in_no_story() {
    let hidden = |port| fixture::listener(port).finding("owner-not-visible", Severity::Info);
    let unknown = |port| hidden(port).verdict(Verdict::Unknown).build();
    let sockets = vec![
        unknown(22),
        unknown(80),
        fixture::listener(1587)
            .finding("obscure-port", Severity::Low)
            .build(),
    ];
    let mut app = app(80, 24, sockets);
    app.show(View::Findings);
    app.settle();
    let [StoryLine::Story(story)] = app.stories.list.rows.as_slice() else {
        panic!("{:?}", lines(&app));
    };
    let ports: Vec<_> = story
        .sockets
        .iter()
        .map(|socket| socket.raw.local().port)
        .collect();
    assert_eq!(ports, [1587]);
    assert!(
        app.notice()
            .is_some_and(|notice| notice.starts_with("3 of 3 sockets"))
    );
}

/// The findings of one program that says this, and another one.
fn saying(width: u16, title: &str) -> App {
    let mut app = app(width, 24, vec![]);
    app.show(View::Findings);
    show(&mut app, snapshot_of(0, title));
    app.settle();
    app
}

fn snapshot_of(second: u64, title: &str) -> Snapshot {
    let listener = fixture::listener(4444).owned_by("nc", 7);
    let mut told = listener.finding("shell-on-socket", Severity::High).build();
    let findings = &mut Arc::make_mut(&mut told.assessment).findings;
    findings[0].title = title.to_owned();
    let other = fixture::listener(8500).owned_by("consul", 9);
    let other = other.finding("wrong-program", Severity::Medium).build();
    let mut snapshot = fixture::snapshot(vec![told, other]);
    snapshot.elapsed = Duration::from_secs(second);
    snapshot
}

const LONG: &str = "nc hands a shell to whoever connects to 4444/tcp, which anybody on the network may do, since it listens on every address";

#[test]
fn a_sentence_takes_the_lines_that_it_needs_and_is_one_row() {
    let mut app = saying(80, LONG);
    assert_eq!(lines(&app), ["nc", "…1", "…2", "consul"]);
    press(&mut app, KeyCode::Down);
    assert_eq!(selected_line(&app), "consul");
    press(&mut app, KeyCode::Up);
    assert_eq!(selected_line(&app), "nc");
    drop(app.update(Message::Resized(Size::new(240, 50))));
    app.settle();
    assert_eq!(lines(&app), ["nc", "consul"], "where there is room for it");
}

#[test]
fn a_sentence_that_grows_or_shrinks_moves_nothing_while_somebody_reads() {
    let mut app = saying(80, LONG);
    press(&mut app, KeyCode::End);
    let before = lines(&app);
    show(&mut app, snapshot_of(1, "nc is short"));
    assert_eq!(lines(&app), before);
    show(&mut app, snapshot_of(60, "nc is short"));
    assert_eq!(lines(&app), ["nc", "consul"], "once nobody reads");
    press(&mut app, KeyCode::Down);
    show(&mut app, snapshot_of(61, LONG));
    assert_eq!(lines(&app), ["nc", "consul"]);
}

#[test]
fn who_it_is_about_is_said_where_no_column_says_it() {
    let title = "a shell is handed to whoever connects";
    let told = |width| {
        let app = saying(width, title);
        let story = app.stories.selected().unwrap();
        let room = crate::tui::layout::fields::Sentence::on(app.regions().titles.width);
        story.sentence_lines(room).join("|")
    };
    assert_eq!(told(80), format!("nc: {title}"));
    assert_eq!(told(200), title);
}

#[test]
fn sockets_of_a_story_stand_in_the_order_of_the_table_of_sockets() {
    let listens = |at: &str, port: u16| {
        let listener = fixture::listener(port).at(at);
        let listener = listener.owned_by("redis-server", 7);
        listener
            .finding("exposed-local-service", Severity::High)
            .build()
    };
    let sockets = vec![
        listens("::", 6380),
        listens("::", 6379),
        listens("0.0.0.0", 6379),
    ];
    let mut app = app(80, 24, sockets);
    app.show(View::Findings);
    app.settle();
    let ends = app.stories.list.rows.iter().filter_map(|line| match line {
        StoryLine::Socket(_, socket, _) => Some(socket.raw.bound_to().to_string()),
        StoryLine::Story(_) | StoryLine::Rest(..) | StoryLine::More(..) => None,
    });
    assert_eq!(
        ends.collect::<Vec<_>>(),
        ["0.0.0.0:6379", "[::]:6379", "[::]:6380"]
    );
}
