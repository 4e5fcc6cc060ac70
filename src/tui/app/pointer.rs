//! The mouse: the wheel scrolls, a click selects or sorts, a double click opens.

use super::{App, Mode, Pane};
use crate::tui::{
    action::View,
    effect::Effect,
    layout::{self, Slot, fields},
    message::Pointer,
};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Position;

/// Lines that one notch of the wheel moves.
const NOTCH: isize = 3;

impl App {
    pub(super) fn pointer(&mut self, pointer: Pointer) -> Option<Effect> {
        self.settle();
        match pointer {
            Pointer::WheelUp(at) => self.wheel(at, -NOTCH),
            Pointer::WheelDown(at) => self.wheel(at, NOTCH),
            Pointer::Click(at) => return self.click(at),
            Pointer::DoubleClick(at) => return self.double_click(at),
        }
        None
    }

    fn wheel(&mut self, at: Position, by: isize) {
        let regions = self.regions();
        match &mut self.mode {
            Mode::Choose(chooser) => {
                chooser.step(by);
                self.keep_choice_in_sight();
            }
            Mode::Columns(columns) => columns.step(by),
            Mode::Help(_) | Mode::Log(_) | Mode::Signal(_) => self.scroll_by(by),
            Mode::Browse | Mode::Filter | Mode::Search | Mode::Moment(_) => {
                if regions.side.contains(at) || regions.strip.contains(at) {
                    self.pane.scroll = self.pane.scroll.saturating_add_signed(by);
                } else {
                    self.step_rows(by);
                }
            }
        }
    }

    fn click(&mut self, at: Position) -> Option<Effect> {
        let regions = self.regions();
        // A click must not decide about a process.
        if matches!(self.mode, Mode::Signal(_)) {
            return None;
        }
        if regions.footer.contains(at) {
            return self.click_hint(at);
        }
        let log_place = self.log_place();
        match &mut self.mode {
            Mode::Help(_) if layout::help(self.area).contains(at) => {}
            Mode::Log(_) if log_place.contains(at) => {}
            Mode::Choose(chooser) if chooser.place(self.area).area.contains(at) => {
                chooser.point(at, self.area);
            }
            Mode::Columns(columns) if columns.place(self.area).area.contains(at) => {
                columns.point(at, self.area);
            }
            // Beside what lies over everything else: that is done with.
            Mode::Help(_) | Mode::Choose(_) | Mode::Columns(_) | Mode::Log(_) => {
                self.mode = Mode::Browse;
            }
            Mode::Browse | Mode::Filter | Mode::Search | Mode::Moment(_) => {
                self.select_at(at);
            }
            Mode::Signal(_) => {}
        }
        None
    }

    fn double_click(&mut self, at: Position) -> Option<Effect> {
        let area = self.area;
        if self.regions().footer.contains(at) {
            return self.click(at);
        }
        let code = match &mut self.mode {
            Mode::Choose(chooser) => chooser.point(at, area).then_some(KeyCode::Enter),
            Mode::Columns(columns) => columns.point(at, area).then_some(KeyCode::Char(' ')),
            Mode::Browse | Mode::Filter | Mode::Search | Mode::Moment(_) => {
                return if self.select_at(at) {
                    self.open()
                } else {
                    None
                };
            }
            Mode::Help(_) | Mode::Log(_) | Mode::Signal(_) => None,
        };
        match code {
            Some(code) => self.key(KeyEvent::from(code)),
            None => self.click(at),
        }
    }

    /// Does what a click at `at` is for. Returns whether there is something to open.
    fn select_at(&mut self, at: Position) -> bool {
        let regions = self.regions();
        if regions.header.contains(at) {
            let tabs = layout::tabs(regions.header.width);
            if let Some(tab) = tabs.iter().find(|tab| tab.is_at(at.x)) {
                self.show(tab.view);
            }
            return false;
        }
        if regions.crumbs.contains(at) {
            self.click_crumb(at.x - regions.crumbs.x);
            return false;
        }
        if regions.titles.contains(at) {
            self.click_title(at.x - regions.titles.x);
            return false;
        }
        if regions.filter.contains(at) {
            if matches!(self.mode, Mode::Moment(_)) {
                return false;
            }
            self.mode = if self.searching() {
                Mode::Search
            } else {
                Mode::Filter
            };
            return false;
        }
        if regions.graph.contains(at) {
            return self.select_moment(at.x);
        }
        if regions.body.contains(at) {
            self.pane = Pane::default();
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
        self.release();
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
            page.select(link, &sheet);
        }
        link.is_some()
    }
}

/// The column at a place of the titles.
fn hit<C: Copy>(slots: Vec<Slot<C>>, x: u16) -> Option<C> {
    let mut slots = slots.into_iter();
    slots.find(|slot| slot.is_at(x)).map(|slot| slot.column)
}
