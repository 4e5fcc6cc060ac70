//! `record`: what happens into the history, or samples into a file, until told to stop.

use super::{
    Ending,
    args::Record,
    context::Context,
    error::{self, Failure},
    history,
};
use crate::{
    collect::{self, recording::Writer},
    config::PolicyFile,
    model::{Event, EventKind, LimitKind, Sample, Snapshot},
    monitor::{Monitor, events::events},
    registry::Registry,
    report::plural,
    store::Store,
};
use std::sync::Arc;
use tokio::{signal, time};

pub(super) fn run(context: &Context, args: &Record) -> Result<Ending, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (count, noun, path) = if let Some(path) = &args.to {
        let mut writer = Writer::create(path)?;
        let mut count = 0;
        runtime.block_on(each_sample(context, args, |sample| {
            writer.append(&sample)?;
            count += 1;
            Ok(())
        }))?;
        (count, "sample", path.clone())
    } else {
        let path = history::path(context, args.history.as_deref())?;
        let mut recorder =
            Recorder::begin(Store::open(&path)?, context.registry(), context.policy()?);
        runtime.block_on(each_sample(context, args, |sample| recorder.take(sample)))?;
        recorder.end()?;
        (recorder.written, "event", path)
    };
    if !context.quiet {
        error::print(format_args!(
            "{} in {}",
            plural(count, noun),
            path.display()
        ));
    }
    Ok(Ending::Well)
}

/// Reads at the interval and hands on what was read, until told to stop.
async fn each_sample(
    context: &Context,
    args: &Record,
    mut take: impl FnMut(Sample) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut source = collect::open(&context.source, context.extent)?;
    let mut ticks = time::interval(context.settings.interval);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let end = async {
        match args.span {
            Some(span) => time::sleep(span).await,
            None => std::future::pending().await,
        }
    };
    let stop = stopped();
    tokio::pin!(end, stop);
    // However short it is, it records what was there.
    ticks.tick().await;
    match source.sample()? {
        Some(sample) => take(sample)?,
        None => return Ok(()),
    }
    loop {
        tokio::select! {
            biased;
            result = &mut stop => return Ok(result?),
            () = &mut end => return Ok(()),
            _ = ticks.tick() => match source.sample()? {
                Some(sample) => take(sample)?,
                None => return Ok(()),
            },
        }
    }
}

/// Writes down what happened between one sample and the next.
struct Recorder {
    monitor: Monitor,
    policy: PolicyFile,
    store: Store,
    last: Option<Arc<Snapshot>>,
    written: usize,
}

impl Recorder {
    fn begin(store: Store, registry: &'static Registry, policy: PolicyFile) -> Self {
        let mut monitor = Monitor::new(registry);
        monitor.set_policy(policy.policy());
        Self {
            monitor,
            policy,
            store,
            last: None,
            written: 0,
        }
    }

    /// Compares a sample with the last. In one that lacks sockets, what is missing has not closed.
    fn take(&mut self, sample: Sample) -> Result<(), Failure> {
        let mut limits = sample.coverage.limits.iter();
        if let Some(limit) = limits.find(|limit| limit.kind == LimitKind::Sockets) {
            tracing::warn!(detail = %limit.detail, "sample left out");
            return Ok(());
        }
        if let Some(changed) = self.policy.changed() {
            if let Some(fault) = &changed.fault {
                error::print(format_args!("warning: {fault}"));
            }
            self.monitor.set_policy(changed);
        }
        let now = self.monitor.observe(sample);
        self.write(&events(self.last.as_deref(), &now))?;
        self.last = Some(now);
        Ok(())
    }

    /// Writes down that nobody looked after the last sample.
    fn end(&mut self) -> Result<(), Failure> {
        match &self.last {
            Some(last) => {
                let ended = Event::of_recorder(EventKind::Ended, last.taken_at);
                self.write(&[ended])
            }
            None => Ok(()),
        }
    }

    fn write(&mut self, events: &[Event]) -> Result<(), Failure> {
        if !events.is_empty() {
            self.store.append(events)?;
            self.written += events.len();
        }
        Ok(())
    }
}

/// Waits for SIGINT or SIGTERM.
async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            result = signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
