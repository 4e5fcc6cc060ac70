//! `--log`: what is lost from it is said, and nobody waits for ever for whoever reads it.

use crate::support::program::{command, run};
use rustix::{
    fs::{CWD, FileType, Mode, mknodat},
    pipe::fcntl_setpipe_size,
};
use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::PathBuf,
    process::Command,
};
use tempfile::TempDir;

const RECORDING: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/recordings/apache2.jsonl"
);

/// A command that logs a line into a pipe in which there is no room, and our end of that pipe.
fn into_a_full_pipe(home: &TempDir) -> (Command, File) {
    let path: PathBuf = home.path().join("log");
    mknodat(CWD, &path, FileType::Fifo, Mode::from(0o600), 0).unwrap();
    let both = OpenOptions::new().read(true).write(true).open(&path);
    let mut both = both.unwrap();
    let room = fcntl_setpipe_size(&both, 4096).unwrap();
    both.write_all(&vec![b'.'; room]).unwrap();
    let mut command = command(home);
    command.args(["list", "--recording", RECORDING, "-vv", "--log"]);
    command.arg(path);
    (command, both)
}

#[test]
fn a_log_that_nobody_reads_is_given_up_and_said_to_lack_its_lines() {
    let home = tempfile::tempdir().unwrap();
    let (mut command, _pipe) = into_a_full_pipe(&home);
    let said = run(&mut command).ended_with(0);
    let lost = "note: 1 line of the log is lost: it is not read fast enough\n";
    assert!(said.stderr.ends_with(lost), "{said:#?}");
    let quiet = run(command.arg("-q")).ended_with(0);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, said.stdout);
}

#[test]
fn a_full_disk_is_said() {
    let home = tempfile::tempdir().unwrap();
    let args = [
        "list",
        "--recording",
        RECORDING,
        "-vv",
        "--log",
        "/dev/full",
    ];
    let said = run(command(&home).args(args)).ended_with(0);
    let lost = "note: 1 line of the log is lost: No space left on device";
    assert!(said.stderr.contains(lost), "{said:#?}");
    assert!(!said.stderr.contains("tracing"), "{said:#?}");
}
