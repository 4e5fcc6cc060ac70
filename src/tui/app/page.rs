//! Pages over the table: what each is about, how far it is scrolled, which link is selected.

use super::{App, Mode, looked::Looked, trace::Trace};
use crate::{
    model::{Process, ProcessKey, Protocol, Snapshot, Socket, SocketKey},
    tui::{
        action::Place,
        document::Target,
        pages::{self, Sheet},
    },
};
use std::{cell::OnceCell, rc::Rc, sync::Arc};

/// One page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) subject: Subject,
    /// Lines above the first one in sight.
    pub(crate) scroll: usize,
    /// The selected link.
    pub(crate) link: Option<usize>,
    /// What its socket has measured since.
    pub(crate) trace: Option<Trace>,
    /// What was read for it besides.
    pub(crate) looked: Looked,
}

/// What a page is about. Holds what was last known, so a page outlives its subject.
#[derive(Debug)]
pub(crate) enum Subject {
    /// A port number; of one transport where the person came from a socket.
    Port(u16, Option<Protocol>),
    /// A process.
    Process(Arc<Process>),
    /// One socket.
    Socket(Arc<Socket>),
}

impl Page {
    /// A page from its top.
    pub(crate) fn new(subject: Subject) -> Self {
        Self {
            subject,
            scroll: 0,
            link: None,
            trace: None,
            looked: Looked::default(),
        }
    }

    /// The process that it is about.
    pub(crate) fn process(&self) -> Option<ProcessKey> {
        match &self.subject {
            Subject::Process(process) => Some(process.key),
            Subject::Port(..) | Subject::Socket(_) => None,
        }
    }

    /// The socket that it is about.
    pub(crate) fn socket(&self) -> Option<SocketKey> {
        match &self.subject {
            Subject::Socket(socket) => Some(socket.key()),
            Subject::Port(..) | Subject::Process(_) => None,
        }
    }

    /// What kind of page it is.
    pub(crate) fn place(&self) -> Place {
        match self.subject {
            Subject::Port(..) => Place::Port,
            Subject::Process(_) => Place::Process,
            Subject::Socket(_) => Place::Connection,
        }
    }

    /// Its name in the breadcrumb.
    pub(crate) fn name(&self) -> String {
        match &self.subject {
            Subject::Port(port, _) => format!("Port {port}"),
            Subject::Process(process) => format!("Process {} {}", process.name, process.key.pid),
            Subject::Socket(socket) => match socket.raw.connected_to() {
                Some(peer) => format!("Connection {} → {peer}", socket.raw.bound_to()),
                None => format!("Socket {}", socket.raw.bound_to()),
            },
        }
    }

    /// Takes what `snapshot` knows about its subject now.
    pub(super) fn refresh(&mut self, snapshot: &Snapshot) {
        match &mut self.subject {
            Subject::Port(..) => {}
            Subject::Process(process) => {
                if let Some(now) = snapshot.process(process.key) {
                    process.clone_from(now);
                }
            }
            Subject::Socket(socket) => {
                let all = snapshot.sockets.iter().chain(&snapshot.closed);
                if let Some(now) = all.into_iter().find(|one| one.key() == socket.key()) {
                    socket.clone_from(now);
                }
            }
        }
    }
}

impl App {
    /// The page on top as lines, once there is a snapshot. Made once, however often it is asked for until
    /// something happens.
    pub(crate) fn sheet(&self) -> Option<Rc<Sheet>> {
        let shown = self.feed.shown.as_ref().map(Arc::as_ptr);
        let rests_on = (self.pages.len(), shown, self.area);
        let anew = || (rests_on, self.make_sheet().map(Rc::new));
        let kept = self.sheet.get_or_init(anew);
        if kept.0 == rests_on {
            kept.1.clone()
        } else {
            anew().1
        }
    }

    fn make_sheet(&self) -> Option<Sheet> {
        let page = self.page()?;
        let width = self.regions().page.width;
        Some(Sheet::new(pages::content(&self.context()?, page), width))
    }

    /// Where the selected link of the page on top leads.
    pub(crate) fn link(&self) -> Option<Target> {
        let link = self.page()?.link?;
        self.sheet()?.links.get(link).cloned()
    }

    /// Opens what `target` names on top of the page that is there.
    pub(super) fn open_page(&mut self, subject: Subject) {
        let mut page = Page::new(subject);
        if let Subject::Socket(socket) = &page.subject {
            let past = self.watched.as_ref();
            let past = past.filter(|trace| trace.key == socket.key()).cloned();
            let snapshot = self.feed.shown.as_deref();
            page.trace = past.or_else(|| Some(Trace::new(socket, snapshot?)));
        }
        self.pages.push(page);
        self.mode = Mode::Browse;
        self.sheet = OnceCell::new();
    }

    /// Adds the newest reading to the traces of the pages and of the selected socket.
    pub(super) fn trace(&mut self) {
        let Some(newest) = self.feed.newest() else {
            return;
        };
        for trace in self.pages.iter_mut().filter_map(|page| page.trace.as_mut()) {
            trace.note(newest);
        }
        let selected = self.selected().filter(|socket| socket.raw.tcp().is_some());
        let Some(selected) = selected.map(|socket| socket.key()) else {
            self.watched = None;
            return;
        };
        match &mut self.watched {
            Some(trace) if trace.key == selected => trace.note(newest),
            watched => {
                let mut all = newest.open();
                let socket = all.find(|socket| socket.key() == selected);
                *watched = socket.map(|socket| Trace::new(socket, newest));
            }
        }
    }

    /// Moves to the next link, or the one before, and scrolls it into sight.
    pub(super) fn step_link(&mut self, by: isize) {
        let height = usize::from(self.regions().page.height);
        let Some(sheet) = self.sheet() else { return };
        let Some(page) = self.pages.last_mut() else {
            return;
        };
        let count = sheet.links.len();
        if count == 0 {
            page.link = None;
            return;
        }
        let next = match page.link {
            None if by > 0 => 0,
            None => count - 1,
            Some(link) => (link + count).saturating_add_signed(by) % count,
        };
        page.link = Some(next);
        let lines = sheet.rows_of(next);
        page.scroll = page
            .scroll
            .max(lines.end.saturating_sub(height))
            .min(lines.start);
    }

    /// Scrolls the page on top.
    pub(super) fn scroll_page(&mut self, by: isize) {
        if let Some(page) = self.pages.last_mut() {
            page.scroll = page.scroll.saturating_add_signed(by);
        }
    }
}
