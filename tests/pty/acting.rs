//! What is done to processes and connections from the dashboard, on real ones.

use crate::support::{
    deadline::until,
    json::sockets,
    network::alone,
    process::{python_that, state},
    pty::Dashboard,
    skip::skip,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    process::{Child, Command, Stdio},
};

/// What the kernel of this namespace counts process numbers with.
const LAST_PID: &str = "/proc/sys/kernel/ns_last_pid";

/// Listens on 3000 and does what `more` says first.
fn script(more: &str) -> String {
    format!(
        "import os,signal,socket,sys,time\n\
         {more}\n\
         s=socket.create_server(('127.0.0.1',3000))\n\
         while True: time.sleep(60)"
    )
}

/// A dashboard on the listener of 3000, with the dialog about its owner open.
fn asked() -> Dashboard {
    let dashboard = Dashboard::start(&[":3000"]);
    dashboard.shows("127.0.0.1:3000");
    dashboard.types("x");
    dashboard.shows("ask it to stop");
    dashboard
}

/// Selects the way that stands so many below the first.
fn select(dashboard: &Dashboard, below: usize, words: &str) {
    dashboard.types(&"k".repeat(12));
    dashboard.types(&"j".repeat(below));
    let words = format!("(•) {words}");
    dashboard.shows(&words);
}

#[test]
fn what_ignores_term_is_killed_after_a_countdown() {
    alone(|| {
        let deaf = script("signal.signal(signal.SIGTERM,signal.SIG_IGN)");
        let Some(mut child) = python_that("what_ignores_term", &deaf, &[":3000"], 1) else {
            return;
        };
        let dashboard = asked();
        dashboard.shows("ignores TERM");
        dashboard.shows("(•) TERM, then KILL");
        dashboard.types("y");
        dashboard.shows("KILL follows in");
        assert!(child.is_alive(), "KILL came before the countdown was over");
        assert_eq!(child.ended().signal(), Some(9));
        dashboard.shows("after SIGKILL");
        dashboard.shows("Port 3000/tcp is free");
    });
}

#[test]
fn a_countdown_that_is_cancelled_kills_nobody() {
    alone(|| {
        let deaf = script("signal.signal(signal.SIGTERM,signal.SIG_IGN)");
        let Some(mut child) = python_that("a_countdown_that_is_cancelled", &deaf, &[":3000"], 1)
        else {
            return;
        };
        let dashboard = asked();
        dashboard.types("y");
        dashboard.shows("KILL follows in");
        dashboard.types("\u{1b}");
        dashboard.no_longer_shows("KILL follows in");
        dashboard.shows("it still runs after 5 s");
        assert!(child.is_alive());
    });
}

#[test]
fn a_child_that_a_script_starts_again_is_reported() {
    alone(|| {
        // It forks and starts no program anew: what takes its time under load is not what is shown here.
        let supervisor = "import os,socket,time\n\
            while True:\n \
             if os.fork()==0:\n  \
              s=socket.create_server(('127.0.0.1',3000))\n  \
              while True: time.sleep(60)\n \
             os.wait()";
        let name = "a_child_that_a_script_starts_again";
        let Some(mut supervisor) = python_that(name, supervisor, &[":3000"], 1) else {
            return;
        };
        let first = sockets(&[":3000"])[0]["processes"][0]["pid"].clone();
        let dashboard = asked();
        dashboard.shows("it may start it again");
        dashboard.types("\r");
        dashboard.shows("was taken again by python");
        let second = sockets(&[":3000"])[0]["processes"][0]["pid"].clone();
        assert_ne!(first, second);
        let again = format!("pid {second}");
        dashboard.waits_for("who took the port again", |screen| {
            let text: String = screen.contents().split_whitespace().collect();
            text.contains(&again.replace(' ', ""))
        });
        assert!(supervisor.is_alive());
    });
}

#[test]
fn one_of_two_connections_is_closed_and_the_rest_lives() {
    alone(|| {
        let name = "one_of_two_connections";
        let server = "import socket,time\n\
            s=socket.create_server(('127.0.0.1',3000))\n\
            k=[s.accept() for _ in range(2)]\n\
            time.sleep(60)";
        let Some(mut server) = python_that(name, server, &[":3000"], 1) else {
            return;
        };
        let client = "import socket,time\n\
            k=[socket.create_connection(('127.0.0.1',3000)) for _ in range(2)]\n\
            time.sleep(60)";
        let Some(mut client) = python_that(name, client, &["rport:3000", "estab"], 2) else {
            return;
        };
        let open = sockets(&["rport:3000", "estab"]);
        let port = open[0]["local"]["port"].as_u64().unwrap();
        let dashboard = Dashboard::start(&[&format!("lport:{port}")]);
        dashboard.shows(&format!("127.0.0.1:{port}"));
        dashboard.types("K");
        dashboard.shows("Close a connection");
        dashboard.shows("The process goes on");
        assert_eq!(sockets(&["rport:3000", "estab"]).len(), 2, "not unasked");
        dashboard.types("\r");
        dashboard.waits_for("an outcome", |screen| {
            let text = screen.contents();
            text.contains(": closed") || text.contains("this kernel cannot")
        });
        if dashboard.text().contains("this kernel cannot") {
            return skip(name, "this kernel cannot close connections");
        }
        let left = sockets(&["rport:3000", "estab"]);
        assert_eq!(left.len(), 1, "{left:#?}");
        assert_eq!(left[0]["id"], open[1]["id"]);
        assert!(client.is_alive() && server.is_alive());
    });
}

#[test]
fn one_that_ends_by_itself_while_the_dialog_is_open_gets_nothing() {
    alone(|| {
        let Some(child) = python_that("one_that_ends_by_itself", &script(""), &[":3000"], 1) else {
            return;
        };
        let dashboard = asked();
        let pid = i32::try_from(child.pid()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
        // Its parent, which we are, has not looked at it: what is left has the number still.
        until("the remains of a process", || match state(child.pid()) {
            Some('Z') => Ok(()),
            other => Err(format!("state {other:?}")),
        });
        dashboard.types("\r");
        dashboard.shows("had already gone; nothing was sent");
    });
}

/// Makes `pid` the next number, and starts a process with it; `None` when another one took it.
fn with_pid(pid: u32) -> Option<Child> {
    fs::write(LAST_PID, (pid - 1).to_string()).unwrap();
    let mut sleep = Command::new("sleep");
    let mut child = sleep.arg("60").stdin(Stdio::null()).spawn().unwrap();
    if child.id() == pid {
        return Some(child);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

#[test]
fn a_number_that_is_given_away_under_the_dialog_gets_nothing() {
    alone(|| {
        let test = "a_number_that_is_given_away";
        let now = fs::read_to_string(LAST_PID).unwrap_or_default();
        if fs::write(LAST_PID, now.trim()).is_err() {
            return skip(test, "needs to choose process numbers");
        }
        let Some(mut child) = python_that(test, &script(""), &[":3000"], 1) else {
            return;
        };
        let dashboard = asked();
        let pid = i32::try_from(child.pid()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
        child.ended();
        let mut other = until("the number for another process", || {
            with_pid(child.pid()).ok_or_else(|| "somebody else took it".to_owned())
        });
        dashboard.types("\r");
        dashboard.shows("had already gone; nothing was sent");
        assert_eq!(other.try_wait().unwrap(), None, "the wrong one was ended");
        other.kill().unwrap();
        other.wait().unwrap();
    });
}

#[test]
fn a_stopped_process_is_said_to_take_the_signal_later() {
    alone(|| {
        let traps = script("signal.signal(signal.SIGTERM,lambda *_: sys.exit(0))");
        let Some(mut child) = python_that("a_stopped_process", &traps, &[":3000"], 1) else {
            return;
        };
        let pid = Pid::from_raw(i32::try_from(child.pid()).unwrap()).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        until("a stopped process", || match state(child.pid()) {
            Some('T') => Ok(()),
            other => Err(format!("state {other:?}")),
        });
        let dashboard = asked();
        dashboard.shows("is stopped");
        select(&dashboard, 0, "TERM ");
        dashboard.types("\r");
        dashboard.shows("only after SIGCONT");
        assert!(child.is_alive());
        // Another way: CONT stands behind three signals, INT, HUP, QUIT and STOP.
        dashboard.types("b");
        dashboard.shows("let a frozen one go on");
        select(&dashboard, 7, "CONT ");
        dashboard.types("\r");
        dashboard.shows("SIGCONT was sent");
        assert!(child.ended().success());
    });
}

#[test]
fn a_tree_ends_with_its_children_and_the_log_tells_of_it() {
    alone(|| {
        let parent = script("c=[os.fork() or time.sleep(600) for _ in range(3)]");
        let Some(mut child) = python_that("a_tree_ends", &parent, &[":3000"], 1) else {
            return;
        };
        let dashboard = asked();
        dashboard.shows("get no signal");
        dashboard.types("t");
        dashboard.shows("4 processes");
        dashboard.types("\r");
        dashboard.shows("type the name python3");
        dashboard.types("python3\r");
        assert_eq!(child.ended().signal(), Some(15));
        dashboard.shows("after SIGTERM");
        dashboard.shows("Port 3000/tcp is free");
        dashboard.shows("Written down in");
        dashboard.types("\u{1b}");
        dashboard.no_longer_shows("Written down in");
        dashboard.types("L");
        dashboard.shows("What was done");
        dashboard.waits_for("the parent and three children", |screen| {
            screen.contents().matches("fter SIGTERM").count() == 4
        });
        // With Esc right before it, the next key would be another one.
        dashboard.types("\u{1b}");
        dashboard.no_longer_shows("What was done");
        dashboard.types("5");
        dashboard.shows("action");
    });
}
