//! `watch`: events as they happen.

use crate::support::{
    deadline::{self, until},
    network::alone,
    program::{command, portwise},
    skip::is_root,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdout, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// A watch in the background, whose lines come through a channel.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(home: &TempDir, args: &[&str]) -> Self {
        Self::start_every("100ms", home, args)
    }

    fn start_every(interval: &str, home: &TempDir, args: &[&str]) -> Self {
        let mut child = command(home)
            .args(["watch", "--interval", interval])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = lines(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Opens listeners until the watch tells of one: only what opens after its first look is an event.
    #[track_caller]
    fn opened(&self) -> (TcpListener, String) {
        let end = deadline::deadline();
        let mut listeners = vec![];
        loop {
            listeners.push(TcpListener::bind("127.0.0.1:0").unwrap());
            let patience = Duration::from_millis(500);
            while let Ok(line) = self.lines.recv_timeout(patience) {
                let is_told = |listener: &TcpListener| {
                    let port = listener.local_addr().unwrap().port().to_string();
                    line.contains("opened") && line.contains(&port)
                };
                if let Some(at) = listeners.iter().position(is_told) {
                    return (listeners.swap_remove(at), line);
                }
            }
            assert!(!deadline::is_over(end), "no event was told");
        }
    }

    /// The next line that `is_meant`.
    #[track_caller]
    fn next(&self, is_meant: impl Fn(&str) -> bool) -> String {
        let end = deadline::deadline();
        while let Ok(line) = self.lines.recv_timeout(deadline::left(end)) {
            if is_meant(&line) {
                return line;
            }
        }
        panic!("the line did not come");
    }

    fn interrupt(&self) {
        let pid = Pid::from_raw(self.child.id().cast_signed()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
    }

    #[track_caller]
    fn ended_well(mut self) {
        let ended = until("the end of watch", || {
            self.child
                .try_wait()
                .unwrap()
                .ok_or_else(|| "it runs".to_owned())
        });
        assert_eq!(ended.code(), Some(0));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines(out: ChildStdout) -> Receiver<String> {
    let (send, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

#[test]
fn what_opens_and_closes_is_told_at_once_until_interrupted() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let watch = Watch::start(&home, &["--format", "ndjson"]);
        let (listener, opened) = watch.opened();
        let opened: Value = serde_json::from_str(&opened).unwrap();
        assert_eq!(opened["kind"], "opened");
        let socket = &opened["socket"];
        assert_eq!(socket["state"], "listen");
        assert_eq!(socket["processes"][0]["pid"], std::process::id());
        assert!(socket["processes"][0]["cmdline"].is_array(), "{socket:#}");
        drop(listener);
        let id = socket["id"].as_str().unwrap();
        let closed = watch.next(|line| line.contains("closed") && line.contains(id));
        let closed: Value = serde_json::from_str(&closed).unwrap();
        assert_eq!(closed["socket"]["local"], socket["local"]);
        watch.interrupt();
        watch.ended_well();
    });
}

#[test]
fn a_filter_a_count_and_a_time_bound_it() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let watch = Watch::start(&home, &["--count", "1", "proto:tcp", "--format", "plain"]);
        let (_listener, line) = watch.opened();
        assert!(line.contains("opened: tcp listen 127.0.0.1 port"), "{line}");
        watch.ended_well();
        let _other = TcpListener::bind("127.0.0.1:0").unwrap();
        let args = [
            "watch",
            "--for",
            "300ms",
            "--interval",
            "100ms",
            "--format",
            "json",
        ];
        let none = portwise(args).ended_with(0);
        let none: Value = serde_json::from_str(&none.stdout).unwrap();
        // What was open before it began is no event.
        assert_eq!(none["events"], Value::Array(vec![]));
        let filtered = Watch::start(&home, &["--for", "1s", "--format", "ndjson", "proto:udp"]);
        let _third = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut rest = String::new();
        while let Ok(line) = filtered.lines.recv_timeout(deadline::PATIENCE) {
            rest.push_str(&line);
        }
        assert_eq!(rest, "");
        filtered.ended_well();
    });
}

#[test]
fn a_table_has_its_header_before_anything_happens() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let watch = Watch::start(&home, &[]);
        let header = watch.next(|_| true);
        assert!(
            header.starts_with("AT                   EVENT    PROTO"),
            "{header}"
        );
        watch.interrupt();
        watch.ended_well();
    });
}

#[test]
fn a_recording_is_gone_through_at_once_and_the_same_each_time() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("demo.rec");
        let file = file.to_str().unwrap();
        let mut recorder = command(&home)
            .args(["record", "--to", file, "--interval", "100ms"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ports = ["-", "opened", "closed"];
        let mut listener = None;
        let written = || std::fs::read_to_string(file).unwrap_or_default();
        for port in ports {
            listener = (port == "opened").then(|| TcpListener::bind("127.0.0.1:1587").unwrap());
            let before = written().lines().count();
            until("two more samples", || {
                let now = written().lines().count();
                (now >= before + 2)
                    .then_some(())
                    .ok_or_else(|| format!("{now} after {before}"))
            });
            if listener.is_some() {
                // Not every sample reads every socket where that takes long.
                until("the listener", || {
                    let text = written();
                    let is_there = text.contains("1587");
                    is_there.then_some(()).ok_or(text)
                });
            }
        }
        drop(listener);
        let pid = Pid::from_raw(recorder.id().cast_signed()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        recorder.wait().unwrap();
        let args = [
            "watch",
            "--recording",
            file,
            "--format",
            "csv",
            "--interval",
            "1h",
        ];
        let first = portwise(args).ended_with(0).stdout;
        let kinds: Vec<_> = first
            .lines()
            .filter_map(|line| line.split(',').nth(1))
            .collect();
        assert!(kinds.starts_with(&["event", "opened"]), "{first}");
        assert!(kinds.contains(&"closed"), "{first}");
        assert_eq!(portwise(args).ended_with(0).stdout, first);
    });
}

#[test]
fn nobody_listening_any_more_ends_it_well() {
    alone(|| {
        let home = tempfile::tempdir().unwrap();
        let mut child = command(&home)
            .args(["watch", "--interval", "100ms", "--format", "ndjson"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = until("the end of watch", || {
            let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
            thread::park_timeout(Duration::from_millis(150));
            child
                .try_wait()
                .unwrap()
                .ok_or_else(|| "it runs".to_owned())
        });
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(ended.code(), Some(0), "{said}");
        assert_eq!(said, "");
    });
}

/// As a user sees it: nothing of 3,000 connections that nobody could have looked at is missing.
#[test]
fn each_of_many_connections_between_two_looks_is_told_with_its_last_bytes() {
    alone(|| {
        // What the kernel keeps for who has no privilege, however busy this machine is.
        let many = if is_root() { 3000 } else { 150 };
        let home = tempfile::tempdir().unwrap();
        let watch = Watch::start_every("1s", &home, &["--format", "ndjson", "tcp"]);
        let (listener, _) = watch.opened();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            for _ in 0..many {
                let (mut stream, _) = listener.accept().unwrap();
                stream.read_to_end(&mut Vec::new()).unwrap();
            }
        });
        for _ in 0..many {
            let mut client = TcpStream::connect(address).unwrap();
            client.write_all(&[7; 1000]).unwrap();
        }
        server.join().unwrap();
        let mut told = BTreeSet::new();
        while told.len() < 2 * many {
            let line =
                watch.next(|line| line.contains("\"closed\"") && !line.contains("\"listen\""));
            let event: Value = serde_json::from_str(&line).unwrap();
            let (socket, tcp) = (&event["socket"], &event["socket"]["tcp"]);
            if socket["peer"].is_null() {
                // One of the listeners that were opened until the first look was over.
                continue;
            }
            let bytes =
                [&tcp["bytes_received"], &tcp["bytes_sent"]].map(|one| one.as_u64().unwrap());
            let is_server = socket["local"]["port"] == address.port();
            assert_eq!(
                bytes,
                if is_server { [1000, 0] } else { [0, 1000] },
                "{line}"
            );
            assert!(
                told.insert(socket["id"].as_str().unwrap().to_owned()),
                "{line}"
            );
        }
        watch.interrupt();
        watch.ended_well();
    });
}
