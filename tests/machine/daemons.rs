//! Debian's own daemons, as their packages configure them: a healthy machine is quiet.

use crate::support::{
    deadline::until,
    json::{pids, sockets},
    network::alone,
    process::Spawned,
    skip::{installed, is_root, skip},
};
use serde_json::Value;
use std::{fs, os::unix::process::CommandExt as _, path::PathBuf, process::Command};
use tempfile::TempDir;

/// Starts a daemon by `start`, waits for its listeners on `port`, and fails unless they are as expected.
///
/// The daemon's state goes to a folder of the test's own, its run-time files to a fresh `/run`.
fn is_quiet(program: &str, port: u16, start: fn(PathBuf, &TempDir) -> Command) {
    if !is_root() {
        return skip(program, "needs root, to start a daemon");
    }
    let Some(path) = installed(&[program]) else {
        return skip(program, "is not installed");
    };
    mount_run();
    let folder = tempfile::tempdir_in("/run").unwrap();
    let mut daemon = Spawned::quietly(&mut start(path, &folder));
    let open = until("its listener", || {
        assert!(daemon.is_alive(), "{program} ended by itself");
        let open = sockets(&["state:listen"]);
        let is_its = |socket: &Value| pids(socket).contains(&u64::from(daemon.pid()));
        let listens = open
            .iter()
            .any(|socket| socket["local"]["port"] == port && is_its(socket));
        listens
            .then_some(open.clone())
            .ok_or_else(|| format!("{open:#?}"))
    });
    for socket in open {
        let findings = socket["findings"].as_array().unwrap();
        let loud = findings.iter().any(|finding| finding["severity"] != "info");
        assert!(!loud, "{program}: {socket:#}");
        assert_eq!(socket["verdict"], "expected", "{program}: {socket:#}");
    }
}

/// Puts an empty file system on `/run`, in the mounts that only this test has.
fn mount_run() {
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"])
        .status()
        .unwrap();
    assert!(mounted.success());
}

/// The user and the group id of a user in `/etc/passwd`.
fn ids_of(user: &str) -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(user))
        .unwrap();
    let fields: Vec<&str> = line.split(':').collect();
    (fields[2].parse().unwrap(), fields[3].parse().unwrap())
}

#[test]
fn redis_is_quiet() {
    alone(|| {
        is_quiet("redis-server", 6379, |program, folder| {
            let (user, group) = ids_of("redis");
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).unwrap();
            let mut command = Command::new(program);
            command.args([
                "/etc/redis/redis.conf",
                "--daemonize",
                "no",
                "--supervised",
                "no",
                "--logfile",
                "",
            ]);
            command.arg("--dir").arg(folder.path());
            command.arg("--pidfile").arg(folder.path().join("pid"));
            command.uid(user).gid(group);
            command
        });
    });
}

#[test]
fn nginx_is_quiet() {
    alone(|| {
        is_quiet("nginx", 80, |program, _| {
            let mut command = Command::new(program);
            command.args(["-g", "daemon off; master_process on;"]);
            command
        });
    });
}

#[test]
fn sshd_is_quiet() {
    alone(|| {
        is_quiet("sshd", 22, |program, _| {
            fs::create_dir("/run/sshd").unwrap();
            let mut command = Command::new(program);
            command.args(["-D", "-e"]);
            command
        });
    });
}

#[test]
fn memcached_is_quiet() {
    alone(|| {
        is_quiet("memcached", 11211, |program, _| {
            let mut command = Command::new(program);
            command.args([
                "-m",
                "64",
                "-p",
                "11211",
                "-u",
                "memcache",
                "-l",
                "127.0.0.1",
            ]);
            command
        });
    });
}
