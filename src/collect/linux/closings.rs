//! The kernel's news of sockets that were closed, each with its final counters.
//!
//! Needs no privilege. The kernel tells a moment after the closing. What is not fetched before its buffer is full is lost,
//! which it says.

mod inbox;

use super::{
    diag::{Decoder, Raw},
    message::messages,
};
use crate::{collect::clock::Clock, model::ToldSocket};
use inbox::{Emptier, Inbox};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    net::{
        AddressFamily, SocketFlags, SocketType, bind,
        netlink::{SOCK_DIAG, SocketAddrNetlink},
        socket_with, sockopt,
    },
    time::Timespec,
};
use std::sync::Arc;

/// The groups that tell of closings: TCP and UDP, each over IPv4 and IPv6.
const GROUPS: u32 = 0x0f;
/// Room for the news of about 4,000 closings.
const BUFFER: usize = 4 * 1024 * 1024;
/// The most closings that are kept from one time to the next; more are counted.
const MOST: usize = 16_384;
/// How long late news is waited for.
const LATE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 1_000_000,
};

/// Listens to the kernel.
#[derive(Debug)]
pub(super) struct Closings {
    inbox: Arc<Inbox>,
    clock: Clock,
    decoder: Decoder,
    /// `None` where the kernel gives room enough.
    _emptier: Option<Emptier>,
}

/// What was told.
#[derive(Debug, Default)]
pub(super) struct News {
    /// The sockets that were closed, as far as the kernel still knew them: without user, inode and owners.
    pub(super) closed: Vec<ToldSocket>,
    /// How many more there were than are kept.
    pub(super) more: usize,
    /// The kernel had no room for some.
    pub(super) lost: bool,
}

impl Closings {
    /// Begins to listen.
    pub(super) fn open(clock: Clock) -> Result<Self, Errno> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            flags,
            Some(SOCK_DIAG),
        )?;
        let has_room = sockopt::set_socket_recv_buffer_size_force(&socket, BUFFER).is_ok();
        if !has_room {
            // Without privilege the kernel gives less than was asked for, and tells when that was not enough.
            sockopt::set_socket_recv_buffer_size(&socket, BUFFER)?;
        }
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        let inbox = Arc::new(Inbox::new(socket));
        Ok(Self {
            _emptier: if has_room {
                None
            } else {
                Emptier::start(Arc::clone(&inbox)).ok()
            },
            inbox,
            clock,
            decoder: Decoder::default(),
        })
    }

    /// Fetches what was told since the last time.
    pub(super) fn fetch(&mut self) -> News {
        let read_at = self.clock.elapsed();
        let letters = self.inbox.take();
        let mut news = News {
            closed: Vec::with_capacity(letters.count),
            more: letters.more,
            lost: letters.lost,
        };
        for message in messages(&letters.bytes).filter_map(Result::ok) {
            let raw = Raw::of_closing(message.payload, read_at);
            let closed = raw.and_then(|raw| self.decoder.decode(&raw));
            news.closed.extend(closed.and_then(at_last));
        }
        news
    }

    /// Waits a moment for late news; fetches it.
    pub(super) fn wait(&mut self) -> News {
        let mut asked = [PollFd::new(&self.inbox.socket, PollFlags::IN)];
        _ = poll(&mut asked, Some(&LATE));
        self.fetch()
    }
}

impl News {
    /// Adds what was told later.
    pub(super) fn extend(&mut self, later: Self) {
        self.closed.extend(later.closed);
        self.more += later.more;
        self.lost |= later.lost;
    }
}

/// What is true of a socket that the kernel has taken apart: not its user, nor its inode.
fn at_last(mut socket: ToldSocket) -> Option<ToldSocket> {
    // One that never had a port was never seen by anybody.
    if socket.local.port == 0 {
        return None;
    }
    (socket.recv_queue, socket.send_queue) = (None, None);
    socket.uid = None;
    socket.inode = None;
    // One that its own end cut off has forgotten the port of the other end, and its counters are back at nothing. One
    // that never came about has too, but there nothing is true.
    let is_cut_off = socket.peer.is_none_or(|peer| peer.port == 0) && !socket.never_connected();
    if is_cut_off {
        socket.tcp = None;
    }
    Some(socket)
}
