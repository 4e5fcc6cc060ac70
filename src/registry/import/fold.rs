//! From records to cells, and from cells to lines: aliases folded, transports joined.

use super::{ImportError, Record, joined};
use crate::{model::Transport, registry::iana};
use std::{collections::HashMap, fmt::Write as _};

/// What one record says about a port or a range, for one transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// First port.
    pub first: u16,
    /// Last port.
    pub last: u16,
    /// The transport; `None` where the registry names none.
    pub transport: Option<Transport>,
    /// Service name.
    pub name: String,
    /// Other spellings, separated by `|`.
    pub aliases: String,
    /// Description.
    pub description: String,
    /// The other columns, in the order of our table.
    pub rest: [String; 8],
    /// From where it is: `p` for a whole record, `n` for a newer name alone, `u` for a newer
    /// description of a whole record.
    pub source: char,
}

/// How IANA marks another spelling; the name it belongs to follows.
const ALIAS: &str = "This entry is an alias to \"";

/// How IANA marks a name that was put in place of another spelling.
const REPLACEMENT: &str = "IANA assigned this well-formed service name as a replacement for \"";

/// The place of the registration that an alias belongs to.
type Place = (u16, Option<Transport>, String);

/// The cells of `records`. Left out: names without a number, transports that are none of the four, and
/// numbers of which nothing is said but that they are unassigned.
pub(super) fn cells(records: &[Record]) -> Result<Vec<Cell>, ImportError> {
    let mut cells: Vec<Cell> = vec![];
    let mut aliases: Vec<(Place, Cell)> = vec![];
    for (at, record) in (1..).zip(records) {
        let fault = |fault| ImportError::Record { record: at, fault };
        let Some((first, last)) = numbers(&record.number).map_err(fault)? else {
            continue;
        };
        let Some(transport) = transport(&record.transport) else {
            continue;
        };
        let cell = cell(record, (first, last), transport);
        match alias_of(&record.notes) {
            Some(name) => aliases.push(((first, transport, String::from(name)), cell)),
            None => cells.extend(worth_keeping(cell)),
        }
    }
    fold(&mut cells, aliases);
    Ok(cells)
}

/// Gives each alias to its registration; one whose registration is not there stays a line of its own.
fn fold(cells: &mut Vec<Cell>, aliases: Vec<(Place, Cell)>) {
    let place = |cell: &Cell| (cell.first, cell.transport, cell.name.clone());
    let mut places: HashMap<Place, usize> = HashMap::new();
    for (at, cell) in cells.iter().enumerate() {
        places.entry(place(cell)).or_insert(at);
    }
    for (of, alias) in aliases {
        let registration = places.get(&of).and_then(|at| cells.get_mut(*at));
        let Some(cell) = registration else {
            cells.push(alias);
            continue;
        };
        if !cell.aliases.is_empty() {
            cell.aliases.push('|');
        }
        cell.aliases.push_str(&alias.name);
    }
}

fn cell(record: &Record, (first, last): (u16, u16), transport: Option<Transport>) -> Cell {
    Cell {
        first,
        last,
        transport,
        name: record.name.clone(),
        aliases: String::new(),
        description: without_replacement(&record.description),
        rest: [
            listed(&record.assignee),
            listed(&record.contact),
            record.registered.clone(),
            record.modified.clone(),
            listed(&record.references),
            record.service_code.clone(),
            record.unauthorized_use.clone(),
            record.notes.clone(),
        ],
        source: 'p',
    }
}

/// A number that nobody has is worth a line only for what is said about it besides.
fn worth_keeping(cell: Cell) -> Option<Cell> {
    if !cell.name.is_empty() || !is_unassigned(&cell.description) {
        return Some(cell);
    }
    let [.., unauthorized_use, notes] = &cell.rest;
    let says_more = !unauthorized_use.is_empty() || !notes.is_empty();
    says_more.then(|| Cell {
        description: String::from("Unassigned"),
        ..cell
    })
}

/// Whether a description says that nobody has the number: `Unassigned`, `(unassigned) Possibly …`.
pub(super) fn is_unassigned(description: &str) -> bool {
    let description = description.trim_start_matches('(');
    description
        .get(..10)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("unassigned"))
}

/// The first and last port of `80` and `6000-6063`; `None` where there is no number.
fn numbers(text: &str) -> Result<Option<(u16, u16)>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let (first, last) = text.split_once('-').unwrap_or((text, ""));
    match iana::range(first.trim(), last.trim()) {
        Some(range) => Ok(Some(range)),
        None => Err(format!("\"{}\" is no port number", shortened(text))),
    }
}

/// What a fault shows of a text that may be long.
fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The transport of a record, `Some(None)` where it names none, `None` where it names one that is none of
/// the four.
#[expect(
    clippy::option_option,
    reason = "two questions: which one, and whether it is ours"
)]
fn transport(text: &str) -> Option<Option<Transport>> {
    if text.is_empty() {
        return Some(None);
    }
    let mut all = Transport::ALL.into_iter();
    all.find(|one| one.name().eq_ignore_ascii_case(text))
        .map(Some)
}

fn alias_of(notes: &str) -> Option<&str> {
    let (_, rest) = notes.split_once(ALIAS)?;
    let (name, _) = rest.split_once('"')?;
    Some(name)
}

fn without_replacement(description: &str) -> String {
    let Some((before, rest)) = description.split_once(REPLACEMENT) else {
        return String::from(description);
    };
    let after = rest.split_once("\".").map_or("", |(_, after)| after);
    joined(&format!("{before} {after}"))
}

/// `Bob Braden 2; IETF` for `[Bob_Braden_2][IETF]`; text without brackets stays.
fn listed(text: &str) -> String {
    if !text.contains('[') {
        return String::from(text);
    }
    let items: Vec<String> = text
        .split('[')
        .skip(1)
        .filter_map(|item| Some(joined(&item.split_once(']')?.0.replace('_', " "))))
        .filter(|item| !item.is_empty())
        .collect();
    items.join("; ")
}

/// The lines of the table: by port, then range, names before uses without a name, then transport, otherwise
/// in the order of the cells.
pub(super) fn lines(cells: &[Cell]) -> Vec<String> {
    let mut groups: Vec<(&Cell, Vec<Option<Transport>>)> = vec![];
    let mut known: HashMap<(u16, u16, String), usize> = HashMap::new();
    for cell in cells {
        let key = (cell.first, cell.last, content(cell));
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, transports)) => transports.push(cell.transport),
            None => groups.push((cell, vec![cell.transport])),
        }
    }
    groups.sort_by_key(|(cell, transports)| {
        let first = transports.iter().flatten().min().copied();
        (cell.first, cell.last, cell.name.is_empty(), first)
    });
    groups
        .into_iter()
        .flat_map(|(cell, transports)| {
            let unnamed = transports.contains(&None).then(|| String::from("*"));
            let mut said: Vec<Transport> = transports.into_iter().flatten().collect();
            said.sort_unstable();
            said.dedup();
            let said: Vec<&str> = said.iter().map(|one| one.name()).collect();
            let named = (!said.is_empty()).then(|| said.join("/"));
            unnamed
                .into_iter()
                .chain(named)
                .map(move |transports| line(cell, &transports))
        })
        .collect()
}

fn content(cell: &Cell) -> String {
    let mut text = format!("{}\t{}\t{}", cell.name, cell.aliases, cell.description);
    for column in &cell.rest {
        text.push('\t');
        text.push_str(column);
    }
    // Writing to a string cannot fail.
    _ = write!(text, "\t{}", cell.source);
    text
}

fn line(cell: &Cell, transports: &str) -> String {
    let last = if cell.first == cell.last {
        String::new()
    } else {
        cell.last.to_string()
    };
    format!("{}\t{last}\t{transports}\t{}", cell.first, content(cell))
}
