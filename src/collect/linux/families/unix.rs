//! Requests and answers about UNIX sockets (`linux/unix_diag.h`).

use super::{mode_of, unix_socket};
use crate::{
    collect::linux::{
        bytes::{u32_at, u64_at},
        found::Found,
        memory,
        message::attributes,
    },
    model::{Protocol, State, Text, ToldSocket},
};
use std::collections::HashMap;

const AF_UNIX: u8 = 1;
/// `UDIAG_SHOW_NAME`, `_PEER`, `_RQLEN`, `_MEMINFO` and `_UID`.
const SHOWN: u32 = 0x01 | 0x04 | 0x10 | 0x20 | 0x40;
const SHOW_PEER: u32 = 0x04;
/// `INET_DIAG_NOCOOKIE`, twice.
const ANY_COOKIE: [u8; 8] = [0xff; 8];
/// Length of `struct unix_diag_msg`; attributes follow.
const FIXED: usize = 16;
const NAME: u16 = 0;
const PEER: u16 = 2;
const QUEUES: u16 = 4;
const MEMORY: u16 = 5;
const UID: u16 = 7;

/// The request for every UNIX socket.
pub(super) fn request() -> Vec<u8> {
    asking_for(0, SHOWN)
}

/// The request for one UNIX socket, by inode, and its peer.
pub(super) fn request_for(inode: u32) -> Vec<u8> {
    asking_for(inode, SHOW_PEER)
}

fn asking_for(inode: u32, shown: u32) -> Vec<u8> {
    // struct unix_diag_req: family, protocol, pad, states, inode, what to show, cookie
    let mut body = vec![AF_UNIX, 0, 0, 0];
    body.extend(u32::MAX.to_ne_bytes());
    body.extend(inode.to_ne_bytes());
    body.extend(shown.to_ne_bytes());
    body.extend(ANY_COOKIE);
    body
}

/// Returns the socket that `message` tells of; `None` when it is cut or in no form we know.
pub(super) fn decode(message: &[u8]) -> Option<Found> {
    let (head, tail) = message.split_first_chunk::<FIXED>()?;
    let [AF_UNIX, kind, state, ..] = *head else {
        return None;
    };
    let state = match state {
        1 => State::Established,
        // A connection that waits to be accepted.
        2 | 3 => State::SynSent,
        7 => State::Unconnected,
        10 => State::Listen,
        _ => return None,
    };
    let mut socket = unix_socket(mode_of(kind), state, None);
    let inode = Some(u32_at(head, 4)?).filter(|inode| *inode != 0);
    socket.inode = inode.map(u64::from);
    socket.cookie = Some(u64_at(head, 8)?);
    for (kind, value) in attributes(tail) {
        attribute(&mut socket, kind, value);
    }
    Some(Found {
        socket,
        interface: 0,
        cgroup: 0,
    })
}

fn attribute(socket: &mut ToldSocket, kind: u16, value: &[u8]) {
    let Some(portless) = &mut socket.portless else {
        return;
    };
    match kind {
        NAME => portless.path = path(value),
        PEER => portless.peer_inode = u32_at(value, 0).filter(|peer| *peer != 0).map(u64::from),
        QUEUES => {
            socket.recv_queue = u32_at(value, 0);
            socket.send_queue = u32_at(value, 4);
        }
        MEMORY => {
            let told = memory::decode(value);
            socket.memory = told.used;
            socket.drops = told.drops;
        }
        UID => socket.uid = u32_at(value, 0),
        _ => {}
    }
}

/// A path ends at its first zero byte; an abstract name begins with one and may have more.
fn path(name: &[u8]) -> Option<Text> {
    match name.split_first() {
        Some((0, abstracted)) => Some(Text::from_bytes(&[b"@", abstracted].concat())),
        Some(_) => name.split(|byte| *byte == 0).next().map(Text::from_bytes),
        None => None,
    }
}

/// Gives each connected UNIX socket the path of its peer.
pub(super) fn find_peers(found: &mut [Found]) {
    let is_unix = |found: &&Found| found.socket.protocol == Protocol::Unix;
    let paths: HashMap<u64, Text> = found
        .iter()
        .filter(is_unix)
        .filter_map(|found| {
            let path = found.socket.portless.as_ref()?.path.clone()?;
            Some((found.socket.inode?, path))
        })
        .collect();
    for found in found {
        if let Some(portless) = &mut found.socket.portless
            && let Some(peer) = portless.peer_inode
        {
            portless.peer_path = paths.get(&peer).cloned();
        }
    }
}
