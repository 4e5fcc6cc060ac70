use super::*;
use crate::{collect::system::Portable, model::Sample, registry::Registry};
use std::io;

const PATIENCE: Duration = Duration::from_secs(10);
const NEVER: Duration = Duration::from_hours(1);

/// Gives what it was made with, and says so each time; says so too when it is dropped.
struct Scripted {
    answers: std::vec::IntoIter<Result<Option<Sample>, Error>>,
    said: Sender<&'static str>,
    recorded: bool,
}

impl Source for Scripted {
    fn sample(&mut self) -> Result<Option<Sample>, Error> {
        _ = self.said.send("asked");
        let last = if self.recorded { Ok(None) } else { failure() };
        self.answers.next().unwrap_or(last)
    }

    fn is_recording(&self) -> bool {
        self.recorded
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        _ = self.said.send("dropped");
    }
}

fn sample(elapsed: Duration) -> Result<Option<Sample>, Error> {
    let sample = Portable::open(None).sample()?;
    Ok(sample.map(|sample| Sample { elapsed, ..sample }))
}

fn failure() -> Result<Option<Sample>, Error> {
    Err(Error::SocketTable(io::ErrorKind::PermissionDenied.into()))
}

fn start(
    answers: Vec<Result<Option<Sample>, Error>>,
    interval: Duration,
    recorded: bool,
) -> (Collector, watch::Receiver<Latest>, Receiver<&'static str>) {
    let (said, heard) = channel();
    let source = Scripted {
        answers: answers.into_iter(),
        said,
        recorded,
    };
    let monitor = Monitor::new(Registry::bundled());
    let (collector, latest) = Collector::start(Box::new(source), monitor, interval).unwrap();
    (collector, latest, heard)
}

/// Waits until something is published that `wanted` picks.
fn until(latest: &mut watch::Receiver<Latest>, wanted: impl Fn(&Latest) -> bool) -> Latest {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(async {
        let found = tokio::time::timeout(PATIENCE, latest.wait_for(|latest| wanted(latest)));
        found.await.unwrap().unwrap().clone()
    })
}

#[test]
fn the_first_sample_is_taken_at_once() {
    let (_collector, mut latest, _heard) = start(vec![sample(Duration::ZERO)], NEVER, false);
    until(&mut latest, |latest| matches!(latest, Latest::Ready(_)));
}

#[test]
fn a_refresh_does_not_wait_for_the_interval() {
    let answers = vec![sample(Duration::ZERO), failure()];
    let (collector, mut latest, _heard) = start(answers, NEVER, false);
    until(&mut latest, |latest| matches!(latest, Latest::Ready(_)));
    collector.tell(Command::Refresh);
    until(&mut latest, |latest| matches!(latest, Latest::Failed(_)));
}

#[test]
fn a_shorter_interval_counts_from_now_on() {
    let answers = vec![sample(Duration::ZERO), failure()];
    let (collector, mut latest, _heard) = start(answers, NEVER, false);
    until(&mut latest, |latest| matches!(latest, Latest::Ready(_)));
    collector.tell(Command::Every(Duration::from_millis(1)));
    until(&mut latest, |latest| matches!(latest, Latest::Failed(_)));
}

#[test]
fn a_failure_is_told_in_words_and_reading_goes_on() {
    let answers = vec![failure(), sample(Duration::ZERO)];
    let (collector, mut latest, _heard) = start(answers, NEVER, false);
    let failed = until(&mut latest, |latest| matches!(latest, Latest::Failed(_)));
    let Latest::Failed(words) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(
        words,
        "read the socket tables over netlink: permission denied"
    );
    collector.tell(Command::Refresh);
    until(&mut latest, |latest| matches!(latest, Latest::Ready(_)));
}

#[test]
fn dropping_the_collector_ends_its_thread() {
    let (collector, mut latest, heard) = start(vec![sample(Duration::ZERO)], NEVER, false);
    until(&mut latest, |latest| matches!(latest, Latest::Ready(_)));
    assert_eq!(heard.recv_timeout(PATIENCE), Ok("asked"));
    drop(collector);
    assert_eq!(heard.recv_timeout(PATIENCE), Ok("dropped"));
}

#[test]
fn a_recording_is_played_to_its_end() {
    let answers = vec![sample(Duration::ZERO), sample(Duration::from_hours(1))];
    let interval = Duration::from_millis(60);
    let (_collector, mut latest, heard) = start(answers, interval, true);
    until(&mut latest, |latest| matches!(latest, Latest::Ended));
    let asked = heard.iter().filter(|what| *what == "asked").count();
    assert_eq!(asked, 3);
}
