//! Whether a table can be the whole registry, before anything trusts it.

use super::ImportError;
use crate::{
    model::{Transport, text::must_escape},
    registry::{
        Registry,
        iana::{self, Head},
    },
};

/// Registrations that have stood for decades: what lacks one of them is not the registry.
const SENTINELS: [(u16, Transport, &str); 10] = [
    (9, Transport::Sctp, "discard"),
    (22, Transport::Tcp, "ssh"),
    (25, Transport::Tcp, "smtp"),
    (53, Transport::Udp, "domain"),
    (80, Transport::Tcp, "http"),
    (443, Transport::Tcp, "https"),
    (587, Transport::Tcp, "submission"),
    (1587, Transport::Tcp, "pra-elmd"),
    (6000, Transport::Tcp, "x11"),
    (33434, Transport::Udp, "traceroute"),
];

/// The registry's highest numbers are kept back; a file without them ends too early.
const LAST: u16 = 49150;

/// More ports than the lines of a registry stand for together, those counted twice included.
const MOST_COVERED: usize = 65_536;

/// The largest table that can be right: five times the size of today's.
const LARGEST_TABLE: usize = 4 * 1024 * 1024;

/// Checks a table of ours: every line reads, in order, with nothing a terminal would obey, about as many
/// as the registry that is compiled in has, and the old acquaintances among them.
pub fn check(table: &str) -> Result<(), ImportError> {
    if table.len() > LARGEST_TABLE {
        return implausible(format!("its table has {} bytes", table.len()));
    }
    let hidden = |character: &char| !"\t\n".contains(*character) && must_escape(*character);
    if let Some(character) = table.chars().find(hidden) {
        let code = u32::from(character);
        return implausible(format!(
            "it holds a control or invisible character, U+{code:04X}"
        ));
    }
    let mut lines = vec![];
    for row in iana::rows(table) {
        let bad = |bad| ImportError::Implausible(format!("its table, {bad}"));
        let (_, head) = row.map_err(bad)?;
        lines.push(head);
    }
    if !lines.is_sorted_by_key(|line| (line.port, line.last_port)) {
        return implausible(String::from("its ports are not in order"));
    }
    counted(&lines)?;
    for (port, transport, name) in SENTINELS {
        let is_there = |line: &Head<'_>| {
            (line.port..=line.last_port).contains(&port)
                && line.name == name
                && line.holds_for(transport)
        };
        if !lines.iter().any(is_there) {
            let transport = transport.name();
            return implausible(format!("{port}/{transport} is not {name} in it"));
        }
    }
    if lines.last().is_none_or(|line| line.last_port < LAST) {
        return implausible(String::from(
            "it ends before its last ports, as if it had been cut short",
        ));
    }
    Ok(())
}

fn counted(lines: &[Head<'_>]) -> Result<(), ImportError> {
    let named = lines.iter().filter(|line| !line.name.is_empty()).count();
    let ours = Registry::bundled().registrations();
    let ours = ours.filter(|line| !line.name.is_empty()).count();
    if named < ours - ours / 20 || named > ours * 3 / 2 {
        return implausible(format!(
            "it names {named} services where {ours} are known: it cannot be the whole registry"
        ));
    }
    let covered: usize = lines
        .iter()
        .map(|line| usize::from(line.last_port - line.port) + 1)
        .sum();
    if covered > MOST_COVERED {
        return implausible(String::from("its ranges cover more than there are ports"));
    }
    Ok(())
}

fn implausible(why: String) -> Result<(), ImportError> {
    Err(ImportError::Implausible(why))
}
