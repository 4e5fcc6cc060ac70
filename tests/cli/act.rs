//! `act`: what `sudo` is asked to run hits the very target that was named, or nothing.

use crate::support::{network::alone, process::Spawned, program::portwise};
use serde_json::Value;
use std::{fs, os::unix::process::ExitStatusExt as _, process::Command};

fn started(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').nth(22 - 3).unwrap().parse().unwrap()
}

fn outcome(identity: &str) -> Value {
    let run = portwise(["act", "signal", "TERM", "--format=json", "--", identity]);
    let acted: Value = serde_json::from_str(&run.stdout).unwrap();
    acted[0].clone()
}

#[test]
fn only_the_process_that_was_named_gets_the_signal() {
    alone(|| {
        let mut child = Spawned::quietly(Command::new("sleep").arg("600"));
        let (pid, start) = (child.pid(), started(child.pid()));
        for other in [
            format!("{pid}@{}", start + 1),
            format!("{pid}@{start}:/usr/bin/another"),
            format!("{pid}@e5"),
        ] {
            assert_eq!(outcome(&other)["outcome"], "gone", "{other}");
        }
        assert!(child.is_alive());
        let acted = outcome(&format!("{pid}@{start}"));
        assert_eq!(acted["outcome"], "ended", "{acted}");
        assert_eq!(acted["ended_by"], "TERM");
        assert!(acted["after_ms"].is_u64(), "{acted}");
        assert_eq!(child.ended().signal(), Some(15));
    });
}

#[test]
fn what_is_no_identity_and_what_is_read_only_is_refused() {
    portwise(["act", "signal", "TERM", "--", "1"]).ended_with(2);
    portwise(["act", "close", "--", "1/ipv4/127.0.0.1:1"]).ended_with(2);
    portwise(["--readonly", "act", "signal", "TERM", "--", "1@1"]).ended_with(2);
}
