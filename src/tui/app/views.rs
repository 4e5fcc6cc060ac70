//! Which view is shown, and what of it is selected.

use super::{
    App, Mode, Pane,
    listing::scrolled,
    ports::port_of,
    stories::{self, Telling},
};
use crate::{
    model::{Process, Snapshot, Socket},
    tui::{action::View, layout::fields::Sentence},
};
use std::sync::Arc;

impl App {
    /// Makes the rows of the view on screen anew. The others are made when they are looked at.
    pub(super) fn rebuild(&mut self, snapshot: &Arc<Snapshot>) {
        let query = &self.filter.query;
        match self.view {
            View::Sockets => {
                let ghosts = self.setup.highlight * 3 / 5;
                let gone = self.timeline.closed();
                self.table.rebuild(snapshot, query, ghosts, gone);
            }
            View::Processes => self.processes.rebuild(snapshot, query),
            View::Ports => self.ports.rebuild(snapshot, query),
            View::Findings => {
                let rows = query.select(snapshot);
                let open = rows.iter().filter_map(|row| snapshot.sockets.get(*row));
                let chosen: Vec<_> = open.chain(query.lately(snapshot)).collect();
                let telling = Telling {
                    snapshot,
                    query,
                    with_accepted: self.with_accepted,
                };
                self.accepted_stories = stories::rebuild(&mut self.stories, &chosen, telling);
            }
            View::Timeline => self.timeline.rebuild(snapshot, query),
        }
    }

    /// Shows another view; pages over the one before are closed.
    pub(crate) fn show(&mut self, view: View) {
        self.pages.clear();
        self.pane = Pane::default();
        self.view = view;
        self.stories.look_away();
        self.mode = Mode::Browse;
        self.stale = true;
    }

    /// How many rows the view has, and how many there could be.
    pub(crate) fn count(&self) -> (usize, usize) {
        let sockets = self.feed.totals.sockets;
        match self.view {
            View::Sockets => (self.table.found(), sockets),
            View::Processes => (self.processes.list.count(), sockets),
            View::Ports => (self.ports.list.count(), sockets),
            View::Findings => (self.stories.count(), sockets),
            View::Timeline => (self.timeline.list.rows.len(), self.timeline.count()),
        }
    }

    /// Moves the selection of the view.
    pub(super) fn step_row(&mut self, by: isize) {
        match self.view {
            View::Sockets => self.table.step(by),
            View::Processes => self.processes.list.step(by),
            View::Ports if self.ports.browsing => self.ports.every.step(by),
            View::Ports => self.ports.list.step(by),
            View::Findings => self.stories.list.step(by),
            View::Timeline => self.timeline.list.step(by),
        }
        self.hold();
    }

    /// Somebody reads the view: its rows keep their places for a while.
    pub(super) fn hold(&mut self) {
        let Some(now) = self.feed.shown.as_ref().map(|shown| shown.elapsed) else {
            return;
        };
        match self.view {
            View::Sockets => self.table.hold_from(now),
            View::Processes => self.processes.list.hold_from(now),
            View::Ports => self.ports.list.hold_from(now),
            View::Findings => self.stories.list.hold_from(now),
            View::Timeline => self.timeline.list.hold_from(now),
        }
    }

    /// The rows of the view may be sorted again at once.
    pub(super) fn release(&mut self) {
        match self.view {
            View::Sockets => self.table.release(),
            View::Processes => self.processes.list.release(),
            View::Ports => self.ports.list.release(),
            View::Findings => self.stories.list.release(),
            View::Timeline => self.timeline.list.release(),
        }
    }

    /// Selects the row in this line of the table. Returns whether there is one.
    pub(super) fn select_line(&mut self, line: usize) -> bool {
        let (offset, count) = match self.view {
            View::Sockets => (self.table.offset, self.table.rows.len()),
            View::Processes => of(&self.processes.list),
            View::Ports if self.ports.browsing => of(&self.ports.every),
            View::Ports => of(&self.ports.list),
            View::Findings => of(&self.stories.list),
            View::Timeline => of(&self.timeline.list),
        };
        let place = offset + line;
        if place >= count {
            return false;
        }
        match self.view {
            View::Sockets => self.table.select(place),
            View::Processes => self.processes.list.select(place),
            View::Ports if self.ports.browsing => self.ports.every.select(place),
            View::Ports => self.ports.list.select(place),
            View::Findings => self.stories.list.select(place),
            View::Timeline => self.timeline.list.select(place),
        }
        self.hold();
        true
    }

    /// Scrolls the view as little as shows its selection in `height` rows.
    pub(super) fn keep_row_in_sight(&mut self, height: usize) {
        match self.view {
            View::Sockets => {
                let (cursor, count) = (self.table.cursor(), self.table.rows.len());
                self.table.offset = scrolled(self.table.offset, cursor, count, height);
            }
            View::Processes => self.processes.list.keep_in_sight(height),
            View::Ports if self.ports.browsing => self.ports.every.keep_in_sight(height),
            View::Ports => self.ports.list.keep_in_sight(height),
            View::Findings => {
                let room = Sentence::on(self.regions().titles.width);
                self.stories.wrap_in(room);
                self.stories.list.keep_in_sight(height);
            }
            View::Timeline => self.timeline.list.keep_in_sight(height),
        }
    }

    /// The rows of the snapshot on screen that the filter finds.
    pub(crate) fn matching(&self) -> Vec<usize> {
        let snapshot = self.feed.shown.as_deref();
        let found = snapshot.map(|snapshot| self.filter.query.select(snapshot));
        found.unwrap_or_default()
    }

    /// Whether a row of the view is selected.
    pub(super) fn has_selection(&self) -> bool {
        match self.view {
            View::Sockets => self.table.selected_row().is_some(),
            View::Processes => self.processes.list.selected().is_some(),
            View::Ports => self.ports.selected().is_some(),
            View::Findings => self.stories.selected().is_some(),
            View::Timeline => self.timeline.selected().is_some(),
        }
    }

    /// The one socket that the selected row is about: itself, the worst of a program, that of an event.
    pub(crate) fn selected(&self) -> Option<&Arc<Socket>> {
        match self.view {
            View::Sockets => self.table.selected_socket(),
            View::Findings => self.stories.selected_socket(),
            View::Timeline => self.timeline.selected().map(|event| &event.socket),
            View::Processes | View::Ports => None,
        }
    }

    /// The port that the selected row is about.
    pub(super) fn selected_port(&self) -> Option<u16> {
        match self.view {
            View::Ports => self.ports.selected(),
            View::Processes => {
                let row = self.processes.list.selected()?;
                row.listens.first().copied()
            }
            View::Sockets | View::Findings | View::Timeline => port_of(self.selected()?),
        }
    }

    /// The processes that the selected row is about.
    pub(super) fn selected_owners(&self, snapshot: &Snapshot) -> Vec<Arc<Process>> {
        match self.view {
            View::Sockets => {
                if let Some(group) = self.table.selected_group() {
                    return group.owners(snapshot).to_vec();
                }
                let socket = self.selected();
                socket.map(|socket| owners(socket)).unwrap_or_default()
            }
            View::Processes => {
                let row = self.processes.list.selected();
                row.and_then(|row| row.process.clone())
                    .into_iter()
                    .collect()
            }
            View::Ports => {
                let port = self.ports.selected();
                let here = snapshot.sockets.iter();
                let here = here.filter(|socket| port.is_some() && socket.raw.port() == port);
                here.flat_map(|socket| owners(socket)).collect()
            }
            View::Findings => {
                if let Some(socket) = self.stories.selected_line() {
                    return owners(socket);
                }
                let story = self.stories.selected();
                let sockets = story
                    .map(|story| story.sockets.as_slice())
                    .unwrap_or_default();
                sockets.iter().flat_map(|socket| owners(socket)).collect()
            }
            View::Timeline => {
                let event = self.timeline.selected();
                let then = event.map(|event| owners(&event.socket)).unwrap_or_default();
                let still = then.iter().filter_map(|owner| snapshot.process(owner.key));
                still.cloned().collect()
            }
        }
    }
}

fn owners(socket: &Socket) -> Vec<Arc<Process>> {
    socket.processes.iter().cloned().collect()
}

fn of<R: super::listing::Row>(list: &super::listing::Listing<R>) -> (usize, usize) {
    (list.offset, list.rows.len())
}
