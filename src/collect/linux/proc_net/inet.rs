//! A line of `/proc/net/tcp`, `udp`, `udplite`, `raw` or `icmp`, or of their twins for IPv6.

use super::{fields, hexadecimal};
use crate::{
    collect::linux::{
        bytes::decimal,
        diag::{has_peer, state_of},
        families::portless_of,
    },
    model::{Endpoint, Family, Protocol, State, ToldSocket},
};
use std::net::IpAddr;

/// Decodes one line; `None` when it is in no form we know.
pub(super) fn parse(line: &[u8], protocol: Protocol) -> Option<ToldSocket> {
    let mut fields = fields(line);
    // sl, local_address, rem_address, st, tx_queue:rx_queue, tr:when, retrnsmt, uid, timeout, inode
    let local = endpoint(fields.nth(1)?)?;
    let peer = endpoint(fields.next()?)?;
    let state = state_of(u8::try_from(hexadecimal(fields.next()?)?).ok()?, protocol)?;
    let (sent, received) = pair(fields.next()?)?;
    let uid = u32::try_from(decimal(fields.nth(2)?)?).ok()?;
    let inode = decimal(fields.nth(1)?)?;
    // ref, pointer, drops: only of datagrams.
    let drops = fields.nth(2).filter(|_| protocol.is_datagram());
    let family = match local.address {
        IpAddr::V4(_) => Family::Ipv4,
        IpAddr::V6(_) => Family::Ipv6,
    };
    let (local, portless) = portless_of(protocol, local);
    Some(ToldSocket {
        peer: Some(peer).filter(|peer| has_peer(state, peer)),
        inode: Some(inode).filter(|inode| *inode != 0),
        // The kernel keeps no user for these and writes 0, which would be root.
        uid: Some(uid).filter(|_| state.can_have_owner()),
        recv_queue: Some(received),
        // Of a listener the kernel writes 0 here, and not how many it lets wait.
        send_queue: Some(sent).filter(|_| state != State::Listen),
        drops: drops.and_then(|drops| u32::try_from(decimal(drops)?).ok()),
        portless,
        ..ToldSocket::new(protocol, family, state, local)
    })
}

/// `0100007F:0633`: words of the address as this machine's numbers, the port as it is.
fn endpoint(text: &[u8]) -> Option<Endpoint> {
    let (address, port) = split_at_colon(text)?;
    let word = |at: usize| hexadecimal(address.get(at..at + 8)?).map(u32::to_ne_bytes);
    let address = match address.len() {
        8 => IpAddr::from(word(0)?),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            IpAddr::from(bytes)
        }
        _ => return None,
    };
    Some(Endpoint {
        address,
        port: u16::try_from(hexadecimal(port)?).ok()?,
    })
}

fn pair(text: &[u8]) -> Option<(u32, u32)> {
    let (first, second) = split_at_colon(text)?;
    Some((hexadecimal(first)?, hexadecimal(second)?))
}

fn split_at_colon(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == b':')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}
