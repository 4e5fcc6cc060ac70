//! What somebody sees who is not root: everything readable, and a count of what is not.

use crate::support::{
    deadline::until,
    json::{finding, pids, rules, sockets_of},
    network::alone,
    process::{Spawned, netcat},
    program::{PORTWISE, Run, command_of, run},
    skip::{is_root, skip},
};
use serde_json::Value;
use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    process::Command,
};
use tempfile::TempDir;

/// The user that has nothing, on every Linux.
const NOBODY: u32 = 65534;

/// A copy of the program that everybody may run.
pub(crate) struct Public(pub(crate) TempDir);

impl Public {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        fs::copy(PORTWISE, folder.path().join("portwise")).unwrap();
        Self(folder)
    }

    pub(crate) fn run_by_nobody(&self, args: &[&str]) -> Run {
        let mut command = command_of(&self.0.path().join("portwise"), &self.0);
        run(command.args(args).uid(NOBODY).gid(NOBODY))
    }

    pub(crate) fn snapshot(&self, args: &[&str]) -> Value {
        let args = [&["list", "--format", "json"], args].concat();
        serde_json::from_str(&self.run_by_nobody(&args).ended_with(0).stdout).unwrap()
    }
}

#[test]
fn a_plain_user_sees_every_socket_and_how_many_owners_are_hidden() {
    if !is_root() {
        return skip(
            "a_plain_user_sees_every_socket",
            "needs root, to become nobody",
        );
    }
    alone(|| {
        let _ssh = TcpListener::bind("127.0.0.1:22").unwrap();
        let _obscure = TcpListener::bind("127.0.0.1:1587").unwrap();
        let public = Public::new();
        for source in ["sock-diag", "proc-net", "portable"] {
            let snapshot = public.snapshot(&["--source", source]);
            assert_eq!(snapshot["euid"], NOBODY, "{source}");
            assert_eq!(snapshot["owners_hidden"], 2, "{source}");
            assert_eq!(sockets_of(&snapshot).len(), 2, "{source}");
        }
        let snapshot = public.snapshot(&["port:22"]);
        let [ssh] = sockets_of(&snapshot).try_into().unwrap();
        assert_eq!(ssh["verdict"], "unknown");
        assert_eq!(rules(&ssh), ["owner-not-visible"]);
        let finding = finding(&ssh, "owner-not-visible");
        assert_eq!(finding["severity"], "info");
        assert!(!finding["advice"].as_array().unwrap().is_empty());
        let table = public.run_by_nobody(&["list"]).ended_with(0);
        assert!(
            format!("{}{}", table.stdout, table.stderr).contains("2 sockets"),
            "{table:#?}"
        );
    });
}

#[test]
fn a_plain_user_sees_the_owners_of_their_own_sockets() {
    if !is_root() {
        return skip(
            "a_plain_user_sees_the_owners",
            "needs root, to become nobody",
        );
    }
    alone(|| {
        let Some(netcat) = netcat() else {
            return skip("a_plain_user_sees_the_owners", "needs netcat");
        };
        let mut command = Command::new(netcat);
        let own = Spawned::quietly(
            command
                .args(["-l", "127.0.0.1", "1587"])
                .uid(NOBODY)
                .gid(NOBODY),
        );
        let public = Public::new();
        until("the listener's owner", || {
            let snapshot = public.snapshot(&["port:1587"]);
            let owners: Vec<u64> = sockets_of(&snapshot).iter().flat_map(pids).collect();
            (owners == [u64::from(own.pid())])
                .then_some(())
                .ok_or_else(|| format!("{snapshot:#}"))
        });
        assert_eq!(public.snapshot(&[])["owners_hidden"], 0);
    });
}

#[test]
fn a_plain_user_may_not_end_what_belongs_to_root() {
    if !is_root() {
        return skip("a_plain_user_may_not_end", "needs root, to become nobody");
    }
    alone(|| {
        let _ssh = TcpListener::bind("127.0.0.1:22").unwrap();
        let run = Public::new().run_by_nobody(&["kill", ":22", "--yes"]);
        assert_eq!(run.code, Some(1), "{run:#?}");
    });
}

#[test]
fn an_incomplete_check_says_so() {
    if !is_root() {
        return skip(
            "an_incomplete_check_says_so",
            "needs root, to become nobody",
        );
    }
    alone(|| {
        let _ssh = TcpListener::bind("127.0.0.1:22").unwrap();
        let run = Public::new()
            .run_by_nobody(&["check", "--format", "json"])
            .ended_with(0);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["complete"], false, "{report:#}");
        assert_eq!(report["counts"]["unknown"], 1, "{report:#}");
    });
}
