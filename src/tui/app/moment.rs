//! Going to a time in the timeline: what is typed, and which moment it means.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::{App, Mode, line};
use crate::query::value::parse_duration;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use tui_input::Input;

/// The line while it is open.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    pub(crate) input: Input,
    /// What was typed is no time.
    pub(crate) is_wrong: bool,
}

impl App {
    pub(super) fn moment_key(&mut self, key: KeyEvent) {
        let Mode::Moment(asking) = &mut self.mode else {
            return;
        };
        match key.code {
            KeyCode::Esc => self.mode = Mode::Browse,
            KeyCode::Enter => self.go_to_typed(),
            _ => {
                if line::edit(&mut asking.input, key) {
                    asking.is_wrong = false;
                }
            }
        }
    }

    fn go_to_typed(&mut self) {
        let Mode::Moment(asking) = &mut self.mode else {
            return;
        };
        let Some(now) = self.feed.shown.as_ref().map(|shown| shown.taken_at) else {
            self.mode = Mode::Browse;
            return;
        };
        let Some(moment) = read(asking.input.value(), now, &self.setup.zone) else {
            asking.is_wrong = true;
            return;
        };
        self.mode = Mode::Browse;
        self.settle();
        if !self.go_to_moment(moment) {
            self.said = Some(self.nowhere_to_go().to_owned());
        } else if self.selected_is_after(moment) {
            self.said = Some("the oldest that is kept".to_owned());
        }
    }

    fn selected_is_after(&self, moment: Timestamp) -> bool {
        let selected = self.timeline.selected();
        selected.is_some_and(|event| event.at > moment)
    }
}

/// The moment that `text` means: a time of the last 24 hours (`23:14`, `23:14:02`), or a span before `now`
/// (`5m`, `90s ago`); `None` when it is neither.
fn read(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let span = text.strip_suffix("ago").unwrap_or(text).trim_end();
    if let Ok(span) = parse_duration(span) {
        return now.checked_sub(span).ok();
    }
    let exact = Time::strptime("%H:%M:%S", text);
    let (time, rest) = match exact {
        Ok(time) => (time, SignedDuration::from_millis(999)),
        // All of a minute is meant.
        Err(_) => (
            Time::strptime("%H:%M", text).ok()?,
            SignedDuration::from_millis(59_999),
        ),
    };
    let today = now.to_zoned(zone.clone()).date();
    let on = |date: jiff::civil::Date| {
        let zoned = date.to_datetime(time).to_zoned(zone.clone());
        zoned.ok().map(|zoned| zoned.timestamp())
    };
    let moment = on(today).filter(|moment| *moment <= now);
    let moment = moment.or_else(|| on(today.yesterday().ok()?))?;
    moment.checked_add(rest).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> Option<String> {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let moment = read(text, now, &TimeZone::UTC)?;
        Some(moment.strftime("%d %H:%M:%S").to_string())
    }

    #[test]
    fn a_time_is_the_last_one_that_was() {
        for (typed, moment) in [
            ("09:14", Some("22 09:14:59")),
            ("9:14:02", Some("22 09:14:02")),
            (" 10:00 ", Some("22 10:00:59")),
            ("10:01", Some("21 10:01:59")),
            ("23:14:02", Some("21 23:14:02")),
            ("5m", Some("22 09:55:00")),
            ("90s ago", Some("22 09:58:30")),
            ("", None),
            ("25:00", None),
            ("yesterday", None),
        ] {
            assert_eq!(meant(typed).as_deref(), moment, "{typed}");
        }
    }
}
