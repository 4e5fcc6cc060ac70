//! A point in time in little room.

use jiff::Timestamp;

/// A point in time to the nanosecond, in half the room of a [`Timestamp`]: there are as many as sockets.
///
/// What lies outside the years 1678 to 2261, which only a recording can say, becomes the nearest that does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// Nanoseconds since 1970.
    pub fn nanoseconds(self) -> i64 {
        self.0
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        let nanoseconds = at.as_nanosecond();
        let nearest = if nanoseconds < 0 { i64::MIN } else { i64::MAX };
        Self(i64::try_from(nanoseconds).unwrap_or(nearest))
    }
}

impl From<Moment> for Timestamp {
    fn from(at: Moment) -> Self {
        // Every number of 64 bits is within reach.
        Self::from_nanosecond(at.0.into()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_exact_where_it_can_be_and_else_the_nearest() {
        for text in ["2026-11-22T14:03:09.090315623Z", "1969-12-31T23:59:59.9Z"] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(Timestamp::from(Moment::from(at)), at);
        }
        let years = |at| Timestamp::from(Moment::from(at)).to_string();
        assert!(years(Timestamp::MAX).starts_with("2262-"));
        assert!(years(Timestamp::MIN).starts_with("1677-"));
    }
}
