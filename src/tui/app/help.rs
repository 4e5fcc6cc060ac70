//! The help overlay: what is searched for in it, how far it is scrolled.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::{App, line};
use crate::tui::{document::Line, layout, pages};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use std::{cell::OnceCell, rc::Rc};
use tui_input::Input;

/// The lines of the help, and what they were made from: what is searched for, the size.
pub(super) type Kept = OnceCell<(String, Rect, Rc<Vec<Line>>)>;

/// The help while it is open.
#[derive(Debug, Default)]
pub(crate) struct Help {
    pub(crate) input: Input,
    pub(crate) scroll: usize,
}

impl Help {
    /// Takes a key. Returns whether the help is to be closed.
    pub(super) fn key(&mut self, key: KeyEvent) -> bool {
        let empty = self.input.value().is_empty();
        match key.code {
            KeyCode::Esc if !empty => self.input.reset(),
            KeyCode::Esc | KeyCode::F(1) | KeyCode::Enter => return true,
            KeyCode::Char('?') if empty => return true,
            _ => {
                if line::edit(&mut self.input, key) {
                    self.scroll = 0;
                }
            }
        }
        false
    }

    pub(super) fn paste(&mut self, text: &str) {
        line::paste(&mut self.input, text);
    }
}

impl App {
    /// The lines of the help, narrowed to what is searched for.
    ///
    /// Laid out once, however often they are asked for until something happens.
    pub(crate) fn help_lines(&self, help: &Help) -> Rc<Vec<Line>> {
        let width = layout::help(self.area).width.saturating_sub(4);
        let search = help.input.value();
        let anew = || Rc::new(pages::help::lines(self, search, usize::from(width)));
        let made = || (search.to_owned(), self.area, anew());
        let (of, area, lines) = self.help_says.get_or_init(made);
        if (of.as_str(), *area) == (search, self.area) {
            Rc::clone(lines)
        } else {
            anew()
        }
    }
}
