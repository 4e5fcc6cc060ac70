//! One snapshot of the machine, or of a recording.

use super::{
    args::{Global, Source},
    error::{self, Failure},
};
use crate::{
    collect::{self, SourceChoice},
    model::Snapshot,
    monitor::Monitor,
    query::{Query, order},
    registry::Registry,
    report::list::coverage,
};
use std::sync::Arc;

/// Which source was asked for.
pub(super) fn source(global: &Global) -> SourceChoice {
    match (&global.recording, global.source) {
        (Some(path), _) => SourceChoice::Recording(path.clone()),
        (None, Some(Source::SockDiag)) => SourceChoice::SockDiag,
        (None, Some(Source::Portable)) => SourceChoice::Portable,
        (None, Some(Source::Auto) | None) => SourceChoice::Auto,
    }
}

/// Takes one snapshot; of a recording, its last.
pub(super) fn snapshot(global: &Global) -> Result<Arc<Snapshot>, Failure> {
    let choice = source(global);
    let mut source = collect::open(&choice)?;
    let mut monitor = Monitor::new(Registry::bundled());
    let mut last = None;
    while let Some(sample) = source.sample()? {
        last = Some(monitor.observe(sample));
        if !matches!(choice, SourceChoice::Recording(_)) {
            break;
        }
    }
    last.ok_or_else(|| Failure::Usage("the recording holds no sample".to_owned()))
}

/// The rows that a filter asks for, sorted.
pub(super) fn select(snapshot: &Snapshot, query: &Query, by: order::Order) -> Vec<usize> {
    let mut rows = query.select(snapshot);
    order::sort(snapshot, &mut rows, by);
    rows
}

/// Says on stderr what could not be seen, unless told to be quiet.
pub(super) fn warn_of_gaps(global: &Global, snapshot: &Snapshot) {
    if global.quiet {
        return;
    }
    if let Some(missing) = coverage(snapshot) {
        error::print(format_args!("note: {missing}"));
    }
}
