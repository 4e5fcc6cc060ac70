//! The kernel's numbers of one TCP connection: 72 bytes.

use crate::model::TcpInfo;
use std::{num::NonZero, time::Duration};

/// The kernel's numbers of one TCP connection, as [`TcpInfo`] has them but for the name of the algorithm, which is
/// the socket's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TcpCounters {
    /// In nanoseconds, and one more. Of this number and of those below the highest stands for none.
    read_at: NonZero<u64>,
    read_before: u64,
    bytes_sent: u64,
    bytes_acked: u64,
    bytes_received: u64,
    delivery_rate: u64,
    min_rtt_us: u32,
    /// Smoothed round-trip time in microseconds.
    pub rtt_us: u32,
    /// Its mean deviation in microseconds.
    pub rtt_var_us: u32,
    /// Congestion window in segments.
    pub cwnd: u32,
    /// Segments sent again since the connection began.
    pub retransmits: u32,
    /// Segments now thought lost.
    pub lost: u32,
}

impl TcpCounters {
    pub(super) fn new(told: &TcpInfo) -> Self {
        let read_at = told.read_at.map_or(u64::MAX, |at| nanoseconds(at) + 1);
        Self {
            read_at: NonZero::new(read_at).unwrap_or(NonZero::<u64>::MAX),
            read_before: told.read_before.map_or(u64::MAX, nanoseconds),
            bytes_sent: told.bytes_sent.unwrap_or(u64::MAX),
            bytes_acked: told.bytes_acked.unwrap_or(u64::MAX),
            bytes_received: told.bytes_received.unwrap_or(u64::MAX),
            delivery_rate: told.delivery_rate.unwrap_or(u64::MAX),
            min_rtt_us: told.min_rtt_us.unwrap_or(u32::MAX),
            rtt_us: told.rtt_us,
            rtt_var_us: told.rtt_var_us,
            cwnd: told.cwnd,
            retransmits: told.retransmits,
            lost: told.lost,
        }
    }

    /// The same without the name of the algorithm.
    pub(super) fn told(&self) -> TcpInfo {
        TcpInfo {
            read_at: self.read_at(),
            read_before: self.read_before(),
            congestion: None,
            rtt_us: self.rtt_us,
            rtt_var_us: self.rtt_var_us,
            min_rtt_us: self.min_rtt_us(),
            cwnd: self.cwnd,
            retransmits: self.retransmits,
            lost: self.lost,
            bytes_sent: self.bytes_sent(),
            bytes_acked: self.bytes_acked(),
            bytes_received: self.bytes_received(),
            delivery_rate: self.delivery_rate(),
        }
    }

    /// When they were read.
    pub fn read_at(&self) -> Option<Duration> {
        known(self.read_at.get()).map(|number| Duration::from_nanos(number - 1))
    }

    /// When the numbers that these differ from were last read.
    pub fn read_before(&self) -> Option<Duration> {
        known(self.read_before).map(Duration::from_nanos)
    }

    /// The shortest round-trip time seen, in microseconds.
    pub fn min_rtt_us(&self) -> Option<u32> {
        super::known(self.min_rtt_us)
    }

    /// Bytes sent, each counted once.
    pub fn bytes_sent(&self) -> Option<u64> {
        known(self.bytes_sent)
    }

    /// Bytes the peer has acknowledged.
    pub fn bytes_acked(&self) -> Option<u64> {
        known(self.bytes_acked)
    }

    /// Bytes received.
    pub fn bytes_received(&self) -> Option<u64> {
        known(self.bytes_received)
    }

    /// The kernel's newest estimate, in bytes per second.
    pub fn delivery_rate(&self) -> Option<u64> {
        known(self.delivery_rate)
    }

    /// Bytes sent, as far as the kernel counts them.
    pub fn sent(&self) -> Option<u64> {
        self.bytes_sent().or_else(|| self.bytes_acked())
    }
}

fn known(number: u64) -> Option<u64> {
    Some(number).filter(|number| *number != u64::MAX)
}

/// As many as there are; five hundred years are as long as it gets.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).map_or(u64::MAX - 2, |number| number.min(u64::MAX - 2))
}
