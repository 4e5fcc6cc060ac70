//! The mouse: the wheel scrolls, a click selects or sorts, a double click opens.

use super::{App, Mode};
use crate::tui::{
    action::View,
    effect::Effect,
    layout::{self, Slot, fields},
    message::Pointer,
};
use ratatui::layout::Position;

/// Lines that one notch of the wheel moves.
const NOTCH: isize = 3;

impl App {
    pub(super) fn pointer(&mut self, pointer: Pointer) -> Option<Effect> {
        match &mut self.mode {
            Mode::Browse | Mode::Filter | Mode::Search => {}
            Mode::Help(help) => {
                match pointer {
                    Pointer::WheelUp => help.scroll = help.scroll.saturating_sub(3),
                    Pointer::WheelDown => help.scroll += 3,
                    Pointer::Click(_) | Pointer::DoubleClick(_) => {}
                }
                return None;
            }
            // A click must not decide about a process.
            Mode::Signal(_) | Mode::Choose(_) | Mode::Columns(_) | Mode::Why => return None,
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
        if regions.header.contains(at) {
            let tabs = layout::tabs(regions.header.width);
            if let Some(tab) = tabs.iter().find(|tab| tab.is_at(at.x)) {
                self.show(tab.view);
            }
            return false;
        }
        if regions.titles.contains(at) {
            self.click_title(at.x - regions.titles.x);
            return false;
        }
        if regions.body.contains(at) {
            return self.select_line(usize::from(at.y - regions.body.y));
        }
        regions.page.contains(at) && self.click_page(at)
    }

    fn click_title(&mut self, x: u16) {
        let width = self.regions().titles.width;
        match self.view {
            View::Sockets => {
                if let Some(column) = hit(layout::columns(width, &self.columns), x) {
                    self.table.sort_by(column);
                }
            }
            View::Processes => {
                if let Some(column) = hit(fields::fit(fields::PROCESSES, width), x) {
                    self.processes.order = self.processes.order.toggled(column);
                }
            }
            View::Ports if !self.ports.browsing => {
                if let Some(column) = hit(fields::fit(fields::PORTS, width), x) {
                    self.ports.order = self.ports.order.toggled(column);
                }
            }
            View::Ports | View::Findings | View::Timeline => return,
        }
        self.stale = true;
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

/// The column at a place of the titles.
fn hit<C: Copy>(slots: Vec<Slot<C>>, x: u16) -> Option<C> {
    let mut slots = slots.into_iter();
    slots.find(|slot| slot.is_at(x)).map(|slot| slot.column)
}
