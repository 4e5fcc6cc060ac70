//! Takes the terminal over and gives it back, exactly once each, on every way out.

use super::{
    picture::{Frame, Picture},
    tty,
};
use crossterm::{clipboard::CopyToClipboard, cursor, event, execute, queue, style, terminal};
use ratatui::{backend::CrosstermBackend, layout::Size};
use std::{
    cell::Cell,
    io::{self, BufWriter, Stdout, Write},
    mem::ManuallyDrop,
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, ThreadId},
};

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// A frame goes out in one write. Standard output alone would cut it into lines and kilobytes.
type Out = BufWriter<Stdout>;

const FRAME_BYTES: usize = 256 * 1024;

/// The same for ratatui, which flushes in the middle of a frame: nothing goes out while this `is_held`.
struct Whole {
    out: Out,
    is_held: Rc<Cell<bool>>,
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_held.get() {
            return Ok(());
        }
        self.out.flush()
    }
}

/// Clicks and the wheel (1000), in a form without limits (1006). crossterm's own command would
/// report every movement of the pointer too.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l";

/// The terminal, while it is ours; dropping it gives it back.
pub(super) struct Session {
    /// Never dropped: it would write what it still holds, half a frame, where the terminal was given back already.
    backend: ManuallyDrop<CrosstermBackend<Whole>>,
    picture: Picture,
    /// Nothing goes out now.
    is_held: Rc<Cell<bool>>,
    /// How large the terminal was when it was last drawn on.
    size: Size,
    mouse: bool,
}

impl Session {
    /// Takes the terminal over.
    pub(super) fn start(mouse: bool) -> io::Result<Self> {
        // With NO_COLOR crossterm would turn reverse video off, too: the theme decides instead.
        style::force_color_output(true);
        restore_on_panic(thread::current().id());
        let is_held = Rc::new(Cell::new(false));
        let sized = enter(mouse).and_then(|()| tty::size());
        let size = sized.inspect_err(|_| leave())?;
        Ok(Self {
            backend: ManuallyDrop::new(backend(&is_held)),
            picture: Picture::blank(size),
            is_held,
            size,
            mouse,
        })
    }

    /// Draws one frame, whole or not at all.
    pub(super) fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.is_held.set(true);
        let drawn = self.draw_held(view);
        self.is_held.set(false);
        drawn?;
        Write::flush(&mut *self.backend)
    }

    fn draw_held(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.backend, terminal::BeginSynchronizedUpdate)?;
        let size = tty::size()?;
        if size != self.size {
            self.size = size;
            self.picture = Picture::blank(size);
            queue!(self.backend, terminal::Clear(terminal::ClearType::All))?;
        }
        self.picture.draw(&mut *self.backend, view)?;
        queue!(self.backend, terminal::EndSynchronizedUpdate)
    }

    /// Puts `text` on the clipboard of the terminal's own machine (OSC 52).
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.backend, CopyToClipboard::to_clipboard_from(text))
    }

    /// Writes a question that the terminal may answer among the keys.
    pub(super) fn ask(&mut self, question: &[u8]) -> io::Result<()> {
        let out = &mut *self.backend;
        out.write_all(question)?;
        Write::flush(out)
    }

    /// Asks for clicks and the wheel, or leaves them to the terminal.
    pub(super) fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        let out = &mut *self.backend;
        out.write_all(if on { MOUSE_ON } else { MOUSE_OFF })?;
        Write::flush(out)
    }

    /// Gives the terminal back for a while.
    #[expect(
        clippy::unused_self,
        reason = "only who has the terminal can give it back"
    )]
    pub(super) fn give_back(&mut self) {
        leave();
    }

    /// Takes the terminal again.
    pub(super) fn take_again(&mut self) -> io::Result<()> {
        enter(self.mouse)?;
        self.redraw()
    }

    /// Forgets what is on screen, so the next frame is drawn whole.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        self.size = tty::size()?;
        self.picture = Picture::blank(self.size);
        execute!(self.backend, terminal::Clear(terminal::ClearType::All))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        leave();
    }
}

fn out() -> Out {
    BufWriter::with_capacity(FRAME_BYTES, io::stdout())
}

fn backend(is_held: &Rc<Cell<bool>>) -> CrosstermBackend<Whole> {
    CrosstermBackend::new(Whole {
        out: out(),
        is_held: Rc::clone(is_held),
    })
}

fn enter(mouse: bool) -> io::Result<()> {
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = out();
    queue!(
        out,
        terminal::EnterAlternateScreen,
        // A program that was killed leaves the terminal there, and some do not empty it for the next one.
        terminal::Clear(terminal::ClearType::All),
        cursor::Hide,
        event::EnableBracketedPaste
    )?;
    if mouse {
        out.write_all(MOUSE_ON)?;
    }
    out.flush()
}

/// Gives the terminal back, when it is ours. From a guard, a panic, or a signal: errors change nothing.
fn leave() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    drop(write_farewell(&mut out()));
    drop(terminal::disable_raw_mode());
}

fn write_farewell(out: &mut impl Write) -> io::Result<()> {
    // First of all: inside a synchronised update nothing else would be seen.
    queue!(out, terminal::EndSynchronizedUpdate)?;
    out.write_all(MOUSE_OFF)?;
    queue!(
        out,
        event::DisableBracketedPaste,
        style::ResetColor,
        style::SetAttribute(style::Attribute::Reset),
        terminal::LeaveAlternateScreen,
        cursor::Show
    )?;
    out.flush()
}

/// Gives the terminal back before a panic of `ours` is reported. One of another thread is logged:
/// its words would be lost on a screen that goes on being drawn.
fn restore_on_panic(ours: ThreadId) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !TAKEN.load(Ordering::SeqCst) || thread::current().id() == ours {
            leave();
            before(panic);
        } else {
            tracing::error!("{panic}");
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_farewell_takes_back_everything_that_was_asked_for() {
        let mut written = vec![];
        write_farewell(&mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        for end in ["?2026l", "?1000l", "?1006l", "?2004l", "?1049l", "?25h"] {
            assert!(written.contains(end), "{end} is missing in {written:?}");
        }
        assert!(written.starts_with("\x1b[?2026l"));
    }

    #[test]
    fn only_clicks_and_the_wheel_are_asked_for() {
        let asked = str::from_utf8(MOUSE_ON).unwrap();
        assert!(!asked.contains("1002") && !asked.contains("1003"));
    }
}
