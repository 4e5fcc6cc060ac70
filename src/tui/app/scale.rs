//! Which moment stands in which column of the timeline's picture, and which event is there.

use super::{
    App,
    timeline::{Moment, Timeline},
};
use crate::tui::words;
use jiff::Timestamp;
use std::{collections::VecDeque, time::Duration};

/// Columns of the words before a graph, and behind it.
pub(crate) const LABEL: u16 = 11;
pub(crate) const TAIL: u16 = 12;

/// The time that the graphs show at least, in seconds.
const SHORTEST: i64 = 60;

/// The moments of the picture's columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Seconds since 1970.
    pub(crate) begins: i64,
    /// Seconds.
    pub(crate) span: i64,
    /// Columns.
    pub(crate) width: usize,
    /// The newest is not in the picture.
    pub(crate) is_moved: bool,
}

/// The times that the picture can show, in seconds; beyond the last, everything.
const SPANS: [i64; 5] = [60, 300, 900, 3600, 14_400];

impl Scale {
    /// The scale of a picture of so many columns, words included: the last `zoom` seconds, moved back as far
    /// as shows `cursor`, or all `samples`; `None` when there are no samples, or there is no room.
    fn new(
        samples: &VecDeque<Moment>,
        columns: u16,
        zoom: Option<i64>,
        cursor: Option<Timestamp>,
    ) -> Option<Self> {
        let width = usize::from(columns.saturating_sub(LABEL + TAIL));
        let (first, last) = (
            samples.front()?.at.as_second(),
            samples.back()?.at.as_second(),
        );
        let span = zoom.unwrap_or(last - first).max(SHORTEST);
        let mut ends = last;
        if let Some(cursor) = cursor.map(Timestamp::as_second)
            && cursor < last - span
        {
            ends = (cursor + span / 2).clamp((first + span).min(last), last);
        }
        (width > 0).then_some(Self {
            begins: ends - span,
            span,
            width,
            is_moved: ends < last,
        })
    }

    /// How much time the picture shows, in words.
    pub(crate) fn span_in_words(&self) -> String {
        let span = words::age(Duration::from_secs(self.span.unsigned_abs()));
        if self.is_moved {
            // When that was stands at its ends.
            span
        } else {
            format!("last {span}")
        }
    }

    /// The column of a moment, beyond the edges for one that is not in the picture.
    pub(crate) fn place(&self, at: Timestamp) -> i64 {
        let width = i64::try_from(self.width).unwrap_or(i64::MAX);
        ((at.as_second() - self.begins) * width).div_euclid(self.span + 1)
    }

    /// The column of a moment; `None` for one that is not in the picture.
    pub(crate) fn column(&self, at: Timestamp) -> Option<usize> {
        let column = usize::try_from(self.place(at)).ok()?;
        (column < self.width).then_some(column)
    }
}

impl Timeline {
    /// How many seconds the picture would show next.
    fn zoomed(&self, closer: bool) -> Option<i64> {
        let (first, last) = self.samples.front().zip(self.samples.back())?;
        let all = last.at.as_second() - first.at.as_second();
        let now = self.zoom.unwrap_or(all);
        let mut spans = SPANS.into_iter().filter(|span| *span < all);
        if closer {
            spans.rfind(|span| *span < now).or(self.zoom)
        } else {
            spans.find(|span| *span > now)
        }
    }
}

impl App {
    /// The scale of the timeline's picture on so many columns.
    pub(crate) fn scale(&self, columns: u16) -> Option<Scale> {
        let timeline = &self.timeline;
        let cursor = timeline.selected().map(|event| event.at);
        Scale::new(&timeline.samples, columns, timeline.zoom, cursor)
    }

    /// Whether the picture can show a shorter time, or a longer one.
    pub(super) fn can_zoom(&self, closer: bool) -> bool {
        self.timeline.zoomed(closer) != self.timeline.zoom
    }

    /// Shows a shorter time in the picture, or a longer one.
    pub(super) fn zoom(&mut self, closer: bool) {
        self.timeline.zoom = self.timeline.zoomed(closer);
        let words = self.timeline.zoom.and_then(|_| {
            let scale = self.scale(self.regions().graph.width)?;
            Some(scale.span_in_words())
        });
        self.said = Some(words.unwrap_or_else(|| "all of it".to_owned()));
    }

    /// Selects the newest event at or before a moment, else the oldest of all. Returns whether there is one.
    pub(super) fn go_to_moment(&mut self, moment: Timestamp) -> bool {
        let timeline = &mut self.timeline;
        let rows = timeline.list.rows.iter();
        let found = rows.enumerate().find(|(_, number)| {
            let event = timeline.event(**number);
            event.is_some_and(|event| event.at <= moment)
        });
        let last = timeline.list.rows.len().checked_sub(1);
        let Some(place) = found.map(|(place, _)| place).or(last) else {
            return false;
        };
        self.pane.scroll = 0;
        timeline.list.select(place);
        true
    }

    /// Selects the event nearest to a column of the picture. Returns whether there is one.
    pub(super) fn select_moment(&mut self, x: u16) -> bool {
        let columns = self.regions().graph.width;
        let wanted = usize::from(x.saturating_sub(LABEL));
        let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
        let Some(found) = self.nearest(columns, |column| column.abs_diff(wanted)) else {
            return false;
        };
        self.pane.scroll = 0;
        self.timeline.list.select(found);
        true
    }

    /// Selects the newest event of the next column that has one, `later` or earlier than the selected.
    pub(super) fn step_moment(&mut self, later: bool) {
        let columns = self.regions().graph.width.max(LABEL + TAIL + 60);
        let now = self.timeline.selected().zip(self.scale(columns));
        let Some(now) = now.map(|(event, scale)| scale.place(event.at)) else {
            return;
        };
        let found = self.nearest(columns, |column| {
            let beyond = if later { column > now } else { column < now };
            if beyond {
                column.abs_diff(now)
            } else {
                u64::MAX
            }
        });
        if let Some(found) = found {
            self.pane.scroll = 0;
            self.timeline.list.select(found);
        }
    }

    /// The first row whose column is the nearest; none at a distance of [`u64::MAX`].
    fn nearest(&self, columns: u16, distance: impl Fn(i64) -> u64) -> Option<usize> {
        let scale = self.scale(columns)?;
        let rows = self.timeline.list.rows.iter().enumerate();
        let apart = rows.filter_map(|(place, number)| {
            let event = self.timeline.event(*number)?;
            Some((distance(scale.place(event.at)), place))
        });
        let (apart, place) = apart.min()?;
        (apart < u64::MAX).then_some(place)
    }
}
