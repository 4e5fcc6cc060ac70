//! Reads `iana-ports.tsv`, the IANA registry as one line per port or range, name and content.

use crate::model::{Protocol, Registration, Status};
use std::iter;

/// Why a line is no registration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(super) struct BadLine {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// The registrations in `table`, in its order; lines that begin with `#` are comments.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Result<Registration, BadLine>> {
    numbered(table).map(|(line, row)| {
        parse(row).ok_or(BadLine {
            line,
            what: "no registration",
        })
    })
}

/// The lines of a table that are no comments, with their numbers.
pub(super) fn numbered(table: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    (1..)
        .zip(table.lines())
        .filter(|(_, row)| !row.starts_with('#') && !row.is_empty())
}

fn parse(row: &'static str) -> Option<Registration> {
    let mut columns = columns(row);
    let mut next = || columns.next().map(str::trim_ascii);
    let (port, last_port) = range(next()?, next()?)?;
    let registration = Registration {
        port,
        last_port,
        // A line that names no transport holds for all.
        protocols: match next()? {
            "*" => "tcp/udp",
            named => named,
        },
        name: next()?,
        aliases: next()?,
        description: next()?,
        assignee: next()?,
        contact: next()?,
        registered: next()?,
        modified: next()?,
        references: next()?,
        service_code: next()?,
        unauthorized_use: next()?,
        notes: next()?,
        complete: next()? == "p",
    };
    columns.next().is_none().then_some(registration)
}

/// The columns of a row. A hundred thousand short ones: a plain loop takes a quarter of the time
/// of `str::split`, and portwise starts by reading them.
fn columns(row: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(row);
    iter::from_fn(move || {
        let row = rest.take()?;
        let Some(at) = row.bytes().position(|byte| byte == b'\t') else {
            return Some(row);
        };
        rest = row.get(at + 1..);
        row.get(..at)
    })
}

/// A first and a last port; the last may be empty.
pub(super) fn range(first: &str, last: &str) -> Option<(u16, u16)> {
    let first = first.parse().ok()?;
    let last = match last {
        "" => first,
        last => last.parse().ok()?,
    };
    (first <= last).then_some((first, last))
}

/// Whether a line holds for `protocol`.
pub(super) fn holds_for(registration: &Registration, protocol: Protocol) -> bool {
    // Nearly every line has one of these three; there are many lines and two transports.
    match (registration.protocols, protocol) {
        ("tcp/udp", _) | ("tcp", Protocol::Tcp) | ("udp", Protocol::Udp) => true,
        (several, _) => several.split('/').any(|named| named == protocol.name()),
    }
}

/// What one line does with its numbers.
///
/// A use without a name ("any private mail system") is an assignment. A number that was taken
/// back ("De-registered") is kept back: RFC 6335, section 8.2, does not free it.
pub(super) fn status_of(registration: &Registration) -> Status {
    const KEPT_BACK: [&str; 6] = [
        "Reserved",
        "IANA Reserved",
        "De-registered",
        "Removed",
        "Deprecated",
        "De-Commissioned",
    ];
    if !registration.name.is_empty() {
        return Status::Assigned;
    }
    let description = registration.description;
    let begins_with = |word: &&str| description.starts_with(word);
    if description == "Unassigned" || description.is_empty() {
        Status::Unassigned
    } else if KEPT_BACK.iter().any(begins_with) || description.starts_with("Decomissioned") {
        Status::Reserved
    } else {
        Status::Assigned
    }
}
