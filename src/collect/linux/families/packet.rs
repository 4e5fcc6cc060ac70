//! Requests and answers about packet sockets (`linux/packet_diag.h`).

use super::{mode_of, packet_socket};
use crate::collect::linux::{
    bytes::{u16_at, u32_at, u64_at},
    found::Found,
    memory,
    message::attributes,
};

const AF_PACKET: u8 = 17;
/// `PACKET_SHOW_INFO` and `PACKET_SHOW_MEMINFO`.
const SHOWN: u32 = 0x01 | 0x10;
/// Length of `struct packet_diag_msg`; attributes follow.
const FIXED: usize = 16;
const INFO: u16 = 0;
const UID: u16 = 5;
const MEMORY: u16 = 6;

/// The request for every packet socket.
pub(super) fn request() -> Vec<u8> {
    // struct packet_diag_req: family, protocol, pad, inode, what to show, cookie
    let mut body = vec![AF_PACKET, 0, 0, 0];
    body.extend(0_u32.to_ne_bytes());
    body.extend(SHOWN.to_ne_bytes());
    body.extend([0; 8]);
    body
}

/// Returns the socket that `message` tells of; `None` when it is cut or in no form we know.
pub(super) fn decode(message: &[u8]) -> Option<Found> {
    let (head, tail) = message.split_first_chunk::<FIXED>()?;
    let [AF_PACKET, kind, ..] = *head else {
        return None;
    };
    let mut socket = packet_socket(mode_of(kind), u16_at(head, 2)?);
    let inode = Some(u32_at(head, 4)?).filter(|inode| *inode != 0);
    socket.inode = inode.map(u64::from);
    socket.cookie = Some(u64_at(head, 8)?);
    let mut interface = 0;
    for (kind, value) in attributes(tail) {
        match kind {
            INFO => interface = u32_at(value, 0)?,
            UID => socket.uid = u32_at(value, 0),
            MEMORY => {
                let told = memory::decode(value);
                socket.memory = told.used;
                socket.drops = told.drops;
                socket.recv_queue = told.received;
                socket.send_queue = told.sent;
            }
            _ => {}
        }
    }
    Some(Found {
        socket,
        interface,
        cgroup: 0,
    })
}
