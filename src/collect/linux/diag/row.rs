//! One message of a socket dump, decoded. Pure: bytes in, a socket out.

use super::{AF_INET, AF_INET6, tcp_info};
use crate::{
    collect::linux::{
        bytes::{chunk, port_at, u32_at, u64_at},
        families::portless_of,
        found::Found,
        memory::{self, Memory},
        message::attributes,
    },
    model::{Endpoint, Family, Protocol, State, TcpInfo, Text, ToldSocket},
};
use std::net::IpAddr;

/// Length of `struct inet_diag_msg`; attributes follow.
const FIXED: usize = 72;
const INFO: u16 = 2;
const CONGESTION: u16 = 4;
/// `INET_DIAG_SKMEMINFO`.
const MEMORY: u16 = 7;
/// `INET_DIAG_CGROUP_ID`: told unasked, since Linux 5.7.
const CONTROL_GROUP: u16 = 21;

/// The names of congestion control algorithms, each kept once.
#[derive(Debug, Default)]
pub(in crate::collect::linux) struct Names {
    known: Vec<(Vec<u8>, Text)>,
}

impl Names {
    fn intern(&mut self, name: &[u8]) -> Text {
        let name = name.split(|byte| *byte == 0).next().unwrap_or(name);
        if let Some((_, text)) = self.known.iter().find(|(known, _)| known == name) {
            return text.clone();
        }
        let text = Text::from_bytes(name);
        self.known.push((name.to_vec(), text.clone()));
        text
    }
}

/// Returns the socket that `message` tells of; `None` when it is cut or in no form we know.
pub(in crate::collect::linux) fn decode(
    message: &[u8],
    protocol: Protocol,
    names: &mut Names,
) -> Option<Found> {
    let (head, tail) = message.split_first_chunk::<FIXED>()?;
    let [family, state, ..] = *head;
    let state = state_of(state, protocol)?;
    let local = Endpoint {
        address: address_at(head, 8, family)?,
        port: port_at(head, 4)?,
    };
    let peer = Endpoint {
        address: address_at(head, 24, family)?,
        port: port_at(head, 6)?,
    };
    let inode = Some(u32_at(head, 68)?).filter(|inode| *inode != 0);
    // The kernel keeps no user for these and writes 0, which would be root.
    let uid = Some(u32_at(head, 64)?).filter(|_| state.can_have_owner());
    let family = if family == AF_INET {
        Family::Ipv4
    } else {
        Family::Ipv6
    };
    let (local, portless) = portless_of(protocol, local);
    let queued = u32_at(head, 60)?;
    let told = told(tail, (state, queued), names);
    let socket = ToldSocket {
        peer: Some(peer).filter(|peer| has_peer(state, peer)),
        inode: inode.map(u64::from),
        cookie: Some(u64_at(head, 44)?),
        uid,
        recv_queue: Some(u32_at(head, 56)?),
        send_queue: Some(queued),
        tcp: told.numbers,
        memory: told.memory.used,
        drops: told.memory.drops,
        portless,
        ..ToldSocket::new(protocol, family, state, local)
    };
    Some(Found {
        socket,
        interface: u32_at(head, 40)?,
        cgroup: told.cgroup,
    })
}

/// Whether the remote end of a socket means anything.
pub(in crate::collect::linux) fn has_peer(state: State, peer: &Endpoint) -> bool {
    let nobody = peer.port == 0 && peer.address.is_unspecified();
    !nobody && !matches!(state, State::Listen | State::Unconnected)
}

/// What the attributes of a message tell.
#[derive(Debug, Default)]
struct Told {
    numbers: Option<TcpInfo>,
    memory: Memory,
    cgroup: u64,
}

fn told(tail: &[u8], (state, queued): (State, u32), names: &mut Names) -> Told {
    let mut told = Told::default();
    let mut congestion = None;
    for (kind, value) in attributes(tail) {
        match kind {
            // A listener has `tcp_info` too, but other things stand in its fields.
            INFO if state != State::Listen => told.numbers = tcp_info::decode(value, state, queued),
            CONGESTION => congestion = Some(names.intern(value)),
            MEMORY => told.memory = memory::decode(value),
            CONTROL_GROUP => told.cgroup = u64_at(value, 0).unwrap_or(0),
            _ => {}
        }
    }
    if let Some(numbers) = &mut told.numbers {
        numbers.congestion = congestion;
    }
    told
}

fn address_at(head: &[u8], at: usize, family: u8) -> Option<IpAddr> {
    match family {
        AF_INET => Some(IpAddr::from(chunk::<4>(head, at)?)),
        AF_INET6 => Some(IpAddr::from(chunk::<16>(head, at)?)),
        _ => None,
    }
}

/// The state that a number stands for in `include/net/tcp_states.h`.
pub(in crate::collect::linux) fn state_of(number: u8, protocol: Protocol) -> Option<State> {
    if protocol.is_datagram() {
        return match number {
            1 => Some(State::Established),
            7 => Some(State::Unconnected),
            _ => None,
        };
    }
    match number {
        1 => Some(State::Established),
        2 => Some(State::SynSent),
        // 12 is the kernel's own word for a connection that is only half open.
        3 | 12 => Some(State::SynRecv),
        4 => Some(State::FinWait1),
        5 => Some(State::FinWait2),
        6 => Some(State::TimeWait),
        7 | 13 => Some(State::Close),
        8 => Some(State::CloseWait),
        9 => Some(State::LastAck),
        10 => Some(State::Listen),
        11 => Some(State::Closing),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(family: u8, state: u8) -> Vec<u8> {
        let mut bytes = vec![0; FIXED];
        bytes[0] = family;
        bytes[1] = state;
        bytes[4..6].copy_from_slice(&1587_u16.to_be_bytes());
        bytes[6..8].copy_from_slice(&40000_u16.to_be_bytes());
        bytes[8..12].copy_from_slice(&[127, 0, 0, 1]);
        bytes[24..28].copy_from_slice(&[10, 0, 0, 5]);
        bytes[44..52].copy_from_slice(&77_u64.to_ne_bytes());
        bytes[56..60].copy_from_slice(&3_u32.to_ne_bytes());
        bytes[60..64].copy_from_slice(&128_u32.to_ne_bytes());
        bytes[64..68].copy_from_slice(&1000_u32.to_ne_bytes());
        bytes[68..72].copy_from_slice(&4711_u32.to_ne_bytes());
        bytes
    }

    fn with_attribute(mut message: Vec<u8>, kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + value.len()).unwrap();
        message.extend(length.to_ne_bytes());
        message.extend(kind.to_ne_bytes());
        message.extend(value);
        message.resize(message.len().next_multiple_of(4), 0);
        message
    }

    fn tcp(message: &[u8]) -> Option<ToldSocket> {
        decode(message, Protocol::Tcp, &mut Names::default()).map(|row| row.socket)
    }

    #[test]
    fn a_connection_is_read_with_its_numbers() {
        let bytes = with_attribute(message(AF_INET, 1), INFO, &[1; 232]);
        let bytes = with_attribute(bytes, CONGESTION, b"cubic\0");
        let socket = tcp(&bytes).unwrap();
        assert_eq!(socket.local.to_string(), "127.0.0.1:1587");
        assert_eq!(socket.peer.unwrap().to_string(), "10.0.0.5:40000");
        assert_eq!(socket.cookie, Some(77));
        assert_eq!((socket.inode, socket.uid), (Some(4711), Some(1000)));
        assert_eq!((socket.recv_queue, socket.send_queue), (Some(3), Some(128)));
        let numbers = socket.tcp.unwrap();
        assert_eq!(numbers.congestion.unwrap(), "cubic");
        assert_eq!(numbers.rtt_us, 0x0101_0101);
    }

    #[test]
    fn a_listener_has_neither_peer_nor_numbers() {
        let bytes = with_attribute(message(AF_INET, 10), INFO, &[1; 232]);
        let socket = tcp(&bytes).unwrap();
        assert_eq!((socket.state, socket.peer), (State::Listen, None));
        assert_eq!(socket.tcp, None);
    }

    #[test]
    fn a_time_wait_socket_belongs_to_no_user() {
        let mut bytes = message(AF_INET, 6);
        bytes[64..72].fill(0);
        let socket = tcp(&bytes).unwrap();
        assert_eq!((socket.uid, socket.inode), (None, None));
    }

    #[test]
    fn an_ipv4_mapped_address_stays_mapped() {
        let mut bytes = message(AF_INET6, 1);
        bytes[8..24].copy_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1]);
        let socket = tcp(&bytes).unwrap();
        assert_eq!(socket.family, Family::Ipv6);
        assert_eq!(socket.local.to_string(), "[::ffff:127.0.0.1]:1587");
    }

    #[test]
    fn a_datagram_socket_is_unconnected_or_established() {
        let udp = |state| {
            let bytes = message(AF_INET, state);
            decode(&bytes, Protocol::Udp, &mut Names::default()).map(|row| row.socket)
        };
        assert_eq!(udp(7).unwrap().state, State::Unconnected);
        assert_eq!(udp(7).unwrap().peer, None);
        assert!(udp(1).unwrap().peer.is_some());
        assert_eq!(udp(10), None);
    }

    #[test]
    fn the_interface_number_is_kept_for_later() {
        let mut bytes = message(AF_INET, 10);
        bytes[40..44].copy_from_slice(&5_u32.to_ne_bytes());
        let row = decode(&bytes, Protocol::Tcp, &mut Names::default()).unwrap();
        assert_eq!(row.interface, 5);
    }

    #[test]
    fn cut_messages_and_unknown_families_are_refused_without_a_panic() {
        let whole = with_attribute(message(AF_INET, 1), INFO, &[1; 232]);
        for length in 0..FIXED {
            assert_eq!(tcp(&whole[..length]), None, "{length}");
        }
        for length in FIXED..whole.len() {
            assert!(tcp(&whole[..length]).is_some_and(|socket| socket.tcp.is_none()));
        }
        assert_eq!(tcp(&message(99, 1)), None);
        assert_eq!(tcp(&message(AF_INET, 0)), None);
    }

    #[test]
    fn an_algorithm_has_one_text() {
        let mut names = Names::default();
        let first = names.intern(b"bbr\0");
        let second = names.intern(b"bbr");
        assert_eq!(first, second);
        assert_eq!(names.known.len(), 1);
    }
}
