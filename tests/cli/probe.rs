//! `probe`: real servers on loopback, and what is said of them.

use crate::support::{
    network::alone,
    process::Spawned,
    program::{command, portwise, run},
};
use serde_json::Value;
use std::{
    io::Write as _,
    net::TcpListener,
    thread::{self, JoinHandle},
};
use tempfile::TempDir;

/// A server at `address` that greets its one guest.
fn greeting(address: &str, greeting: &'static [u8]) -> JoinHandle<()> {
    let listener = TcpListener::bind(address).unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(greeting).unwrap();
    })
}

#[test]
fn a_port_that_speaks_what_it_is_named_for_agrees() {
    alone(|| {
        let server = greeting("127.0.0.1:587", b"220 mail.example ESMTP Postfix\r\n");
        let run = portwise(["probe", ":587"]).ended_with(0);
        server.join().unwrap();
        for words in [
            "spoke smtp",
            "220 mail.example ESMTP Postfix",
            "submission",
            "that agrees",
        ] {
            assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
        }
    });
}

#[test]
fn another_protocol_is_said_and_its_escapes_are_not_obeyed() {
    alone(|| {
        let server = greeting("127.0.0.1:1587", b"SSH-2.0-\x1b[2J\r\n");
        let run = portwise(["probe", "localhost:1587", "--format", "json"]).ended_with(0);
        server.join().unwrap();
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(json[0]["protocol"], "ssh");
        assert_eq!(json[0]["agrees"], false);
        assert_eq!(json[0]["greeting"], "SSH-2.0-\\x1b[2J");
        assert_eq!(json[0]["service"]["name"], "pra-elmd");
    });
}

#[test]
fn this_machine_is_asked_over_ipv6_when_ipv4_refuses() {
    alone(|| {
        let server = greeting("[::1]:22", b"SSH-2.0-x\r\n");
        let run = portwise(["probe", ":22", "--format", "markdown"]).ended_with(0);
        server.join().unwrap();
        assert!(run.stdout.starts_with("# :22 "), "{}", run.stdout);
        assert!(run.stdout.contains("::1"), "{}", run.stdout);
    });
}

#[test]
fn one_that_does_not_answer_is_said_beside_one_that_does() {
    alone(|| {
        let server = greeting("127.0.0.1:22", b"SSH-2.0-x\r\n");
        let run = portwise(["probe", ":22", ":23", "--format", "json"]).ended_with(1);
        server.join().unwrap();
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(json[0]["answered"], true);
        assert_eq!(json[1]["answered"], false);
        assert!(json[1]["error"].as_str().unwrap().contains("refused"));
    });
}

#[test]
fn what_is_no_target_is_pointed_at_and_nobody_is_asked() {
    for target in ["host", ":70000", "host:ssh", "::1:25", "\u{1b}[2J:1x"] {
        let run = portwise(["probe", target]).ended_with(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains('^'), "{}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    }
}

#[test]
fn help_says_that_it_connects() {
    let help = portwise(["probe", "--help"]).ended_with(0);
    assert!(help.stdout.contains("connects"), "{}", help.stdout);
}

/// What `check` finds about port 1587, with the home that a history may be in.
fn found(home: &TempDir) -> Vec<String> {
    let run = run(command(home).args(["check", "--format", "json", ":1587"]));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let stories = report["stories"].as_array().unwrap();
    let findings = stories
        .iter()
        .flat_map(|story| story["findings"].as_array().unwrap());
    findings
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_heard_is_judged_by_check_where_there_is_a_history() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let ask = |greeting: &[u8]| {
            let asked = Spawned::quietly(command(&home).args(["probe", ":1587"]));
            listener.accept().unwrap().0.write_all(greeting).unwrap();
            let mut asked = asked;
            assert_eq!(asked.ended().code(), Some(0));
        };
        let is_found = || found(&home).iter().any(|rule| rule == "speaks-otherwise");
        ask(b"SSH-2.0-x\r\n");
        assert!(!is_found(), "asking begins no history");
        run(command(&home).args(["record", "--for", "1ms"])).ended_with(0);
        ask(b"SSH-2.0-x\r\n");
        assert!(is_found());
        let told = run(command(&home).args(["history", "--format", "plain"])).stdout;
        assert!(told.contains("heard: "), "{told}");
        assert!(told.contains("spoke ssh: SSH-2.0-x"), "{told}");
        // What it says now counts.
        ask(b"HTTP/1.0 200 OK\r\n\r\n");
        assert!(!is_found());
    });
}
