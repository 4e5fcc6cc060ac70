//! Which moment stands in which column of the timeline's picture, and which event is there.

use super::{App, timeline::Moment};
use jiff::Timestamp;
use std::collections::VecDeque;

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
}

impl Scale {
    /// The scale that shows all `samples` in a picture of so many columns, words included; `None` when there
    /// are no samples, or there is no room.
    pub(crate) fn new(samples: &VecDeque<Moment>, columns: u16) -> Option<Self> {
        let width = usize::from(columns.saturating_sub(LABEL + TAIL));
        let (first, last) = (samples.front()?, samples.back()?);
        let span = (last.at.as_second() - first.at.as_second()).max(SHORTEST);
        (width > 0).then_some(Self {
            begins: last.at.as_second() - span,
            span,
            width,
        })
    }

    /// The column of a moment; the first or the last for one outside.
    pub(crate) fn column(&self, at: Timestamp) -> usize {
        let since = usize::try_from(at.as_second() - self.begins).unwrap_or(0);
        let span = usize::try_from(self.span).unwrap_or(1).max(1);
        (since * self.width / (span + 1)).min(self.width.saturating_sub(1))
    }
}

impl App {
    /// Selects the event nearest to a column of the picture. Returns whether there is one.
    pub(super) fn select_moment(&mut self, x: u16) -> bool {
        let columns = self.regions().graph.width;
        let wanted = usize::from(x.saturating_sub(LABEL));
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
        let scale = Scale::new(&self.timeline.samples, columns);
        let now = self.timeline.selected().zip(scale);
        let Some(now) = now.map(|(event, scale)| scale.column(event.at)) else {
            return;
        };
        let found = self.nearest(columns, |column| {
            let beyond = if later { column > now } else { column < now };
            if beyond {
                column.abs_diff(now)
            } else {
                usize::MAX
            }
        });
        if let Some(found) = found {
            self.pane.scroll = 0;
            self.timeline.list.select(found);
        }
    }

    /// The first row whose column is the nearest; none at a distance of [`usize::MAX`].
    fn nearest(&self, columns: u16, distance: impl Fn(usize) -> usize) -> Option<usize> {
        let scale = Scale::new(&self.timeline.samples, columns)?;
        let rows = self.timeline.list.rows.iter().enumerate();
        let apart = rows.filter_map(|(place, number)| {
            let event = self.timeline.event(*number)?;
            Some((distance(scale.column(event.at)), place))
        });
        let (apart, place) = apart.min()?;
        (apart < usize::MAX).then_some(place)
    }
}
