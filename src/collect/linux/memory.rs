//! The memory of a socket, as `SK_MEMINFO` tells it.

use super::bytes::u32_at;

/// What of it we use; `None` where this kernel is too old to tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// Bytes that all its queues take.
    pub(super) used: Option<u32>,
    /// Of these, what was received and not yet read.
    pub(super) received: Option<u32>,
    /// Of these, what is being sent.
    pub(super) sent: Option<u32>,
    /// Packets thrown away for want of room, since it was made.
    pub(super) drops: Option<u32>,
}

/// Decodes the attribute: nine numbers, fewer from an older kernel.
pub(super) fn decode(value: &[u8]) -> Memory {
    let number = |place: usize| u32_at(value, place * 4);
    // rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, backlog, drops
    let parts = [
        number(0),
        number(2).max(number(5)),
        number(4),
        number(6),
        number(7),
    ];
    let used = parts.into_iter().flatten().reduce(u32::saturating_add);
    Memory {
        used,
        received: number(0),
        sent: number(2),
        drops: number(8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(numbers: &[u32]) -> Memory {
        let bytes: Vec<u8> = numbers.iter().flat_map(|one| one.to_ne_bytes()).collect();
        decode(&bytes)
    }

    #[test]
    fn queues_are_summed_and_limits_are_not() {
        let memory = told(&[1, 1000, 20, 1000, 300, 50, 4000, 50_000, 7]);
        assert_eq!(memory.used, Some(1 + 50 + 300 + 4000 + 50_000));
        assert_eq!((memory.received, memory.sent), (Some(1), Some(20)));
        assert_eq!(memory.drops, Some(7));
    }

    #[test]
    fn an_older_kernel_tells_less() {
        assert_eq!(told(&[5, 9, 5]).drops, None);
        assert_eq!(told(&[]), Memory::default());
        assert_eq!(told(&[u32::MAX, 0, 1]).used, Some(u32::MAX));
    }
}
