//! Reading the machine again and again, and what happened in between: for `record` and `watch`.

use super::{
    context::Context,
    error::{self, Failure},
};
use crate::{
    collect::{self, Source},
    config::PolicyFile,
    model::{LimitKind, Sample, Snapshot},
    monitor::{
        Monitor,
        events::{Change, changes},
    },
};
use std::{ops::ControlFlow, sync::Arc, time::Duration};
use tokio::{signal, time};

/// Reads at the interval and hands on what was read, until told to stop, for `span`, or until `take` has
/// enough. A recording is read without waiting.
pub(super) fn each_sample(
    context: &Context,
    span: Option<Duration>,
    mut take: impl FnMut(Sample) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    each_of_source(context, span, |_, sample| take(sample))?;
    Ok(())
}

/// Why no more is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// The time is over, the recording is at its end, or enough was seen.
    AsAsked,
    /// Somebody interrupted it.
    Interrupted,
}

/// The same, with the source at hand.
pub(super) fn each_of_source(
    context: &Context,
    span: Option<Duration>,
    take: impl FnMut(&mut dyn Source, Sample) -> Result<ControlFlow<()>, Failure>,
) -> Result<Over, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(read(context, span, take))
}

async fn read(
    context: &Context,
    span: Option<Duration>,
    mut take: impl FnMut(&mut dyn Source, Sample) -> Result<ControlFlow<()>, Failure>,
) -> Result<Over, Failure> {
    let mut source = collect::open(&context.source, context.extent)?;
    let mut ticks = time::interval(context.settings.interval);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let end = async {
        match span {
            Some(span) => time::sleep(span).await,
            None => std::future::pending().await,
        }
    };
    let stop = stopped();
    tokio::pin!(end, stop);
    // The first look waits for nothing: on a busy machine a short `span` would be over before.
    let mut waits = false;
    ticks.reset();
    loop {
        tokio::select! {
            biased;
            result = &mut stop => return Ok(result.map(|()| Over::Interrupted)?),
            () = &mut end => return Ok(Over::AsAsked),
            () = next(&mut ticks, waits) => {
                waits = !context.is_recording;
                let Some(sample) = source.sample()? else { return Ok(Over::AsAsked) };
                if take(source.as_mut(), sample)?.is_break() {
                    return Ok(Over::AsAsked);
                }
            }
        }
    }
}

async fn next(ticks: &mut time::Interval, waits: bool) {
    if waits {
        ticks.tick().await;
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

/// Compares each sample with the one before.
pub(super) struct Follower {
    monitor: Monitor,
    policy: PolicyFile,
    last: Option<Arc<Snapshot>>,
}

/// What happened between two samples.
pub(super) struct Step {
    pub(super) changes: Vec<Change>,
    /// `None` for the first.
    pub(super) before: Option<Arc<Snapshot>>,
    pub(super) now: Arc<Snapshot>,
}

impl Follower {
    pub(super) fn new(context: &Context) -> Result<Self, Failure> {
        let policy = context.policy()?;
        let mut monitor = Monitor::new(context.registry());
        monitor.set_policy(policy.policy());
        Ok(Self {
            monitor,
            policy,
            last: None,
        })
    }

    /// Compares a sample with the last, by the policy as it is now.
    ///
    /// `None` for one that lacks sockets: what is missing there has not closed.
    pub(super) fn take(&mut self, sample: Sample) -> Option<Step> {
        let mut limits = sample.coverage.limits.iter();
        if let Some(limit) = limits.find(|limit| limit.kind == LimitKind::Sockets) {
            tracing::warn!(detail = %limit.detail, "sample left out");
            return None;
        }
        if let Some(changed) = self.policy.changed() {
            if let Some(fault) = &changed.fault {
                error::print(format_args!("warning: {fault}"));
            }
            self.monitor.set_policy(changed);
        }
        let now = self.monitor.observe(sample);
        let before = self.last.replace(Arc::clone(&now));
        let changes = before.as_ref().map(|before| changes(before, &now));
        Some(Step {
            changes: changes.unwrap_or_default(),
            before,
            now,
        })
    }

    /// The last sample, judged.
    pub(super) fn last(&self) -> Option<&Snapshot> {
        self.last.as_deref()
    }
}
