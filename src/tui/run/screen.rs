//! What the loop draws on.

use crate::tui::{
    app::App,
    effect::Effect,
    input::Reader,
    terminal::Session,
    theme::Theme,
    view::{Look, view},
};
use ratatui::layout::Size;
use std::io;

/// Something to draw on.
pub(super) trait Screen {
    /// Draws one frame.
    fn draw(&mut self, app: &App) -> io::Result<()>;
    /// The size it has now.
    fn size(&self) -> io::Result<Size>;
    /// Does what concerns the terminal; nothing for any other effect.
    fn perform(&mut self, effect: &Effect) -> io::Result<()>;
}

/// The person's terminal.
pub(super) struct Real {
    pub(super) session: Session,
    pub(super) reader: Reader,
    pub(super) look: Look,
    pub(super) themes: Vec<Theme>,
}

impl Screen for Real {
    fn draw(&mut self, app: &App) -> io::Result<()> {
        self.session.draw(|frame| view(frame, app, self.look))
    }

    fn size(&self) -> io::Result<Size> {
        self.session.size()
    }

    fn perform(&mut self, effect: &Effect) -> io::Result<()> {
        match effect {
            Effect::Copy(text) => self.session.copy(text),
            Effect::Mouse(on) => self.session.set_mouse(*on),
            Effect::Redraw => self.session.redraw(),
            Effect::Theme(at) => {
                if let Some(theme) = self.themes.get(*at) {
                    self.look.theme = *theme;
                }
                Ok(())
            }
            Effect::Suspend => {
                self.reader.pause();
                let result = self.session.suspend();
                self.reader.resume();
                result
            }
            Effect::Hold(_)
            | Effect::Signal(_)
            | Effect::CopyJson(_)
            | Effect::Export(_)
            | Effect::Accept(_)
            | Effect::TakeBack(_)
            | Effect::Refresh
            | Effect::Interval(_)
            | Effect::Quit => Ok(()),
        }
    }
}
