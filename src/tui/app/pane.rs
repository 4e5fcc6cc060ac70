//! The pane beside or below the table: how far it is scrolled, and whether the keys are its own.

use super::App;
use crate::{
    model::Snapshot,
    tui::{
        document::{Line, Piece},
        layout::{ROOMY, TALL, WIDE},
        pages::summary,
    },
};
use ratatui::layout::Rect;
use std::{cell::OnceCell, rc::Rc, sync::Arc};

/// The pane.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pane {
    /// Lines above the first one in sight.
    pub(crate) scroll: usize,
    /// The keys that move a selection scroll it.
    pub(crate) focused: bool,
}

/// What the pane says, as lines on the screen.
#[derive(Debug)]
pub(crate) struct Said {
    /// The title of the pane below the table; empty beside it.
    pub(crate) title: Vec<Piece>,
    pub(crate) lines: Vec<Line>,
}

/// What the pane says, and what it was made from: the snapshot, the size.
pub(super) type Kept = OnceCell<((Option<*const Snapshot>, Rect), Option<Rc<Said>>)>;

impl App {
    /// How the screen is divided, and what would show more.
    pub(crate) fn shape_in_words(&self) -> String {
        match (self.area.width, self.area.height) {
            _ if !self.details => "the table alone; the pane is off".to_owned(),
            (WIDE.., _) => "table and details side by side".to_owned(),
            (ROOMY..WIDE, TALL..) => {
                format!("details below the table; {WIDE} columns put them beside it")
            }
            (ROOMY..WIDE, _) => format!("the table alone; {TALL} rows show details below it"),
            _ => format!("the table alone; {ROOMY} columns and {TALL} rows show details"),
        }
    }

    /// What the pane says; made once, however often it is asked for until something happens.
    pub(crate) fn pane_says(&self) -> Option<Rc<Said>> {
        let rests_on = (self.feed.shown.as_ref().map(Arc::as_ptr), self.area);
        let anew = || (rests_on, self.make_pane().map(Rc::new));
        let kept = self.pane_says.get_or_init(anew);
        if kept.0 == rests_on {
            kept.1.clone()
        } else {
            anew().1
        }
    }

    fn make_pane(&self) -> Option<Said> {
        let regions = self.regions();
        if regions.side.is_empty() {
            let width = usize::from(regions.strip.width.saturating_sub(2));
            let (title, document) = summary::strip(self)?;
            let lines = document.lines(width);
            return Some(Said { title, lines });
        }
        let width = usize::from(regions.side.width.saturating_sub(3));
        let lines = summary::side(self)?.lines(width);
        Some(Said {
            title: vec![],
            lines,
        })
    }

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
        let height = if regions.side.is_empty() {
            regions.strip.height.saturating_sub(1)
        } else {
            regions.side.height
        };
        let lines = self.pane_says().map_or(0, |said| said.lines.len());
        let last = lines.saturating_sub(usize::from(height));
        self.pane.scroll = self.pane.scroll.min(last);
    }
}
