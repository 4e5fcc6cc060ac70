//! Reads `backdoor-ports.tsv`, the defaults of backdoors and attack tools.
//!
//! Columns: `port end protocols software wording source`. They say what a number has been used for
//! and never change how well known it is.

use super::{
    Registry,
    iana::{BadLine, numbered, range},
    practice,
};
use crate::model::{Backdoor, Transport};
use std::sync::OnceLock;

const BACKDOOR_PORTS: &str = include_str!("../../assets/backdoor-ports.tsv");

impl Registry {
    /// The backdoor or attack tool that `port` is known as the default of.
    pub fn backdoor(&self, port: u16, protocol: impl Into<Transport>) -> Option<&'static Backdoor> {
        let transport = protocol.into();
        let all = self.backdoors();
        let after = all.partition_point(|backdoor| backdoor.port <= port);
        // Lines of one port stand side by side, one for each transport; ranges never overlap.
        all.get(..after)?
            .iter()
            .rev()
            .take_while(|backdoor| port <= backdoor.last_port)
            .find(|backdoor| backdoor.protocols.iter().any(|one| transport == *one))
    }

    /// Every default of a backdoor or an attack tool, by port.
    pub fn backdoors(&self) -> &'static [Backdoor] {
        static BACKDOORS: OnceLock<Vec<Backdoor>> = OnceLock::new();
        BACKDOORS.get_or_init(|| rows(BACKDOOR_PORTS).filter_map(Result::ok).collect())
    }
}

/// The lines of `table`, in its order.
fn rows(table: &'static str) -> impl Iterator<Item = Result<Backdoor, BadLine>> {
    numbered(table).map(|(line, row)| parse(row).map_err(|what| BadLine { line, what }))
}

fn parse(row: &'static str) -> Result<Backdoor, &'static str> {
    let mut columns = row.split('\t');
    let mut next = |name| columns.next().ok_or(name);
    let (port, last_port) = range(next("port")?, next("end")?).ok_or("port, end")?;
    let backdoor = Backdoor {
        port,
        last_port,
        protocols: practice::protocols(next("protocols")?).ok_or("protocols")?,
        software: next("software")?,
        wording: next("wording")?,
        source: next("source")?,
    };
    match columns.next() {
        None => Ok(backdoor),
        Some(_) => Err("too many columns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Protocol::{Tcp, Udp},
        Tier,
    };
    use std::collections::BTreeSet;

    fn backdoors() -> &'static [Backdoor] {
        Registry::bundled().backdoors()
    }

    #[test]
    fn every_line_is_read_and_in_order() {
        let bad: Vec<_> = rows(BACKDOOR_PORTS).filter_map(Result::err).collect();
        assert_eq!(bad, []);
        assert!(backdoors().is_sorted_by_key(|backdoor| backdoor.port));
    }

    #[test]
    fn they_stand_for_thirty_ports_and_more() {
        assert!(backdoors().len() >= 30, "{}", backdoors().len());
    }

    #[test]
    fn they_say_what_has_been_and_where_that_is_written() {
        for backdoor in backdoors() {
            let (port, wording) = (backdoor.port, backdoor.wording);
            assert!(
                wording.starts_with("has been used by "),
                "{port}: {wording}"
            );
            assert!(wording.contains(backdoor.software), "{port}: {wording}");
            assert!(!wording.ends_with('.'), "{port}: {wording}");
            assert!(wording.len() <= 160, "{port}: {wording}");
            let source = backdoor.source;
            assert!(source.starts_with("https://"), "{port}: {source}");
            assert!(
                source.bytes().all(|byte| byte.is_ascii_graphic()),
                "{port}: {source}"
            );
        }
    }

    #[test]
    fn none_stands_twice_for_a_port() {
        let mut seen = BTreeSet::new();
        for backdoor in backdoors() {
            for protocol in backdoor.protocols {
                for port in backdoor.port..=backdoor.last_port {
                    assert!(seen.insert((port, protocol)), "{port}");
                }
            }
        }
    }

    #[test]
    fn none_is_a_port_that_everybody_meets() {
        for backdoor in backdoors() {
            for port in backdoor.port..=backdoor.last_port {
                for protocol in backdoor.protocols {
                    let service = Registry::bundled().service(port, *protocol);
                    assert_ne!(service.tier, Tier::Common, "{port}");
                }
            }
        }
    }

    #[test]
    fn a_port_is_found_on_its_own_transport_and_within_its_range() {
        let software = |port, protocol| {
            Registry::bundled()
                .backdoor(port, protocol)
                .map(|backdoor| backdoor.software)
        };
        assert_eq!(software(31337, Udp), Some("Back Orifice"));
        assert_eq!(software(12345, Tcp), Some("NetBus"));
        assert_eq!(software(12345, Udp), None);
        assert_eq!(software(443, Tcp), None);
        assert_eq!(software(1587, Tcp), None);
    }
}
