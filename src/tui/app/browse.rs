//! What the actions do while the table or a page owns the keyboard.

use super::{
    App, Mode,
    help::Help,
    log::{Listed, Log},
    moment::Asking,
    page::{Page, Subject},
    processes::Sorting,
};
use crate::{
    model::{Direction, Socket},
    query::{Column, Order},
    tui::{
        action::{Action, Place, View},
        document::Target,
        effect::Effect,
        layout::{self, fields},
        theme::Theme,
    },
};
use std::sync::Arc;

impl App {
    /// Whether `action` would do something now; footer and help offer nothing else.
    pub(crate) fn can(&self, action: Action) -> bool {
        let live = self.setup.recording.is_none();
        match action {
            Action::Signal => live && !self.setup.readonly && self.has_owners(),
            Action::CloseConnection => live && !self.setup.readonly && self.can_close(),
            Action::Open => match self.place() {
                Place::View(View::Processes) => self.has_owners(),
                Place::View(View::Ports) => self.ports.selected().is_some(),
                Place::View(View::Sockets) => self.table.selected_row().is_some(),
                Place::View(_) => self.selected().is_some(),
                Place::Port | Place::Process | Place::Connection => self.link().is_some(),
            },
            Action::Pane => self.has_pane(),
            Action::NextLink | Action::PreviousLink => {
                self.sheet().is_some_and(|sheet| !sheet.links.is_empty())
            }
            Action::NextSection | Action::PreviousSection => {
                self.sheet().is_some_and(|sheet| !sheet.sections.is_empty())
            }
            Action::OpenProcess => self.has_owners(),
            Action::OpenPort => self.subject_port().is_some(),
            Action::OpenConnection => self.selected().is_some(),
            Action::Copy => self.to_copy().is_some(),
            Action::Ask => live && !self.setup.readonly && self.to_ask().is_some(),
            Action::Accept => live && !self.setup.readonly && self.socket_to_accept().is_some(),
            Action::Undo => self.last_accepted().is_some(),
            Action::Fold | Action::Unfold if self.view == View::Findings => {
                self.stories.can_fold(action == Action::Fold)
            }
            Action::Fold => {
                let group = self.table.selected_group();
                group.is_some_and(|group| self.table.is_unfolded(group))
            }
            Action::Unfold => {
                let group = self.table.selected_group();
                group.is_some_and(|group| !self.table.is_unfolded(group))
            }

            Action::Closer => self.can_zoom(true),
            Action::Further => self.can_zoom(false),
            Action::Theme => self.setup.themes.len() > 1,
            Action::Accepted => self.accepted_stories > 0,
            Action::Back => {
                !self.pages.is_empty()
                    || self.pane.focused
                    || self.searching()
                    || !self.filter.is_empty()
                    || self.has_notice()
            }
            Action::SortNext | Action::SortPrevious | Action::SortReverse => !self.searching(),
            Action::Show(view) => self.view != view || !self.pages.is_empty(),
            Action::Refresh | Action::Faster | Action::Slower | Action::Namespaces => live,
            Action::Pause | Action::Why | Action::Export => self.feed.shown.is_some(),
            Action::Suspend => self.setup.can_suspend,
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Start
            | Action::Last
            | Action::PreviousPort
            | Action::NextPort
            | Action::Filter
            | Action::NextView
            | Action::PreviousView
            | Action::OtherPane
            // What is typed after it must never be taken for keys, even where there is nothing to go to.
            | Action::GoTo
            | Action::GoToPort
            | Action::QuickFilter
            | Action::SavedFilters
            | Action::Palette
            | Action::Group
            | Action::Columns
            | Action::Follow
            | Action::OnlyFindings
            | Action::Reveal
            | Action::Earlier
            | Action::Later
            | Action::Closed
            | Action::Units
            | Action::PortNames
            | Action::HostNames
            | Action::Details
            | Action::Mouse
            | Action::Log
            | Action::Doctor
            | Action::Redraw
            | Action::Help
            | Action::Quit => true,
        }
    }

    pub(super) fn perform(&mut self, action: Action) -> Option<Effect> {
        match action {
            Action::Up => self.step(-1),
            Action::Down => self.step(1),
            Action::PageUp => self.step(-self.half_page()),
            Action::PageDown => self.step(self.half_page()),
            Action::First | Action::Start => self.step(isize::MIN),
            Action::Last => self.step(isize::MAX),
            Action::NextSection => self.step_section(1),
            Action::PreviousSection => self.step_section(-1),
            Action::NextLink => self.step_link(1),
            Action::PreviousLink => self.step_link(-1),
            Action::PreviousPort => self.walk_ports(-1),
            Action::NextPort => self.walk_ports(1),
            Action::Open => return self.open(),
            Action::OpenProcess => self.open_process(),
            Action::OpenPort => self.open_port(),
            Action::OpenConnection => self.open_selected_socket(),
            Action::Back => self.back(),
            Action::Show(view) => self.show(view),
            Action::NextView => self.show(self.view.beside(1)),
            Action::PreviousView => self.show(self.view.beside(-1)),
            Action::Pane => self.change_pane(),
            Action::OtherPane => self.toggle_every_port(),
            Action::GoTo if self.pages.is_empty() => self.mode = Mode::Moment(Asking::default()),
            Action::GoToPort | Action::GoTo => self.go_to_port(),
            Action::Closer => self.zoom(true),
            Action::Further => self.zoom(false),
            Action::OnlyFindings => {
                self.timeline.toggle_only_findings();
                self.stale = true;
            }
            Action::QuickFilter => self.quick_filters(),
            Action::SavedFilters => self.open_saved_filters(),
            Action::Palette => self.open_palette(),
            Action::Group => self.groupings(),
            Action::Earlier => self.step_moment(false),
            Action::Later => self.step_moment(true),
            Action::Accepted => self.show_accepted(),
            Action::Closed => self.show_closed(),
            Action::Units => self.change_unit(),
            Action::PortNames => self.name_ports(),
            Action::HostNames => self.name_hosts(),
            Action::Fold => self.fold(true),
            Action::Unfold => self.fold(false),
            Action::Columns => self.choose_columns(),
            Action::Follow => self.toggle_following(),
            Action::Reveal => self.reveal(),
            Action::Why => self.mode = Mode::Log(Log::of(Listed::Hidden)),
            Action::Theme => return self.next_theme(),
            Action::Ask => return self.ask(),
            Action::Accept => self.accept(),
            Action::Undo => {
                let entry = self.last_accepted()?.clone();
                return Some(Effect::TakeBack(entry));
            }
            Action::Export => self.exports(),
            Action::Filter if self.searching() => self.mode = Mode::Search,
            Action::Filter => self.mode = Mode::Filter,
            Action::SortNext => self.sort_beside(1),
            Action::SortPrevious => self.sort_beside(-1),
            Action::SortReverse => self.reverse(),
            Action::Pause => self.pause(),
            Action::Details => self.details = !self.details,
            Action::Help => self.mode = Mode::Help(Help::default()),
            Action::Signal => return self.ask_for_signal(),
            Action::CloseConnection => self.ask_to_close(),
            Action::Log => {
                self.mode = Mode::Log(Log::of(Listed::Done(None)));
                return Some(Effect::ReadLog);
            }
            Action::Doctor => {
                self.mode = Mode::Log(Log::of(Listed::Works(None)));
                return Some(Effect::Examine);
            }
            Action::Copy => {
                if let Some(Target::Command(command)) = self.link() {
                    self.said = Some(format!("copied: {command}"));
                    return Some(Effect::Copy(command));
                }
                self.copies();
            }
            Action::Mouse => {
                self.mouse = !self.mouse;
                let words = if self.mouse {
                    "mouse on"
                } else {
                    "mouse off: the terminal selects"
                };
                self.said = Some(words.to_owned());
                return Some(Effect::Mouse(self.mouse));
            }
            Action::Namespaces => self.toggle_namespaces(),
            Action::Refresh => return Some(Effect::Refresh),
            Action::Faster => return self.change_pace(true),
            Action::Slower => return self.change_pace(false),
            Action::Redraw => return Some(Effect::Redraw),
            Action::Suspend => return Some(Effect::Suspend),
            Action::Quit => return Some(Effect::Quit),
        }
        None
    }

    /// Moves the selection, or scrolls the page or the pane.
    pub(super) fn step(&mut self, by: isize) {
        if self.pages.is_empty() && self.pane_has_keys() {
            self.pane.scroll = self.pane.scroll.saturating_add_signed(by);
        } else {
            self.step_rows(by);
        }
    }

    /// Hides what is counted in the selected row, or shows it.
    fn fold(&mut self, fold: bool) {
        if self.view == View::Findings {
            self.stories.fold(fold);
            self.hold();
        } else {
            self.stale |= self.table.fold(Some(fold));
        }
    }

    /// Holds the view still, or lets it go on: then rows stay where they are for a moment more.
    fn pause(&mut self) {
        self.stale |= self.feed.toggle_pause();
        self.hold();
    }

    fn toggle_following(&mut self) {
        self.table.following = !self.table.following;
        let words = if self.table.following {
            "the selected row stays on its line"
        } else {
            "rows move again"
        };
        self.said = Some(words.to_owned());
    }

    /// Reads the sockets of every network namespace, or of this one alone.
    fn toggle_namespaces(&mut self) {
        self.all_namespaces = !self.all_namespaces;
        let words = if self.all_namespaces {
            "sockets of every network namespace"
        } else {
            "sockets of this network namespace"
        };
        self.said = Some(words.to_owned());
    }

    /// Moves the selection, or scrolls the page.
    pub(super) fn step_rows(&mut self, by: isize) {
        if self.pages.is_empty() {
            self.settle();
            self.pane.scroll = 0;
            self.step_row(by);
        } else if by.unsigned_abs() == 1 {
            self.walk_page(by);
        } else {
            self.scroll_page(by);
        }
    }

    pub(super) fn half_page(&self) -> isize {
        let regions = self.regions();
        let height = regions.body.height.max(regions.page.height);
        isize::from(i16::try_from(height / 2).unwrap_or(i16::MAX)).max(1)
    }

    /// Keeps selection and scrolling where there is something to see.
    pub(super) fn keep_in_sight(&mut self) {
        if self.stale {
            // The rows speak of another snapshot than the one to be shown; done once they are up to date.
            return;
        }
        let regions = self.regions();
        self.keep_row_in_sight(regions.rows());
        if let (Some(sheet), Some(page)) = (self.sheet(), self.pages.last_mut()) {
            let height = usize::from(regions.page.height);
            page.scroll = page.scroll.min(sheet.height().saturating_sub(height));
            page.keep_selected(&sheet);
        }
        self.keep_scroll_in_sight();
        self.keep_pane_in_sight();
    }

    fn back(&mut self) {
        if self.pages.pop().is_some() {
            return;
        }
        if std::mem::take(&mut self.pane).focused {
            return;
        }
        if self.searching() {
            self.ports.browsing = false;
            return;
        }
        if self.filter.is_empty() {
            self.take_note();
        } else {
            self.set_filter("");
        }
    }

    pub(super) fn open(&mut self) -> Option<Effect> {
        if self.pages.is_empty() {
            self.open_row();
            return None;
        }
        match self.link()? {
            Target::Command(command) => {
                self.said = Some(format!("copied: {command}"));
                return Some(Effect::Copy(command));
            }
            Target::Filter(filter) => {
                self.show(View::Sockets);
                self.set_filter(&filter);
            }
            Target::Port(port) => self.open_page(Subject::Port(port, None)),
            Target::Process(key) => {
                let process = self.feed.shown.as_ref()?.process(key)?.clone();
                self.open_page(Subject::Process(process));
            }
            Target::Socket(key) => {
                let snapshot = self.feed.shown.clone()?;
                let mut all = snapshot.sockets.iter().chain(&snapshot.closed);
                let socket = all.find(|socket| socket.key() == key)?;
                self.open_page(Subject::Socket(Arc::clone(socket)));
            }
        }
        None
    }

    /// Opens the page of what the selected row is about.
    fn open_row(&mut self) {
        match self.view {
            View::Processes => self.open_process(),
            View::Ports => {
                if let Some(port) = self.ports.selected() {
                    self.open_page(Subject::Port(port, None));
                }
            }
            View::Sockets if self.table.selected_group().is_some() => {
                self.table.fold(None);
                self.stale = true;
            }
            View::Findings if self.stories.selected_more() => self.stories.fold(false),
            View::Sockets | View::Findings | View::Timeline => {
                if let Some(socket) = self.selected().cloned() {
                    self.open_socket(&socket);
                }
            }
        }
    }

    /// A listener is about its port, anything else about itself.
    fn open_socket(&mut self, socket: &Arc<Socket>) {
        let raw = &socket.raw;
        match raw.port() {
            Some(port) if socket.direction == Direction::Listen => {
                self.open_page(Subject::Port(port, Some(raw.protocol)));
            }
            Some(_) | None => self.open_page(Subject::Socket(Arc::clone(socket))),
        }
    }

    fn open_selected_socket(&mut self) {
        if let Some(socket) = self.selected().cloned() {
            self.open_page(Subject::Socket(socket));
        }
    }

    fn open_process(&mut self) {
        if let Some(process) = self.owners().into_iter().next() {
            self.open_page(Subject::Process(process));
        }
    }

    fn open_port(&mut self) {
        let protocol = self.subject_socket().map(|socket| socket.raw.protocol);
        if let Some(port) = self.subject_port() {
            self.open_page(Subject::Port(port, protocol));
        }
    }

    fn next_theme(&mut self) -> Option<Effect> {
        self.theme_follows = false;
        self.theme = (self.theme + 1) % self.setup.themes.len().max(1);
        let theme = self.setup.themes.get(self.theme)?;
        self.said = Some(format!("theme {}", theme.name()));
        Some(Effect::Theme(self.theme))
    }

    /// Which theme is on screen, and why.
    pub(crate) fn theme_in_words(&self) -> String {
        let Some(theme) = self.setup.themes.get(self.theme) else {
            return "none".to_owned();
        };
        let by_background = *theme != Theme::mono();
        let why = match (self.theme_follows, by_background, self.light, self.asked) {
            (false, ..) => "as it was chosen",
            (true, false, ..) => "what the colours of this terminal allow",
            (true, true, Some(true), _) => "the terminal says that its background is light",
            (true, true, Some(false), _) => "the terminal says that its background is dark",
            (true, true, None, true) => "the terminal did not tell its background",
            (true, true, None, false) => "this terminal is not asked for its background",
        };
        format!("{}: {why}", theme.name())
    }

    /// Takes the theme for a background, unless the person has chosen one.
    pub(super) fn background(&mut self, light: bool) -> Option<Effect> {
        self.light = Some(light);
        if !self.theme_follows {
            return None;
        }
        let mut themes = self.setup.themes.iter();
        // The first of them fits any.
        self.theme = themes.position(|theme| theme.is_for(light)).unwrap_or(0);
        Some(Effect::Theme(self.theme))
    }

    fn walk_ports(&mut self, by: i32) {
        let Some(page) = self.pages.last_mut() else {
            return;
        };
        let Subject::Port(port, _) = page.subject else {
            return;
        };
        if let Ok(next) = u16::try_from(i32::from(port) + by) {
            *page = Page::new(Subject::Port(next, None));
        }
    }

    /// Sorts by the visible column beside the one that sorts now.
    fn sort_beside(&mut self, by: isize) {
        let width = self.regions().titles.width;
        self.stale = true;
        self.release();
        match self.view {
            View::Processes => {
                let shown: Vec<_> = columns_of(fields::fit(fields::PROCESSES, width));
                self.processes.order = self.processes.order.beside(&shown, by);
            }
            View::Ports => {
                let shown: Vec<_> = columns_of(fields::fit(fields::PORTS, width));
                self.ports.order = self.ports.order.beside(&shown, by);
            }
            View::Sockets => {
                let shown: Vec<Column> = columns_of(layout::columns(width, &self.columns));
                let now = Sorting {
                    column: self.table.order.column,
                    reverse: self.table.order.reverse,
                };
                let next = now.beside(&shown, by);
                self.table.order = Order {
                    column: next.column,
                    reverse: next.reverse,
                };
            }
            View::Findings | View::Timeline => {}
        }
    }

    /// Sorts the other way round.
    fn reverse(&mut self) {
        self.stale = true;
        self.release();
        let reverse = match self.view {
            View::Sockets => &mut self.table.order.reverse,
            View::Processes => &mut self.processes.order.reverse,
            View::Ports => &mut self.ports.order.reverse,
            View::Findings | View::Timeline => return,
        };
        *reverse = !*reverse;
    }
}

fn columns_of<C: Copy>(slots: Vec<layout::Slot<C>>) -> Vec<C> {
    slots.into_iter().map(|slot| slot.column).collect()
}
