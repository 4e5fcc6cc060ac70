//! The same on Linux.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Signal, getpid, kill_process},
};

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
