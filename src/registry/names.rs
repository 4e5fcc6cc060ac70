//! Service names: the ports they stand for, and the names near a mistyped one.

use super::{Registry, iana};
use crate::model::{Registration, Status, Transport};

/// The most names to suggest.
const SUGGESTIONS: usize = 3;
/// Names longer than this are not compared: no service name is.
const LONGEST_NAME: usize = 64;

/// The ports that `name` stands for on `transport`, ascending.
pub(super) fn ports(registry: &Registry, name: &str, transport: Transport) -> Vec<u16> {
    if name.is_empty() {
        return vec![];
    }
    let mut ports: Vec<u16> = registry
        .registrations()
        .filter(|line| is_called(line, name) && iana::is_for(line, transport))
        .flat_map(|line| line.port..=line.last_port)
        .collect();
    if ports.is_empty() && !is_registered(registry, name) {
        ports = registry
            .practices()
            .iter()
            .filter(|practice| practice.name.eq_ignore_ascii_case(name))
            .filter(|practice| practice.protocols.iter().any(|one| transport == *one))
            .flat_map(|practice| practice.port..=practice.last_port)
            .collect();
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The names that begin with `prefix`, sorted, each once.
pub(super) fn beginning(registry: &Registry, prefix: &str) -> Vec<&'static str> {
    let begins = |name: &&str| {
        name.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let mut names: Vec<_> = all(registry).filter(begins).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Names near `name`: those it begins, the shortest first; then those a few keystrokes away.
pub(super) fn similar(registry: &Registry, name: &str) -> Vec<&'static str> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return vec![];
    }
    let name = name.to_ascii_lowercase();
    let mut ranked: Vec<_> = all(registry)
        .filter_map(|candidate| Some((distance(&name, candidate)?, candidate)))
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked
        .into_iter()
        .map(|(_, candidate)| candidate)
        .take(SUGGESTIONS)
        .collect()
}

/// How far `candidate` is from `name`: a kind of nearness, then a degree of it. `None` for far.
fn distance(name: &str, candidate: &str) -> Option<(u8, usize)> {
    let begins = candidate
        .get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name));
    if begins && name.len() >= 2 {
        return Some((0, candidate.len()));
    }
    let allowed = (name.len() / 3).min(3);
    if candidate.len().abs_diff(name.len()) > allowed {
        return None;
    }
    let edits = strsim::damerau_levenshtein(name, &candidate.to_ascii_lowercase());
    (edits <= allowed).then_some((1, edits))
}

fn all(registry: &Registry) -> impl Iterator<Item = &'static str> {
    let registered = registry
        .registrations()
        .filter(|line| iana::status_of(line) == Status::Assigned)
        .map(|line| line.name);
    let ours = registry.practices().iter().map(|practice| practice.name);
    registered.chain(ours).filter(|name| !name.is_empty())
}

fn is_registered(registry: &Registry, name: &str) -> bool {
    registry.registrations().any(|line| is_called(&line, name))
}

fn is_called(line: &Registration, name: &str) -> bool {
    line.name.eq_ignore_ascii_case(name)
        || line
            .aliases
            .split('|')
            .any(|alias| alias.eq_ignore_ascii_case(name))
}
