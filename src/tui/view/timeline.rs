//! The timeline: a picture of how much happened when, and a table of what.

use super::{bars::blocks_or_blank, grid, nothing::nothing, prompt::prompt, put};
use crate::{
    model::{EventKind, Verdict},
    tui::{
        app::{
            App,
            moment::Asking,
            scale::{LABEL, Scale},
            timeline::{Happened, Moment, Number},
        },
        document::Piece,
        layout::{
            Slot,
            fields::{EVENTS, OfEvent, fit},
        },
        picture::Frame,
        theme::{Role, Theme},
        words::{self, Unit},
    },
};
use jiff::{SignedDuration, Timestamp};
use ratatui::{buffer::Buffer, layout::Rect};
use std::{collections::VecDeque, time::Duration};
use unicode_width::UnicodeWidthStr as _;

/// The titles of the columns.
pub(super) fn titles(buffer: &mut Buffer, area: Rect, theme: Theme) {
    let slots = fit(EVENTS, area.width);
    grid::titles(buffer, area, (EVENTS, &slots, Unit::default()), None, theme);
}

/// The rows in sight, or that nothing has happened.
pub(super) fn body(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let list = &app.timeline.list;
    if list.rows.is_empty() {
        return nothing(buffer, area, app, theme);
    }
    let slots = fit(EVENTS, area.width);
    let cell = |number: &Number, slot: Slot<OfEvent>| {
        let event = app.timeline.event(*number);
        if slot.column == OfEvent::Apart {
            let apart = app.timeline.since_before(*number);
            let apart = apart.filter(|apart| !apart.is_zero());
            let text = apart.map_or(String::new(), |apart| format!("+{}", words::age(apart)));
            return (Piece::new(Role::Dim, text), true);
        }
        let piece = event.map(|event| cell(event, slot, app));
        (piece.unwrap_or_else(|| Piece::new(Role::Dim, "-")), false)
    };
    grid::rows(buffer, area, (list, &slots), cell, theme);
}

fn cell(event: &Happened, slot: Slot<OfEvent>, app: &App) -> Piece {
    let width = usize::from(slot.width);
    let text = |role, text: &str| Piece::new(role, words::fit(text, width));
    let socket = &event.socket;
    let verdict = socket.assessment.verdict;
    match slot.column {
        OfEvent::Time => text(Role::Dim, &words::clock(event.at, &app.setup.zone)),
        OfEvent::Apart => Piece::new(Role::Dim, ""),
        OfEvent::Event => text(role(event.kind), event.kind.name()),
        OfEvent::Verdict if width > 2 => text(Role::Badge(verdict), &words::badge(verdict)),
        OfEvent::Verdict => text(Role::Badge(verdict), words::glyph(verdict)),
        OfEvent::Socket => Piece::new(Role::Text, words::endpoint(socket.raw.local(), width)),
        OfEvent::Program => Piece::new(Role::Text, words::owner(socket, true, width)),
        OfEvent::Detail => text(Role::Dim, &detail(event)),
    }
}

fn role(kind: EventKind) -> Role {
    match kind {
        EventKind::Opened => Role::Received,
        EventKind::Finding => Role::Changed,
        EventKind::Closed => Role::Dim,
        EventKind::Began
        | EventKind::Ended
        | EventKind::State
        | EventKind::Owner
        | EventKind::Cleared
        | EventKind::Action
        | EventKind::Heard => Role::Text,
    }
}

/// What is said of it; else what the socket is. Of one that opened or closed first the other end, since the end is cut
/// off where there is little room.
fn detail(event: &Happened) -> String {
    let raw = &event.socket.raw;
    let words = match &event.detail {
        Some(detail) => detail.to_string(),
        None => format!("{} {}", raw.protocol.name(), raw.state.name()),
    };
    match raw.peer() {
        Some(peer) if matches!(event.kind, EventKind::Opened | EventKind::Closed) => {
            format!("→ {peer}  {words}")
        }
        _ => words,
    }
}

/// The line that a time to go to is typed in.
pub(super) fn asking(frame: &mut Frame<'_>, area: Rect, asking: &Asking, theme: Theme) {
    let (role, help) = if asking.is_wrong {
        (
            Role::Tone(Verdict::Suspicious),
            "✕ no time: 23:14, 23:14:02, 5m ago ",
        )
    } else {
        (Role::Dim, "23:14, 23:14:02, 5m ago ")
    };
    let help = Piece::new(role, help);
    prompt(frame, area, (" go to: ", &asking.input, help), true, theme);
}

/// How much happened when: sockets opened, bytes, the worst that was found, and where the cursor is.
pub(super) fn graph(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let samples = &app.timeline.samples;
    let (Some(scale), Some(last)) = (app.scale(area.width), samples.back()) else {
        return;
    };
    if area.height < 4 {
        return;
    }
    let buckets = buckets(samples, &scale, longest(app.interval));
    let mut lines = area.rows();
    let mut line = |pieces: [Piece; 3]| {
        let Some(mut rest) = lines.next() else { return };
        for piece in &pieces {
            rest = put(buffer, rest, piece, theme);
        }
    };
    line(axis(&scale, app));
    let opened: Vec<_> = buckets.iter().map(|one| one.opened.map(count)).collect();
    let most = buckets.iter().filter_map(|one| one.opened).max();
    let most = most.unwrap_or(0);
    line(graphed(
        "opened",
        Role::Received,
        &opened,
        &format!("  most {most}"),
    ));
    let bytes: Vec<_> = buckets.iter().map(|one| one.rate).collect();
    let now = last.rate.map_or("  -".to_owned(), |rate| {
        format!("  {}", app.writing.unit.rate(rate))
    });
    line(graphed("bytes", Role::Sent, &bytes, &now));
    line(marks(&buckets, &scale, app));
}

/// What the samples of one column come to; `None` where nobody looked, or nobody can tell.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    opened: Option<usize>,
    rate: Option<f64>,
    worst: Option<Verdict>,
}

impl Bucket {
    fn add(&mut self, sample: &Moment) {
        *self.opened.get_or_insert(0) += sample.opened;
        self.rate = [self.rate, sample.rate]
            .into_iter()
            .flatten()
            .reduce(f64::max);
        self.worst = self.worst.max(sample.worst);
    }
}

/// How far apart two samples may be for what is between them to be known, where one is taken this often. A machine that
/// slept, or a dashboard that was stopped, takes longer: then nobody looked.
fn longest(interval: Duration) -> SignedDuration {
    const USUAL: Duration = Duration::from_secs(90);
    let longest = interval.saturating_mul(3).max(USUAL);
    SignedDuration::try_from(longest).unwrap_or(SignedDuration::MAX)
}

/// Sums the samples up by column. Between two samples that are at most `longest` apart nothing is known to have opened,
/// and the rate is that of the one before, which may stand before the picture.
fn buckets(samples: &VecDeque<Moment>, scale: &Scale, longest: SignedDuration) -> Vec<Bucket> {
    let mut buckets = vec![Bucket::default(); scale.width];
    let column = |place: i64| usize::try_from(place.max(0)).unwrap_or(0).min(scale.width);
    let mut before: Option<(Timestamp, i64, Option<f64>)> = None;
    for sample in samples {
        let place = scale.place(sample.at);
        if let Some((at, then, rate)) = before
            && sample.at.duration_since(at) <= longest
        {
            let between = buckets.get_mut(column(then + 1)..column(place).max(column(then + 1)));
            for bucket in between.into_iter().flatten() {
                *bucket = Bucket {
                    opened: Some(0),
                    rate,
                    worst: None,
                };
            }
        }
        let bucket = scale.column(sample.at).and_then(|at| buckets.get_mut(at));
        let rate = bucket.map_or(sample.rate, |bucket| {
            bucket.add(sample);
            bucket.rate
        });
        before = Some((sample.at, place, rate));
    }
    buckets
}

#[expect(clippy::cast_precision_loss, reason = "events of one second are few")]
fn count(number: usize) -> f64 {
    number as f64
}

fn label(text: &str) -> Piece {
    let width = usize::from(LABEL);
    Piece::new(Role::Dim, format!(" {text:<rest$}", rest = width - 1))
}

fn graphed(name: &str, role: Role, numbers: &[Option<f64>], tail: &str) -> [Piece; 3] {
    [
        label(name),
        Piece::new(role, blocks_or_blank(numbers)),
        Piece::new(Role::Dim, tail),
    ]
}

/// Columns between two times of the axis.
const TICK: usize = 16;

/// When each part of the graphs was, and how much of all they show.
fn axis(scale: &Scale, app: &App) -> [Piece; 3] {
    let zone = &app.setup.zone;
    let clock = |second: i64| {
        let moment = Timestamp::from_second(second).unwrap_or_default();
        words::clock(moment, zone)
    };
    let parts = (scale.width / TICK).max(1);
    let mut axis = String::new();
    for part in 0..parts {
        let column = scale.width * part / parts;
        let share = i64::try_from(column).unwrap_or(0) * scale.span;
        let second = share / i64::try_from(scale.width).unwrap_or(1).max(1);
        axis.push_str(&" ".repeat(column.saturating_sub(axis.width())));
        axis.push_str(&clock(scale.begins + second));
    }
    let ends = clock(scale.begins + scale.span);
    let gap = scale.width.saturating_sub(axis.width() + ends.len());
    if gap > 0 {
        axis = format!("{axis}{}{ends}", " ".repeat(gap));
    }
    let span = app
        .timeline
        .zoom
        .map_or(String::new(), |_| format!("  {}", scale.span_in_words()));
    [
        label("time"),
        Piece::new(Role::Dim, format!("{axis:<width$}", width = scale.width)),
        Piece::new(Role::Accent, span),
    ]
}

/// The worst that was found in each column, and the selected event.
fn marks(buckets: &[Bucket], scale: &Scale, app: &App) -> [Piece; 3] {
    let selected = app.timeline.selected();
    let cursor = selected.and_then(|event| scale.column(event.at));
    let mark = |(at, bucket): (usize, &Bucket)| match bucket.worst {
        Some(verdict) if verdict >= Verdict::Notable => words::glyph(verdict),
        _ if cursor == Some(at) => "└",
        _ => " ",
    };
    let row: String = buckets.iter().enumerate().map(mark).collect();
    let at = selected.map(|event| words::clock(event.at, &app.setup.zone));
    [
        label("found"),
        Piece::new(Role::Changed, row),
        Piece::new(
            Role::Dim,
            at.map(|at| format!("  {at}")).unwrap_or_default(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    /// Rates, each with its second; `None` where nobody can tell.
    fn samples(all: &[(i64, Option<f64>)]) -> VecDeque<Moment> {
        let moment = |(second, rate): &(i64, Option<f64>)| Moment {
            at: fixture::NOW + SignedDuration::from_secs(*second),
            opened: 1,
            closed: 0,
            rate: *rate,
            worst: None,
        };
        all.iter().map(moment).collect()
    }

    /// A picture of ten columns of a second each, from this second on.
    fn of_ten(begins: i64) -> Scale {
        Scale {
            begins: fixture::NOW.as_second() + begins,
            span: 9,
            width: 10,
            is_moved: true,
        }
    }

    #[test]
    fn where_nobody_looked_is_not_drawn_as_nothing() {
        let samples = samples(&[(3, Some(8.0)), (5, Some(4.0)), (7, None)]);
        let buckets = buckets(&samples, &of_ten(0), longest(Duration::from_secs(1)));
        let rates: Vec<_> = buckets.iter().map(|one| one.rate).collect();
        let (none, some) = (None, Some(8.0));
        assert_eq!(
            rates,
            [
                none,
                none,
                none,
                some,
                some,
                Some(4.0),
                Some(4.0),
                none,
                none,
                none
            ]
        );
        assert_eq!(blocks_or_blank(&rates), "   ██▄▄   ");
        let opened: Vec<_> = buckets.iter().map(|one| one.opened).collect();
        assert_eq!(opened[..3], [None; 3]);
        assert_eq!(opened[3..8], [1, 0, 1, 0, 1].map(Some));
        assert_eq!(opened[8..], [None; 2]);
    }

    #[test]
    fn what_is_known_from_before_the_picture_goes_on_in_it() {
        let samples = samples(&[(0, Some(8.0)), (20, Some(4.0)), (90, Some(2.0))]);
        let longest = longest(Duration::from_secs(1));
        let rates: Vec<_> = buckets(&samples, &of_ten(15), longest)
            .iter()
            .map(|one| one.rate)
            .collect();
        assert_eq!(rates[..5], [Some(8.0); 5]);
        assert_eq!(rates[5..], [Some(4.0); 5]);
    }

    #[test]
    fn where_nobody_looked_for_long_nothing_is_drawn() {
        let samples = samples(&[(2, Some(8.0)), (93, Some(4.0))]);
        let told = |seconds| {
            let longest = longest(Duration::from_secs(seconds));
            let buckets = buckets(&samples, &of_ten(0), longest);
            let told = buckets.iter().map(|one| (one.rate, one.opened));
            told.collect::<Vec<_>>()
        };
        // The machine slept.
        let slept = told(1);
        assert_eq!(slept[2], (Some(8.0), Some(1)));
        assert_eq!(slept[3..], [(None, None); 7]);
        // That often it is read.
        assert_eq!(told(31)[3..], [(Some(8.0), Some(0)); 7]);
    }
}
