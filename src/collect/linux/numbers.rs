//! Hashing of numbers that the kernel hands out: one multiplication.
//!
//! Cookies and inodes are counted up by the kernel, so nobody can choose them to collide.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps whose keys are such numbers.
pub(super) type ByNumber = BuildHasherDefault<NumberHasher>;

/// 2^64 divided by the golden ratio: neighbours come to lie far apart.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Spreads a number over all bits.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number.cast_unsigned() as u64);
    }

    fn write_u64(&mut self, number: u64) {
        // The map looks at the highest bits and at the lowest ones: both must depend on all.
        let spread = (self.0 ^ number).wrapping_mul(SPREAD);
        self.0 = spread ^ (spread >> 32);
    }
}
