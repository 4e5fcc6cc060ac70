//! Puts together the page of a port: registry, practice, advice, checks and related ports.

use super::{Registry, iana};
use crate::model::{Backdoor, Page, Protocol, Service, Status, Tier, annotation::range_name};

mod checks;
mod detail;
mod related;
mod unusual;
mod words;

impl Registry {
    /// The page of `port` for one transport, or for all where `protocol` is `None`.
    pub fn page(&self, port: u16, protocol: Option<Protocol>) -> Page {
        let protocols = match protocol {
            Some(protocol) => vec![protocol],
            None => vec![Protocol::Tcp, Protocol::Udp],
        };
        let services: Vec<Service> = protocols
            .iter()
            .map(|protocol| self.service(port, *protocol))
            .collect();
        let mut registrations = vec![];
        let mut in_practice = vec![];
        for service in &services {
            for line in service.registrations {
                if !registrations.contains(line) {
                    registrations.push(*line);
                }
            }
            if let Some(practice) = service.practice
                && !in_practice.contains(&practice)
            {
                in_practice.push(practice);
            }
        }
        let page = Page {
            port,
            protocols,
            range: range_name(port),
            status: services
                .iter()
                .map(|service| service.status)
                .min()
                .unwrap_or(Status::Unassigned),
            tier: services
                .iter()
                .map(|service| service.tier)
                .min()
                .unwrap_or(Tier::Unassigned),
            label: services.iter().find_map(Service::label),
            registrations,
            in_practice,
            registry_says: words::registry_says(&services),
            practice_says: words::practice_says(&services),
            backdoors: backdoors(self, &services),
            unusual: vec![],
            advice: vec![],
            checks: vec![],
            related: related::to(self, port, &services),
        };
        let detail = detail::of(&page);
        Page {
            unusual: unusual::of(&page, detail),
            advice: words::advice(&page, detail),
            checks: checks::of(&page, detail),
            ..page
        }
    }

    /// Whether anything is known about a port: registered, reserved or used in practice.
    pub fn knows(&self, port: u16, protocol: Option<Protocol>) -> bool {
        let page = self.page(port, protocol);
        !page.in_practice.is_empty()
            || page
                .registrations
                .iter()
                .any(|line| iana::status_of(line) != Status::Unassigned)
    }
}

fn backdoors(registry: &Registry, services: &[Service]) -> Vec<&'static Backdoor> {
    let mut found: Vec<&Backdoor> = services
        .iter()
        .filter_map(|service| registry.backdoor(service.port, service.protocol))
        .collect();
    found.dedup();
    found
}

#[cfg(test)]
mod tests;
