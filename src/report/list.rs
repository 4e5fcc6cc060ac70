//! Sockets as a table, as CSV, and as sentences.

use super::{Column, Style, column::why};
use crate::model::{Names, Snapshot, Socket, Verdict};
use std::{borrow::Cow, io};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

mod fit;

/// How a table is to look.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    /// Its columns.
    pub columns: &'a [Column],
    /// Whether to name them on the first line.
    pub header: bool,
    /// Colours.
    pub style: Style,
    /// Columns of the terminal that a line has to fit; `None` to cut nothing.
    pub width: Option<usize>,
    /// Columns may be left out for want of room: nobody asked for just these.
    pub may_leave_out: bool,
    /// What other ends are called.
    pub names: &'a Names,
}

/// Writes the sockets at `rows` as a table; returns the columns that hold something and that there was no room for.
pub fn write_table(
    out: &mut dyn io::Write,
    snapshot: &Snapshot,
    rows: &[usize],
    table: &Table<'_>,
) -> io::Result<Vec<Column>> {
    let held = held(snapshot, rows, table);
    let widths = fit::fit(&held, table.width, table.may_leave_out);
    let columns = || {
        let columns = table.columns.iter().zip(&widths);
        columns.filter_map(|(column, width)| Some((*column, (*width)?)))
    };
    let mut line = String::new();
    if table.header {
        for (column, width) in columns() {
            let name = column.name().to_uppercase();
            put(&mut line, &name, width, column.is_number());
        }
        let header = cut(line.trim_end(), table.width);
        writeln!(out, "{}", table.style.heading(&header))?;
    }
    let mut cell = String::new();
    for socket in rows.iter().filter_map(|row| snapshot.sockets.get(*row)) {
        line.clear();
        for (column, width) in columns() {
            cell.clear();
            column.write(&mut cell, socket, table.names);
            let cell = fit::shortened(column, &cell, width);
            put(&mut line, &cell, width, column.is_number());
        }
        let line = cut(line.trim_end(), table.width);
        writeln!(out, "{}", coloured(&line, socket, table.style))?;
    }
    let missing = held
        .iter()
        .zip(&widths)
        .filter(|(_, width)| width.is_none());
    let missing = missing.filter(|(held, _)| !held.is_empty());
    Ok(missing.map(|(held, _)| held.column).collect())
}

fn held(snapshot: &Snapshot, rows: &[usize], table: &Table<'_>) -> Vec<fit::Held> {
    let columns = table.columns.iter();
    let mut held: Vec<_> = columns
        .map(|column| fit::Held::header(*column, table.header))
        .collect();
    let mut cell = String::new();
    for socket in rows.iter().filter_map(|row| snapshot.sockets.get(*row)) {
        for held in &mut held {
            cell.clear();
            held.column.write(&mut cell, socket, table.names);
            held.take(&cell);
        }
    }
    held
}

/// Appends a cell, padded to `width`, and the gap behind it.
pub(super) fn put(line: &mut String, cell: &str, width: usize, right: bool) {
    let padding = width.saturating_sub(cell.width());
    let spaces = |line: &mut String, count| line.extend(std::iter::repeat_n(' ', count));
    if right {
        spaces(line, padding);
    }
    line.push_str(cell);
    if !right {
        spaces(line, padding);
    }
    spaces(line, 2);
}

/// Returns `line` cut to `width` columns.
pub(super) fn cut(line: &str, width: Option<usize>) -> Cow<'_, str> {
    let Some(width) = width.filter(|width| line.width() > *width) else {
        return Cow::Borrowed(line);
    };
    let mut left = width.saturating_sub(1);
    let mut short = String::new();
    for character in line.chars() {
        let wide = character.width().unwrap_or(0);
        if wide > left {
            break;
        }
        left -= wide;
        short.push(character);
    }
    short.push('…');
    Cow::Owned(short)
}

/// Colours the verdict where the line begins with it.
fn coloured<'a>(line: &'a str, socket: &Socket, style: Style) -> Cow<'a, str> {
    let verdict = socket.assessment.verdict;
    match line.strip_prefix(verdict.name()) {
        Some(rest) if style.color => {
            Cow::Owned(format!("{}{rest}", style.verdict(verdict, verdict.name())))
        }
        Some(_) | None => Cow::Borrowed(line),
    }
}

/// Writes the sockets at `rows` as CSV (RFC 4180).
pub fn write_csv(
    out: &mut dyn io::Write,
    snapshot: &Snapshot,
    rows: &[usize],
    table: &Table<'_>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    if table.header {
        writer.write_record(table.columns.iter().map(|column| column.name()))?;
    }
    let mut cells = vec![String::new(); table.columns.len()];
    for socket in rows.iter().filter_map(|row| snapshot.sockets.get(*row)) {
        for (column, cell) in table.columns.iter().zip(&mut cells) {
            cell.clear();
            column.write(cell, socket, table.names);
        }
        writer.write_record(&cells)?;
    }
    writer.flush()
}

/// Writes the sockets at `rows` as sentences, one a line, for screen readers and pipes.
pub fn write_plain(
    out: &mut dyn io::Write,
    snapshot: &Snapshot,
    rows: &[usize],
    names: &Names,
) -> io::Result<()> {
    for socket in rows.iter().filter_map(|row| snapshot.sockets.get(*row)) {
        writeln!(out, "{}", sentence(socket, names))?;
    }
    Ok(())
}

/// One socket as a sentence.
pub fn sentence(socket: &Socket, names: &Names) -> String {
    let raw = &socket.raw;
    let mut words = vec![format!(
        "{} {} {} {}",
        word(socket.assessment.verdict),
        raw.protocol.name(),
        raw.state.name(),
        match raw.port() {
            Some(port) => format!("{} port {port}", raw.local().address),
            None => format!("on {}", raw.bound_to()),
        }
    )];
    match (raw.peer(), raw.port()) {
        (Some(peer), Some(_)) => words.push(format!("peer {} port {}", peer.address, peer.port)),
        _ => words.extend(raw.connected_to().map(|peer| format!("peer {peer}"))),
    }
    if let Some(name) = names.of_peer(raw) {
        words.push(format!("host {name}"));
    }
    if let Some(service) = socket.service {
        words.push(match service.label() {
            Some(label) => format!("service {label}"),
            None => service.status.name().to_owned(),
        });
    }
    match socket.owner() {
        Some(process) => {
            let user = socket
                .user
                .as_ref()
                .map_or(String::new(), |user| format!(" user {user}"));
            let gone = process
                .executable
                .known()
                .is_some_and(|executable| executable.deleted);
            let gone = if gone { " program deleted" } else { "" };
            words.push(format!(
                "owner {} pid {}{user}{gone}",
                process.name, process.key.pid
            ));
        }
        None if raw.state.can_have_owner() => words.push("owner not visible".to_owned()),
        None => {}
    }
    let reason = why(socket);
    if !reason.is_empty() {
        words.push(format!("because: {reason}"));
    }
    words.join(", ")
}

/// The dashboard's word for a verdict.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Expected => "ok",
        Verdict::Unknown => "UNKNOWN",
        Verdict::Notable => "NOTE",
        Verdict::Unusual => "ODD",
        Verdict::Suspicious => "ALERT",
    }
}

/// Says in a line what could not be seen; nothing when all could.
pub fn coverage(snapshot: &Snapshot) -> Option<String> {
    let hidden = snapshot.owners_hidden;
    let mut parts = vec![];
    if hidden > 0 {
        let verb = if hidden == 1 { "has" } else { "have" };
        parts.push(format!(
            "{hidden} of {} {verb} no visible owner",
            super::plural(snapshot.sockets.len(), "socket")
        ));
    }
    for limit in &snapshot.coverage.limits {
        let remedy = limit
            .remedy
            .as_ref()
            .map_or(String::new(), |remedy| format!(" ({remedy})"));
        parts.push(format!("{}{remedy}", limit.detail));
    }
    match snapshot.coverage.other_namespaces {
        0 => {}
        others => parts.push(format!(
            "{} not shown (--all-namespaces)",
            super::plural(others as usize, "other network namespace")
        )),
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
