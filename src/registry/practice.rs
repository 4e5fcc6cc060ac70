//! Reads `known-ports.tsv`, what really uses a port.
//!
//! Columns: `port end protocols name software category tier programs cleartext reach
//! authenticates kernel related advice source`. Lists are separated by commas, related ports
//! (`25: relay between servers`) by semicolons. What each line was checked against stands in
//! `known-ports.checked.tsv`, which is not compiled in.

use super::iana::{BadLine, numbered, range};
use crate::model::{Practice, Protocol, Reach, Tier};
use std::iter;

/// The practices in `table`, in its order.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Result<Practice, BadLine>> {
    numbered(table).map(|(line, row)| parse(row).map_err(|what| BadLine { line, what }))
}

fn parse(row: &'static str) -> Result<Practice, &'static str> {
    let mut columns = columns(row);
    let mut next = |name| columns.next().ok_or(name);
    let (port, last_port) = range(next("port")?, next("end")?).ok_or("port, end")?;
    let practice = Practice {
        port,
        last_port,
        protocols: protocols(next("protocols")?).ok_or("protocols")?,
        name: next("name")?,
        software: next("software")?,
        category: next("category")?,
        tier: tier(next("tier")?).ok_or("tier")?,
        programs: list(next("programs")?),
        cleartext: yes_or_no(next("cleartext")?).ok_or("cleartext")?,
        reach: reach(next("reach")?).ok_or("reach")?,
        authenticates: match next("authenticates")? {
            "" => None,
            answer => Some(yes_or_no(answer).ok_or("authenticates")?),
        },
        kernel: yes_or_no(next("kernel")?).ok_or("kernel")?,
        related: related(next("related")?).ok_or("related")?,
        advice: next("advice")?,
        source: next("source")?,
    };
    match columns.next() {
        None => Ok(practice),
        Some(_) => Err("too many columns"),
    }
}

/// The columns of a line, some of which are sentences: those of the registry are short, and found otherwise.
fn columns(row: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(row);
    iter::from_fn(move || {
        let row = rest.take()?;
        let Some(at) = memchr::memchr(b'\t', row.as_bytes()) else {
            return Some(row);
        };
        rest = row.get(at + 1..);
        row.get(..at)
    })
}

pub(super) fn protocols(text: &str) -> Option<&'static [Protocol]> {
    match text {
        "tcp" => Some(&[Protocol::Tcp]),
        "udp" => Some(&[Protocol::Udp]),
        "tcp/udp" => Some(&[Protocol::Tcp, Protocol::Udp]),
        _ => None,
    }
}

fn tier(text: &str) -> Option<Tier> {
    [Tier::Common, Tier::Known]
        .into_iter()
        .find(|tier| tier.name() == text)
}

fn reach(text: &str) -> Option<Reach> {
    [Reach::Local, Reach::Trusted, Reach::Anyone]
        .into_iter()
        .find(|reach| reach.name() == text)
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn list(text: &'static str) -> Vec<&'static str> {
    text.split(',').filter(|item| !item.is_empty()).collect()
}

fn related(text: &'static str) -> Option<Vec<(u16, &'static str)>> {
    // Most lines name none, and making ready to search for two letters takes longer than the rest of a line.
    if text.is_empty() {
        return Some(vec![]);
    }
    text.split("; ")
        .filter(|item| !item.is_empty())
        .map(|item| {
            let (port, why) = item.split_once(": ")?;
            Some((port.parse().ok()?, why))
        })
        .collect()
}
