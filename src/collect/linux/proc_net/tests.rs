use super::*;
use crate::{
    collect::linux::noise::Noise,
    model::{Family, State},
};
use std::{
    fs,
    net::{TcpListener, TcpStream, UdpSocket},
};

const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
    0: 0100007F:0633 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0\n   \
    1: 0100007F:0633 0500000A:9C40 06 00000000:00000000 03:00000ABC 00000000     0        0 0 3 0\n";
const TCP6: &str = "  sl  local_address remote_address st\n   \
    0: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 22 1 0 100 0 0 10 0\n";
const RAW: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  \
    26: 00000000:0001 00000000:0000 07 00000000:00000100 00:00000000 00000000     0        0 2232720 2 00000000de40f65c 9\n";
const PACKET: &str = "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n\
    000000008e55ff80 3      3    0003   0     1 64     0      2232722\n\
    0000000023fd6585 3      2    0806   1     1 0      1000   2232723\n";
const UNIX: &str = "Num       RefCount Protocol Flags    Type St Inode Path\n\
    00000000590468e7: 00000003 00000000 00000000 0001 03  1056\n\
    0000000030e15aa7: 00000002 00000000 00010000 0001 01  1055 /run/a b\n\
    0000000030e15aa8: 00000002 00000000 00010000 0005 01  1057 @we\x1bird\n";

/// The sockets of a text, fed in pieces of so many bytes, and how many lines were malformed.
fn read_in(text: &[u8], protocol: Protocol, piece: usize) -> (Vec<Found>, usize) {
    let mut parser = Parser::new(protocol);
    let mut found = vec![];
    for piece in text.chunks(piece.max(1)) {
        parser.add(piece, &mut |one| found.push(one));
    }
    let malformed = parser.end(&mut |one| found.push(one));
    (found, malformed)
}

fn whole(text: &str, protocol: Protocol) -> Vec<Found> {
    let (found, malformed) = read_in(text.as_bytes(), protocol, 4096);
    assert_eq!(malformed, 0);
    found
}

#[test]
fn a_listener_and_a_closed_connection_are_told_apart() {
    let found = whole(TCP, Protocol::Tcp);
    let [listener, closed] = &found[..] else {
        panic!("{found:?}");
    };
    let listener = &listener.socket;
    assert_eq!(listener.kept().bound_to().to_string(), "127.0.0.1:1587");
    assert_eq!((listener.state, listener.peer), (State::Listen, None));
    assert_eq!((listener.uid, listener.inode), (Some(1000), Some(4711)));
    assert_eq!((listener.recv_queue, listener.send_queue), (Some(3), None));
    assert_eq!((listener.cookie, listener.drops), (None, None));
    let closed = &closed.socket;
    assert_eq!(closed.state, State::TimeWait);
    assert_eq!((closed.uid, closed.inode), (None, None));
    assert_eq!(closed.peer.unwrap().to_string(), "10.0.0.5:40000");
}

#[test]
fn addresses_of_ipv6_are_four_numbers_of_this_machine() {
    let found = whole(TCP6, Protocol::Tcp);
    assert_eq!(
        found[0].socket.kept().bound_to().to_string(),
        "[::ffff:127.0.0.1]:8080"
    );
    assert_eq!(found[0].socket.family, Family::Ipv6);
}

#[test]
fn raw_sockets_tell_what_they_lost_and_packet_sockets_where_they_listen() {
    let raw = &whole(RAW, Protocol::Raw)[0].socket;
    assert_eq!(raw.kept().bound_to().to_string(), "0.0.0.0:icmp");
    assert_eq!((raw.drops, raw.recv_queue), (Some(9), Some(256)));
    let packets = whole(PACKET, Protocol::Packet);
    assert_eq!((packets[0].interface, packets[1].interface), (0, 1));
    assert_eq!(packets[1].socket.kept().bound_to().to_string(), "arp:*");
    assert_eq!(packets[0].socket.recv_queue, Some(64));
}

#[test]
fn a_path_is_all_that_is_left_of_the_line() {
    let found = whole(UNIX, Protocol::Unix);
    let shown: Vec<_> = found
        .iter()
        .map(|found| {
            format!(
                "{} {}",
                found.socket.state.name(),
                found.socket.kept().bound_to()
            )
        })
        .collect();
    assert_eq!(
        shown,
        ["established *", "listen /run/a b", "listen @we\\x1bird"]
    );
}

#[test]
fn pieces_of_any_size_give_the_same_sockets() {
    for (text, protocol) in [
        (TCP, Protocol::Tcp),
        (PACKET, Protocol::Packet),
        (UNIX, Protocol::Unix),
    ] {
        let all = whole(text, protocol);
        for piece in 1..text.len() {
            assert_eq!(
                read_in(text.as_bytes(), protocol, piece),
                (all.clone(), 0),
                "{piece}"
            );
        }
    }
}

#[test]
fn a_line_that_is_cut_or_nonsense_is_counted() {
    let cut = &TCP.as_bytes()[..TCP.len() - 40];
    let (found, malformed) = read_in(cut, Protocol::Tcp, 64);
    assert_eq!((found.len(), malformed), (1, 1));
    let (found, malformed) = read_in(b"heading\n\n   \nnonsense\n\xff\xfe\n", Protocol::Unix, 7);
    assert_eq!((found.len(), malformed), (0, 2));
    let long = format!("heading\n{}\n{}", "x".repeat(10_000_000), "y".repeat(5));
    let (_, malformed) = read_in(long.as_bytes(), Protocol::Unix, 5000);
    assert_eq!(malformed, 2);
}

#[test]
fn noise_never_panics_and_is_never_kept_beyond_a_line() {
    let mut noise = Noise::new(7);
    for (text, protocol) in [
        (TCP, Protocol::Tcp),
        (TCP6, Protocol::Udp),
        (RAW, Protocol::Raw),
        (PACKET, Protocol::Packet),
        (UNIX, Protocol::Unix),
    ] {
        for _ in 0..1000 {
            let text = noise.spoilt(text.as_bytes());
            let piece = noise.below(100);
            let (found, malformed) = read_in(&text, protocol, piece);
            let lines = text.split(|byte| *byte == b'\n').count();
            assert!(found.len() + malformed <= lines);
            let mut parser = Parser::new(protocol);
            parser.add(&noise.bytes(5000), &mut |_| {});
            assert!(parser.rest.len() <= LONGEST_LINE);
        }
    }
}

#[test]
fn the_files_of_this_machine_tell_of_our_own_sockets() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let net = Net::open("/proc/self/net").unwrap();
    let (mut found, mut limits) = (vec![], vec![]);
    read_all(&net, &COMMON, &mut found, &mut limits).unwrap();
    assert_eq!(limits, []);
    let has = |port: u16, state: State| {
        let mut sockets = found.iter().map(|found| &found.socket);
        sockets.any(|socket| socket.local.port == port && socket.state == state)
    };
    assert!(has(listener.local_addr().unwrap().port(), State::Listen));
    assert!(has(client.local_addr().unwrap().port(), State::Established));
    assert!(has(
        datagrams.local_addr().unwrap().port(),
        State::Unconnected
    ));
}

#[test]
fn a_kernel_without_ipv6_has_fewer_files_and_one_without_any_has_none() {
    let directory = tempfile::tempdir().unwrap();
    let net = Net::open(directory.path()).unwrap();
    let (mut found, mut limits) = (vec![], vec![]);
    let none = read_all(&net, &COMMON, &mut found, &mut limits);
    assert_eq!(none, Err(Errno::NOENT));
    fs::write(directory.path().join("tcp"), TCP).unwrap();
    fs::write(directory.path().join("udp"), "heading\nnonsense\n").unwrap();
    read_all(&net, &COMMON, &mut found, &mut limits).unwrap();
    assert_eq!((found.len(), limits.len()), (2, 1));
}
