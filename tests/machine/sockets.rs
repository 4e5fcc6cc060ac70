//! Sockets of the test's own: what they are for, whose they are, and what is said about them.

use crate::support::{
    json::{finding, only_socket, pids, rules, snapshot, sockets, sockets_of},
    network::alone,
    program::{PORTWISE, environment, portwise, run},
};
use std::{
    net::{TcpListener, TcpStream, UdpSocket},
    process::{self, Command},
};

#[test]
fn a_listener_on_1587_is_named_owned_and_obscure() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let socket = only_socket(&[]);
        assert_eq!(socket["protocol"], "tcp");
        assert_eq!(socket["state"], "listen");
        assert_eq!(socket["direction"], "listen");
        assert_eq!(socket["exposure"], "loopback");
        assert_eq!(socket["local"]["address"], "127.0.0.1");
        assert_eq!(socket["local"]["port"], 1587);
        assert!(socket["peer"].is_null());
        assert_eq!(socket["service"]["name"], "pra-elmd");
        assert_eq!(socket["service"]["contact"], "Dennis Mastin");
        assert_eq!(socket["service"]["tier"], "obscure");
        assert_eq!(socket["service"]["range"], "user");
        assert_eq!(pids(&socket), [u64::from(process::id())]);
        let finding = finding(&socket, "obscure-port");
        assert!(!finding["evidence"].as_array().unwrap().is_empty());
        assert!(!finding["advice"].as_array().unwrap().is_empty());
    });
}

#[test]
fn a_port_has_the_service_of_its_own_transport() {
    alone(|| {
        let _mail = UdpSocket::bind("127.0.0.1:587").unwrap();
        let _log = UdpSocket::bind("127.0.0.1:514").unwrap();
        let _shell = TcpListener::bind("127.0.0.1:514").unwrap();
        assert_eq!(
            only_socket(&["-u", "port:587"])["service"]["name"],
            "submission"
        );
        assert_eq!(
            only_socket(&["-u", "port:587"])["service"]["protocol"],
            "udp"
        );
        assert_eq!(
            only_socket(&["-u", "port:514"])["service"]["name"],
            "syslog"
        );
        assert_eq!(only_socket(&["-t", "port:514"])["service"]["name"], "shell");
    });
}

#[test]
fn a_connection_is_named_by_the_listener_and_never_by_its_ephemeral_port() {
    alone(|| {
        let listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let client = TcpStream::connect("127.0.0.1:1587").unwrap();
        let _accepted = listener.accept().unwrap();
        let sockets = sockets(&["state:established"]);
        assert_eq!(sockets.len(), 2, "{sockets:#?}");
        for socket in &sockets {
            assert_eq!(socket["service"]["port"], 1587, "{socket:#}");
            assert_eq!(socket["service"]["name"], "pra-elmd", "{socket:#}");
        }
        let port = client.local_addr().unwrap().port();
        assert!(sockets.iter().any(|socket| socket["local"]["port"] == port));
    });
}

#[test]
fn every_transport_and_family_of_one_port_is_a_row_of_its_own() {
    alone(|| {
        let _four = TcpListener::bind("127.0.0.1:1587").unwrap();
        let _six = TcpListener::bind("[::1]:1587").unwrap();
        let _datagrams = UdpSocket::bind("127.0.0.1:1587").unwrap();
        assert_eq!(sockets(&["port:1587"]).len(), 3);
        assert_eq!(sockets(&["-l", "port:1587"]).len(), 3);
        assert_eq!(sockets(&["-t"]).len(), 2);
        assert_eq!(sockets(&["-u"]).len(), 1);
        assert_eq!(sockets(&["-t", "-u"]).len(), 3);
    });
}

#[test]
fn a_machine_with_nothing_open_prints_an_empty_table() {
    alone(|| {
        let table = portwise(["list"]).ended_with(0);
        assert!(
            !table.stdout.contains("tcp") && !table.stdout.contains("udp"),
            "{table:#?}"
        );
        assert!(table.stdout.lines().count() <= 1, "{table:#?}");
        let rows = portwise(["list", "--format", "csv"]).ended_with(0);
        assert_eq!(rows.stdout.lines().count(), 1, "{rows:#?}");
        assert_eq!(
            portwise(["list", "--format", "ndjson"])
                .ended_with(0)
                .stdout,
            ""
        );
        let snapshot = snapshot(&[]);
        assert_eq!(snapshot["schema_version"], 1);
        assert_eq!(snapshot["sockets"].as_array().unwrap().len(), 0);
        assert_eq!(snapshot["owners_hidden"], 0);
    });
}

#[test]
fn both_sources_find_the_owner_of_a_listener() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        for source in ["sock-diag", "portable"] {
            let socket = only_socket(&["--source", source]);
            assert_eq!(pids(&socket), [u64::from(process::id())], "{source}");
            let snapshot = snapshot(&["--source", source]);
            assert_eq!(snapshot["source"], *source);
        }
    });
}

#[test]
fn without_descriptors_to_look_with_nobody_is_said_to_own_nothing() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut hidden = 0;
        for limit in 8..=24 {
            let home = tempfile::tempdir().unwrap();
            let mut list = Command::new("/bin/sh");
            list.env_clear().envs(environment(&home)).args([
                "-c",
                "ulimit -n \"$1\" && exec \"$2\" list --format json",
                "sh",
                &limit.to_string(),
                PORTWISE,
            ]);
            let list = run(&mut list);
            if list.code != Some(0) {
                // So few that it says why it cannot list anything.
                assert!(list.stderr.starts_with("error: "), "{limit}: {list:#?}");
                continue;
            }
            let all = serde_json::from_str(&list.stdout).unwrap();
            let [socket] = <[_; 1]>::try_from(sockets_of(&all)).unwrap();
            assert!(
                !rules(&socket).contains(&"hidden-owner"),
                "{limit}: {socket:#}"
            );
            if pids(&socket).is_empty() {
                hidden += 1;
                assert_eq!(all["owners_hidden"], 1, "{limit}: {all:#}");
            }
        }
        assert!(hidden > 0, "no limit was too small");
        // With enough of them its owner is there.
        assert_eq!(pids(&only_socket(&[])), [u64::from(process::id())]);
    });
}
