//! What the loop draws on.

use crate::tui::{
    app::App,
    effect::Effect,
    input::Reader,
    terminal::Session,
    theme::Theme,
    tty,
    view::{Look, view},
};
use ratatui::layout::Size;
use std::io::{self, Write as _};

/// Something to draw on.
pub(super) trait Screen {
    /// Draws one frame.
    fn draw(&mut self, app: &App) -> io::Result<()>;
    /// The size it has now.
    fn size(&self) -> io::Result<Size>;
    /// Gives the terminal to another program, which is told of in `words`.
    fn give_back(&mut self, words: &str) -> io::Result<()>;
    /// Takes the terminal again. What was typed meanwhile and not read is nobody's.
    fn take_again(&mut self) -> io::Result<()>;
    /// Gives the terminal to the shell, and stops until that lets us go on.
    fn stop(&mut self);
    /// Takes the terminal again after that.
    fn go_on(&mut self) -> io::Result<()>;
    /// Does what concerns the terminal; nothing for any other effect.
    fn perform(&mut self, effect: &Effect) -> io::Result<()>;
}

/// The person's terminal.
pub(super) struct Real {
    pub(super) session: Session,
    pub(super) reader: Reader,
    pub(super) look: Look,
    pub(super) themes: Vec<Theme>,
    /// How the terminal was set when it was given to another program.
    pub(super) modes: Option<tty::Modes>,
}

impl Screen for Real {
    fn draw(&mut self, app: &App) -> io::Result<()> {
        self.session.draw(|frame| view(frame, app, self.look))
    }

    fn size(&self) -> io::Result<Size> {
        tty::size()
    }

    fn give_back(&mut self, words: &str) -> io::Result<()> {
        self.reader.pause_now();
        self.session.give_back();
        self.modes = tty::modes();
        writeln!(io::stderr(), "portwise: {words}")
    }

    fn take_again(&mut self) -> io::Result<()> {
        // A program that was interrupted while it read a password leaves the echo off.
        if let Some(modes) = self.modes.take() {
            tty::set_modes(&modes);
        }
        let result = self.session.take_again();
        self.reader.resume_anew();
        result
    }

    fn stop(&mut self) {
        self.reader.pause();
        self.session.give_back();
        tty::stop_ourselves();
    }

    fn go_on(&mut self) -> io::Result<()> {
        let result = self.session.take_again();
        self.reader.resume();
        result
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
            Effect::Know(..)
            | Effect::Act(_)
            | Effect::Elevate(..)
            | Effect::ReadLog
            | Effect::Examine
            | Effect::CopyJson(_)
            | Effect::Export(_)
            | Effect::Ask(_)
            | Effect::Heard(..)
            | Effect::Accept(_)
            | Effect::TakeBack(_)
            | Effect::Refresh
            | Effect::Interval(_)
            | Effect::Suspend
            | Effect::Quit => Ok(()),
        }
    }
}
