//! What `ss` says, as rows that can be compared.

use std::{collections::BTreeMap, net::IpAddr, process::Command};

/// One socket: transport, state, local end, and the peer's where there is one.
pub(crate) type Row = (String, String, (IpAddr, u16), Option<(IpAddr, u16)>);

/// Rows with how often each is there.
pub(crate) type Rows = BTreeMap<Row, usize>;

/// Returns the rows that `ss -tuan` prints.
pub(crate) fn rows() -> Rows {
    let output = Command::new("ss").args(["-tuanH"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    counted(String::from_utf8(output.stdout).unwrap().lines().map(row))
}

/// How many sockets of each kind `ss` prints.
pub(crate) fn other_families() -> Vec<(&'static str, usize)> {
    let count = |kind: &str| {
        let output = Command::new("ss")
            .args(["-aHn", "-A", kind])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().lines().count()
    };
    ["tcp", "udp", "mptcp", "raw", "packet", "unix"]
        .map(|kind| (kind, count(kind)))
        .into()
}

/// Counts rows.
pub(crate) fn counted(rows: impl Iterator<Item = Row>) -> Rows {
    let mut counts = Rows::new();
    for row in rows {
        *counts.entry(row).or_default() += 1;
    }
    counts
}

fn row(line: &str) -> Row {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [protocol, state, _, _, local, peer, ..] = words.as_slice() else {
        panic!("{line:?}")
    };
    let local = end(local).unwrap_or_else(|| panic!("{line:?}"));
    ((*protocol).to_owned(), state_name(state), local, end(peer))
}

/// The name that portwise has for a state of `ss`.
fn state_name(state: &str) -> String {
    match state {
        "ESTAB" => "established".to_owned(),
        "UNCONN" => "unconnected".to_owned(),
        other => other.to_lowercase(),
    }
}

/// Reads `127.0.0.53%lo:53`, `[::1]:22` or `*:22`; nothing when the port is `*`.
fn end(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let address = address.trim_start_matches('[');
    let address = address.split(['%', ']']).next()?;
    let address = if address == "*" { "::" } else { address };
    Some((canonical(address.parse().ok()?), port))
}

/// An IPv4 address has one spelling, also on a socket of IPv6.
pub(crate) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[test]
fn every_spelling_of_an_end_is_read() {
    assert_eq!(
        end("127.0.0.53%lo:53"),
        Some(("127.0.0.53".parse().unwrap(), 53))
    );
    assert_eq!(
        end("[fe80::1]%eth0:22"),
        Some(("fe80::1".parse().unwrap(), 22))
    );
    assert_eq!(
        end("[::ffff:127.0.0.1]:80"),
        Some(("127.0.0.1".parse().unwrap(), 80))
    );
    assert_eq!(end("*:22"), Some(("::".parse().unwrap(), 22)));
    assert_eq!(end("0.0.0.0:*"), None);
}
