//! Sockets that are neither TCP nor UDP, compared with `ss` where it knows them.

use super::ss::other_families;
use crate::support::{
    json::{pids, snapshot, sockets},
    network::alone,
    program::portwise,
    skip::{installed, skip},
};
use rustix::{
    fd::OwnedFd,
    net::{
        AddressFamily, Protocol, RecvFlags, SocketFlags, SocketType, bind, listen,
        netdevice::name_to_index, recv, socket_with,
    },
};
use serde_json::Value;
use std::{
    net::{Ipv4Addr, SocketAddrV4},
    num::NonZeroU32,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream},
    },
    process,
};

fn raw(family: AddressFamily, kind: SocketType, protocol: u32) -> Result<OwnedFd, String> {
    let protocol = NonZeroU32::new(protocol).map(Protocol::from_raw);
    socket_with(family, kind, SocketFlags::CLOEXEC, protocol).map_err(|errno| errno.to_string())
}

/// Every frame, in the byte order that a packet socket is asked in.
fn every_frame() -> u32 {
    u32::from(3_u16.to_be())
}

/// The one socket that a filter finds, which belongs to this process.
#[track_caller]
fn own(filter: &str) -> Value {
    let found = sockets(&[filter]);
    let [only] = &found[..] else {
        panic!("{filter}: {found:#?}");
    };
    assert_eq!(pids(only), [u64::from(process::id())]);
    only.clone()
}

#[test]
fn a_raw_and_a_packet_socket_are_shown_with_their_owner_and_what_they_receive() {
    alone(|| {
        let icmp = raw(AddressFamily::INET, SocketType::RAW, 1).unwrap();
        let icmp6 = raw(AddressFamily::INET6, SocketType::RAW, 58);
        let sniffer = raw(AddressFamily::PACKET, SocketType::RAW, every_frame()).unwrap();
        for source in ["sock-diag", "proc-net"] {
            let found = sockets(&["--source", source]);
            let shown: Vec<_> = found
                .iter()
                .map(|one| {
                    assert_eq!(pids(one), [u64::from(process::id())], "{one:#}");
                    assert!(one["local"]["port"].is_null() && one["service"].is_null());
                    assert_eq!(one["state"], "unconnected");
                    format!(
                        "{} {} {}",
                        one["protocol"], one["family"], one["receives"]["name"]
                    )
                })
                .collect();
            assert!(
                shown.contains(&r#""raw" "ipv4" "icmp""#.to_owned()),
                "{shown:?}"
            );
            assert!(
                shown.contains(&r#""packet" "packet" "all""#.to_owned()),
                "{shown:?}"
            );
            let over_ipv6 = r#""raw" "ipv6" "ipv6-icmp""#.to_owned();
            assert_eq!(shown.contains(&over_ipv6), icmp6.is_ok(), "{shown:?}");
        }
        drop((icmp, sniffer));
        assert_eq!(sockets(&["!proto:raw"]).len(), 0);
    });
}

#[test]
fn a_packet_socket_tells_its_interface_and_what_it_lost() {
    alone(|| {
        let sniffer = raw(AddressFamily::PACKET, SocketType::DGRAM, every_frame()).unwrap();
        assert!(own("proto:packet")["local"]["interface"].is_null());
        // Its buffer is full long before so many frames have gone over the loopback interface.
        let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = datagrams.local_addr().unwrap();
        for _ in 0..5000 {
            datagrams.send_to(&[7; 1000], to).unwrap();
        }
        let full = own("proto:packet");
        assert!(full["drops"].as_u64().unwrap() > 0, "{full:#}");
        assert!(full["memory_bytes"].as_u64().unwrap() > 1000, "{full:#}");
        assert!(recv(&sniffer, &mut [0; 16], RecvFlags::empty()).is_ok());
        let udp = own("proto:udp");
        assert!(udp["drops"].as_u64().unwrap() > 0, "{udp:#}");
        assert!(name_to_index(&datagrams, "lo").is_ok());
    });
}

#[test]
fn unix_sockets_are_shown_only_when_asked_for() {
    alone(|| {
        let name = SocketAddr::from_abstract_name(b"bus\x1b[31m\0x").unwrap();
        let listener = UnixListener::bind_addr(&name).unwrap();
        let client = UnixStream::connect_addr(&name).unwrap();
        let accepted = listener.accept().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let log = UnixDatagram::bind(&path).unwrap();
        assert_eq!(sockets(&[]).len(), 0);
        let run = portwise(["list", "-x", "--format", "plain"]).ended_with(0);
        assert!(
            run.stdout.contains("listen on @bus\\x1b[31m\\x00x"),
            "{}",
            run.stdout
        );
        assert_eq!(sockets(&["-x", "-l", "state:listen"]).len(), 1);
        let listens = &sockets(&["-x", "state:listen"])[0];
        assert_eq!(listens["mode"], "stream");
        assert!(listens["backlog"].as_u64().unwrap() > 0, "{listens:#}");
        assert_eq!(pids(listens), [u64::from(process::id())]);
        let known = path.to_str().unwrap();
        let by_path = sockets(&["proto:unix", known]);
        assert_eq!(by_path.len(), 1, "{by_path:#?}");
        assert_eq!(by_path[0]["local"]["path"], known);
        let connected = sockets(&["-x", "state:established"]);
        let peer = |one: &Value| {
            connected
                .iter()
                .any(|other| other["inode"] == one["peer"]["inode"])
        };
        assert!(
            connected.len() == 2 && connected.iter().all(peer),
            "{connected:#?}"
        );
        assert!(
            connected
                .iter()
                .any(|one| one["peer"]["path"] == listens["local"]["path"])
        );
        drop((client, accepted, log));
    });
}

#[test]
fn an_mptcp_connection_and_those_that_carry_it_have_one_owner() {
    const MPTCP: u32 = 262;
    alone(|| {
        let Ok(listener) = raw(AddressFamily::INET, SocketType::STREAM, MPTCP) else {
            let name = "an_mptcp_connection_and_those_that_carry_it_have_one_owner";
            return skip(name, "needs a kernel with MPTCP");
        };
        bind(&listener, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1587)).unwrap();
        listen(&listener, 7).unwrap();
        let found = sockets(&["port:1587"]);
        let protocols: Vec<_> = found
            .iter()
            .map(|one| one["protocol"].as_str().unwrap())
            .collect();
        assert!(found.len() == 2 && protocols.contains(&"tcp") && protocols.contains(&"mptcp"));
        for one in &found {
            assert_eq!(pids(one), [u64::from(process::id())], "{one:#}");
            assert_eq!(one["service"]["name"], "pra-elmd");
            assert_eq!(one["backlog"], 7);
            assert!(one["tcp"].is_null());
        }
        assert_eq!(found[0]["inode"], found[1]["inode"]);
    });
}

#[test]
fn a_socket_that_can_only_ping_is_shown() {
    alone(|| {
        let group = std::fs::write("/proc/sys/net/ipv4/ping_group_range", "0 0");
        let ping = raw(AddressFamily::INET, SocketType::DGRAM, 1);
        let (Ok(()), Ok(ping)) = (group, ping) else {
            return skip("a_socket_that_can_only_ping_is_shown", "needs root");
        };
        bind(&ping, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 77)).unwrap();
        let socket = own("proto:icmp");
        assert_eq!(socket["receives"]["number"], 77);
        assert_eq!(socket["local"]["address"], "127.0.0.1");
    });
}

/// How many sockets of each kind we count.
fn counted(source: &str) -> Vec<(&'static str, usize)> {
    let all = snapshot(&["--source", source, "-tu0wx"]);
    let count = |protocol: &str| {
        let all = all["sockets"].as_array().unwrap();
        all.iter().filter(|one| one["protocol"] == protocol).count()
    };
    ["tcp", "udp", "mptcp", "raw", "packet", "unix"]
        .map(|name| (name, count(name)))
        .into()
}

#[test]
fn every_family_has_as_many_sockets_as_ss_counts() {
    alone(|| {
        if installed(&["ss"]).is_none() {
            return skip("every_family_has_as_many_sockets_as_ss_counts", "needs ss");
        }
        let mut kept = vec![];
        for (family, kind, protocol, times) in [
            (AddressFamily::INET, SocketType::RAW, 1, 3),
            (AddressFamily::INET6, SocketType::RAW, 58, 2),
            (AddressFamily::PACKET, SocketType::RAW, every_frame(), 4),
            (AddressFamily::PACKET, SocketType::DGRAM, 0, 1),
            (AddressFamily::UNIX, SocketType::SEQPACKET, 0, 5),
            (AddressFamily::UNIX, SocketType::STREAM, 0, 2),
        ] {
            let made = (0..times).map(|_| raw(family, kind, protocol));
            kept.extend(made.filter_map(Result::ok));
        }
        let pairs: Vec<_> = (0..50).map(|_| UnixStream::pair().unwrap()).collect();
        let mptcp = raw(AddressFamily::INET, SocketType::STREAM, 262);
        if let Ok(mptcp) = &mptcp {
            bind(mptcp, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1587)).unwrap();
            listen(mptcp, 7).unwrap();
        }
        let theirs = other_families();
        assert!(
            theirs.iter().map(|(_, count)| count).sum::<usize>() > 110,
            "{theirs:?}"
        );
        assert_eq!(counted("sock-diag"), theirs);
        let without_mptcp = |mut counts: Vec<(&'static str, usize)>| {
            counts.retain(|(name, _)| *name != "mptcp");
            counts
        };
        assert_eq!(without_mptcp(counted("proc-net")), without_mptcp(theirs));
        drop((kept, pairs, mptcp));
    });
}
