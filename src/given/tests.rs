#![cfg(target_os = "linux")]

use super::*;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::{
    io::Write as _,
    os::{fd::AsRawFd as _, unix::net::UnixListener},
    path::PathBuf,
    thread,
};

const SHORT: Duration = Duration::from_millis(50);

fn pipe(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("pipe");
    mknodat(CWD, &path, FileType::Fifo, Mode::from(0o600), 0).unwrap();
    path
}

fn refused(path: &Path, pipes: Pipes) -> String {
    Given::open(path, pipes).unwrap_err().to_string()
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        refused(&pipe(&folder), Pipes::Refused),
        "it is a pipe, no file"
    );
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    for (path, kind) in [
        (folder.path(), "a directory"),
        (&socket, "a socket"),
        (Path::new("/dev/zero"), "a device"),
        (Path::new("/dev/tty"), "a device"),
    ] {
        for pipes in [Pipes::Refused, Pipes::Read] {
            assert_eq!(refused(path, pipes), format!("it is {kind}, no file"));
        }
    }
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    assert_eq!(refused(&link, Pipes::Read), "it is a device, no file");
}

#[test]
fn nothing_is_made_or_written_but_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let error = open_file(&mut options, &pipe(&folder)).unwrap_err();
    assert_eq!(error.to_string(), "it is a pipe, no file");
    open_file(&mut options, &folder.path().join("new")).unwrap();
    assert!(folder.path().join("new").is_file());
}

#[test]
fn the_empty_device_is_an_empty_file_to_who_names_it() {
    let null = Path::new("/dev/null");
    assert_eq!(refused(null, Pipes::Refused), "it is a device, no file");
    assert_eq!(Given::open(null, Pipes::Read).unwrap().text(1).unwrap(), "");
}

#[test]
fn only_so_much_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "123456789").unwrap();
    let read = |largest| Given::open(&path, Pipes::Refused).unwrap().text(largest);
    assert_eq!(read(9).unwrap(), "123456789");
    let error = read(8).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    fs::write(&path, b"\xff").unwrap();
    assert_eq!(read(8).unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(&folder);
    let mut given = Given::open(&path, Pipes::Read).unwrap();
    let written = "some words\n".repeat(20_000);
    thread::scope(|scope| {
        // It opens after the reader did, and writes more than a pipe holds.
        scope.spawn(|| {
            let mut file = OpenOptions::new().write(true).open(&path).unwrap();
            file.write_all(written.as_bytes()).unwrap();
        });
        let mut read = String::new();
        given.read_to_string(&mut read).unwrap();
        assert!(read == written, "{} bytes", read.len());
    });
}

#[test]
fn a_pipe_without_a_name_is_read_and_may_be_empty() {
    let (reader, mut writer) = io::pipe().unwrap();
    let path = PathBuf::from(format!("/dev/fd/{}", reader.as_raw_fd()));
    writer.write_all(b"words").unwrap();
    let given = Given::open(&path, Pipes::Read).unwrap();
    drop(writer);
    assert_eq!(given.text(9).unwrap(), "words");
    let empty = Given::open(&path, Pipes::Read).unwrap();
    assert_eq!(empty.text(9).unwrap(), "");
}

#[test]
fn silence_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(&folder);
    let silent = |given: Given| {
        let error = Given {
            silence: SHORT,
            ..given
        }
        .text(9);
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
    };
    silent(Given::open(&path, Pipes::Read).unwrap());
    // The same when somebody has it open and stops in the middle.
    let given = Given::open(&path, Pipes::Read).unwrap();
    let mut writer = OpenOptions::new().write(true).open(&path).unwrap();
    writer.write_all(b"words").unwrap();
    silent(given);
}
