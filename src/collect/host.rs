//! Facts about the machine whose reading is the same everywhere.

use crate::model::PortRange;

/// Reads `32768\t60999`.
pub(super) fn port_range(text: &str) -> Option<PortRange> {
    let mut numbers = text.split_whitespace().map(str::parse);
    let first = numbers.next()?.ok()?;
    let last = numbers.next()?.ok()?;
    (first <= last).then_some(PortRange { first, last })
}

/// The person behind `sudo`, else the user we are.
pub(super) fn person_behind(euid: u32) -> u32 {
    // Anybody can set the variable; only under root does it say who called `sudo`.
    std::env::var_os("SUDO_UID")
        .filter(|_| euid == 0)
        .and_then(|uid| uid.to_str()?.parse().ok())
        .unwrap_or(euid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_in_order() {
        let range = port_range("32768\t60999\n").unwrap();
        assert_eq!((range.first, range.last), (32768, 60999));
        assert_eq!(port_range("60999 32768"), None);
        assert_eq!(port_range("32768"), None);
        assert_eq!(port_range("1 99999"), None);
    }
}
