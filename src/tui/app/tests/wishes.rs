//! Keys that change how things are shown, and the mouse on whatever can be clicked.

use super::*;
use crate::{
    model::SourceKind,
    tui::{action::View, app::groups::Grouping, words::Unit},
};
use ratatui::layout::Position;

/// Clicks at a place.
fn click(app: &mut App, x: u16, y: u16) -> Option<Effect> {
    let effect = app.update(Message::Mouse(Pointer::Click(Position::new(x, y))));
    app.settle();
    effect
}

fn double_click(app: &mut App, x: u16, y: u16) -> Option<Effect> {
    click(app, x, y);
    let at = Position::new(x, y);
    let effect = app.update(Message::Mouse(Pointer::DoubleClick(at)));
    app.settle();
    effect
}

/// Clicks on the hint in the footer that says `words`.
fn click_hint(app: &mut App, words: &str) -> Option<Effect> {
    let footer = app.footer();
    let hint = footer.hints.iter().find(|hint| hint.words == words);
    let hint = hint.unwrap_or_else(|| panic!("{footer:#?}"));
    let y = app.regions().footer.y + hint.line;
    click(app, hint.x, y)
}

#[test]
fn t_offers_what_sockets_can_be_grouped_by() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    press(&mut app, KeyCode::Char('t'));
    press(&mut app, KeyCode::Char('r'));
    assert_eq!(app.table.grouping, Grouping::Program);
    // The cursor stands on how it is.
    press(&mut app, KeyCode::Char('t'));
    press(&mut app, KeyCode::Up);
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.table.grouping, Grouping::None);
}

#[test]
fn what_has_closed_is_shown_as_long_as_it_is_asked_for() {
    let mut app = app(80, 24, vec![web(80), web(443), web(8080)]);
    let mut snapshot = fixture::snapshot(vec![web(443)]);
    snapshot.taken_at = fixture::NOW + SignedDuration::from_secs(600);
    show(&mut app, snapshot.clone());
    assert_eq!(ports(&app), [443]);
    press(&mut app, KeyCode::Char('z'));
    assert_eq!(ports(&app), [80, 443, 8080], "sorted with the rest");
    app.table.order.reverse = true;
    app.stale = true;
    app.settle();
    assert_eq!(ports(&app), [8080, 443, 80]);
    app.table.order.reverse = false;
    // Where rows are groups, it stands behind them.
    press(&mut app, KeyCode::Char('t'));
    press(&mut app, KeyCode::Char('r'));
    assert!(matches!(app.table.rows[0], table::Row::Group(_)));
    assert_eq!(app.table.rows.len(), 3);
    press(&mut app, KeyCode::Char('t'));
    press(&mut app, KeyCode::Char('n'));
    // A filter is asked of it too, and a socket that is open again is no closed one.
    app.set_filter("port:80");
    app.settle();
    assert_eq!(ports(&app), [80]);
    app.set_filter("");
    snapshot.sockets.push(web(80).into());
    show(&mut app, snapshot);
    assert_eq!(ports(&app).len(), 3);
    press(&mut app, KeyCode::Char('z'));
    assert_eq!(ports(&app).len(), 2);
}

#[test]
fn the_unit_and_the_names_of_ports_are_remembered() {
    let mut first = app(80, 24, vec![web(80)]);
    press(&mut first, KeyCode::Char('u'));
    press(&mut first, KeyCode::Char('n'));
    assert_eq!(first.writing.unit, Unit::Bits);
    let mut next = empty_app(80, 24);
    next.remember(first.to_remember());
    assert_eq!(next.writing, first.writing);
}

fn call(port: u16) -> Socket {
    fixture::connection(
        &format!("10.0.0.5:{port}"),
        &format!("203.0.113.{}:443", port % 250),
    )
    .cookie(u64::from(port))
    .build()
}

#[test]
fn nobody_is_asked_for_names_until_a_person_wants_it_and_then_only_of_what_is_in_sight() {
    let mut app = app(200, 30, (1..=200).map(call).collect());
    assert!(app.to_name().is_empty());
    press(&mut app, KeyCode::Char('N'));
    let said = app.said.clone().unwrap();
    assert!(said.contains("DNS server learns"), "{said}");
    let wanted = app.to_name();
    let rows = app.regions().rows();
    assert!(
        wanted.len() > 2 && wanted.len() <= rows + 1,
        "{wanted:?} of {rows}"
    );
    let first = wanted[0];
    // A table without the other ends needs no names; the pane shows that of one.
    let columns = std::mem::replace(&mut app.columns, vec![Column::Local]);
    assert_eq!(*app.to_name(), [first]);
    app.columns = columns;
    // On the page of a connection, of that one alone.
    press(&mut app, KeyCode::Enter);
    assert_eq!(*app.to_name(), [first]);
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Char('3'));
    assert!(app.to_name().is_empty());
    press(&mut app, KeyCode::Char('1'));
    press(&mut app, KeyCode::Char('N'));
    assert!(app.to_name().is_empty());
}

#[test]
fn a_filter_by_host_says_that_names_are_off_and_then_asks_about_all() {
    let mut app = app(80, 24, (1..=200).map(call).collect());
    app.set_filter("host:example");
    app.settle();
    assert!(app.table.rows.is_empty() && app.lacks_names());
    assert!(app.to_name().is_empty(), "nobody asked yet");
    press(&mut app, KeyCode::Char('N'));
    app.settle();
    assert!(!app.lacks_names());
    let wanted = app.to_name();
    assert_eq!(wanted.len(), 200);
    for (address, name) in [(wanted[0], "a.example"), (wanted[7], "b.other")] {
        let name = Some(Text::from(name));
        assert_eq!(app.update(Message::Named(address, name)), None);
    }
    app.settle();
    assert_eq!(app.table.rows.len(), 1);
    // What is typed is completed by what is known.
    press(&mut app, KeyCode::Char('/'));
    type_text(&mut app, " host:b");
    press(&mut app, KeyCode::Tab);
    assert_eq!(app.filter.input.value(), "host:example host:b.other");
}

#[test]
fn a_filter_by_host_asks_about_the_same_machines_until_there_are_others() {
    let at = |number: u32| {
        let peer = std::net::Ipv4Addr::from_bits(0x0b00_0000 + number);
        fixture::connection(&format!("10.0.0.5:{}", number + 1), &format!("{peer}:443"))
            .cookie(u64::from(number))
            .build()
    };
    let mut app = empty_app(80, 24);
    press(&mut app, KeyCode::Char('N'));
    app.set_filter("host:example");
    show(&mut app, fixture::snapshot((0..9000).map(at).collect()));
    let first = app.to_name();
    assert_eq!(first.len(), 4096);
    assert_eq!(app.asks_about_some(), Some((4096, 9000)));
    press(&mut app, KeyCode::Down);
    assert!(
        Arc::ptr_eq(&first, &app.to_name()),
        "looked at for each frame"
    );
    // A new snapshot has new machines before the others; nobody else is asked about.
    let mut sockets: Vec<_> = (20_000..20_100).map(at).collect();
    sockets.extend((10..9000).map(at));
    show(&mut app, fixture::snapshot(sockets));
    let second = app.to_name();
    assert!(!Arc::ptr_eq(&first, &second));
    let still = second.iter().filter(|one| first.contains(one)).count();
    assert_eq!((still, second.len()), (4086, 4096));
    // However many answers come, those that are wanted stay known.
    for address in second.iter().chain(&*first) {
        let name = Some(Text::from("a.example"));
        assert_eq!(app.update(Message::Named(*address, name)), None);
    }
    assert!(second.iter().all(|one| app.names.of(*one).is_some()));
    app.set_filter("");
    app.settle();
    assert_eq!(app.asks_about_some(), None);
}

#[test]
fn that_hosts_are_named_is_not_remembered() {
    let mut first = app(80, 24, vec![call(1)]);
    press(&mut first, KeyCode::Char('N'));
    let mut next = empty_app(80, 24);
    next.remember(first.to_remember());
    assert!(!next.writing.host_names);
    // What the command line asks for stays.
    next.writing.host_names = true;
    next.remember(first.to_remember());
    assert!(next.writing.host_names);
}

#[test]
fn every_hint_does_what_its_key_does() {
    let sockets = || vec![web(80), web(443)];
    for (words, key) in [
        ("filter", '/'),
        ("quick filter", 'f'),
        ("commands", ':'),
        ("group", 't'),
        ("help", '?'),
    ] {
        let (mut clicked, mut pressed) = (app(160, 36, sockets()), app(160, 36, sockets()));
        assert_eq!(click_hint(&mut clicked, words), None);
        press(&mut pressed, KeyCode::Char(key));
        let (one, other) = (format!("{:?}", clicked.mode), format!("{:?}", pressed.mode));
        assert_eq!(one, other, "{words}");
        assert!(!one.starts_with("Browse"), "{words}: {one}");
        // The same hint line leads out again.
        if !matches!(clicked.mode, Mode::Filter) {
            click_hint(&mut clicked, "close");
            assert!(matches!(clicked.mode, Mode::Browse), "{words}");
        }
    }
    let mut app = app(160, 36, sockets());
    assert_eq!(click_hint(&mut app, "quit"), Some(Effect::Quit));
}

#[test]
fn a_click_on_a_menu_selects_and_a_double_click_chooses() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    press(&mut app, KeyCode::Char('t'));
    let Mode::Choose(chooser) = &app.mode else {
        panic!("{:?}", app.mode)
    };
    let area = chooser.place(app.area).area;
    let (x, y) = (area.x + 3, area.y + 3);
    click(&mut app, x, y);
    assert!(matches!(&app.mode, Mode::Choose(chooser) if chooser.cursor == 2));
    assert_eq!(double_click(&mut app, x, y), None);
    assert_eq!(app.table.grouping, Grouping::Port);
    // A click beside it is a way out.
    press(&mut app, KeyCode::Char('t'));
    click(&mut app, 0, 10);
    assert!(matches!(app.mode, Mode::Browse));
    assert_eq!(app.table.grouping, Grouping::Port);
}

#[test]
fn a_double_click_on_a_column_shows_or_hides_it() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('C'));
    let before = app.columns.len();
    let Mode::Columns(columns) = &app.mode else {
        panic!("{:?}", app.mode)
    };
    let area = columns.place(app.area).area;
    double_click(&mut app, area.x + 3, area.y + 3);
    assert_eq!(app.columns.len(), before - 1);
}

#[test]
fn a_click_decides_nothing_about_a_process() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('x'));
    for y in 0..24 {
        for x in (0..80).step_by(7) {
            assert_eq!(double_click(&mut app, x, y), None);
            assert!(matches!(app.mode, Mode::Signal(_)));
        }
    }
}

#[test]
fn the_wheel_and_tab_scroll_the_pane_and_leave_the_selection() {
    let mut app = app(120, 9, vec![web(80), web(443)]);
    let before = selected_port(&app);
    let side = app.regions().side;
    let over = Position::new(side.x + 2, side.y + 2);
    assert_eq!(app.update(Message::Mouse(Pointer::WheelDown(over))), None);
    assert!(app.pane.scroll > 0);
    assert_eq!(selected_port(&app), before);
    press(&mut app, KeyCode::Tab);
    press(&mut app, KeyCode::Home);
    assert_eq!(app.pane.scroll, 0);
    press(&mut app, KeyCode::Char('j'));
    assert_eq!((app.pane.scroll, selected_port(&app)), (1, before));
    press(&mut app, KeyCode::End);
    let end = app.pane.scroll;
    press(&mut app, KeyCode::Char('j'));
    assert_eq!(app.pane.scroll, end);
    // Esc gives the keys back to the table.
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Char('j'));
    assert_ne!(selected_port(&app), before);
    assert_eq!(app.pane.scroll, 0);
}

#[test]
fn a_click_on_the_picture_and_the_arrows_select_what_happened_then() {
    let mut app = empty_app(120, 36);
    for second in 0..60_u16 {
        let sockets = (0..=second / 20).map(|at| web(1000 + at)).collect();
        let mut snapshot = fixture::snapshot(sockets);
        snapshot.taken_at = fixture::NOW + SignedDuration::from_secs(i64::from(second));
        snapshot.elapsed = Duration::from_secs(u64::from(second));
        show(&mut app, snapshot);
    }
    app.show(View::Timeline);
    app.settle();
    let port = |app: &App| {
        let event = app.timeline.selected();
        event.map(|event| event.socket.raw.local().port)
    };
    assert_eq!(port(&app), Some(1002));
    press(&mut app, KeyCode::Left);
    assert_eq!(port(&app), Some(1001));
    press(&mut app, KeyCode::Left);
    assert_eq!(port(&app), Some(1001), "nothing happened before");
    press(&mut app, KeyCode::Right);
    assert_eq!(port(&app), Some(1002));
    let graph = app.regions().graph;
    click(&mut app, graph.x + 12, graph.y + 1);
    assert_eq!(port(&app), Some(1001));
}

#[test]
fn what_the_policy_accepts_is_shown_when_it_is_asked_for() {
    let accepted = fixture::listener(8500)
        .owned_by("consul", 1777)
        .accepted("wrong-program", Severity::Medium)
        .build();
    let mut app = app(120, 36, vec![web(80), accepted]);
    app.show(View::Findings);
    app.settle();
    assert_eq!((app.stories.count(), app.accepted_stories), (0, 1));
    press(&mut app, KeyCode::Char('A'));
    assert_eq!(app.stories.count(), 1);
    assert_eq!(
        app.stories.selected().unwrap().findings[0].rule,
        "wrong-program"
    );
    press(&mut app, KeyCode::Char('A'));
    assert!(app.stories.list.rows.is_empty());
}

/// A snapshot of so many sockets, read by this source.
fn many(sockets: u16, source: SourceKind) -> Message {
    let mut snapshot = fixture::snapshot((0..sockets).map(|one| call(one + 1)).collect());
    snapshot.source = source;
    snapshot.owners_hidden = 0;
    Message::Latest(Latest::Ready(Arc::new(snapshot)))
}

#[test]
fn many_sockets_are_read_less_often_where_that_is_dear_and_nobody_chose_otherwise() {
    let (dear, cheap) = (SourceKind::Portable, SourceKind::SockDiag);
    let secs = |seconds| Some(Effect::Interval(Duration::from_secs(seconds)));
    let mut app = empty_app(80, 24);
    assert_eq!(
        app.update(many(20_001, dear)),
        None,
        "a person chose how often"
    );
    app.pace.is_free = true;
    assert_eq!(app.update(many(20_001, cheap)), None);
    assert_eq!(app.notice(), None);
    assert_eq!(app.update(many(20_001, dear)), secs(3));
    let said = app.notice().unwrap();
    assert_eq!(said, "20 001 sockets: sampling every 3 s.");
    // Said once more where the notice may be about something else.
    assert_eq!(app.said.take(), Some(said));
    assert_eq!(app.update(many(16_000, dear)), None, "not back and forth");
    assert_eq!(app.update(many(14_000, dear)), secs(1));
    assert_eq!(app.notice(), None);
    assert_eq!(app.said, None);
    // A recording goes on as it was taken.
    app.setup.recording = Some(Text::from("x"));
    assert_eq!(app.update(many(20_001, dear)), None);
    app.setup.recording = None;
    // Who then asks for more gets it, and is not overruled.
    assert_eq!(app.update(many(20_001, dear)), secs(3));
    app.settle();
    assert_eq!(press(&mut app, KeyCode::Char('+')), secs(2));
    assert_eq!(app.update(many(20_001, dear)), None);
    assert_eq!(app.notice(), None);
}
