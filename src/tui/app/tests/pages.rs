//! Moving about on a page, and what it holds on to.

use super::super::page::Page;
use super::*;
use crate::{
    model::{Ancestor, Process},
    tui::document::Target,
};

fn process_page(height: u16, ports: impl Iterator<Item = u16>) -> App {
    let sockets = ports.map(of_one).collect();
    let mut app = app(80, height, sockets);
    press(&mut app, KeyCode::Char('p'));
    app
}

/// Sockets of one process.
fn of_one(port: u16) -> Socket {
    fixture::listener(port).owned_by("nginx", 80).build()
}

fn chosen(app: &App) -> Option<u16> {
    let Target::Socket(key) = app.link()? else {
        panic!("no socket is selected");
    };
    let snapshot = app.feed.shown.as_deref()?;
    let mut all = snapshot.sockets.iter();
    let socket = all.find(|socket| socket.key() == key)?;
    Some(socket.raw.local().port)
}

fn page(app: &App) -> &Page {
    app.page().unwrap()
}

#[test]
fn a_selected_row_of_a_page_is_the_same_socket_when_others_come_above_it() {
    let mut app = process_page(40, [80, 443].into_iter());
    for _ in 0..2 {
        press(&mut app, KeyCode::Down);
    }
    assert_eq!(chosen(&app), Some(443));
    show(
        &mut app,
        fixture::snapshot([22, 80, 443].map(of_one).to_vec()),
    );
    assert_eq!(chosen(&app), Some(443));
    show(&mut app, fixture::snapshot([22, 80].map(of_one).to_vec()));
    assert_eq!(app.link(), None, "nothing else is acted on in its place");
}

#[test]
fn down_goes_to_what_can_be_opened_and_scrolls_where_that_is_not_in_sight() {
    let mut app = process_page(24, [80, 443].into_iter());
    press(&mut app, KeyCode::Down);
    assert_eq!((chosen(&app), page(&app).scroll), (Some(80), 0));
    press(&mut app, KeyCode::Down);
    assert_eq!((chosen(&app), page(&app).scroll), (Some(443), 0));
    press(&mut app, KeyCode::Down);
    assert_eq!((chosen(&app), page(&app).scroll), (Some(443), 1));
    press(&mut app, KeyCode::Up);
    assert_eq!((chosen(&app), page(&app).scroll), (Some(80), 1));
    press(&mut app, KeyCode::Up);
    assert_eq!((chosen(&app), page(&app).scroll), (Some(80), 0));
    // Far from any of them a line is a line.
    let mut app = process_page(12, [80].into_iter());
    press(&mut app, KeyCode::Down);
    assert_eq!((chosen(&app), page(&app).scroll), (None, 1));
}

#[test]
fn tab_goes_from_section_to_section_and_round_the_end() {
    for (width, height) in [(80, 12), (120, 36)] {
        let mut app = app(width, height, vec![of_one(80)]);
        press(&mut app, KeyCode::Char('p'));
        let sections = app.sheet().unwrap().sections.clone();
        assert!(sections.len() > 3, "{sections:#?}");
        for section in &sections {
            press(&mut app, KeyCode::Tab);
            let sheet = app.sheet().unwrap();
            assert_eq!(page(&app).link, section.link);
            let heading = page(&app).heading_in_sight(&sheet).map(|(row, _)| row);
            let led_to = section.link.map(|_| section.rows.start);
            assert_eq!(heading.or(led_to), Some(section.rows.start));
            let seen = page(&app).scroll + usize::from(app.regions().page.height);
            assert!(section.rows.start < seen, "{section:?}");
        }
        press(&mut app, KeyCode::Tab);
        assert_eq!(chosen(&app), Some(80));
        press(&mut app, KeyCode::BackTab);
        assert_eq!(page(&app).link, sections.last().unwrap().link);
    }
}

#[test]
fn what_is_too_many_for_a_page_is_a_filter_of_the_table() {
    let mut app = process_page(40, 1000..1030);
    let last = app
        .sheet()
        .unwrap()
        .links
        .iter()
        .rposition(|link| matches!(link, Target::Filter(_)));
    assert_eq!(last, Some(20));
    press(&mut app, KeyCode::Char('('));
    while !matches!(app.link(), Some(Target::Filter(_))) {
        press(&mut app, KeyCode::Char('('));
    }
    press(&mut app, KeyCode::Enter);
    app.settle();
    assert!(app.pages.is_empty());
    assert_eq!(app.filter.understood, "pid:80");
    assert_eq!(ports(&app).len(), 30);
}

#[test]
fn a_process_that_is_gone_is_asked_for_at_once_and_what_was_read_of_it_stays() {
    let mut app = process_page(40, [80].into_iter());
    let asked = process_asked(&mut app).unwrap();
    let mut read = Inspection::unseen(asked.key, Unseen::NotPermitted);
    read.taken_at = Some(fixture::NOW);
    assert_eq!(
        app.update(Message::Inspected(Box::new(read.clone()), None)),
        None
    );
    assert_eq!(process_asked(&mut app), None);
    let mut later = fixture::snapshot(vec![web(443)]);
    later.taken_at = fixture::NOW + SignedDuration::from_secs(60);
    show(&mut app, later);
    let title = |app: &App| app.sheet().unwrap().title[0].plain();
    assert_eq!(
        title(&app),
        "nginx  pid 80  has had no socket since 11:07:40"
    );
    assert!(
        process_asked(&mut app).is_some(),
        "it is not waited until that is old"
    );
    let gone = Inspection::unseen(asked.key, Unseen::Gone);
    assert_eq!(app.update(Message::Inspected(Box::new(gone), None)), None);
    app.settle();
    assert_eq!(title(&app), "nginx  pid 80  ended 11:07:40");
    assert_eq!(page(&app).looked.inspection.as_deref(), Some(&read));
    let heading = app.sheet().unwrap();
    let heading = heading.title.iter().find(|line| line.is_heading).unwrap();
    assert_eq!(heading.plain(), "Sockets (0)   ↓ -  ↑ -");
    assert!(!app.can(Action::Signal));
}

#[test]
fn home_and_end_go_to_the_ends_of_a_page() {
    let mut app = process_page(12, [80, 443].into_iter());
    for (end, start) in [
        (KeyCode::End, KeyCode::Home),
        (KeyCode::Char('G'), KeyCode::Char('g')),
    ] {
        press(&mut app, end);
        let lines = app.sheet().unwrap().height();
        let height = usize::from(app.regions().page.height);
        assert_eq!(page(&app).scroll, lines - height);
        press(&mut app, start);
        assert_eq!(page(&app).scroll, 0);
    }
}

#[test]
fn on_the_page_of_a_process_a_signal_is_for_that_one_whoever_else_holds_its_socket() {
    let shared = fixture::listener(80)
        .owned_by("nginx", 80)
        .owned_by("nginx", 81);
    let worker = fixture::process("nginx", 81);
    let mut app = app(80, 40, vec![shared.build()]);
    app.open_page(page::Subject::Process(Arc::new(worker)));
    app.settle();
    let meant = |app: &mut App| {
        press(app, KeyCode::Char('x'));
        let Mode::Signal(dialog) = &app.mode else {
            panic!("{:?}", app.mode);
        };
        let pids = dialog.candidates.iter().map(|one| one.target.key.pid);
        pids.collect::<Vec<_>>()
    };
    assert_eq!(meant(&mut app), [81]);
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Down);
    assert_eq!(chosen(&app), Some(80));
    assert_eq!(meant(&mut app), [81]);
}

#[test]
fn what_is_left_is_not_meant_when_the_selected_socket_is_gone() {
    let call = |port: u16| {
        let call = fixture::connection(&format!("10.0.0.5:{port}"), "192.0.2.7:443");
        call.owned_by("curl", 7).cookie(port.into())
    };
    let odd = |port| call(port).finding("obscure-port", Severity::Medium).build();
    let mut app = app(80, 40, vec![odd(1), odd(2)]);
    press(&mut app, KeyCode::Char('p'));
    press(&mut app, KeyCode::Down);
    let gone = chosen(&app).unwrap();
    let left = if gone == 1 { 2 } else { 1 };
    assert!(app.can(Action::CloseConnection) && app.can(Action::Accept));
    show(&mut app, fixture::snapshot(vec![odd(left)]));
    for action in [Action::CloseConnection, Action::Accept, Action::Ask] {
        assert!(!app.can(action), "{action:?}");
    }
    press(&mut app, KeyCode::Down);
    assert_eq!(chosen(&app), Some(left));
    assert!(app.can(Action::CloseConnection) && app.can(Action::Accept));
}

#[test]
fn parent_and_children_are_links_to_their_pages_and_esc_leads_back() {
    let parent = fixture::process("nginx", 80);
    let is_child = |child: &mut Process| {
        child.ancestors = vec![Ancestor {
            key: parent.key,
            name: parent.name.clone(),
        }];
    };
    let sockets = vec![
        of_one(80),
        fixture::listener(443)
            .owned_by("worker", 91)
            .with(is_child)
            .build(),
    ];
    let mut app = app(80, 40, sockets);
    let open = |app: &mut App, pid: u32| {
        let leads_there =
            |target: &Target| matches!(target, Target::Process(key) if key.pid == pid);
        let mut tries = 0;
        while !app.link().is_some_and(|target| leads_there(&target)) {
            press(app, KeyCode::Char(')'));
            tries += 1;
            assert!(tries < 20, "no link leads to {pid}");
        }
        press(app, KeyCode::Enter);
    };
    let pid = |app: &App| page(app).process().map(|key| key.pid);
    press(&mut app, KeyCode::Char('p'));
    assert_eq!(pid(&app), Some(80));
    open(&mut app, 91);
    assert_eq!(pid(&app), Some(91));
    open(&mut app, 80);
    assert_eq!(pid(&app), Some(80));
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Esc);
    assert_eq!((pid(&app), app.pages.len()), (Some(80), 1));
}

#[test]
fn a_click_on_a_step_of_the_way_goes_back_to_it() {
    let mut app = app(80, 24, vec![of_one(80)]);
    let click = |app: &mut App, x: u16| {
        let at = Position::new(x, app.regions().crumbs.y);
        assert_eq!(app.update(Message::Mouse(Pointer::Click(at))), None);
    };
    let deep = |app: &mut App| {
        app.pages.clear();
        for key in ['p', 'P', 'p', 'P'] {
            press(app, KeyCode::Char(key));
        }
        let crumbs = app.crumbs();
        let steps: Vec<_> = crumbs
            .iter()
            .map(|(name, at)| (name.as_str(), *at))
            .collect();
        assert_eq!(
            steps,
            [
                ("Sockets", 0),
                ("…", 2),
                ("Process nginx 80", 3),
                ("Port 80", 4)
            ]
        );
    };
    // " Sockets › … › Process nginx 80 › Port 80"
    for (x, left) in [(1, 0), (7, 0), (8, 4), (11, 2), (15, 3), (34, 4), (70, 4)] {
        deep(&mut app);
        click(&mut app, x);
        assert_eq!(app.pages.len(), left, "{x}");
    }
}
