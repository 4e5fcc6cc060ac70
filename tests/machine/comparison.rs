//! Every source against `ss`, row by row.

use super::ss::{self, Row, Rows, canonical, counted};
use crate::support::{
    deadline::until,
    json::sockets,
    network::alone,
    skip::{installed, skip},
};
use serde_json::Value;
use std::net::{IpAddr, Ipv6Addr, TcpListener, TcpStream, UdpSocket};

/// What a source cannot tell, taken out of a row before it is compared.
type Blur = fn(Row) -> Row;

/// The kernel's tables say everything that `ss` says.
fn exact(row: Row) -> Row {
    row
}

/// netstat2 has neither peer nor state of a UDP socket.
fn without_udp_peers((protocol, state, local, peer): Row) -> Row {
    match protocol.as_str() {
        "udp" => (protocol, "unconnected".to_owned(), local, None),
        _ => (protocol, state, local, peer),
    }
}

fn our_row(socket: &Value) -> Row {
    let text = |value: &Value| {
        value
            .as_str()
            .unwrap_or_else(|| panic!("{socket:#}"))
            .to_owned()
    };
    let end = |end: &Value| {
        let address: IpAddr = text(&end["address"]).parse().unwrap();
        (
            canonical(address),
            u16::try_from(end["port"].as_u64().unwrap()).unwrap(),
        )
    };
    let peer = &socket["peer"];
    let peer = (!peer.is_null()).then(|| end(peer));
    (
        text(&socket["protocol"]),
        text(&socket["state"]),
        end(&socket["local"]),
        peer,
    )
}

/// Reads with `ss`, with us, and with `ss` again, until both of its answers agree; then ours must as well.
fn compare(source: &str, blur: Blur) -> usize {
    let blurred = |rows: Rows| -> Rows {
        counted(
            rows.into_iter()
                .flat_map(|(row, count)| vec![blur(row); count]),
        )
    };
    let (theirs, ours) = until("two equal answers of ss", || {
        let before = ss::rows();
        let ours = counted(
            sockets(&["--source", source, "proto:tcp,udp"])
                .iter()
                .map(our_row)
                .map(blur),
        );
        let after = ss::rows();
        if before == after {
            Ok((blurred(before), ours))
        } else {
            Err(format!("{before:#?}\n{after:#?}"))
        }
    });
    let missing: Vec<_> = theirs
        .iter()
        .filter(|row| ours.get(row.0) != Some(row.1))
        .collect();
    let invented: Vec<_> = ours
        .iter()
        .filter(|row| theirs.get(row.0) != Some(row.1))
        .collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "{source}: only ss has {missing:#?}, only we have {invented:#?}"
    );
    ours.values().sum()
}

const ALL: [(&str, Blur); 3] = [
    ("sock-diag", exact),
    ("proc-net", exact),
    ("portable", without_udp_peers),
];

#[test]
fn all_sources_agree_with_ss_about_this_machine() {
    if installed(&["ss"]).is_none() {
        return skip("all_sources_agree_with_ss_about_this_machine", "needs ss");
    }
    let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for (source, blur) in ALL {
        assert!(compare(source, blur) >= 1);
    }
}

#[test]
fn all_sources_agree_with_ss_about_every_kind_of_socket() {
    alone(|| {
        if installed(&["ss"]).is_none() {
            return skip(
                "all_sources_agree_with_ss_about_every_kind_of_socket",
                "needs ss",
            );
        }
        let _kept = every_kind();
        for (source, blur) in ALL {
            assert!(compare(source, blur) >= 14, "{source}");
        }
    });
}

/// Sockets of both families and transports, in many states.
fn every_kind() -> Kept {
    let mut kept = Kept::default();
    for address in ["127.0.0.1:1587", "[::1]:1587", "0.0.0.0:8080", "[::]:8443"] {
        kept.listeners.push(TcpListener::bind(address).unwrap());
    }
    // IPv4 through a socket of IPv6, and one that is closed by one side and then by both.
    let dual = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 1588)).unwrap();
    for address in ["127.0.0.1:1588", "[::1]:1588"] {
        kept.streams.push(TcpStream::connect(address).unwrap());
        kept.streams.push(dual.accept().unwrap().0);
    }
    let half_closed = TcpStream::connect("127.0.0.1:1588").unwrap();
    kept.streams.push(half_closed);
    drop(dual.accept().unwrap());
    drop(TcpStream::connect("127.0.0.1:1588").unwrap());
    drop(dual.accept().unwrap());
    kept.listeners.push(dual);
    for address in ["127.0.0.1:514", "[::1]:514", "0.0.0.0:5353", "[::]:5355"] {
        kept.datagrams.push(UdpSocket::bind(address).unwrap());
    }
    let connected = UdpSocket::bind("127.0.0.1:0").unwrap();
    connected.connect("127.0.0.1:514").unwrap();
    kept.datagrams.push(connected);
    kept
}

#[derive(Default)]
struct Kept {
    listeners: Vec<TcpListener>,
    streams: Vec<TcpStream>,
    datagrams: Vec<UdpSocket>,
}
