//! `record` and `--recording`: a file in place of the machine.

use crate::support::{
    deadline::until,
    json::{only_socket, rules, snapshot, sockets_of},
    network::alone,
    process::Spawned,
    program::{command, portwise},
};
use rustix::process::{Pid, Signal, kill_process};
use std::{fs, net::TcpListener, path::Path};

/// Records a listener on 1587 for a moment.
fn recorded(file: &Path) {
    let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
    portwise([
        "record",
        "--to",
        file.to_str().unwrap(),
        "--for",
        "50ms",
        "--interval",
        "100ms",
    ])
    .ended_with(0);
}

#[test]
fn a_recording_says_what_the_machine_said() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo.rec");
        recorded(&file);
        let file = file.to_str().unwrap();
        let socket = only_socket(&["--recording", file]);
        assert_eq!(socket["local"]["port"], 1587);
        assert_eq!(socket["service"]["name"], "pra-elmd");
        assert_eq!(socket["processes"][0]["pid"], std::process::id());
        assert!(rules(&socket).contains(&"obscure-port"));
        portwise(["check", "--recording", file, "--fail-on", "info"]).ended_with(1);
        portwise(["kill", ":1587", "--yes", "--recording", file]).ended_with(2);
        portwise(["kill", ":1587", "--dry-run", "--recording", file]).ended_with(0);
    });
}

#[test]
fn a_recording_gives_the_same_bytes_every_time() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo.rec");
        recorded(&file);
        let args = [
            "list",
            "--format",
            "json",
            "--recording",
            file.to_str().unwrap(),
        ];
        assert_eq!(
            portwise(args).ended_with(0).stdout,
            portwise(args).ended_with(0).stdout
        );
    });
}

#[test]
fn a_recording_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.rec");
    fs::write(&file, "mine").unwrap();
    portwise(["record", "--to", file.to_str().unwrap(), "--for", "10ms"]).ended_with(2);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn a_broken_recording_is_an_error_that_names_the_file() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("whole.rec");
        recorded(&whole);
        let whole = fs::read(&whole).unwrap();
        let broken = folder.path().join("broken.rec");
        for bytes in [
            &b""[..],
            b"not a recording",
            b"{}",
            b"\xff\xfe\x00",
            &whole[..whole.len() / 3],
        ] {
            fs::write(&broken, bytes).unwrap();
            let run = portwise(["list", "--recording", broken.to_str().unwrap()]).ended_with(2);
            assert_eq!(run.stdout, "");
            assert!(run.stderr.contains("broken.rec"), "{run:#?}");
        }
    });
}

#[test]
fn a_recording_ends_cleanly_when_it_is_terminated() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let home = tempfile::tempdir().unwrap();
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        for signal in [Signal::TERM, Signal::INT] {
            let file = folder.path().join(format!("{signal:?}.rec"));
            let mut recorder =
                Spawned::quietly(command(&home).arg("record").arg("--to").arg(&file));
            until("a first sample", || {
                let read = portwise(["list", "--recording", file.to_str().unwrap()]);
                (read.code == Some(0))
                    .then_some(())
                    .ok_or_else(|| format!("{read:#?}"))
            });
            kill_process(Pid::from_raw(recorder.pid().cast_signed()).unwrap(), signal).unwrap();
            assert_eq!(recorder.ended().code(), Some(0), "{signal:?}");
            assert_eq!(
                sockets_of(&snapshot(&["--recording", file.to_str().unwrap()])).len(),
                1
            );
        }
    });
}
