//! `record` into the history, and `history` out of it.

use crate::support::{
    deadline::until,
    network::alone,
    process::Spawned,
    program::{Run, command, portwise, run},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{fs, net::TcpListener, path::Path};
use tempfile::TempDir;

/// A recorder that writes into the history at `file`, and has looked once.
fn recorder(home: &TempDir, file: &Path) -> Spawned {
    let args = ["record", "--interval", "100ms", "--history"];
    let recorder = Spawned::quietly(command(home).args(args).arg(file));
    until("the beginning", || {
        let found = file.exists() && has(file, &[], "began", None);
        found.then_some(()).ok_or_else(|| format!("{file:?}"))
    });
    recorder
}

fn ended(mut recorder: Spawned, signal: Signal) {
    let pid = Pid::from_raw(recorder.pid().cast_signed()).unwrap();
    kill_process(pid, signal).unwrap();
    assert_eq!(recorder.ended().code(), Some(0), "{signal:?}");
}

fn history(file: &Path, args: &[&str]) -> Run {
    let file = file.to_str().unwrap();
    portwise(["history", "--history", file].iter().chain(args))
}

/// The events as JSON, once the file is one.
fn events(file: &Path, args: &[&str]) -> Vec<Value> {
    let run = history(file, &[args, &["--format", "ndjson"]].concat());
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn has(file: &Path, args: &[&str], kind: &str, port: Option<u16>) -> bool {
    events(file, args)
        .iter()
        .any(|event| event["kind"] == kind && port_of(event) == port)
}

fn port_of(event: &Value) -> Option<u16> {
    let port = event["socket"]["local"]["port"].as_u64()?;
    u16::try_from(port).ok()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect()
}

#[track_caller]
fn wait_for(file: &Path, kind: &str, port: u16) -> Value {
    until(kind, || {
        let events = events(file, &[]);
        let found = events
            .iter()
            .find(|event| event["kind"] == kind && port_of(event) == Some(port));
        found.cloned().ok_or_else(|| format!("{events:#?}"))
    })
}

#[test]
fn what_opens_and_closes_is_in_the_history() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("made/history.db");
        let _before = TcpListener::bind("127.0.0.1:22").unwrap();
        let recorder = recorder(&home, &file);
        let listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let opened = wait_for(&file, "opened", 1587);
        assert_eq!(opened["socket"]["processes"][0]["pid"], std::process::id());
        assert_eq!(opened["socket"]["service"]["name"], "pra-elmd");
        assert_eq!(opened["socket"]["state"], "listen");
        assert!(opened["detail"].is_null());
        drop(listener);
        let closed = wait_for(&file, "closed", 1587);
        ended(recorder, Signal::TERM);

        let all = events(&file, &[]);
        assert_eq!(kinds(&all)[..2], ["began", "opened"]);
        assert_eq!(port_of(&all[1]), Some(22));
        assert_eq!(kinds(&all).last(), Some(&"ended"));

        let of_port = events(&file, &[":1587", "proc:cli", "listen"]);
        let of_port = kinds(&of_port);
        assert_eq!(of_port.first(), Some(&"opened"), "{of_port:?}");
        assert_eq!(of_port.last(), Some(&"closed"), "{of_port:?}");
        assert!(of_port.contains(&"finding"), "{of_port:?}");

        let at = |event: &Value| event["at"].as_str().unwrap().to_owned();
        let (opened, closed) = (at(&opened), at(&closed));
        let open_at = |time: &str| -> Vec<u64> {
            let open = events(&file, &["--at", time]);
            let port = |socket: &Value| socket["local"]["port"].as_u64().unwrap();
            open.iter().map(port).collect()
        };
        assert_eq!(open_at(&opened), [22, 1587]);
        assert_eq!(open_at(&closed), [22]);
        let since = events(&file, &["--since", &closed, "port:1587"]);
        assert_eq!(kinds(&since), ["closed"]);
        assert_eq!(
            events(&file, &["--since", &opened, "--until", &opened]).len(),
            0
        );
    });
}

#[test]
fn nothing_is_written_when_nothing_happened() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("history.db");
        let _listener = TcpListener::bind("127.0.0.1:22").unwrap();
        let file_arg = file.to_str().unwrap();
        let args = [
            "record",
            "--interval",
            "100ms",
            "--for",
            "1s",
            "--history",
            file_arg,
        ];
        portwise(args).ended_with(0);
        let events = events(&file, &["--since", "1h"]);
        let mut kinds = kinds(&events);
        kinds.retain(|kind| *kind != "finding");
        assert_eq!(kinds, ["began", "opened", "ended"]);
        let at = |event: &Value| event["at"].as_str().unwrap().to_owned();
        let first = at(&events[0]);
        let (ended, before) = events.split_last().unwrap();
        assert!(before.iter().all(|event| at(event) == first), "{before:#?}");
        assert!(at(ended) > first, "it looked once only");
    });
}

#[test]
fn a_history_has_one_recorder_at_a_time() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("history.db");
        let first = recorder(&home, &file);
        let args = [
            "record",
            "--for",
            "10ms",
            "--history",
            file.to_str().unwrap(),
        ];
        let second = portwise(args).ended_with(2);
        assert!(
            second.stderr.contains("another recorder does so already"),
            "{second:#?}"
        );
        ended(first, Signal::TERM);
        portwise(args).ended_with(0);
    });
}

#[test]
fn what_is_older_than_is_to_be_kept_is_forgotten() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("history.db");
        let record = |keep: &str| {
            let span = [
                "record",
                "--interval",
                "100ms",
                "--for",
                "300ms",
                "--keep",
                keep,
            ];
            let file = ["--history", path.to_str().unwrap()];
            portwise(span.iter().chain(&file)).ended_with(0);
            let events = events(&path, &[]);
            kinds(&events)
                .iter()
                .filter(|kind| **kind == "began")
                .count()
        };
        assert_eq!(record("90d"), 1);
        assert_eq!(record("90d"), 2);
        // All that ended before this one began.
        assert_eq!(record("0s"), 1);
    });
}

#[test]
fn the_history_lies_in_the_state_directory_and_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let args = ["record", "--for", "10ms"];
        run(command(&home).args(args)).ended_with(0);
        let file = home.path().join("state/portwise/history.db");
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let listed = run(command(&home).args(["history", "--format", "plain"])).ended_with(0);
        assert!(
            listed.stdout.contains("the recorder began"),
            "{}",
            listed.stdout
        );
    });
}

#[test]
fn an_interrupt_ends_a_recorder_well() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("history.db");
        ended(recorder(&home, &file), Signal::INT);
        assert_eq!(kinds(&events(&file, &[])), ["began", "ended"]);
    });
}

#[test]
fn every_format_has_every_event() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("history.db");
        let _listener = TcpListener::bind("127.0.0.1:22").unwrap();
        ended(recorder(&home, &file), Signal::TERM);
        // How many findings there are depends on where the test program lies.
        let count = events(&file, &[]).len();
        assert!(count >= 3);
        for (format, lines) in [("table", count + 1), ("csv", count + 1), ("plain", count)] {
            let stdout = history(&file, &["--format", format]).ended_with(0).stdout;
            assert_eq!(stdout.lines().count(), lines, "{format}: {stdout}");
            assert!(stdout.contains("22"), "{format}: {stdout}");
        }
        let json = history(&file, &["--format", "json"]).ended_with(0).stdout;
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["schema_version"], 1);
        assert_eq!(json["events"].as_array().unwrap().len(), count);
        let after = history(&file, &["--at", "now"]).ended_with(0);
        assert_eq!(after.stdout.lines().count(), 1);
        assert!(after.stderr.contains("nothing was recorded"), "{after:#?}");
    });
}

#[test]
fn a_recording_can_be_written_into_the_history() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let [recording, file] = ["demo.rec", "history.db"].map(|name| home.path().join(name));
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let [recording, file_arg] = [&recording, &file].map(|path| path.to_str().unwrap());
        portwise(["record", "--to", recording, "--for", "1s"]).ended_with(0);
        portwise(["record", "--recording", recording, "--history", file_arg]).ended_with(0);
        assert!(has(&file, &[], "opened", Some(1587)));
    });
}

#[test]
fn a_recorder_that_did_not_end_well_is_believed_until_it_last_looked() {
    let home = tempfile::tempdir().unwrap();
    let [recording, file] = ["demo.rec", "history.db"].map(|name| home.path().join(name));
    let known = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/recordings/apache2.jsonl"
    );
    let known = fs::read_to_string(known).unwrap();
    let mut lines = known.lines();
    let header = lines.next().unwrap();
    let mut sample: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let mut at = |time: &str| {
        sample["taken_at"] = time.into();
        sample.to_string()
    };
    // Nothing happens for 130 s, and then it fails: it cannot say that it ended.
    let samples = ["12:00:00", "12:00:40", "12:01:10", "12:01:50", "12:02:10"];
    let samples = samples.map(|time| at(&format!("2026-11-01T{time}Z")));
    fs::write(
        &recording,
        format!("{header}\n{}\nbroken\n", samples.join("\n")),
    )
    .unwrap();
    let args = ["record", "--recording", recording.to_str().unwrap()];
    let record = run(command(&home).args(args).arg("--history").arg(&file));
    assert_ne!(record.code, Some(0));
    let said = |time: &str| {
        let args = [
            "history",
            "--at",
            &format!("2026-11-01T{time}Z"),
            "--history",
        ];
        let run = run(command(&home).env("TZ", "UTC").args(args).arg(&file)).ended_with(0);
        assert!(run.stdout.contains("80"), "{run:#?}");
        run.stderr
    };
    assert_eq!(said("12:02:10"), "");
    let later = said("13:00:00");
    assert!(
        later.contains("nobody is known to have looked after 2026-11-01 12:02:10"),
        "{later}"
    );
}

#[test]
fn looking_begins_no_history() {
    let home = tempfile::tempdir().unwrap();
    let run = run(command(&home).arg("history")).ended_with(2);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("portwise record"), "{}", run.stderr);
    assert!(!home.path().join("state").exists());
}

#[test]
fn what_is_no_history_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("mine.txt");
    fs::write(&file, "mine").unwrap();
    let refused = history(&file, &[]).ended_with(2);
    assert!(refused.stderr.contains("mine.txt"), "{}", refused.stderr);
    let recorded = portwise([
        "record",
        "--for",
        "10ms",
        "--history",
        file.to_str().unwrap(),
    ]);
    recorded.ended_with(2);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn a_wrong_time_and_an_unknown_field_are_pointed_at() {
    for args in [
        &["--since", "soon"][..],
        &["--until", "25:00"],
        &["--at", "2026-13-01"],
        &["cmd:python3"],
        &["--since", "1h", "--until", "2h"],
    ] {
        let run = history(Path::new("/nowhere/history.db"), args).ended_with(2);
        assert_eq!(run.stdout, "");
        let is_pointed = run.stderr.contains('^') || args.len() > 2;
        assert!(is_pointed, "{args:?}: {}", run.stderr);
        assert!(!run.stderr.contains("/nowhere"), "{args:?}: {}", run.stderr);
    }
}
