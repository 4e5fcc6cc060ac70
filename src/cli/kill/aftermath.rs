//! What became of the ports of what was ended: free, or taken again.

#![expect(clippy::disallowed_methods, reason = "how soon a port was taken again")]

use super::whom::Whom;
use crate::{
    cli::context::Context,
    collect,
    model::{Acted, HeldPort, ProcessKey, Snapshot},
};
use std::time::Instant;

/// Looks at the ports of what has ended, and writes down for each target what it saw.
pub(super) fn look(context: &Context, before: &Snapshot, targets: &[Whom], done: &mut [Acted]) {
    let ended = Instant::now();
    let gone: Vec<ProcessKey> = targets.iter().map(|one| one.target.key).collect();
    let mut whose = vec![];
    let mut ports = vec![];
    for (at, (one, acted)) in targets.iter().zip(done.iter()).enumerate() {
        if acted.has_ended() {
            for port in HeldPort::of(before, one.target.key, &gone, one.may_return) {
                whose.push(at);
                ports.push(port);
            }
        }
    }
    let now = collect::aftermath(&context.source, &ports, &gone, ended);
    for ((at, port), now) in whose.into_iter().zip(&ports).zip(now) {
        if let (Some(acted), Some(now)) = (done.get_mut(at), now) {
            acted.aftermath.push(port.words(&now));
        }
    }
}
