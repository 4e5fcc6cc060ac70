//! Rows of which one is selected, and stays so while rows come, go and move.

use super::still::{Still, furthest_ghost};
use crate::{
    query::Query,
    tui::words::{CLOSED, HELD},
};
use hashbrown::HashMap;
use std::{hash::Hash, time::Duration};

/// A row that can be told from every other.
pub(crate) trait Row {
    /// What tells it.
    type Key: Clone + Eq + Hash + std::fmt::Debug;
    /// Its key.
    fn key(&self) -> Self::Key;

    /// Whether it is but a further line of the row above, which is selected in its place.
    fn goes_on(&self) -> bool {
        false
    }
}

/// Rows, the selected one, and how far they are scrolled.
#[derive(Debug)]
pub(crate) struct Listing<R: Row> {
    pub(crate) rows: Vec<R>,
    /// First row in sight.
    pub(crate) offset: usize,
    /// The row of the selection, and where it goes when its own row is gone.
    cursor: usize,
    selected: Option<R::Key>,
    still: Still,
    /// The places of rows that have left and stay while somebody reads, ascending.
    left: Vec<usize>,
    /// The filter that the rows are the answer to; `None` where no filter asks.
    asked: Option<Query>,
    /// The selected row stays on its line of the screen, even if there are rows for lines that are empty then.
    pinned: bool,
}

impl<R: Row> Default for Listing<R> {
    fn default() -> Self {
        Self {
            rows: vec![],
            offset: 0,
            cursor: 0,
            selected: None,
            still: Still::default(),
            left: vec![],
            asked: None,
            pinned: false,
        }
    }
}

impl<R: Row> Listing<R> {
    /// Takes these rows in place of the ones before. The selected one stays selected, and on its line of
    /// the screen where there are rows enough.
    pub(super) fn replace(&mut self, rows: Vec<R>) {
        self.left.clear();
        self.take(rows, false);
    }

    /// Takes the rows that `query` finds at this moment on the clock of the snapshots. While somebody reads, those
    /// that were there keep their places, and what is new follows; what has left stays as it was.
    pub(super) fn renew(&mut self, rows: Vec<R>, moment: Duration, query: &Query) {
        let is_alike = self.ask(query);
        if self.still.holds_at(moment) {
            let rows = self.in_place(rows, is_alike);
            self.take(rows, is_alike);
        } else {
            self.replace(rows);
        }
    }

    /// Takes note of the filter that the next rows are the answer to. Returns whether it is that of these.
    pub(super) fn ask(&mut self, query: &Query) -> bool {
        let is_alike = self.asked.as_ref() == Some(query);
        if !is_alike {
            self.asked = Some(query.clone());
        }
        is_alike
    }

    /// The new rows at the places of the old ones. What is not among them stays where `keep_left` says so.
    fn in_place(&mut self, rows: Vec<R>, keep_left: bool) -> Vec<R> {
        let places: HashMap<R::Key, usize> =
            (0..).zip(&rows).map(|(at, row)| (row.key(), at)).collect();
        let mut new: Vec<Option<R>> = rows.into_iter().map(Some).collect();
        let old = std::mem::take(&mut self.rows).into_iter();
        let found = |row: R| {
            let place = places.get(&row.key()).and_then(|at| new.get_mut(*at));
            match place.and_then(Option::take) {
                Some(new) => (new, false),
                None => (row, true),
            }
        };
        let mut rows: Vec<(R, bool)> = old.map(found).collect();
        if !keep_left {
            rows.retain(|(_, has_left)| !has_left);
        }
        rows.extend(new.into_iter().flatten().map(|row| (row, false)));
        self.keep_near(rows)
    }

    /// Rows, each with whether it has left; of those that have, only the nearest to the selection stay.
    fn keep_near(&mut self, rows: Vec<(R, bool)>) -> Vec<R> {
        let places = rows.iter().enumerate().filter(|(_, row)| row.1);
        let furthest = furthest_ghost(places.map(|(place, _)| place), self.cursor);
        let is_near =
            |place: usize| furthest.is_none_or(|most| place.abs_diff(self.cursor) <= most);
        let mut near = vec![];
        self.left.clear();
        for (place, (row, has_left)) in rows.into_iter().enumerate() {
            if has_left && !is_near(place) {
                continue;
            }
            if has_left {
                self.left.push(near.len());
            }
            near.push(row);
        }
        near
    }

    /// Takes these rows; the selected one is on its line of the screen for sure where that is `pinned`.
    pub(super) fn take(&mut self, rows: Vec<R>, pinned: bool) {
        let line = self.cursor.saturating_sub(self.offset);
        self.rows = rows;
        let found = self
            .selected
            .as_ref()
            .and_then(|key| self.rows.iter().position(|row| row.key() == *key));
        self.select(found.unwrap_or(self.cursor));
        if found.is_some() {
            self.offset = settled(self.offset, self.cursor, line, pinned);
        }
        self.pinned = pinned && found.is_some();
    }

    /// Takes rows, each with whether it has left and stays while somebody reads.
    pub(super) fn take_still(&mut self, rows: Vec<(R, bool)>) {
        let rows = self.keep_near(rows);
        self.take(rows, true);
    }

    /// Whether somebody reads at this moment on the clock of the snapshots.
    pub(super) fn is_held(&self, moment: Duration) -> bool {
        self.still.holds_at(moment)
    }

    /// Somebody reads at this moment on the clock of the snapshots.
    pub(super) fn hold_from(&mut self, moment: Duration) {
        self.still.hold_from(moment);
    }

    /// Rows may be sorted again at once.
    pub(super) fn release(&mut self) {
        self.still.release();
    }

    /// How many rows stand for something that is there.
    pub(crate) fn count(&self) -> usize {
        self.rows.len() - self.left.len()
    }

    /// The rows of what is there.
    pub(crate) fn there(&self) -> impl Iterator<Item = &R> {
        let rows = self.rows.iter().enumerate();
        rows.filter(|(at, _)| !self.has_left(*at))
            .map(|(_, row)| row)
    }

    /// Whether what the row at this place stands for is not there any more.
    pub(crate) fn has_left(&self, place: usize) -> bool {
        self.left.binary_search(&place).is_ok()
    }

    /// The mark of a row that has left, another one where that may be a filter's doing.
    pub(crate) fn mark_of_left(&self, place: usize) -> Option<&'static str> {
        let is_all = self.asked.as_ref().is_none_or(Query::is_empty);
        self.has_left(place)
            .then_some(if is_all { CLOSED } else { HELD })
    }

    /// The row that is selected.
    pub(crate) fn selected(&self) -> Option<&R> {
        self.rows.get(self.cursor)
    }

    /// Its place among the rows.
    pub(crate) fn cursor(&self) -> usize {
        self.cursor
    }

    /// The last line of the row that is selected.
    pub(crate) fn last_line(&self) -> usize {
        self.cursor + self.further_lines(self.cursor)
    }

    /// How many further lines the row at this place has.
    pub(crate) fn further_lines(&self, place: usize) -> usize {
        let below = self.rows.iter().skip(place + 1);
        below.take_while(|row| row.goes_on()).count()
    }

    /// Selects a row; the last one when there are not so many.
    pub(super) fn select(&mut self, place: usize) {
        let place = place.min(self.rows.len().saturating_sub(1));
        let up_to = self.rows.get(..=place).unwrap_or_default();
        let begins = up_to.iter().rposition(|row| !row.goes_on());
        self.cursor = begins.unwrap_or(place);
        self.selected = self.selected().map(Row::key);
    }

    /// Moves the selection by so many rows.
    pub(super) fn step(&mut self, by: isize) {
        let before = self.cursor;
        self.select(before.saturating_add_signed(by));
        // It went no further than to another line of the same row.
        if by > 0 && self.cursor == before {
            self.select(self.last_line() + 1);
        }
    }

    /// Scrolls as little as shows the selection in `height` rows.
    pub(super) fn keep_in_sight(&mut self, height: usize) {
        // What lies below the end is empty, for as long as that keeps the selected row on its line.
        let below = if self.pinned { self.offset + height } else { 0 };
        let count = self.rows.len().max(below);
        let offset = scrolled(self.offset, self.last_line(), count, height);
        self.offset = offset.min(self.cursor);
    }
}

/// The first row in sight after rows have moved, so that the selected one stays on its `line` of the
/// screen. Whoever looks at the top goes on doing so, unless the line is `pinned`.
pub(super) fn settled(offset: usize, cursor: usize, line: usize, pinned: bool) -> usize {
    if offset == 0 && !pinned {
        0
    } else {
        cursor.saturating_sub(line)
    }
}

/// The first row in sight, moved as little as shows row `cursor` of `count` in `height` rows.
pub(super) fn scrolled(offset: usize, cursor: usize, count: usize, height: usize) -> usize {
    let height = height.max(1);
    let lowest = cursor.saturating_sub(height - 1);
    let last = count.saturating_sub(height);
    offset.clamp(lowest, cursor).min(last.max(lowest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_stays_on_its_row_and_its_line() {
        let mut listing = Listing::default();
        listing.replace((0..50_u16).collect());
        listing.select(30);
        listing.keep_in_sight(10);
        let line = listing.cursor() - listing.offset;
        listing.replace((0..50).rev().collect());
        listing.keep_in_sight(10);
        assert_eq!(listing.selected(), Some(&30));
        assert_eq!(listing.cursor() - listing.offset, line);
    }

    /// A row by its number; with a second number it is a further line of that.
    impl Row for (u16, u16) {
        type Key = Self;
        fn key(&self) -> Self {
            *self
        }
        fn goes_on(&self) -> bool {
            self.1 > 0
        }
    }

    #[test]
    fn a_row_of_several_lines_is_selected_and_scrolled_as_one() {
        let mut listing = Listing::default();
        listing.replace(vec![(1_u16, 0_u16), (1, 1), (1, 2), (2, 0), (3, 0), (3, 1)]);
        let mut seen = vec![];
        for by in [1, 1, 1, -1, -1, -1] {
            listing.step(by);
            listing.keep_in_sight(3);
            seen.push((listing.cursor(), listing.last_line(), listing.offset));
        }
        let down = [(3, 3, 1), (4, 5, 3), (4, 5, 3)];
        let up = [(3, 3, 3), (0, 2, 0), (0, 2, 0)];
        assert_eq!(seen, [down, up].concat());
        listing.select(2);
        assert_eq!(
            listing.selected(),
            Some(&(1, 0)),
            "a click on a further line"
        );
        listing.keep_in_sight(2);
        assert_eq!(
            listing.offset, 0,
            "where it begins is what is kept in sight"
        );
    }

    #[test]
    fn the_neighbour_of_a_row_that_is_gone_is_selected() {
        let mut listing = Listing::default();
        listing.replace(vec![1_u16, 2, 3]);
        listing.select(2);
        listing.replace(vec![1, 2]);
        assert_eq!(listing.selected(), Some(&2));
        listing.replace(vec![]);
        assert_eq!(listing.selected(), None);
    }
}
