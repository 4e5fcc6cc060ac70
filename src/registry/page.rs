//! Puts together the page of a port: registry, practice, advice, checks and related ports.

use super::{Registry, iana};
use crate::model::{Backdoor, Page, Service, Status, Tier, Transport, annotation::range_name};

mod checks;
mod detail;
mod related;
mod unusual;
mod words;

impl Registry {
    /// The page of `port` for one transport; where `protocol` is `None`, for TCP, UDP and those of
    /// the others that it is registered for by name.
    pub fn page(&self, port: u16, protocol: Option<Transport>) -> Page {
        let protocols = match protocol {
            Some(protocol) => vec![protocol],
            None => self.usual_transports(port),
        };
        let services: Vec<Service> = protocols
            .iter()
            .map(|protocol| self.service(port, *protocol))
            .collect();
        let mut registrations = vec![];
        let mut in_practice = vec![];
        for service in &services {
            for line in service.registrations.iter() {
                if !registrations.contains(&line) {
                    registrations.push(line);
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

    fn usual_transports(&self, port: u16) -> Vec<Transport> {
        let is_usual = |transport: &Transport| match transport {
            Transport::Tcp | Transport::Udp => true,
            Transport::Sctp | Transport::Dccp => self.service(port, *transport).name().is_some(),
        };
        Transport::ALL.into_iter().filter(is_usual).collect()
    }

    /// Whether anything is known about a port: registered, reserved or used in practice.
    pub fn knows(&self, port: u16, protocol: Option<Transport>) -> bool {
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
