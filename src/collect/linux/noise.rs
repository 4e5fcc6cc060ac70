//! Bytes that no kernel would send, for tests of what decodes them. The same on every run.

/// A source of noise.
#[derive(Debug)]
pub(super) struct Noise(u64);

impl Noise {
    /// Noise that begins at `seed`, which is not 0.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// Fewer than `most` bytes of anything.
    pub(super) fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most);
        (0..length).map(|_| self.next().to_le_bytes()[3]).collect()
    }

    /// `whole` with some bytes changed, doubled, inserted or taken away, and its end perhaps cut.
    pub(super) fn spoilt(&mut self, whole: &[u8]) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 if !bytes.is_empty() => bytes[at] = 0xff,
                1 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                2 => bytes.truncate(at),
                3 => {
                    let more = self.bytes(9);
                    bytes.splice(at..at, more);
                }
                _ => {
                    let rest = bytes[at..].to_vec();
                    bytes.extend(rest);
                }
            }
        }
        bytes
    }
}
