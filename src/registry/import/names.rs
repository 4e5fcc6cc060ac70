//! A newer list of names and descriptions over an older whole registry.
//!
//! Only for the table that is compiled in: the newest whole registry that a package holds is older than
//! the newest list of names.

use super::{Cell, fold::is_unassigned};
use crate::model::Transport;
use std::collections::BTreeMap;

/// Why text is no list of names.
#[derive(Debug, thiserror::Error)]
#[error("read the names as JSON: {{\"80/tcp\": [name, description], …}}")]
pub struct NamesError(#[source] serde_json::Error);

/// One line of the list.
#[derive(Debug)]
struct Named {
    port: u16,
    transport: Transport,
    name: String,
    description: String,
}

/// Puts the names of `json` over `cells`.
///
/// A port that is not there is added, one that has another name now is replaced, and one whose
/// description changed takes the new one. Ranges stay.
pub fn put_over(cells: &mut Vec<Cell>, json: &str) -> Result<(), NamesError> {
    let list: BTreeMap<String, Vec<String>> = serde_json::from_str(json).map_err(NamesError)?;
    let mut list: Vec<Named> = list
        .into_iter()
        .filter_map(|(key, says)| named(&key, &says))
        .collect();
    list.sort_by_key(|named| (named.port, named.transport));
    let mut by_port: BTreeMap<u16, Vec<Cell>> = BTreeMap::new();
    let mut ranges = vec![];
    for cell in cells.drain(..) {
        if cell.first == cell.last {
            by_port.entry(cell.first).or_default().push(cell);
        } else {
            ranges.push(cell);
        }
    }
    for named in list {
        let in_range = |cell: &Cell| {
            let is_taken = !cell.name.is_empty() || !is_unassigned(&cell.description);
            is_taken
                && (cell.first..=cell.last).contains(&named.port)
                && holds_for(cell, named.transport)
        };
        if !ranges.iter().any(in_range) {
            put(by_port.entry(named.port).or_default(), named);
        }
    }
    cells.extend(by_port.into_values().flatten());
    cells.extend(ranges);
    Ok(())
}

fn named(key: &str, says: &[String]) -> Option<Named> {
    let (port, transport) = key.split_once('/')?;
    let [name, description] = says else {
        return None;
    };
    let named = Named {
        port: port.parse().ok()?,
        transport: Transport::ALL
            .into_iter()
            .find(|one| one.name() == transport)?,
        name: super::joined(name),
        description: super::joined(description),
    };
    let says_nothing = named.name.is_empty() && is_unassigned(&named.description);
    (!says_nothing).then_some(named)
}

fn put(cells: &mut Vec<Cell>, named: Named) {
    let here = |cell: &&mut Cell| holds_for(cell, named.transport);
    let is_called = |cell: &Cell| {
        let mut aliases = cell.aliases.split('|').filter(|alias| !alias.is_empty());
        cell.name == named.name || aliases.any(|alias| alias == named.name)
    };
    let held: Vec<&mut Cell> = cells.iter_mut().filter(here).collect();
    match held.as_slice() {
        [] => cells.push(new(named)),
        [one] if is_called(one) => {
            let is_same = one.description == named.description || one.transport.is_none();
            if !is_same && one.name == named.name && !named.description.is_empty() {
                describe(cells, named);
            }
        }
        several if several.iter().any(|cell| is_called(cell)) => {}
        _ => {
            cells.retain(|cell| !holds_for(cell, named.transport));
            cells.push(new(named));
        }
    }
}

fn describe(cells: &mut [Cell], named: Named) {
    let mut here = cells
        .iter_mut()
        .filter(|cell| holds_for(cell, named.transport));
    if let Some(cell) = here.next() {
        cell.description = named.description;
        cell.source = 'u';
    }
}

fn holds_for(cell: &Cell, transport: Transport) -> bool {
    match cell.transport {
        Some(one) => one == transport,
        None => cell.name.is_empty() || matches!(transport, Transport::Tcp | Transport::Udp),
    }
}

fn new(named: Named) -> Cell {
    Cell {
        first: named.port,
        last: named.port,
        transport: Some(named.transport),
        name: named.name,
        aliases: String::new(),
        description: named.description,
        rest: Default::default(),
        source: 'n',
    }
}
