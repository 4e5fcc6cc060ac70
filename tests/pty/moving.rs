//! Selecting, sorting, filtering, with keys and with the mouse.

use crate::support::{
    network::alone,
    pty::{Dashboard, rows},
};
use std::net::TcpListener;
use vt100::{Color, MouseProtocolMode, Screen};

const PORTS: [u16; 6] = [1587, 3000, 5432, 8080, 9100, 31390];

/// A dashboard of listeners on each of [`PORTS`], which never reads again by itself.
fn started(args: &[&str]) -> (Dashboard, Vec<TcpListener>) {
    let listeners = PORTS.map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
    let dashboard = Dashboard::start(args);
    for port in PORTS {
        dashboard.shows(&format!("127.0.0.1:{port} "));
    }
    (dashboard, listeners.into())
}

/// The rows of the table, top first: the line on the screen, and the port.
fn table(screen: &Screen) -> Vec<(u16, u16)> {
    let lines = rows(screen).into_iter().enumerate();
    let ports = lines.filter_map(|(line, row)| {
        // The details beside the table name addresses too.
        let table: String = row.chars().take(60).collect();
        let port = table.split_once("127.0.0.1:")?.1;
        let port: String = port.chars().take_while(char::is_ascii_digit).collect();
        Some((u16::try_from(line).unwrap(), port.parse().ok()?))
    });
    ports.collect()
}

fn ports(screen: &Screen) -> Vec<u16> {
    table(screen).into_iter().map(|(_, port)| port).collect()
}

/// The port of the row that is drawn as selected.
fn selected(screen: &Screen) -> Option<u16> {
    let is_selected = |line: u16| {
        let cell = screen.cell(line, 12)?;
        Some(cell.inverse() || cell.bgcolor() != Color::Default)
    };
    let found = table(screen)
        .into_iter()
        .find(|(line, _)| is_selected(*line) == Some(true));
    found.map(|(_, port)| port)
}

#[track_caller]
fn selects(dashboard: &Dashboard, port: u16) {
    dashboard.waits_for(&format!("{port} to be selected"), |screen| {
        selected(screen) == Some(port)
    });
}

#[test]
fn keys_move_the_selection() {
    alone(|| {
        let (dashboard, _listeners) = started(&[]);
        let order = ports(&dashboard.screen());
        assert_eq!(order.len(), PORTS.len(), "{}", dashboard.text());
        selects(&dashboard, order[0]);
        dashboard.types("j");
        selects(&dashboard, order[1]);
        dashboard.types("\u{1b}[B");
        selects(&dashboard, order[2]);
        dashboard.types("k");
        selects(&dashboard, order[1]);
        dashboard.types("G");
        selects(&dashboard, order[5]);
        dashboard.types("j");
        dashboard.types("g");
        selects(&dashboard, order[0]);
    });
}

#[test]
fn the_selection_follows_its_socket_when_rows_move() {
    alone(|| {
        let (dashboard, mut listeners) = started(&["--interval", "100ms"]);
        let order = ports(&dashboard.screen());
        dashboard.types("jj");
        let wanted = order[2];
        selects(&dashboard, wanted);
        // A row above it goes.
        listeners.retain(|listener| listener.local_addr().unwrap().port() != order[0]);
        dashboard.waits_for("the row above to go", |screen| {
            !ports(screen).contains(&order[0])
        });
        selects(&dashboard, wanted);
        // The order turns round.
        dashboard.types("S");
        dashboard.waits_for("the other order", |screen| {
            ports(screen).last() == Some(&order[1])
        });
        selects(&dashboard, wanted);
    });
}

#[test]
fn sorting_by_a_click_on_a_title_turns_round_on_the_next() {
    alone(|| {
        let (dashboard, _listeners) = started(&[]);
        let mut sorted = PORTS.to_vec();
        sorted.sort_unstable();
        click_on(&dashboard, "LOCAL");
        dashboard.waits_for("rows by port", |screen| ports(screen) == sorted);
        sorted.reverse();
        click_on(&dashboard, "LOCAL");
        dashboard.waits_for("rows by port, reversed", |screen| ports(screen) == sorted);
    });
}

#[test]
fn a_click_selects_its_row_and_the_wheel_moves() {
    alone(|| {
        let (dashboard, _listeners) = started(&[]);
        let (line, port) = table(&dashboard.screen())[3];
        dashboard.types(&click(12, line));
        selects(&dashboard, port);
        dashboard.types(&wheel(64, 12, line));
        dashboard.waits_for("another selection", |screen| {
            selected(screen).is_some_and(|now| now != port)
        });
        let above = selected(&dashboard.screen()).unwrap();
        dashboard.types(&wheel(65, 12, line));
        dashboard.waits_for("a selection further down", |screen| {
            selected(screen).is_some_and(|now| now != above)
        });
    });
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    alone(|| {
        let (dashboard, _listeners) = started(&[]);
        assert_eq!(dashboard.modes().mouse, MouseProtocolMode::PressRelease);
        dashboard.types("m");
        dashboard.waits_for("no mouse", |screen| {
            screen.mouse_protocol_mode() == MouseProtocolMode::None
        });
        dashboard.types("m");
        dashboard.waits_for("the mouse", |screen| {
            screen.mouse_protocol_mode() == MouseProtocolMode::PressRelease
        });
        drop(dashboard);
        let dashboard = Dashboard::start(&["--no-mouse"]);
        dashboard.shows("quit");
        assert_eq!(dashboard.modes().mouse, MouseProtocolMode::None);
    });
}

#[test]
fn an_unfinished_filter_keeps_the_last_good_rows() {
    alone(|| {
        let (dashboard, _listeners) = started(&[]);
        dashboard.types("/port:1587,3000");
        dashboard.waits_for("two rows", |screen| ports(screen).len() == 2);
        dashboard.types("x");
        dashboard.shows("not valid");
        assert_eq!(ports(&dashboard.screen()).len(), 2, "{}", dashboard.text());
        // Esc clears the filter.
        dashboard.types("\u{1b}");
        dashboard.waits_for("every row", |screen| ports(screen).len() == PORTS.len());
    });
}

#[test]
fn a_pause_holds_the_rows_until_it_ends() {
    alone(|| {
        let (dashboard, mut listeners) = started(&["--interval", "100ms"]);
        dashboard.types(" ");
        dashboard.shows("PAUSED");
        listeners.remove(0);
        // What happens meanwhile is not shown: a key still draws the old rows.
        dashboard.types("j");
        dashboard.types("?");
        dashboard.shows("Help");
        dashboard.types("\u{1b}");
        dashboard.no_longer_shows("Help");
        assert_eq!(ports(&dashboard.screen()).len(), PORTS.len());
        dashboard.types(" ");
        dashboard.waits_for("the row to go", |screen| {
            ports(screen).len() == PORTS.len() - 1
        });
        dashboard.no_longer_shows("PAUSED");
    });
}

#[test]
fn a_big_paste_into_the_filter_does_not_stall_it() {
    alone(|| {
        let (dashboard, _listeners) = started(&[]);
        dashboard.types("/");
        let frames = dashboard.frames();
        dashboard.types(&"a".repeat(400));
        dashboard.types("Z");
        dashboard.shows("aaaZ");
        let drawn = dashboard.frames() - frames;
        assert!(drawn < 200, "{drawn} frames");
    });
}

/// Clicks on the first `text` of the screen.
#[track_caller]
fn click_on(dashboard: &Dashboard, text: &str) {
    let rows = dashboard.rows();
    let found = rows.iter().enumerate().find_map(|(line, row)| {
        let before = row.split_once(text)?.0;
        Some((before.chars().count(), line))
    });
    let (column, line) = found.unwrap_or_else(|| panic!("no {text} on {}", dashboard.text()));
    dashboard.types(&click(
        u16::try_from(column).unwrap(),
        u16::try_from(line).unwrap(),
    ));
}

/// A left click, as a terminal reports it (SGR, counted from 1).
fn click(column: u16, line: u16) -> String {
    let (column, line) = (column + 1, line + 1);
    format!("\u{1b}[<0;{column};{line}M\u{1b}[<0;{column};{line}m")
}

/// A notch of the wheel: 64 is up, 65 is down.
fn wheel(button: u16, column: u16, line: u16) -> String {
    format!("\u{1b}[<{button};{};{}M", column + 1, line + 1)
}
