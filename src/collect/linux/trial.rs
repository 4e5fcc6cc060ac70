//! A connection of our own on loopback, on which is tried what works: counters, notices, closing.
//!
//! Nothing but this connection is touched.

use super::{
    bytes::{port_at, u64_at},
    message::{attributes, messages},
    netlink::{Fault, Netlink},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::OwnedFd,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SocketFlags, SocketType, bind,
        netlink::{SOCK_DIAG, SocketAddrNetlink},
        recv, socket_with,
        sockopt::set_socket_linger,
    },
};
use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

/// `SOCK_DIAG_BY_FAMILY` and `SOCK_DESTROY`.
const BY_FAMILY: u16 = 20;
const DESTROY: u16 = 21;
const AF_INET: u8 = 2;
const IPPROTO_TCP: u8 = 6;
/// Every state.
const STATES: u32 = u32::MAX;
/// "Whatever its number": `INET_DIAG_NOCOOKIE`, twice.
const NO_COOKIE: [u8; 8] = [0xff; 8];
/// The bit that asks for `INET_DIAG_INFO`, which is attribute 2.
const ASK_INFO: u8 = 1 << 1;
const INFO: u16 = 2;
/// Length of `struct inet_diag_msg`; attributes follow.
const FIXED: usize = 72;
/// Where `tcp_info` has the bytes received.
const BYTES_RECEIVED: usize = 128;
/// `SKNLGRP_INET_TCP_DESTROY` and its three relatives.
const CLOSES: u32 = 0x0f;
/// What is sent over the connection.
const SENT: [u8; 321] = [7; 321];
/// How long anything on loopback may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// A connection of this process with itself.
pub(super) struct Trial {
    client: TcpStream,
    server: TcpStream,
    /// The client's end, and the server's.
    ends: (u16, u16),
}

impl Trial {
    /// Connects.
    pub(super) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let client = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
        let own: SocketAddr = client.local_addr()?;
        let (server, peer) = listener.accept()?;
        // Somebody else may have been faster.
        if peer != own {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        server.set_read_timeout(Some(PATIENCE))?;
        // Closed with a reset, so that it leaves no TIME-WAIT behind.
        for end in [&client, &server] {
            set_socket_linger(end, Some(Duration::ZERO))?;
        }
        let ends = (own.port(), listener.local_addr()?.port());
        Ok(Self {
            client,
            server,
            ends,
        })
    }

    /// Sends some bytes and returns how many the kernel has counted; `None` when it does not count.
    pub(super) fn counted(&mut self) -> Result<Option<u64>, Fault> {
        let mut read = [0; SENT.len()];
        let exchanged = self
            .client
            .write_all(&SENT)
            .and_then(|()| self.server.read_exact(&mut read));
        if exchanged.is_err() {
            return Err(Fault::Silent);
        }
        let mut netlink = Netlink::open(Some(SOCK_DIAG)).map_err(Fault::Refused)?;
        let mut counted = None;
        let (client, server) = self.ends;
        netlink.one(
            BY_FAMILY,
            &about(server, client, ASK_INFO),
            &mut |message| {
                let tail = message.get(FIXED..).unwrap_or(&[]);
                let info = attributes(tail).find(|(kind, _)| *kind == INFO);
                counted = info.and_then(|(_, info)| u64_at(info, BYTES_RECEIVED));
            },
        )?;
        Ok(counted)
    }

    /// How many bytes were sent.
    pub(super) fn sent() -> u64 {
        SENT.len() as u64
    }

    /// Closes our own end as we would close somebody else's.
    pub(super) fn destroy(&self) -> Result<(), Fault> {
        let mut netlink = Netlink::open(Some(SOCK_DIAG)).map_err(Fault::Refused)?;
        let (client, server) = self.ends;
        netlink.order(DESTROY, &about(client, server, 0))
    }

    /// Ends the connection; whether a listener for closes is told of it.
    pub(super) fn end_is_told(self) -> Result<bool, Errno> {
        let ear = socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
            Some(SOCK_DIAG),
        )?;
        bind(&ear, &SocketAddrNetlink::new(0, CLOSES))?;
        let ends = self.ends;
        drop(self);
        hears_of(&ear, ends)
    }
}

/// Waits for the notice of the end of a connection between two ports.
fn hears_of(ear: &OwnedFd, ends: (u16, u16)) -> Result<bool, Errno> {
    let mut buffer = vec![0; 32 * 1024];
    // On a busy machine others' notices come first; each turn waits for one more.
    for _ in 0..1000 {
        let patience = Timespec {
            tv_sec: 1,
            tv_nsec: 0,
        };
        if poll(&mut [PollFd::new(ear, PollFlags::IN)], Some(&patience))? == 0 {
            return Ok(false);
        }
        let (length, _) = recv(ear, buffer.as_mut_slice(), RecvFlags::empty())?;
        let told = messages(buffer.get(..length).unwrap_or(&[])).flatten();
        let mut pairs =
            told.map(|message| (port_at(message.payload, 4), port_at(message.payload, 6)));
        let is_ours =
            |pair| pair == (Some(ends.0), Some(ends.1)) || pair == (Some(ends.1), Some(ends.0));
        if pairs.any(is_ours) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `struct inet_diag_req_v2` about the TCP socket on loopback between two ports.
fn about(own: u16, other: u16, extensions: u8) -> Vec<u8> {
    let mut body = vec![AF_INET, IPPROTO_TCP, extensions, 0];
    body.extend(STATES.to_ne_bytes());
    body.extend(own.to_be_bytes());
    body.extend(other.to_be_bytes());
    for _ in 0..2 {
        body.extend(Ipv4Addr::LOCALHOST.octets());
        body.extend([0; 12]);
    }
    body.extend([0; 4]);
    body.extend(NO_COOKIE);
    body
}
