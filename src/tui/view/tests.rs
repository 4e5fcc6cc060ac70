//! Frames of every screen, with text and style.

use super::*;
use crate::{
    model::{
        Advice, Declared, DeclaredBy, Direction, Evidence, Fact, Limit, LimitKind, OwnersSeen,
        PortRange, Protocol, Severity, Snapshot, Text, Verdict, fixture,
    },
    registry::Registry,
    tui::{
        app::{
            page::{Page, Subject},
            tests::{app, empty_app, press, show, type_text, web},
        },
        effect::Effect,
        message::Message,
        picture::Picture,
    },
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::SignedDuration;
use ratatui::backend::TestBackend;
use unicode_width::UnicodeWidthStr as _;

mod dialogs;
mod gallery;
mod pictures;
mod screens;
mod views;

/// A dark terminal with every colour.
fn truecolor() -> Look {
    Look {
        theme: Theme::dark(),
        ascii: false,
        graph: GraphSigns::Block,
    }
}

/// A terminal without colours.
fn mono() -> Look {
    Look {
        theme: Theme::mono(),
        ascii: false,
        graph: GraphSigns::Block,
    }
}

/// What is on screen, as text and styles.
fn drawn(app: &App, look: Look) -> Buffer {
    let mut backend = TestBackend::new(app.area.width, app.area.height);
    let mut picture = Picture::blank(app.area.as_size());
    let draw = |frame: &mut Frame<'_>| view(frame, app, look);
    picture.draw(&mut backend, draw).unwrap();
    backend.buffer().clone()
}

/// What is on screen, as text alone.
fn text(app: &App) -> String {
    let buffer = drawn(app, mono());
    let width = usize::from(app.area.width);
    let lines = buffer.content.chunks(width).map(|row| {
        let mut line = String::new();
        while line.width() < width {
            // A wide character covers the cell behind it.
            line.push_str(row[line.width()].symbol());
        }
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A machine with something of everything.
fn machine() -> Snapshot {
    let service = |port, protocol| Some(Registry::bundled().service(port, protocol));
    let tcp = |port| service(port, Protocol::Tcp);
    let mut hidden_program = fixture::process("kworkerd", 30222);
    hidden_program.started_at = Some(fixture::NOW - SignedDuration::from_secs(180));
    if let Fact::Known(executable) = &mut hidden_program.executable {
        executable.path = Text::from("/tmp/.x");
        executable.deleted = true;
        executable.file_at_path = false;
    }
    let mut alert = fixture::listener(31390)
        .owner(hidden_program)
        .service(tcp(31390))
        .finding("deleted-executable", Severity::High)
        .age(2)
        .build();
    let finding = &mut std::sync::Arc::make_mut(&mut alert.assessment).findings[0];
    finding.title = "kworkerd runs a file that was deleted".to_owned();
    finding.evidence = vec![Evidence {
        what: "executable",
        value: "/tmp/.x (deleted)".to_owned(),
    }];
    finding.advice = vec![Advice {
        text: "Keep a copy before it ends.".into(),
        command: Some("cp /proc/30222/exe /root/sample".to_owned()),
    }];
    let mut changed = fixture::connection("10.0.0.5:443", "198.51.100.23:60122")
        .owned_by("nginx", 991)
        .direction(Direction::Inbound)
        .service(tcp(443))
        .verdict(Verdict::Expected)
        .rates(48_000.0, 1_300_000.0)
        .build();
    changed.changed_at = Some(fixture::NOW);
    let sockets = vec![
        alert,
        fixture::listener(1587)
            .owned_by("python3", 30119)
            .service(tcp(1587))
            .finding("obscure-port", Severity::Medium)
            .build(),
        fixture::listener(9100)
            .at("2001:db8:1111:2222:3333:4444:5555:6666")
            .owned_by("node_exporter", 700)
            .service(tcp(9100))
            .finding("exposed-local-service", Severity::Low)
            .build(),
        fixture::listener(631)
            .at("127.0.0.1")
            .service(tcp(631))
            .build(),
        fixture::listener(443)
            .owned_by("nginx", 990)
            .owned_by("nginx", 991)
            .service(tcp(443))
            .verdict(Verdict::Expected)
            .build(),
        changed,
        fixture::connection("10.0.0.5:38870", "192.0.2.77:443")
            .owned_by("日本語アプリ", 5120)
            .service(tcp(443))
            .verdict(Verdict::Expected)
            .rates(2.4e6, 0.0)
            .build(),
        fixture::udp(5353)
            .owned_by("avahi-daemon", 588)
            .service(service(5353, Protocol::Udp))
            .verdict(Verdict::Expected)
            .build(),
    ];
    let mut snapshot = fixture::snapshot(sockets);
    snapshot.host = Text::from("web-01");
    snapshot.euid = Some(1000);
    snapshot.coverage.owners = OwnersSeen::Own;
    snapshot.coverage.limits = vec![Limit {
        kind: LimitKind::Owners,
        detail: Text::from("owners of other users' sockets need more privilege to be seen"),
        remedy: Some(Text::from("run as root")),
    }];
    snapshot
}

/// The machine on a screen of this size, with a socket that has just gone.
fn busy(width: u16, height: u16) -> App {
    let mut before = machine();
    let mut ghost = fixture::connection("10.0.0.5:443", "198.51.100.40:50000")
        .owned_by("nginx", 990)
        .direction(Direction::Inbound)
        .service(Some(Registry::bundled().service(443, Protocol::Tcp)))
        .verdict(Verdict::Expected)
        .build();
    before.sockets.push(ghost.clone().into());
    let mut after = machine();
    ghost.closed_at = Some(fixture::NOW);
    after.closed = vec![ghost.into()];
    let mut app = empty_app(width, height);
    show(&mut app, before);
    press(&mut app, KeyCode::Home);
    show(&mut app, after);
    app
}

/// The machine with more sockets than any screen has lines.
fn crowded(width: u16, height: u16) -> App {
    let mut app = busy(width, height);
    let mut many = machine();
    for port in 0..120_u32 {
        let peer = if port % 7 == 0 { "日本語" } else { "curl" };
        let end = format!("10.0.0.5:{}", 40_000 + port);
        let socket = fixture::connection(&end, "192.0.2.9:443").owned_by(peer, 7000 + port);
        many.sockets.push(socket.build().into());
    }
    show(&mut app, many);
    app
}

#[test]
fn a_frame_after_others_looks_as_if_it_were_the_first() {
    // Moves are many, since they are what takes lines over from the frame before.
    let keys = "jjjkjkGgjj\u{4}\u{4}\u{15}jjjG\u{15}kk\u{15}gjj?\u{1b}jjT/c\u{1b}jjsjjrkkGkkk1j2jj3j4jj5jjj1jjbjjUjjzjjlhjTjx\u{1b}jjpj\u{1b}jdjjdjj";
    for (width, height) in [(120, 36), (80, 24), (40, 12), (200, 50)] {
        for look in [
            truecolor(),
            Look {
                ascii: true,
                ..mono()
            },
        ] {
            let mut app = crowded(width, height);
            let mut backend = TestBackend::new(width, height);
            let mut picture = Picture::blank(app.area.as_size());
            for key in keys.chars() {
                let code = match key {
                    '\u{1b}' => KeyEvent::from(KeyCode::Esc),
                    '\u{4}' => KeyEvent::new(KeyCode::Char('d'), KeyModifiers::CONTROL),
                    '\u{15}' => KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL),
                    key => KeyEvent::from(KeyCode::Char(key)),
                };
                drop(app.update(Message::Key(code)));
                app.settle();
                let draw = |frame: &mut Frame<'_>| view(frame, &app, look);
                picture.draw(&mut backend, draw).unwrap();
                let mut first = Picture::blank(app.area.as_size());
                first
                    .draw(&mut TestBackend::new(width, height), draw)
                    .unwrap();
                let (first, now) = (&first.shown().content, &picture.shown().content);
                let differs = first.iter().zip(now).position(|(first, now)| first != now);
                assert_eq!(differs, None, "{key:?} at {width}x{height}");
            }
        }
    }
}

#[test]
fn a_line_that_stays_is_not_drawn_again() {
    let mut app = crowded(120, 36);
    let mut backend = TestBackend::new(120, 36);
    let mut picture = Picture::blank(app.area.as_size());
    let mut kept = |app: &App| {
        let mut kept = vec![];
        let look = |frame: &mut Frame<'_>| {
            let revision = app.revision;
            view(frame, app, truecolor());
            let rows = app.table.rows.len();
            let line = |row| Rect::new(0, 0, app.regions().body.width - 1, 1).intersection(row);
            let all = (0..rows).filter(|at| {
                let stamp = Stamp {
                    revision,
                    part: Part::Row(*at),
                };
                frame.keep(line(frame.area()), stamp)
            });
            kept = all.collect();
        };
        picture.draw(&mut backend, look).unwrap();
        kept.len()
    };
    assert_eq!(kept(&app), 0);
    press(&mut app, KeyCode::Down);
    assert!(kept(&app) > 20);
    press(&mut app, KeyCode::Char('s'));
    assert_eq!(kept(&app), 0);
}

#[test]
fn nothing_runs_over_the_edge_or_panics_at_any_size() {
    for (width, height) in [
        (1, 1),
        (39, 8),
        (40, 7),
        (40, 8),
        (57, 13),
        (79, 19),
        (80, 20),
        (300, 90),
    ] {
        let mut app = busy(width, height);
        for keys in ["", "?", "\u{1b}x", "\u{1b}/"] {
            for key in keys.chars() {
                let code = if key == '\u{1b}' {
                    KeyCode::Esc
                } else {
                    KeyCode::Char(key)
                };
                press(&mut app, code);
            }
            drawn(&app, truecolor());
        }
        press(&mut app, KeyCode::Esc);
        for code in [KeyCode::Enter, KeyCode::Char('p'), KeyCode::End] {
            press(&mut app, code);
            drawn(&app, truecolor());
        }
    }
}

#[test]
fn ascii_means_every_cell_of_every_screen() {
    let look = Look {
        ascii: true,
        ..mono()
    };
    let mut app = busy(120, 36);
    let check = |app: &App| {
        for cell in &drawn(app, look).content {
            assert!(cell.symbol().is_ascii(), "{:?}", cell.symbol());
        }
    };
    check(&app);
    for keys in [
        vec!['?'],
        vec!['\u{1b}', 'x'],
        vec!['\u{1b}', 'P'],
        vec!['\u{1b}', 'p'],
    ] {
        for key in keys {
            let code = if key == '\u{1b}' {
                KeyCode::Esc
            } else {
                KeyCode::Char(key)
            };
            press(&mut app, code);
        }
        check(&app);
    }
}

#[test]
fn the_selected_row_is_one_unbroken_bar() {
    for look in [truecolor(), mono()] {
        let app = busy(80, 24);
        let buffer = drawn(&app, look);
        let body = app.regions().body;
        let row = body.y + u16::try_from(app.table.cursor() - app.table.offset).unwrap();
        let cells = (body.x..body.right()).map(|x| buffer[(x, row)].style());
        let backgrounds: std::collections::HashSet<_> = cells
            .map(|style| {
                (
                    style.bg,
                    style
                        .add_modifier
                        .contains(ratatui::style::Modifier::REVERSED),
                )
            })
            .collect();
        // The badge of an alert is reversed in itself; the bar must not have any other hole.
        assert!(backgrounds.len() <= 2, "{backgrounds:?}");
    }
}

#[test]
fn hostile_names_put_no_control_character_on_screen() {
    let name = "evil\x1b[31m\n\u{202e}";
    let socket = fixture::listener(80).owned_by(name, 80).user(name).build();
    let mut app = app(120, 36, vec![socket]);
    for key in [None, Some('x'), Some('p')] {
        if let Some(key) = key {
            press(&mut app, KeyCode::Esc);
            press(&mut app, KeyCode::Char(key));
        }
        for cell in &drawn(&app, mono()).content {
            assert!(!cell.symbol().chars().any(crate::model::text::must_escape));
        }
        assert!(text(&app).contains("evil\\x1b"), "{}", text(&app));
    }
}

#[test]
fn the_way_out_is_on_every_screen_that_is_large_enough() {
    for (width, height) in [(40, 8), (40, 12), (60, 15), (80, 24), (120, 36)] {
        let mut app = busy(width, height);
        assert!(text(&app).contains("q quit"), "{width}x{height}");
        press(&mut app, KeyCode::Char('P'));
        assert!(text(&app).contains("q quit"), "{width}x{height}");
    }
}

#[test]
fn hints_are_only_keys_that_do_something() {
    let hidden = fixture::listener(631).build();
    let app = app(120, 36, vec![hidden]);
    let footer = text(&app).lines().last().unwrap().to_owned();
    assert!(
        !footer.contains("signal") && !footer.contains("process"),
        "{footer}"
    );
}

#[test]
fn the_columns_do_not_move_with_the_data() {
    let few = app(100, 30, vec![web(80)]);
    let many = busy(100, 30);
    let titles = |app: &App| {
        let all = text(app);
        all.lines()
            .find(|line| line.contains("VERDICT"))
            .map(str::to_owned)
    };
    assert_eq!(titles(&few), titles(&many));
}

#[test]
fn a_page_in_one_column_holds_what_two_columns_hold() {
    let mut narrow = busy(80, 200);
    let mut wide = busy(160, 200);
    for app in [&mut narrow, &mut wide] {
        app.pages.push(Page::new(Subject::Port(31390, None)));
        app.settle();
        let all = text(app);
        for part in [
            "Here now",
            "kworkerd 30222",
            "Keep a copy",
            "What to do",
            "Related",
        ] {
            assert!(all.contains(part), "{part} is missing in\n{all}");
        }
    }
}

#[test]
fn every_line_fits_its_width() {
    let app = busy(80, 24);
    for line in text(&app).lines() {
        assert!(line.width() <= 80, "{line}");
    }
}

#[test]
fn the_port_page_says_what_files_of_this_machine_say() {
    let mut snapshot = machine();
    snapshot.declared = [Declared {
        ports: PortRange {
            first: 1587,
            last: 1587,
        },
        protocol: Protocol::Tcp,
        name: Text::from("elmd.socket"),
        by: DeclaredBy::SocketUnit,
        file: Text::from("/usr/lib/systemd/system/elmd.socket"),
    }]
    .into();
    let mut app = empty_app(120, 40);
    show(&mut app, snapshot);
    app.set_filter("port:1587");
    app.settle();
    press(&mut app, KeyCode::Enter);
    let text = text(&app);
    assert!(
        text.contains("tcp: systemd's elmd.socket listens on it"),
        "{text}"
    );
}
