//! Rows of which one is selected, and stays so while rows come, go and move.

/// A row that can be told from every other.
pub(crate) trait Row {
    /// What tells it.
    type Key: Clone + PartialEq + std::fmt::Debug;
    /// Its key.
    fn key(&self) -> Self::Key;
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
}

impl<R: Row> Default for Listing<R> {
    fn default() -> Self {
        Self {
            rows: vec![],
            offset: 0,
            cursor: 0,
            selected: None,
        }
    }
}

impl<R: Row> Listing<R> {
    /// Takes these rows in place of the ones before. The selected one stays selected, and on its line of
    /// the screen where there are rows enough.
    pub(super) fn replace(&mut self, rows: Vec<R>) {
        let line = self.cursor.saturating_sub(self.offset);
        self.rows = rows;
        let found = self
            .selected
            .as_ref()
            .and_then(|key| self.rows.iter().position(|row| row.key() == *key));
        self.select(found.unwrap_or(self.cursor));
        if found.is_some() {
            self.offset = settled(self.offset, self.cursor, line, false);
        }
    }

    /// The row that is selected.
    pub(crate) fn selected(&self) -> Option<&R> {
        self.rows.get(self.cursor)
    }

    /// Its place among the rows.
    pub(crate) fn cursor(&self) -> usize {
        self.cursor
    }

    /// Selects a row; the last one when there are not so many.
    pub(super) fn select(&mut self, place: usize) {
        self.cursor = place.min(self.rows.len().saturating_sub(1));
        self.selected = self.selected().map(Row::key);
    }

    /// Moves the selection by so many rows.
    pub(super) fn step(&mut self, by: isize) {
        self.select(self.cursor.saturating_add_signed(by));
    }

    /// Scrolls as little as shows the selection in `height` rows.
    pub(super) fn keep_in_sight(&mut self, height: usize) {
        self.offset = scrolled(self.offset, self.cursor, self.rows.len(), height);
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
