//! The kernel's news of sockets that were closed, each with its final counters.
//!
//! Needs no privilege. The kernel tells a moment after the closing. What is not fetched before its buffer is full is lost,
//! which it says.

use super::{
    diag::{Decoder, Raw},
    message::messages,
};
use crate::{collect::clock::Clock, model::SampledSocket};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fd::OwnedFd,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SocketFlags, SocketType, bind,
        netlink::{SOCK_DIAG, SocketAddrNetlink},
        recvfrom, socket_with, sockopt,
    },
    time::Timespec,
};

/// The groups that tell of closings: TCP and UDP, each over IPv4 and IPv6.
const GROUPS: u32 = 0x0f;
/// Room for the news of about 4,000 closings.
const BUFFER: usize = 4 * 1024 * 1024;
/// Longer than any one message.
const LONGEST: usize = 8 * 1024;
/// The most that are fetched at once; the rest counts as lost.
const MOST: usize = 200_000;
/// How long late news is waited for.
const LATE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 1_000_000,
};

/// Listens to the kernel.
#[derive(Debug)]
pub(super) struct Closings {
    socket: OwnedFd,
    clock: Clock,
    decoder: Decoder,
    buffer: Vec<u8>,
}

/// What was told.
#[derive(Debug, Default)]
pub(super) struct News {
    /// The sockets that were closed, as far as the kernel still knew them: without user, inode and owners.
    pub(super) closed: Vec<SampledSocket>,
    /// Some news was lost.
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
        // Without privilege the kernel gives less than was asked for, and tells when that was not enough.
        if sockopt::set_socket_recv_buffer_size_force(&socket, BUFFER).is_err() {
            sockopt::set_socket_recv_buffer_size(&socket, BUFFER)?;
        }
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        Ok(Self {
            socket,
            clock,
            decoder: Decoder::default(),
            buffer: vec![0; LONGEST],
        })
    }

    /// Fetches what was told since the last time.
    pub(super) fn fetch(&mut self) -> News {
        let mut news = News::default();
        let read_at = self.clock.elapsed();
        while news.closed.len() < MOST {
            match recvfrom(&self.socket, self.buffer.as_mut_slice(), RecvFlags::TRUNC) {
                Ok((kept, sent, from)) => {
                    let sender = from.and_then(|from| SocketAddrNetlink::try_from(from).ok());
                    if sender.is_none_or(|sender| sender.pid() != 0) {
                        continue;
                    }
                    news.lost |= kept < sent;
                    let chunk = self.buffer.get(..kept).unwrap_or(&[]);
                    for message in messages(chunk).filter_map(Result::ok) {
                        let raw = Raw::of_closing(message.payload, read_at);
                        let closed = raw.and_then(|raw| self.decoder.decode(&raw));
                        news.closed.extend(closed.and_then(at_last));
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::NOBUFS) => news.lost = true,
                Err(_) => return news,
            }
        }
        news.lost = true;
        news
    }

    /// Waits a moment for late news; fetches it.
    pub(super) fn wait(&mut self) -> News {
        let mut asked = [PollFd::new(&self.socket, PollFlags::IN)];
        _ = poll(&mut asked, Some(&LATE));
        self.fetch()
    }
}

/// What is true of a socket that the kernel has taken apart: not its user, nor its inode.
fn at_last(mut socket: SampledSocket) -> Option<SampledSocket> {
    // One that never had a port was never seen by anybody.
    if socket.local.port == 0 {
        return None;
    }
    socket.uid = None;
    socket.inode = None;
    if socket.peer.is_none() {
        socket.tcp = None;
    }
    Some(socket)
}
