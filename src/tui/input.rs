//! What the person does, read on a thread of its own.
//!
//! Not crossterm's `EventStream`: that loses keys when it is made again after a suspend, and
//! neither of its event sources tells that the terminal is gone.

mod answer;

pub(super) use answer::{Heard, QUESTION, SHORTEST};

use super::tty;
use answer::Answers;
use crossterm::event;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::Thread,
    time::Duration,
};
use tokio::sync::mpsc;

/// How long one wait for an event lasts; then it is asked whether the terminal is still there.
const ROUND: Duration = Duration::from_millis(200);

/// The thread that reads.
#[derive(Debug)]
pub(super) struct Reader {
    paused: Arc<AtomicBool>,
    thread: Thread,
}

impl Reader {
    /// Starts to read. The channel closes when the terminal is gone.
    pub(super) fn start() -> io::Result<(Self, mpsc::Receiver<Heard>)> {
        // Installs the handler of SIGWINCH now: a resize before the first poll would be lost.
        drop(event::poll(Duration::ZERO));
        let (sender, events) = mpsc::channel(256);
        let paused = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&paused);
        let handle = std::thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || read(&sender, &asked))?;
        let thread = handle.thread().clone();
        Ok((Self { paused, thread }, events))
    }

    /// Leaves the terminal's input alone from the next round on.
    pub(super) fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
    }

    /// Reads again.
    pub(super) fn resume(&self) {
        self.paused.store(false, Ordering::SeqCst);
        self.thread.unpark();
    }
}

fn read(sender: &mpsc::Sender<Heard>, paused: &AtomicBool) {
    let mut answers = Answers::default();
    while !sender.is_closed() {
        if paused.load(Ordering::SeqCst) {
            std::thread::park();
            continue;
        }
        let next = match event::poll(ROUND) {
            Ok(true) => event::read(),
            Ok(false) if tty::hung_up() => return,
            Ok(false) if answers.waits() => {
                // An answer comes at once, all of it; this is none.
                for heard in answers.give_up(None) {
                    if sender.blocking_send(heard).is_err() {
                        return;
                    }
                }
                continue;
            }
            Ok(false) => continue,
            Err(error) => Err(error),
        };
        let Ok(event) = next else { return };
        for heard in answers.take(event) {
            if sender.blocking_send(heard).is_err() {
                return;
            }
        }
    }
}
