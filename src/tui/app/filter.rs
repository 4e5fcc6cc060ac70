//! The filter bar: what is typed, what of it holds.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::{
    App, Mode,
    completion::{self, Completion},
    line,
};
use crate::query::{self, Query};
use crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

/// The filter.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) input: Input,
    /// What was last understood; it holds while the text has a fault.
    pub(crate) query: Query,
    /// The text of `query`.
    pub(crate) understood: String,
    pub(crate) fault: Option<query::Error>,
    /// What Tab offers.
    pub(crate) completion: Completion,
    /// The text is newer than what was understood of it.
    is_edited: bool,
}

impl Filter {
    /// Whether nothing is typed.
    pub(crate) fn is_empty(&self) -> bool {
        self.input.value().is_empty()
    }

    /// Replaces the text.
    pub(super) fn set(&mut self, text: &str) {
        self.input.reset();
        line::paste(&mut self.input, text);
        self.read();
    }

    /// Reads what was typed: once for a frame, however many keys there were.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.is_edited) {
            self.read();
        }
    }

    fn read(&mut self) {
        self.is_edited = false;
        match Query::parse(self.input.value()) {
            Ok(query) => {
                self.query = query;
                self.input.value().clone_into(&mut self.understood);
                self.fault = None;
            }
            Err(fault) => self.fault = Some(fault),
        }
    }
}

impl App {
    /// Shows only what `text` asks for.
    pub(crate) fn set_filter(&mut self, text: &str) {
        self.filter.set(text);
        self.stale = true;
    }

    pub(super) fn filter_key(&mut self, key: KeyEvent) {
        match key.code {
            KeyCode::Esc => {
                self.set_filter("");
                self.mode = Mode::Browse;
            }
            KeyCode::Enter => {
                self.filter.completion = Completion::default();
                self.mode = Mode::Browse;
            }
            KeyCode::Tab => self.complete(1),
            KeyCode::BackTab => self.complete(-1),
            KeyCode::Up => self.step(-1),
            KeyCode::Down => self.step(1),
            KeyCode::PageUp => self.step(-self.half_page()),
            KeyCode::PageDown => self.step(self.half_page()),
            _ => {
                let edited = line::edit(&mut self.filter.input, key);
                self.filter.completion = Completion::default();
                if edited {
                    self.filter.is_edited = true;
                    self.stale = true;
                }
            }
        }
    }

    /// Puts the next offer into the text, or the one before; the first time, looks what there is.
    fn complete(&mut self, by: isize) {
        let count = self.filter.completion.offers.len();
        if count == 0 {
            let text = self.filter.input.value();
            let newest = self.feed.shown.as_deref();
            self.filter.completion = completion::complete(text, newest, self.host_names());
        }
        let completion = &mut self.filter.completion;
        let count = completion.offers.len();
        if count == 0 {
            return;
        }
        let next = match completion.chosen {
            None if by < 0 => count - 1,
            None => 0,
            Some(at) => (at + count).saturating_add_signed(by) % count,
        };
        let Some(offer) = completion.offers.get(next) else {
            return;
        };
        let text = self.filter.input.value();
        let before = text.get(..completion.from).unwrap_or_default();
        let completed = format!("{before}{}", offer.text);
        // A single field is taken at once, and its values are next.
        let is_done = count == 1;
        completion.chosen = Some(next);
        let kept = std::mem::take(completion);
        self.set_filter(&completed);
        if !is_done {
            self.filter.completion = kept;
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        match &mut self.mode {
            Mode::Filter => {
                line::paste(&mut self.filter.input, text);
                self.filter.read();
                self.stale = true;
            }
            Mode::Search => {
                line::paste(&mut self.ports.search, text);
                self.ports.search(self.setup.registry);
            }
            Mode::Moment(asking) => line::paste(&mut asking.input, text),
            Mode::Help(help) => help.paste(text),
            Mode::Signal(dialog) => dialog.paste(text),
            Mode::Choose(_) => self.paste_into_chooser(text),
            // A pasted line must not press keys.
            Mode::Browse | Mode::Columns(_) | Mode::Log(_) => {}
        }
    }
}
