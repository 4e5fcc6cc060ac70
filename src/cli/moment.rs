//! Reads a time that was typed: a date, a time of day, or how long ago.

use super::error::Failure;
use crate::{model::Text, query::value::parse_duration};
use jiff::{
    Timestamp, Zoned,
    civil::{Date, DateTime, Time},
};

/// Reads the time that was typed for `option`, by the clock and in the zone of `now`.
///
/// # Errors
///
/// Repeats what was typed and says what can be.
pub(super) fn read(option: &str, text: &str, now: &Zoned) -> Result<Timestamp, Failure> {
    parse(text, now).ok_or_else(|| {
        let text = Text::from(text);
        let carets = "^".repeat(unicode_width::UnicodeWidthStr::width(text.as_str()).max(1));
        Failure::Usage(format!(
            "{option} is not a time\n{text}\n{carets}\nhint: write 2026-11-22T03:12:00Z, 2026-11-22, \
             \"2026-11-22 03:12\", 03:12, or how long ago: 2h"
        ))
    })
}

fn parse(text: &str, now: &Zoned) -> Option<Timestamp> {
    let text = text.trim();
    let local = |at: DateTime| Some(at.to_zoned(now.time_zone().clone()).ok()?.timestamp());
    if text == "now" {
        return Some(now.timestamp());
    }
    if let Some(ago) = text.strip_suffix("ago").or(Some(text))
        && let Ok(ago) = parse_duration(ago.trim_end())
    {
        return now.timestamp().checked_sub(ago).ok();
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Some(time) = time_of_day(text) {
        let today = now.date().to_datetime(time);
        let at = local(today)?;
        return if at > now.timestamp() {
            local(now.date().yesterday().ok()?.to_datetime(time))
        } else {
            Some(at)
        };
    }
    // A date alone is its first moment. A zone that nobody asked for is no part of these.
    if let Ok(date) = text.parse::<Date>()
        && text.len() == "2026-11-22".len()
    {
        return local(date.to_datetime(Time::midnight()));
    }
    text.parse::<DateTime>().ok().and_then(local)
}

/// Reads `03:12` or `03:12:30`.
fn time_of_day(text: &str) -> Option<Time> {
    let is_one = text.contains(':')
        && text.len() <= "03:12:30".len()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b':');
    let padded = if text.find(':') == Some(1) {
        format!("0{text}")
    } else {
        text.to_owned()
    };
    padded.parse().ok().filter(|_| is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        let berlin = jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let now: Timestamp = "2026-11-22T01:32:00Z".parse().unwrap();
        now.to_zoned(berlin)
    }

    #[test]
    fn times_are_read_in_the_local_zone() {
        for (text, expected) in [
            ("2026-11-20T03:12:00Z", "2026-11-20T03:12:00Z"),
            ("2026-11-20T03:12:00+01:00", "2026-11-20T02:12:00Z"),
            ("2026-11-20", "2026-11-19T23:00:00Z"),
            ("2026-07-01", "2026-06-30T22:00:00Z"),
            ("2026-11-20 03:12", "2026-11-20T02:12:00Z"),
            ("2026-11-20T03:12", "2026-11-20T02:12:00Z"),
            ("02:12", "2026-11-22T01:12:00Z"),
            ("2:12", "2026-11-22T01:12:00Z"),
            ("03:12", "2026-11-21T02:12:00Z"),
            ("23:59:30", "2026-11-21T22:59:30Z"),
            ("2h", "2026-11-21T23:32:00Z"),
            ("90s ago", "2026-11-22T01:30:30Z"),
            ("1d", "2026-11-21T01:32:00Z"),
            ("now", "2026-11-22T01:32:00Z"),
        ] {
            let read = parse(text, &now()).map(|at| at.to_string());
            assert_eq!(read.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "soon",
            "25:00",
            "03:60",
            "2026-13-01",
            "2026-11-31",
            "12",
            "-2h",
            "2",
            "ago",
            "3:1",
            "99999999d",
        ] {
            assert_eq!(parse(text, &now()), None, "{text}");
        }
    }
}
