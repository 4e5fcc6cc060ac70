//! Closing one connection: `SOCK_DESTROY` of `sock_diag`.
//!
//! The kernel compares the cookie, so a connection that took over the addresses is not hit.

use crate::model::{Closing, Family, Outcome};
use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind,
        netlink::{SOCK_DIAG, SocketAddrNetlink},
        recvfrom, send, socket_with, sockopt,
    },
};
use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

/// `SOCK_DESTROY`, from `linux/sock_diag.h`.
const DESTROY: u16 = 21;
/// `NLM_F_REQUEST | NLM_F_ACK`.
const REQUEST_AND_ANSWER: u16 = 0x5;
/// `NLMSG_ERROR`, which also brings the good answer: error 0.
const ANSWER: u16 = 2;
/// `sizeof(struct nlmsghdr)`.
const HEADER: usize = 16;
const IPPROTO_TCP: u8 = 6;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const PATIENCE: Duration = Duration::from_secs(5);

/// Closes the connection, and says how that went.
pub(in crate::act) fn close(closing: &Closing) -> Outcome {
    match destroy(closing) {
        Ok(()) => Outcome::Ended(Duration::ZERO),
        // There is no such connection, or another one has its addresses now.
        Err(Errno::NOENT | Errno::STALE) => Outcome::Gone,
        Err(Errno::PERM | Errno::ACCESS) => {
            Outcome::Denied("closing a connection needs root or CAP_NET_ADMIN".into())
        }
        Err(Errno::OPNOTSUPP | Errno::INVAL) => Outcome::Failed(
            "this kernel cannot close connections: it was built without CONFIG_INET_DIAG_DESTROY"
                .into(),
        ),
        Err(errno) => Outcome::Failed(format!("close the connection: {errno}")),
    }
}

fn destroy(closing: &Closing) -> Result<(), Errno> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        Some(SOCK_DIAG),
    )?;
    bind(&socket, &SocketAddrNetlink::new(0, 0))?;
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Recv, Some(PATIENCE))?;
    send(&socket, &request(closing), SendFlags::empty())?;
    let mut answer = [0; 1024];
    loop {
        match recvfrom(&socket, &mut answer, RecvFlags::empty()) {
            Ok((kept, _, from)) => {
                let sender = from.and_then(|from| SocketAddrNetlink::try_from(from).ok());
                // Others may write to our socket too.
                if sender.is_some_and(|sender| sender.pid() == 0) {
                    return read(answer.get(..kept).unwrap_or_default());
                }
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// The message: a header, then `struct inet_diag_req_v2` with its socket id filled in.
fn request(closing: &Closing) -> Vec<u8> {
    let family = match closing.local.address {
        // A socket for both families that speaks IPv4 is found by mapped addresses.
        IpAddr::V4(_) if closing.family == Family::Ipv4 => AF_INET,
        IpAddr::V4(_) | IpAddr::V6(_) => AF_INET6,
    };
    let mut body = vec![family, IPPROTO_TCP, 0, 0];
    body.extend(u32::MAX.to_ne_bytes());
    body.extend(closing.local.port.to_be_bytes());
    body.extend(closing.peer.port.to_be_bytes());
    body.extend(address(closing.local.address, family));
    body.extend(address(closing.peer.address, family));
    body.extend(0_u32.to_ne_bytes());
    body.extend(closing.cookie.to_ne_bytes());
    let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
    let mut message = Vec::with_capacity(HEADER + body.len());
    message.extend(length.to_ne_bytes());
    message.extend(DESTROY.to_ne_bytes());
    message.extend(REQUEST_AND_ANSWER.to_ne_bytes());
    message.extend(1_u32.to_ne_bytes());
    message.extend(0_u32.to_ne_bytes());
    message.extend(body);
    message
}

/// An address as the kernel keeps it: an IPv4 address in the first four of sixteen bytes.
fn address(address: IpAddr, family: u8) -> [u8; 16] {
    match address {
        IpAddr::V4(address) if family == AF_INET => {
            let [a, b, c, d] = address.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => Ipv6Addr::octets(&address),
    }
}

/// The kernel's error number in its answer, zero when it did as asked.
fn read(answer: &[u8]) -> Result<(), Errno> {
    let field = |at: usize| -> Option<[u8; 4]> { answer.get(at..at + 4)?.try_into().ok() };
    let kind = field(4).map(|[low, high, ..]| u16::from_ne_bytes([low, high]));
    let code = field(HEADER).map(i32::from_ne_bytes);
    match (kind, code) {
        (Some(ANSWER), Some(0)) => Ok(()),
        (Some(ANSWER), Some(code @ -4095..=-1)) => Err(Errno::from_raw_os_error(-code)),
        _ => Err(Errno::BADMSG),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Endpoint;
    use std::net::Ipv4Addr;

    fn closing(family: Family) -> Closing {
        Closing {
            cookie: 0x0102_0304_0506_0708,
            family,
            local: Endpoint::new(Ipv4Addr::LOCALHOST, 443),
            peer: Endpoint::new(Ipv4Addr::LOCALHOST, 50_000),
        }
    }

    #[test]
    fn the_request_names_the_connection_and_its_cookie() {
        let request = request(&closing(Family::Ipv4));
        assert_eq!(request.len(), 72);
        assert_eq!(request[16..20], [AF_INET, IPPROTO_TCP, 0, 0]);
        assert_eq!(request[24..28], [1, 187, 195, 80]);
        assert_eq!(request[28..32], [127, 0, 0, 1]);
        assert_eq!(request[64..], 0x0102_0304_0506_0708_u64.to_ne_bytes());
    }

    #[test]
    fn ipv4_over_a_socket_of_both_families_is_mapped() {
        let request = request(&closing(Family::Ipv6));
        assert_eq!(request[16], AF_INET6);
        assert_eq!(
            request[28..44],
            Ipv4Addr::LOCALHOST.to_ipv6_mapped().octets()
        );
    }

    #[test]
    fn an_answer_that_is_none_is_an_error() {
        assert_eq!(read(&[]), Err(Errno::BADMSG));
        assert_eq!(read(&[0; 20]), Err(Errno::BADMSG));
        let mut answer = [0; 20];
        answer[4] = 2;
        assert_eq!(read(&answer), Ok(()));
        answer[16..].copy_from_slice(&(-2_i32).to_ne_bytes());
        assert_eq!(read(&answer), Err(Errno::NOENT));
        answer[16..].copy_from_slice(&i32::MIN.to_ne_bytes());
        assert_eq!(read(&answer), Err(Errno::BADMSG));
    }
}
