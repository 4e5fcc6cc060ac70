//! `close`: it ends one connection, and nothing else.

use crate::support::{
    deadline::until,
    json::sockets,
    network::alone,
    process::Spawned,
    program::portwise,
    skip::{installed, skip},
};
use serde_json::Value;
use std::process::Command;

/// A server on 3000 and a client with two connections to it; what either hears of them does not end it.
fn pair(test: &str) -> Option<[Spawned; 2]> {
    let Some(python) = installed(&["python3"]) else {
        skip(test, "needs python3");
        return None;
    };
    let start = |script: &str| Spawned::quietly(Command::new(&python).args(["-c", script]));
    let server = start(
        "import socket,time\n\
         s=socket.create_server(('127.0.0.1',3000))\n\
         k=[s.accept() for _ in range(2)]\n\
         time.sleep(60)",
    );
    until("the server", || {
        (sockets(&[":3000"]).len() == 1).then_some(()).ok_or("not yet")
    });
    let client = start(
        "import socket,time\n\
         k=[socket.create_connection(('127.0.0.1',3000)) for _ in range(2)]\n\
         time.sleep(60)",
    );
    until("two connections, from both ends", || {
        let open = sockets(&["port:3000", "estab"]);
        let owned = open.iter().filter(|one| one["processes"][0]["pid"].is_number());
        (owned.count() == 4).then_some(()).ok_or_else(|| format!("{open:#?}"))
    });
    Some([server, client])
}

#[test]
fn one_of_two_connections_is_closed_and_the_process_lives() {
    alone(|| {
        let Some([mut server, mut client]) = pair("one_of_two_connections") else {
            return;
        };
        let of_client = sockets(&["rport:3000", "estab"]);
        let port = of_client[0]["local"]["port"].as_u64().unwrap();
        let filter = format!("lport:{port}");
        let run = portwise(["close", &filter, "--yes", "--format", "json"]);
        let acted: Value = serde_json::from_str(&run.stdout).unwrap();
        if acted[0]["outcome"] == "skipped" {
            skip("one_of_two_connections", "this kernel cannot close connections");
            return;
        }
        let run = run.ended_with(0);
        assert_eq!(acted.as_array().unwrap().len(), 1, "{run:#?}");
        assert_eq!(acted[0]["outcome"], "ended");
        assert_eq!(acted[0]["socket"], of_client[0]["id"]);
        assert_eq!(acted[0]["pid"], client.pid());
        let left = sockets(&["rport:3000", "estab"]);
        assert_eq!(left.len(), 1, "{left:#?}");
        assert_eq!(left[0]["id"], of_client[1]["id"]);
        assert!(client.is_alive() && server.is_alive());
    });
}

#[test]
fn a_dry_run_closes_nothing_and_a_listener_is_left_out() {
    alone(|| {
        let Some(_pair) = pair("a_dry_run_closes_nothing") else {
            return;
        };
        let run = portwise(["close", "port:3000", "--dry-run"]).ended_with(0);
        assert_eq!(run.stdout.matches("would be closed").count(), 4, "{run:#?}");
        assert!(run.stderr.contains("1 socket left out"), "{run:#?}");
        assert_eq!(sockets(&["port:3000", "estab"]).len(), 4);
    });
}

#[test]
fn nothing_is_closed_unasked_or_by_an_empty_filter() {
    alone(|| {
        let run = portwise(["close", "port:3000"]).ended_with(2);
        assert!(run.stderr.contains("--yes"), "{run:#?}");
        portwise(["close", "", "--yes"]).ended_with(2);
        portwise(["close", "port:3000", "--yes"]).ended_with(1);
        portwise(["close", "port:3000", "--yes", "--readonly"]).ended_with(2);
    });
}
