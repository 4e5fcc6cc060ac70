use super::*;
use crate::collect::linux::noise::Noise;
use std::{
    net::{TcpListener, UdpSocket},
    os::unix::net::{UnixDatagram, UnixListener, UnixStream},
};

const OWN: &str = "/proc/self/net";

fn others(mut families: Families) -> Vec<ToldSocket> {
    let others = families.dump(&Net::open(OWN).unwrap(), true);
    assert_eq!(others.limits, []);
    let sockets = others.sockets.into_iter();
    sockets.map(|found| found.socket).collect()
}

fn path(socket: &ToldSocket) -> Option<&str> {
    socket.portless.as_ref()?.path.as_deref()
}

#[test]
fn both_ways_tell_of_the_same_unix_sockets() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("listener");
    let listener = UnixListener::bind(&place).unwrap();
    let client = UnixStream::connect(&place).unwrap();
    let accepted = listener.accept().unwrap();
    let datagrams = UnixDatagram::bind(directory.path().join("datagrams")).unwrap();
    for families in [Families::open(), Families::of_proc_net()] {
        let over_netlink = families.netlink.is_some();
        let sockets = others(families);
        let place = place.to_str();
        let bound: Vec<_> = sockets.iter().filter(|one| path(one) == place).collect();
        let listens = bound.iter().find(|one| one.state == State::Listen).unwrap();
        assert_eq!(listens.portless.as_ref().unwrap().mode, Some(Mode::Stream));
        assert!(bound.iter().any(|one| one.state == State::Established));
        let other = sockets
            .iter()
            .find(|one| path(one) == directory.path().join("datagrams").to_str());
        assert_eq!(other.unwrap().state, State::Unconnected);
        let connected =
            |one: &&ToldSocket| one.portless.as_ref().unwrap().peer_path.as_deref() == place;
        assert_eq!(sockets.iter().any(|one| connected(&one)), over_netlink);
    }
    drop((client, accepted, datagrams));
}

#[test]
fn nothing_else_is_read_where_unix_sockets_are_not_asked_for() {
    let pair = UnixStream::pair().unwrap();
    let kept = (
        TcpListener::bind("127.0.0.1:0"),
        UdpSocket::bind("127.0.0.1:0"),
    );
    let found = Families::open().dump(&Net::open(OWN).unwrap(), false);
    let protocols = found.sockets.iter().map(|found| found.socket.protocol);
    let strangers = [Protocol::Unix, Protocol::Tcp, Protocol::Udp];
    assert!(protocols.into_iter().all(|one| !strangers.contains(&one)));
    drop((pair, kept));
}

#[test]
fn counts_are_read_by_their_columns() {
    let text = b"protocol  size sockets  memory press maxhdr  slab module     cl co\n\
        PACKET    1600      1      -1   NI       0   no   kernel      n  n\n\
        RAWv6     1344      0      -1   NI       0   yes  kernel      y  y\n";
    let counts = Counts {
        names: counted(text).unwrap(),
        mptcp: false,
    };
    assert!(!counts.none(Kind::Packet) && counts.none(Kind::Raw) && counts.none(Kind::Sctp));
    assert!(
        !counts.none(Kind::Mptcp),
        "an old kernel does not count them"
    );
    assert_eq!(counted(b"name size\nRAW 1 1\n"), None);
    assert_eq!(counted(b"protocol  size sockets\nRAW 1\n"), None);
    assert_eq!(release_number(b"6.18.44-fc"), Some((6, 18)));
    assert_eq!(release_number(b"next"), None);
}

/// A message of this kind's length, its head set, with attributes.
fn message(head: &[u8], length: usize, attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = head.to_vec();
    bytes.resize(length, 0);
    for (kind, value) in attributes {
        bytes.extend(u16::try_from(4 + value.len()).unwrap().to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(*value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

fn unix_message(name: &[u8]) -> Vec<u8> {
    message(
        &[1, 1, 10, 0, 7, 0, 0, 0],
        16,
        &[(0, name), (2, &[9, 0, 0, 0]), (4, &[1; 8]), (5, &[2; 36])],
    )
}

fn packet_message() -> Vec<u8> {
    let mut head = vec![17, 3];
    head.extend(0x806_u16.to_ne_bytes());
    head.extend(7_u32.to_ne_bytes());
    message(
        &head,
        16,
        &[(0, &[1; 24]), (5, &[0, 0, 0, 0]), (6, &[3; 36])],
    )
}

#[test]
fn a_name_ends_where_its_kind_of_name_ends() {
    let named = |name: &[u8]| {
        let found = unix::decode(&unix_message(name)).unwrap();
        found
            .socket
            .portless
            .unwrap()
            .path
            .map(|path| path.to_string())
    };
    assert_eq!(named(b"/run/x\0").as_deref(), Some("/run/x"));
    assert_eq!(
        named(b"\0bus\x1b[2J\0x").as_deref(),
        Some("@bus\\x1b[2J\\x00x")
    );
    assert_eq!(named(b""), None);
}

#[test]
fn a_packet_socket_tells_what_it_receives_and_lost() {
    let found = packet::decode(&packet_message()).unwrap();
    assert_eq!(found.interface, 0x0101_0101);
    assert_eq!(found.socket.portless.as_ref().unwrap().number, Some(0x806));
    assert_eq!((found.socket.inode, found.socket.uid), (Some(7), Some(0)));
    assert_eq!(found.socket.drops, Some(0x0303_0303));
}

#[test]
fn an_association_has_its_own_state_and_no_cookie_of_its_own() {
    let mut bytes = message(&[AF_INET, 3], 72, &[]);
    bytes[4..8].copy_from_slice(&[0, 9, 0, 8]);
    bytes[24..28].copy_from_slice(&[10, 0, 0, 5]);
    let found = inet::decode(&bytes, Protocol::Sctp, &mut Names::default()).unwrap();
    assert_eq!(
        (found.socket.state, found.socket.cookie),
        (State::Established, None)
    );
    assert_eq!(found.socket.peer.unwrap().to_string(), "10.0.0.5:8");
}

#[test]
fn a_raw_socket_has_a_number_and_no_port() {
    let mut bytes = message(&[AF_INET, 7], 72, &[]);
    bytes[4..6].copy_from_slice(&58_u16.to_be_bytes());
    let found = inet::decode(&bytes, Protocol::Raw, &mut Names::default()).unwrap();
    assert_eq!(
        (found.socket.kept().port(), found.socket.local.port),
        (None, 0)
    );
    assert_eq!(
        found.socket.kept().bound_to().to_string(),
        "0.0.0.0:ipv6-icmp"
    );
}

#[test]
fn cut_and_noisy_messages_never_panic_and_never_make_a_socket_out_of_less_than_its_head() {
    let mut noise = Noise::new(4);
    let inet_message = message(
        &[AF_INET6, 1],
        72,
        &[(2, &[1; 232]), (7, &[1; 36]), (21, &[1; 8])],
    );
    let kinds = [
        (Kind::Unix, unix_message(b"/run/x"), 16),
        (Kind::Packet, packet_message(), 16),
        (Kind::Mptcp, inet_message.clone(), 72),
        (Kind::Sctp, inet_message, 72),
    ];
    for (kind, whole, head) in kinds {
        let mut names = Names::default();
        for length in 0..whole.len() {
            let found = kind.decode(&whole[..length], &mut names);
            assert!(length >= head || found.is_none(), "{kind:?} {length}");
        }
        for _ in 0..2000 {
            let found = kind.decode(&noise.spoilt(&whole), &mut names);
            drop(found.map(|found| found.socket.kept().bound_to().to_string()));
            drop(kind.decode(&noise.bytes(300), &mut names));
        }
        assert!(kind.decode(&whole, &mut names).is_some(), "{kind:?}");
    }
    for _ in 0..2000 {
        drop(counted(
            &noise.spoilt(b"protocol  size sockets\nRAW 1 2 3\n"),
        ));
    }
}

#[test]
fn the_other_one_of_a_pair_of_unix_sockets_is_told() {
    let (one, other) = UnixStream::pair().unwrap();
    let inode = |socket: &UnixStream| rustix::fs::fstat(socket).unwrap().st_ino;
    assert_eq!(peer_of(inode(&one)), Some(inode(&other)));
    let alone = UnixDatagram::unbound().unwrap();
    assert_eq!(peer_of(rustix::fs::fstat(&alone).unwrap().st_ino), None);
    assert_eq!(peer_of(0), None);
}
