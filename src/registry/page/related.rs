//! The ports to know about beside one: those that belong with it, look like it, or stand beside it.

use crate::{
    model::{Related, Service, Status, Tier},
    registry::Registry,
};
use std::cmp::Ordering;

/// How many registered neighbours to name on each side.
const NEIGHBOURS: usize = 2;
/// How far to look for them.
const NEIGHBOURHOOD: u16 = 50;
/// The most famous look-alikes to name.
const LOOKALIKES: usize = 2;

/// The ports related to the port of `services`, without itself, each once.
pub(super) fn to(registry: &Registry, port: u16, services: &[Service]) -> Vec<Related> {
    let mut related: Vec<Related> = vec![];
    let belonging = services
        .iter()
        .filter_map(|service| service.practice)
        .flat_map(|practice| practice.related.iter())
        .map(|(other, why)| (*other, String::from(*why)));
    let known = services.iter().any(|service| service.practice.is_some());
    let beside = (!known).then(|| lookalikes(registry, port).chain(neighbours(registry, port)));
    for (other, why) in belonging.chain(beside.into_iter().flatten()) {
        if other != port && related.iter().all(|seen| seen.port != other) {
            related.push(Related {
                port: other,
                name: name(registry, other),
                why,
            });
        }
    }
    related
}

/// The registered name, else the one by which the use in practice is known.
fn name(registry: &Registry, port: u16) -> Option<&'static str> {
    let services = both(registry, port);
    let registered = services.iter().find_map(Service::name);
    let practised = services.iter().filter_map(|service| service.practice);
    registered.or_else(|| {
        practised
            .map(|practice| practice.name)
            .find(|name| !name.is_empty())
    })
}

/// Famous ports that differ from `port` in one digit.
fn lookalikes(registry: &Registry, port: u16) -> impl Iterator<Item = (u16, String)> {
    registry
        .practices()
        .iter()
        .filter(|practice| practice.tier == Tier::Common)
        .filter_map(move |practice| {
            let alike = how_alike(port, practice.port)?;
            Some((practice.port, format!("{alike}: {}", practice.software)))
        })
        .take(LOOKALIKES)
}

/// How `port` differs from `famous`, when one digit is all.
///
/// Short numbers are all alike, so they look like nothing; a digit that differs counts from four on.
fn how_alike(port: u16, famous: u16) -> Option<String> {
    let (digits, others) = (port.to_string(), famous.to_string());
    if digits.len() < 3 || strsim::levenshtein(&digits, &others) != 1 {
        return None;
    }
    match digits.len().cmp(&others.len()) {
        Ordering::Greater => Some(format!("{port} is {famous} with one digit more")),
        Ordering::Less => Some(format!("{port} is {famous} with one digit less")),
        Ordering::Equal => {
            (digits.len() >= 4).then(|| format!("{port} is {famous} with another digit"))
        }
    }
}

fn neighbours(registry: &Registry, port: u16) -> impl Iterator<Item = (u16, String)> {
    let named = move |other: &u16| {
        both(registry, *other)
            .iter()
            .any(|service| service.status == Status::Assigned && service.name().is_some())
    };
    let mut below: Vec<u16> = (port.saturating_sub(NEIGHBOURHOOD)..port)
        .rev()
        .filter(named)
        .take(NEIGHBOURS)
        .collect();
    below.reverse();
    let above = (port..=port.saturating_add(NEIGHBOURHOOD))
        .skip(1)
        .filter(named)
        .take(NEIGHBOURS);
    below.into_iter().chain(above).map(move |other| {
        let why = match other.abs_diff(port) {
            1 => String::from("next to it in the registry"),
            away => format!("{away} numbers away in the registry"),
        };
        (other, why)
    })
}

fn both(registry: &Registry, port: u16) -> [Service; 2] {
    use crate::model::Transport::{Tcp, Udp};
    [registry.service(port, Tcp), registry.service(port, Udp)]
}
