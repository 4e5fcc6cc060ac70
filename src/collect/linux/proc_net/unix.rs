//! A line of `/proc/net/unix`.
//!
//! The kernel writes paths as they are. A path with a line break in it can look like a line of its own:
//! who binds such a one can make up sockets here. Netlink, which is asked first, has no such hole.

use super::hexadecimal;
use crate::{
    collect::linux::{
        bytes::decimal,
        families::{mode_of, unix_socket},
    },
    model::{State, Text, ToldSocket},
};

/// `__SO_ACCEPTCON`: it listens.
const LISTENS: u32 = 0x1_0000;
/// `SS_CONNECTING` and `SS_CONNECTED`: it has a peer.
const CONNECTED: [u32; 2] = [2, 3];
/// The longest path of a UNIX socket.
const LONGEST_PATH: usize = 108;

/// Decodes one line; `None` when it is in no form we know.
pub(super) fn parse(line: &[u8]) -> Option<ToldSocket> {
    let mut rest = line;
    let address = field(&mut rest)?.strip_suffix(b":")?;
    if !address.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let _references = hexadecimal(field(&mut rest)?)?;
    let _protocol = hexadecimal(field(&mut rest)?)?;
    let flags = hexadecimal(field(&mut rest)?)?;
    let kind = u8::try_from(hexadecimal(field(&mut rest)?)?).ok()?;
    let state = hexadecimal(field(&mut rest)?)?;
    let inode = decimal(field(&mut rest)?)?;
    // One blank, then the path: whatever else it begins with is its own.
    let path = rest.strip_prefix(b" ").filter(|path| !path.is_empty());
    if path.is_some_and(|path| path.len() > LONGEST_PATH) {
        return None;
    }
    let state = if flags & LISTENS != 0 {
        State::Listen
    } else if CONNECTED.contains(&state) {
        State::Established
    } else {
        State::Unconnected
    };
    let mut socket = unix_socket(mode_of(kind), state, path.map(Text::from_bytes));
    socket.inode = Some(inode).filter(|inode| *inode != 0);
    Some(socket)
}

/// Takes the next field and the blanks before it.
fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let start = rest.iter().position(|byte| *byte != b' ')?;
    let field = rest.get(start..)?;
    let end = field
        .iter()
        .position(|byte| *byte == b' ')
        .unwrap_or(field.len());
    *rest = field.get(end..)?;
    field.get(..end).filter(|field| !field.is_empty())
}
