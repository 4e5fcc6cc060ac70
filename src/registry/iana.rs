//! Reads `iana-ports.tsv`, the IANA registry as one line per port or range, name and content.

use crate::model::{
    Registration, Status, Transport,
    registration::{columns, transports_meant},
};
use std::iter;

pub(super) use crate::model::registration::range;

/// Why a line is no registration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(super) struct BadLine {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// What a line must show to be found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    /// First port.
    pub port: u16,
    /// Last port.
    pub last_port: u16,
    /// Transports, separated by `/`.
    pub transports: &'a str,
    /// Service name.
    pub name: &'a str,
}

impl Head<'_> {
    /// Whether the line holds for `transport`.
    pub(super) fn holds_for(self, transport: Transport) -> bool {
        holds_for(self.transports, transport)
    }
}

/// The rows of `table` that are no comments, each with what it must show to be found.
pub(super) fn rows(table: &str) -> impl Iterator<Item = Result<(&str, Head<'_>), BadLine>> {
    numbered(table).map(|(line, row)| {
        let what = "no registration";
        let head = head(row).ok_or(BadLine { line, what })?;
        Ok((row, head))
    })
}

/// The lines of a table that are no comments, with their numbers.
pub(super) fn numbered(table: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = table;
    // Half a megabyte is read at the start: this takes a tenth of the time of `str::lines`.
    let lines = iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let line = rest.get(..end)?;
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(line.strip_suffix('\r').unwrap_or(line))
    });
    (1..)
        .zip(lines)
        .filter(|(_, row)| !row.starts_with('#') && !row.is_empty())
}

fn head(row: &str) -> Option<Head<'_>> {
    let mut columns = columns(row);
    let (port, last_port) = range(columns.next()?, columns.next()?)?;
    let (transports, name) = (columns.next()?, columns.next()?);
    Some(Head {
        port,
        last_port,
        transports: transports_meant(transports, name),
        name,
    })
}

/// The service name in a row.
pub(super) fn name(row: &str) -> &str {
    columns(row).nth(3).unwrap_or_default()
}

/// Whether a line for `transports` holds for `transport`.
fn holds_for(transports: &str, transport: Transport) -> bool {
    // Nearly every line has one of these three, and there are many lines.
    match transports {
        "tcp/udp" => matches!(transport, Transport::Tcp | Transport::Udp),
        "tcp" => transport == Transport::Tcp,
        "udp" => transport == Transport::Udp,
        several => several.split('/').any(|named| named == transport.name()),
    }
}

/// Whether a registration holds for `transport`.
pub(super) fn is_for(registration: &Registration, transport: Transport) -> bool {
    holds_for(registration.protocols, transport)
}

/// What one line does with its numbers.
///
/// A use without a name ("any private mail system") is an assignment. A number that was taken
/// back ("De-registered") is kept back: RFC 6335, section 8.2, does not free it.
pub(super) fn status_of(registration: &Registration) -> Status {
    status(registration.name, registration.description)
}

/// The same of a line that is not taken apart any further: this is asked for every socket.
pub(super) fn status_of_row(row: &str) -> Status {
    let mut columns = columns(row).skip(3).map(str::trim_ascii);
    let name = columns.next().unwrap_or_default();
    // Nearly every line has a name, and then nothing behind it matters.
    if !name.is_empty() {
        return Status::Assigned;
    }
    status(name, columns.nth(1).unwrap_or_default())
}

fn status(name: &str, description: &str) -> Status {
    const KEPT_BACK: [&str; 6] = [
        "Reserved",
        "IANA Reserved",
        "De-registered",
        "Removed",
        "Deprecated",
        "De-Commissioned",
    ];
    if !name.is_empty() {
        return Status::Assigned;
    }
    let begins_with = |word: &&str| description.starts_with(word);
    if description == "Unassigned" || description.is_empty() {
        Status::Unassigned
    } else if KEPT_BACK.iter().any(begins_with) || description.starts_with("Decomissioned") {
        Status::Reserved
    } else {
        Status::Assigned
    }
}
