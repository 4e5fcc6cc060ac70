use super::*;
use crate::model::{Endpoint, Family, State, ToldSocket};
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    time::{Duration, Instant},
};

fn open() -> Diag {
    Diag::open(Clock::start()).unwrap()
}

fn all(diag: &mut Diag) -> Vec<ToldSocket> {
    let mut sockets = Vec::new();
    let limits = diag.dump(Algorithms::Named, &mut |raw, decoder| {
        sockets.extend(decoder.decode(raw));
        true
    });
    assert_eq!(limits, Ok(vec![]));
    sockets
}

fn dump() -> Vec<ToldSocket> {
    all(&mut open())
}

fn has(diag: &mut Diag, socket: &ToldSocket) -> bool {
    diag.look_up(&socket.kept(), &mut |raw, _| raw.cookie() == socket.cookie)
}

fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint::new(address.ip(), address.port())
}

/// The socket with these ends, once `wanted` holds for it.
#[expect(clippy::disallowed_methods, reason = "a deadline")]
fn socket(
    local: SocketAddr,
    peer: Option<SocketAddr>,
    wanted: impl Fn(&ToldSocket) -> bool,
) -> ToldSocket {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let found = dump()
            .into_iter()
            .find(|socket| socket.local == endpoint(local) && socket.peer == peer.map(endpoint));
        if let Some(found) = found.as_ref().filter(|found| wanted(found)) {
            return found.clone();
        }
        assert!(Instant::now() < deadline, "last seen: {found:?}");
    }
}

#[test]
fn a_listener_tells_its_backlog_and_who_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _waiting = TcpStream::connect(address).unwrap();
    let found = socket(address, None, |socket| socket.recv_queue == Some(1));
    assert_eq!((found.state, found.peer), (State::Listen, None));
    assert!(found.send_queue.is_some_and(|backlog| backlog > 1));
    assert_eq!(found.tcp, None);
    assert!(found.inode.is_some() && found.cookie.is_some());
}

#[test]
fn both_ends_of_a_connection_count_its_bytes() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(address) else {
            continue;
        };
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        client.write_all(&[7; 1000]).unwrap();
        server.read_exact(&mut [0; 1000]).unwrap();
        let (near, far) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        let sent = socket(near, Some(far), |socket| {
            socket.tcp.as_ref().and_then(|tcp| tcp.bytes_acked) == Some(1000)
        });
        let numbers = sent.tcp.unwrap();
        assert_eq!(numbers.bytes_sent, Some(1000));
        assert!(numbers.congestion.is_some() && numbers.cwnd > 0);
        let received = socket(far, Some(near), |_| true).tcp.unwrap();
        assert_eq!(received.bytes_received, Some(1000));
    }
}

#[test]
fn unread_bytes_stand_in_the_queue() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    client.write_all(b"hello").unwrap();
    let (near, far) = (server.local_addr().unwrap(), server.peer_addr().unwrap());
    let found = socket(near, Some(far), |socket| socket.recv_queue == Some(5));
    assert_eq!(found.state, State::Established);
}

#[test]
fn datagram_sockets_have_a_peer_only_when_connected() {
    let bound = UdpSocket::bind("127.0.0.1:0").unwrap();
    let connected = UdpSocket::bind("127.0.0.1:0").unwrap();
    connected.connect(bound.local_addr().unwrap()).unwrap();
    let found = socket(bound.local_addr().unwrap(), None, |_| true);
    assert_eq!(found.state, State::Unconnected);
    let peer = bound.local_addr().ok();
    let found = socket(connected.local_addr().unwrap(), peer, |_| true);
    assert_eq!(
        (found.state, found.protocol),
        (State::Established, Protocol::Udp)
    );
}

#[test]
fn a_mapped_connection_is_of_ipv6_and_stays_mapped() {
    let Ok(listener) = TcpListener::bind("[::]:0") else {
        return;
    };
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (server, _) = listener.accept().unwrap();
    let found = socket(
        server.local_addr().unwrap(),
        server.peer_addr().ok(),
        |_| true,
    );
    assert_eq!(found.family, Family::Ipv6);
    assert!(found.local.address.is_ipv6() && found.local.is_loopback());
    drop(client);
}

#[test]
fn tcp_can_also_be_read_family_by_family() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let local = endpoint(listener.local_addr().unwrap());
    let mut diag = open();
    diag.one_pass = false;
    let sockets = all(&mut diag);
    assert!(sockets.iter().any(|socket| socket.local == local));
}

#[test]
fn one_socket_can_be_asked_for() {
    let mut diag = open();
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(address) else {
            continue;
        };
        let found = socket(listener.local_addr().unwrap(), None, |_| true);
        assert!(has(&mut diag, &found));
        let mut another = found.clone();
        another.cookie = found.cookie.map(|cookie| cookie + 1);
        assert!(!has(&mut diag, &another));
        drop(listener);
        assert!(!has(&mut diag, &found));
    }
    let bound = UdpSocket::bind("127.0.0.1:0").unwrap();
    let found = socket(bound.local_addr().unwrap(), None, |_| true);
    assert!(has(&mut diag, &found));
}
