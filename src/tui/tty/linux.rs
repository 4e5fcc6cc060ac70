//! The same on Linux.

use ratatui::layout::Size;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Signal, getpgrp, getpid, kill_process},
    termios::{OptionalActions, Termios, tcdrain, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr},
};
use std::io;

/// What a terminal is taken for that nobody told its size: a serial console, some containers.
const USUAL: Size = Size::new(80, 24);

/// The size of the terminal behind standard input.
///
/// Not crossterm's: that starts a program (`tput`) when the terminal does not tell.
pub(crate) fn size() -> io::Result<Size> {
    let size = tcgetwinsize(rustix::stdio::stdin())?;
    let told = size.ws_col > 0 && size.ws_row > 0;
    Ok(if told {
        Size::new(size.ws_col, size.ws_row)
    } else {
        USUAL
    })
}

/// Whether a shell lets us draw: not while it runs us in the background. Where there is no such shell, we may.
pub(crate) fn in_foreground() -> bool {
    tcgetpgrp(rustix::stdio::stdin()).map_or(true, |group| group == getpgrp())
}

/// Waits until a shell that started us in the background brings us to the front. Before anything catches a signal:
/// one that is to end us does, meanwhile.
pub(crate) fn await_foreground() {
    // From the background the system stops whoever asks this. Setting the terminal would be stopped, too, and then set
    // it as it was while the shell edited a line.
    _ = tcdrain(rustix::stdio::stdin());
}

/// Stops this process, as the system stops one that draws from the background, until it is continued.
///
/// Not as [`stop_ourselves`] does: `sudo` brings back who stops so, when it is in the foreground itself.
pub(crate) fn stop_in_background() {
    _ = kill_process(getpid(), Signal::TTOU);
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
