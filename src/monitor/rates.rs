//! What moves through a connection in a second.

use super::recall::Seen;
use crate::model::{Rates, SampledSocket, TcpCounters};
use std::time::Duration;

/// Whether the kernel counts the bytes of this socket.
pub(super) fn are_counted(raw: &SampledSocket) -> bool {
    bytes(raw).is_some()
}

/// When the counters of a socket were known to be what they are; `elapsed` is when its sample was taken.
///
/// A source that hands out the same socket again says that nothing has moved up to then.
pub(super) fn counted_at(seen: Seen<'_>, elapsed: Duration) -> Duration {
    let tcp = seen.raw.tcp().filter(|_| !seen.is_same);
    tcp.and_then(TcpCounters::read_at).unwrap_or(elapsed)
}

/// What moved between two readings that lie so far apart; `None` when a counter is missing or went
/// backwards, or no time has passed.
pub(super) fn between(
    before: &SampledSocket,
    now: &SampledSocket,
    interval: Option<Duration>,
) -> Option<Rates> {
    let interval = counted_for(now).or(interval);
    let seconds = interval.filter(|time| !time.is_zero())?.as_secs_f64();
    let (received_before, sent_before) = bytes(before)?;
    let (received, sent) = bytes(now)?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "2^53 bytes in one interval are out of reach"
    )]
    let per_second = |bytes: u64| bytes as f64 / seconds;
    Some(Rates::new(
        per_second(received.checked_sub(received_before)?),
        per_second(sent.checked_sub(sent_before)?),
    ))
}

/// How long the counters of a socket took to become what they are, where the source says so.
fn counted_for(now: &SampledSocket) -> Option<Duration> {
    let tcp = now.tcp()?;
    tcp.read_at()?.checked_sub(tcp.read_before()?)
}

/// Bytes received and sent.
fn bytes(raw: &SampledSocket) -> Option<(u64, u64)> {
    let tcp = raw.tcp()?;
    Some((tcp.bytes_received()?, tcp.bytes_acked()?))
}
