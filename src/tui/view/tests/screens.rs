//! One frame a screen.

use super::*;
use crate::tui::action::View;

#[test]
fn what_has_no_place_any_more_is_not_drawn() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 5, 2));
    let theme = truecolor().theme;
    let piece = Piece::new(Role::Text, "日本");
    for at in [
        Rect::new(0, 2, 5, 1),
        Rect::new(5, 0, 5, 1),
        Rect::new(0, 0, 0, 1),
    ] {
        assert_eq!(put(&mut buffer, at, &piece, theme), at);
    }
    assert_eq!(buffer, Buffer::empty(buffer.area));
    let rest = put(&mut buffer, Rect::new(2, 1, 9, 1), &piece, theme);
    assert_eq!(rest.x, 4, "half of a wide character is not drawn");
    assert_eq!(buffer[(2, 1)].symbol(), "日");
}

#[test]
fn help_narrowed_by_a_search() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Char('?'));
    type_text(&mut app, "sort");
    let all = text(&app);
    assert!(all.contains("sort by the next column"), "{all}");
    assert!(!all.contains("leave"), "{all}");
}

#[test]
fn what_the_row_does_not_allow_is_dim_in_the_help() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('?'));
    let roles = |words: &str| {
        let lines = crate::tui::pages::help::lines(&app, words, 80);
        let pieces = lines.into_iter().flat_map(|line| line.pieces);
        let found = pieces.filter(|piece| piece.text.contains(words));
        found.map(|piece| piece.role).collect::<Vec<_>>()
    };
    assert_eq!(
        roles("close this one TCP"),
        [Role::Dim],
        "a listener is none"
    );
    assert_eq!(roles("send a signal"), [Role::Text]);
}

#[test]
fn a_filter_that_finds_nothing() {
    let mut app = busy(80, 24);
    app.set_filter("port:9");
    app.settle();
    let all = text(&app);
    assert!(
        all.contains("No socket matches \"port:9\".  Esc clears the filter."),
        "{all}"
    );
}

#[test]
fn rows_that_are_no_sockets_are_not_counted_among_sockets() {
    let mut app = app(80, 24, vec![web(80), web(443), web(8443)]);
    app.set_filter("port:443");
    app.settle();
    assert!(text(&app).contains("1 of 3   valid"), "{}", text(&app));
    for view in [View::Processes, View::Ports] {
        app.show(view);
        app.settle();
        let all = text(&app);
        assert!(all.contains(" 1 found   valid"), "{all}");
    }
}

#[test]
fn no_sockets_at_all() {
    let all = text(&app(80, 24, vec![]));
    assert!(
        all.contains("No sockets in this network namespace."),
        "{all}"
    );
}

#[test]
fn before_the_first_sample() {
    let all = text(&empty_app(80, 24));
    assert!(all.contains("Reading the sockets…"), "{all}");
}

#[test]
fn a_failure_is_told_and_the_rows_stay() {
    let mut app = busy(80, 24);
    let failed = crate::collect::Latest::Failed("read the socket tables".to_owned());
    assert_eq!(app.update(Message::Latest(failed)), None);
    let all = text(&app);
    assert!(all.contains("✕ no data"), "{all}");
    assert!(all.contains("no data: read the socket tables"), "{all}");
    assert!(all.contains("0.0.0.0:31390"), "{all}");
}

#[test]
fn a_pause_says_since_when() {
    let mut app = busy(80, 24);
    press(&mut app, KeyCode::Char(' '));
    let all = text(&app);
    assert!(
        all.contains("PAUSED 11:06:40") && all.contains("Space resume"),
        "{all}"
    );
}

#[test]
fn too_small() {
    insta::assert_snapshot!(text(&busy(39, 7)), @"terminal too small, need 40x8");
}

#[test]
fn a_row_that_the_filter_has_lost_is_marked_by_a_sign_while_it_is_read() {
    let busy = |rx| {
        let socket = fixture::listener(80).cookie(80).owned_by("nginx", 990);
        socket.rates(rx, 0.0).age(90).build()
    };
    let mut app = app(80, 24, vec![busy(9e6)]);
    app.set_filter("rx:>1M");
    app.settle();
    press(&mut app, KeyCode::Down);
    show(&mut app, fixture::snapshot(vec![busy(10.0)]));
    let all = text(&app);
    let row = all.lines().find(|line| line.contains("0.0.0.0:80"));
    assert!(row.is_some_and(|row| row.starts_with("- ")), "{all}");
    press(&mut app, KeyCode::Char('?'));
    for _ in 0..9 {
        press(&mut app, KeyCode::PageDown);
    }
    assert!(text(&app).contains("left the filter"), "{}", text(&app));
}

#[test]
fn that_nothing_is_remembered_is_told_once_with_the_reason() {
    let mut app = busy(80, 24);
    let why = "Permission denied: /home/me/.local/state/portwise/dashboard.toml";
    app.setup.unremembered = Some(Text::from(why));
    let all = text(&app);
    let told = "! What is chosen here is not remembered: press D";
    assert!(all.contains(told), "{all}");
    press(&mut app, KeyCode::Char('D'));
    let all = text(&app);
    assert!(all.contains("none: Permission denied"), "{all}");
    assert!(all.contains("dashboard.toml"), "{all}");
    press(&mut app, KeyCode::Esc);
    app.resize((160, 45).into());
    let all = text(&app);
    assert!(all.contains(why), "{all}");
    press(&mut app, KeyCode::Esc);
    let all = text(&app);
    assert!(!all.contains("not remembered"), "{all}");
    assert!(all.contains("has no visible owner"), "{all}");
}
