//! The thread that reads the machine.
//!
//! Waiting for a command is its sleep, its wake-up and its end at once. It publishes the latest
//! snapshot; nothing queues.

#![expect(clippy::disallowed_methods, reason = "the cadence is kept here")]

use super::{Error, Source};
use crate::{
    model::{Extent, Heard, Protocol, Sample, Snapshot},
    monitor::Monitor,
};
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// The shortest time between two reads, whatever is asked for.
const SHORTEST: Duration = Duration::from_millis(50);

/// The newest thing the collector has to say.
#[derive(Debug, Clone)]
pub enum Latest {
    /// Nothing was read yet.
    Pending,
    /// What can be shown before anything is known of owners, and so before anything is judged.
    Sketched(Arc<Snapshot>),
    /// A snapshot.
    Ready(Arc<Snapshot>),
    /// The last attempt failed with these words, which complete "could not …"; the snapshot before
    /// stays the newest.
    Failed(String),
    /// The recording has ended; its last snapshot stays.
    Ended,
}

/// What the collector can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Read now.
    Refresh,
    /// Read this often.
    Every(Duration),
    /// Read this much, at once.
    Extend(Extent),
    /// This was answered on a port of this network namespace; judge with that, at once.
    Heard(Protocol, u16, Heard),
}

/// A thread that reads the machine again and again; dropping this ends it at once.
#[derive(Debug)]
pub struct Collector {
    commands: Sender<Command>,
}

impl Collector {
    /// Starts reading `source` every `interval`, at once for the first time.
    ///
    /// A recording is played at the distances it was taken at, none longer than `interval`.
    pub fn start(
        source: Box<dyn Source>,
        monitor: Monitor,
        interval: Duration,
    ) -> Result<(Self, watch::Receiver<Latest>), Error> {
        Self::start_with(source, monitor, interval, Box::new(|_| ()))
    }

    /// The same, with something to do before each sample is judged: to look whether the policy changed.
    pub fn start_with(
        source: Box<dyn Source>,
        monitor: Monitor,
        interval: Duration,
        before: Box<dyn FnMut(&mut Monitor) + Send>,
    ) -> Result<(Self, watch::Receiver<Latest>), Error> {
        let (commands, orders) = channel();
        let (publish, latest) = watch::channel(Latest::Pending);
        let work = Work {
            source,
            monitor,
            before,
            interval: interval.max(SHORTEST),
            orders,
            publish,
        };
        thread::Builder::new()
            .name("collector".into())
            .spawn(move || work.run())
            .map_err(Error::Thread)?;
        Ok((Self { commands }, latest))
    }

    /// Tells the thread something; nothing happens when it has ended.
    pub fn tell(&self, command: Command) {
        drop(self.commands.send(command));
    }
}

struct Work {
    source: Box<dyn Source>,
    monitor: Monitor,
    before: Box<dyn FnMut(&mut Monitor) + Send>,
    interval: Duration,
    orders: Receiver<Command>,
    publish: watch::Sender<Latest>,
}

impl Work {
    fn run(mut self) {
        let mut before: Option<Duration> = None;
        let mut due = Instant::now();
        // What keeps it from being read keeps the sample from it too, and is said then.
        if let Ok(Some(sample)) = self.source.sketch() {
            let sketch = self.monitor.sketch(sample);
            self.publish.send_replace(Latest::Sketched(sketch));
        }
        loop {
            let sample = match self.source.sample() {
                Ok(Some(sample)) => sample,
                Ok(None) => {
                    self.publish.send_replace(Latest::Ended);
                    return;
                }
                Err(error) => {
                    self.publish.send_replace(Latest::Failed(error.words()));
                    due = Instant::now() + self.interval;
                    if self.wait(due).is_err() {
                        return;
                    }
                    continue;
                }
            };
            if self.source.is_recording() {
                due += self.distance(before, &sample);
                if self.wait(due).is_err() {
                    return;
                }
            }
            before = Some(sample.elapsed);
            (self.before)(&mut self.monitor);
            let snapshot = self.monitor.observe(sample);
            self.publish.send_replace(Latest::Ready(snapshot));
            if !self.source.is_recording() {
                // A read that took longer than the interval is not followed by a burst.
                due = (due + self.interval).max(Instant::now() + SHORTEST);
                if self.wait(due).is_err() {
                    return;
                }
            }
        }
    }

    /// How long after the one before a recorded sample was taken, as far as we wait for that.
    fn distance(&self, before: Option<Duration>, sample: &Sample) -> Duration {
        before.map_or(Duration::ZERO, |before| {
            sample.elapsed.saturating_sub(before).min(self.interval)
        })
    }

    /// Waits until `due` or until told to go on; `Err` when nobody is there any more.
    fn wait(&mut self, mut due: Instant) -> Result<(), Gone> {
        loop {
            let left = due.saturating_duration_since(Instant::now());
            match self.orders.recv_timeout(left) {
                Ok(Command::Refresh) => {
                    self.source.hurry();
                    return Ok(());
                }
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Ok(Command::Every(interval)) => {
                    self.interval = interval.max(SHORTEST);
                    due = due.min(Instant::now() + self.interval);
                }
                Ok(Command::Extend(extent)) => {
                    self.source.extend(extent);
                    self.monitor.extend(extent);
                    return Ok(());
                }
                Ok(Command::Heard(protocol, port, heard)) => {
                    self.monitor.heard(protocol, port, heard);
                    return Ok(());
                }
                Err(RecvTimeoutError::Disconnected) => return Err(Gone),
            }
        }
    }
}

/// Whoever started the thread has dropped it.
struct Gone;

#[cfg(test)]
mod tests;
