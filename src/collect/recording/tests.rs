use super::*;
use crate::model::{
    Coverage, Endpoint, Family, OwnersSeen, Protocol, SampledSocket, SourceKind, State, Text,
    ToldSocket,
};
use jiff::Timestamp;
use std::{fs, net::Ipv4Addr, sync::Arc, time::Duration};

fn sample(second: u64) -> Sample {
    Sample {
        source: SourceKind::SockDiag,
        host: Text::from("host"),
        taken_at: Timestamp::UNIX_EPOCH,
        elapsed: Duration::from_secs(second),
        euid: Some(0),
        user_uid: Some(0),
        ephemeral_ports: None,
        addresses: vec![Ipv4Addr::LOCALHOST.into()],
        users: vec![(0, Text::from("root"))],
        declared: vec![],
        sockets: Arc::new(vec![Arc::new(SampledSocket::from(ToldSocket {
            inode: Some(1),
            cookie: Some(2),
            uid: Some(0),
            recv_queue: Some(0),
            send_queue: Some(128),
            ..ToldSocket::new(
                Protocol::Tcp,
                Family::Ipv4,
                State::Listen,
                Endpoint::new(Ipv4Addr::LOCALHOST, 1587),
            )
        }))]),
        ended: vec![Arc::new(SampledSocket::from(ToldSocket {
            cookie: Some(3),
            peer: Some(Endpoint::new(Ipv4Addr::LOCALHOST, 40_000)),
            ..ToldSocket::new(
                Protocol::Tcp,
                Family::Ipv4,
                State::Close,
                Endpoint::new(Ipv4Addr::LOCALHOST, 1587),
            )
        }))],
        processes: vec![],
        coverage: Coverage {
            owners: OwnersSeen::All,
            unreadable_processes: 0,
            limits: vec![],
            other_namespaces: 0,
        },
    }
}

fn write(samples: &[Sample]) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo.rec");
    let mut writer = Writer::create(&path).unwrap();
    for sample in samples {
        writer.append(sample).unwrap();
    }
    (directory, path)
}

fn words_of_reading(content: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo.rec");
    fs::write(&path, content).unwrap();
    let error = Recording::open(&path).and_then(|mut recording| recording.sample());
    let words = error.unwrap_err().words();
    words.replace(path.to_str().unwrap(), "demo.rec")
}

const HEADER: &str = "{\"portwise_recording\":1,\"version\":\"0.1.0\"}\n";

#[test]
fn what_was_written_is_read_again_in_order() {
    let (_directory, path) = write(&[sample(1), sample(2)]);
    let mut recording = Recording::open(&path).unwrap();
    assert_eq!(recording.sample().unwrap(), Some(sample(1)));
    assert_eq!(recording.sample().unwrap(), Some(sample(2)));
    assert_eq!(recording.sample().unwrap(), None);
    assert_eq!(recording.sample().unwrap(), None);
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let (_directory, path) = write(&[sample(1)]);
    assert!(Writer::create(&path).is_err());
    assert!(Recording::open(&path).unwrap().sample().unwrap().is_some());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_recording() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_directory, path) = write(&[]);
    let mode = fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn another_file_is_no_recording() {
    let words = words_of_reading("hello\n");
    assert_eq!(
        words,
        "read the recording demo.rec, line 1: this is no recording of portwise"
    );
    assert!(words_of_reading("").contains("this is no recording"));
}

#[test]
fn another_form_is_named() {
    let words = words_of_reading("{\"portwise_recording\":9,\"version\":\"7\"}\n");
    assert!(words.contains("it has form 9"), "{words}");
}

#[test]
fn a_broken_line_is_named_by_number() {
    let words = words_of_reading(&format!("{HEADER}{{\"source\": 5}}\n"));
    assert!(
        words.starts_with("read the recording demo.rec, line 2: "),
        "{words}"
    );
}

#[test]
fn a_cut_last_line_says_so_and_ends_the_recording() {
    let (_directory, path) = write(&[sample(1), sample(2)]);
    let content = fs::read(&path).unwrap();
    fs::write(&path, &content[..content.len() - 20]).unwrap();
    let mut recording = Recording::open(&path).unwrap();
    assert!(recording.sample().unwrap().is_some());
    let words = recording.sample().unwrap_err().words();
    assert!(
        words.contains("line 3: it ends in the middle of a sample"),
        "{words}"
    );
    assert_eq!(recording.sample().unwrap(), None);
}

#[test]
fn a_recording_cannot_smuggle_a_terminal_escape_in() {
    let line = serde_json::to_string(&sample(1)).unwrap();
    let line = line.replace("\"host\":\"host\"", "\"host\":\"\\u001b[2J\"");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo.rec");
    fs::write(&path, format!("{HEADER}{line}\n")).unwrap();
    let sample = Recording::open(&path).unwrap().sample().unwrap().unwrap();
    assert_eq!(sample.host, "\\x1b[2J");
}
