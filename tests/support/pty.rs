//! The real program in a real pseudo-terminal, and the screen that a person would see.
//!
//! A screen is looked at only when a frame is complete: when the synchronized update (DEC 2026) is closed.
//! Answers no question of the program's, which proves that it needs no answers, unless a test says what.

use super::{
    deadline::{deadline, left, until},
    process::state,
    program::{PORTWISE, environment},
};
use pty_process::{
    Size,
    blocking::{Command, Pty, open},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, kill_process},
    termios::{LocalModes, tcgetattr},
};
use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    num::NonZeroU16,
    path::Path,
    process::{Child, ExitStatus},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};
use tempfile::TempDir;
use vt100::{Callbacks, MouseProtocolMode, Parser, Screen};

/// The number of the mode that holds a frame back until it is complete.
const SYNCHRONIZED: u16 = 2026;

/// What a terminal is told beside what it shows.
#[derive(Debug, Default)]
struct Told {
    /// Private modes that are on and that vt100 does not know.
    modes: BTreeSet<u16>,
    /// Frames that were completed.
    frames: u64,
    /// Titles and clipboards that were set.
    side_effects: Vec<String>,
}

impl Callbacks for Told {
    fn set_window_title(&mut self, _: &mut Screen, title: &[u8]) {
        self.side_effects
            .push(format!("title {}", String::from_utf8_lossy(title)));
    }

    fn copy_to_clipboard(&mut self, _: &mut Screen, _: &[u8], data: &[u8]) {
        self.side_effects
            .push(format!("clipboard {}", String::from_utf8_lossy(data)));
    }

    fn unhandled_csi(
        &mut self,
        _: &mut Screen,
        first: Option<u8>,
        _: Option<u8>,
        numbers: &[&[u16]],
        verb: char,
    ) {
        if first != Some(b'?') {
            return;
        }
        for mode in numbers.iter().flat_map(|parts| parts.iter()) {
            match verb {
                'h' => _ = self.modes.insert(*mode),
                'l' => {
                    self.modes.remove(mode);
                    self.frames += u64::from(*mode == SYNCHRONIZED);
                }
                _ => {}
            }
        }
    }
}

struct Shown {
    parser: Parser<Told>,
    /// Everything that was written.
    output: Vec<u8>,
    has_ended: bool,
    stop: bool,
}

/// What is shared with the thread that reads the terminal.
struct Shared {
    shown: Mutex<Shown>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything that the program could leave behind in a terminal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Modes {
    pub(crate) alternate_screen: bool,
    pub(crate) hidden_cursor: bool,
    pub(crate) bracketed_paste: bool,
    pub(crate) mouse: MouseProtocolMode,
    pub(crate) others: Vec<u16>,
}

impl Modes {
    /// A terminal as a shell wants it.
    pub(crate) const RESTORED: Self = Self {
        alternate_screen: false,
        hidden_cursor: false,
        bracketed_paste: false,
        mouse: MouseProtocolMode::None,
        others: vec![],
    };
}

/// The dashboard in a terminal of its own.
pub(crate) struct Dashboard {
    pty: Option<Arc<Pty>>,
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
    child: Child,
    home: TempDir,
}

impl Dashboard {
    /// Starts portwise with `args` in a terminal of 120 columns and 36 rows.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_with(args, &[], 120, 36)
    }

    /// Starts portwise with more in its environment, in a terminal of a size.
    pub(crate) fn start_with(
        args: &[&str],
        variables: &[(&str, &str)],
        columns: u16,
        rows: u16,
    ) -> Self {
        let program = Path::new(PORTWISE);
        Self::start_in((program, args), variables, (columns, rows), "")
    }

    /// Starts another program that is to start portwise.
    pub(crate) fn start_program(
        program: &Path,
        args: &[&str],
        variables: &[(&str, &str)],
        size: (u16, u16),
    ) -> Self {
        Self::start_in((program, args), variables, size, "")
    }

    /// Starts portwise in a terminal whose answer is there already when the question comes: no test can promise
    /// to be quick.
    pub(crate) fn start_answered(args: &[&str], answer: &str) -> Self {
        let program = Path::new(PORTWISE);
        Self::start_in((program, args), &[], (120, 36), answer)
    }

    fn start_in(
        (program, args): (&Path, &[&str]),
        variables: &[(&str, &str)],
        (columns, rows): (u16, u16),
        typed: &str,
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (pty, terminal) = open().unwrap();
        pty.resize(Size::new(rows, columns)).unwrap();
        (&pty).write_all(typed.as_bytes()).unwrap();
        let command = Command::new(program).args(args).env_clear();
        let command = command
            .envs(environment(&home))
            .current_dir(home.path())
            .envs(variables.iter().copied());
        let child = command.spawn(terminal).unwrap();
        // The screen has the size that a terminal without one is taken for.
        let (shown_columns, shown_rows) = if (columns, rows) == (0, 0) {
            (80, 24)
        } else {
            (columns, rows)
        };
        let screen = (size(shown_rows), size(shown_columns));
        let parser = Parser::new_with_callbacks(screen.0, screen.1, 0, Told::default());
        let shown = Mutex::new(Shown {
            parser,
            output: vec![],
            has_ended: false,
            stop: false,
        });
        let shared = Arc::new(Shared {
            shown,
            changed: Condvar::new(),
        });
        let pty = Arc::new(pty);
        let (their_pty, their_shared) = (Arc::clone(&pty), Arc::clone(&shared));
        let reader = thread::spawn(move || read(&their_pty, &their_shared));
        Self {
            pty: Some(pty),
            shared,
            reader: Some(reader),
            child,
            home,
        }
    }

    /// Types `keys`.
    pub(crate) fn types(&self, keys: &str) {
        let mut pty: &Pty = self.pty.as_ref().unwrap();
        pty.write_all(keys.as_bytes()).unwrap();
    }

    /// Clicks on the last `text` of the screen, when it is there.
    #[track_caller]
    pub(crate) fn clicks(&self, text: &str) {
        self.shows(text);
        let rows = self.rows();
        let mut rows = rows.iter().enumerate().rev();
        let found = rows.find_map(|(line, row)| {
            let before = row.split_once(text)?.0;
            Some((before.chars().count() + 1, line + 1))
        });
        let Some((column, line)) = found else {
            panic!("{text} has gone from\n{}", self.text());
        };
        self.types(&format!(
            "\u{1b}[<0;{column};{line}M\u{1b}[<0;{column};{line}m"
        ));
    }

    /// Waits until a complete frame shows `text`.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        self.waits_for(&format!("{text:?} on the screen"), |screen| {
            screen.contents().contains(text)
        });
    }

    /// Waits until a complete frame no longer shows `text`.
    #[track_caller]
    pub(crate) fn no_longer_shows(&self, text: &str) {
        let what = format!("the end of {text:?} on the screen");
        self.waits_for(&what, |screen| !screen.contents().contains(text));
    }

    /// Waits until a complete frame fulfils `condition`.
    #[track_caller]
    pub(crate) fn waits_for(&self, what: &str, mut condition: impl FnMut(&Screen) -> bool) {
        self.wait(what, |shown| {
            let is_whole = !shown.parser.callbacks().modes.contains(&SYNCHRONIZED);
            is_whole && condition(shown.parser.screen())
        });
    }

    /// Waits until the program has closed the terminal.
    #[track_caller]
    pub(crate) fn is_left(&self) {
        self.wait("the end of the output", |shown| shown.has_ended);
    }

    #[track_caller]
    fn wait(&self, what: &str, mut condition: impl FnMut(&Shown) -> bool) {
        let end = deadline();
        let mut shown = self.shared.lock();
        while !condition(&shown) {
            let left = left(end);
            let in_vain = left.is_zero() || (shown.has_ended && !condition(&shown));
            assert!(
                !in_vain,
                "waited in vain for {what}; the output has ended: {}; the screen was:\n{}",
                shown.has_ended,
                shown.parser.screen().contents()
            );
            shown = self.shared.changed.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// Returns what is on the screen.
    pub(crate) fn text(&self) -> String {
        self.shared.lock().parser.screen().contents()
    }

    /// Returns the screen itself.
    pub(crate) fn screen(&self) -> Screen {
        self.shared.lock().parser.screen().clone()
    }

    /// Returns the rows of the screen.
    pub(crate) fn rows(&self) -> Vec<String> {
        rows(&self.screen())
    }

    /// Whether this was ever written.
    pub(crate) fn has_written(&self, text: &str) -> bool {
        let shown = self.shared.lock();
        let mut parts = shown.output.windows(text.len());
        parts.any(|part| part == text.as_bytes())
    }

    /// Returns how many frames were completed.
    pub(crate) fn frames(&self) -> u64 {
        self.shared.lock().parser.callbacks().frames
    }

    /// Returns the titles and clipboards that were set.
    pub(crate) fn side_effects(&self) -> Vec<String> {
        self.shared.lock().parser.callbacks().side_effects.clone()
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.shared
            .lock()
            .parser
            .set_size(size(rows), size(columns));
        self.pty
            .as_ref()
            .unwrap()
            .resize(Size::new(rows, columns))
            .unwrap();
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until the program is stopped, as a shell sees it after Ctrl-Z.
    #[track_caller]
    pub(crate) fn is_stopped(&self) {
        until("a stopped program", || match state(self.child.id()) {
            Some('T') => Ok(()),
            other => Err(format!("state {other:?}, screen:\n{}", self.text())),
        });
    }

    /// Waits for the program's end.
    #[track_caller]
    pub(crate) fn exits(&mut self) -> ExitStatus {
        let (child, shared) = (&mut self.child, &self.shared);
        until("the program's end", || {
            child
                .try_wait()
                .unwrap()
                .ok_or_else(|| shared.lock().parser.screen().contents())
        })
    }

    /// Returns what the terminal was left in.
    pub(crate) fn modes(&self) -> Modes {
        let shown = self.shared.lock();
        let screen = shown.parser.screen();
        Modes {
            alternate_screen: screen.alternate_screen(),
            hidden_cursor: screen.hide_cursor(),
            bracketed_paste: screen.bracketed_paste(),
            mouse: screen.mouse_protocol_mode(),
            others: shown.parser.callbacks().modes.iter().copied().collect(),
        }
    }

    /// Whether the terminal echoes, edits lines and makes signals of keys, as a shell wants it.
    pub(crate) fn is_cooked(&self) -> bool {
        let cooked = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        tcgetattr(self.pty.as_ref().unwrap())
            .unwrap()
            .local_modes
            .contains(cooked)
    }

    /// Closes the terminal's window: nothing of it stays open on our side.
    pub(crate) fn hangs_up(&mut self) {
        self.shared.lock().stop = true;
        self.reader.take().unwrap().join().unwrap();
        self.pty = None;
    }

    /// Returns the folder that stands for the user's home.
    pub(crate) fn home(&self) -> &TempDir {
        &self.home
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        self.shared.lock().stop = true;
    }
}

/// Returns the rows of a screen.
pub(crate) fn rows(screen: &Screen) -> Vec<String> {
    screen.rows(0, screen.size().1.get()).collect()
}

fn size(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

/// Feeds the screen until the program ends or the window is closed.
fn read(pty: &Pty, shared: &Shared) {
    let mut buffer = vec![0; 65536];
    let pause = Timespec {
        tv_sec: 0,
        tv_nsec: 20_000_000,
    };
    loop {
        let mut waiting = [PollFd::new(pty, PollFlags::IN)];
        let ready = poll(&mut waiting, Some(&pause)).unwrap_or(0);
        if shared.lock().stop {
            return;
        }
        if ready == 0 {
            continue;
        }
        let mut pty: &Pty = pty;
        let read = pty.read(&mut buffer).unwrap_or(0);
        let mut shown = shared.lock();
        shown.parser.process(&buffer[..read]);
        shown.output.extend_from_slice(&buffer[..read]);
        shown.has_ended = read == 0;
        shared.changed.notify_all();
        if read == 0 {
            return;
        }
    }
}
