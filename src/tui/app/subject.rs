//! What a key is about: the row, link or page that is selected, its socket, its port and its processes.

use super::{
    App,
    page::{Page, Subject},
    ports::port_of,
};
use crate::{
    model::{Direction, Process, Socket},
    tui::{action::View, document::Target},
};
use std::sync::Arc;

impl App {
    /// The socket that row, link or page is about.
    pub(super) fn subject_socket(&self) -> Option<&Arc<Socket>> {
        let Some(page) = self.page() else {
            return self.selected();
        };
        if let Some(Target::Socket(key)) = self.link() {
            return self.sockets_on_page().iter().find(|one| one.key() == key);
        }
        match &page.subject {
            Subject::Socket(socket) => Some(socket),
            // Whoever chose another one, which is gone, does not mean what is left.
            Subject::Port(..) | Subject::Process(_) if page.has_lost() => None,
            Subject::Port(..) | Subject::Process(_) => match self.sockets_on_page() {
                [only] => Some(only),
                _ => None,
            },
        }
    }

    /// The socket whose findings are accepted: on a page of many, the worst that waits for others.
    pub(super) fn socket_to_accept(&self) -> Option<&Arc<Socket>> {
        let is_found = |socket: &&Arc<Socket>| {
            socket.closed_at.is_none() && !socket.assessment.findings.is_empty()
        };
        if let Some(socket) = self.subject_socket() {
            return Some(socket).filter(is_found);
        }
        if self.page().is_some_and(Page::has_lost) {
            return None;
        }
        let found = self.sockets_on_page().iter().filter(is_found);
        found.max_by_key(|socket| {
            let listens = socket.direction == Direction::Listen;
            (socket.assessment.verdict, listens)
        })
    }

    /// The port that row, link or page is about.
    pub(super) fn subject_port(&self) -> Option<u16> {
        if self.pages.is_empty() {
            return self.selected_port();
        }
        if let Some(Subject::Port(port, _)) = self.page().map(|page| &page.subject) {
            return Some(*port);
        }
        port_of(self.subject_socket()?)
    }

    /// Whether there is a process that an action would be about.
    pub(super) fn has_owners(&self) -> bool {
        let snapshot = self.feed.shown.as_deref();
        let group = self.table.selected_group();
        match group.filter(|_| self.pages.is_empty() && self.view == View::Sockets) {
            Some(group) => snapshot.is_some_and(|snapshot| !group.owners(snapshot).is_empty()),
            None => !self.owners().is_empty(),
        }
    }

    /// The processes that an action would be about, the best first.
    pub(super) fn owners(&self) -> Vec<Arc<Process>> {
        let Some(snapshot) = self.feed.shown.as_deref() else {
            return vec![];
        };
        if let Some(Target::Process(key)) = self.link() {
            return snapshot.process(key).cloned().into_iter().collect();
        }
        if self.pages.is_empty() {
            return oldest_first(self.selected_owners(snapshot));
        }
        // Who else holds a socket of the process is not meant on the page of this one.
        if let Some(key) = self.page().and_then(Page::process) {
            return snapshot.process(key).cloned().into_iter().collect();
        }
        if let Some(socket) = self.subject_socket() {
            return oldest_first(socket.processes.to_vec());
        }
        match self.page().map(|page| &page.subject) {
            Some(Subject::Port(port, _)) => {
                let here = snapshot.sockets.iter();
                let here = here.filter(|socket| socket.raw.port() == Some(*port));
                let owners = here.flat_map(|socket| socket.processes.iter().cloned());
                oldest_first(owners.collect())
            }
            Some(Subject::Socket(_) | Subject::Process(_)) | None => vec![],
        }
    }

    /// What `y` takes: the command that is selected, else the address or name of the subject.
    pub(super) fn to_copy(&self) -> Option<String> {
        if let Some(Target::Command(command)) = self.link() {
            return Some(command);
        }
        // Without a link, `y` is about what the page is about.
        let is_of_page = !self.pages.is_empty() && self.link().is_none();
        if let Some(socket) = self.subject_socket().filter(|_| !is_of_page) {
            return Some(socket.raw.bound_to().to_string());
        }
        if self.pages.is_empty() {
            let pid = || self.owners().first().map(|owner| owner.key.pid.to_string());
            let port = || self.selected_port().map(|port| port.to_string());
            return if self.view == View::Processes {
                pid()
            } else {
                port()
            };
        }
        match &self.page()?.subject {
            Subject::Port(port, _) => Some(port.to_string()),
            Subject::Process(process) => Some(process.key.pid.to_string()),
            Subject::Socket(socket) => Some(socket.raw.bound_to().to_string()),
        }
    }
}

fn oldest_first(mut owners: Vec<Arc<Process>>) -> Vec<Arc<Process>> {
    owners.sort_by_key(|process| (process.key.started, process.key.pid));
    owners.dedup_by_key(|process| process.key);
    owners
}
