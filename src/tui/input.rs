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
///
/// crossterm waits whole milliseconds, and asks again and again in what is left of the last one. With a little more
/// than a whole number, which a wait takes anyway, nothing is left.
const ROUND: Duration = Duration::from_micros(200_100);

/// How long is waited for more of what was pasted, or of a key that was held: only for what is there already.
const GLANCE: Duration = Duration::from_micros(20);

/// Events that are told at once, at most.
const MOST_AT_ONCE: usize = 4096;

/// The thread that reads.
#[derive(Debug)]
pub(super) struct Reader {
    asked: Arc<Asked>,
    thread: Thread,
    /// Tells that the thread rests, or has forgotten what it was asked to.
    rests: std::sync::mpsc::Receiver<()>,
}

/// What the thread is asked for.
#[derive(Debug, Default)]
struct Asked {
    /// To rest.
    pause: AtomicBool,
    /// To forget what was typed until now.
    forget: AtomicBool,
}

impl Reader {
    /// Starts to read. The channel closes when the terminal is gone.
    pub(super) fn start() -> io::Result<(Self, mpsc::Receiver<Vec<Heard>>)> {
        // Installs the handler of SIGWINCH now: a resize before the first poll would be lost.
        drop(event::poll(Duration::ZERO));
        let (sender, events) = mpsc::channel(256);
        let asked = Arc::new(Asked::default());
        let theirs = Arc::clone(&asked);
        let (rest, rests) = std::sync::mpsc::channel();
        let handle = std::thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || read(&sender, &theirs, &rest))?;
        let thread = handle.thread().clone();
        let reader = Self {
            asked,
            thread,
            rests,
        };
        Ok((reader, events))
    }

    /// Leaves the terminal's input alone, from the return of this on: another program reads it now.
    pub(super) fn pause_now(&self) {
        self.answered(Self::pause);
    }

    /// Reads again, but nothing that was typed before the return of this: what is typed then answers the next frame.
    pub(super) fn resume_anew(&self) {
        self.asked.forget.store(true, Ordering::SeqCst);
        self.answered(Self::resume);
    }

    /// Asks the thread for something, and waits until it tells that it is done.
    fn answered(&self, ask: impl FnOnce(&Self)) {
        while self.rests.try_recv().is_ok() {}
        ask(self);
        // A thread that has ended reads nothing and has nothing to forget.
        _ = self.rests.recv_timeout(ROUND * 5);
    }

    /// Leaves the terminal's input alone from the next round on.
    pub(super) fn pause(&self) {
        self.asked.pause.store(true, Ordering::SeqCst);
    }

    /// Reads again.
    pub(super) fn resume(&self) {
        self.asked.pause.store(false, Ordering::SeqCst);
        self.thread.unpark();
    }
}

fn read(sender: &mpsc::Sender<Vec<Heard>>, asked: &Asked, rest: &std::sync::mpsc::Sender<()>) {
    let mut answers = Answers::default();
    while !sender.is_closed() {
        if asked.pause.load(Ordering::SeqCst) {
            // Nobody may be listening.
            _ = rest.send(());
            std::thread::park();
            continue;
        }
        if asked.forget.swap(false, Ordering::SeqCst) {
            // Asked for no time at all, crossterm does not look.
            while matches!(event::poll(GLANCE), Ok(true)) && event::read().is_ok() {}
            _ = rest.send(());
        }
        let next = match event::poll(ROUND) {
            Ok(true) => event::read(),
            Ok(false) if tty::hung_up() => return,
            Ok(false) if answers.waits() => {
                // An answer comes at once, all of it; this is none.
                if sender.blocking_send(answers.give_up(None)).is_err() {
                    return;
                }
                continue;
            }
            Ok(false) => continue,
            Err(error) => Err(error),
        };
        let Ok(event) = next else { return };
        let mut heard = answers.take(event);
        // What came at once is told at once, so that it makes one frame. An error is met again in the next round.
        while heard.len() < MOST_AT_ONCE
            && matches!(event::poll(GLANCE), Ok(true))
            && let Ok(event) = event::read()
        {
            heard.extend(answers.take(event));
        }
        if !heard.is_empty() && sender.blocking_send(heard).is_err() {
            return;
        }
    }
}
