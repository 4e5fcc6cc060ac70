//! Namespaces of the test's own: every port is free, nobody else's socket or process is seen, and
//! whatever it started ends with it.

use super::skip::skip;
use std::{any, env, process::Command};

/// Stays the first process of its namespace, so that the test is an ordinary one.
const START: &str = "ip link set lo up && { \"$0\" \"$@\"; exit $?; }";

/// Tells the second start of a test that it stands in its own network.
const INSIDE: &str = "PORTWISE_TEST_ALONE";

/// Runs `test` in a network, and with mounts and processes, of its own.
///
/// The test program is started again for this one test, so its sockets really belong to the test. Where a
/// namespace may not be made, the test is skipped.
pub(crate) fn alone<F: FnOnce()>(test: F) {
    let name = name_of_test::<F>();
    if env::var_os(INSIDE).is_some_and(|inside| *inside == *name) {
        test();
        return;
    }
    let Some(unshare) = way_in() else {
        skip(
            name,
            "needs root, or user namespaces, to make a network namespace",
        );
        return;
    };
    let program = env::current_exe().unwrap();
    let output = Command::new("unshare")
        .args(unshare)
        .args(["sh", "-c", START])
        .arg(program)
        .args(["--exact", name, "--test-threads", "1", "--show-output"])
        .env(INSIDE, name)
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    for line in stderr.lines().filter(|line| line.starts_with("skipped ")) {
        let (_, why) = line.split_once(": ").unwrap();
        skip(name, why);
    }
    let passed = output.status.success() && stdout.contains("1 passed");
    assert!(
        passed,
        "in a network of its own, {name} said:\n{stdout}{stderr}"
    );
}

/// The options of `unshare` that are permitted here.
fn way_in() -> Option<&'static [&'static str]> {
    const WAYS: [&[&str]; 2] = [
        &[
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ],
        &[
            "--user",
            "--map-root-user",
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ],
    ];
    let works = |options: &&&[&str]| {
        let tried = Command::new("unshare")
            .args(**options)
            .args(["ip", "link", "set", "lo", "up"])
            .output();
        tried.is_ok_and(|output| output.status.success())
    };
    WAYS.iter().find(works).copied()
}

/// The name that the test harness knows the test by, out of the name of its closure.
fn name_of_test<F>() -> &'static str {
    let closure = any::type_name::<F>();
    let test = closure.split("::{{closure}}").next().unwrap();
    test.split_once("::").unwrap().1
}
