//! The state of the dashboard, and the one function that changes it.

mod act;
mod browse;
pub(super) mod chooser;
pub(super) mod columns;
pub(super) mod completion;
pub(super) mod dialog;
pub(super) mod feed;
pub(super) mod filter;
pub(super) mod groups;
pub(super) mod help;
mod hints;
mod kept;
mod line;
pub(super) mod listing;
pub(super) mod log;
pub(super) mod looked;
mod memory;
pub(super) mod menus;
pub(super) mod moment;
mod others;
pub(super) mod pace;
pub(super) mod page;
mod palette;
mod pane;
mod pointer;
pub(super) mod ports;
pub(super) mod processes;
mod refusal;
pub(super) mod scale;
pub(super) mod scroll;
mod search;
mod still;
pub(super) mod stories;
mod subject;
pub(super) mod table;
#[cfg(test)]
pub(super) mod tests;
pub(super) mod timeline;
pub(super) mod trace;
mod views;
mod wishes;

use super::{
    action::{Action, Place, View},
    ascii::GraphSigns,
    effect::Effect,
    keymap::{self, Keymap},
    layout::{Regions, Shape},
    message::Message,
    pages::{Context, Sheet},
    theme::Theme,
    words::Writing,
};
use crate::{
    model::{Entry, Extent, Names, Snapshot, Socket, Text},
    query::{self, Column},
    registry::Registry,
};
use chooser::Chooser;
use columns::Columns;
use crossterm::event::KeyEvent;
use dialog::Dialog;
use feed::{About, Feed};
use filter::Filter;
use help::Help;
use jiff::tz::TimeZone;
use log::Log;
use moment::Asking;
use page::Page;
use pane::Pane;
use ports::Ports;
use processes::Processes;
use ratatui::layout::{Position, Rect, Size};
use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
    sync::Arc,
    time::Duration,
};
use stories::Stories;
use table::Table;
use timeline::Timeline;
use trace::Trace;

/// What never changes while the dashboard runs.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) registry: &'static Registry,
    /// Nothing may be done to any process.
    pub(super) readonly: bool,
    /// Ctrl-Z works here.
    pub(super) can_suspend: bool,
    /// The least that is read.
    pub(super) extent: Extent,
    /// Which keys mean what.
    pub(super) keymap: Keymap,
    /// The themes that this terminal can show.
    pub(super) themes: Vec<Theme>,
    /// Filters of the configuration, each with its name.
    pub(super) filters: Vec<(String, String)>,
    /// How long a new row is marked.
    pub(super) highlight: Duration,
    /// The name of the recording that is shown in place of the machine.
    pub(super) recording: Option<Text>,
    /// Why nothing will be remembered of this run, and where that would be, if that is so.
    pub(super) unremembered: Option<Text>,
    /// What graphs are drawn with.
    pub(super) graph: GraphSigns,
    pub(super) zone: TimeZone,
}

/// Who owns the keyboard.
#[derive(Debug)]
pub(super) enum Mode {
    /// The table or a page.
    Browse,
    /// The filter bar.
    Filter,
    /// The line that a port is searched in.
    Search,
    /// The line that a time is typed in.
    Moment(Asking),
    /// The help.
    Help(Help),
    /// A menu, the saved filters, the palette.
    Choose(Box<Chooser>),
    /// The columns.
    Columns(Columns),
    /// The dialog before something is done.
    Signal(Box<Dialog>),
    /// What was done before, or what works here.
    Log(Log),
}

/// What a page was made from: how many there are, the snapshot, the size.
type SheetRest = (usize, Option<*const Snapshot>, Rect);

/// Everything that is on screen, or can be.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own: details, mouse, notice, rows to be made"
)]
pub(super) struct App {
    pub(super) area: Rect,
    pub(super) setup: Setup,
    pub(super) feed: Feed,
    /// The view under the pages.
    pub(super) view: View,
    pub(super) table: Table,
    pub(super) processes: Processes,
    pub(super) ports: Ports,
    pub(super) stories: Stories,
    /// What the policy accepts is shown among the findings.
    pub(super) with_accepted: bool,
    /// Programs of which the policy accepts something.
    pub(super) accepted_stories: usize,
    pub(super) timeline: Timeline,
    pub(super) filter: Filter,
    /// Pages over the table, the newest last.
    pub(super) pages: Vec<Page>,
    /// What the selected socket measures, so that its page begins with a past.
    pub(super) watched: Option<Trace>,
    pub(super) mode: Mode,
    /// The columns of the table of sockets, in their order.
    pub(super) columns: Vec<Column>,
    /// Filters that were kept while the dashboard ran, each with its name.
    pub(super) kept: Vec<(String, String)>,
    /// The theme on screen, by its place among them.
    pub(super) theme: usize,
    /// Whether the terminal's background decides the theme.
    pub(super) theme_follows: bool,
    /// The terminal was asked for its background.
    pub(super) asked: bool,
    /// The background is light; `None` while that is not known.
    light: Option<bool>,
    /// What the background was in the run before.
    guess: Option<bool>,
    /// What was accepted last, and can be taken back.
    accepted: Vec<Entry>,
    pub(super) details: bool,
    pub(super) pane: Pane,
    pub(super) writing: Writing,
    /// What other machines are called, as far as was asked for.
    pub(super) names: Arc<Names>,
    others: others::Others,
    reading: looked::Reading,
    pub(super) mouse: bool,
    pub(super) interval: Duration,
    pub(super) pace: pace::Pace,
    /// The sockets of every network namespace are read.
    pub(super) all_namespaces: bool,
    /// How many dialogs there have been.
    dialogs: u64,
    /// What the last key did, for the footer.
    pub(super) said: Option<String>,
    /// The person has seen what cannot be seen.
    notice_read: bool,
    /// The same of that nothing is remembered.
    loss_read: bool,
    /// The page on top, since something happened last.
    sheet: OnceCell<(SheetRest, Option<Rc<Sheet>>)>,
    /// The open sockets that it leads to.
    on_page: OnceCell<(SheetRest, Vec<Arc<Socket>>)>,
    /// Where everything is, as long as the screen is of that size and shape.
    divided: Cell<Option<(Rect, Shape, Regions)>>,
    /// The pane, since something happened last.
    pane_says: pane::Kept,
    /// The help, since something happened last.
    help_says: help::Kept,
    /// The rows are older than the filter, the order or the snapshot.
    stale: bool,
    /// How often anything but a selection has changed that is on screen or could be.
    pub(super) revision: u64,
}

impl App {
    /// A dashboard that has seen nothing yet.
    pub(super) fn new(setup: Setup, order: query::Order, interval: Duration) -> Self {
        Self {
            all_namespaces: setup.extent.all_namespaces,
            area: Rect::ZERO,
            setup,
            feed: Feed::default(),
            view: View::default(),
            table: Table::new(order),
            processes: Processes::default(),
            ports: Ports::default(),
            stories: Stories::default(),
            with_accepted: false,
            accepted_stories: 0,
            timeline: Timeline::default(),
            filter: Filter::default(),
            pages: vec![],
            watched: None,
            mode: Mode::Browse,
            columns: Column::USUAL.to_vec(),
            kept: vec![],
            theme: 0,
            theme_follows: false,
            asked: false,
            light: None,
            guess: None,
            accepted: vec![],
            details: true,
            pane: Pane::default(),
            writing: Writing::default(),
            names: Arc::default(),
            others: others::Others::default(),
            reading: looked::Reading::default(),
            mouse: true,
            interval,
            pace: pace::Pace::default(),
            dialogs: 0,
            said: None,
            notice_read: false,
            loss_read: false,
            sheet: OnceCell::new(),
            on_page: OnceCell::new(),
            divided: Cell::new(None),
            pane_says: OnceCell::new(),
            help_says: OnceCell::new(),
            stale: false,
            revision: 0,
        }
    }

    /// Takes note of what happened, and returns what is to be done about it.
    #[must_use]
    pub(super) fn update(&mut self, message: Message) -> Option<Effect> {
        if !self.only_moves(&message) {
            self.revision += 1;
        }
        // What was made for the last frame holds until a key does something.
        let waits = matches!(self.mode, Mode::Filter | Mode::Search);
        if waits || !matches!(message, Message::Key(_)) {
            self.forget_lines();
        }
        let effect = match message {
            Message::Key(key) => return self.key(key),
            Message::Mouse(pointer) => self.pointer(pointer),
            Message::Background(light) => self.background(light),
            Message::Pasted(text) => {
                self.paste(&text);
                None
            }
            Message::Resized(size) => {
                self.resize(size);
                None
            }
            Message::Latest(latest) => {
                self.stale |= self.feed.receive(latest, &mut self.timeline);
                self.trace();
                self.settle_pace()
            }
            Message::Late(span) => {
                self.feed.late(span);
                None
            }
            Message::CollectorEnded => {
                self.feed.stop();
                None
            }
            Message::Known(id, known) => {
                self.known(id, *known);
                None
            }
            Message::Waited(id, elapsed) => {
                self.waited(id, elapsed);
                None
            }
            Message::Acted(report) => Some(self.acted(*report)),
            Message::Log(events) => {
                self.show_log(events);
                None
            }
            Message::Works(abilities) => {
                self.show_abilities(abilities);
                None
            }
            Message::Accepted(result) => Some(self.accepted(result)),
            Message::Answered(protocol, port, result) => self.answered(protocol, port, result),
            Message::Exported(result) => {
                self.said = Some(match result {
                    Ok(path) => format!("written to {path}"),
                    Err(why) => format!("could not export: {why}"),
                });
                None
            }
            Message::Inspected(inspection, history) => {
                self.inspected(inspection, history);
                None
            }
            Message::Journal(key, told) => {
                self.journal(key, told);
                None
            }
            Message::Measured(key, told) => {
                self.measured(key, told);
                None
            }
            Message::Remembered(port, past) => {
                self.remembered(port, past);
                None
            }
            Message::Named(address, name) => {
                self.learn_name(address, name);
                None
            }
            Message::Suspend => Some(Effect::Suspend),
            Message::Quit => Some(Effect::Quit),
        };
        self.keep_in_sight();
        effect
    }

    /// Fits everything to a screen of this size.
    pub(super) fn resize(&mut self, size: Size) {
        self.forget_lines();
        self.revision += 1;
        self.area = Rect::from((Position::ORIGIN, size));
    }

    /// Brings the rows up to date. Once per frame, however much has happened before it.
    pub(super) fn settle(&mut self) {
        self.filter.settle();
        if self.stale {
            self.forget_lines();
            self.find_others();
            self.revision += 1;
        }
        if std::mem::take(&mut self.stale)
            && let Some(snapshot) = self.feed.shown.clone()
        {
            // Only to a query that asks for them: a share of the names makes the next one a copy of all.
            let has_use = self.writing.host_names && self.filter.query.asks_for_hosts();
            let hosts = has_use.then(|| Arc::clone(&self.names));
            self.filter.query.know_hosts(hosts);
            self.rebuild(&snapshot);
            if self.feed.paused.is_some() {
                // What becomes known during a pause moves nothing either.
                self.hold();
            }
            for page in &mut self.pages {
                page.refresh(&snapshot);
            }
        }
        self.keep_in_sight();
    }

    /// How much must be read for what is to be shown.
    pub(super) fn extent(&self) -> Extent {
        self.filter.query.extent(Extent {
            all_namespaces: self.all_namespaces,
            ..self.setup.extent
        })
    }

    /// Where everything is.
    pub(super) fn regions(&self) -> Regions {
        let shape = Shape {
            notice: self.has_notice(),
            filter: self.filter_shown(),
            fault: !self.searching()
                && !matches!(self.mode, Mode::Moment(_))
                && (self.filter.fault.is_some() || !self.filter.completion.offers.is_empty()),
            details: self.details,
            selected: self.has_selection(),
            page: !self.pages.is_empty(),
            view: self.view,
        };
        // Asked for many times a frame.
        if let Some((area, known, regions)) = self.divided.get()
            && (area, known) == (self.area, shape)
        {
            return regions;
        }
        let regions = Regions::new(self.area, shape);
        self.divided.set(Some((self.area, shape, regions)));
        regions
    }

    /// Whether the filter bar, or the line that a port is searched in, is on screen.
    pub(super) fn filter_shown(&self) -> bool {
        self.searching()
            || matches!(self.mode, Mode::Filter | Mode::Moment(_))
            || !self.filter.is_empty()
    }

    /// Whether every port is shown, so that the bar is for searching among them.
    pub(super) fn searching(&self) -> bool {
        self.view == View::Ports && self.ports.browsing
    }

    /// Where the person is.
    pub(super) fn place(&self) -> Place {
        self.page().map_or(Place::View(self.view), Page::place)
    }

    /// The page on top.
    pub(super) fn page(&self) -> Option<&Page> {
        self.pages.last()
    }

    /// What pages are made from, once there is a snapshot.
    pub(super) fn context(&self) -> Option<Context<'_>> {
        Some(Context {
            snapshot: self.feed.shown.as_deref()?,
            registry: self.setup.registry,
            zone: &self.setup.zone,
            tall: self.area.height >= 30,
            unit: self.writing.unit,
            timeline: &self.timeline,
            recorded: self.setup.recording.is_some(),
            setup: &self.setup,
            names: self.host_names(),
        })
    }

    /// Why there are no new data, else what cannot be seen, unless the person has taken note; a policy
    /// that is broken stays in sight.
    pub(super) fn notice(&self) -> Option<String> {
        match self.notice_about()? {
            About::Failure => self.feed.failure(),
            About::Pace => self.pace_notice(),
            About::Memory => {
                let why = self.setup.unremembered.as_ref()?;
                Some(format!("What is chosen here is not remembered.  {why}"))
            }
            About::Policy | About::Owners | About::Limits | About::Ended => self.feed.notice(),
        }
    }

    /// The key that tells more of the notice, where there is more: why owners are hidden, and what shows them; where
    /// nothing can be remembered.
    pub(super) fn more_of_notice(&self) -> Option<String> {
        let action = match self.notice_about()? {
            About::Owners => Action::Why,
            About::Memory => Action::Doctor,
            About::Failure | About::Policy | About::Limits | About::Ended | About::Pace => {
                return None;
            }
        };
        let key = self.setup.keymap.first_key(action);
        (!key.is_empty()).then_some(key)
    }

    /// Whether there is a notice: asked for many times a frame, its words once.
    pub(super) fn has_notice(&self) -> bool {
        self.notice_about().is_some()
    }

    /// The person has taken note of the notice that is in sight.
    fn take_note(&mut self) {
        match self.notice_about() {
            Some(About::Memory) => self.loss_read = true,
            _ => self.notice_read = true,
        }
    }

    fn notice_about(&self) -> Option<About> {
        if self.feed.failure().is_some() {
            return Some(About::Failure);
        }
        let of_snapshot = About::of(self.feed.shown.as_deref()?);
        if of_snapshot != Some(About::Policy)
            && !self.loss_read
            && self.setup.unremembered.is_some()
        {
            return Some(About::Memory);
        }
        let about = of_snapshot.or_else(|| self.pace_notice().map(|_| About::Pace));
        about.filter(|about| !self.notice_read || *about == About::Policy)
    }

    fn key(&mut self, key: KeyEvent) -> Option<Effect> {
        self.said = None;
        if keymap::is_ctrl(key, 'c') {
            return Some(Effect::Quit);
        }
        if keymap::is_ctrl(key, 'z') && self.setup.can_suspend {
            return Some(Effect::Suspend);
        }
        if matches!(self.mode, Mode::Filter) {
            self.filter_key(key);
            return None;
        }
        if matches!(self.mode, Mode::Search) {
            return self.search_key(key);
        }
        self.settle();
        if self.scroll_key(key) {
            return None;
        }
        let effect = match &mut self.mode {
            Mode::Help(help) => {
                if help.key(key) {
                    self.mode = Mode::Browse;
                }
                None
            }
            Mode::Choose(_) => self.chooser_key(key),
            Mode::Columns(_) => {
                self.columns_key(key);
                None
            }
            Mode::Moment(_) => {
                self.moment_key(key);
                None
            }
            Mode::Signal(_) => self.dialog_key(key),
            Mode::Log(_) => {
                self.log_key(key);
                None
            }
            Mode::Browse | Mode::Filter | Mode::Search => self.browse_key(key),
        };
        self.forget_lines();
        self.keep_in_sight();
        effect
    }

    /// Whether `message` can do nothing but move the selection of the view.
    fn only_moves(&self, message: &Message) -> bool {
        let Message::Key(key) = message else {
            return false;
        };
        let is_free = matches!(self.mode, Mode::Browse) && self.pages.is_empty();
        let action = self.setup.keymap.action(*key, self.place());
        is_free && action.is_some_and(Action::is_movement)
    }

    /// Has page and pane made anew when they are next asked for.
    fn forget_lines(&mut self) {
        (self.sheet, self.on_page) = (OnceCell::new(), OnceCell::new());
        self.pane_says = OnceCell::new();
        self.help_says = OnceCell::new();
    }

    fn browse_key(&mut self, key: KeyEvent) -> Option<Effect> {
        let Some(action) = self.setup.keymap.action(key, self.place()) else {
            self.said = self.where_it_works(key);
            return None;
        };
        self.act_on(action)
    }

    /// Does what `action` says, where it does something.
    fn act_on(&mut self, action: Action) -> Option<Effect> {
        let acts = matches!(
            action,
            Action::Signal | Action::CloseConnection | Action::Accept | Action::Ask
        );
        // A recording is read-only for a reason of its own, which is said below.
        if acts && self.setup.readonly && self.setup.recording.is_none() {
            self.said = Some("read-only: started with --readonly".to_owned());
            return None;
        }
        if self.can(action) {
            self.perform(action)
        } else {
            self.said = self.why_not(action);
            None
        }
    }
}
