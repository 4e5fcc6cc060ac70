//! Numbers with units: durations and sizes.

use std::time::Duration;

/// The units of durations.
const UNITS: &str = "us, ms, s, m, h, d";

/// Reads a duration with its unit: `500ms`, `1.5s`, `2m`, `1h`, `7d`.
///
/// # Errors
///
/// A fragment that quotes `text` and says what was expected.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let seconds = parse_seconds(text)?;
    Duration::try_from_secs_f64(seconds).map_err(|_too_big| too_big(text))
}

/// Reads a duration as seconds.
pub(super) fn parse_seconds(text: &str) -> Result<f64, String> {
    let (number, unit) = split_unit(text);
    let quoted = super::error::shown(text);
    let number = decimal(number).ok_or_else(|| format!("{quoted} is not a duration"))?;
    let factor = match unit {
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "" => return Err(format!("{quoted} has no unit ({UNITS})")),
        _ => return Err(format!("{quoted} has an unknown unit (there are {UNITS})")),
    };
    finite(number * factor, text)
}

/// Reads a number of bytes: `1500`, `1.5M`, `64Ki`; `B` and `/s` behind it change nothing.
pub(super) fn parse_size(text: &str) -> Result<f64, String> {
    let bare = text.strip_suffix("/s").unwrap_or(text);
    let bare = bare.strip_suffix(['B', 'b']).unwrap_or(bare);
    let (number, unit) = split_unit(bare);
    let quoted = super::error::shown(text);
    let number = decimal(number).ok_or_else(|| format!("{quoted} is not a size"))?;
    let factor = match unit {
        "" => 1.0,
        "k" | "K" => 1e3,
        "M" | "m" => 1e6,
        "G" | "g" => 1e9,
        "T" | "t" => 1e12,
        "Ki" | "ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        _ => return Err(format!("{quoted} has an unknown unit")),
    };
    finite(number * factor, text)
}

fn split_unit(text: &str) -> (&str, &str) {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    (digits, text.strip_prefix(digits).unwrap_or_default())
}

/// A plain decimal number: neither a sign nor an exponent, which `f64` would take.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|_| plain)
}

fn finite(number: f64, text: &str) -> Result<f64, String> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(too_big(text))
    }
}

fn too_big(text: &str) -> String {
    format!("{} is too large", super::error::shown(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(parse_duration("250us"), Ok(Duration::from_micros(250)));
    }

    #[test]
    fn a_duration_without_a_unit_is_refused() {
        assert_eq!(
            parse_duration("10").unwrap_err(),
            "\"10\" has no unit (us, ms, s, m, h, d)"
        );
        assert_eq!(
            parse_duration("ten").unwrap_err(),
            "\"ten\" is not a duration"
        );
        assert!(parse_duration("-1s").is_err());
        assert!(parse_duration("1e3s").is_err());
        assert!(parse_duration(&format!("{}d", "9".repeat(300))).is_err());
    }

    #[test]
    fn sizes_are_decimal_unless_they_say_otherwise() {
        assert_eq!(parse_size("1.5M"), Ok(1_500_000.0));
        assert_eq!(parse_size("64Ki"), Ok(65_536.0));
        assert_eq!(parse_size("2kB/s"), Ok(2_000.0));
        assert_eq!(parse_size("x").unwrap_err(), "\"x\" is not a size");
    }
}
