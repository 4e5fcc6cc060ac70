//! Choosing the columns of the table of sockets, and their order.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::{App, Mode};
use crate::{query::Column, tui::layout};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

/// The list while it is open.
#[derive(Debug)]
pub(crate) struct Columns {
    /// Every column, and whether it is shown; those that are stand in their order.
    pub(crate) all: Vec<(Column, bool)>,
    pub(crate) cursor: usize,
}

impl Columns {
    /// The list, with `shown` first.
    pub(super) fn new(shown: &[Column]) -> Self {
        let chosen = shown.iter().map(|column| (*column, true));
        let others = Column::ALL.into_iter();
        let others = others.filter(|column| !shown.contains(column));
        Self {
            all: chosen.chain(others.map(|column| (column, false))).collect(),
            cursor: 0,
        }
    }

    /// The columns that are shown, in their order.
    fn shown(&self) -> Vec<Column> {
        let shown = self.all.iter().filter(|(_, shown)| *shown);
        shown.map(|(column, _)| *column).collect()
    }

    /// Where the list stands on the screen.
    pub(crate) fn place(&self, screen: Rect) -> layout::List {
        layout::list(screen, self.all.len(), 0)
    }

    /// The first column in sight.
    pub(crate) fn first(&self, screen: Rect) -> usize {
        (self.cursor + 1).saturating_sub(self.place(screen).rows)
    }

    /// Selects the column at a place of the screen. Returns whether there is one.
    pub(super) fn point(&mut self, at: Position, screen: Rect) -> bool {
        let row = self.place(screen).row_at(at);
        let found = row.map(|row| self.first(screen) + row);
        let found = found.filter(|place| *place < self.all.len());
        self.cursor = found.unwrap_or(self.cursor);
        found.is_some()
    }

    pub(super) fn step(&mut self, by: isize) {
        let last = self.all.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    fn toggle(&mut self) {
        let last = self.shown().len() == 1;
        if let Some((_, shown)) = self.all.get_mut(self.cursor)
            && !(last && *shown)
        {
            *shown = !*shown;
        }
    }

    fn carry(&mut self, by: isize) {
        let to = self.cursor.saturating_add_signed(by);
        if to < self.all.len() {
            self.all.swap(self.cursor, to);
            self.cursor = to;
        }
    }
}

impl App {
    pub(super) fn choose_columns(&mut self) {
        self.mode = Mode::Columns(Columns::new(&self.columns));
    }

    pub(super) fn columns_key(&mut self, key: KeyEvent) {
        let Mode::Columns(columns) = &mut self.mode else {
            return;
        };
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | 'C') => {
                self.mode = Mode::Browse;
                return;
            }
            KeyCode::Up | KeyCode::Char('k') => columns.step(-1),
            KeyCode::Down | KeyCode::Char('j') => columns.step(1),
            KeyCode::Char(' ') | KeyCode::Enter => columns.toggle(),
            KeyCode::Char('K' | '<') | KeyCode::Left => columns.carry(-1),
            KeyCode::Char('J' | '>') | KeyCode::Right => columns.carry(1),
            KeyCode::Char('r') => *columns = Columns::new(&Column::USUAL),
            _ => {}
        }
        self.columns = columns.shown();
        self.stale = true;
    }
}
