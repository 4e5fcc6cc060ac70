//! Requests and answers about the other protocols that have Internet addresses.

use crate::{
    collect::linux::{
        bytes::u32_at,
        diag::{self, EVERY_SOCKET, EXTENSIONS, Names, STATES},
        found::Found,
    },
    model::{Protocol, State},
};

/// Protocols by IANA's numbers; MPTCP's is Linux's own and does not fit into a byte.
pub(super) const UDP_LITE: u32 = 136;
pub(super) const MPTCP: u32 = 262;
pub(super) const SCTP: u32 = 132;
pub(super) const DCCP: u32 = 33;
pub(super) const RAW: u32 = 255;
/// `INET_DIAG_REQ_PROTOCOL`: a protocol whose number needs more room than the request has.
const REQUESTED_PROTOCOL: u16 = 3;

/// The request for every socket of a protocol.
pub(super) fn request(family: u8, protocol: u32) -> Vec<u8> {
    // struct inet_diag_req_v2: family, protocol, extensions, pad, states, id
    let mut body = vec![family, u8::try_from(protocol).unwrap_or(0), EXTENSIONS, 0];
    body.extend(STATES.to_ne_bytes());
    body.extend(EVERY_SOCKET);
    if u8::try_from(protocol).is_err() {
        body.extend(8_u16.to_ne_bytes());
        body.extend(REQUESTED_PROTOCOL.to_ne_bytes());
        body.extend(protocol.to_ne_bytes());
    }
    body
}

/// Returns the socket that `message` tells of; `None` when it is cut or in no form we know.
pub(super) fn decode(message: &[u8], protocol: Protocol, names: &mut Names) -> Option<Found> {
    let mut found = diag::decode(message, protocol, names)?;
    let socket = &mut found.socket;
    // Only TCP's numbers are in the form that was decoded; another protocol's would be made up.
    socket.tcp = None;
    if protocol == Protocol::Sctp && socket.peer.is_some() {
        // An association has states of its own, and the cookie of the socket that may hold many.
        socket.state = association_state(message)?;
        socket.cookie = None;
    }
    Some(found)
}

/// The state of an SCTP association, by `enum sctp_state`, in the words of TCP.
fn association_state(message: &[u8]) -> Option<State> {
    let [_, state, ..] = u32_at(message, 0)?.to_ne_bytes();
    match state {
        0 => Some(State::Close),
        1 | 2 => Some(State::SynSent),
        3 => Some(State::Established),
        4 => Some(State::FinWait1),
        5 => Some(State::FinWait2),
        6 => Some(State::CloseWait),
        7 => Some(State::LastAck),
        _ => None,
    }
}
