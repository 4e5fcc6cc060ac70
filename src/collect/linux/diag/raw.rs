//! A message about one socket, as it came. Pure.

use crate::{
    collect::linux::{
        bytes::{chunk, u16_at, u64_at},
        message::attributes,
    },
    model::Protocol,
};
use std::time::Duration;

/// Length of `struct inet_diag_msg`; attributes follow.
const FIXED: usize = 72;
/// `INET_DIAG_INFO`.
const INFO: u16 = 2;
/// `INET_DIAG_CONG`.
const CONGESTION: u16 = 4;
/// `INET_DIAG_PROTOCOL`.
const PROTOCOL: u16 = 10;
/// Where in `struct tcp_info` the numbers stand that the model has, in words of eight bytes: losses; round-trip times;
/// the window; retransmissions; bytes acknowledged and received; the shortest round trip; the delivery rate; bytes
/// sent, and sent again. The rest are times since something happened, which differ at every look.
const COUNTED: [usize; 10] = [32, 68, 80, 100, 120, 128, 148, 160, 200, 208];
/// Odd, so that multiplying by it can be undone.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A message about one socket, not yet taken apart.
#[derive(Debug, Clone, Copy)]
pub(in crate::collect::linux) struct Raw<'a> {
    pub(super) payload: &'a [u8],
    pub(super) protocol: Protocol,
    pub(in crate::collect::linux) read_at: Duration,
}

impl<'a> Raw<'a> {
    pub(in crate::collect::linux) fn new(
        payload: &'a [u8],
        protocol: Protocol,
        read_at: Duration,
    ) -> Self {
        Self {
            payload,
            protocol,
            read_at,
        }
    }

    /// The message with which the kernel tells of a closing, where the protocol stands in an attribute.
    pub(in crate::collect::linux) fn of_closing(
        payload: &'a [u8],
        read_at: Duration,
    ) -> Option<Self> {
        let (_, tail) = payload.split_at_checked(FIXED)?;
        let (_, number) = attributes(tail).find(|(kind, _)| *kind == PROTOCOL)?;
        let protocol = match number.first()? {
            6 => Protocol::Tcp,
            17 => Protocol::Udp,
            _ => return None,
        };
        Some(Self::new(payload, protocol, read_at))
    }

    /// The kernel's number of the socket.
    pub(in crate::collect::linux) fn cookie(&self) -> Option<u64> {
        u64_at(self.payload, 44)
    }

    /// A number that is the same as long as nothing changes that the model has.
    ///
    /// Timers and times since an event are left out; two different messages give the same number by chance only. So is
    /// the algorithm, which not every answer names: that is returned beside the number.
    pub(in crate::collect::linux) fn fingerprint(&self) -> (u64, Option<&'a [u8]>) {
        let mut algorithm = None;
        let (head, tail) = self.payload.split_at(FIXED.min(self.payload.len()));
        // Family and state, ends and cookie, queues, user and inode: without the timer, its retries and its end.
        let mut mixed = mix(head.len() as u64, u64::from(u16_at(head, 0).unwrap_or(0)));
        for at in [4, 12, 20, 28, 36, 44, 56, 64] {
            mixed = mix(mixed, word(head, at));
        }
        for (kind, value) in attributes(tail) {
            if kind == CONGESTION {
                algorithm = value.split(|byte| *byte == 0).next();
                continue;
            }
            mixed = mix(mixed, u64::from(kind) | (value.len() as u64) << u16::BITS);
            if kind == INFO && self.protocol == Protocol::Tcp {
                for at in COUNTED {
                    mixed = mix(mixed, word(value, at));
                }
            } else {
                for at in (0..value.len()).step_by(8) {
                    mixed = mix(mixed, word(value, at));
                }
            }
        }
        (mixed, algorithm)
    }
}

/// The eight bytes at `at`, or as many as there are.
fn word(bytes: &[u8], at: usize) -> u64 {
    if let Some(whole) = chunk::<8>(bytes, at) {
        return u64::from_ne_bytes(whole);
    }
    let rest = bytes.get(at..).unwrap_or(&[]).iter();
    rest.fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Folds a word into a hash. Both steps can be undone, so messages that differ in one word never give the same.
fn mix(mixed: u64, word: u64) -> u64 {
    (mixed.rotate_left(26) ^ word).wrapping_mul(SPREAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of a TCP socket with a whole `tcp_info`.
    fn message() -> Vec<u8> {
        let mut bytes = vec![0; FIXED];
        bytes.extend(252_u16.to_ne_bytes());
        bytes.extend(INFO.to_ne_bytes());
        bytes.extend([0; 248]);
        bytes
    }

    fn fingerprint(change: impl Fn(&mut Vec<u8>)) -> u64 {
        let mut bytes = message();
        change(&mut bytes);
        let raw = Raw::new(&bytes, Protocol::Tcp, Duration::ZERO);
        raw.fingerprint().0
    }

    #[test]
    fn an_algorithm_is_told_beside_it() {
        let plain = message();
        let mut named = plain.clone();
        named.extend(10_u16.to_ne_bytes());
        named.extend(CONGESTION.to_ne_bytes());
        named.extend(b"cubic\0\0\0");
        let of = |bytes| Raw::new(bytes, Protocol::Tcp, Duration::ZERO).fingerprint();
        let ((of_plain, none), (of_named, name)) = (of(&plain), of(&named));
        assert_eq!(of_plain, of_named);
        assert_eq!((none, name), (None, Some(b"cubic".as_slice())));
    }

    #[test]
    fn every_number_that_the_model_has_shows() {
        let same = fingerprint(|_| {});
        let info = FIXED + 4;
        let shown = [0, 1, 4, 6, 8, 40, 44, 56, 60, 64, 68].into_iter();
        let counted = [32, 68, 72, 80, 100, 120, 128, 148, 160, 200, 208].map(|at| info + at);
        for at in shown.chain(counted) {
            assert_ne!(fingerprint(|bytes| bytes[at] = 1), same, "{at}");
        }
    }

    #[test]
    fn timers_and_times_since_an_event_do_not() {
        let same = fingerprint(|_| {});
        let info = FIXED + 4;
        // The timer, its retries and its end; the last data sent, acknowledged, received; time being busy.
        for at in [2, 3, 52, info + 44, info + 52, info + 56, info + 168] {
            assert_eq!(fingerprint(|bytes| bytes[at] = 1), same, "{at}");
        }
    }

    #[test]
    fn every_truncation_has_a_fingerprint() {
        let whole = message();
        for length in 0..whole.len() {
            let raw = Raw::new(&whole[..length], Protocol::Tcp, Duration::ZERO);
            assert_eq!(raw.fingerprint(), raw.fingerprint());
        }
    }
}
