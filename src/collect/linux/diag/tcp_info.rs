//! `struct tcp_info` by offset: its length differs from kernel to kernel.

use crate::{
    collect::linux::bytes::{u32_at, u64_at},
    model::TcpInfo,
};

/// What the kernel says before it has measured a shortest round trip.
const NEVER_MEASURED: u32 = u32::MAX;

/// Returns the numbers of one connection; `None` when `info` is shorter than any kernel's.
pub(super) fn decode(info: &[u8]) -> Option<TcpInfo> {
    Some(TcpInfo {
        read_at: None,
        read_before: None,
        congestion: None,
        lost: u32_at(info, 32)?,
        rtt_us: u32_at(info, 68)?,
        rtt_var_us: u32_at(info, 72)?,
        cwnd: u32_at(info, 80)?,
        retransmits: u32_at(info, 100)?,
        bytes_acked: u64_at(info, 120),
        bytes_received: u64_at(info, 128),
        min_rtt_us: u32_at(info, 148).filter(|rtt| *rtt != NEVER_MEASURED),
        delivery_rate: u64_at(info, 160),
        bytes_sent: u64_at(info, 200),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(length: usize) -> Vec<u8> {
        (0..=u8::MAX).cycle().take(length).collect()
    }

    #[test]
    fn each_number_is_read_at_its_own_offset() {
        let info = decode(&numbered(232)).unwrap();
        assert_eq!(info.lost.to_ne_bytes(), [32, 33, 34, 35]);
        assert_eq!(info.rtt_us.to_ne_bytes(), [68, 69, 70, 71]);
        assert_eq!(info.rtt_var_us.to_ne_bytes(), [72, 73, 74, 75]);
        assert_eq!(info.cwnd.to_ne_bytes(), [80, 81, 82, 83]);
        assert_eq!(info.retransmits.to_ne_bytes(), [100, 101, 102, 103]);
        assert_eq!(info.bytes_acked.unwrap().to_ne_bytes()[0], 120);
        assert_eq!(info.bytes_received.unwrap().to_ne_bytes()[0], 128);
        assert_eq!(info.min_rtt_us.unwrap().to_ne_bytes()[0], 148);
        assert_eq!(info.delivery_rate.unwrap().to_ne_bytes()[0], 160);
        assert_eq!(info.bytes_sent.unwrap().to_ne_bytes()[0], 200);
    }

    #[test]
    fn a_shorter_kernel_leaves_out_what_it_does_not_count() {
        let info = decode(&numbered(136)).unwrap();
        assert!(info.bytes_received.is_some());
        assert_eq!((info.min_rtt_us, info.bytes_sent), (None, None));
        assert_eq!(decode(&numbered(103)), None);
    }

    #[test]
    fn a_round_trip_never_measured_is_absent() {
        assert_eq!(decode(&[0xff; 232]).unwrap().min_rtt_us, None);
    }
}
