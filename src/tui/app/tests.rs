//! Keys in; state and effects out.

use super::{dialog::Stage, looked::Question, *};
use crate::{
    collect::Latest,
    model::{
        Fact, Finding, Inspection, Process, Severity, Snapshot, Socket, Unseen, Verdict, fixture,
        inspection::{Environment, Variable},
    },
    query::{Column, Order},
    tui::message::Pointer,
};
use crossterm::event::{KeyCode, KeyModifiers};
use jiff::SignedDuration;
use std::sync::Arc;

/// A dashboard of this size, live, with nothing in it yet.
pub(crate) fn empty_app(width: u16, height: u16) -> App {
    let setup = Setup {
        registry: Registry::bundled(),
        readonly: false,
        can_suspend: true,
        extent: Extent::default(),
        keymap: Keymap::default(),
        filters: vec![],
        themes: Theme::all(crate::tui::ColorDepth::Truecolor),
        highlight: Duration::from_secs(5),
        recording: None,
        unremembered: None,
        graph: GraphSigns::Block,
        zone: TimeZone::UTC,
    };
    let order = Order {
        column: Column::Verdict,
        reverse: false,
    };
    let mut app = App::new(setup, order, Duration::from_secs(1));
    app.resize(Size::new(width, height));
    app
}

/// A dashboard that shows these sockets.
pub(crate) fn app(width: u16, height: u16, sockets: Vec<Socket>) -> App {
    let mut app = empty_app(width, height);
    show(&mut app, fixture::snapshot(sockets));
    app
}

/// Lets `app` receive `snapshot`.
pub(crate) fn show(app: &mut App, snapshot: Snapshot) {
    let latest = Latest::Ready(Arc::new(snapshot));
    assert_eq!(app.update(Message::Latest(latest)), None);
    app.settle();
}

/// Presses one key.
pub(crate) fn press(app: &mut App, code: KeyCode) -> Option<Effect> {
    let effect = app.update(Message::Key(code.into()));
    app.settle();
    effect
}

/// Types text, one key a character.
pub(crate) fn type_text(app: &mut App, text: &str) {
    for character in text.chars() {
        assert_eq!(press(app, KeyCode::Char(character)), None);
    }
}

/// A listener on this port, owned by `nginx`.
pub(crate) fn web(port: u16) -> Socket {
    fixture::listener(port)
        .owned_by("nginx", u32::from(port))
        .build()
}

/// Numbers by chance, always the same for the same seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, most: usize) -> usize {
        // Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

pub(crate) mod acting;
mod lists;
mod moments;
mod pages;
mod read_besides;
mod rows;
mod still;
mod stories;
mod wishes;

fn ports(app: &App) -> Vec<u16> {
    let snapshot = app.feed.shown.as_deref().unwrap();
    let rows = app
        .table
        .rows
        .iter()
        .filter_map(|row| app.table.socket(*row, snapshot));
    rows.map(|socket| socket.raw.local().port).collect()
}

fn selected_port(app: &App) -> Option<u16> {
    app.selected().map(|socket| socket.raw.local().port)
}

pub(crate) fn dialog(app: &App) -> &Dialog {
    let Mode::Signal(dialog) = &app.mode else {
        panic!("no dialog: {:?}", app.mode);
    };
    dialog
}

#[test]
fn selection_follows_its_socket_when_rows_move() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    press(&mut app, KeyCode::Down);
    let before = selected_port(&app);
    show(
        &mut app,
        fixture::snapshot(vec![web(22), web(25), web(80), web(443), web(8080)]),
    );
    assert_eq!(selected_port(&app), before);
}

#[test]
fn a_closed_socket_stays_a_moment_and_then_its_neighbour_is_selected() {
    let mut app = app(80, 24, vec![web(80), web(443), web(8080)]);
    press(&mut app, KeyCode::Down);
    let gone = selected_port(&app).unwrap();
    let left = |socket: &Socket| socket.raw.local().port != gone;
    let sockets: Vec<_> = [web(80), web(443), web(8080)]
        .into_iter()
        .filter(left)
        .collect();
    let mut snapshot = fixture::snapshot(sockets.clone());
    let mut closed = web(gone);
    closed.closed_at = Some(fixture::NOW);
    snapshot.closed = vec![closed.into()];
    show(&mut app, snapshot.clone());
    assert_eq!(selected_port(&app), Some(gone));
    assert_eq!(ports(&app).len(), 3);

    snapshot.taken_at = fixture::NOW + SignedDuration::from_secs(6);
    snapshot.elapsed += Duration::from_secs(6);
    show(&mut app, snapshot);
    assert_eq!(ports(&app).len(), 2);
    assert!(selected_port(&app).is_some_and(|port| port != gone));
}

#[test]
fn selection_stays_in_sight_when_the_terminal_shrinks() {
    let mut app = app(80, 30, (1..=60).map(web).collect());
    for _ in 0..15 {
        press(&mut app, KeyCode::Down);
    }
    app.resize(Size::new(40, 12));
    app.settle();
    let height = app.regions().rows();
    let sight = app.table.offset..app.table.offset + height;
    assert!(sight.contains(&app.table.cursor()));
}

#[test]
fn read_only_means_no_dialog() {
    let mut app = app(80, 24, vec![web(80)]);
    app.setup.readonly = true;
    assert!(!app.can(Action::Signal));
    press(&mut app, KeyCode::Char('x'));
    assert!(matches!(app.mode, Mode::Browse));
}

#[test]
fn escape_goes_back_one_step_and_never_quits() {
    let mut app = app(80, 24, vec![web(80)]);
    app.set_filter("nginx");
    press(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Char('p'));
    assert_eq!(app.pages.len(), 2);
    for left in [1, 0] {
        assert_eq!(press(&mut app, KeyCode::Esc), None);
        assert_eq!(app.pages.len(), left);
    }
    assert!(!app.filter.is_empty());
    assert_eq!(press(&mut app, KeyCode::Esc), None);
    assert!(app.filter.is_empty());
    for _ in 0..3 {
        assert_eq!(press(&mut app, KeyCode::Esc), None);
    }
}

#[test]
fn a_page_outlives_its_process() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('p'));
    show(&mut app, fixture::snapshot(vec![web(443)]));
    assert_eq!(app.page().unwrap().name(), "Process nginx 80");
    assert!(!app.can(Action::Signal));
}

/// The process that is to be read now; what else is to be asked of it does not matter here.
fn process_asked(app: &mut App) -> Option<Arc<Process>> {
    match app.next_question()? {
        Question::Process(process) => Some(process),
        Question::Journal(_) => None,
        other @ (Question::Connection(_) | Question::Port(..)) => panic!("{other:?}"),
    }
}

#[test]
fn the_process_of_a_page_is_read_when_it_opens_and_then_every_few_seconds() {
    let mut app = app(80, 24, vec![web(80)]);
    assert_eq!(process_asked(&mut app), None);
    press(&mut app, KeyCode::Char('p'));
    let asked = process_asked(&mut app).unwrap();
    assert_eq!(asked.key.pid, 80);
    assert_eq!(process_asked(&mut app), None);
    let mut later = fixture::snapshot(vec![web(80)]);
    later.elapsed += Duration::from_mins(1);
    show(&mut app, later);
    // Still being read.
    assert_eq!(process_asked(&mut app), None);
    let inspection = Inspection::unseen(asked.key, Unseen::NotPermitted);
    let effect = app.update(Message::Inspected(Box::new(inspection), None));
    assert_eq!(effect, None);
    assert!(process_asked(&mut app).is_some());
    assert_eq!(process_asked(&mut app), None);
}

#[test]
fn secrets_are_on_the_page_only_while_they_are_revealed() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('p'));
    let asked = process_asked(&mut app).unwrap();
    let mut inspection = Inspection::unseen(asked.key, Unseen::NotPermitted);
    inspection.environment = Fact::Known(Environment {
        variables: vec![Variable::new("API_TOKEN", "hunter2")],
        ..Environment::default()
    });
    let effect = app.update(Message::Inspected(Box::new(inspection), None));
    assert_eq!(effect, None);
    let page = |app: &App| {
        let sheet = app.sheet().unwrap();
        sheet
            .main
            .iter()
            .map(|line| line.plain() + "\n")
            .collect::<String>()
    };
    let hidden = page(&app);
    assert!(
        hidden.contains("API_TOKEN=***") && !hidden.contains("hunter2"),
        "{hidden}"
    );
    press(&mut app, KeyCode::Char('v'));
    assert!(page(&app).contains("API_TOKEN=hunter2"));
    press(&mut app, KeyCode::Char('v'));
    assert_eq!(page(&app), hidden);
}

#[test]
fn a_port_page_walks_to_its_neighbours_and_stops_at_the_ends() {
    let mut app = app(80, 24, vec![]);
    app.pages.push(Page::new(page::Subject::Port(1, None)));
    press(&mut app, KeyCode::Left);
    press(&mut app, KeyCode::Left);
    assert_eq!(app.page().unwrap().name(), "Port 0");
    press(&mut app, KeyCode::Right);
    assert_eq!(app.page().unwrap().name(), "Port 1");
}

#[test]
fn a_link_on_a_page_leads_on() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('p'));
    assert!(!app.can(Action::Open));
    press(&mut app, KeyCode::Tab);
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.page().unwrap().name(), "Socket 0.0.0.0:80");
}

#[test]
fn a_command_on_a_page_is_copied() {
    let mut app = app(80, 24, vec![]);
    app.pages.push(Page::new(page::Subject::Port(1587, None)));
    press(&mut app, KeyCode::Char(')'));
    let effect = press(&mut app, KeyCode::Char('y'));
    assert_eq!(
        effect,
        Some(Effect::Copy("ss -ltunp 'sport = :1587'".to_owned()))
    );
}

#[test]
fn the_address_is_copied_from_the_table() {
    let mut app = app(80, 24, vec![web(80)]);
    assert_eq!(press(&mut app, KeyCode::Char('y')), None);
    let effect = press(&mut app, KeyCode::Char('a'));
    assert_eq!(effect, Some(Effect::Copy("0.0.0.0:80".to_owned())));
}

#[test]
fn the_table_moves_while_a_filter_is_typed() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    press(&mut app, KeyCode::Char('/'));
    type_text(&mut app, "q");
    press(&mut app, KeyCode::Backspace);
    let before = selected_port(&app);
    press(&mut app, KeyCode::Down);
    assert_ne!(selected_port(&app), before);
    assert!(matches!(app.mode, Mode::Filter));
}

#[test]
fn pasted_control_characters_do_not_get_into_the_filter() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('/'));
    let pasted = "port\x1b[31m:80\r\n\u{202e}".to_owned();
    assert_eq!(app.update(Message::Pasted(pasted)), None);
    assert_eq!(app.filter.input.value(), "port[31m:80");
}

#[test]
fn a_paste_outside_a_line_presses_no_keys() {
    let mut app = app(80, 24, vec![web(80)]);
    assert_eq!(app.update(Message::Pasted("x\rq".to_owned())), None);
    assert!(matches!(app.mode, Mode::Browse));
}

#[test]
fn a_pause_holds_the_rows_still() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char(' '));
    show(&mut app, fixture::snapshot(vec![web(80), web(443)]));
    assert_eq!(ports(&app), [80]);
    press(&mut app, KeyCode::Char(' '));
    assert_eq!(ports(&app).len(), 2);
}

#[test]
fn a_click_selects_and_a_double_click_opens() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    let body = app.regions().body;
    let second = Position::new(body.x + 20, body.y + 1);
    assert_eq!(app.update(Message::Mouse(Pointer::Click(second))), None);
    assert_eq!(app.table.cursor(), 1);
    assert_eq!(
        app.update(Message::Mouse(Pointer::DoubleClick(second))),
        None
    );
    assert_eq!(app.pages.len(), 1);
}

#[test]
fn a_click_on_a_title_sorts_and_a_second_one_reverses() {
    let mut app = app(80, 24, vec![web(80)]);
    let titles = app.regions().titles;
    let slots = crate::tui::layout::columns(titles.width, &app.columns);
    let slot = slots
        .iter()
        .find(|slot| slot.column == Column::Process)
        .unwrap();
    let at = Position::new(titles.x + slot.x, titles.y);
    for reverse in [false, true, false] {
        assert_eq!(app.update(Message::Mouse(Pointer::Click(at))), None);
        assert_eq!(app.table.order.column, Column::Process);
        assert_eq!(app.table.order.reverse, reverse);
    }
}

#[test]
fn a_click_decides_nothing_in_the_dialog() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('x'));
    for x in 0..80 {
        for y in 0..24 {
            let click = Pointer::DoubleClick(Position::new(x, y));
            assert_eq!(app.update(Message::Mouse(click)), None);
        }
    }
    assert!(matches!(dialog(&app).stage, Stage::Choose));
}

#[test]
fn ctrl_c_quits_from_everywhere() {
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for first in ['/', '?', 'x'] {
        let mut app = app(80, 24, vec![web(80)]);
        press(&mut app, KeyCode::Char(first));
        assert_eq!(app.update(Message::Key(ctrl_c)), Some(Effect::Quit));
    }
}

#[test]
fn the_help_finds_a_key_by_what_it_does() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('?'));
    type_text(&mut app, "pause");
    press(&mut app, KeyCode::Backspace);
    let Mode::Help(help) = &app.mode else {
        panic!("the help is closed");
    };
    assert_eq!(help.input.value(), "paus");
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Esc);
    assert!(matches!(app.mode, Mode::Browse));
}

#[test]
fn scrolling_stops_at_the_end_of_a_page() {
    let mut app = app(80, 10, vec![web(80)]);
    press(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::End);
    let end = app.page().unwrap().scroll;
    press(&mut app, KeyCode::Down);
    assert_eq!(app.page().unwrap().scroll, end);
    press(&mut app, KeyCode::Up);
    assert_eq!(app.page().unwrap().scroll, end - 1);
}

#[test]
fn the_interval_changes_in_steps() {
    let mut app = app(80, 24, vec![]);
    let slower = press(&mut app, KeyCode::Char('-'));
    assert_eq!(slower, Some(Effect::Interval(Duration::from_secs(2))));
    let faster = press(&mut app, KeyCode::Char('+'));
    assert_eq!(faster, Some(Effect::Interval(Duration::from_secs(1))));
}

#[test]
fn many_sockets_are_counted_by_verdict() {
    let odd = fixture::listener(1587)
        .finding("obscure-port", Severity::Medium)
        .build();
    let findings: &[Finding] = &odd.assessment.findings;
    assert_eq!(findings.len(), 1);
    let app = app(80, 24, vec![odd, web(80)]);
    assert_eq!(app.feed.totals.of_verdict(Verdict::Unusual), 1);
    assert_eq!(app.feed.totals.of_verdict(Verdict::Unknown), 1);
}
