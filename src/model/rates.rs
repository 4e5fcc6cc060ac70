//! What moves through a socket in a second.

use std::{fmt, num::NonZero};

/// What moved between two samples. An `Option` of it takes no more room: there are as many as sockets.
#[derive(Clone, Copy, PartialEq)]
pub struct Rates {
    rx: Rate,
    tx: Rate,
}

/// The bits of a number, each turned round, of which none is all ones.
#[derive(Clone, Copy, PartialEq)]
struct Rate(NonZero<u64>);

impl Rates {
    /// So many bytes were received and sent in a second; not a number counts as none.
    pub fn new(rx_bytes_per_second: f64, tx_bytes_per_second: f64) -> Self {
        Self {
            rx: Rate::of(rx_bytes_per_second),
            tx: Rate::of(tx_bytes_per_second),
        }
    }

    /// Bytes received per second.
    pub fn rx_bytes_per_second(&self) -> f64 {
        self.rx.number()
    }

    /// Bytes sent per second.
    pub fn tx_bytes_per_second(&self) -> f64 {
        self.tx.number()
    }

    /// Whether nothing moved.
    pub fn is_nothing(&self) -> bool {
        self.rx_bytes_per_second() <= 0.0 && self.tx_bytes_per_second() <= 0.0
    }
}

impl Rate {
    fn of(number: f64) -> Self {
        // All ones are not a number.
        let number = if number.is_nan() { 0.0 } else { number };
        Self(NonZero::new(!number.to_bits()).unwrap_or(NonZero::<u64>::MAX))
    }

    fn number(self) -> f64 {
        f64::from_bits(!self.0.get())
    }
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rates")
            .field("rx_bytes_per_second", &self.rx_bytes_per_second())
            .field("tx_bytes_per_second", &self.tx_bytes_per_second())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_back_what_it_was_made_of() {
        for (rx, tx) in [(0.0, 1.0 / 3.0), (f64::MAX, f64::MIN_POSITIVE)] {
            let rates = Rates::new(rx, tx);
            assert_eq!(rates.rx_bytes_per_second().to_bits(), rx.to_bits());
            assert_eq!(rates.tx_bytes_per_second().to_bits(), tx.to_bits());
        }
        assert!(Rates::new(f64::NAN, 0.0).is_nothing());
        assert!(!Rates::new(0.0, 0.5).is_nothing());
        assert_eq!(size_of::<Option<Rates>>(), 16);
    }
}
