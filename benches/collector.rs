//! What it costs to read the sockets of this machine, as lines of JSON.
//!
//! ```sh
//! cargo bench --bench collector -- first            # a new source, its first sample
//! cargo bench --bench collector -- steady 15 1000   # 15 samples that read everything, 1,000 ms apart
//! cargo bench --bench collector -- governed 30      # the same as the dashboard takes them
//! cargo bench --bench collector -- check 15 1000    # 15 samples, then their owners against a full look
//! ```
//!
//! Each line says what was done, the processor time of the whole process for it, and the most memory it has taken so far.
#![expect(clippy::print_stdout, reason = "the lines are its output")]
#![expect(clippy::disallowed_methods, reason = "it waits between samples")]

#[path = "support/source.rs"]
mod source;

use portwise::model::Sample;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use source::{Failure, open, sample};
use std::{
    collections::{BTreeSet, HashMap},
    env, fs,
    os::unix::fs::MetadataExt as _,
    process::ExitCode,
    thread,
    time::Duration,
};

fn main() -> Result<ExitCode, Failure> {
    let words: Vec<String> = env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let number = |at: usize, instead: u64| {
        let word = words.get(at).and_then(|word| word.parse().ok());
        word.unwrap_or(instead)
    };
    let (times, pause) = (number(1, 10), Duration::from_millis(number(2, 1000)));
    match words.first().map(String::as_str) {
        Some("steady") => again("steady", times, pause, true)?,
        Some("governed") => again("governed", times, pause, false)?,
        Some("check") => return check(times, pause),
        // `cargo bench` starts every bench without words: then one look shows that it works.
        _ => first()?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The processor time of this process.
fn spent() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

/// The most memory this process has had, in megabytes.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// `until_owned` is the part of `cost` until every socket had its counters and its owners.
fn say(what: &str, (cost, until_owned): (Duration, Option<Duration>), sample: &Sample) {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let owned = sample.sockets.iter().filter(|one| !one.owners().is_empty());
    println!(
        "{}",
        json!({
            "what": what,
            "cpu_ms": milliseconds(cost),
            "until_owned_cpu_ms": until_owned.map(milliseconds),
            "peak_mb": peak(),
            "sockets": sample.sockets.len(),
            "owned": owned.count(),
            "ended": sample.ended.len(),
            "processes": sample.processes.len(),
        })
    );
}

fn first() -> Result<(), Failure> {
    let began = spent();
    let mut source = open()?;
    let opened = spent().saturating_sub(began);
    let sample = sample(source.as_mut())?;
    let whole = spent().saturating_sub(began);
    let until_owned = source.cost().map(|cost| opened + cost.sockets);
    say("first", (whole, until_owned), &sample);
    // As a command does that ends now.
    std::mem::forget((source, sample));
    Ok(())
}

fn again(what: &str, times: u64, pause: Duration, everything: bool) -> Result<(), Failure> {
    let mut source = open()?;
    // Whoever shows samples keeps the one before while the next is taken.
    let mut kept = vec![sample(source.as_mut())?];
    for _ in 0..times {
        thread::sleep(pause);
        let began = spent();
        if everything {
            source.hurry();
        }
        let next = sample(source.as_mut())?;
        kept.clear();
        let cost = spent().saturating_sub(began);
        say(what, (cost, source.cost().map(|cost| cost.sockets)), &next);
        kept.push(next);
    }
    Ok(())
}

/// Takes samples, and compares the owners of the last one with what a look at every descriptor says.
fn check(times: u64, pause: Duration) -> Result<ExitCode, Failure> {
    let mut source = open()?;
    let mut last = sample(source.as_mut())?;
    let mut same_tick = (0, 0);
    for _ in 0..times {
        thread::sleep(pause);
        source.hurry();
        let known: BTreeSet<_> = last.sockets.iter().filter_map(|one| one.inode()).collect();
        let next = sample(source.as_mut())?;
        let new = next
            .sockets
            .iter()
            .filter(|one| one.inode().is_some_and(|inode| !known.contains(&inode)));
        for socket in new {
            same_tick.0 += 1;
            same_tick.1 += u32::from(!socket.owners().is_empty());
        }
        last = next;
    }
    let holders = holders();
    let (mut right, mut wrong, mut closed, mut missing) = (0, 0, 0, 0);
    for socket in last.sockets.iter() {
        let Some(inode) = socket.inode() else {
            continue;
        };
        let ours: BTreeSet<u32> = socket
            .owners()
            .iter()
            .map(|owner| owner.process.pid)
            .collect();
        match holders.get(&inode) {
            Some(theirs) if *theirs == ours => right += 1,
            Some(_) if ours.is_empty() => missing += 1,
            Some(_) => wrong += 1,
            None => closed += 1,
        }
    }
    println!(
        "{}",
        json!({
            "what": "check",
            "right": right,
            "wrong": wrong,
            "missing": missing,
            "closed_meanwhile": closed,
            "new": same_tick.0,
            "new_owned_at_once": same_tick.1,
        })
    );
    Ok(if wrong > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Every holder of every socket, by a plain look at every descriptor.
fn holders() -> HashMap<u64, BTreeSet<u32>> {
    let mut holders: HashMap<u64, BTreeSet<u32>> = HashMap::new();
    let numbers = |path: &str| {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        names.collect::<Vec<_>>()
    };
    for pid in numbers("/proc") {
        for fd in numbers(&format!("/proc/{pid}/fd")) {
            let Ok(link) = fs::read_link(format!("/proc/{pid}/fd/{fd}")) else {
                continue;
            };
            let text = link.to_string_lossy();
            if text.starts_with("socket:[")
                && let Ok(file) = fs::metadata(format!("/proc/{pid}/fd/{fd}"))
            {
                holders.entry(file.ino()).or_default().insert(pid);
            }
        }
    }
    holders
}
