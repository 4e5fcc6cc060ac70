//! What views say, and what of them can be clicked.

use super::*;
use crate::{
    model::State,
    tui::action::{Action, View},
};

const SIZES: [(u16, u16); 5] = [(160, 45), (120, 36), (80, 24), (60, 15), (40, 12)];

#[test]
fn a_machine_where_nothing_was_found_says_so_only_when_all_was_seen() {
    let mut app = app(80, 24, vec![web(80)]);
    app.show(View::Findings);
    app.settle();
    assert!(
        text(&app).contains("Nothing was found in 1 socket."),
        "{}",
        text(&app)
    );
    show(
        &mut app,
        fixture::snapshot(vec![web(80), fixture::listener(81).build()]),
    );
    let text = text(&app);
    assert!(
        text.contains("but the owners of 1 could not be seen"),
        "{text}"
    );
}

#[test]
fn the_timeline_tells_what_opened_changed_and_closed() {
    let mut app = empty_app(120, 36);
    show(&mut app, fixture::snapshot(vec![web(80), web(443)]));
    app.show(View::Timeline);
    let mut moved = web(80);
    std::sync::Arc::make_mut(&mut moved.raw).state = State::Close;
    show(&mut app, fixture::snapshot(vec![moved, web(1587)]));
    let all = text(&app);
    for said in ["opened", "closed", "listen to close", "0.0.0.0:1587"] {
        assert!(all.contains(said), "{said} is missing in\n{all}");
    }
    assert!(!app.can(Action::SortNext) || !all.contains("s sort"));
}

#[test]
fn numbers_are_never_cut() {
    for width in 40..130 {
        for view in View::ALL {
            let mut app = busy(width, 24);
            app.show(view);
            app.settle();
            let line = text(&app).lines().nth(1).unwrap().to_owned();
            let words: Vec<_> = line.split_whitespace().collect();
            assert!(!words.is_empty(), "{width}");
            assert!(!line.contains("↓ 2 "), "{width}: {line}");
        }
    }
}

#[test]
fn a_click_on_a_tab_shows_its_view() {
    for (width, height) in SIZES {
        let mut app = busy(width, height);
        for tab in layout::tabs(width) {
            let at = ratatui::layout::Position::new(tab.x + 1, 0);
            let click = crate::tui::message::Pointer::Click(at);
            assert_eq!(app.update(Message::Mouse(click)), None);
            assert_eq!(app.view, tab.view, "{width}");
        }
    }
}

#[test]
fn the_tabs_do_not_run_into_each_other_or_over_the_edge() {
    for width in 40..200 {
        let tabs = layout::tabs(width);
        for pair in tabs.windows(2) {
            assert!(pair[0].x + pair[0].width <= pair[1].x, "{width}: {tabs:?}");
        }
        let last = tabs.last().unwrap();
        assert!(last.x + last.width + 12 <= width, "{width}: {tabs:?}");
    }
}

#[test]
fn the_rates_say_how_much_time_they_tell_of_whatever_the_pace_was() {
    let mut app = empty_app(120, 36);
    let mut elapsed = 100;
    let mut look = |app: &mut App, seconds: u64| {
        elapsed += seconds;
        let socket = fixture::connection("10.0.0.5:1", "192.0.2.7:443");
        let mut snapshot = fixture::snapshot(vec![socket.rates(10.0, 20.0).build()]);
        snapshot.elapsed = std::time::Duration::from_secs(elapsed);
        show(app, snapshot);
    };
    for seconds in [0, 5, 5, 5, 1, 1] {
        look(&mut app, seconds);
    }
    let all = text(&app);
    assert!(all.contains("last 17 s, peak 20 B/s"), "{all}");
    // Only of those that are drawn.
    for _ in 0..60 {
        look(&mut app, 2);
    }
    let all = text(&app);
    assert!(all.contains("last 50 s, peak 20 B/s"), "{all}");
}
