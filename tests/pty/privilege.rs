//! What was denied is done through a real `sudo`, when a person says so, to the very target that was shown.

use crate::support::{
    deadline::until,
    json::sockets,
    network::alone,
    process::{Spawned, state},
    program::PORTWISE,
    pty::{Dashboard, Modes},
    skip::{installed, is_root, skip},
};
use std::{
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt as _, process::ExitStatusExt as _},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// Somebody who sees the owners of all sockets, as the README's `setcap` allows, and may signal none of them.
struct Nobody {
    folder: TempDir,
}

/// The words that start a program as that somebody.
const AS_NOBODY: [&str; 6] = [
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--inh-caps=+sys_ptrace,+dac_read_search",
    "--ambient-caps=+sys_ptrace,+dac_read_search",
    "--",
];

impl Nobody {
    /// With this line for sudo, which holds in the mounts of the test alone. `None` where that cannot be had.
    fn with_sudo(test: &str, rule: &str) -> Option<Self> {
        if installed(&["sudo"]).is_none() || installed(&["setpriv"]).is_none() {
            skip(test, "needs sudo and setpriv");
            return None;
        }
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        fs::copy(PORTWISE, folder.path().join("portwise")).unwrap();
        let rules = folder.path().join("sudoers");
        let all = format!("Defaults !fqdn\nroot ALL=(ALL:ALL) ALL\n{rule}\n");
        fs::write(&rules, all).unwrap();
        fs::set_permissions(&rules, Permissions::from_mode(0o440)).unwrap();
        let mounted = Command::new("mount")
            .args(["--bind"])
            .args([rules.as_os_str(), "/etc/sudoers".as_ref()])
            .stderr(Stdio::null())
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            skip(test, "needs to put rules for sudo into mounts of its own");
            return None;
        }
        Some(Self { folder })
    }

    fn starts(&self, args: &[&str]) -> Dashboard {
        let program = self.folder.path().join("portwise");
        let words = [&AS_NOBODY[..], &[program.to_str().unwrap()], args].concat();
        let setpriv = installed(&["setpriv"]).unwrap();
        let home = self.folder.path().to_str().unwrap();
        let state = self.folder.path().join("state");
        let variables = [("HOME", home), ("XDG_STATE_HOME", state.to_str().unwrap())];
        Dashboard::start_program(&setpriv, &words, &variables, (100, 30))
    }
}

/// Root's listener on 3000.
fn of_root(test: &str) -> Option<Spawned> {
    let Some(python) = installed(&["python3"]) else {
        skip(test, "needs python3");
        return None;
    };
    let script = "import socket,time\ns=socket.create_server(('127.0.0.1',3000))\ntime.sleep(600)";
    let child = Spawned::quietly(Command::new(python).args(["-c", script]));
    until("root's listener", || {
        let open = sockets(&[":3000"]);
        (open.len() == 1)
            .then_some(())
            .ok_or_else(|| format!("{open:#?}"))
    });
    Some(child)
}

/// What sudo lets nobody do: anything, without being asked for a password, and with one.
const FREELY: &str = "nobody ALL=(root) NOPASSWD: ALL";
const ASKED: &str = "nobody ALL=(root) ALL";

/// Somebody with this rule for sudo, and a process of root that listens on 3000.
fn prepared(test: &str, rule: &str) -> Option<(Nobody, Spawned)> {
    Some((Nobody::with_sudo(test, rule)?, of_root(test)?))
}

/// The number of the one sudo that runs in this namespace; 0 while there is none.
fn sudo() -> u32 {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let mut pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_sudo = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "sudo")
    };
    pids.find(is_sudo).unwrap_or(0)
}

/// A dashboard in which the signal was denied.
fn denied(nobody: &Nobody) -> Dashboard {
    let dashboard = nobody.starts(&[":3000"]);
    dashboard.shows("127.0.0.1:3000");
    dashboard.types("x");
    dashboard.shows("ask it to stop");
    dashboard.types("y");
    dashboard.shows("needs root or CAP_KILL");
    dashboard.shows("act signal TERM");
    dashboard.shows("run it with sudo");
    dashboard
}

#[test]
fn sudo_does_what_was_denied_when_it_is_asked_for() {
    let test = "sudo_does_what_was_denied";
    if !is_root() {
        return skip(test, "needs root, to become nobody");
    }
    alone(|| {
        let Some((nobody, mut child)) = prepared(test, FREELY) else {
            return;
        };
        let mut dashboard = denied(&nobody);
        assert!(child.is_alive(), "it was not asked for");
        dashboard.types("s");
        assert_eq!(child.ended().signal(), Some(15));
        dashboard.shows("after SIGTERM");
        dashboard.shows("Port 3000/tcp is free");
        assert!(dashboard.modes().alternate_screen && !dashboard.is_cooked());
        dashboard.types("\r");
        dashboard.no_longer_shows("after SIGTERM");
        dashboard.types("q");
        assert!(dashboard.exits().success());
        dashboard.is_left();
        assert_eq!(dashboard.modes(), Modes::RESTORED);
    });
}

#[test]
fn a_password_that_is_not_given_leaves_everything_as_it_was() {
    let test = "a_password_that_is_not_given";
    if !is_root() {
        return skip(test, "needs root, to become nobody");
    }
    alone(|| {
        let Some((nobody, mut child)) = prepared(test, ASKED) else {
            return;
        };
        let mut dashboard = denied(&nobody);
        dashboard.types("s");
        dashboard.shows("password for nobody");
        // The terminal is the shell's again but for the echo, which sudo has turned off.
        assert!(!dashboard.modes().alternate_screen);
        // sudo loses a Ctrl-C between its prompt and its read.
        until("a sudo that reads", || match state(sudo()) {
            Some('S') => Ok(()),
            other => Err(format!("state {other:?}")),
        });
        dashboard.types("\u{3}");
        dashboard.shows("sudo did not do it");
        assert!(dashboard.modes().alternate_screen && !dashboard.is_cooked());
        assert!(child.is_alive());
        dashboard.types("\rq");
        assert!(dashboard.exits().success(), "Ctrl-C was meant for sudo");
        dashboard.is_left();
        assert_eq!(dashboard.modes(), Modes::RESTORED);
        assert!(dashboard.is_cooked());
    });
}

#[test]
fn one_that_ends_while_the_password_is_asked_for_gets_nothing() {
    let test = "one_that_ends_while_the_password";
    if !is_root() {
        return skip(test, "needs root, to become nobody");
    }
    alone(|| {
        let Some((nobody, child)) = prepared(test, FREELY) else {
            return;
        };
        let dashboard = denied(&nobody);
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.pid()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        until("the remains of a process", || match state(child.pid()) {
            Some('Z') => Ok(()),
            other => Err(format!("state {other:?}")),
        });
        dashboard.types("s");
        dashboard.shows("had already gone; nothing was sent");
    });
}

#[test]
fn on_a_terminal_kill_offers_sudo_and_does_nothing_unasked() {
    let test = "on_a_terminal_kill_offers_sudo";
    if !is_root() {
        return skip(test, "needs root, to become nobody");
    }
    alone(|| {
        let Some((nobody, mut child)) = prepared(test, FREELY) else {
            return;
        };
        for (answer, ends) in [("\r", false), ("y\r", true)] {
            let mut kill = nobody.starts(&["kill", ":3000"]);
            kill.shows("Send SIGTERM to 1 process? [y/N]");
            kill.types("y\r");
            kill.shows("needs root or CAP_KILL");
            kill.shows("Run that through sudo now? [y/N]");
            assert!(child.is_alive());
            kill.types(answer);
            assert_eq!(kill.exits().success(), ends);
            assert_eq!(child.is_alive(), !ends);
        }
        assert_eq!(child.ended().signal(), Some(15));
    });
}
