//! How much of something, in a few columns: SI prefixes, one digit behind the point.

/// Something per second or in all, in at most 7 columns: `48.0 k`, `1.3 M`, `120`.
pub fn amount(number: f64) -> String {
    const UNITS: [&str; 5] = [" k", " M", " G", " T", " P"];
    if number < 999.5 {
        return format!("{number:.0}");
    }
    let mut scaled = number / 1000.0;
    let mut unit = UNITS.iter();
    let mut name = unit.next();
    while scaled >= 999.95 {
        let Some(next) = unit.next() else { break };
        scaled /= 1000.0;
        name = Some(next);
    }
    format!("{scaled:.1}{}", name.unwrap_or(&""))
}

/// So many bytes where there is room for the unit: `4.6 MB`, `0 B`.
pub fn bytes(count: f64) -> String {
    with_unit(count, "B")
}

/// So much of something where there is room for its unit: `48.0 kB`, `12 bit`.
pub fn with_unit(number: f64, symbol: &str) -> String {
    let amount = amount(number);
    let gap = if amount.contains(' ') { "" } else { " " };
    format!("{amount}{gap}{symbol}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_to_seven_columns() {
        for (number, text) in [
            (0.0, "0"),
            (999.4, "999"),
            (999.6, "1.0 k"),
            (48_000.0, "48.0 k"),
            (999_960.0, "1.0 M"),
            (2.5e9, "2.5 G"),
        ] {
            assert_eq!(amount(number), text);
        }
        assert!(amount(f64::MAX / 1e300).len() <= 12);
    }
}
