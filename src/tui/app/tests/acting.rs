//! The dialog: who is meant, what is offered, and what is sent.

use super::{app, dialog, press, show, type_text, web};
use crate::{
    model::{
        Ability, Deed, Elevator, Hold, Manager, Order, Outcome, ProcessKey, Relative, Request,
        Restarts, Signal, Started, Supervisor, Surroundings, Text, fixture,
    },
    tui::{
        action::{Action, View},
        app::{App, Mode, dialog::Stage, log::Listed},
        effect::{Effect, Job},
        message::{Known, Message, Report},
        theme::{ColorDepth, Theme},
    },
};
use crossterm::event::KeyCode;
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

/// Another process, which started later.
pub(crate) fn relative(name: &str, pid: u32) -> Relative {
    Relative {
        key: ProcessKey {
            pid,
            started: Started::Ticks(u64::from(pid) * 10),
        },
        name: Text::from(name),
        executable: Some(Text::from(format!("/usr/bin/{name}"))),
    }
}

/// A unit of the system that starts its process again as told.
pub(crate) fn run_by(unit: &str, restarts: Restarts) -> Supervisor {
    Supervisor {
        manager: Manager::Unit {
            name: Text::from(unit),
            user: None,
        },
        restarts,
    }
}

/// Opens the dialog about the owners of the selected row.
pub(crate) fn ask(app: &mut App) {
    let effect = press(app, KeyCode::Char('x'));
    assert!(matches!(effect, Some(Effect::Know(..))), "{effect:?}");
}

/// Lets the dialog know this of each of its processes; all are held.
pub(crate) fn know(app: &mut App, around: &[Surroundings]) {
    let each = around
        .iter()
        .flat_map(|one| one.descendants.iter().chain(&one.group))
        .map(|one| (one.key, (Hold::Held(Some(one.key.pid.into())), None)))
        .collect();
    know_that(app, around, each);
}

/// The same, and what is known of others.
pub(crate) fn know_that(
    app: &mut App,
    around: &[Surroundings],
    each: HashMap<ProcessKey, (Hold, Option<String>)>,
) {
    let held = |one: &Surroundings| (Hold::Held(Some(7)), one.clone());
    let known = Known {
        around: around.iter().map(held).collect(),
        each,
        ours: HashSet::from([1]),
    };
    let id = dialog(app).id;
    assert_eq!(app.update(Message::Known(id, Box::new(known))), None);
    app.settle();
}

/// Opens the dialog, and lets it know that nobody else has to do with its one process.
pub(crate) fn ask_and_know(app: &mut App) {
    ask(app);
    know(app, &[Surroundings::default()]);
}

/// What is asked for by a key.
fn job(app: &mut App, code: KeyCode) -> Job {
    match press(app, code) {
        Some(Effect::Act(job)) => *job,
        other => panic!("{other:?}"),
    }
}

fn orders(job: &Job) -> &[Order] {
    match &job.request {
        Request::Signal(orders) => orders,
        Request::Stop(..) | Request::Close(_) => panic!("{job:?}"),
    }
}

/// Tells that this came of the job, for all its targets.
pub(crate) fn come_of(app: &mut App, job: &Job, outcome: &Outcome) -> Option<Effect> {
    tell(app, job, outcome, vec![])
}

fn tell(
    app: &mut App,
    job: &Job,
    outcome: &Outcome,
    remedies: Vec<(Elevator, String)>,
) -> Option<Effect> {
    let mut about = job.about.clone();
    for one in &mut about {
        one.acted.outcome = Some(outcome.clone());
    }
    let report = Report {
        dialog: job.dialog,
        job: job.number,
        at: fixture::NOW,
        about,
        settled: true,
        remedies,
        note: None,
    };
    let effect = app.update(Message::Acted(Box::new(report)));
    app.settle();
    effect
}

/// Selects the way with this name.
pub(crate) fn choose(app: &mut App, name: &str) {
    let ways = dialog(app).ways();
    let place = ways.iter().position(|way| way.words(None).0 == name);
    let place = place.unwrap_or_else(|| panic!("{name} is not offered"));
    for _ in 0..ways.len() {
        press(app, KeyCode::Up);
    }
    for _ in 0..place {
        press(app, KeyCode::Down);
    }
}

fn selected(app: &App) -> String {
    dialog(app).selected().unwrap().words(None).0
}

fn ended() -> Outcome {
    Outcome::Ended(Duration::from_millis(140))
}

#[test]
fn no_single_key_does_anything_to_a_process() {
    let does =
        |effect: &Option<Effect>| matches!(effect, Some(Effect::Act(_) | Effect::Elevate(..)));
    for key in 0_u8..128 {
        let mut app = app(80, 24, vec![web(80)]);
        let effect = press(&mut app, KeyCode::Char(char::from(key)));
        assert!(!does(&effect), "{key}");
    }
    for code in [KeyCode::Enter, KeyCode::Delete, KeyCode::F(9)] {
        let effect = press(&mut app(80, 24, vec![web(80)]), code);
        assert!(!does(&effect), "{code:?}");
    }
}

#[test]
fn nothing_is_sent_before_the_consequences_are_known() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    for code in [KeyCode::Enter, KeyCode::Char('y'), KeyCode::Enter] {
        assert_eq!(press(&mut app, code), None);
        assert!(dialog(&app).hurried);
    }
    know(&mut app, &[Surroundings::default()]);
    let job = job(&mut app, KeyCode::Char('y'));
    assert_eq!(orders(&job).len(), 1);
}

#[test]
fn what_is_known_of_another_dialog_is_not_taken() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    let first = dialog(&app).id;
    press(&mut app, KeyCode::Esc);
    ask(&mut app);
    let _effect = app.update(Message::Known(first, Box::default()));
    assert!(!dialog(&app).is_known());
}

#[test]
fn the_dialog_sends_to_the_process_it_was_opened_for() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    let meant = app.selected().unwrap().processes[0].key;
    ask_and_know(&mut app);
    // Meanwhile the table becomes another one.
    show(&mut app, fixture::snapshot(vec![web(22), web(25)]));
    let job = job(&mut app, KeyCode::Enter);
    let [order] = orders(&job) else {
        panic!("{job:?}");
    };
    assert_eq!(order.target.key, meant);
    assert_eq!(order.signal, Signal::Term);
    assert_eq!(order.target.executable.as_deref(), Some("/usr/bin/nginx"));
    assert_eq!(order.target.pidfs, Some(7));
    assert!(!order.force && !order.then_kill);
}

#[test]
fn the_second_enter_does_not_send_again() {
    let mut app = app(80, 24, vec![web(80)]);
    ask_and_know(&mut app);
    job(&mut app, KeyCode::Enter);
    assert_eq!(press(&mut app, KeyCode::Enter), None);
}

#[test]
fn escape_leaves_the_dialog_without_sending() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    assert_eq!(press(&mut app, KeyCode::Esc), None);
    assert!(matches!(app.mode, Mode::Browse));
}

#[test]
fn one_that_had_gone_before_it_was_held_gets_nothing() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    let known = Known {
        around: vec![(Hold::Gone, Surroundings::default())],
        each: HashMap::new(),
        ours: HashSet::from([1]),
    };
    let id = dialog(&app).id;
    let _effect = app.update(Message::Known(id, Box::new(known)));
    assert_eq!(press(&mut app, KeyCode::Enter), None);
    let Stage::Done(done) = &dialog(&app).stage else {
        panic!("{:?}", dialog(&app).stage);
    };
    assert_eq!(done.report.about[0].acted.outcome, Some(Outcome::Gone));
}

#[test]
fn a_shared_socket_asks_which_process_is_meant() {
    let shared = fixture::listener(80)
        .owned_by("nginx", 90)
        .owned_by("nginx", 91);
    let mut app = app(80, 24, vec![shared.build()]);
    ask(&mut app);
    know(
        &mut app,
        &[Surroundings::default(), Surroundings::default()],
    );
    assert!(matches!(dialog(&app).stage, Stage::Owner));
    press(&mut app, KeyCode::Down);
    assert_eq!(press(&mut app, KeyCode::Enter), None);
    let job = job(&mut app, KeyCode::Enter);
    assert_eq!(orders(&job)[0].target.key.pid, 91);
    // The other one holds the port, too.
    assert_eq!(job.ports[0].1.shared_with[0].pid, 90);
}

#[test]
fn all_that_hold_a_socket_can_be_meant() {
    let shared = fixture::listener(80)
        .owned_by("nginx", 90)
        .owned_by("nginx", 91);
    let mut app = app(80, 24, vec![shared.build()]);
    ask(&mut app);
    know(
        &mut app,
        &[Surroundings::default(), Surroundings::default()],
    );
    for _ in 0..5 {
        press(&mut app, KeyCode::Down);
    }
    press(&mut app, KeyCode::Enter);
    // Several at once ask for the name.
    press(&mut app, KeyCode::Enter);
    assert!(matches!(dialog(&app).stage, Stage::Force(..)));
    type_text(&mut app, "nginx");
    let job = job(&mut app, KeyCode::Enter);
    let pids: Vec<u32> = orders(&job).iter().map(|one| one.target.key.pid).collect();
    assert_eq!(pids, [90, 91]);
    assert_eq!(job.about.len(), 2);
}

#[test]
fn a_tree_is_sent_to_with_parents_first_and_each_as_it_is_held() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    let around = Surroundings {
        descendants: vec![relative("worker", 81), relative("helper", 82)],
        group: vec![relative("worker", 81), relative("logger", 70)],
        ..Surroundings::default()
    };
    know(&mut app, &[around]);
    press(&mut app, KeyCode::Char('t'));
    let group: Vec<u32> = dialog(&app)
        .meant()
        .iter()
        .map(|one| one.0.key.pid)
        .collect();
    assert_eq!(group, [80, 81, 70]);
    press(&mut app, KeyCode::Char('t'));
    // Several at once ask for the name.
    assert_eq!(press(&mut app, KeyCode::Enter), None);
    type_text(&mut app, "nginx");
    let job = job(&mut app, KeyCode::Enter);
    assert!(orders(&job).iter().all(|one| !one.force));
    let sent: Vec<_> = orders(&job)
        .iter()
        .map(|one| (one.target.key.pid, one.target.pidfs))
        .collect();
    assert_eq!(sent, [(80, Some(7)), (81, Some(81)), (82, Some(82))]);
}

#[test]
fn a_relative_that_has_gone_gets_nothing() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    let gone = relative("worker", 81);
    let around = Surroundings {
        descendants: vec![gone.clone(), relative("helper", 82)],
        ..Surroundings::default()
    };
    let each = HashMap::from([(gone.key, (Hold::Gone, None))]);
    know_that(&mut app, &[around], each);
    press(&mut app, KeyCode::Char('t'));
    press(&mut app, KeyCode::Enter);
    type_text(&mut app, "nginx");
    let job = job(&mut app, KeyCode::Enter);
    let pids: Vec<u32> = orders(&job).iter().map(|one| one.target.key.pid).collect();
    assert_eq!(pids, [80, 82]);
}

#[test]
fn kill_asks_for_the_name_and_overrules_nothing() {
    let mut app = app(80, 24, vec![web(80)]);
    ask_and_know(&mut app);
    press(&mut app, KeyCode::Down);
    press(&mut app, KeyCode::Down);
    assert_eq!(press(&mut app, KeyCode::Enter), None);
    assert!(matches!(dialog(&app).stage, Stage::Force(..)));
    type_text(&mut app, "ngin");
    assert_eq!(press(&mut app, KeyCode::Enter), None);
    type_text(&mut app, "x");
    let job = job(&mut app, KeyCode::Enter);
    assert_eq!(orders(&job)[0].signal, Signal::Kill);
    assert!(!orders(&job)[0].force);
}

#[test]
fn the_gentlest_way_that_works_is_selected() {
    let always = Restarts::Yes(Text::from("always"));
    let deaf = Surroundings {
        is_deaf_to_term: true,
        ..Surroundings::default()
    };
    let managed = |restarts| Surroundings {
        supervisor: Some(run_by("web.service", restarts)),
        ..Surroundings::default()
    };
    for (around, expected) in [
        (Surroundings::default(), "TERM"),
        (deaf, "TERM, then KILL"),
        (managed(Restarts::Never), "TERM"),
        (managed(Restarts::Unknown), "TERM"),
        (managed(always), "stop the unit"),
    ] {
        let mut app = app(80, 24, vec![web(80)]);
        ask(&mut app);
        know(&mut app, &[around]);
        assert_eq!(selected(&app), expected);
    }
}

#[test]
fn what_a_person_chose_stays_chosen() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    choose(&mut app, "KILL");
    let around = Surroundings {
        supervisor: Some(run_by("web.service", Restarts::Yes(Text::from("always")))),
        ..Surroundings::default()
    };
    know(&mut app, &[around]);
    assert_eq!(selected(&app), "KILL");
}

#[test]
fn the_unit_is_stopped_in_place_of_the_process() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    let around = Surroundings {
        supervisor: Some(run_by("web.service", Restarts::Yes(Text::from("always")))),
        ..Surroundings::default()
    };
    know(&mut app, &[around]);
    let job = job(&mut app, KeyCode::Enter);
    assert!(matches!(&job.request, Request::Stop(manager, _) if manager.name() == "web.service"));
    let command = "systemctl stop -- web.service".to_owned();
    assert_eq!(job.about[0].acted.deed, Deed::Stop(command));
    assert_eq!(job.ports[0].1.number, 80);
    assert!(!job.ports[0].1.may_return);
}

#[test]
fn kill_follows_term_unless_it_is_cancelled() {
    for cancels in [false, true] {
        let mut app = app(80, 24, vec![web(80)]);
        ask_and_know(&mut app);
        choose(&mut app, "TERM, then KILL");
        let first = job(&mut app, KeyCode::Enter);
        assert_eq!(orders(&first)[0].signal, Signal::Term);
        let id = dialog(&app).id;
        let _effect = app.update(Message::Waited(id, Duration::from_secs(2)));
        if cancels {
            assert_eq!(press(&mut app, KeyCode::Esc), None);
            assert!(matches!(dialog(&app).stage, Stage::Waiting(_)));
        }
        let effect = come_of(&mut app, &first, &Outcome::Signalled);
        if cancels {
            assert_eq!(effect, Some(Effect::Refresh));
            continue;
        }
        let Some(Effect::Act(second)) = effect else {
            panic!("{effect:?}");
        };
        assert_eq!(orders(&second)[0].signal, Signal::Kill);
        assert_eq!(orders(&second)[0].target, orders(&first)[0].target);
        // The first job is told once more when its ports were looked at.
        come_of(&mut app, &first, &Outcome::Signalled);
        assert!(matches!(dialog(&app).stage, Stage::Waiting(_)));
        come_of(&mut app, &second, &ended());
        assert!(matches!(dialog(&app).stage, Stage::Done(_)));
    }
}

#[test]
fn kill_does_not_follow_what_has_ended_or_a_dialog_that_was_closed() {
    let mut app = app(80, 24, vec![web(80)]);
    ask_and_know(&mut app);
    choose(&mut app, "TERM, then KILL");
    let first = job(&mut app, KeyCode::Enter);
    assert_eq!(come_of(&mut app, &first, &ended()), Some(Effect::Refresh));
    press(&mut app, KeyCode::Enter);

    ask_and_know(&mut app);
    choose(&mut app, "TERM, then KILL");
    let first = job(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Esc);
    let effect = come_of(&mut app, &first, &Outcome::Signalled);
    assert_eq!(effect, Some(Effect::Refresh));
    let said = app.said.as_deref().unwrap_or_default();
    assert!(said.contains("still runs"), "{said}");
}

#[test]
fn what_is_protected_wants_its_name_typed() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    let key = app.selected().unwrap().processes[0].key;
    let why = "the configuration protects nginx".to_owned();
    let each = HashMap::from([(key, (Hold::Held(None), Some(why)))]);
    know_that(&mut app, &[Surroundings::default()], each);
    assert_eq!(press(&mut app, KeyCode::Enter), None);
    assert!(matches!(dialog(&app).stage, Stage::Force(..)));
    assert_eq!(press(&mut app, KeyCode::Enter), None);
    type_text(&mut app, "ngin");
    assert_eq!(press(&mut app, KeyCode::Enter), None);
    type_text(&mut app, "x");
    let job = job(&mut app, KeyCode::Enter);
    assert!(orders(&job)[0].force);
}

#[test]
fn a_protected_parent_may_start_again_what_ends() {
    let mut app = app(80, 24, vec![web(80)]);
    ask(&mut app);
    let parent = ProcessKey {
        pid: 40,
        ..app.selected().unwrap().processes[0].key
    };
    let why = "the configuration protects supervisord".to_owned();
    let each = HashMap::from([(parent, (Hold::Unheld, Some(why)))]);
    know_that(&mut app, &[Surroundings::default()], each);
    assert!(!dialog(&app).is_ours(parent.pid));
    assert!(dialog(&app).is_ours(1));
}

#[test]
fn a_refusal_is_overruled_only_by_the_name() {
    let mut app = app(80, 24, vec![web(80)]);
    ask_and_know(&mut app);
    let first = job(&mut app, KeyCode::Enter);
    let refused = Outcome::Refused("it runs another program".to_owned());
    assert_eq!(come_of(&mut app, &first, &refused), Some(Effect::Refresh));
    assert_eq!(press(&mut app, KeyCode::Enter), None);
    type_text(&mut app, "nginx");
    assert!(orders(&job(&mut app, KeyCode::Enter))[0].force);
}

#[test]
fn a_missing_privilege_is_had_only_by_the_key_for_it() {
    let mut app = app(80, 24, vec![web(80)]);
    ask_and_know(&mut app);
    let first = job(&mut app, KeyCode::Enter);
    let denied = Outcome::Denied("needs root or CAP_KILL".to_owned());
    let remedies = vec![(Elevator::Sudo, "/usr/bin/sudo -k -- portwise".to_owned())];
    tell(&mut app, &first, &denied, remedies);
    for code in [KeyCode::Char('p'), KeyCode::Down, KeyCode::Char('x')] {
        assert_eq!(press(&mut app, code), None);
    }
    let copied = press(&mut app, KeyCode::Char('y'));
    assert!(matches!(copied, Some(Effect::Copy(command)) if command.contains("sudo -k")));
    let Some(Effect::Elevate(again, Elevator::Sudo)) = press(&mut app, KeyCode::Char('s')) else {
        panic!("{:?}", dialog(&app).stage);
    };
    assert_eq!(again.request, first.request);
}

#[test]
fn an_outcome_is_told_after_the_dialog_was_closed() {
    let mut app = app(80, 24, vec![web(80)]);
    ask_and_know(&mut app);
    let job = job(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Esc);
    come_of(&mut app, &job, &Outcome::Gone);
    assert_eq!(
        app.said.as_deref(),
        Some("nginx pid 80: had already gone; nothing was sent")
    );
}

#[test]
fn what_was_done_stands_in_the_timeline() {
    let mut app = app(80, 24, vec![web(80)]);
    ask_and_know(&mut app);
    let job = job(&mut app, KeyCode::Enter);
    come_of(&mut app, &job, &ended());
    press(&mut app, KeyCode::Enter);
    app.show(View::Timeline);
    app.settle();
    let event = app.timeline.selected().unwrap();
    assert_eq!(event.detail.as_deref(), Some("ended 0.1 s after SIGTERM"));
    assert_eq!(event.socket.raw.local().port, 80);
}

#[test]
fn one_connection_is_closed_by_its_cookie() {
    let connection = fixture::connection("10.0.0.5:43210", "192.0.2.7:443")
        .owned_by("curl", 500)
        .cookie(0xabc)
        .build();
    let mut app = app(80, 24, vec![connection]);
    assert_eq!(press(&mut app, KeyCode::Char('K')), None);
    let job = job(&mut app, KeyCode::Enter);
    let Request::Close(closings) = &job.request else {
        panic!("{job:?}");
    };
    assert_eq!(closings[0].cookie, 0xabc);
    assert_eq!(job.about[0].acted.pid, Some(500));
    come_of(&mut app, &job, &ended());
    press(&mut app, KeyCode::Enter);
    // The dialog about the process offers it, too.
    ask_and_know(&mut app);
    choose(&mut app, "close");
}

#[test]
fn what_cannot_be_closed_or_signalled_says_why() {
    let mut app = app(80, 24, vec![web(80)]);
    assert!(!app.can(Action::CloseConnection));
    press(&mut app, KeyCode::Char('K'));
    let said = app.said.clone().unwrap_or_default();
    assert!(said.contains("only an open TCP connection"), "{said}");

    let mut app = super::app(80, 24, vec![fixture::listener(80).build()]);
    press(&mut app, KeyCode::Char('x'));
    let said = app.said.clone().unwrap_or_default();
    assert!(said.contains("its owner is not visible"), "{said}");
}

#[test]
fn the_log_is_read_when_it_is_opened() {
    let mut app = app(80, 24, vec![web(80)]);
    assert_eq!(press(&mut app, KeyCode::Char('L')), Some(Effect::ReadLog));
    assert_eq!(app.update(Message::Log(Ok(vec![]))), None);
    assert!(
        matches!(&app.mode, Mode::Log(log) if matches!(&log.listed, Listed::Done(Some(Ok(done))) if done.is_empty()))
    );
    press(&mut app, KeyCode::Esc);
    assert!(matches!(app.mode, Mode::Browse));
}

#[test]
fn the_key_that_opens_a_list_closes_it_whichever_it_is() {
    let mut app = app(80, 24, vec![web(80)]);
    let bound = [("log".to_owned(), vec!["%".to_owned()])];
    app.setup.keymap = crate::tui::Keymap::new(&bound).unwrap();
    for key in ['%', 'D'] {
        assert!(press(&mut app, KeyCode::Char(key)).is_some());
        assert!(matches!(app.mode, Mode::Log(_)), "{key}");
        press(&mut app, KeyCode::Char('L'));
        assert!(matches!(app.mode, Mode::Log(_)), "{key}");
        press(&mut app, KeyCode::Char(key));
        assert!(matches!(app.mode, Mode::Browse), "{key}");
    }
}

#[test]
fn a_listener_has_no_throughput() {
    let text = |socket: crate::model::Socket| {
        let mut app = app(120, 36, vec![socket]);
        press(&mut app, KeyCode::Char('c'));
        let sheet = app.sheet().unwrap();
        let lines = sheet.main.iter().map(|line| line.plain() + "\n");
        lines.collect::<String>()
    };
    let listener = text(web(80));
    assert!(listener.contains("Local"), "{listener}");
    assert!(!listener.contains("not measured"), "{listener}");
    let connection = text(fixture::connection("10.0.0.5:1", "192.0.2.7:443").build());
    assert!(connection.contains("Received"), "{connection}");
}

#[test]
fn the_palette_knows_doctor_and_what_works_is_shown() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char(':'));
    type_text(&mut app, "doctor");
    assert_eq!(press(&mut app, KeyCode::Enter), Some(Effect::Examine));
    // What was asked for before comes late, and is not taken for it.
    assert_eq!(app.update(Message::Log(Ok(vec![]))), None);
    let text = |app: &App| {
        let lines = app.log_lines();
        lines
            .iter()
            .map(crate::tui::document::Line::plain)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(text(&app).contains("being tried"));
    let ability = Ability::fails("closings", "no").cured_by("sudo portwise");
    assert_eq!(app.update(Message::Works(vec![ability])), None);
    let said = text(&app);
    for words in [
        "80x24, details below the table",
        "missing: no",
        "sudo portwise",
        "every 1s",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    app.details = false;
    assert!(text(&app).contains("the table alone; the pane is off"));
    press(&mut app, KeyCode::Esc);
    assert!(matches!(app.mode, Mode::Browse));
}

#[test]
fn what_cannot_be_done_to_a_recording_is_not_laid_to_an_option() {
    let mut app = app(80, 24, vec![web(80)]);
    app.setup.readonly = true;
    press(&mut app, KeyCode::Char('x'));
    assert_eq!(
        app.said.as_deref(),
        Some("read-only: started with --readonly")
    );
    app.setup.recording = Some(Text::from("x"));
    for key in ['x', 'K', 'a', 'b'] {
        assert_eq!(press(&mut app, KeyCode::Char(key)), None);
        assert_eq!(
            app.said.as_deref(),
            Some("nothing can be done to what a recording shows"),
            "{key}"
        );
    }
    assert!(matches!(app.mode, Mode::Browse));
}

#[test]
fn the_theme_is_explained() {
    let mut app = app(80, 24, vec![web(80)]);
    assert_eq!(app.theme_in_words(), "dark: as it was chosen");
    app.theme_follows = true;
    assert!(app.theme_in_words().contains("not asked"));
    app.asked = true;
    assert!(app.theme_in_words().contains("did not tell"));
    let _effect = app.update(Message::Background(true));
    assert_eq!(
        app.theme_in_words(),
        "light: the terminal says that its background is light"
    );
    app.setup.themes = vec![Theme::mono()];
    app.theme = 0;
    assert!(app.theme_in_words().contains("colours of this terminal"));
}

#[test]
fn at_every_depth_the_theme_follows_the_background() {
    for depth in [
        ColorDepth::Ansi16,
        ColorDepth::Indexed,
        ColorDepth::Truecolor,
    ] {
        let mut app = app(80, 24, vec![web(80)]);
        app.theme_follows = true;
        app.setup.themes = Theme::all(depth);
        for light in [true, false] {
            let _effect = app.update(Message::Background(light));
            let theme = app.setup.themes[app.theme];
            assert_eq!(theme, Theme::fitting(light, depth), "{depth:?}");
        }
    }
}

#[test]
fn of_256_colours_none_of_ours_is_taken_until_the_background_is_known() {
    assert_eq!(Theme::all(ColorDepth::Indexed)[0], Theme::ansi());
}
