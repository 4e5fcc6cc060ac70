//! Finding any port there is: by its number, its name, or what is said of it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a key that means nothing here still does when crossterm knows another"
)]

use super::{App, Mode, line};
use crate::tui::{action::View, effect::Effect};
use crossterm::event::{KeyCode, KeyEvent};

impl App {
    /// Shows every port there is and lets the person type which.
    pub(super) fn go_to_port(&mut self) {
        self.show(View::Ports);
        self.ports.browsing = true;
        self.ports.search_for("", self.setup.registry);
        self.mode = Mode::Search;
    }

    /// Shows the ports in use, or every port there is.
    pub(super) fn toggle_every_port(&mut self) {
        self.ports.browsing = !self.ports.browsing;
        if self.ports.browsing {
            self.ports.search_for("", self.setup.registry);
        }
    }

    pub(super) fn search_key(&mut self, key: KeyEvent) -> Option<Effect> {
        match key.code {
            KeyCode::Esc if !self.ports.search.value().is_empty() => {
                self.ports.search_for("", self.setup.registry);
            }
            KeyCode::Esc | KeyCode::Tab => {
                self.ports.browsing = false;
                self.mode = Mode::Browse;
            }
            KeyCode::Enter => {
                self.mode = Mode::Browse;
                return self.open();
            }
            KeyCode::Up => self.step(-1),
            KeyCode::Down => self.step(1),
            KeyCode::PageUp => self.step(-self.half_page()),
            KeyCode::PageDown => self.step(self.half_page()),
            _ => {
                if line::edit(&mut self.ports.search, key) {
                    self.ports.search(self.setup.registry);
                }
            }
        }
        self.keep_in_sight();
        None
    }
}
