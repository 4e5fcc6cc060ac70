//! The same on Linux.

use ratatui::layout::Size;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Signal, getpid, kill_process},
    termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr},
};

/// The size of the terminal behind standard input; `None` where it is none, or nobody set a size.
pub(crate) fn size() -> Option<Size> {
    let size = tcgetwinsize(rustix::stdio::stdin()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then(|| Size::new(size.ws_col, size.ws_row))
}

/// Whether the terminal behind standard input is gone.
///
/// crossterm does not tell: with a dead terminal it would read nothing, for ever and at full speed.
pub(crate) fn hung_up() -> bool {
    let stdin = rustix::stdio::stdin();
    let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    poll(&mut watched, Some(&now))
        .is_ok_and(|_| watched.iter().any(|fd| fd.revents().intersects(gone)))
}

/// How often it is looked whether an answer has come, and how many times.
const ROUND: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 2_000_000,
};
const ROUNDS: usize = 20;

/// Waits for what the terminal answers, for at most 40 ms, and returns how many bytes there are to be read. It
/// reads none of them: keys may be among them. Over when nothing more has come for one round.
pub(crate) fn await_answer() -> u64 {
    let stdin = rustix::stdio::stdin();
    let mut there = 0;
    for _ in 0..ROUNDS {
        let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
        // What is there already would end the wait at once.
        let watched = if there == 0 {
            &mut watched[..]
        } else {
            &mut []
        };
        let before = there;
        there = poll(watched, Some(&ROUND))
            .and_then(|_| rustix::io::ioctl_fionread(stdin))
            .unwrap_or(0);
        if there > 0 && there == before {
            break;
        }
    }
    there
}

/// How the terminal is set: echo, lines, signals of keys.
#[derive(Debug)]
pub(crate) struct Modes(Termios);

/// How the terminal behind standard input is set; `None` when it is none.
pub(crate) fn modes() -> Option<Modes> {
    tcgetattr(rustix::stdio::stdin()).ok().map(Modes)
}

/// Sets the terminal as it was; there is nothing better to do than to go on when that fails.
pub(crate) fn set_modes(modes: &Modes) {
    _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &modes.0);
}

/// Stops this process until it is continued.
pub(crate) fn stop_ourselves() {
    // Nothing better to do than to go on when it fails.
    _ = kill_process(getpid(), Signal::STOP);
}

/// The number of the signal that asks us to stop.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
pub(crate) fn stop_signal() -> Option<i32> {
    Some(Signal::TSTP.as_raw())
}
