//! `kill`: whom it ends, and when it refuses.

use crate::support::{
    deadline::until,
    json::{pids, sockets},
    network::alone,
    process::{Spawned, netcat, python_that},
    program::{command, portwise, run},
    skip::{installed, skip},
};
use serde_json::Value;
use std::{net::TcpListener, os::unix::process::ExitStatusExt as _, process::Command};

/// Starts a child that listens on 3000.
fn listener_on_3000(test: &str) -> Option<Spawned> {
    let Some(netcat) = netcat() else {
        skip(test, "needs netcat");
        return None;
    };
    let child = Spawned::quietly(Command::new(netcat).args(["-l", "127.0.0.1", "3000"]));
    until("a listener on 3000", || {
        let open = sockets(&[":3000"]);
        (open.len() == 1)
            .then_some(())
            .ok_or_else(|| format!("{open:#?}"))
    });
    Some(child)
}

#[test]
fn the_owner_is_ended_with_sigterm() {
    alone(|| {
        let Some(mut child) = listener_on_3000("the_owner_is_ended") else {
            return;
        };
        let run = portwise(["kill", ":3000", "--yes"]).ended_with(0);
        assert!(run.stdout.contains(&child.pid().to_string()), "{run:#?}");
        assert_eq!(child.ended().signal(), Some(15));
        assert_eq!(sockets(&[":3000"]), Vec::<Value>::new());
    });
}

#[test]
fn a_listener_that_several_hold_costs_all_of_them() {
    alone(|| {
        let Some(python) = installed(&["python3"]) else {
            return skip("a_listener_that_several_hold", "needs python3");
        };
        let code = "import os, socket, time\n\
            listener = socket.create_server(('127.0.0.1', 3000))\n\
            os.fork()\n\
            time.sleep(600)\n";
        let mut parent = Spawned::quietly(Command::new(python).args(["-c", code]));
        until("a listener with two owners", || {
            let open = sockets(&[":3000"]);
            let owners = open.first().map_or(0, |socket| pids(socket).len());
            (owners == 2)
                .then_some(())
                .ok_or_else(|| format!("{open:#?}"))
        });
        let run = portwise(["kill", ":3000", "--yes", "--format", "json"]);
        let acted: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(acted.as_array().unwrap().len(), 2, "{acted:#}");
        assert_eq!(parent.ended().signal(), Some(15));
        until("the end of the listener", || {
            let open = sockets(&[":3000"]);
            open.is_empty()
                .then_some(())
                .ok_or_else(|| format!("{open:#?}"))
        });
    });
}

#[test]
fn the_signal_asked_for_is_sent() {
    alone(|| {
        let Some(mut child) = listener_on_3000("the_signal_asked_for") else {
            return;
        };
        portwise(["kill", ":3000", "--yes", "--signal", "KILL"]).ended_with(0);
        assert_eq!(child.ended().signal(), Some(9));
    });
}

#[test]
fn json_says_what_came_of_it() {
    alone(|| {
        let Some(child) = listener_on_3000("json_says_what_came_of_it") else {
            return;
        };
        let run = portwise(["kill", ":3000", "--yes", "--format", "json"]).ended_with(0);
        let acted: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(acted[0]["pid"], child.pid());
        assert_eq!(acted[0]["outcome"], "ended");
        assert_eq!(acted[0]["signal"], "TERM");
    });
}

#[test]
fn a_dry_run_names_the_owner_and_leaves_it_alone() {
    alone(|| {
        let Some(mut child) = listener_on_3000("a_dry_run_names_the_owner") else {
            return;
        };
        let run = portwise(["kill", ":3000", "--dry-run"]).ended_with(0);
        assert!(run.stdout.contains(&child.pid().to_string()), "{run:#?}");
        assert!(child.is_alive());
        assert_eq!(sockets(&[":3000"]).len(), 1);
    });
}

#[test]
fn nobody_is_ended_unasked() {
    alone(|| {
        let Some(mut child) = listener_on_3000("nobody_is_ended_unasked") else {
            return;
        };
        let run = portwise(["kill", ":3000"]).ended_with(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("--yes"), "{run:#?}");
        portwise(["kill", ":3000", "--yes", "--readonly"]).ended_with(2);
        assert!(child.is_alive());
    });
}

#[test]
fn the_processes_it_was_started_from_are_refused() {
    alone(|| {
        let _own = TcpListener::bind("127.0.0.1:3000").unwrap();
        let run = portwise(["kill", ":3000", "--yes", "--format", "json"]).ended_with(1);
        let acted: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(acted[0]["outcome"], "refused", "{acted:#}");
    });
}

#[test]
fn what_is_unclear_or_matches_nothing_ends_nobody() {
    alone(|| {
        let Some(mut child) = listener_on_3000("what_is_unclear") else {
            return;
        };
        portwise(["kill", "3000", "--yes"]).ended_with(2);
        portwise(["kill", "", "--yes"]).ended_with(2);
        // A word that is a text of some row, and also what is printed of others.
        for (filter, word) in [("est", "est"), (":3001 | (tcp !alert)", "alert")] {
            let run = portwise(["kill", filter, "--yes"]).ended_with(2);
            let right = format!("a program is `proc:{word}`");
            assert!(run.stderr.contains(&right), "{}", run.stderr);
        }
        portwise(["kill", "\"est-no-such\"", "--yes"]).ended_with(1);
        portwise(["kill", ":3001", "--yes"]).ended_with(1);
        assert!(child.is_alive());
    });
}

#[test]
fn what_ignores_term_is_killed_when_that_is_asked_for() {
    alone(|| {
        let script = "import signal,socket,time\n\
                      signal.signal(signal.SIGTERM, signal.SIG_IGN)\n\
                      s=socket.create_server(('127.0.0.1',3000))\n\
                      time.sleep(60)";
        let Some(mut child) = python("what_ignores_term", script) else {
            return;
        };
        let run = portwise(["kill", ":3000", "--yes", "--timeout", "200ms"]).ended_with(1);
        assert!(run.stdout.contains("still runs after 0.2 s"), "{run:#?}");
        assert!(child.is_alive());
        let args = [
            "kill",
            ":3000",
            "--yes",
            "--timeout",
            "200ms",
            "--then-kill",
        ];
        let run = portwise(args).ended_with(0);
        assert!(
            run.stdout.contains("ended") && run.stdout.contains("after SIGKILL"),
            "{run:#?}"
        );
        assert!(run.stdout.contains("port 3000/tcp is free"), "{run:#?}");
        assert_eq!(child.ended().signal(), Some(9));
    });
}

#[test]
fn a_child_that_its_supervisor_starts_again_is_reported() {
    alone(|| {
        let script = "import subprocess,sys\n\
                      while True:\n \
                      subprocess.run([sys.executable,'-c','import socket,time\\n\
                      s=socket.create_server((\"127.0.0.1\",3000),reuse_port=True)\\ntime.sleep(60)'])";
        let Some(supervisor) = python("a_child_that_its_supervisor", script) else {
            return;
        };
        let first = sockets(&[":3000"])[0]["processes"][0]["pid"].clone();
        let run = portwise(["kill", ":3000", "--yes", "--format", "json"]).ended_with(0);
        let acted: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(acted[0]["outcome"], "ended", "{acted:#}");
        assert_eq!(acted[0]["pid"], first);
        let detail = acted[0]["detail"].as_str().unwrap();
        assert!(
            detail.contains("port 3000/tcp was taken again by python"),
            "{detail}"
        );
        let second = sockets(&[":3000"])[0]["processes"][0]["pid"].clone();
        assert!(detail.contains(&format!("pid {second}")), "{detail}");
        drop(supervisor);
    });
}

#[test]
fn the_tree_is_everything_it_started() {
    alone(|| {
        let script = "import socket,subprocess,time\n\
                      child=subprocess.Popen(['sleep','60'])\n\
                      s=socket.create_server(('127.0.0.1',3000))\n\
                      time.sleep(60)";
        let Some(mut child) = python("the_tree_is_everything", script) else {
            return;
        };
        let run =
            portwise(["kill", ":3000", "--dry-run", "--tree", "--format", "json"]).ended_with(0);
        let shown: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(shown.as_array().unwrap().len(), 2, "{shown:#}");
        assert_eq!(shown[1]["name"], "sleep");
        let run = portwise(["kill", ":3000", "--yes", "--tree", "--format", "json"]).ended_with(0);
        let acted: Value = serde_json::from_str(&run.stdout).unwrap();
        for one in acted.as_array().unwrap() {
            assert_eq!(one["outcome"], "ended", "{acted:#}");
        }
        child.ended();
    });
}

#[test]
fn killing_a_port_leaves_its_clients_alone() {
    alone(|| {
        let server = "import socket,time\n\
                      s=socket.create_server(('127.0.0.1',3000))\n\
                      k=[s.accept() for _ in range(2)]\n\
                      time.sleep(60)";
        let Some(mut server) = python("killing_a_port", server) else {
            return;
        };
        let client = "import socket,time\n\
                      k=[socket.create_connection(('127.0.0.1',3000)) for _ in range(2)]\n\
                      time.sleep(60)";
        let Some(mut client) = python_that("killing_a_port", client, &["rport:3000", "estab"], 2)
        else {
            return;
        };
        let run = portwise(["kill", ":3000", "--yes", "--format", "json"]).ended_with(0);
        let acted: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(acted.as_array().unwrap().len(), 1, "{acted:#}");
        assert_eq!(acted[0]["pid"], server.pid());
        server.ended();
        assert!(client.is_alive());
    });
}

#[test]
fn what_nothing_manages_cannot_be_stopped_by_its_manager() {
    alone(|| {
        let Some(mut child) = listener_on_3000("what_nothing_manages") else {
            return;
        };
        let run = portwise(["kill", ":3000", "--yes", "--unit"]).ended_with(1);
        assert!(
            run.stdout.contains("no unit and no container runs it"),
            "{run:#?}"
        );
        assert!(child.is_alive());
    });
}

#[test]
fn what_was_done_is_in_the_history() {
    alone(|| {
        let Some(child) = listener_on_3000("what_was_done_is_in_the_history") else {
            return;
        };
        let home = tempfile::tempdir().unwrap();
        run(command(&home).args(["kill", ":3000", "--yes"])).ended_with(0);
        let run = run(command(&home).args(["history", "--format", "json"])).ended_with(0);
        let events: Value = serde_json::from_str(&run.stdout).unwrap();
        let event = &events["events"][0];
        assert_eq!(event["kind"], "action", "{events:#}");
        let text = event.to_string();
        assert!(text.contains("after SIGTERM"), "{text}");
        assert!(text.contains(&child.pid().to_string()), "{text}");
    });
}

#[test]
fn a_configuration_protects_programs() {
    alone(|| {
        let Some(mut child) = listener_on_3000("a_configuration_protects") else {
            return;
        };
        let name = sockets(&[":3000"])[0]["processes"][0]["name"].clone();
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config.toml");
        std::fs::write(&config, format!("protected = [{name}]\n")).unwrap();
        let config = config.to_str().unwrap();
        let run = portwise(["--config", config, "kill", ":3000", "--yes"]).ended_with(1);
        assert!(
            run.stdout.contains("the configuration protects"),
            "{run:#?}"
        );
        assert!(child.is_alive());
        portwise(["--config", config, "kill", ":3000", "--yes", "--force"]).ended_with(0);
        child.ended();
    });
}

/// Starts a Python that listens on 3000.
fn python(test: &str, script: &str) -> Option<Spawned> {
    python_that(test, script, &[":3000"], 1)
}
