//! What views say, and what of them can be clicked.

use super::*;
use crate::{
    model::State,
    tui::{
        action::{Action, View},
        words,
    },
};
use ratatui::buffer::Cell;
use std::{sync::Arc, time::Duration};

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
    Arc::make_mut(&mut moved.raw).state = State::Close;
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
        snapshot.elapsed = Duration::from_secs(elapsed);
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

#[test]
fn the_page_of_a_process_with_many_sockets_shows_those_that_closed_just_now_too() {
    let call = |port: u16| {
        let call = fixture::connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443");
        call.cookie(port.into()).owned_by("curl", 7).build()
    };
    let shown = |open: u16, closed: u16| {
        let mut app = app(120, 60, (1000..1000 + open).map(call).collect());
        let owner = call(1000).processes.first().cloned().unwrap();
        app.pages.push(Page::new(Subject::Process(owner)));
        let mut snapshot = fixture::snapshot((1000..1000 + open).map(call).collect());
        let gone = (0..closed).map(|number| {
            let mut socket = call(2000 + number);
            socket.closed_at = Some(fixture::NOW);
            Arc::new(socket)
        });
        snapshot.closed = gone.collect();
        show(&mut app, snapshot);
        text(&app)
    };
    let count = |text: &str, mark: &str| {
        let lines = text
            .lines()
            .filter(|line| line.trim_start().starts_with(mark));
        lines.count()
    };
    for (open, closed, rows) in [(3, 2, 2), (20, 1, 1), (30, 0, 0), (30, 5, 5), (1300, 8, 5)] {
        let text = shown(open, closed);
        let of = format!("{open} open, {closed} closed\n{text}");
        assert_eq!(count(&text, "✕"), rows, "{of}");
        assert_eq!(
            count(&text, "… and 3 more that closed just now"),
            usize::from(closed == 8),
            "{of}"
        );
        assert!(
            !text.contains(":2002 ") || closed < 8,
            "the last ones: {of}"
        );
        let more = format!(
            "… and {} more: all of them",
            words::grouped(usize::from(open) - usize::from(open.min(20)))
        );
        assert_eq!(text.contains(&more), open > 20, "{of}");
    }
}

#[test]
fn a_row_that_the_filter_does_not_find_any_more_is_dim_while_somebody_reads() {
    let at = |second: u64| {
        let young = fixture::listener(80).cookie(1).owned_by("nginx", 80).age(5);
        let mut snapshot = fixture::snapshot(vec![young.build()]);
        snapshot.taken_at = fixture::NOW + SignedDuration::from_secs(second.try_into().unwrap());
        snapshot.elapsed = Duration::from_secs(100 + second);
        snapshot
    };
    let mut app = empty_app(120, 24);
    app.set_filter("age:<7s");
    show(&mut app, at(0));
    press(&mut app, KeyCode::Down);
    let name = |app: &App| {
        let buffer = drawn(app, truecolor());
        let area = app.regions().body;
        let cells = (area.x..area.right()).map(|x| buffer[(x, area.y)].clone());
        let cells: Vec<_> = cells.collect();
        let begins = cells.windows(5).position(|five| {
            let text: String = five.iter().map(Cell::symbol).collect();
            text == "nginx"
        });
        cells[begins.unwrap()].fg
    };
    let before = name(&app);
    show(&mut app, at(3));
    assert_ne!(name(&app), before);
    assert!(text(&app).contains("0 of 1"), "{}", text(&app));
}

#[test]
fn a_finding_that_begins_to_be_told_has_its_mark_for_as_long_as_it_is_new() {
    for (highlight, marked) in [(5, vec![1, 2, 5]), (2, vec![1, 2]), (0, vec![])] {
        let at = |second: u64, ports: &[u16]| {
            let odd = |port: &u16| {
                let odd = fixture::listener(*port).cookie((*port).into());
                let odd = odd.owned_by(&format!("program{port}"), (*port).into());
                odd.finding("wrong-program", Severity::Medium).build()
            };
            let mut snapshot = fixture::snapshot(ports.iter().map(odd).collect());
            snapshot.taken_at =
                fixture::NOW + SignedDuration::from_secs(second.try_into().unwrap());
            snapshot.elapsed = Duration::from_secs(100 + second);
            snapshot
        };
        let mut app = empty_app(120, 24);
        app.setup.highlight = Duration::from_secs(highlight);
        app.show(View::Findings);
        show(&mut app, at(0, &[80]));
        let marks = |app: &App| {
            let body = app.regions().body;
            let text = text(app);
            let lines = text.lines().skip(body.y.into()).take(body.height.into());
            let lines = lines.filter(|line| line.starts_with('+'));
            lines
                .map(|line| line.contains("program81"))
                .collect::<Vec<_>>()
        };
        // What was there when the view was opened is not new.
        assert!(marks(&app).is_empty(), "{highlight}");
        for second in [1, 2, 5, 6, 7] {
            show(&mut app, at(second, &[80, 81]));
            // It is told since the first second.
            let is_marked = marked.contains(&second);
            let wanted = if is_marked { vec![true] } else { vec![] };
            assert_eq!(marks(&app), wanted, "{highlight} s, second {second}");
        }
        // It ends, and begins again: new once more, unless nobody looked.
        show(&mut app, at(20, &[80]));
        show(&mut app, at(21, &[80, 81]));
        assert_eq!(marks(&app).len(), usize::from(highlight > 0));
        press(&mut app, KeyCode::Char('1'));
        show(&mut app, at(40, &[80]));
        show(&mut app, at(41, &[80, 81]));
        press(&mut app, KeyCode::Char('4'));
        assert!(marks(&app).is_empty(), "nobody looked");
    }
}
