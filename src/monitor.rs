//! Turns samples into snapshots.
//!
//! Owns everything that outlives one sample: identities, first-seen times, rates and
//! history. Takes the time from the sample, so a recording replays exactly.

use crate::{
    model::{Sample, Snapshot},
    registry::Registry,
};
use std::sync::Arc;

/// What is remembered between samples.
#[derive(Debug)]
pub struct Monitor {
    registry: &'static Registry,
}

impl Monitor {
    /// A monitor that has seen nothing yet.
    pub fn new(registry: &'static Registry) -> Self {
        Self { registry }
    }

    /// Returns what is known now that `sample` was seen.
    pub fn observe(&mut self, sample: Sample) -> Arc<Snapshot> {
        let _ = self.registry;
        Arc::new(Snapshot {
            source: sample.source,
            host: sample.host,
            taken_at: sample.taken_at,
            elapsed: sample.elapsed,
            euid: sample.euid,
            ephemeral_ports: sample.ephemeral_ports,
            sockets: vec![],
            closed: vec![],
            processes: sample.processes,
            coverage: sample.coverage,
            owners_hidden: 0,
        })
    }
}
