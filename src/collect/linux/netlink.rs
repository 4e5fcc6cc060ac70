//! One netlink conversation: a request out, a dump back.
//!
//! Knows nothing of what is asked. Every way in which an answer can be less than whole is a
//! [`Fault`], so no caller takes half an answer for all of it.

use super::{
    bytes::u32_at,
    message::{HEADER, messages},
};
use crate::collect::clock::Clock;
use rustix::{
    buffer::spare_capacity,
    fd::OwnedFd,
    io::Errno,
    net::{
        AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, bind,
        netdevice::name_to_index, netlink::SocketAddrNetlink, recvfrom, send, socket_with, sockopt,
    },
};
use std::time::Duration;

/// The kernel makes no chunk of a dump longer than this, whatever room it is given.
const CHUNK: usize = 32 * 1024;
/// How long the kernel may think before a chunk.
const PATIENCE: Duration = Duration::from_secs(5);
const REQUEST: u16 = 1;
const ACKNOWLEDGE: u16 = 4;
const DUMP: u16 = 0x300;
const DUMP_INTERRUPTED: u16 = 0x10;
const ERROR: u16 = 2;
const DONE: u16 = 3;
/// Message types below this belong to netlink itself.
const FIRST_OF_PROTOCOL: u16 = 16;

/// Why an answer is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The kernel refused.
    Refused(Errno),
    /// The table changed while it was read, so rows may be missing or doubled.
    Interrupted,
    /// The kernel had to throw parts of the answer away.
    Lost,
    /// A chunk was longer than our buffer, or a length in it was wrong.
    Malformed,
    /// The kernel did not answer in time.
    Silent,
}

impl Fault {
    /// What happened, to follow "the answer ".
    pub(super) fn words(self) -> String {
        match self {
            Self::Refused(errno) => format!("was refused: {errno}"),
            Self::Interrupted => "was interrupted by changes, twice".into(),
            Self::Lost => "was too long for the kernel's buffer".into(),
            Self::Malformed => "was cut or malformed".into(),
            Self::Silent => "did not come in time".into(),
        }
    }
}

/// A netlink socket.
#[derive(Debug)]
pub(super) struct Netlink {
    socket: OwnedFd,
    protocol: Option<Protocol>,
    buffer: Vec<u8>,
    sequence: u32,
    clock: Clock,
}

impl Netlink {
    /// Opens a conversation over `protocol`; `None` is `NETLINK_ROUTE`.
    pub(super) fn open(protocol: Option<Protocol>) -> Result<Self, Errno> {
        Self::stamped(protocol, Clock::start())
    }

    /// The same, where what comes is stamped by `clock`.
    pub(super) fn stamped(protocol: Option<Protocol>, clock: Clock) -> Result<Self, Errno> {
        Ok(Self {
            socket: open_socket(protocol)?,
            protocol,
            // Touched only by what comes.
            buffer: Vec::with_capacity(CHUNK),
            sequence: 0,
            clock,
        })
    }

    /// Asks for a dump and gives each message's payload to `take`.
    ///
    /// After a fault, what `take` was given is a part of the answer.
    pub(super) fn dump(
        &mut self,
        kind: u16,
        body: &[u8],
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Fault> {
        self.dump_stamped(kind, body, &mut |payload, _| take(payload))
    }

    /// The same, with when the chunk came that a message was in.
    pub(super) fn dump_stamped(
        &mut self,
        kind: u16,
        body: &[u8],
        take: &mut dyn FnMut(&[u8], Duration),
    ) -> Result<(), Fault> {
        self.ask(kind, REQUEST | DUMP, body, take)
    }

    /// Asks for one thing and gives its payload to `take`.
    pub(super) fn one(
        &mut self,
        kind: u16,
        body: &[u8],
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Fault> {
        self.one_stamped(kind, body, &mut |payload, _| take(payload))
    }

    /// The same, with when it came.
    pub(super) fn one_stamped(
        &mut self,
        kind: u16,
        body: &[u8],
        take: &mut dyn FnMut(&[u8], Duration),
    ) -> Result<(), Fault> {
        self.ask(kind, REQUEST, body, take)
    }

    /// The number of an interface of the network namespace that is asked.
    pub(super) fn interface(&self, name: &str) -> Result<u32, Errno> {
        name_to_index(&self.socket, name)
    }

    /// Asks for something to be done; the kernel says that it was, or why not.
    pub(super) fn order(&mut self, kind: u16, body: &[u8]) -> Result<(), Fault> {
        self.ask(kind, REQUEST | ACKNOWLEDGE, body, &mut |_, _| {})
    }

    fn ask(
        &mut self,
        kind: u16,
        flags: u16,
        body: &[u8],
        take: &mut dyn FnMut(&[u8], Duration),
    ) -> Result<(), Fault> {
        self.sequence = self.sequence.wrapping_add(1);
        let answer = self
            .request(kind, flags, body)
            .map_err(Fault::Refused)
            .and_then(|()| self.receive(flags, take));
        // What is left of a broken dump would block the next one; a refusal leaves nothing.
        if answer.is_err_and(|fault| !matches!(fault, Fault::Refused(_)))
            && let Ok(socket) = open_socket(self.protocol)
        {
            self.socket = socket;
        }
        answer
    }

    fn request(&self, kind: u16, flags: u16, body: &[u8]) -> Result<(), Errno> {
        let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
        let mut request = Vec::with_capacity(HEADER + body.len());
        request.extend(length.to_ne_bytes());
        request.extend(kind.to_ne_bytes());
        request.extend(flags.to_ne_bytes());
        request.extend(self.sequence.to_ne_bytes());
        request.extend(0_u32.to_ne_bytes());
        request.extend(body);
        send(&self.socket, &request, SendFlags::empty()).map(drop)
    }

    fn receive(&mut self, asked: u16, take: &mut dyn FnMut(&[u8], Duration)) -> Result<(), Fault> {
        let mut whole = Ok(());
        // To an order, "no error" is the whole answer; to a question it is none.
        let acknowledged = if asked & ACKNOWLEDGE == 0 {
            Err(Fault::Malformed)
        } else {
            Ok(())
        };
        loop {
            let length = self.receive_chunk()?;
            let came_at = self.clock.elapsed();
            let chunk = self.buffer.get(..length).ok_or(Fault::Malformed)?;
            for message in messages(chunk) {
                let message = message.map_err(|_malformed| Fault::Malformed)?;
                if message.sequence != self.sequence {
                    continue;
                }
                if message.flags & DUMP_INTERRUPTED != 0 {
                    whole = Err(Fault::Interrupted);
                }
                match message.kind {
                    DONE => return refusal(message.payload).and(whole),
                    ERROR => return refusal(message.payload).and(acknowledged),
                    FIRST_OF_PROTOCOL.. => {
                        take(message.payload, came_at);
                        if asked & DUMP == 0 {
                            return Ok(());
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Waits for a chunk from the kernel; others may write to our socket too.
    fn receive_chunk(&mut self) -> Result<usize, Fault> {
        loop {
            self.buffer.clear();
            let room = spare_capacity(&mut self.buffer);
            match recvfrom(&self.socket, room, RecvFlags::TRUNC) {
                Ok((kept, sent, from)) => {
                    let sender = from.and_then(|from| SocketAddrNetlink::try_from(from).ok());
                    if sender.is_none_or(|sender| sender.pid() != 0) {
                        continue;
                    }
                    return if kept < sent || sent == 0 {
                        Err(Fault::Malformed)
                    } else {
                        Ok(kept)
                    };
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Err(Fault::Silent),
                Err(Errno::NOBUFS) => return Err(Fault::Lost),
                Err(errno) => return Err(Fault::Refused(errno)),
            }
        }
    }
}

fn open_socket(protocol: Option<Protocol>) -> Result<OwnedFd, Errno> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        protocol,
    )?;
    bind(&socket, &SocketAddrNetlink::new(0, 0))?;
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Recv, Some(PATIENCE))?;
    Ok(socket)
}

/// The kernel's error number at the head of `payload`, negative when there is one.
fn refusal(payload: &[u8]) -> Result<(), Fault> {
    match u32_at(payload, 0).map_or(0, u32::cast_signed) {
        0.. => Ok(()),
        code @ -4095..=-1 => Err(Fault::Refused(Errno::from_raw_os_error(-code))),
        _ => Err(Fault::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_number_is_a_refusal_and_zero_is_none() {
        assert_eq!(
            refusal(&(-2_i32).to_ne_bytes()),
            Err(Fault::Refused(Errno::NOENT))
        );
        assert_eq!(refusal(&0_i32.to_ne_bytes()), Ok(()));
        assert_eq!(refusal(&[]), Ok(()));
        assert_eq!(refusal(&i32::MIN.to_ne_bytes()), Err(Fault::Malformed));
    }

    #[test]
    fn a_request_the_kernel_does_not_know_is_refused() {
        let mut netlink = Netlink::open(Some(rustix::net::netlink::SOCK_DIAG)).unwrap();
        let answer = netlink.dump(999, &[0; 8], &mut |_| {});
        assert!(matches!(answer, Err(Fault::Refused(_))), "{answer:?}");
    }

    #[test]
    fn what_does_not_fit_is_told_and_spoils_no_later_answer() {
        // The interfaces: there is one at least, and it is more than two words.
        const GET_LINK: u16 = 18;
        let mut netlink = Netlink::open(None).unwrap();
        netlink.buffer = Vec::with_capacity(8);
        let mut links = 0;
        let answer = netlink.dump(GET_LINK, &[0; 16], &mut |_| links += 1);
        assert_eq!((answer, links), (Err(Fault::Malformed), 0));
        netlink.buffer = Vec::with_capacity(CHUNK);
        let answer = netlink.dump(GET_LINK, &[0; 16], &mut |_| links += 1);
        assert!(answer.is_ok() && links > 0, "{answer:?}, {links}");
    }
}
