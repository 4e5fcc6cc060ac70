//! One message about one connection, decoded to everything that it tells. Pure.
//!
//! A sample takes a few of these numbers; all of them are only read of the connection that somebody looks at.

use crate::{
    collect::linux::{
        bytes::{chunk, u32_at, u64_at},
        message::attributes,
    },
    model::{
        Connection, Text,
        connection::{Buffers, Numbers, Options, Timer, TimerKind, Waits},
    },
};
use std::time::Duration;

/// Length of `struct inet_diag_msg`; attributes follow.
const FIXED: usize = 72;
const INFO: u16 = 2;
const CONGESTION: u16 = 4;
/// `INET_DIAG_SKMEMINFO`.
const MEMORY: u16 = 7;
/// What the kernel says where the window grows fast without a bound: `TCP_INFINITE_SSTHRESH`.
const NO_THRESHOLD: u32 = 0x7fff_ffff;

/// Returns what `message` tells, which came at `read_at`; `None` when it is cut.
pub(in crate::collect::linux) fn decode(message: &[u8], read_at: Duration) -> Option<Connection> {
    let (head, tail) = message.split_first_chunk::<FIXED>()?;
    let [_, _, timer, tries, ..] = *head;
    let mut connection = Connection {
        read_at,
        timer: self::timer(timer, tries, u32_at(head, 52)?),
        unread: u32_at(head, 56)?,
        unsent: u32_at(head, 60)?,
        buffers: None,
        congestion: None,
        tcp: None,
    };
    for (kind, value) in attributes(tail) {
        match kind {
            INFO => connection.tcp = numbers(value).map(Box::new),
            CONGESTION => {
                let name = value.split(|byte| *byte == 0).next().unwrap_or(value);
                connection.congestion = Some(Text::from_bytes(name));
            }
            MEMORY => connection.buffers = buffers(value),
            _ => {}
        }
    }
    Some(connection)
}

fn timer(kind: u8, tries: u8, left: u32) -> Option<Timer> {
    let kind = match kind {
        0 => return None,
        1 => TimerKind::Retransmit,
        2 => TimerKind::KeepAlive,
        3 => TimerKind::TimeWait,
        4 => TimerKind::Probe,
        _ => TimerKind::Other,
    };
    Some(Timer {
        kind,
        // One that is just going off has a time before now, which wraps around.
        left: Duration::from_millis(if left > i32::MAX.cast_unsigned() {
            0
        } else {
            left.into()
        }),
        tries,
    })
}

fn buffers(value: &[u8]) -> Option<Buffers> {
    let number = |place: usize| u32_at(value, place * 4);
    // rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, backlog, drops
    Some(Buffers {
        received: (number(0)?, number(1)?),
        sent: (number(5).or(number(2))?, number(3)?),
        backlog: number(7),
        drops: number(8),
    })
}

/// The numbers of `struct tcp_info`, by offset: its length differs from kernel to kernel.
fn numbers(info: &[u8]) -> Option<Numbers> {
    let number = |at: usize| u32_at(info, at);
    let micros = |at: usize| u64_at(info, at).map(Duration::from_micros);
    let millis = |at: usize| Some(Duration::from_millis(number(at)?.into()));
    let waits = micros(168)
        .zip(micros(176))
        .zip(micros(184))
        .map(|((busy, receiver), sender)| Waits {
            busy,
            receiver,
            sender,
        });
    Some(Numbers {
        options: options(info)?,
        patience: Duration::from_micros(number(8)?.into()),
        segment: number(16)?,
        received_segment: number(20)?,
        unacked: number(24)?,
        behind_gap: number(28)?,
        lost: number(32)?,
        since_sent: millis(44)?,
        since_received: millis(52)?,
        since_acked: millis(56)?,
        path: number(60)?,
        slow_start: number(76).filter(|segments| *segments < NO_THRESHOLD),
        window: number(80)?,
        advertised_segment: number(84)?,
        overtaken: number(88)?,
        again: number(100)?,
        pacing: u64_at(info, 104).filter(|rate| *rate != u64::MAX),
        never_sent: number(144),
        segments_received: number(152),
        segments_sent: number(156),
        waits,
        reordered: number(220),
        // Linux 5.4 and 6.2 brought these.
        peers_room: number(228),
        own_room: number(232),
    })
}

fn options(info: &[u8]) -> Option<Options> {
    let [bits, scales] = chunk::<2>(info, 5)?;
    let has = |bit: u8| bits & bit != 0;
    let (low, high) = (scales & 0xf, scales >> 4);
    // Bit fields are laid out from the end at which the machine begins.
    let both = if cfg!(target_endian = "big") {
        (high, low)
    } else {
        (low, high)
    };
    Some(Options {
        timestamps: has(1),
        selective: has(2),
        scales: has(4).then_some(both),
        congestion_marks: has(8),
        was_marked: has(16),
        fast_open: has(32),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(info: &[u8]) -> Vec<u8> {
        let mut bytes: Vec<u8> = vec![0; FIXED];
        bytes[2] = 2;
        bytes[3] = 1;
        bytes[52..56].copy_from_slice(&7_000_000_u32.to_ne_bytes());
        bytes[56..60].copy_from_slice(&9_u32.to_ne_bytes());
        bytes[60..64].copy_from_slice(&8_u32.to_ne_bytes());
        for (kind, value) in [
            (INFO, info),
            (CONGESTION, b"cubic\0"),
            (
                MEMORY,
                &[1_u32, 2, 3, 4, 5, 6, 7, 8, 9]
                    .map(u32::to_ne_bytes)
                    .concat(),
            ),
        ] {
            let length = u16::try_from(4 + value.len()).unwrap();
            bytes.extend(length.to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(value);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    }

    /// A `tcp_info` in which every four bytes say where they stand.
    fn numbered(length: u32) -> Vec<u8> {
        (0..length).step_by(4).flat_map(u32::to_ne_bytes).collect()
    }

    fn decoded(info: &[u8]) -> Connection {
        decode(&message(info), Duration::from_secs(3)).unwrap()
    }

    #[test]
    fn each_number_is_read_at_its_own_offset() {
        let found = decoded(&numbered(248));
        let timer = found.timer.unwrap();
        assert_eq!((timer.kind, timer.tries), (TimerKind::KeepAlive, 1));
        assert_eq!(timer.left, Duration::from_secs(7000));
        assert_eq!((found.unread, found.unsent), (9, 8));
        assert_eq!(found.congestion.unwrap(), "cubic");
        let buffers = found.buffers.unwrap();
        assert_eq!((buffers.received, buffers.sent), ((1, 2), (6, 4)));
        assert_eq!((buffers.backlog, buffers.drops), (Some(8), Some(9)));
        let tcp = *found.tcp.unwrap();
        let plain = [
            tcp.segment,
            tcp.received_segment,
            tcp.unacked,
            tcp.behind_gap,
            tcp.lost,
            tcp.path,
            tcp.window,
            tcp.advertised_segment,
            tcp.overtaken,
            tcp.again,
        ];
        assert_eq!(plain, [16, 20, 24, 28, 32, 60, 80, 84, 88, 100]);
        let newer = [
            tcp.slow_start,
            tcp.never_sent,
            tcp.segments_received,
            tcp.segments_sent,
            tcp.reordered,
            tcp.peers_room,
            tcp.own_room,
        ];
        assert_eq!(newer, [76, 144, 152, 156, 220, 228, 232].map(Some));
        assert_eq!(tcp.patience, Duration::from_micros(8));
        assert_eq!(tcp.since_sent, Duration::from_millis(44));
        assert_eq!(tcp.since_received, Duration::from_millis(52));
        assert_eq!(tcp.since_acked, Duration::from_millis(56));
        let waits = tcp.waits.unwrap();
        assert!(waits.busy < waits.receiver && waits.receiver < waits.sender);
        assert_eq!(
            tcp.pacing.unwrap() & 0xff,
            u64::from(104_u8.to_be().to_le())
        );
    }

    #[test]
    fn what_has_no_bound_is_told_so_and_an_older_kernel_tells_less() {
        let tcp = *decoded(&[0xff; 248]).tcp.unwrap();
        assert_eq!((tcp.slow_start, tcp.pacing), (None, None));
        let tcp = *decoded(&numbered(104)).tcp.unwrap();
        assert_eq!((tcp.waits, tcp.peers_room, tcp.pacing), (None, None, None));
        assert_eq!(decoded(&numbered(100)).tcp, None);
    }

    #[test]
    fn options_are_read_bit_by_bit() {
        let mut info = numbered(248);
        (info[5], info[6]) = (0b10_0101, 0xa7);
        let options = decoded(&info).tcp.unwrap().options;
        let scales = if cfg!(target_endian = "big") {
            (10, 7)
        } else {
            (7, 10)
        };
        assert_eq!(
            options,
            Options {
                timestamps: true,
                scales: Some(scales),
                fast_open: true,
                ..Options::default()
            }
        );
    }

    #[test]
    fn no_timer_is_none_and_one_that_goes_off_now_has_no_time_left() {
        let mut bytes = message(&[]);
        bytes[52..56].copy_from_slice(&u32::MAX.to_ne_bytes());
        let found = decode(&bytes, Duration::ZERO).unwrap();
        assert_eq!(found.timer.unwrap().left, Duration::ZERO);
        bytes[2] = 0;
        assert_eq!(decode(&bytes, Duration::ZERO).unwrap().timer, None);
    }

    #[test]
    fn every_truncation_is_read_without_a_panic() {
        let whole = message(&numbered(248));
        for length in 0..whole.len() {
            let found = decode(&whole[..length], Duration::ZERO);
            assert_eq!(found.is_some(), length >= FIXED);
        }
    }
}
