use super::*;
use crate::model::{Family, Protocol, Started, State};
use std::{
    net::{TcpListener, TcpStream, UdpSocket},
    process,
};

fn sample() -> Sample {
    Portable::open(None).sample().unwrap().unwrap()
}

#[test]
fn our_own_listener_is_ours() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sample = sample();
    let mut found = sample
        .sockets
        .iter()
        .filter(|socket| socket.local().port == port);
    let socket = found.next().unwrap();
    assert_eq!(
        (socket.protocol, socket.state),
        (Protocol::Tcp, State::Listen)
    );
    assert_eq!((socket.family, socket.peer()), (Family::Ipv4, None));
    let [owner] = &*socket.owners() else {
        panic!("{:?}", socket.owners());
    };
    assert_eq!(owner.process.pid, process::id());
    assert!(matches!(owner.process.started, Started::Epoch(_)));
    let us = sample
        .processes
        .iter()
        .find(|process| process.key == owner.process);
    let executable = us.unwrap().executable.known().unwrap();
    let path = std::env::current_exe().unwrap();
    assert_eq!(executable.path, path.to_str().unwrap());
    assert!(!executable.deleted && executable.file_at_path);
}

#[test]
fn a_connection_has_a_peer_and_a_datagram_socket_none() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sample = sample();
    let on = |port: u16, protocol: Protocol| {
        let mut found = sample.sockets.iter().filter(move |socket| {
            socket.local().port == port
                && socket.protocol == protocol
                && !socket.owners().is_empty()
        });
        found.next().unwrap()
    };
    let connection = on(client.local_addr().unwrap().port(), Protocol::Tcp);
    let port = listener.local_addr().unwrap().port();
    assert_eq!(connection.peer().unwrap().port, port);
    let datagrams = on(datagrams.local_addr().unwrap().port(), Protocol::Udp);
    assert_eq!(
        (datagrams.state, datagrams.peer()),
        (State::Unconnected, None)
    );
}

#[test]
fn what_is_not_told_is_said() {
    let sample = sample();
    let kinds: Vec<_> = sample
        .coverage
        .limits
        .iter()
        .map(|limit| limit.kind)
        .collect();
    assert!(kinds.contains(&LimitKind::Metrics), "{kinds:?}");
    assert!(
        sample
            .sockets
            .iter()
            .all(|socket| socket.cookie().is_none())
    );
}

#[test]
fn without_a_look_at_processes_nobody_is_claimed_to_be_seen() {
    assert_eq!(owners_seen(false, Some(0)), OwnersSeen::None);
    assert_eq!(owners_seen(true, Some(0)), OwnersSeen::All);
    assert_eq!(owners_seen(true, Some(1000)), OwnersSeen::Own);
    assert_eq!(owners_seen(true, None), OwnersSeen::All);
}
