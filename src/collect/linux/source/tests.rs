use super::*;
use crate::model::{Process, Stream};
use std::{
    net::{TcpListener, TcpStream},
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

/// Ends a child when the test does.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn sample(source: &mut SockDiag) -> Sample {
    source.sample().unwrap().unwrap()
}

fn on_port(sample: &Sample, port: u16) -> &SampledSocket {
    let mut found = sample
        .sockets
        .iter()
        .filter(|socket| socket.local().port == port);
    found.next().unwrap()
}

fn process(sample: &Sample, pid: u32) -> Option<&Arc<Process>> {
    sample
        .processes
        .iter()
        .find(|process| process.key.pid == pid)
}

/// Takes samples until one satisfies `wanted`.
#[expect(clippy::disallowed_methods, reason = "a deadline")]
fn until(source: &mut SockDiag, wanted: impl Fn(&Sample) -> bool) -> Sample {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let sample = sample(source);
        if wanted(&sample) {
            return sample;
        }
        assert!(Instant::now() < deadline, "{:#?}", sample.processes);
    }
}

#[test]
fn our_own_listener_is_ours() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sample = sample(&mut SockDiag::open().unwrap());
    let socket = on_port(&sample, port);
    let [owner] = &*socket.owners() else {
        panic!("{:?}", socket.owners());
    };
    assert_eq!(owner.process.pid, std::process::id());
    assert_eq!(owner.fds.len(), 1);
    let us = process(&sample, std::process::id()).unwrap();
    let executable = us.executable.known().unwrap();
    let path = std::env::current_exe().unwrap();
    assert_eq!(executable.path, path.to_str().unwrap());
    assert!(!executable.deleted && executable.file_at_path);
    assert_eq!(us.uid, socket.uid());
    assert!(us.started_at.unwrap() <= sample.taken_at);
    assert!(!us.ancestors.is_empty());
    assert!(us.cmdline.known().is_some_and(|line| !line.is_empty()));
}

#[test]
fn a_socket_given_to_a_child_has_two_owners() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let inherited = OwnedFd::from(listener.try_clone().unwrap());
    let child = Command::new("sleep")
        .arg("60")
        .stdin(Stdio::from(inherited))
        .spawn();
    let child = Ending(child.unwrap());
    let mut source = SockDiag::open().unwrap();
    let sample = until(&mut source, |sample| {
        process(sample, child.0.id()).is_some_and(|process| process.name == "sleep")
    });
    let socket = on_port(&sample, port);
    let mut pids = [std::process::id(), child.0.id()];
    pids.sort_unstable();
    let owners: Vec<u32> = socket
        .owners()
        .iter()
        .map(|owner| owner.process.pid)
        .collect();
    assert_eq!(owners, pids);
    let sleep = process(&sample, child.0.id()).unwrap();
    let streams = sleep.streams.known().unwrap();
    assert_eq!(streams[0], Stream::Socket(socket.inode().unwrap()));
    assert_eq!(sleep.ppid, Some(std::process::id()));
    assert_eq!(sleep.ancestors[0].key.pid, std::process::id());
}

#[test]
fn a_deletion_shows_while_the_program_runs() {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("copied-sleep");
    std::fs::copy("/bin/sleep", &copy).unwrap();
    let listener = OwnedFd::from(TcpListener::bind("127.0.0.1:0").unwrap());
    let child = Command::new(&copy)
        .arg("60")
        .stdin(Stdio::from(listener))
        .spawn();
    let child = Ending(child.unwrap());
    let mut source = SockDiag::open().unwrap();
    let before = until(&mut source, |sample| {
        process(sample, child.0.id()).is_some_and(|process| process.name == "copied-sleep")
    });
    let executable = |sample: &Sample| {
        let process = process(sample, child.0.id()).unwrap();
        process.executable.known().unwrap().clone()
    };
    assert!(!executable(&before).deleted);
    std::fs::remove_file(&copy).unwrap();
    let after = sample(&mut source);
    assert!(executable(&after).deleted && !executable(&after).file_at_path);
    assert_eq!(executable(&after).path, copy.to_str().unwrap());
}

#[test]
fn a_shell_behind_pipes_is_found() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut shell = Command::new("sh");
    shell.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut shell = Ending(shell.spawn().unwrap());
    // A general-purpose program that holds the connection and the other ends of the pipes.
    let input = OwnedFd::from(shell.0.stdin.take().unwrap());
    let output = OwnedFd::from(shell.0.stdout.take().unwrap());
    let mut owner = Command::new("perl");
    owner.args(["-e", "sleep 60"]);
    owner
        .stdin(Stdio::from(output))
        .stdout(Stdio::from(input))
        .stderr(OwnedFd::from(client));
    let owner = Ending(owner.spawn().unwrap());
    let mut source = SockDiag::open().unwrap();
    let sample = until(&mut source, |sample| {
        process(sample, owner.0.id()).is_some_and(|process| !process.shells.is_empty())
    });
    let found = &process(&sample, owner.0.id()).unwrap().shells[0];
    assert_eq!(found.shell.pid, shell.0.id());
    assert_eq!(found.through, "pipe");
}

#[test]
fn an_unchanged_process_is_the_same_value_in_the_next_sample() {
    let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut source = SockDiag::open().unwrap();
    let first = sample(&mut source);
    let second = sample(&mut source);
    let us = std::process::id();
    assert!(Arc::ptr_eq(
        process(&first, us).unwrap(),
        process(&second, us).unwrap()
    ));
}

#[test]
fn the_sample_tells_of_the_machine() {
    let sample = sample(&mut SockDiag::open().unwrap());
    assert!(!sample.host.is_empty());
    assert!(sample.ephemeral_ports.is_some());
    assert!(!sample.addresses.is_empty());
    assert_eq!(sample.euid, Some(rustix::process::geteuid().as_raw()));
    assert!(sample.processes.is_sorted_by_key(|process| process.key));
}

#[test]
fn a_recorded_sample_is_the_same_again() {
    let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let sample = sample(&mut SockDiag::open().unwrap());
    let line = serde_json::to_string(&sample).unwrap();
    let again: Sample = serde_json::from_str(&line).unwrap();
    assert_eq!(again, sample);
}

#[test]
fn the_algorithm_of_a_new_connection_is_known_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut source = SockDiag::open().unwrap();
    sample(&mut source);
    // Where many others are made in the same moment, all of them wait.
    let is_named = (0..5).any(|_| {
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        source.hurry();
        let sample = sample(&mut source);
        let socket = on_port(&sample, stream.local_addr().unwrap().port());
        socket.congestion().is_some()
    });
    assert!(is_named);
}

#[test]
fn few_sockets_need_no_sketch_and_their_tables_are_read_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut source = SockDiag::open().unwrap();
    let sketch = source.sketch().unwrap();
    assert!(sketch.is_none_or(|sketch| sketch.processes.is_empty()));
    let sample = sample(&mut source);
    assert_eq!(on_port(&sample, port).owners().len(), 1);
}
