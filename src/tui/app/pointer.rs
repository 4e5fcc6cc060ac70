//! The mouse: the wheel scrolls, a click selects or sorts, a double click opens.

use super::{App, Mode};
use crate::tui::{effect::Effect, layout, message::Pointer};
use ratatui::layout::Position;

/// Lines that one notch of the wheel moves.
const NOTCH: isize = 3;

impl App {
    pub(super) fn pointer(&mut self, pointer: Pointer) -> Option<Effect> {
        match &mut self.mode {
            Mode::Browse | Mode::Filter => {}
            Mode::Help(help) => {
                match pointer {
                    Pointer::WheelUp => help.scroll = help.scroll.saturating_sub(3),
                    Pointer::WheelDown => help.scroll += 3,
                    Pointer::Click(_) | Pointer::DoubleClick(_) => {}
                }
                return None;
            }
            // A click must not decide about a process.
            Mode::Signal(_) => return None,
        }
        self.settle();
        match pointer {
            Pointer::WheelUp => self.step(-NOTCH),
            Pointer::WheelDown => self.step(NOTCH),
            Pointer::Click(at) => {
                self.click(at);
            }
            Pointer::DoubleClick(at) => {
                if self.click(at) {
                    return self.open();
                }
            }
        }
        None
    }

    /// Returns whether there is something to open at `at`.
    fn click(&mut self, at: Position) -> bool {
        let regions = self.regions();
        if regions.titles.contains(at) {
            self.click_title(at.x - regions.titles.x);
            return false;
        }
        if regions.body.contains(at) {
            let place = self.table.offset + usize::from(at.y - regions.body.y);
            let exists = place < self.table.rows.len();
            if exists {
                self.table.select(place);
            }
            return exists;
        }
        regions.page.contains(at) && self.click_page(at)
    }

    fn click_title(&mut self, x: u16) {
        let slots = layout::columns(self.regions().titles.width);
        let hit = slots
            .iter()
            .find(|slot| (slot.x..=slot.x + slot.width).contains(&x));
        if let Some(slot) = hit {
            self.table.sort_by(slot.column);
            self.stale = true;
        }
    }

    fn click_page(&mut self, at: Position) -> bool {
        let area = self.regions().page;
        let Some(sheet) = self.sheet() else {
            return false;
        };
        let Some(page) = self.pages.last_mut() else {
            return false;
        };
        let row = page.scroll + usize::from(at.y - area.y);
        let link = sheet.link_at(row, at.x - area.x);
        if link.is_some() {
            page.link = link;
        }
        link.is_some()
    }
}
