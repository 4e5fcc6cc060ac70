use super::*;
use crate::collect::linux::owners::What;
use std::{fs, os::unix::fs::symlink, path::Path};

const SHELL: u32 = 11;

/// A `/proc` where process 10 holds the master of terminal 3 as descriptor 6, and 11 runs `program`.
fn procfs(root: &Path, program: &str) -> Procfs {
    fs::create_dir_all(root.join("10/fdinfo")).unwrap();
    fs::write(root.join("10/fdinfo/6"), "pos:\t0\ntty-index:\t3\n").unwrap();
    // 4 is the end to write to, 0 the one to read from.
    fs::write(root.join("10/fdinfo/4"), "pos:\t0\nflags:\t0100001\n").unwrap();
    fs::write(root.join("10/fdinfo/0"), "pos:\t0\nflags:\t0100002\n").unwrap();
    fs::create_dir_all(root.join("11")).unwrap();
    fs::write(root.join("11/cmdline"), b"sh\0-i\0").unwrap();
    fs::write(root.join("11/stat"), stat_line(SHELL)).unwrap();
    symlink(program, root.join("11/exe")).unwrap();
    Procfs::open(root).unwrap()
}

fn stat_line(pid: u32) -> String {
    format!("{pid} (p) S 1 1 1 0 -1 0 1 0 0 0 1 2 3 4 20 0 1 0 500 1")
}

/// What a look finds when process 10 holds all three ends and 11 has `input` as its standard input and `output` as its
/// standard output.
fn seen(input: Target, output: Target) -> Owners {
    let stat = Stat::parse(stat_line(10).as_bytes());
    let owner = Seen::fake(10, stat, [Target::Fifo(8, 9), Target::Other, Target::Other])
        .with(4, What::Pipe(5))
        .with(6, What::Master);
    let shell = Seen::fake(SHELL, None, [input, output, Target::Other]);
    Owners::of([owner, shell])
}

fn owner() -> ProcessKey {
    Stat::parse(stat_line(10).as_bytes()).unwrap().key(10)
}

/// How process 11 is driven by 10, if it is.
fn through(input: Target, program: &str) -> Option<String> {
    let root = tempfile::tempdir().unwrap();
    let found = behind(
        &procfs(root.path(), program),
        &seen(input, Target::Other),
        &[owner()],
        &|_| false,
    );
    let piped = found.get(&owner())?.first()?;
    assert_eq!(piped.shell.pid, SHELL);
    Some(piped.through.to_string())
}

#[test]
fn a_shell_is_found_behind_a_pipe_a_fifo_and_a_terminal() {
    let terminal = Target::Terminal(Text::from("/dev/pts/3"));
    assert_eq!(through(Target::Pipe(5), "/bin/bash").unwrap(), "pipe");
    assert_eq!(through(Target::Fifo(8, 9), "/bin/sh").unwrap(), "fifo");
    assert_eq!(through(terminal, "/usr/bin/python3.11").unwrap(), "pty");
}

#[test]
fn another_pipe_fifo_or_terminal_is_not_the_owners() {
    let terminal = Target::Terminal(Text::from("/dev/pts/4"));
    for input in [Target::Pipe(6), Target::Fifo(7, 9), terminal, Target::Other] {
        assert_eq!(through(input, "/bin/bash"), None);
    }
}

#[test]
fn a_daemon_behind_a_pipe_is_no_shell() {
    assert_eq!(through(Target::Pipe(5), "/usr/sbin/nginx"), None);
}

#[test]
fn a_process_that_is_no_candidate_is_not_looked_into() {
    let root = tempfile::tempdir().unwrap();
    let procfs = procfs(root.path(), "/bin/bash");
    let seen = seen(Target::Pipe(5), Target::Other);
    assert!(behind(&procfs, &seen, &[], &|_| false).is_empty());
}

#[test]
fn a_descriptor_that_is_no_master_has_no_terminal() {
    assert_eq!(field(b"pos:\t0\n", b"tty-index:"), None);
    let console = Target::Terminal(Text::from("/dev/console"));
    assert_eq!(driven_through(&console, Way::Input), None);
}

#[test]
fn workers_that_write_to_one_log_pipe_drive_each_other_not() {
    let root = tempfile::tempdir().unwrap();
    // Both hold the end to write to: as a standard output here, as descriptor 4 there.
    let found = behind(
        &procfs(root.path(), "/usr/bin/python3.11"),
        &seen(Target::Other, Target::Pipe(5)),
        &[owner()],
        &|_| false,
    );
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_shell_that_was_given_its_command_waits_for_none() {
    for waiting in [
        "sh\0",
        "bash\0-i\0",
        "bash\0--norc\0-s\0",
        "busybox\0sh\0-i\0",
        "python3\0-i\0",
        "-bash\0",
    ] {
        assert!(is_interactive(waiting.as_bytes()), "{waiting:?}");
    }
    for given in [
        "sh\0-c\0make\0",
        "bash\0-lc\0make\0",
        "bash\0run.sh\0",
        "sh\0-s\0unix:cmd\0",
        "python3\0-m\0http.server\0",
        "node\0server.js\0",
    ] {
        assert!(!is_interactive(given.as_bytes()), "{given:?}");
    }
}
