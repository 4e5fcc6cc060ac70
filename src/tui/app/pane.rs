//! The pane beside or below the table: how far it is scrolled, and whether the keys are its own.

use super::App;
use crate::tui::pages::summary;

/// The pane.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pane {
    /// Lines above the first one in sight.
    pub(crate) scroll: usize,
    /// The keys that move a selection scroll it.
    pub(crate) focused: bool,
}

impl App {
    /// Whether the pane is on screen.
    pub(crate) fn has_pane(&self) -> bool {
        let regions = self.regions();
        !(regions.side.is_empty() && regions.strip.is_empty())
    }

    /// Whether the keys scroll the pane.
    pub(crate) fn pane_has_keys(&self) -> bool {
        self.pane.focused && self.has_pane()
    }

    /// Gives the keys to the pane, or back to the table.
    pub(super) fn change_pane(&mut self) {
        self.pane.focused = !self.pane.focused;
        let words = if self.pane.focused {
            "the keys scroll the pane"
        } else {
            "the keys move in the table"
        };
        self.said = Some(words.to_owned());
    }

    /// Scrolls no further than there is something to see.
    pub(super) fn keep_pane_in_sight(&mut self) {
        if self.pane.scroll == 0 {
            return;
        }
        let regions = self.regions();
        let (lines, height) = if regions.side.is_empty() {
            let width = usize::from(regions.strip.width.saturating_sub(2));
            let lines = summary::strip(self).map(|(_, document)| document.lines(width).len());
            (lines, regions.strip.height.saturating_sub(1))
        } else {
            let width = usize::from(regions.side.width.saturating_sub(3));
            let lines = summary::side(self).map(|document| document.lines(width).len());
            (lines, regions.side.height)
        };
        let last = lines.unwrap_or(0).saturating_sub(usize::from(height));
        self.pane.scroll = self.pane.scroll.min(last);
    }
}
