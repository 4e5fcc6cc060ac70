//! One snapshot of the machine, or of a recording.

use super::{
    context::Context,
    error::{self, Failure},
};
use crate::{
    collect,
    model::{Extent, Snapshot},
    monitor::Monitor,
    query::{Order, Query, order},
    report::list::coverage,
    rules::Policy,
};
use std::sync::Arc;

/// Takes one snapshot; of a recording, its last.
pub(super) fn snapshot(context: &Context) -> Result<Arc<Snapshot>, Failure> {
    judged_by(context, context.policy()?.policy())
}

/// Takes one snapshot of so much of the machine; of a recording, its last.
pub(super) fn snapshot_of(context: &Context, extent: Extent) -> Result<Arc<Snapshot>, Failure> {
    read(context, extent, context.policy()?.policy())
}

/// Takes one snapshot, judged by `policy`.
pub(super) fn judged_by(context: &Context, policy: Arc<Policy>) -> Result<Arc<Snapshot>, Failure> {
    read(context, context.extent, policy)
}

fn read(context: &Context, extent: Extent, policy: Arc<Policy>) -> Result<Arc<Snapshot>, Failure> {
    let mut source = collect::open(&context.source, extent)?;
    let mut monitor = Monitor::new(context.registry());
    monitor.set_policy(policy);
    let mut last = None;
    while let Some(sample) = source.sample()? {
        tracing::debug!(
            sockets = sample.sockets.len(),
            processes = sample.processes.len(),
            "sample"
        );
        last = Some(monitor.observe(sample));
        if !context.is_recording {
            break;
        }
    }
    last.ok_or_else(|| Failure::Usage("the recording holds no sample".to_owned()))
}

/// The rows that a filter asks for, sorted.
pub(super) fn select(snapshot: &Snapshot, query: &Query, by: Order) -> Vec<usize> {
    let mut rows = query.select(snapshot);
    order::sort(snapshot, &mut rows, by);
    rows
}

/// Says on stderr what could not be seen and what no longer counts, unless told to be quiet.
pub(super) fn warn_of_gaps(context: &Context, snapshot: &Snapshot) {
    if context.quiet {
        return;
    }
    if let Some(missing) = coverage(snapshot) {
        error::print(format_args!("note: {missing}"));
    }
    for ended in &snapshot.policy.ended {
        error::print(format_args!("note: policy: {ended}"));
    }
}
