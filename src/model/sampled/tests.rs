use super::*;
use crate::model::{ProcessKey, Started, fixture::endpoint};
use std::time::Duration;

fn plain(local: &str) -> ToldSocket {
    ToldSocket::new(
        Protocol::Tcp,
        Family::Ipv4,
        State::Established,
        endpoint(local),
    )
}

fn owner(pid: u32, started: Started, fds: &[u32]) -> Owner {
    Owner {
        process: ProcessKey { pid, started },
        fds: fds.iter().copied().collect(),
    }
}

fn numbers() -> TcpInfo {
    TcpInfo {
        read_at: Some(Duration::ZERO),
        read_before: Some(Duration::new(7, 1)),
        congestion: Some(Text::from("bbr")),
        rtt_us: 1,
        rtt_var_us: 2,
        min_rtt_us: Some(0),
        cwnd: 3,
        retransmits: 4,
        lost: 5,
        bytes_sent: Some(0),
        bytes_acked: Some(6),
        bytes_received: Some(7),
        delivery_rate: Some(8),
    }
}

/// One with everything.
fn full() -> ToldSocket {
    ToldSocket {
        peer: Some(endpoint("192.0.2.7:443")),
        interface: Some(Text::from("eth0")),
        inode: Some(1),
        cookie: Some(0),
        uid: Some(0),
        recv_queue: Some(0),
        send_queue: Some(9),
        tcp: Some(numbers()),
        owners: Few::One(owner(7, Started::Ticks(70), &[3])),
        memory: Some(0),
        drops: Some(1),
        cgroup: Some(Arc::new(ControlGroup {
            path: Text::from("/a"),
            unit: None,
            container: None,
        })),
        netns: Some(Arc::new(NetNamespace {
            inode: Some(4),
            name: None,
            own: false,
        })),
        portless: Some(Box::default()),
        ..plain("10.0.0.5:40000")
    }
}

#[test]
fn what_was_told_is_told_again() {
    let bare = plain("10.0.0.5:40000");
    let mixed = ToldSocket {
        peer: Some(endpoint("10.0.0.5:0")),
        ..plain("[::ffff:10.0.0.5]:1")
    };
    let uncounted = ToldSocket {
        tcp: Some(TcpInfo {
            read_at: None,
            read_before: None,
            congestion: None,
            min_rtt_us: None,
            bytes_sent: None,
            bytes_acked: None,
            bytes_received: None,
            delivery_rate: None,
            ..numbers()
        }),
        ..plain("[::1]:80")
    };
    for told in [bare, full(), mixed, uncounted] {
        let socket = SampledSocket::from(told.clone());
        assert_eq!(socket.told(), told);
        let json = serde_json::to_string(&socket).unwrap();
        assert_eq!(json, serde_json::to_string(&told).unwrap());
        assert_eq!(
            serde_json::from_str::<SampledSocket>(&json).unwrap(),
            socket
        );
        let text = (socket.local().to_string(), socket.key());
        assert_eq!(text, (told.local.to_string(), socket.clone().key()));
    }
}

#[test]
fn any_owners_are_kept() {
    let ticks = Started::Ticks(70);
    for owners in [
        vec![],
        vec![owner(7, ticks, &[])],
        vec![owner(7, ticks, &[0])],
        vec![owner(7, Started::Epoch(70), &[3])],
        vec![owner(7, ticks, &[3, 4])],
        vec![owner(7, ticks, &[3]), owner(8, ticks, &[3])],
        // No kernel has these, but a recording may.
        vec![owner(0, ticks, &[3])],
        vec![owner(7, Started::Ticks(u64::MAX), &[3])],
        vec![owner(7, ticks, &[u32::MAX])],
    ] {
        let told = ToldSocket {
            owners: owners.clone().into(),
            ..full()
        };
        let mut socket = SampledSocket::from(told);
        assert_eq!(*socket.owners(), *owners);
        assert_eq!(socket.owners().into_iter().collect::<Vec<_>>(), owners);
        socket.set_owners(Few::default());
        assert!(socket.owners().is_empty());
        assert_eq!((socket.memory(), socket.drops()), (Some(0), Some(1)));
        socket.set_owners(owners.clone().into());
        assert_eq!(*socket.owners(), *owners);
    }
}

#[test]
fn counters_are_told_from_everything_else() {
    let before = SampledSocket::from(full());
    let changed = |change: fn(&mut ToldSocket)| {
        let mut socket = before.clone();
        socket.change(change);
        assert_ne!(socket, before);
        socket.differs_in_counters_only(&before)
    };
    assert!(changed(|told| told.tcp = None));
    assert!(changed(|told| told.recv_queue = None));
    assert!(changed(|told| told.drops = None));
    assert!(changed(|told| told.memory = Some(1)));
    assert!(!changed(|told| told.cookie = None));
    assert!(!changed(|told| told.interface = None));
    assert!(!changed(|told| told.cgroup = None));
    assert!(!changed(|told| told.portless = None));
    assert!(!changed(|told| told.owners = Few::default()));
    assert!(!changed(|told| told.peer = None));
    assert!(!changed(|told| told.state = State::Listen));
}

#[test]
fn what_sockets_have_in_common_is_kept_once() {
    let mut sharing = Sharing::default();
    let (one, other) = (sharing.pack(full()), sharing.pack(full()));
    let apart = SampledSocket::from(full());
    assert!(Arc::ptr_eq(one.netns().unwrap(), other.netns().unwrap()));
    assert!(!Arc::ptr_eq(one.netns().unwrap(), apart.netns().unwrap()));
    assert_eq!(one, apart);
    assert_eq!(sharing.pack(plain("10.0.0.5:1")).congestion(), None);
}
