//! What the collector says of sockets whose truth is known: bytes, owners, and what lived between two samples.

use crate::support::{
    deadline::until,
    network::alone,
    skip::{installed, is_root, skip},
};
use portwise::{
    collect::{self, Source, SourceChoice},
    model::{Extent, Limit, LimitKind, Sample, SampledSocket, State, TcpInfo},
    monitor::Monitor,
    registry::Registry,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

fn open() -> Box<dyn Source> {
    collect::open(&SourceChoice::SockDiag, Extent::default()).unwrap()
}

/// A sample for which everything was read.
fn sample(source: &mut dyn Source) -> Sample {
    source.hurry();
    source.sample().unwrap().unwrap()
}

fn from(sample: &Sample, local: SocketAddr) -> Option<&Arc<SampledSocket>> {
    let is_it = |socket: &&Arc<SampledSocket>| {
        socket.peer().is_some()
            && socket.local().port == local.port()
            && socket.local().address == local.ip()
    };
    sample.sockets.iter().find(is_it)
}

fn pids(socket: &SampledSocket) -> Vec<u32> {
    socket
        .owners()
        .iter()
        .map(|owner| owner.process.pid)
        .collect()
}

#[test]
fn every_byte_of_a_long_transfer_is_counted_once() {
    const BYTES: u64 = 123_456_789;
    alone(|| {
        let listener = TcpListener::bind("127.0.0.1:4000").unwrap();
        let mut client = TcpStream::connect("127.0.0.1:4000").unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let reader = thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            let mut left = BYTES;
            while left > 0 {
                left -= server.read(&mut buffer).unwrap() as u64;
            }
            server
        });
        let piece = vec![7; 1 << 16];
        let mut left = usize::try_from(BYTES).unwrap();
        while left > 0 {
            let length = left.min(piece.len());
            client.write_all(&piece[..length]).unwrap();
            left -= length;
        }
        let server = reader.join().unwrap();
        let mut source = open();
        until("all bytes to be acknowledged", || {
            let sample = sample(source.as_mut());
            let tcp = |stream: &TcpStream| -> TcpInfo {
                let socket = from(&sample, stream.local_addr().unwrap()).unwrap();
                socket.told().tcp.unwrap()
            };
            let (sent, received) = (tcp(&client), tcp(&server));
            assert_eq!(received.bytes_received, Some(BYTES));
            assert_eq!(sent.bytes_sent, Some(BYTES));
            (sent.bytes_acked == Some(BYTES))
                .then_some(())
                .ok_or_else(|| format!("{sent:?}"))
        });
        let ends = [client.local_addr().unwrap(), client.peer_addr().unwrap()];
        drop(client);
        let half = sample(source.as_mut());
        let waiting = from_to(&half.sockets, ends[1], ends[0]).unwrap();
        assert_eq!(bytes(waiting), (BYTES, 0), "{waiting:?}");
        drop(server);
        let mut last = BTreeMap::new();
        let mut next = Some(half);
        until("the last bytes of both ends", || {
            let sample = next.take().unwrap_or_else(|| sample(source.as_mut()));
            for (at, peer) in [(ends[0], ends[1]), (ends[1], ends[0])] {
                let ended = from_to(&sample.ended, at, peer);
                last.extend(ended.map(|socket| (at, bytes(socket))));
            }
            (last.len() == 2)
                .then_some(())
                .ok_or_else(|| format!("{last:?}"))
        });
        assert_eq!(last[&ends[0]], (0, BYTES));
        assert_eq!(last[&ends[1]], (BYTES, 0));
    });
}

/// The connection between two ends.
fn from_to(
    sockets: &[Arc<SampledSocket>],
    local: SocketAddr,
    peer: SocketAddr,
) -> Option<&Arc<SampledSocket>> {
    let is_it = |socket: &&Arc<SampledSocket>| {
        let is_local = (socket.local().address, socket.local().port) == (local.ip(), local.port());
        is_local
            && socket
                .peer()
                .is_some_and(|end| (end.address, end.port) == (peer.ip(), peer.port()))
    };
    sockets.iter().find(is_it)
}

/// Bytes received and sent.
fn bytes(socket: &SampledSocket) -> (u64, u64) {
    let tcp = socket.tcp().unwrap();
    (tcp.bytes_received().unwrap(), tcp.bytes_sent().unwrap())
}

#[test]
fn what_was_sent_again_is_counted_once() {
    const BYTES: usize = 3_000_000;
    alone(|| {
        // A queue that is full now and then loses what does not fit.
        let narrow = "qdisc add dev lo root tbf rate 100mbit burst 70000 limit 80000";
        let narrowed = Command::new("tc").args(narrow.split(' ')).output();
        if !narrowed.is_ok_and(|output| output.status.success()) {
            return skip(
                "what_was_sent_again",
                "needs tc with its token bucket filter",
            );
        }
        let listener = TcpListener::bind("127.0.0.1:4000").unwrap();
        let mut client = TcpStream::connect("127.0.0.1:4000").unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let reader = thread::spawn(move || {
            server.read_exact(&mut vec![0; BYTES]).unwrap();
            server
        });
        client.write_all(&vec![7; BYTES]).unwrap();
        let server = reader.join().unwrap();
        let mut source = open();
        let sample = sample(source.as_mut());
        let (client, server) = (client.local_addr().unwrap(), server.local_addr().unwrap());
        let sender = from_to(&sample.sockets, client, server).unwrap();
        let count = u64::try_from(BYTES).unwrap();
        assert!(sender.tcp().unwrap().retransmits > 0, "{sender:?}");
        // What this machine threw away itself is why one too many may be left.
        let (received, sent) = bytes(sender);
        assert!(
            received == 0 && (count..=count + 1).contains(&sent),
            "{sender:?}"
        );
        assert_eq!(
            bytes(from_to(&sample.sockets, server, client).unwrap()),
            (count, 0)
        );
    });
}

#[test]
fn a_rate_is_that_of_the_sender() {
    const PIECE: usize = 10_000;
    alone(|| {
        let listener = TcpListener::bind("127.0.0.1:4000").unwrap();
        let mut client = TcpStream::connect("127.0.0.1:4000").unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let (sent, ended) = (AtomicU64::new(0), AtomicBool::new(false));
        let ends = (server.local_addr().unwrap(), client.local_addr().unwrap());
        thread::scope(|scope| {
            scope.spawn(|| {
                // A million bytes a second, as far as this machine lets us.
                while !ended.load(Ordering::Relaxed) {
                    client.write_all(&[7; PIECE]).unwrap();
                    server.read_exact(&mut [0; PIECE]).unwrap();
                    sent.fetch_add(PIECE as u64, Ordering::SeqCst);
                    thread::park_timeout(Duration::from_millis(10));
                }
            });
            let _stop = Stop(&ended);
            let (mut source, mut monitor) = (open(), Monitor::new(Registry::bundled()));
            let mut before: Option<[(u64, Instant); 2]> = None;
            for _ in 0..4 {
                let now = || (sent.load(Ordering::SeqCst), now());
                let earliest = now();
                let snapshot = monitor.observe(sample(source.as_mut()));
                let around = [earliest, now()];
                let mut open = snapshot.sockets.iter();
                let socket = open.find(|one| {
                    one.raw.local().port == ends.0.port()
                        && one.raw.peer().map(|peer| peer.port) == Some(ends.1.port())
                });
                if let Some(before) = before.replace(around) {
                    let rate = socket.unwrap().rates.unwrap().rx_bytes_per_second();
                    let (least, most) = possible(before, around, PIECE as u64);
                    assert!(
                        rate >= least * 0.98 && rate <= most * 1.02,
                        "{least} {rate} {most}"
                    );
                }
                let enough = earliest.0 + 100 * PIECE as u64;
                until("a second's worth of bytes", || {
                    let count = sent.load(Ordering::SeqCst);
                    (count >= enough)
                        .then_some(())
                        .ok_or_else(|| format!("{count} of {enough}"))
                });
            }
        });
    });
}

/// Ends a sender, also where a test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The lowest and the highest rate that there can have been between two looks, each of which took from one moment to
/// another, when up to `piece` bytes more may have been on their way than were counted.
#[expect(clippy::cast_precision_loss, reason = "a few million")]
fn possible(before: [(u64, Instant); 2], after: [(u64, Instant); 2], piece: u64) -> (f64, f64) {
    let least = (after[0].0 - before[1].0).saturating_sub(piece) as f64;
    let most = (after[1].0 - before[0].0 + piece) as f64;
    (
        least / (after[1].1 - before[0].1).as_secs_f64(),
        most / (after[0].1 - before[1].1).as_secs_f64(),
    )
}

#[expect(clippy::disallowed_methods, reason = "a rate needs the clock")]
fn now() -> Instant {
    Instant::now()
}

#[test]
fn connections_that_lived_between_two_samples_are_told_with_their_last_bytes() {
    const MANY: u16 = 3000;
    alone(|| {
        let listener = TcpListener::bind("127.0.0.1:4000").unwrap();
        let mut source = open();
        sample(source.as_mut());
        let server = thread::spawn(move || {
            for _ in 0..MANY {
                let (mut stream, _) = listener.accept().unwrap();
                stream.read_to_end(&mut Vec::new()).unwrap();
            }
        });
        let mut ports = BTreeSet::new();
        for _ in 0..MANY {
            let mut client = TcpStream::connect("127.0.0.1:4000").unwrap();
            client.write_all(&[7; 1000]).unwrap();
            ports.insert(client.local_addr().unwrap().port());
        }
        server.join().unwrap();
        let mut told = BTreeMap::new();
        let mut lost = false;
        until("news of every closing", || {
            let sample = sample(source.as_mut());
            lost |= sample
                .coverage
                .limits
                .iter()
                .any(|limit| limit.kind == LimitKind::Closings);
            for ended in sample.ended.iter().filter(|one| one.peer().is_some()) {
                told.insert((ended.local().port, ended.cookie()), Arc::clone(ended));
            }
            let is_all = told.len() == 2 * usize::from(MANY);
            assert!(!lost || !is_root(), "the kernel has room for all of it");
            (is_all || lost)
                .then_some(())
                .ok_or_else(|| format!("{} of {}", told.len(), 2 * MANY))
        });
        if lost {
            // A plain user's buffer is small, and emptying it may have come too late on a busy machine. It was said.
            return;
        }
        for socket in told.values() {
            let is_client = ports.contains(&socket.local().port);
            let wanted = if is_client { (0, 1000) } else { (1000, 0) };
            assert_eq!(bytes(socket), wanted, "{socket:?}");
        }
    });
}

#[test]
fn news_that_was_lost_is_told_and_everything_is_read_again() {
    // More than any buffer for the news has room for.
    const AT_ONCE: usize = 20_000;
    alone(|| {
        let mut source = open();
        sample(source.as_mut());
        let listener = until("a buffer that is full", || {
            for _ in 0..AT_ONCE {
                drop(UdpSocket::bind("127.0.0.1:4000").unwrap());
            }
            let listener = TcpListener::bind("127.0.0.1:4000").unwrap();
            let sample = source.sample().unwrap().unwrap();
            let limits = sample.coverage.limits;
            let is_told = limits.iter().any(|limit| limit.kind == LimitKind::Closings);
            is_told
                .then_some(listener)
                .ok_or_else(|| format!("{limits:?}"))
        });
        // Nobody asks for everything: the loss itself makes it read again.
        until("the listener and its owner", || {
            let next = source.sample().unwrap().unwrap();
            let is_told = |limit: &Limit| limit.kind == LimitKind::Closings;
            let owners: Vec<_> = next.sockets.iter().map(|one| pids(one)).collect();
            let is_whole = owners == [[std::process::id()]];
            (is_whole && !next.coverage.limits.iter().any(is_told))
                .then_some(())
                .ok_or_else(|| format!("{next:?}"))
        });
        drop(listener);
    });
}

#[test]
fn a_closed_connection_keeps_its_owner_while_the_kernel_keeps_it() {
    alone(|| {
        let listener = TcpListener::bind("127.0.0.1:4000").unwrap();
        let client = TcpStream::connect("127.0.0.1:4000").unwrap();
        let (server, _) = listener.accept().unwrap();
        let local = client.local_addr().unwrap();
        let mut source = open();
        let before = sample(source.as_mut());
        let cookie = from(&before, local).unwrap().cookie();
        drop(client);
        drop(server);
        until("time-wait", || {
            let sample = sample(source.as_mut());
            let socket = from(&sample, local).ok_or("gone")?;
            if socket.state != State::TimeWait {
                return Err(format!("{socket:?}"));
            }
            assert_eq!(socket.cookie(), cookie);
            assert_eq!(pids(socket), [std::process::id()]);
            Ok(())
        });
    });
}

/// A program of Python's that tells and is told line by line.
struct Python(Child, BufReader<std::process::ChildStdout>);

impl Python {
    fn start(script: &str) -> Self {
        let mut child = Command::new("python3")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self(child, output)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.1.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn go_on(&mut self) {
        self.0.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn listener_on(sample: &Sample, port: u16) -> Option<&Arc<SampledSocket>> {
    let is_it =
        |socket: &&Arc<SampledSocket>| socket.state == State::Listen && socket.local().port == port;
    sample.sockets.iter().find(is_it)
}

/// Samples until the listener on port 4000 belongs to `pid` alone.
fn until_owned_by(source: &mut dyn Source, pid: u32) {
    until("the owner", || {
        let sample = sample(source);
        let socket = listener_on(&sample, 4000).ok_or("no listener")?;
        let owners = pids(socket);
        (owners == [pid])
            .then_some(())
            .ok_or_else(|| format!("{owners:?}, not {pid}"))
    });
}

#[test]
fn a_descriptor_handed_to_another_process_is_found_there() {
    const SCRIPT: &str = "
import os, socket, sys
here, there = socket.socketpair()
child = os.fork()
if child == 0:
    here.close()
    kept = socket.recv_fds(there, 1, 1)
    there.send(b'x')
    there.recv(1)
    os._exit(0)
there.close()
listener = socket.socket(); listener.bind(('127.0.0.1', 4000)); listener.listen()
print(child, flush=True)
sys.stdin.readline()
socket.send_fds(here, [b'x'], [listener.fileno()])
here.recv(1)
listener.close()
print('handed', flush=True)
sys.stdin.readline()
";
    alone(|| {
        if installed(&["python3"]).is_none() {
            return skip("a_descriptor_handed_to_another_process", "needs python3");
        }
        let mut python = Python::start(SCRIPT);
        let child: u32 = python.line().parse().unwrap();
        let mut source = open();
        until_owned_by(source.as_mut(), python.0.id());
        python.go_on();
        assert_eq!(python.line(), "handed");
        until_owned_by(source.as_mut(), child);
    });
}

#[test]
fn a_socket_of_a_thread_with_descriptors_of_its_own_belongs_to_its_process() {
    const SCRIPT: &str = "
import ctypes, socket, sys, threading
opened = threading.Event(); told = threading.Event()
def work():
    told.wait()
    assert ctypes.CDLL(None).unshare(0x400) == 0
    listener = socket.socket(); listener.bind(('127.0.0.1', 4000)); listener.listen()
    opened.set()
    threading.Event().wait()
threading.Thread(target=work, daemon=True).start()
print('ready', flush=True)
sys.stdin.readline()
told.set(); opened.wait()
print('open', flush=True)
sys.stdin.readline()
";
    alone(|| {
        if installed(&["python3"]).is_none() {
            return skip("a_socket_of_a_thread", "needs python3");
        }
        let mut python = Python::start(SCRIPT);
        assert_eq!(python.line(), "ready");
        let mut source = open();
        sample(source.as_mut());
        python.go_on();
        assert_eq!(python.line(), "open");
        until_owned_by(source.as_mut(), python.0.id());
    });
}

#[test]
fn after_much_coming_and_going_no_owner_is_wrong() {
    const SCRIPT: &str = "
import os, random, socket, struct, sys
# Closed by a reset: else the kernel keeps tens of thousands that are nobody's any more.
def reset(one):
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    return one
listener = socket.socket(); listener.bind(('127.0.0.1', 4000)); listener.listen(4096)
# Those that were here from the start have children; these have none, or there would be ever more.
def churn(seed, has_children=True):
    chance = random.Random(seed); kept = []
    while True:
        kept.append(reset(socket.create_connection(('127.0.0.1', 4000))))
        if len(kept) > 30: kept.pop(chance.randrange(len(kept))).close()
        if chance.randrange(200) == 0 and has_children and os.fork() == 0:
            kept, has_children, chance = kept[:5], False, random.Random(os.getpid())
        elif chance.randrange(200) == 0: os._exit(0)
def serve():
    kept = []
    while True:
        kept.append(reset(listener.accept()[0]))
        if len(kept) > 200: kept.pop(0).close()
for seed in range(6):
    if os.fork() == 0: churn(seed)
if os.fork() == 0: serve()
print('ready', flush=True)
while True:
    try: os.wait()
    except ChildProcessError: break
    if os.fork() == 0: churn(os.getpid())
";
    alone(|| {
        if installed(&["python3"]).is_none() {
            return skip("after_much_coming_and_going", "needs python3");
        }
        let mut python = Python::start(SCRIPT);
        assert_eq!(python.line(), "ready");
        let mut source = open();
        until("many sockets", || {
            let many = sample(source.as_mut()).sockets.len();
            (many > 100)
                .then_some(())
                .ok_or_else(|| format!("{many} sockets"))
        });
        for _ in 0..15 {
            sample(source.as_mut());
        }
        stop_all_others();
        until("the same owners as a full look finds", || {
            let (ours, all) = (
                owners(&sample(source.as_mut())),
                owners(&sample(open().as_mut())),
            );
            let wrong: Vec<_> = all
                .iter()
                .filter_map(|(cookie, owners)| Some((cookie, owners, ours.get(cookie)?)))
                .filter(|(_, all, ours)| all != ours)
                .collect();
            // One that is not found yet is no wrong one; a wrong one never is right.
            let is_false = |(_, all, ours): &(&u64, &Vec<u32>, &Vec<u32>)| {
                ours.iter().any(|pid| !all.contains(pid))
            };
            assert!(!wrong.iter().any(is_false), "{wrong:?}");
            let is_same = wrong.is_empty() && ours.len() == all.len();
            is_same.then_some(()).ok_or_else(|| format!("{wrong:?}"))
        });
    });
}

/// The owners of each socket that can have one, by its cookie.
fn owners(sample: &Sample) -> BTreeMap<u64, Vec<u32>> {
    let sockets = sample
        .sockets
        .iter()
        .filter(|socket| socket.inode().is_some());
    sockets
        .map(|socket| (socket.cookie().unwrap(), pids(socket)))
        .collect()
}

/// Stops every process of the namespace but this one and the first.
fn stop_all_others() {
    let own = std::process::id();
    let all = || {
        let entries = std::fs::read_dir("/proc").unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names.filter_map(|name| name.to_str()?.parse::<u32>().ok())
    };
    until("everybody to stand still", || {
        let mut moving = 0;
        for pid in all().filter(|pid| *pid != own && *pid != 1) {
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let state = state.rsplit(") ").next().unwrap_or_default().chars().next();
            if !matches!(state, None | Some('T' | 'Z')) {
                moving += 1;
                let pid = Pid::from_raw(pid.cast_signed()).unwrap();
                // It may have ended meanwhile.
                _ = kill_process(pid, Signal::STOP);
            }
        }
        (moving == 0)
            .then_some(())
            .ok_or_else(|| format!("{moving} move"))
    });
}
