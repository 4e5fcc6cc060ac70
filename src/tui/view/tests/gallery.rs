//! Every screen: its text at several sizes, and what each cell is for; one file a screen.
//!
//! Under the text of the usual size stands the same screen with a letter for each cell: the role that it is
//! drawn in, a capital (`:` and `@` for `.` and `#`) under the bar of the selection. How a role looks in each theme is
//! in `themes.snap`; that every cell looks so, in every theme and at every size, is compared and not written down.
//!
//! `INSTA_UPDATE=always cargo test --lib gallery` takes the screens as they are now: read the difference.

use super::*;
use crate::{
    collect::Latest,
    model::{
        Ability, Connection, Event, EventKind, Fact, Gap, Inspection, Outcome, Past, PolicyNotes,
        Process, Text, Unseen,
        connection::{Buffers, Numbers, Options, Timer, TimerKind, Waits},
        inspection::{Family, Kin, Privileges, Usage},
    },
    tui::{
        app::page::Page,
        app::tests::acting::{ask_and_know, come_of},
        effect::Job,
        theme::ColorDepth,
    },
};
use ratatui::{
    buffer::Cell,
    style::{Color, Style},
};
use std::{fmt::Write as _, sync::Arc, time::Duration};

/// Sizes that are compared in every theme, besides those whose text is kept.
const BESIDES: [(u16, u16); 3] = [(40, 8), (100, 30), (200, 50)];
const USUAL: (u16, u16) = (80, 24);

/// The sizes whose text is kept, of views and pages, and of what lies over them.
const SIZES: &[(u16, u16)] = &[(40, 12), (60, 20), USUAL, (120, 36)];
const FEW: &[(u16, u16)] = &[(40, 12), USUAL];

/// The letters of roles.
const ROLES: [(char, Role); 15] = [
    ('.', Role::Text),
    ('d', Role::Dim),
    ('h', Role::Head),
    ('a', Role::Accent),
    ('k', Role::Key),
    ('m', Role::Command),
    ('#', Role::Badge(Verdict::Suspicious)),
    ('e', Role::Tone(Verdict::Suspicious)),
    ('o', Role::Tone(Verdict::Unusual)),
    ('n', Role::Tone(Verdict::Notable)),
    ('u', Role::Tone(Verdict::Expected)),
    ('r', Role::Received),
    ('s', Role::Sent),
    ('c', Role::Changed),
    ('x', Role::Closed),
];

/// A theme in which no two roles look alike.
fn by_role() -> Theme {
    let names = [
        "dim", "head", "accent", "key", "command", "alert", "odd", "note", "ok", "received",
        "sent", "changed", "closed",
    ];
    let mut text = "selection = \"on #ff0000\"\n".to_owned();
    for (number, name) in names.into_iter().enumerate() {
        _ = writeln!(text, "{name} = \"#0000{:02x}\"", number + 1);
    }
    Theme::parse("roles", &text).unwrap()
}

/// How a cell of this role looks, under the bar or not.
fn look_of(theme: Theme, role: Role, selected: bool) -> Style {
    let mut cell = Cell::default();
    cell.set_style(theme.style(role));
    if selected {
        cell.set_style(theme.selection());
    }
    cell.style()
}

/// What a cell of [`by_role`] is for, and whether it is under the bar.
#[track_caller]
fn role_of(cell: &Cell, theme: Theme) -> (char, Role, bool) {
    let selected = cell.style().bg == Some(Color::Rgb(255, 0, 0));
    let mut roles = ROLES.into_iter();
    let found = roles.find(|(_, role)| look_of(theme, *role, selected) == cell.style());
    let (letter, role) = found.unwrap_or_else(|| panic!("no role looks so: {cell:?}"));
    (letter, role, selected)
}

fn letters(app: &App) -> String {
    let theme = by_role();
    let look = Look {
        theme,
        ascii: false,
        graph: GraphSigns::Block,
    };
    let buffer = drawn(app, look);
    let rows = buffer.content.chunks(usize::from(app.area.width));
    let rows = rows.map(|row| {
        let letters = row.iter().map(|cell| match role_of(cell, theme) {
            ('.', _, true) => ':',
            ('#', _, true) => '@',
            (letter, _, true) => letter.to_ascii_uppercase(),
            (letter, _, false) => letter,
        });
        let row: String = letters.collect();
        row.trim_end_matches('.').to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// Compares a screen with what was kept, and its style with what its roles ask for in every theme.
fn is_as_kept(name: &str, sizes: &[(u16, u16)], make: impl Fn(u16, u16) -> App) {
    for (width, height) in sizes.iter().chain(&BESIDES) {
        let app = make(*width, *height);
        looks_alike_in_every_theme(&app);
        is_ascii_where_it_must_be(&app);
    }
    let mut kept = String::new();
    for (width, height) in sizes {
        let app = make(*width, *height);
        _ = writeln!(kept, "{width}x{height}\n{}\n", text(&app));
        if (*width, *height) == USUAL {
            _ = writeln!(kept, "{}\n", letters(&app));
        }
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, kept.trim_end());
    });
}

#[track_caller]
fn looks_alike_in_every_theme(app: &App) {
    let roles = by_role();
    let plain = |theme| Look {
        theme,
        ascii: false,
        graph: GraphSigns::Block,
    };
    let expected = drawn(app, plain(roles));
    for theme in Theme::all(ColorDepth::Truecolor) {
        let buffer = drawn(app, plain(theme));
        for (at, (cell, wanted)) in buffer.content.iter().zip(&expected.content).enumerate() {
            let (_, role, selected) = role_of(wanted, roles);
            let place = (
                at % usize::from(app.area.width),
                at / usize::from(app.area.width),
            );
            assert_eq!(
                (cell.symbol(), cell.style()),
                (wanted.symbol(), look_of(theme, role, selected)),
                "{role:?} at {place:?} in {} of\n{}",
                theme.name(),
                text(app)
            );
        }
    }
}

#[track_caller]
fn is_ascii_where_it_must_be(app: &App) {
    let look = Look {
        ascii: true,
        ..mono()
    };
    for cell in &drawn(app, look).content {
        assert!(cell.symbol().is_ascii(), "{:?}", cell.symbol());
    }
}

#[test]
fn that_all_is_well_has_no_sign_of_a_verdict_in_ascii() {
    let look = Look {
        ascii: true,
        ..mono()
    };
    let buffer = drawn(&busy(80, 24), look);
    let header = buffer.content.iter().take(80).map(Cell::symbol);
    let header: String = header.collect();
    assert!(header.ends_with(" * LIVE 1s "), "{header}");
}

/// The busy machine, after these keys.
fn after(keys: &'static str) -> impl Fn(u16, u16) -> App {
    move |width, height| {
        let mut app = busy(width, height);
        press_all(&mut app, keys);
        app
    }
}

fn press_all(app: &mut App, keys: &str) {
    for key in keys.chars() {
        press(app, code(key));
    }
}

fn code(key: char) -> KeyCode {
    match key {
        '\u{1b}' => KeyCode::Esc,
        '\n' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        '^' => KeyCode::Home,
        other => KeyCode::Char(other),
    }
}

/// The busy machine, with something changed in what is read.
fn with(change: fn(&mut Snapshot)) -> impl Fn(u16, u16) -> App {
    move |width, height| {
        let mut app = busy(width, height);
        let mut snapshot = machine();
        change(&mut snapshot);
        show(&mut app, snapshot);
        app
    }
}

/// The busy machine, after something was heard.
fn told(message: fn() -> Message) -> impl Fn(u16, u16) -> App {
    move |width, height| {
        let mut app = busy(width, height);
        drop(app.update(message()));
        app.settle();
        app
    }
}

#[test]
fn how_each_role_looks_in_each_theme() {
    let mut kept = String::new();
    for theme in Theme::all(ColorDepth::Truecolor) {
        _ = writeln!(kept, "{}", theme.name());
        for (letter, role) in ROLES {
            let style = theme.style(role);
            _ = writeln!(kept, "  {letter} {role:?}: {}", words_of(style));
        }
        _ = writeln!(kept, "  selection: {}", words_of(theme.selection()));
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("themes", kept.trim_end());
    });
}

fn words_of(style: Style) -> String {
    let mut words = vec![];
    if let Some(fg) = style.fg {
        words.push(fg.to_string());
    }
    if let Some(bg) = style.bg {
        words.push(format!("on {bg}"));
    }
    if !style.add_modifier.is_empty() {
        words.push(format!("{:?}", style.add_modifier).to_lowercase());
    }
    words.join(" ")
}

/// Findings that say as much as those of the rules do, and the second of them selected.
fn with_sentences(width: u16, height: u16) -> App {
    let says = |builder: fixture::Builder, title: &str| {
        let mut socket = builder.build();
        let findings = &mut Arc::make_mut(&mut socket.assessment).findings;
        findings[0].title = title.to_owned();
        findings[0].advice = vec![Advice {
            text: "Bind it to 127.0.0.1, or let a firewall decide who may come.".into(),
            command: None,
        }];
        socket
    };
    let exposed = |at: &str| {
        let redis = fixture::listener(6379).at(at).owned_by("redis-server", 12);
        let redis = redis.finding("exposed-local-service", Severity::High);
        let title = "Redis, Valkey (6379/tcp) can be reached through every interface; it is meant for this machine alone";
        says(redis, title)
    };
    let odd = fixture::listener(1587).owned_by("kworkerd", 18);
    let odd = odd
        .finding("executable-in-temp", Severity::High)
        .finding("obscure-port", Severity::Medium);
    let odd = says(
        odd,
        "kworkerd runs from /dev/shm, where anybody may put files",
    );
    let sockets = vec![odd, exposed("::"), exposed("0.0.0.0")];
    let mut app = app(width, height, sockets);
    press_all(&mut app, "4^j");
    app
}

#[test]
fn views() {
    is_as_kept("sockets", SIZES, after(""));
    is_as_kept("sockets_grouped", FEW, after("tr^"));
    is_as_kept("sockets_with_closed", FEW, with_closed);
    is_as_kept("sockets_in_bits_with_names", FEW, after("un"));
    is_as_kept("processes", SIZES, after("2^"));
    is_as_kept("ports", SIZES, after("3^"));
    is_as_kept("every_port", SIZES, after("osubmis"));
    is_as_kept("findings", SIZES, after("4^"));
    is_as_kept("findings_with_accepted", FEW, with_accepted);
    is_as_kept("findings_with_lines", SIZES, with_lines);
    is_as_kept("findings_with_long_sentences", SIZES, with_sentences);
    is_as_kept("timeline", SIZES, after("5^"));
    is_as_kept("timeline_of_hours", SIZES, hours);
    is_as_kept("timeline_asked_for_a_time", FEW, after("5g23:1"));
    is_as_kept("pane_with_the_keys", FEW, after("\tj"));
}

#[test]
fn pages() {
    is_as_kept("page_of_a_port", SIZES, after("/port:1587\n\n"));
    is_as_kept("page_of_a_link", FEW, after("/port:1587\n\n))"));
    is_as_kept("page_of_a_process", SIZES, after("/port:31390\np"));
    is_as_kept("page_of_a_process_that_was_read", FEW, inspected);
    is_as_kept("page_of_a_process_with_many_sockets", SIZES, holding);
    is_as_kept("page_of_a_section", FEW, after("/port:1587\n\n\t\t"));
    is_as_kept("page_of_a_connection", SIZES, measured);
    is_as_kept("page_of_a_connection_small", &[(60, 15)], measured);
    is_as_kept("page_of_a_port_with_a_past", &[USUAL, (120, 36)], with_past);
    is_as_kept("page_of_what_has_ended", FEW, ended);
}

#[test]
fn menus() {
    is_as_kept("menu_of_filters", FEW, after("f"));
    is_as_kept("menu_of_copies", FEW, after("y"));
    is_as_kept("menu_of_exports", FEW, after("e"));
    is_as_kept("menu_of_groups", FEW, after("t"));
    is_as_kept("menu_to_accept", FEW, after("a"));
    is_as_kept("saved_filters", FEW, after("/lo\n@"));
    is_as_kept("saved_filters_named", FEW, after("/lo\n@web"));
    is_as_kept("fields_to_complete", FEW, after("/pr\t"));
    is_as_kept("saved_filters_none", FEW, after("@"));
    is_as_kept("columns", FEW, after("Cj"));
    is_as_kept("palette", FEW, after(":1587"));
    is_as_kept("palette_nothing", FEW, after(":qqqq"));
    is_as_kept("help", SIZES, after("?"));
    is_as_kept("help_on_a_page", SIZES, after("/port:1587\n\n?"));
    is_as_kept("help_searched", FEW, after("?sort"));
    is_as_kept("why_owners_are_hidden", FEW, after("!"));
}

#[test]
fn dialogs() {
    is_as_kept("signal_reading", FEW, after("^x\n"));
    is_as_kept("signal", FEW, |width, height| {
        let mut app = busy(width, height);
        press(&mut app, KeyCode::Home);
        ask_and_know(&mut app);
        app
    });
    is_as_kept("signal_sent", FEW, |width, height| sent(width, height).0);
    is_as_kept("signal_ended", FEW, |width, height| {
        let outcome = Outcome::Ended(Duration::from_millis(140));
        acted(width, height, &outcome)
    });
    is_as_kept("signal_denied", FEW, |width, height| {
        let outcome = Outcome::Denied("pid 30222 belongs to root; run with sudo".to_owned());
        acted(width, height, &outcome)
    });
    is_as_kept("signal_refused", FEW, |width, height| {
        let outcome = Outcome::Refused("it is an ancestor of portwise".to_owned());
        let mut app = acted(width, height, &outcome);
        type_text(&mut app, "kwork");
        app
    });
    is_as_kept("log_while_it_is_read", FEW, after("L"));
    is_as_kept("what_works_here", FEW, |width, height| {
        let mut app = after("D")(width, height);
        let abilities = vec![
            Ability::works("owners", "of every process"),
            Ability::partly("terminal", "TERM is linux; drawn in ASCII alone")
                .needing("a locale with UTF-8")
                .cured_by("export LC_ALL=C.UTF-8"),
            Ability::untried("clipboard", "sent to the terminal (OSC 52)"),
        ];
        assert_eq!(app.update(Message::Works(abilities)), None);
        app
    });
}

#[test]
fn states() {
    is_as_kept("state_before_the_first_sample", FEW, empty_app);
    is_as_kept("state_no_sockets", FEW, |width, height| {
        app(width, height, vec![])
    });
    is_as_kept("state_nothing_found", FEW, |width, height| {
        let mut app = app(width, height, vec![web(80)]);
        press(&mut app, KeyCode::Char('4'));
        app
    });
    is_as_kept("state_filter_finds_nothing", FEW, after("/port:9\n"));
    is_as_kept("state_filter_by_host_without_names", FEW, after("/host:x"));
    is_as_kept("state_filter_typed", FEW, after("/proc:nginx lport:44"));
    is_as_kept("state_filter_fault", FEW, after("/proc:nginx port:15a7"));
    is_as_kept("state_filter_completed", FEW, after("/ver\t\t"));
    is_as_kept("state_paused", FEW, after(" "));
    is_as_kept(
        "state_late",
        FEW,
        told(|| Message::Late(Duration::from_secs(4))),
    );
    is_as_kept(
        "state_failed",
        FEW,
        told(|| Message::Latest(Latest::Failed("read the socket tables".to_owned()))),
    );
    is_as_kept("state_stopped", FEW, told(|| Message::CollectorEnded));
    is_as_kept(
        "state_policy_broken",
        FEW,
        with(|snapshot| {
            snapshot.policy = Arc::new(PolicyNotes {
                fault: Some(Text::from("the policy was not read again: line 3")),
                ..PolicyNotes::default()
            });
        }),
    );
    is_as_kept("state_said", FEW, |width, height| {
        let mut app = busy(width, height);
        press_all(&mut app, "F");
        app
    });
}

/// What came of an order.
fn acted(width: u16, height: u16, outcome: &Outcome) -> App {
    let (mut app, job) = sent(width, height);
    come_of(&mut app, &job, outcome);
    app
}

/// A signal that is on its way.
fn sent(width: u16, height: u16) -> (App, Job) {
    let mut app = busy(width, height);
    press(&mut app, KeyCode::Home);
    ask_and_know(&mut app);
    let Some(Effect::Act(job)) = press(&mut app, KeyCode::Enter) else {
        panic!("nothing was sent");
    };
    (app, *job)
}

/// A finding that the policy accepts, among those that it does not.
fn with_accepted(width: u16, height: u16) -> App {
    let mut app = busy(width, height);
    let mut snapshot = machine();
    let accepted = fixture::listener(8500)
        .owned_by("consul", 1777)
        .accepted("wrong-program", Severity::Medium)
        .build();
    snapshot.sockets.push(accepted.into());
    show(&mut app, snapshot);
    press_all(&mut app, "4A");
    press(&mut app, KeyCode::End);
    app
}

/// A finding about thousands of sockets, and one about two; a line is selected.
fn with_lines(width: u16, height: u16) -> App {
    let mut app = busy(width, height);
    let mut snapshot = machine();
    let call = |program: &str, port: u16| {
        fixture::connection(&format!("10.0.0.5:{port}"), "192.0.2.77:6667")
            .cookie(u64::from(port))
            .owned_by(program, 30222)
            .finding("regular-beacon", Severity::Medium)
    };
    let many = (20_000..21_500).map(|port| call("beacon", port).build());
    snapshot.sockets.extend(many.map(Arc::new));
    let v6 = fixture::listener(31391)
        .at("2001:db8:1111:2222:3333:4444:5555:6666")
        .owned_by("curl", 30222)
        .finding("regular-beacon", Severity::High);
    let two = [v6.build(), call("curl", 40_122).build()];
    snapshot.sockets.extend(two.map(Arc::new));
    show(&mut app, snapshot);
    press_all(&mut app, "4jj");
    app
}

/// Two sockets closed long ago.
fn with_closed(width: u16, height: u16) -> App {
    let mut app = busy(width, height);
    let mut later = machine();
    later.taken_at = fixture::NOW + SignedDuration::from_secs(600);
    later.sockets.truncate(3);
    show(&mut app, later);
    press_all(&mut app, "z^");
    app
}

/// Something every ten minutes for three hours, with the picture drawn near.
fn hours(width: u16, height: u16) -> App {
    let mut app = empty_app(width, height);
    for minute in 0..=180_u16 {
        let sockets = (0..=minute / 10).map(|at| web(1000 + at)).collect();
        let mut snapshot = fixture::snapshot(sockets);
        snapshot.taken_at = fixture::NOW + SignedDuration::from_mins(i64::from(minute));
        snapshot.elapsed = Duration::from_secs(u64::from(minute) * 60);
        show(&mut app, snapshot);
    }
    press_all(&mut app, "5^+jj");
    app
}

/// A connection that was looked at for some seconds.
fn measured(width: u16, height: u16) -> App {
    let mut app = empty_app(width, height);
    for second in 0..12_u32 {
        let mut socket = fixture::connection("10.0.0.5:38870", "192.0.2.77:443")
            .owned_by("curl", 5120)
            .rtt_us(20_000 + second * 900)
            .rates(1000.0 * f64::from(second), 500.0)
            .verdict(Verdict::Expected)
            .build();
        if second == 11 {
            socket.changed_at = Some(fixture::NOW);
        }
        let mut snapshot = fixture::snapshot(vec![socket]);
        snapshot.elapsed = Duration::from_secs(u64::from(100 + second));
        show(&mut app, snapshot);
    }
    press_all(&mut app, "\n");
    for second in 0..3 {
        let told = told_by_kernel(second);
        let Some(key) = app.page().and_then(Page::socket) else {
            panic!("the page of a connection is open");
        };
        let message = Message::Measured(key, Fact::Known(Box::new(told)));
        assert_eq!(app.update(message), None);
    }
    app.settle();
    app
}

/// What the kernel tells of it: of each second 0.61 s without anything to send, and 0.39 s with too small a buffer.
fn told_by_kernel(second: u64) -> Connection {
    let ms = Duration::from_millis;
    Connection {
        read_at: Duration::from_secs(second),
        timer: Some(Timer {
            kind: TimerKind::KeepAlive,
            left: ms(7_080_000),
            tries: 0,
        }),
        unread: 0,
        unsent: 86_000,
        buffers: Some(Buffers {
            received: (0, 131_072),
            sent: (92_160, 2_626_560),
            backlog: Some(0),
            drops: Some(0),
        }),
        congestion: Some(Text::from("cubic")),
        tcp: Some(Box::new(Numbers {
            options: Options {
                timestamps: true,
                selective: true,
                scales: Some((7, 7)),
                congestion_marks: true,
                ..Options::default()
            },
            patience: ms(224),
            segment: 1448,
            received_segment: 1448,
            advertised_segment: 1448,
            path: 1500,
            unacked: 12,
            again: 3,
            since_sent: ms(3),
            since_received: ms(12_000),
            window: 42,
            slow_start: Some(31),
            pacing: Some(9_800_000),
            segments_sent: Some(30_000),
            segments_received: Some(9000),
            never_sent: Some(68_624),
            waits: Some(Waits {
                busy: ms(390 * second),
                receiver: ms(0),
                sender: ms(390 * second),
            }),
            reordered: Some(0),
            peers_room: Some(64_000),
            own_room: Some(256_000),
            ..Numbers::default()
        })),
    }
}

/// The page of a process, scrolled to what was read of it besides.
fn inspected(width: u16, height: u16) -> App {
    let mut app = after("/port:31390\np")(width, height);
    let Some(key) = app.page().and_then(Page::process) else {
        panic!("the page of a process is open");
    };
    let kin = |pid, name| Kin {
        pid,
        name: Text::from(name),
    };
    let inspection = Inspection {
        family: Fact::Known(Family {
            children: vec![kin(30_230, "sh"), kin(30_231, "curl")],
            more: 0,
            of_user: Some(4),
        }),
        usage: Fact::Known(Usage {
            state: Text::from("S (sleeping)"),
            threads: 2,
            user: Duration::from_millis(400),
            system: Duration::from_millis(140),
            age: Some(Duration::from_mins(3)),
            resident: Some(4_100_000),
            most_resident: None,
            swapped: None,
            addresses: None,
        }),
        privileges: Fact::Known(Privileges {
            effective: 0,
            ..Privileges::default()
        }),
        ..Inspection::unseen(key, Unseen::NotPermitted)
    };
    let line =
        "Nov 22 23:14:02 web-01 sshd[4411]: Accepted publickey for ana from 203.0.113.9 port 51544";
    let lines = Fact::Known(vec![Text::from(line)]);
    for message in [
        Message::Inspected(Box::new(inspection), None),
        Message::Journal(key, lines),
    ] {
        assert_eq!(app.update(message), None);
    }
    app.settle();
    press(&mut app, KeyCode::PageDown);
    app
}

/// The page of a process with sockets of every kind: old and new, changed and just closed, with counters and without.
fn holding(width: u16, height: u16) -> App {
    let mut app = empty_app(width, height);
    let odd = fixture::listener(31390)
        .owned_by("kworkerd", 30222)
        .finding("deleted-executable", Severity::High)
        .finding("every-address", Severity::Low)
        .finding("obscure-port", Severity::Medium)
        .verdict(Verdict::Suspicious)
        .age(180)
        .build();
    let counted = |cookie, local: &str, peer: &str| {
        let socket = fixture::connection(local, peer).owned_by("kworkerd", 30222);
        let socket = socket.cookie(cookie).rates(120.0, 2400.0).rtt_us(2000);
        let socket = socket.age(2);
        let mut socket = socket.verdict(Verdict::Expected).build();
        let raw = Arc::make_mut(&mut socket.raw);
        raw.change(|told| {
            if let Some(tcp) = &mut told.tcp {
                (tcp.bytes_received, tcp.bytes_sent) = (Some(301_000_000), Some(360));
            }
        });
        socket
    };
    let mut changed = counted(2, "10.0.0.5:40122", "192.0.2.77:6667");
    changed.before_us = true;
    changed.changed_at = Some(fixture::NOW);
    let long = "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:50122";
    let sockets = vec![
        odd,
        counted(1, long, "[2001:db8::1]:443"),
        changed.clone(),
        fixture::udp(5353).owned_by("kworkerd", 30222).build(),
    ];
    let mut snapshot = fixture::snapshot(sockets);
    let mut closed = counted(3, "10.0.0.5:40124", "192.0.2.77:6667");
    closed.closed_at = Some(fixture::NOW);
    snapshot.closed = vec![Arc::new(closed)];
    let first = snapshot.processes.first().cloned();
    show(&mut app, snapshot);
    app.pages.push(Page::new(Subject::Process(first.unwrap())));
    app.settle();
    app
}

/// The page of a port that another program had before.
fn with_past(width: u16, height: u16) -> App {
    let mut app = after("/port:1587\n\n")(width, height);
    let event = |minutes, kind| Event {
        program: Some(Text::from("exim4")),
        pid: Some(900),
        ..Event::of_recorder(kind, fixture::NOW - SignedDuration::from_mins(minutes))
    };
    let past = Past {
        events: vec![event(190, EventKind::Opened), event(62, EventKind::Closed)],
        since: fixture::NOW - SignedDuration::from_hours(24),
        gaps: vec![Gap {
            from: fixture::NOW - SignedDuration::from_mins(20),
            until: Some(fixture::NOW - SignedDuration::from_mins(11)),
        }],
    };
    assert_eq!(app.update(Message::Remembered(1587, Some(past))), None);
    app.settle();
    app
}

/// The page of a process that is gone.
fn ended(width: u16, height: u16) -> App {
    let mut app = after("/port:31390\np")(width, height);
    let mut later = machine();
    later.taken_at = fixture::NOW + SignedDuration::from_secs(60);
    let is_other = |process: &Arc<Process>| process.name.as_str() != "kworkerd";
    later.processes.retain(is_other);
    later
        .sockets
        .retain(|socket| socket.processes.iter().all(is_other));
    show(&mut app, later);
    app
}

#[test]
fn graphs_are_drawn_with_the_signs_that_are_wanted() {
    let is_block = |sign: &char| ('▁'..='█').contains(sign);
    let is_dots = |sign: &char| ('⠁'..='⣿').contains(sign);
    for app in [busy(120, 36), after("5")(120, 36), measured(120, 36)] {
        let signs = |graph| {
            let look = Look {
                graph,
                ..truecolor()
            };
            let buffer = drawn(&app, look);
            let signs = buffer.content.iter().map(|cell| cell.symbol().chars());
            signs.flatten().collect::<Vec<char>>()
        };
        let blocks = signs(GraphSigns::Block);
        let count = blocks.iter().filter(|sign| is_block(sign)).count();
        assert!(count > 0, "{}", text(&app));
        assert!(!blocks.iter().any(&is_dots));
        let dots = signs(GraphSigns::Braille);
        assert_eq!(dots.iter().filter(|sign| is_dots(sign)).count(), count);
        for other in [dots, signs(GraphSigns::Ascii)] {
            assert_eq!(other.len(), blocks.len());
            assert!(!other.iter().any(&is_block));
        }
    }
}
