//! What a person does every day, from the first look to the policy.

use crate::support::{
    network::alone,
    process::{Spawned, netcat},
    pty::Dashboard,
    skip::skip,
};
use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
};
use tempfile::TempDir;

/// A dashboard whose configuration, state and policy lie in `home`.
fn at_home(home: &TempDir, args: &[&str]) -> Dashboard {
    let path = home.path().to_str().unwrap();
    let variables = [("XDG_CONFIG_HOME", path), ("XDG_STATE_HOME", path)];
    Dashboard::start_with(args, &variables, 120, 36)
}

fn text_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn an_odd_port_is_found_read_about_accepted_and_taken_back() {
    alone(|| {
        let Some(netcat) = netcat() else {
            return skip("an_odd_port_is_found", "needs netcat");
        };
        let _child = Spawned::quietly(Command::new(netcat).args(["-l", "127.0.0.1", "1587"]));
        let home = tempfile::tempdir().unwrap();
        let policy = home.path().join("portwise/policy.toml");
        let mut dashboard = at_home(&home, &["--interval", "100ms"]);
        dashboard.shows("127.0.0.1:1587");
        // Found by its number in the palette, its page read, its owner walked to.
        dashboard.types(":1587\r");
        dashboard.shows("Dennis Mastin");
        dashboard.types("p");
        dashboard.shows("› Process ");
        dashboard.types("\u{1b}");
        dashboard.shows("Dennis Mastin");
        dashboard.types("\u{1b}");
        dashboard.no_longer_shows("Dennis Mastin");
        // Accepted, and quiet from then on.
        dashboard.types("a");
        dashboard.shows("Accept what was found");
        assert_eq!(text_of(&policy), "");
        dashboard.types("\r");
        dashboard.shows("accepted, in the policy");
        dashboard.shows("portwise/policy.toml");
        assert!(
            text_of(&policy).contains("1587/tcp"),
            "{}",
            text_of(&policy)
        );
        dashboard.shows("· ok");
        // What is accepted can be looked at.
        dashboard.types("4");
        dashboard.shows("1 accepted");
        dashboard.types("A");
        dashboard.shows("accepted: ");
        dashboard.types("1");
        dashboard.no_longer_shows("accepted: ");
        dashboard.types("U");
        dashboard.shows("taken out of the policy again");
        assert!(!text_of(&policy).contains("1587"), "{}", text_of(&policy));
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn every_view_shows_the_listener_and_a_click_on_a_tab_changes_the_view() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut dashboard = Dashboard::start(&[]);
        dashboard.shows("127.0.0.1:1587");
        for (key, shown) in [
            ("2", "LISTENS ON"),
            ("3", "pra-elmd"),
            ("4", "program with findings"),
            ("5", "EVENT"),
            ("1", "VERDICT"),
        ] {
            dashboard.types(key);
            dashboard.shows(shown);
        }
        // The third tab, where a person sees it.
        let row = dashboard.rows().into_iter().next().unwrap();
        let column = row.split_once("3 Ports").unwrap().0.chars().count() + 2;
        dashboard.types(&format!("\u{1b}[<0;{column};1M\u{1b}[<0;{column};1m"));
        dashboard.shows("1 port in use");
        dashboard.types("osubmis");
        dashboard.shows("submission");
        dashboard.types("\r");
        dashboard.shows("Port 465");
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn what_is_written_on_the_screen_can_be_clicked() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut dashboard = Dashboard::start(&[]);
        dashboard.shows("127.0.0.1:1587");
        // A step of the way to a page goes back to it.
        dashboard.types("\r");
        dashboard.shows("Sockets › Port 1587");
        dashboard.clicks("Sockets ›");
        dashboard.no_longer_shows("Sockets ›");
        // A hint of the last line opens the filter, the filter's own hint leaves it.
        dashboard.clicks("/ filter");
        dashboard.shows("Enter keep");
        dashboard.types("port:1587");
        dashboard.clicks("Enter keep");
        dashboard.no_longer_shows("Enter keep");
        dashboard.shows("Esc clear");
        dashboard.clicks("Esc clear");
        dashboard.no_longer_shows("Esc clear");
        // A menu: once selects, twice chooses.
        dashboard.types("t");
        dashboard.shows("Group the sockets by");
        dashboard.clicks("a row for each program");
        dashboard.clicks("a row for each program");
        dashboard.shows("grouped by program");
        dashboard.clicks("? help");
        dashboard.shows("type to search");
        dashboard.clicks("Esc close");
        dashboard.no_longer_shows("type to search");
        dashboard.clicks("q quit");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn what_has_closed_is_shown_again_and_an_address_is_copied() {
    alone(|| {
        let listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut dashboard = Dashboard::start(&["--interval", "100ms"]);
        dashboard.shows("127.0.0.1:1587");
        dashboard.types("ya");
        dashboard.shows("copied: 127.0.0.1:1587");
        // MTI3LjAuMC4xOjE1ODc= is the address in base64.
        let told = dashboard.side_effects();
        assert_eq!(told, ["clipboard MTI3LjAuMC4xOjE1ODc="]);
        drop(listener);
        dashboard.shows("No sockets in this network namespace.");
        dashboard.types("z");
        dashboard.shows("127.0.0.1:1587");
        dashboard.types("zq");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn what_opens_and_closes_stands_in_the_timeline() {
    alone(|| {
        let mut dashboard = Dashboard::start(&["--interval", "100ms"]);
        dashboard.shows("No sockets in this network namespace.");
        dashboard.types("5");
        dashboard.shows("Nothing has happened");
        let listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        dashboard.shows("opened");
        drop(listener);
        dashboard.shows("closed");
        // Nothing is as old as that.
        dashboard.types("g1h");
        dashboard.shows("go to: 1h");
        dashboard.types("\r");
        dashboard.shows("the oldest that is kept");
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn the_page_of_a_connection_draws_what_it_measures() {
    alone(|| {
        let listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let _client = TcpStream::connect("127.0.0.1:1587").unwrap();
        let _server = listener.accept().unwrap();
        let mut dashboard = Dashboard::start(&["--interval", "100ms", "estab rport:1587"]);
        dashboard.shows("1 of 3");
        dashboard.types("c");
        dashboard.shows("RTT");
        dashboard.shows("█");
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn columns_and_view_are_remembered_and_the_configuration_stays_as_it_was() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut dashboard = at_home(&home, &[]);
        dashboard.shows("127.0.0.1:1587");
        dashboard.types("C");
        dashboard.shows("Space show or hide");
        dashboard.types(" \u{1b}");
        dashboard.no_longer_shows("VERDICT");
        dashboard.types("2");
        dashboard.shows("LISTENS ON");
        dashboard.types("q");
        assert!(dashboard.exits().success());
        assert!(!home.path().join("portwise/config.toml").exists());
        let mut dashboard = at_home(&home, &[]);
        dashboard.shows("LISTENS ON");
        dashboard.types("1");
        // The pane beside the processes names the socket too.
        dashboard.waits_for("the table without its hidden column", |screen| {
            let text = screen.contents();
            text.contains("127.0.0.1:1587")
                && !text.contains("LISTENS ON")
                && !text.contains("VERDICT")
        });
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn keys_are_those_of_the_configuration() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("portwise/config.toml");
        fs::create_dir(home.path().join("portwise")).unwrap();
        fs::write(&config, "[keys]\nquit = [\"Z\"]\npause = [\"v\"]\n").unwrap();
        let mut dashboard = at_home(&home, &[]);
        dashboard.shows("Z quit");
        dashboard.shows("No sockets");
        dashboard.types("v");
        dashboard.shows("PAUSED");
        dashboard.types("Z");
        assert!(dashboard.exits().success());
        fs::write(&config, "[keys]\nquit = [\"v\"]\npause = [\"v\"]\n").unwrap();
        let mut dashboard = at_home(&home, &[]);
        assert_eq!(dashboard.exits().code(), Some(2));
        dashboard.is_left();
        let said = dashboard.text();
        assert!(said.contains("the key v is bound to both"), "{said}");
    });
}

#[test]
fn a_light_terminal_gets_the_light_theme_and_no_key_is_lost() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut dashboard = Dashboard::start(&[]);
        dashboard.shows("127.0.0.1:1587");
        // The answer of a white terminal, in the middle of what a person types.
        dashboard.types("/port:15\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\87");
        dashboard.shows("port:1587");
        dashboard.waits_for("the light selection", |screen| {
            let (rows, columns) = screen.size();
            let (rows, columns) = (rows.get(), columns.get());
            let light = vt100::Color::Rgb(0xd0, 0xe0, 0xf5);
            let mut cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
            cells.any(|(row, column)| {
                screen
                    .cell(row, column)
                    .is_some_and(|cell| cell.bgcolor() == light)
            })
        });
        dashboard.types("\rq");
        assert!(dashboard.exits().success());
    });
}

/// The accents of the dark theme and of the light one, as they are written.
const DARK: &str = "38;2;86;180;233";
const LIGHT: &str = "38;2;9;105;168";

#[test]
fn the_first_frame_is_light_where_the_terminal_says_so_at_once() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let answer = "\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\\u{1b}[?62;22c";
        let mut dashboard = Dashboard::start_answered(&[], answer);
        dashboard.shows("127.0.0.1:1587");
        dashboard.types("/port:1587");
        dashboard.shows("port:1587");
        assert!(dashboard.has_written(LIGHT), "{}", dashboard.text());
        assert!(!dashboard.has_written(DARK), "a dark frame came first");
        dashboard.types("\rq");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn a_terminal_that_only_says_what_it_is_is_dark_and_loses_no_key() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut dashboard = Dashboard::start_answered(&[], "/port:1\u{1b}[?62;22c587");
        dashboard.shows("port:1587");
        dashboard.shows("127.0.0.1:1587");
        assert!(dashboard.has_written(DARK) && !dashboard.has_written(LIGHT));
        dashboard.types("\rq");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn what_is_shown_is_written_to_a_file() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut dashboard = Dashboard::start(&["port:1587"]);
        dashboard.shows("127.0.0.1:1587");
        dashboard.types("ec");
        dashboard.shows("written to portwise-");
        let text = dashboard.text();
        let name = text.split_once("written to ").unwrap().1;
        let name = name.split_whitespace().next().unwrap();
        let written = text_of(&dashboard.home().path().join(name));
        assert!(written.starts_with("verdict,proto"), "{written}");
        assert!(written.contains("127.0.0.1:1587"), "{written}");
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

#[test]
fn the_command_line_comes_before_the_configuration_and_that_before_the_memory() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let home = tempfile::tempdir().unwrap();
        let titles = |args: &[&str], shown: &str| {
            let mut dashboard = at_home(&home, args);
            dashboard.shows("127.0.0.1:1587");
            dashboard.shows(shown);
            dashboard.types("q");
            assert!(dashboard.exits().success());
        };
        titles(&[], "VERDICT▾");
        // Chosen, and so remembered.
        let mut dashboard = at_home(&home, &[]);
        dashboard.shows("127.0.0.1:1587");
        dashboard.types("s");
        dashboard.shows("ST▾");
        dashboard.types("q");
        assert!(dashboard.exits().success());
        titles(
            &["--sort", "process", "--columns", "local,process"],
            "PROCESS▾",
        );
        // What was asked for once is no memory.
        titles(&[], "ST▾");
        titles(&["--reverse"], "ST▴");
        let config = home.path().join("portwise/config.toml");
        fs::write(&config, "sort = \"service\"\n").unwrap();
        titles(&[], "SERVICE▾");
        titles(&["--sort", "verdict"], "VERDICT▾");
        let mut dashboard = at_home(&home, &["--sort", "verdit"]);
        assert_eq!(dashboard.exits().code(), Some(2));
        dashboard.is_left();
        assert!(dashboard.text().contains("did you mean `verdict`?"));
    });
}
