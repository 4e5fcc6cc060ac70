//! Menus, the palette, completion, and what a person decides.

use super::*;
use crate::{
    model::Surroundings,
    tui::{
        action::{ACTIONS, View},
        app::chooser::{Chooser, Does},
        app::dialog::way::Scope,
        app::page::Subject,
        document::{Line, Target},
        effect::Format,
        message::Accepted,
    },
};

fn chooser(app: &App) -> &Chooser {
    let Mode::Choose(chooser) = &app.mode else {
        panic!("no list: {:?}", app.mode);
    };
    chooser
}

fn odd() -> Socket {
    fixture::listener(1587)
        .owned_by("python3", 30119)
        .finding("obscure-port", Severity::Medium)
        .build()
}

#[test]
fn a_filter_is_made_of_the_selected_row_and_taken_back() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    press(&mut app, KeyCode::Char('f'));
    press(&mut app, KeyCode::Char('p'));
    assert_eq!(app.filter.understood, "port:80");
    press(&mut app, KeyCode::Char('f'));
    press(&mut app, KeyCode::Char('l'));
    assert_eq!(app.filter.understood, "port:80 !lo");
    press(&mut app, KeyCode::Char('f'));
    press(&mut app, KeyCode::Char('l'));
    assert_eq!(app.filter.understood, "port:80");
}

#[test]
fn every_quick_filter_can_be_read() {
    let hostile = fixture::connection("10.0.0.5:1", "192.0.2.7:443")
        .owned_by("a \"b\" (c)", 7)
        .build();
    let mut app = app(80, 24, vec![hostile]);
    press(&mut app, KeyCode::Char('f'));
    for item in &chooser(&app).items {
        let Does::Term(term) = &item.does else {
            panic!("{item:?}");
        };
        assert!(query::Query::parse(term).is_ok(), "{term}");
    }
}

#[test]
fn whatever_the_help_says_and_does_something_is_in_the_palette() {
    let on_pages = |app: &mut App, keys: &str| {
        for key in keys.chars() {
            press(app, KeyCode::Char(key));
        }
    };
    for keys in ["1", "2", "3", "4", "5", "1p", "1P", "1c"] {
        let mut app = app(120, 36, vec![odd(), web(80)]);
        on_pages(&mut app, keys);
        let place = app.place();
        let can = |entry: &&crate::tui::action::Entry| {
            let is_here = entry.places.contains(&place);
            is_here && entry.action != Action::Palette && app.can(entry.action)
        };
        let offered = app.palette("");
        for entry in ACTIONS.iter().filter(can) {
            let does = Does::Act(entry.action);
            assert!(
                offered.iter().any(|item| item.does == does),
                "{keys}: {}",
                entry.name
            );
        }
    }
}

#[test]
fn the_palette_leads_to_the_signal_for_a_whole_tree() {
    let mut app = app(120, 36, vec![web(80)]);
    press(&mut app, KeyCode::Char(':'));
    type_text(&mut app, "kill tree");
    let item = chooser(&app).items[1].clone();
    assert_eq!((item.does, &*item.keys), (Does::Tree, "x t"));
    press(&mut app, KeyCode::Down);
    assert!(press(&mut app, KeyCode::Enter).is_some());
    assert_eq!(
        dialog(&app).scope,
        Scope::One,
        "nobody knows yet whom it started"
    );
    let around = Surroundings {
        descendants: vec![acting::relative("worker", 81)],
        ..Surroundings::default()
    };
    acting::know(&mut app, &[around]);
    assert_eq!(dialog(&app).scope, Scope::Tree);
    app.setup.readonly = true;
    let offered = app.palette("tree");
    assert!(offered.iter().all(|item| item.does != Does::Tree));
}

#[test]
fn the_palette_knows_actions_ports_services_and_programs() {
    let mut app = app(120, 36, vec![web(80), odd()]);
    press(&mut app, KeyCode::Char(':'));
    for (typed, wanted) in [
        ("sig", Does::Act(Action::Signal)),
        ("1587", Does::Port(1587)),
        ("submission", Does::Port(587)),
        ("python", Does::Process(odd().processes[0].key)),
        ("30119", Does::Port(30119)),
        ("pid:30119", Does::Process(odd().processes[0].key)),
    ] {
        type_text(&mut app, typed);
        let items = &chooser(&app).items;
        assert!(
            items.iter().any(|item| item.does == wanted),
            "{typed}: {items:?}"
        );
        press(&mut app, KeyCode::Esc);
    }
    type_text(&mut app, "1587");
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.page().unwrap().name(), "Port 1587");
}

#[test]
fn the_palette_offers_only_what_would_do_something() {
    let mut app = app(80, 24, vec![fixture::listener(631).build()]);
    press(&mut app, KeyCode::Char(':'));
    let items = &chooser(&app).items;
    assert!(
        items
            .iter()
            .all(|item| item.does != Does::Act(Action::Signal))
    );
    assert!(
        items
            .iter()
            .any(|item| item.does == Does::Act(Action::Quit))
    );
    assert!(items.iter().all(|item| !item.keys.is_empty()));
}

#[test]
fn a_filter_is_kept_and_found_again() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    app.set_filter("port:80");
    press(&mut app, KeyCode::Char('@'));
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.kept.len(), 1);
    press(&mut app, KeyCode::Esc);
    assert!(app.filter.is_empty());
    press(&mut app, KeyCode::Char('@'));
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.filter.understood, "port:80");
}

#[test]
fn a_filter_is_kept_under_a_name_that_is_typed_and_the_palette_knows_it() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    app.set_filter("port:80");
    press(&mut app, KeyCode::Char('@'));
    type_text(&mut app, "@web");
    assert_eq!(
        chooser(&app).items[0].label,
        "keep the filter of now as @web"
    );
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.kept, [("web".to_owned(), "port:80".to_owned())]);
    // The name is taken now, and a second colon is no part of one.
    press(&mut app, KeyCode::Char('@'));
    type_text(&mut app, "web");
    assert_eq!(chooser(&app).items.len(), 1);
    press(&mut app, KeyCode::Esc);
    press(&mut app, KeyCode::Esc);
    app.set_filter("port:443");
    press(&mut app, KeyCode::Char(':'));
    type_text(&mut app, ":@we");
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.filter.understood, "port:80");
    press(&mut app, KeyCode::Char('@'));
    press(&mut app, KeyCode::Down);
    assert_eq!(chooser(&app).items[1].does, Does::Forget);
    press(&mut app, KeyCode::Enter);
    assert!(app.kept.is_empty());
}

#[test]
fn a_kept_filter_is_replaced_by_another_of_its_name_when_that_is_asked_for() {
    let mut app = app(80, 24, vec![web(80), web(443)]);
    app.setup.filters = vec![("mine".to_owned(), "mine".to_owned())];
    app.kept = vec![
        ("web".to_owned(), "port:80".to_owned()),
        ("tls".to_owned(), "port:443".to_owned()),
    ];
    app.set_filter("port:80,443");
    press(&mut app, KeyCode::Char('@'));
    type_text(&mut app, "we");
    assert_eq!(chooser(&app).items[1].does, Does::Keep("we".to_owned()));
    type_text(&mut app, "b");
    // The one that is kept comes first: it is not lost by one key.
    let items = &chooser(&app).items;
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].does, Does::Filter("port:80".to_owned()));
    assert_eq!(items[1].label, "replace @web by the filter of now");
    assert_eq!(items[1].more, "port:80, from now on port:80,443");
    press(&mut app, KeyCode::Down);
    press(&mut app, KeyCode::Enter);
    assert_eq!(
        app.said.as_deref(),
        Some("kept: @web, which was port:80"),
        "so that it can be kept again"
    );
    let names: Vec<_> = app.kept.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["web", "tls"], "at its place");
    assert_eq!(app.kept[0].1, "port:80,443");
    // One of the configuration is not hidden by another.
    press(&mut app, KeyCode::Char('@'));
    type_text(&mut app, "mine");
    assert_eq!(chooser(&app).items.len(), 1);
    let said = "@mine stands in the configuration, and is changed there.";
    assert_eq!(chooser(&app).words, [said]);
    press(&mut app, KeyCode::Esc);
    assert!(chooser(&app).words[0].starts_with("Type a name"));
}

#[test]
fn tab_completes_a_field_and_then_its_values() {
    let mut app = app(80, 24, vec![web(80), web(443), odd()]);
    press(&mut app, KeyCode::Char('/'));
    type_text(&mut app, "verd");
    press(&mut app, KeyCode::Tab);
    assert_eq!(app.filter.input.value(), "verdict:");
    press(&mut app, KeyCode::Tab);
    assert_eq!(app.filter.input.value(), "verdict:unknown");
    assert_eq!(app.filter.completion.offers[0].note, "2");
    press(&mut app, KeyCode::Tab);
    assert_eq!(app.filter.input.value(), "verdict:unusual");
    press(&mut app, KeyCode::BackTab);
    assert_eq!(app.filter.input.value(), "verdict:unknown");
}

#[test]
fn what_was_found_is_accepted_and_taken_back() {
    let mut app = app(80, 24, vec![odd()]);
    press(&mut app, KeyCode::Char('a'));
    // Not on any port: no script is known, so that would be whatever a Python runs.
    assert_eq!(chooser(&app).items.len(), 2);
    let Some(Effect::Accept(entry)) = press(&mut app, KeyCode::Enter) else {
        panic!("nothing was accepted");
    };
    assert_eq!(
        entry.port.map(|port| port.to_string()).as_deref(),
        Some("1587/tcp")
    );
    assert_eq!(entry.program.as_deref(), Some("/usr/bin/python3"));
    assert!(!app.can(Action::Undo));
    let place = Some("/etc/portwise/policy.toml".to_owned());
    let written = Message::Accepted(Ok(Accepted::Written(entry.clone(), place)));
    assert_eq!(app.update(written), Some(Effect::Refresh));
    assert_eq!(
        app.said.as_deref(),
        Some("accepted, in the policy; U takes it back (/etc/portwise/policy.toml)")
    );
    assert_eq!(
        press(&mut app, KeyCode::Char('U')),
        Some(Effect::TakeBack(entry))
    );
    let _effect = app.update(Message::Accepted(Ok(Accepted::TakenBack)));
    assert!(!app.can(Action::Undo));
}

#[test]
fn a_policy_that_cannot_be_written_is_said() {
    let mut app = app(80, 24, vec![odd()]);
    let _effect = app.update(Message::Accepted(Err("no space left".to_owned())));
    let said = app.said.unwrap();
    assert_eq!(said, "could not change the policy: no space left");
}

#[test]
fn on_the_page_of_a_port_it_is_accepted_whatever_link_is_selected() {
    let other = fixture::listener(8080).owned_by("java", 7).build();
    let mut app = app(120, 36, vec![odd(), other]);
    app.open_page(Subject::Port(1587, None));
    app.settle();
    let link = |app: &mut App, wanted: fn(&Target) -> bool| {
        let at = app.sheet().unwrap().links.iter().position(wanted);
        app.pages.last_mut().unwrap().link = Some(at.unwrap());
    };
    for wanted in [
        None,
        Some((|target| matches!(target, Target::Command(_))) as fn(&Target) -> bool),
    ] {
        if let Some(wanted) = wanted {
            link(&mut app, wanted);
        }
        press(&mut app, KeyCode::Char('a'));
        assert_eq!(chooser(&app).words[0], "listener on 1587: 0.0.0.0:1587");
        press(&mut app, KeyCode::Esc);
    }
    // Only what is selected is copied by itself.
    assert!(app.to_copy().unwrap().contains(":1587"));
    app.pages.last_mut().unwrap().link = None;
    assert_eq!(app.to_copy().as_deref(), Some("1587"));
}

#[test]
fn what_is_accepted_beside_the_port_is_said_in_full() {
    let worse = fixture::listener(1587)
        .owned_by("python3", 30119)
        .finding("executable-in-temp", Severity::High)
        .build();
    let mut app = app(80, 24, vec![worse]);
    press(&mut app, KeyCode::Char('a'));
    let words = &chooser(&app).words;
    assert!(
        words
            .iter()
            .any(|one| one.ends_with("in spite of executable-in-temp.")),
        "{words:?}"
    );
}

#[test]
fn an_entry_of_the_policy_is_shown_in_full_on_as_many_lines_as_it_takes() {
    let long = fixture::listener(1587)
        .owned_by("python3", 30119)
        .with(|process| {
            let Fact::Known(executable) = &mut process.executable else {
                panic!("{process:?}");
            };
            executable.path = Text::from(format!("/opt/{}bin/python3", "deep/".repeat(20)));
        })
        .finding("obscure-port", Severity::Medium)
        .build();
    for (width, height) in [(40, 12), (60, 15), (80, 24), (120, 36)] {
        let mut app = app(width, height, vec![long.clone()]);
        press(&mut app, KeyCode::Char('a'));
        let area = app.area;
        for place in 0..chooser(&app).items.len() {
            let list = chooser(&app);
            assert_eq!(list.cursor, place);
            let item = &list.items[place];
            let lines = list.in_full(item, area).unwrap();
            let told: String = lines.iter().map(Line::plain).collect();
            let squeezed = |text: &str| text.replace(' ', "");
            assert!(squeezed(&told).ends_with(&squeezed(&item.more)), "{told}");
            // All lines of the selected one are in sight, unless that one alone is too tall.
            let rows = list.place(area).rows;
            let above = list.lines_before(place, area) - list.lines_before(list.offset, area);
            assert!(
                above == 0 || above + lines.len() <= rows,
                "{width}x{height}: {place}"
            );
            // A click on its last line is a click on it.
            let bottom = (above + lines.len()).min(rows) - 1;
            let of_list = list.place(area);
            let top = usize::from(of_list.area.bottom()) - 1 - rows;
            let at = Position::new(of_list.area.x + 3, u16::try_from(top + bottom).unwrap());
            assert_eq!(app.update(Message::Mouse(Pointer::Click(at))), None);
            assert_eq!(chooser(&app).cursor, place, "{width}x{height}");
            press(&mut app, KeyCode::Down);
        }
    }
}

#[test]
fn where_there_are_many_the_worst_listener_is_accepted_and_none_is_closed() {
    let worse = fixture::connection("10.0.0.5:1587", "192.0.2.7:443")
        .owned_by("python3", 30119)
        .finding("obscure-port", Severity::Medium)
        .build();
    let mut app = app(120, 36, vec![worse, odd()]);
    app.open_page(Subject::Port(1587, None));
    app.settle();
    assert!(!app.can(Action::CloseConnection));
    press(&mut app, KeyCode::Char('a'));
    assert_eq!(chooser(&app).words[0], "listener on 1587: 0.0.0.0:1587");
}

#[test]
fn nothing_is_accepted_where_nothing_may_be_changed() {
    let mut app = app(80, 24, vec![odd()]);
    app.setup.readonly = true;
    press(&mut app, KeyCode::Char('a'));
    assert!(matches!(app.mode, Mode::Browse));
}

#[test]
fn the_view_is_exported_in_the_chosen_form() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('e'));
    let effect = press(&mut app, KeyCode::Char('c'));
    assert_eq!(effect, Some(Effect::Export(Format::Csv)));
}

#[test]
fn every_view_is_reached_by_its_number_and_by_its_neighbour() {
    let mut app = app(80, 24, vec![odd()]);
    for (key, view) in ['1', '2', '3', '4', '5'].into_iter().zip(View::ALL) {
        press(&mut app, KeyCode::Char(key));
        assert_eq!(app.view, view);
    }
    press(&mut app, KeyCode::Char(']'));
    assert_eq!(app.view, View::Sockets);
    press(&mut app, KeyCode::Char('['));
    assert_eq!(app.view, View::Timeline);
}

#[test]
fn escape_never_quits_whatever_is_open() {
    for keys in [
        ":", "?", "f", "@", "C", "!", "o", "/", "x", "a", "e", "y", "5", "3\t",
    ] {
        let mut app = app(80, 24, vec![odd()]);
        for key in keys.chars() {
            let code = if key == '\t' {
                KeyCode::Tab
            } else {
                KeyCode::Char(key)
            };
            press(&mut app, code);
        }
        for _ in 0..4 {
            assert_ne!(press(&mut app, KeyCode::Esc), Some(Effect::Quit), "{keys}");
        }
        assert!(matches!(app.mode, Mode::Browse), "{keys}: {:?}", app.mode);
    }
}

#[test]
fn the_background_decides_the_theme_until_the_person_does() {
    let mut app = app(80, 24, vec![]);
    app.theme_follows = true;
    assert_eq!(
        app.update(Message::Background(true)),
        Some(Effect::Theme(1))
    );
    press(&mut app, KeyCode::Char('T'));
    assert_eq!(app.update(Message::Background(true)), None);
}

#[test]
fn the_next_run_begins_as_this_one_ended() {
    let mut before = app(80, 24, vec![odd()]);
    for key in ['3', '1', 't', 'r', 'i', 's'] {
        press(&mut before, KeyCode::Char(key));
    }
    press(&mut before, KeyCode::Char('4'));
    let mut after = empty_app(80, 24);
    after.remember(before.to_remember());
    assert_eq!(after.view, View::Findings);
    assert_eq!(after.to_remember(), before.to_remember());
    assert!(!after.details);
}

#[test]
fn the_palette_finds_what_people_call_a_thing_and_forgives_a_letter() {
    let mut app = app(120, 36, vec![web(80)]);
    for (typed, found) in [
        ("kil", "signal"),
        ("freeze", "pause"),
        ("freese", "pause"),
        ("colums", "columns"),
        ("exit", "quit"),
    ] {
        press(&mut app, KeyCode::Char(':'));
        type_text(&mut app, typed);
        let Mode::Choose(chooser) = &app.mode else {
            panic!("{:?}", app.mode)
        };
        let first = chooser.items.first().map(|item| item.more.as_str());
        assert_eq!(first, Some(found), "{typed}");
        // Once for what is typed, once for the list.
        press(&mut app, KeyCode::Esc);
        press(&mut app, KeyCode::Esc);
        assert!(matches!(app.mode, Mode::Browse));
    }
    press(&mut app, KeyCode::Char(':'));
    type_text(&mut app, "qqqq");
    let Mode::Choose(chooser) = &app.mode else {
        panic!("{:?}", app.mode)
    };
    assert!(chooser.items.is_empty());
}

#[test]
fn a_program_that_is_there_comes_before_an_action_that_is_called_nearly_so() {
    let exim = fixture::listener(25).owned_by("exim4", 900).build();
    let key = exim.processes[0].key;
    let mut app = app(120, 36, vec![exim]);
    press(&mut app, KeyCode::Char(':'));
    type_text(&mut app, "exim");
    let items = &chooser(&app).items;
    assert_eq!(items[0].does, Does::Process(key));
    assert!(
        items
            .iter()
            .all(|item| item.does != Does::Act(Action::Quit))
    );
}

#[test]
fn a_hint_that_has_room_is_shown_behind_one_that_has_none() {
    let app = app(80, 24, vec![web(80)]);
    let hints = app.footer().hints;
    assert!(
        hints.iter().any(|hint| hint.words == "commands"),
        "{hints:?}"
    );
}

#[test]
fn hints_lose_letters_before_any_is_left_out() {
    let words = |width, height| {
        let app = app(width, height, vec![web(80)]);
        let hints = app.footer().hints.into_iter();
        hints.map(|hint| hint.words).collect::<Vec<_>>()
    };
    // Two lines have room for everything that would do something.
    let all = words(250, 50);
    assert!(all.contains(&"quick filter"), "{all:?}");
    assert_eq!(words(80, 24).len(), all.len());
    assert_eq!(words(120, 36)[..4], all[..4]);
    let narrow = words(60, 15);
    assert!(narrow.len() > 5 && narrow.contains(&"signal"), "{narrow:?}");
    for (width, height) in [(40, 8), (60, 15), (100, 12)] {
        assert!(words(width, height).ends_with(&["help", "quit"]));
    }
}

#[test]
fn no_two_hints_share_a_place_and_all_are_inside() {
    for width in 40..220 {
        for height in [12, 24] {
            let mut app = app(width, height, vec![web(80)]);
            app.said = (width % 2 == 0).then(|| "theme light".to_owned());
            let footer = app.footer();
            let area = app.regions().footer;
            let mut taken = std::collections::HashSet::new();
            let said = (area.height - 1, 1, footer.said.len());
            let hints = footer.hints.iter();
            let hints = hints.map(|hint| {
                let columns = hint.key.chars().count() + 1 + hint.words.len();
                (hint.line, usize::from(hint.x), columns)
            });
            for (line, x, columns) in hints.chain([said]) {
                assert!(line < area.height);
                assert!(x + columns <= usize::from(width), "{width}: {footer:?}");
                for column in x..x + columns {
                    assert!(taken.insert((line, column)), "{width}: {footer:?}");
                }
            }
        }
    }
}

#[test]
fn the_help_is_laid_out_once_for_a_key() {
    let mut app = app(80, 24, vec![web(80)]);
    press(&mut app, KeyCode::Char('?'));
    let lines = |app: &App| {
        let Mode::Help(help) = &app.mode else {
            panic!("{:?}", app.mode);
        };
        app.help_lines(help)
    };
    let first = lines(&app);
    assert!(Rc::ptr_eq(&first, &lines(&app)));
    press(&mut app, KeyCode::Char('x'));
    assert!(lines(&app).len() < first.len(), "narrowed to what is typed");
}

#[test]
fn every_sentence_of_the_palette_is_there_in_whole() {
    for (width, height) in [(60, 15), (80, 24)] {
        let mut app = app(width, height, vec![web(80)]);
        press(&mut app, KeyCode::Char(':'));
        let Mode::Choose(chooser) = &app.mode else {
            panic!("{:?}", app.mode);
        };
        let columns = usize::from(crate::tui::layout::list_width(app.area));
        for item in &chooser.items {
            let keys = item.keys.len().min(columns / 3);
            let room = columns - keys - 2;
            let Some(lines) = chooser.in_full(item, app.area) else {
                assert!(item.label.len() <= room + 2, "{item:?}");
                continue;
            };
            let words: Vec<String> = lines.iter().map(Line::plain).collect();
            assert!(words.iter().all(|line| line.len() <= room), "{words:?}");
            let words = words.iter().flat_map(|line| line.split_whitespace());
            let whole: Vec<&str> = item.label.split_whitespace().collect();
            assert_eq!(words.collect::<Vec<_>>(), whole);
        }
    }
}

#[test]
fn what_cannot_be_seen_is_scrolled_and_says_each_way_once() {
    let mut snapshot = fixture::snapshot(vec![web(80)]);
    snapshot.owners_hidden = 1;
    snapshot.coverage.limits = vec![crate::model::Limit {
        kind: crate::model::LimitKind::Owners,
        detail: "owners need more privilege".into(),
        remedy: Some("run as root, or: sudo setcap cap_sys_ptrace".into()),
    }];
    let mut app = empty_app(60, 12);
    show(&mut app, snapshot);
    press(&mut app, KeyCode::Char('!'));
    let lines = app.log_lines();
    let setcap = lines.iter().filter(|line| line.plain().contains("setcap"));
    assert_eq!(setcap.count(), 1);
    let hidden = app.reach().hidden;
    assert!(hidden > 0, "{lines:?}");
    press(&mut app, KeyCode::End);
    let Mode::Log(log) = &app.mode else {
        panic!("{:?}", app.mode);
    };
    assert_eq!(log.scroll, hidden, "the last line is in sight");
    press(&mut app, KeyCode::Char('x'));
    assert!(matches!(app.mode, Mode::Browse), "any other key closes it");
}

#[test]
fn the_footer_says_what_esc_does_to_a_search() {
    let mut app = app(120, 36, vec![odd()]);
    let esc = |app: &App| {
        let mut hints = app.footer().hints.into_iter();
        hints.find(|hint| hint.key == "Esc").unwrap().words
    };
    for list in [':', '?'] {
        press(&mut app, KeyCode::Char(list));
        assert_eq!(esc(&app), "close", "{list}");
        press(&mut app, KeyCode::Char('k'));
        assert_eq!(esc(&app), "clear", "{list}");
        press(&mut app, KeyCode::Esc);
        assert_eq!(esc(&app), "close", "{list}");
        press(&mut app, KeyCode::Esc);
        assert!(matches!(app.mode, Mode::Browse), "{list}");
    }
}

#[test]
fn an_export_says_that_sockets_are_written_where_something_else_is_counted() {
    for (view, behind) in [('1', false), ('2', true), ('3', true)] {
        let mut app = app(80, 24, vec![web(80)]);
        press(&mut app, KeyCode::Char(view));
        app.exports();
        let Mode::Choose(chooser) = &app.mode else {
            panic!("{:?}", app.mode);
        };
        let said = chooser.words.concat();
        assert!(said.starts_with("1 socket"), "{said}");
        assert_eq!(said.contains("behind the rows"), behind, "{said}");
    }
}

#[test]
fn what_is_accepted_is_said_in_whole_on_forty_columns() {
    let mut app = app(40, 30, vec![odd()]);
    press(&mut app, KeyCode::Char('a'));
    let Mode::Choose(chooser) = &app.mode else {
        panic!("{:?}", app.mode);
    };
    let columns = usize::from(crate::tui::layout::list_width(app.area));
    for item in &chooser.items {
        let lines = chooser.in_full(item, app.area).unwrap();
        let lines: Vec<String> = lines.iter().map(Line::plain).collect();
        assert!(
            lines.iter().all(|line| line.chars().count() <= columns),
            "{lines:?}"
        );
        let said = lines.concat();
        let words: Vec<&str> = said.split_whitespace().collect();
        assert!(
            item.more
                .split_whitespace()
                .all(|word| words.contains(&word)),
            "{lines:?}"
        );
    }
}
