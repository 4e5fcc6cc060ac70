//! Service names: the ports they stand for, and the names near a mistyped one.

use super::{Registry, iana};
use crate::model::{Registration, Status, Transport};

/// The most names to suggest.
const SUGGESTIONS: usize = 3;
/// Names longer than this are not compared: no service name is.
const LONGEST_NAME: usize = 64;

/// The ports that `name` stands for on `transport`, ascending.
pub(super) fn ports(registry: &Registry, name: &str, transport: Transport) -> Vec<u16> {
    let found = ports_of_each(registry, &[name], &[transport]);
    found.into_iter().map(|(port, _)| port).collect()
}

/// The ports that each of `names` stands for on any of `transports`: those of the first name first, ascending. The whole
/// registry is read once.
pub(super) fn ports_of_each<'a>(
    registry: &Registry,
    names: &[&'a str],
    transports: &[Transport],
) -> Vec<(u16, &'a str)> {
    let mut found: Vec<(usize, u16)> = vec![];
    let mut is_registered = vec![false; names.len()];
    for line in registry.registrations() {
        let is_for = || transports.iter().any(|one| iana::is_for(&line, *one));
        let each = names.iter().zip(&mut is_registered).enumerate();
        for (at, (_, is_registered)) in each.filter(|(_, (name, _))| is_called(&line, name)) {
            *is_registered = true;
            if is_for() {
                found.extend((line.port..=line.last_port).map(|port| (at, port)));
            }
        }
    }
    for practice in registry.practices() {
        if !practice
            .protocols
            .iter()
            .any(|one| transports.iter().any(|other| *other == *one))
        {
            continue;
        }
        let each = names.iter().zip(&is_registered).enumerate();
        let ours = each.filter(|(_, (name, is_registered))| {
            let is_ours = !name.is_empty() && practice.name.eq_ignore_ascii_case(name);
            is_ours && !**is_registered
        });
        for (at, _) in ours {
            found.extend((practice.port..=practice.last_port).map(|port| (at, port)));
        }
    }
    found.sort_unstable();
    found.dedup();
    let with_name = |(at, port): (usize, u16)| Some((port, *names.get(at)?));
    found.into_iter().filter_map(with_name).collect()
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

fn is_called(line: &Registration, name: &str) -> bool {
    let is_one = |known: &str| !known.is_empty() && known.eq_ignore_ascii_case(name);
    is_one(line.name) || line.aliases.split('|').any(is_one)
}
