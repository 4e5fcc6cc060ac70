//! Bytes and rates that are known, beside what a sample says of them, among whatever else this machine has open, as lines
//! of JSON: `cargo bench --bench exact`.
//!
//! Its short connections stay as TIME-WAIT for a minute: what else is measured meanwhile has them to read.
#![expect(clippy::print_stdout, reason = "the lines are its output")]
#![expect(clippy::disallowed_methods, reason = "it waits between samples")]

#[path = "support/source.rs"]
mod source;

use portwise::{
    collect::Source,
    model::{Sample, SampledSocket, TcpCounters},
    monitor::Monitor,
    registry::Registry,
};
use serde_json::json;
use source::{Failure, open, sample};
use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const BYTES: u64 = 123_456_789;
/// Connections that begin and end between two samples.
const SHORT: usize = 3000;
/// What each of them carries.
const SHORT_BYTES: u64 = 1000;
/// What the known sender sends every millisecond.
const PIECE: u32 = 1000;
/// How often its rate is looked at, a second apart.
const LOOKS: usize = 7;
/// How often a sample is taken until the last news has come.
const PATIENCE: usize = 50;

fn main() -> Result<(), Failure> {
    println!("{}", json!({"what": "bytes", "off": bytes()?}));
    let (reported, right) = short()?;
    println!(
        "{}",
        json!({"what": "short", "ends": 2 * SHORT, "reported": reported, "right": right})
    );
    let mut off = rates()?;
    off.sort_by(f64::total_cmp);
    println!(
        "{}",
        json!({"what": "rates", "median_off_percent": off.get(off.len() / 2), "worst_off_percent": off.last()})
    );
    Ok(())
}

fn all(source: &mut dyn Source) -> Result<Sample, Failure> {
    source.hurry();
    sample(source)
}

fn pair(listener: &TcpListener) -> Result<(TcpStream, TcpStream), Failure> {
    let client = TcpStream::connect(listener.local_addr()?)?;
    Ok((client, listener.accept()?.0))
}

/// Whether it goes from one end to the other: others may have the same port to somewhere else.
fn goes(socket: &SampledSocket, [from, to]: [SocketAddr; 2]) -> bool {
    let local = socket.local();
    (local.address, local.port) == (from.ip(), from.port())
        && socket
            .peer()
            .is_some_and(|peer| (peer.address, peer.port) == (to.ip(), to.port()))
}

/// Bytes received and sent.
fn carried(socket: &SampledSocket) -> (u64, u64) {
    let tcp = socket.tcp();
    let received = tcp.and_then(TcpCounters::bytes_received).unwrap_or(0);
    (received, tcp.and_then(TcpCounters::bytes_sent).unwrap_or(0))
}

/// By how many bytes the counters of both ends of one long transfer are off.
fn bytes() -> Result<u64, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (mut client, mut server) = pair(&listener)?;
    let [here, there] = [client.local_addr()?, server.local_addr()?];
    let reader = thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        let mut left = BYTES;
        while left > 0 {
            left -= server.read(&mut buffer)? as u64;
        }
        Ok::<_, std::io::Error>(server)
    });
    let piece = vec![7; 1 << 16];
    let mut left = usize::try_from(BYTES)?;
    while left > 0 {
        let (now, _) = piece.split_at(left.min(piece.len()));
        client.write_all(now)?;
        left -= now.len();
    }
    let kept = reader.join().map_err(|_panic| "the reader failed")??;
    let (mut source, mut off) = (open()?, u64::MAX);
    // The last bytes may not be acknowledged yet.
    for _ in 0..PATIENCE {
        let sample = all(source.as_mut())?;
        let of = |ends| {
            let found = sample.sockets.iter().find(|one| goes(one, ends));
            found.map_or((0, 0), |socket| carried(socket))
        };
        let [(_, sent), (received, _)] = [[here, there], [there, here]].map(of);
        off = sent.abs_diff(BYTES) + received.abs_diff(BYTES);
        if off == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    drop((client, kept));
    Ok(off)
}

/// Of connections that lived between two samples: how many ends were told of, and with the right bytes.
fn short() -> Result<(usize, usize), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let mut source = open()?;
    all(source.as_mut())?;
    let payload = vec![7; usize::try_from(SHORT_BYTES)?];
    for _ in 0..SHORT {
        let (mut client, mut server) = pair(&listener)?;
        client.write_all(&payload)?;
        drop(client);
        server.read_to_end(&mut vec![])?;
    }
    let mut told = BTreeMap::new();
    for _ in 0..PATIENCE {
        for one in &all(source.as_mut())?.ended {
            let peer = one.peer().map(|peer| peer.port);
            if one.local().port == port && peer.is_some() || peer == Some(port) {
                told.insert(one.cookie(), Arc::clone(one));
            }
        }
        if told.len() >= 2 * SHORT {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let right = told.values().filter(|one| {
        let is_server = one.local().port == port;
        let wanted = if is_server {
            (SHORT_BYTES, 0)
        } else {
            (0, SHORT_BYTES)
        };
        carried(one) == wanted
    });
    Ok((told.len(), right.count()))
}

/// By how many percent the rate of a known sender is off, at each look.
fn rates() -> Result<Vec<f64>, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (mut client, mut server) = pair(&listener)?;
    let ends = [client.local_addr()?, server.local_addr()?];
    let ended = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&ended);
    let sender = thread::spawn(move || {
        let (began, mut sent) = (Instant::now(), 0);
        let mut buffer = vec![7; PIECE as usize];
        while !is_over.load(Ordering::Relaxed) {
            // By the clock: what a late wake-up left is sent at once.
            while sent < began.elapsed().as_millis() {
                client.write_all(&buffer)?;
                server.read_exact(&mut buffer)?;
                sent += 1;
            }
            thread::sleep(Duration::from_micros(500));
        }
        Ok::<_, std::io::Error>(())
    });
    let (mut source, mut monitor) = (open()?, Monitor::new(Registry::bundled()));
    let wanted = f64::from(PIECE) * 1000.0;
    let mut off = vec![];
    for _ in 0..LOOKS {
        let snapshot = monitor.observe(all(source.as_mut())?);
        let socket = snapshot.sockets.iter().find(|one| goes(&one.raw, ends));
        if let Some(rates) = socket.and_then(|socket| socket.rates) {
            off.push((rates.tx_bytes_per_second() - wanted).abs() / wanted * 100.0);
        }
        thread::sleep(Duration::from_secs(1));
    }
    if off.len() + 1 < LOOKS {
        return Err("a rate is missing".into());
    }
    ended.store(true, Ordering::Relaxed);
    sender.join().map_err(|_panic| "the sender failed")??;
    Ok(off)
}
