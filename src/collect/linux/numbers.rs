//! Hashing of numbers that the kernel hands out: neighbours lie beside each other.
//!
//! Cookies, inodes and processes are counted up by the kernel. So nobody can choose them to collide, short of making and
//! closing thousands for each; and what is made together is mostly asked for together, from memory that is near.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps whose keys are such numbers.
pub(super) type ByNumber = BuildHasherDefault<NumberHasher>;

/// 2^64 divided by the golden ratio: neighbours come to lie far apart.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The bits of the place in a map.
const PLACE: u64 = u64::MAX >> 7;

/// Keeps a number, and spreads it over the highest bits.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        // A map finds the place by the lowest bits, and tells what lies there apart by the highest seven.
        self.0 & PLACE | self.0.wrapping_mul(SPREAD) & !PLACE
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
        self.0 = self.0.rotate_left(32) ^ number;
    }
}
