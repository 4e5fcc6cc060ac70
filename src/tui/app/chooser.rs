//! A list to choose from: menus of keys, saved filters, the palette.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::{App, Mode, groups::Grouping, line, page::Subject};
use crate::{
    model::{Entry, ProcessKey},
    tui::{
        action::Action,
        document::{Document, Line, Piece},
        effect::{Effect, Format},
        keymap::Key,
        layout,
        theme::Role,
    },
};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};
use tui_input::Input;
use unicode_width::UnicodeWidthStr;

/// The list while it is open.
#[derive(Debug)]
pub(crate) struct Chooser {
    pub(crate) kind: Kind,
    pub(crate) items: Vec<Item>,
    /// What is typed to narrow the list; `None` for a menu whose letters choose.
    pub(crate) input: Option<Input>,
    pub(crate) cursor: usize,
    pub(crate) offset: usize,
    /// Lines over the list.
    pub(crate) words: Vec<String>,
}

/// What it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    QuickFilter,
    SavedFilters,
    Copy,
    Export,
    Accept,
    Group,
    Palette,
}

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The letter that chooses it in a menu.
    pub(crate) letter: Option<char>,
    pub(crate) label: String,
    /// More about it.
    pub(crate) more: String,
    /// The keys that do the same without the list.
    pub(crate) keys: String,
    pub(crate) does: Does,
}

/// What choosing does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Does {
    Act(Action),
    /// Asks about the owner and everything that it started.
    Tree,
    /// Another term for the filter; one that is there is taken out.
    Term(String),
    /// Another filter.
    Filter(String),
    /// Keeps the filter of now under this name.
    Keep(String),
    /// Forgets what is kept of the filter of now.
    Forget,
    Copy(String),
    /// The socket as JSON.
    CopyJson,
    Export(Format),
    Accept(Entry),
    Group(Grouping),
    Port(u16),
    Process(ProcessKey),
}

impl Kind {
    /// The title of the list.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::QuickFilter => "Filter by the selected row",
            Self::SavedFilters => "Saved filters",
            Self::Copy => "Copy",
            Self::Export => "Export what is shown",
            Self::Accept => "Accept what was found",
            Self::Group => "Group the sockets by",
            Self::Palette => "Commands",
        }
    }
}

impl Item {
    /// An item of a menu.
    pub(super) fn new(letter: char, label: impl Into<String>, more: &str, does: Does) -> Self {
        Self {
            letter: Some(letter),
            label: label.into(),
            more: more.to_owned(),
            keys: String::new(),
            does,
        }
    }
}

impl Chooser {
    /// A menu whose letters choose.
    pub(super) fn menu(kind: Kind, items: Vec<Item>) -> Self {
        Self {
            kind,
            items,
            input: None,
            cursor: 0,
            offset: 0,
            words: vec![],
        }
    }

    /// A list that is narrowed by typing.
    pub(super) fn typed(kind: Kind, items: Vec<Item>) -> Self {
        Self {
            input: Some(Input::default()),
            ..Self::menu(kind, items)
        }
    }

    /// What is typed.
    pub(crate) fn typed_text(&self) -> &str {
        self.input.as_ref().map_or("", |input| input.value())
    }

    /// Where it stands on the screen.
    pub(crate) fn place(&self, screen: Rect) -> layout::List {
        let over = self.words_on(screen).len() + usize::from(self.input.is_some());
        // A list that is searched in must not shrink under the fingers.
        let least = if self.input.is_some() { 6 } else { 1 };
        layout::list(
            screen,
            self.lines_before(self.items.len(), screen).max(least),
            over,
        )
    }

    /// What stands in the list for an item that one line has no room for; `None` where it has.
    ///
    /// The keys that do the same stand at the right end of the first line.
    pub(crate) fn in_full(&self, item: &Item, screen: Rect) -> Option<Vec<Line>> {
        let columns = usize::from(layout::list_width(screen));
        let keys = item.keys.width().min(columns / 3);
        let columns = columns.saturating_sub(keys + usize::from(keys > 0) * 2);
        let (label, width) = (&item.label, self.label_width());
        let letter = item.letter.map(|letter| format!("{letter}  "));
        let letter = letter.unwrap_or_default();
        let before = letter.width() + label.width().max(width);
        let behind = item.more.width() + usize::from(!item.more.is_empty()) * 2;
        if before + behind <= columns && self.kind != Kind::Accept {
            return None;
        }
        // A name that only programs know is not worth a line.
        let more = match self.kind {
            Kind::Palette if matches!(item.does, Does::Act(_) | Does::Tree) => {
                if before <= columns {
                    return None;
                }
                String::new()
            }
            _ => item.more.clone(),
        };
        // Below the label where a word has no room beside it.
        let longest = more.split_whitespace().map(UnicodeWidthStr::width).max();
        let beside = letter.width() + width + 2;
        let hanging = if more.is_empty() {
            2
        } else if columns < beside + longest.unwrap_or(0) {
            letter.width() + 2
        } else {
            beside
        };
        let mut document = Document::default();
        document.hanging(
            hanging,
            vec![
                Piece::new(Role::Key, letter),
                Piece::new(Role::Text, format!("{label:<width$}  ")),
                Piece::new(Role::Dim, more),
            ],
        );
        Some(document.lines(columns))
    }

    /// Lines that an item takes.
    fn height(&self, item: &Item, screen: Rect) -> usize {
        self.in_full(item, screen).map_or(1, |lines| lines.len())
    }

    /// Lines that all items before this place take.
    pub(crate) fn lines_before(&self, place: usize, screen: Rect) -> usize {
        let items = self.items.iter().take(place);
        items.map(|item| self.height(item, screen)).sum()
    }

    /// The lines over the list, on this screen; on a small one, as many as leave room for what is chosen from.
    pub(crate) fn words_on(&self, screen: Rect) -> Vec<Line> {
        let mut document = Document::default();
        for words in &self.words {
            document.text(0, Role::Dim, words.clone());
        }
        let mut lines = document.lines(usize::from(layout::list_width(screen)));
        let height = usize::from(screen.height);
        let most = if self.kind == Kind::Accept {
            height / 2
        } else {
            4
        };
        let items = self.lines_before(self.items.len(), screen).min(most);
        let below = items + usize::from(self.input.is_some());
        let most = height.saturating_sub(below + 4);
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                last.pieces.push(Piece::new(Role::Dim, "…"));
            }
        }
        lines
    }

    /// Columns that the labels of a menu are given, so that what else there is to say begins in one column.
    pub(crate) fn label_width(&self) -> usize {
        // Asked for each item, of which a list that is searched in has many.
        if self.input.is_some() {
            return 0;
        }
        let widths = self.items.iter().map(|item| item.label.width());
        widths.max().unwrap_or(0).min(28)
    }

    /// Selects the item at a place of the screen. Returns whether there is one.
    pub(super) fn point(&mut self, at: Position, screen: Rect) -> bool {
        let row = self.place(screen).row_at(at);
        let above = self.lines_before(self.offset, screen);
        let found = row.and_then(|row| {
            let mut places = self.offset..self.items.len();
            places.find(|place| above + row < self.lines_before(place + 1, screen))
        });
        self.cursor = found.unwrap_or(self.cursor);
        found.is_some()
    }

    pub(super) fn step(&mut self, by: isize) {
        let last = self.items.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// Takes other items, the first of them selected.
    fn replace(&mut self, items: Vec<Item>) {
        self.items = items;
        (self.cursor, self.offset) = (0, 0);
    }
}

impl App {
    /// Opens a list; nothing when there is nothing to choose.
    pub(super) fn choose_from(&mut self, chooser: Chooser) {
        self.mode = Mode::Choose(Box::new(chooser));
    }

    pub(super) fn chooser_key(&mut self, key: KeyEvent) -> Option<Effect> {
        let Mode::Choose(chooser) = &mut self.mode else {
            return None;
        };
        let pressed = Key::of(key);
        match key.code {
            KeyCode::Esc if !chooser.typed_text().is_empty() => {
                if let Some(input) = &mut chooser.input {
                    input.reset();
                }
                self.narrow();
            }
            KeyCode::Esc => self.mode = Mode::Browse,
            KeyCode::Up => chooser.step(-1),
            KeyCode::Down | KeyCode::Tab => chooser.step(1),
            KeyCode::PageUp => chooser.step(-10),
            KeyCode::PageDown => chooser.step(10),
            KeyCode::Enter => {
                let does = chooser.items.get(chooser.cursor)?.does.clone();
                return self.choose(does);
            }
            KeyCode::Char(letter) if chooser.input.is_none() && !pressed.is_ctrl() => {
                let mut items = chooser.items.iter();
                match items.find(|item| item.letter == Some(letter)) {
                    Some(item) => {
                        let does = item.does.clone();
                        return self.choose(does);
                    }
                    None if letter == 'q' => self.mode = Mode::Browse,
                    None => {}
                }
            }
            _ => {
                let typed = chooser
                    .input
                    .as_mut()
                    .is_some_and(|input| line::edit(input, key));
                if typed {
                    self.narrow();
                }
            }
        }
        self.keep_choice_in_sight();
        None
    }

    /// Pastes into the line that narrows the list.
    pub(super) fn paste_into_chooser(&mut self, text: &str) {
        if let Mode::Choose(chooser) = &mut self.mode
            && let Some(input) = &mut chooser.input
        {
            line::paste(input, text);
            self.narrow();
        }
    }

    /// Makes the items anew for what is typed.
    fn narrow(&mut self) {
        let Mode::Choose(chooser) = &self.mode else {
            return;
        };
        let text = chooser.typed_text().to_owned();
        let saved = chooser.kind == Kind::SavedFilters && !chooser.words.is_empty();
        let words = saved
            .then(|| self.said_of_saved(&text))
            .filter(|all| !all.is_empty());
        let items = match chooser.kind {
            Kind::Palette => self.palette(&text),
            Kind::SavedFilters => self.saved_and_to_keep(&text),
            Kind::QuickFilter | Kind::Copy | Kind::Export | Kind::Accept | Kind::Group => return,
        };
        if let Mode::Choose(chooser) = &mut self.mode {
            chooser.replace(items);
            chooser.words = words.unwrap_or_else(|| std::mem::take(&mut chooser.words));
        }
    }

    /// Does what was chosen.
    fn choose(&mut self, does: Does) -> Option<Effect> {
        self.mode = Mode::Browse;
        match does {
            // It may not be possible any more.
            Does::Act(action) => return self.act_on(action),
            Does::Tree => return self.ask_for_tree(),
            Does::Term(term) => self.toggle_term(&term),
            Does::Filter(filter) => {
                self.pages.clear();
                self.set_filter(&filter);
            }
            Does::Keep(name) => self.keep_filter(&name),
            Does::Forget => self.forget_filter(),
            Does::Copy(text) => {
                self.said = Some(format!("copied: {text}"));
                return Some(Effect::Copy(text));
            }
            Does::CopyJson => return self.copy_json(),
            Does::Export(format) => return Some(Effect::Export(format)),
            Does::Group(grouping) => self.group_by(grouping),
            Does::Accept(entry) => return Some(Effect::Accept(entry)),
            Does::Port(port) => self.open_page(Subject::Port(port, None)),
            Does::Process(key) => {
                let snapshot = self.feed.shown.clone()?;
                let process = snapshot.process(key)?;
                self.open_page(Subject::Process(process.clone()));
            }
        }
        None
    }

    pub(super) fn keep_choice_in_sight(&mut self) {
        let area = self.area;
        if let Mode::Choose(chooser) = &mut self.mode {
            let rows = chooser.place(area).rows;
            let (cursor, count) = (chooser.cursor, chooser.items.len());
            let offset = super::listing::scrolled(chooser.offset, cursor, count, rows);
            // Where items have several lines, fewer of them have room.
            let end = chooser.lines_before(cursor + 1, area);
            let has_room = |first: &usize| end <= chooser.lines_before(*first, area) + rows;
            chooser.offset = (offset..cursor).find(has_room).unwrap_or(cursor);
        }
    }
}
