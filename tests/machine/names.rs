//! What peers are called: through the system's own resolver, with a hosts file and a DNS server of the test's own.

use crate::support::{
    json::{only_socket, snapshot},
    network::alone,
    program::portwise,
    skip::skip,
};
use serde_json::Value;
use std::{
    fs,
    io::ErrorKind,
    net::{TcpListener, TcpStream, UdpSocket},
    process::Command,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A connection to a machine that is not loopback, as far as anybody can tell.
const PEER: &str = "10.7.7.9";

/// Where the DNS server is.
const SERVER: &str = "10.7.7.7";

fn succeeds(program: &str, args: &[&str]) -> bool {
    let run = Command::new(program).args(args).status();
    run.is_ok_and(|status| status.success())
}

/// The connection, with what the resolver reads replaced by files of the test's own. `None` where that cannot be.
fn machine(hosts: &str) -> Option<(TempDir, TcpListener, TcpStream)> {
    let folder = tempfile::tempdir().unwrap();
    let resolv = format!("nameserver {SERVER}\n");
    let files = [
        ("hosts", hosts),
        ("resolv.conf", &resolv),
        ("nsswitch.conf", "hosts: files dns\n"),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let args = ["--bind", path.to_str().unwrap(), &format!("/etc/{name}")];
        if !succeeds("mount", &args) {
            return None;
        }
    }
    for address in [PEER, SERVER] {
        if !succeeds(
            "ip",
            &["address", "add", &format!("{address}/32"), "dev", "lo"],
        ) {
            return None;
        }
    }
    let listener = TcpListener::bind((PEER, 587)).unwrap();
    let call = TcpStream::connect((PEER, 587)).unwrap();
    Some((folder, listener, call))
}

const NEEDS: &str = "needs to mount files over /etc, and ip";

fn host(args: &[&str]) -> Value {
    let socket = only_socket(&[&["rport:587"], args].concat());
    assert_eq!(socket["peer"]["address"], PEER);
    socket["peer"]["host"].clone()
}

#[test]
fn a_peer_is_named_by_the_hosts_file_when_that_is_asked_for() {
    alone(|| {
        let Some(_kept) = machine("10.7.7.9 Mail.Example.com mail\n") else {
            let name = "a_peer_is_named_by_the_hosts_file_when_that_is_asked_for";
            return skip(name, NEEDS);
        };
        assert_eq!(host(&[]), Value::Null);
        assert_eq!(host(&["--resolve"]), "mail.example.com");
        let table = portwise(["list", "rport:587", "--resolve"])
            .ended_with(0)
            .stdout;
        let lines: Vec<&str> = table.lines().collect();
        let at = lines[0].find("HOST").unwrap_or_else(|| panic!("{table}"));
        assert!(
            lines[1].get(at..).unwrap().starts_with("mail.example.com "),
            "{table}"
        );
        let without = portwise(["list", "rport:587"]).ended_with(0).stdout;
        assert!(
            !without.contains("HOST") && !without.contains("mail.example"),
            "{without}"
        );
        let plain = portwise(["list", "rport:587", "--resolve", "--format", "plain"]).ended_with(0);
        assert!(
            plain.stdout.contains(", host mail.example.com,"),
            "{plain:#?}"
        );
    });
}

/// Answers each question with this name, whatever it is.
fn serve(server: UdpSocket, name: &'static [u8]) {
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = server.recv_from(&mut question) {
            let end = 12
                + question[12..length]
                    .iter()
                    .position(|byte| *byte == 0)
                    .unwrap()
                + 5;
            let mut answer = question[..2].to_vec();
            answer.extend([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
            answer.extend(&question[12..end]);
            // The name of the question, PTR, IN, a minute.
            answer.extend([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60]);
            answer.extend(u16::try_from(name.len()).unwrap().to_be_bytes());
            answer.extend(name);
            server.send_to(&answer, from).unwrap();
        }
    });
}

#[test]
fn a_dns_server_is_asked_only_then_and_its_answers_are_claims() {
    alone(|| {
        let Some(_kept) = machine("127.0.0.1 localhost\n") else {
            let name = "a_dns_server_is_asked_only_then_and_its_answers_are_claims";
            return skip(name, NEEDS);
        };
        let server = UdpSocket::bind((SERVER, 53)).unwrap();
        server.set_nonblocking(true).unwrap();
        let before = snapshot(&["rport:587"]);
        let silence = server
            .recv_from(&mut [0; 512])
            .map_err(|error| error.kind());
        assert_eq!(silence, Err(ErrorKind::WouldBlock), "it was asked");
        server.set_nonblocking(false).unwrap();
        serve(server.try_clone().unwrap(), b"\x04mail\x07Example\x03com\0");
        assert_eq!(host(&["--resolve"]), "mail.example.com");
        // The verdict does not hang on it.
        let after = snapshot(&["rport:587", "--resolve"]);
        let verdict = |snapshot: &Value| snapshot["sockets"][0]["verdict"].clone();
        assert_eq!(verdict(&before), verdict(&after));
    });
}

#[test]
fn a_name_that_no_host_can_have_is_not_shown() {
    alone(|| {
        let Some(_kept) = machine("127.0.0.1 localhost\n") else {
            return skip("a_name_that_no_host_can_have_is_not_shown", NEEDS);
        };
        // As if it were the address of somebody else.
        serve(
            UdpSocket::bind((SERVER, 53)).unwrap(),
            b"\x0210\x010\x010\x015\0",
        );
        assert_eq!(host(&["--resolve"]), Value::Null);
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is the matter")]
fn a_dns_server_that_says_nothing_costs_two_seconds_and_the_list_comes() {
    alone(|| {
        let Some(_kept) = machine("127.0.0.1 localhost\n") else {
            let name = "a_dns_server_that_says_nothing_costs_two_seconds_and_the_list_comes";
            return skip(name, NEEDS);
        };
        let _silent = UdpSocket::bind((SERVER, 53)).unwrap();
        let began = Instant::now();
        let run = portwise(["list", "rport:587", "--resolve"]).ended_with(0);
        // The resolver itself gives up after ten.
        assert!(
            began.elapsed() < Duration::from_secs(8),
            "{:?}",
            began.elapsed()
        );
        assert!(run.stdout.contains("10.7.7.9:587"), "{run:#?}");
        assert!(
            run.stderr.contains("no answer about 1 address within 2 s"),
            "{run:#?}"
        );
    });
}

#[test]
fn names_are_no_column_unless_they_are_asked_for() {
    let run = portwise(["list", "--columns", "local,host"]).ended_with(2);
    assert!(
        run.stderr.contains("--resolve") && run.stdout.is_empty(),
        "{run:#?}"
    );
}
