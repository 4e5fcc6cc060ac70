//! What the kernel has told and nobody has read yet.
//!
//! The kernel's own buffer is small for who has no privilege: then a thread empties it, which sleeps while nothing
//! is closed.

use super::MOST;
use rustix::{
    event::{PollFd, PollFlags, poll},
    fd::OwnedFd,
    io::Errno,
    net::{RecvFlags, netlink::SocketAddrNetlink, recvfrom},
    time::Timespec,
};
use std::{
    io::{self, PipeReader, PipeWriter},
    mem,
    sync::{Arc, Mutex, PoisonError},
    thread::{Builder, JoinHandle},
};

/// Longer than any one message.
const LONGEST: usize = 8 * 1024;
/// How often the buffer is emptied while sockets are closed: it has room for some hundred of them.
const OFTEN: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 5_000_000,
};

/// A netlink socket, and what was fetched from it.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) socket: OwnedFd,
    letters: Mutex<Letters>,
}

/// Messages one behind the other.
#[derive(Debug, Default)]
pub(super) struct Letters {
    pub(super) bytes: Vec<u8>,
    pub(super) count: usize,
    /// How many came for which there was no room.
    pub(super) more: usize,
    /// The kernel had no room for some.
    pub(super) lost: bool,
}

impl Inbox {
    pub(super) fn new(socket: OwnedFd) -> Self {
        Self {
            socket,
            letters: Mutex::default(),
        }
    }

    /// Takes what has come since the last time.
    pub(super) fn take(&self) -> Letters {
        self.empty();
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut *letters)
    }

    /// Empties the kernel's buffer.
    fn empty(&self) {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = [0; LONGEST];
        loop {
            match recvfrom(&self.socket, buffer.as_mut_slice(), RecvFlags::TRUNC) {
                Ok((kept, sent, from)) => {
                    let sender = from.and_then(|from| SocketAddrNetlink::try_from(from).ok());
                    if sender.is_none_or(|sender| sender.pid() != 0) {
                        continue;
                    }
                    match buffer.get(..kept).filter(|_| kept == sent) {
                        Some(letter) => letters.add(letter),
                        None => letters.lost = true,
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::NOBUFS) => letters.lost = true,
                Err(_) => return,
            }
        }
    }
}

impl Letters {
    fn add(&mut self, letter: &[u8]) {
        if self.count == MOST {
            self.more += 1;
            return;
        }
        self.count += 1;
        self.bytes.extend_from_slice(letter);
        // Each begins where a number of four bytes may.
        let length = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(length, 0);
    }
}

/// Empties an inbox again and again, in a thread that ends with it.
#[derive(Debug)]
pub(super) struct Emptier {
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Emptier {
    pub(super) fn start(inbox: Arc<Inbox>) -> io::Result<Self> {
        let (told, stop) = io::pipe()?;
        let thread = Builder::new()
            .name("closings".to_owned())
            .spawn(move || empty_until(&told, &inbox))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Emptier {
    fn drop(&mut self) {
        drop(self.stop.take());
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// Empties `inbox` whenever something has come, until `told` to stop by its other end being closed.
fn empty_until(told: &PipeReader, inbox: &Inbox) {
    loop {
        let mut asked = [
            PollFd::new(&inbox.socket, PollFlags::IN),
            PollFd::new(told, PollFlags::IN),
        ];
        let answer = poll(&mut asked, None);
        let [_, stop] = &asked;
        if !stop.revents().is_empty() || answer.is_err_and(|errno| errno != Errno::INTR) {
            return;
        }
        inbox.empty();
        // Much may come in one moment, and waking costs.
        if poll(&mut [PollFd::new(told, PollFlags::IN)], Some(&OFTEN)) != Ok(0) {
            return;
        }
    }
}
