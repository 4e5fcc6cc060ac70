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
use jiff::Timestamp;
use std::{cell::OnceCell, collections::HashSet, rc::Rc, sync::Arc};
use unicode_width::UnicodeWidthStr as _;

/// What stands between the steps of the way to a page.
pub(crate) const BETWEEN_CRUMBS: &str = " › ";

/// One page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) subject: Subject,
    /// Lines above the first one in sight.
    pub(crate) scroll: usize,
    /// The selected link.
    pub(crate) link: Option<usize>,
    /// Where that leads: its number may change.
    target: Option<Target>,
    /// The section that was jumped to, where it leads nowhere.
    section: Option<usize>,
    /// The moment from which no socket of its process was seen any more.
    pub(crate) missing_since: Option<Timestamp>,
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
            target: None,
            section: None,
            missing_since: None,
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

    /// Selects a link of `sheet`, or none.
    pub(super) fn select(&mut self, link: Option<usize>, sheet: &Sheet) {
        self.target = link.and_then(|link| sheet.links.get(link)).cloned();
        self.link = link.filter(|_| self.target.is_some());
        self.section = None;
    }

    /// Finds the selected link where it is now: another snapshot may have more of them, or fewer.
    pub(super) fn keep_selected(&mut self, sheet: &Sheet) {
        let (Some(link), Some(target)) = (self.link, &self.target) else {
            return;
        };
        let same = sheet.links.iter().enumerate();
        let same = same.filter(|(_, one)| *one == target).map(|(at, _)| at);
        self.link = same.min_by_key(|at| at.abs_diff(link));
    }

    /// Whether what was selected is there no more, and nothing has been selected since.
    pub(super) fn has_lost(&self) -> bool {
        self.link.is_none() && self.target.is_some()
    }

    /// Jumps to a section of `sheet`, of which `height` lines are in sight: to its first link where it has one.
    pub(super) fn jump(&mut self, by: isize, sheet: &Sheet, height: usize) {
        let count = sheet.sections.len();
        let here = self.section.or_else(|| self.section_of_link(sheet));
        let next = match here {
            None if by > 0 => 0,
            None => count.saturating_sub(1),
            Some(here) => (here + count).saturating_add_signed(by) % count.max(1),
        };
        let Some(section) = sheet.sections.get(next) else {
            return;
        };
        self.select(section.link, sheet);
        self.section = Some(next).filter(|_| section.link.is_none());
        let end = self.scroll + height;
        if section.rows.start < self.scroll || section.rows.end > end {
            // What stands above the first heading is worth seeing with what it leads to.
            let is_first = next == 0 && section.rows.end <= height;
            self.scroll = if is_first { 0 } else { section.rows.start };
        }
    }

    fn section_of_link(&self, sheet: &Sheet) -> Option<usize> {
        let link = self.link?;
        let (row, in_side) = (sheet.rows_of(link).start, sheet.is_in_side(link));
        let mut all = sheet.sections.iter();
        all.position(|one| one.in_side == in_side && one.rows.contains(&row))
    }

    /// One line down or up: to the next link where that is in sight, else the page moves.
    pub(super) fn walk(&mut self, by: isize, sheet: &Sheet, height: usize) {
        let in_sight = self.scroll..self.scroll + height;
        let is_seen = |link: &usize| {
            let rows = sheet.rows_of(*link);
            !rows.is_empty() && rows.start >= in_sight.start && rows.end <= in_sight.end
        };
        let mut links = 0..sheet.links.len();
        let next = match self.link.filter(is_seen) {
            Some(link) => link.checked_add_signed(by).filter(|next| {
                links.contains(next) && sheet.is_in_side(*next) == sheet.is_in_side(link)
            }),
            None if by > 0 => links.find(is_seen),
            None => links.rfind(is_seen).filter(|_| self.link.is_some()),
        };
        match next.filter(is_seen) {
            Some(next) => self.select(Some(next), sheet),
            None => self.scroll = self.scroll.saturating_add_signed(by),
        }
    }

    /// The line of the heading that was jumped to and whether it is on the right, where it is in sight.
    pub(crate) fn heading_in_sight(&self, sheet: &Sheet) -> Option<(usize, bool)> {
        let section = sheet.sections.get(self.section?)?;
        let row = section.rows.start;
        (row >= self.scroll).then_some((row, section.in_side))
    }

    /// Takes what `snapshot` knows about its subject now.
    pub(super) fn refresh(&mut self, snapshot: &Snapshot) {
        match &mut self.subject {
            Subject::Port(..) => {}
            Subject::Process(process) => {
                if let Some(now) = snapshot.process(process.key) {
                    process.clone_from(now);
                    self.missing_since = None;
                } else if self.missing_since.is_none() {
                    self.missing_since = Some(snapshot.taken_at);
                    self.looked.ask_again();
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

    /// The way to the page on top: the name of each step, and how many pages there are at it.
    pub(crate) fn crumbs(&self) -> Vec<(String, usize)> {
        let view = (self.view.title().to_owned(), 0);
        let pages = self.pages.iter().zip(1..);
        let pages = pages.map(|(page, depth)| (page.name(), depth));
        let mut crumbs: Vec<_> = std::iter::once(view).chain(pages).collect();
        // The place where one is matters most; the way to it is cut first.
        if crumbs.len() > 3 {
            let last_hidden = crumbs.len() - 3;
            crumbs.splice(1..=last_hidden, [("…".to_owned(), last_hidden)]);
        }
        crumbs
    }

    /// Goes back to the step of the way that is written at this column.
    pub(super) fn click_crumb(&mut self, x: u16) {
        let mut begin = 1;
        for (name, depth) in self.crumbs() {
            let end = begin + name.width();
            if (begin..end).contains(&usize::from(x)) {
                self.pages.truncate(depth);
                return;
            }
            begin = end + BETWEEN_CRUMBS.width();
        }
    }

    /// The open sockets that the page on top leads to. Looked for once, as the page is made once.
    pub(super) fn sockets_on_page(&self) -> &[Arc<Socket>] {
        let shown = self.feed.shown.as_ref().map(Arc::as_ptr);
        let rests_on = (self.pages.len(), shown, self.area);
        let kept = self.on_page.get_or_init(|| {
            let sheet = self.sheet();
            let links = sheet.iter().flat_map(|sheet| &sheet.links);
            let keys = links.filter_map(|link| match link {
                Target::Socket(key) => Some(*key),
                Target::Port(_) | Target::Process(_) | Target::Filter(_) | Target::Command(_) => {
                    None
                }
            });
            let keys: HashSet<SocketKey> = keys.collect();
            let all = self.feed.shown.iter().flat_map(|one| one.sockets.iter());
            let all = all.filter(|_| !keys.is_empty());
            let here = all.filter(|socket| keys.contains(&socket.key()));
            (rests_on, here.cloned().collect())
        });
        // Between two pages there is nothing on either.
        kept.1
            .get(..)
            .filter(|_| kept.0 == rests_on)
            .unwrap_or_default()
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
        (self.sheet, self.on_page) = (OnceCell::new(), OnceCell::new());
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
        self.on_page(|page, sheet, height| {
            let count = sheet.links.len();
            if count == 0 {
                return page.select(None, sheet);
            }
            let next = match page.link {
                None if by > 0 => 0,
                None => count - 1,
                Some(link) => (link + count).saturating_add_signed(by) % count,
            };
            page.select(Some(next), sheet);
            let lines = sheet.rows_of(next);
            let least = lines.end.saturating_sub(height);
            page.scroll = page.scroll.max(least).min(lines.start);
        });
    }

    /// Moves to the next section of the page, or the one before.
    pub(super) fn step_section(&mut self, by: isize) {
        self.on_page(|page, sheet, height| page.jump(by, sheet, height));
    }

    /// Moves on the page on top by one line.
    pub(super) fn walk_page(&mut self, by: isize) {
        self.on_page(|page, sheet, height| page.walk(by, sheet, height));
    }

    /// Does something with the page on top, its lines, and how many of them are in sight.
    fn on_page(&mut self, does: impl FnOnce(&mut Page, &Sheet, usize)) {
        let height = usize::from(self.regions().page.height);
        let Some(sheet) = self.sheet() else { return };
        if let Some(page) = self.pages.last_mut() {
            does(page, &sheet, height);
        }
    }

    /// Scrolls the page on top.
    pub(super) fn scroll_page(&mut self, by: isize) {
        if let Some(page) = self.pages.last_mut() {
            page.scroll = page.scroll.saturating_add_signed(by);
        }
    }
}
