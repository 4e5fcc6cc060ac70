//! `struct tcp_info` by offset: its length differs from kernel to kernel.

use crate::{
    collect::linux::bytes::{u32_at, u64_at},
    model::{State, TcpInfo},
};

/// What the kernel says before it has measured a shortest round trip.
const NEVER_MEASURED: u32 = u32::MAX;

/// Returns the numbers of one connection in `state`, of which `queued` bytes are not acknowledged; `None` when `info` is
/// shorter than any kernel's.
///
/// Bytes are those of the programs, each counted once. The kernel counts a SYN and a FIN as a byte each, and what it sent
/// again, or could not get rid of, as sent: all of that is taken off where it can be told. Where this machine itself
/// threw away what it was to send, one byte too many stays at the end that asked for the connection.
pub(super) fn decode(info: &[u8], state: State, queued: u32) -> Option<TcpInfo> {
    let acked = u64_at(info, 120);
    let sent = sent(info, state, queued);
    let acked = match (acked, sent) {
        // What the last message says is told apart by who reads it.
        (Some(acked), Some(sent)) if state != State::Close => Some(acked.min(sent)),
        (acked, _) => acked,
    };
    let has_no_data = u32_at(info, 152) == Some(0);
    let received = u64_at(info, 128).map(|bytes| {
        if has_no_data {
            return 0;
        }
        bytes.saturating_sub(u64::from(state.peer_has_closed()))
    });
    Some(TcpInfo {
        read_at: None,
        read_before: None,
        congestion: None,
        lost: u32_at(info, 32)?,
        rtt_us: u32_at(info, 68)?,
        rtt_var_us: u32_at(info, 72)?,
        cwnd: u32_at(info, 80)?,
        retransmits: u32_at(info, 100)?,
        bytes_acked: acked,
        bytes_received: received,
        min_rtt_us: u32_at(info, 148).filter(|rtt| *rtt != NEVER_MEASURED),
        delivery_rate: u64_at(info, 160),
        bytes_sent: sent,
    })
}

/// How many bytes were sent: the least that it can be, by what was handed to the network and by the sequence.
fn sent(info: &[u8], state: State, queued: u32) -> Option<u64> {
    let handed_over = u64_at(info, 200)?.saturating_sub(u64_at(info, 208).unwrap_or(0));
    let waiting = u32_at(info, 144)?;
    let by_sequence = u64_at(info, 120)? + u64::from(queued.saturating_sub(waiting));
    let ends = u64::from(state.has_closed() && waiting == 0);
    Some(handed_over.min(by_sequence.saturating_sub(ends)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(length: usize) -> Vec<u8> {
        (0..=u8::MAX).cycle().take(length).collect()
    }

    #[test]
    fn each_number_is_read_at_its_own_offset() {
        let info = decode(&numbered(232), State::Established, 0).unwrap();
        assert_eq!(info.lost.to_ne_bytes(), [32, 33, 34, 35]);
        assert_eq!(info.rtt_us.to_ne_bytes(), [68, 69, 70, 71]);
        assert_eq!(info.rtt_var_us.to_ne_bytes(), [72, 73, 74, 75]);
        assert_eq!(info.cwnd.to_ne_bytes(), [80, 81, 82, 83]);
        assert_eq!(info.retransmits.to_ne_bytes(), [100, 101, 102, 103]);
        assert_eq!(info.bytes_received.unwrap().to_ne_bytes()[0], 128);
        assert_eq!(info.min_rtt_us.unwrap().to_ne_bytes()[0], 148);
        assert_eq!(info.delivery_rate.unwrap().to_ne_bytes()[0], 160);
    }

    /// Bytes acknowledged, received, sent and sent again, in so many segments that were received.
    fn counted(bytes: [u64; 4], segments: u32) -> Vec<u8> {
        let mut info = vec![0; 232];
        for (at, bytes) in [120, 128, 200, 208].into_iter().zip(bytes) {
            info[at..at + 8].copy_from_slice(&bytes.to_ne_bytes());
        }
        info[152..156].copy_from_slice(&segments.to_ne_bytes());
        info
    }

    #[test]
    fn only_the_bytes_of_programs_are_counted_and_each_once() {
        let counts = |state, bytes, segments| {
            let info = decode(&counted(bytes, segments), state, 20).unwrap();
            [info.bytes_acked, info.bytes_received, info.bytes_sent].map(Option::unwrap)
        };
        // The SYN was acknowledged as well, 20 bytes are under way, and 30 were sent twice.
        assert_eq!(
            counts(State::Established, [81, 50, 130, 30], 1),
            [81, 50, 100]
        );
        // 500 more were thrown away by this machine, and sent once more.
        assert_eq!(
            counts(State::Established, [80, 50, 630, 30], 1),
            [80, 50, 100]
        );
        // The other end's FIN counts as received.
        assert_eq!(counts(State::CloseWait, [81, 51, 100, 0], 1), [81, 50, 100]);
        // This end's is on its way.
        assert_eq!(counts(State::FinWait1, [80, 0, 200, 0], 0), [80, 0, 99]);
        assert_eq!(counts(State::FinWait2, [1, 1, 0, 0], 0), [0, 0, 0]);
    }

    #[test]
    fn a_shorter_kernel_leaves_out_what_it_does_not_count() {
        let info = decode(&numbered(136), State::Established, 0).unwrap();
        assert!(info.bytes_received.is_some());
        assert_eq!((info.min_rtt_us, info.bytes_sent), (None, None));
        assert_eq!(decode(&numbered(103), State::Established, 0), None);
    }

    #[test]
    fn a_round_trip_never_measured_is_absent() {
        assert_eq!(
            decode(&[0xff; 232], State::Established, 0)
                .unwrap()
                .min_rtt_us,
            None
        );
    }
}
