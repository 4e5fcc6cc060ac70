//! Files that somebody named and that are none: nothing waits for them.

use crate::support::program::{PORTWISE, Run, command_of, run};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    thread,
};
use tempfile::TempDir;

const RECORDING: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/recordings/apache2.jsonl"
);

/// What `timeout` says of a program that it had to end.
const WAITED: i32 = 124;

fn pipe_at(home: &TempDir, path: &str) -> PathBuf {
    let path = home.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    mknodat(CWD, &path, FileType::Fifo, Mode::from(0o600), 0).unwrap();
    path
}

/// Runs portwise, which must end by itself.
#[track_caller]
fn ends(home: &TempDir, args: &[&str]) -> Run {
    let mut command = command_of(Path::new("timeout"), home);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let run = run(command.env("PATH", path).args(["25", PORTWISE]).args(args));
    assert_ne!(run.code, Some(WAITED), "{args:?}: {run:#?}");
    run
}

#[track_caller]
fn refused(home: &TempDir, args: &[&str], why: &str) {
    let run = ends(home, args);
    assert!(run.code != Some(0), "{args:?}: {run:#?}");
    assert!(run.stderr.contains(why), "{args:?}: {run:#?}");
}

#[test]
fn a_pipe_where_a_file_lies_by_custom_is_refused_at_once() {
    let list = ["list", "--recording", RECORDING];
    for name in ["config.toml", "policy.toml"] {
        let home = tempfile::tempdir().unwrap();
        pipe_at(&home, &format!("config/portwise/{name}"));
        refused(&home, &list, "it is a pipe, no file");
    }
    let home = tempfile::tempdir().unwrap();
    pipe_at(&home, "data/portwise/registry/ports.tsv");
    // The compiled-in registry is used, and it is said why.
    let run = ends(&home, &list).ended_with(0);
    assert!(run.stderr.contains("it is a pipe, no file"), "{run:#?}");
}

#[test]
fn what_is_no_file_is_refused_wherever_it_is_named() {
    let home = tempfile::tempdir().unwrap();
    let pipe = pipe_at(&home, "pipe");
    let link = home.path().join("link");
    symlink("/dev/zero", &link).unwrap();
    let [pipe, link, folder] = [&*pipe, &link, home.path()].map(|path| path.to_str().unwrap());
    let list = ["list", "--recording", RECORDING];
    for option in ["--config", "--policy"] {
        refused(
            &home,
            &[&list, &[option, folder][..]].concat(),
            "it is a directory",
        );
        refused(
            &home,
            &[&list, &[option, link][..]].concat(),
            "it is a device",
        );
    }
    refused(
        &home,
        &[&list, &["--policy", pipe][..]].concat(),
        "it is a pipe",
    );
    refused(
        &home,
        &[&list, &["--log", pipe][..]].concat(),
        "open the log",
    );
    refused(&home, &["list", "--recording", folder], "it is a directory");
    refused(&home, &["list", "--recording", link], "it is a device");
    refused(&home, &["record", "--to", pipe, "--for", "0s"], "exists");
    for command in ["history", "record"] {
        refused(&home, &[command, "--history", pipe], "it is a pipe");
    }
    pipe_at(&home, "history.db.lock");
    let history = home.path().join("history.db");
    let history = history.to_str().unwrap();
    refused(
        &home,
        &["record", "--history", history, "--for", "0s"],
        "it is a pipe",
    );
    refused(
        &home,
        &["registry", "update", "--from", folder],
        "it is a directory",
    );
    refused(
        &home,
        &["registry", "update", "--from", link],
        "it is a device",
    );
}

#[test]
fn what_another_program_writes_is_read_as_a_file_is() {
    let home = tempfile::tempdir().unwrap();
    let recorded = fs::read(RECORDING).unwrap();
    let [recording, config] = ["recording", "settings"].map(|name| pipe_at(&home, name));
    let wanted = ends(&home, &["list", "--recording", RECORDING]).ended_with(0);
    let read = thread::scope(|scope| {
        for (pipe, text) in [(&recording, &*recorded), (&config, b"mouse = false\n")] {
            scope.spawn(move || {
                let mut writer = OpenOptions::new().write(true).open(pipe).unwrap();
                writer.write_all(text).unwrap();
            });
        }
        let [recording, config] = [&recording, &config].map(|path| path.to_str().unwrap());
        ends(
            &home,
            &["list", "--recording", recording, "--config", config],
        )
    });
    assert_eq!(read.ended_with(0).stdout, wanted.stdout);
    // Nothing at all is a configuration that changes nothing.
    let empty = ends(
        &home,
        &["list", "--recording", RECORDING, "--config", "/dev/null"],
    );
    assert_eq!(empty.ended_with(0).stdout, wanted.stdout);
}
