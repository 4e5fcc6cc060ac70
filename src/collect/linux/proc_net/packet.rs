//! A line of `/proc/net/packet`.

use super::{fields, hexadecimal};
use crate::collect::linux::{
    bytes::decimal,
    families::{mode_of, packet_socket},
    found::Found,
};

/// Decodes one line; `None` when it is in no form we know.
pub(super) fn parse(line: &[u8]) -> Option<Found> {
    let mut fields = fields(line);
    // sk, RefCnt, Type, Proto, Iface, R, Rmem, User, Inode
    let kind = decimal(fields.nth(2)?)?;
    let protocol = u16::try_from(hexadecimal(fields.next()?)?).ok()?;
    let interface = u32::try_from(decimal(fields.next()?)?).ok()?;
    let received = u32::try_from(decimal(fields.nth(1)?)?).ok()?;
    let uid = u32::try_from(decimal(fields.next()?)?).ok()?;
    let inode = decimal(fields.next()?)?;
    let mut socket = packet_socket(mode_of(u8::try_from(kind).ok()?), protocol);
    socket.recv_queue = Some(received);
    socket.uid = Some(uid);
    socket.inode = Some(inode).filter(|inode| *inode != 0);
    Some(Found {
        socket,
        interface,
        cgroup: 0,
    })
}
