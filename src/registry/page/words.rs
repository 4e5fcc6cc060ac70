//! The sentences of a page: what the registry says, what is true in practice, what to do.
//!
//! What is not known is said, never filled in.

use super::detail::Detail;
use crate::{
    model::{Page, Practice, Reach, Registration, Service, Status, Tier},
    registry::iana,
};

/// What the registry says about a port; transports about which it says the same share a sentence.
pub(super) fn registry_says(services: &[Service]) -> Vec<String> {
    let mut sentences = vec![];
    for service in services {
        let same = |other: &&Service| {
            other.registrations == service.registrations && other.status == service.status
        };
        let alike: Vec<&Service> = services.iter().filter(same).collect();
        if alike
            .first()
            .is_some_and(|first| first.protocol == service.protocol)
        {
            let transports = and(alike.iter().map(|service| service.protocol.name()));
            sentences.extend(about(service, &transports));
        }
    }
    sentences
}

fn about(service: &Service, transports: &str) -> Vec<String> {
    let port = service.port;
    match service.status {
        Status::Assigned => service
            .registrations
            .iter()
            .filter(|line| iana::status_of(line) == Status::Assigned)
            .map(|line| assignment(port, &line, transports).join(" "))
            .collect(),
        Status::Reserved => vec![format!(
            "IANA keeps {port} ({transports}) back and assigns it to no service: \"{}\".",
            service
                .registrations
                .first()
                .map_or("Reserved", |line| line.description),
        )],
        Status::Unassigned => unassigned(service, transports),
        Status::Dynamic => vec![format!(
            "IANA assigns no number from 49152 to 65535, so it says nothing about {port}: \
             programs and the system take these as they need them."
        )],
    }
}

fn unassigned(service: &Service, transports: &str) -> Vec<String> {
    let port = service.port;
    let Some(line) = service.registrations.first() else {
        return vec![format!(
            "IANA says nothing about {port}: no service is registered for it ({transports})."
        )];
    };
    let mut sentences = vec![format!("IANA has no service for {port} ({transports}).")];
    sentences.extend(
        [line.unauthorized_use, line.notes]
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| format!("It notes: \"{text}\".")),
    );
    vec![sentences.join(" ")]
}

fn assignment(port: u16, line: &Registration, transports: &str) -> Vec<String> {
    if line.name.is_empty() {
        return vec![format!(
            "IANA assigned {port} ({transports}) without a service name: \"{}\".",
            line.description
        )];
    }
    let spelled = match aliases(line).as_slice() {
        [] => String::new(),
        names => format!(", also spelled {}", and(names.iter().copied())),
    };
    let block = match (line.port, line.last_port) {
        (first, last) if first == last => String::new(),
        (first, last) => format!(", with all of {first}-{last}"),
    };
    let mut sentences = vec![format!(
        "IANA assigned {port} ({transports}) to {}{spelled}{block}.",
        line.name
    )];
    sentences.push(match description(line) {
        Some(text) => format!("It describes it as \"{text}\"."),
        None => "IANA records no description beyond the name.".to_owned(),
    });
    sentences.extend(person(line));
    sentences.extend(missing(line));
    sentences
}

/// The other spellings of a registration.
fn aliases(line: &Registration) -> Vec<&'static str> {
    line.aliases
        .split('|')
        .filter(|alias| !alias.is_empty())
        .collect()
}

/// What a registration says beyond its name.
fn description(line: &Registration) -> Option<&'static str> {
    line.says_more_than_its_name().then_some(line.description)
}

fn person(line: &Registration) -> Option<String> {
    match (line.assignee, line.contact) {
        ("", "") => None,
        (assignee, "") => Some(format!("It was assigned to {assignee}.")),
        ("", contact) => Some(format!("The contact is {contact}.")),
        (assignee, contact) if assignee == contact => {
            Some(format!("It was assigned to {contact}, who is the contact."))
        }
        (assignee, contact) => Some(format!(
            "It was assigned to {assignee}; the contact is {contact}."
        )),
    }
}

fn missing(line: &Registration) -> Option<String> {
    if !line.complete {
        return Some(String::from(
            "Its contact, dates and references are not in the bundled snapshot.",
        ));
    }
    let undated = line.registered.is_empty() && line.modified.is_empty();
    let nobody = line.assignee.is_empty() && line.contact.is_empty();
    let lacking: Vec<&str> = [
        (nobody, "no contact"),
        (undated, "no date"),
        (line.references.is_empty(), "no reference"),
    ]
    .into_iter()
    .filter_map(|(lacks, what)| lacks.then_some(what))
    .collect();
    (!lacking.is_empty()).then(|| format!("The registry gives {}.", and(lacking.into_iter())))
}

/// What is true in practice.
pub(super) fn practice_says(services: &[Service]) -> Vec<String> {
    let mut sentences: Vec<String> = vec![];
    for service in services {
        let Some(practice) = service.practice else {
            continue;
        };
        let transports = and(practice.protocols.iter().map(|protocol| protocol.name()));
        let sentence = format!("Over {transports}: {}.", practice.software);
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
            sentences.extend(traits_of(practice));
        }
    }
    if sentences.is_empty() {
        sentences.push(String::from("No common software is known to use it."));
    }
    sentences
}

fn traits_of(practice: &Practice) -> Vec<String> {
    let mut sentences = vec![];
    if practice.kernel {
        sentences.push(String::from(
            "The kernel itself can serve it; then no process owns the socket.",
        ));
    }
    if practice.cleartext {
        sentences.push(String::from(
            "What it sends can be read on the way, unless TLS is added.",
        ));
    }
    if practice.authenticates == Some(false) {
        sentences.push(String::from("It asks nobody for a password by default."));
    }
    sentences.push(String::from(match practice.reach {
        Reach::Local => "Only this machine should be able to reach it.",
        Reach::Trusted => "Only a network you trust should be able to reach it.",
        Reach::Anyone => "It may be reachable from everywhere where that is its purpose.",
    }));
    sentences
}

/// What to do about a port.
pub(super) fn advice(page: &Page, detail: Option<&Detail>) -> Vec<String> {
    let mut advice: Vec<String> = page
        .in_practice
        .iter()
        .filter(|practice| !practice.advice.is_empty())
        .map(|practice| String::from(practice.advice))
        .collect();
    advice.extend(
        detail
            .into_iter()
            .flat_map(|detail| detail.advice.iter().cloned()),
    );
    if advice.is_empty() {
        advice.extend(page.in_practice.iter().map(|practice| by_traits(practice)));
    }
    advice.extend(by_tier(page).iter().map(|sentence| String::from(*sentence)));
    advice
}

/// What follows from what is known about a use that has no advice of its own.
fn by_traits(practice: &Practice) -> String {
    let software = practice.software;
    match (practice.reach, practice.cleartext, practice.authenticates) {
        (Reach::Local, _, _) => {
            format!("{software}: bind it to loopback, and reach it from elsewhere through SSH.")
        }
        (Reach::Trusted, _, Some(false)) => format!(
            "{software}: it asks nobody who they are, so let a firewall name the machines that may \
             come."
        ),
        (Reach::Trusted, true, _) => format!(
            "{software}: keep it within your own network, or put TLS, SSH or a VPN around it."
        ),
        (Reach::Trusted, false, _) => {
            format!("{software}: let a firewall name the networks that may come.")
        }
        (Reach::Anyone, true, _) => {
            format!("{software}: send nothing secret through it, and close it when nobody uses it.")
        }
        (Reach::Anyone, false, _) => {
            format!("{software}: keep it updated, and close it when nobody uses it.")
        }
    }
}

fn by_tier(page: &Page) -> &'static [&'static str] {
    match page.tier {
        Tier::Common | Tier::Known => &[],
        Tier::Obscure | Tier::Unassigned if page.port == 0 => {
            &["Nothing can listen on port 0: a program that asks for it is given a free port."]
        }
        Tier::Obscure => &[
            "You probably should not have anything listening on it; if you find something, \
             investigate: which program it is, who started it, and which package it came with.",
            "The registered name is no proof: it says who asked for the number, not what listens \
             on it.",
        ],
        Tier::Unassigned => &[
            "You probably should not have anything listening on it; if you find something, \
             investigate: which program it is, who started it, and which package it came with.",
            "Nobody has the number, so its program alone can say what it is for.",
        ],
        Tier::Dynamic => &[
            "A connection from here is ordinary. A program that listens here for long was given \
             the number by its settings or by the system: look at the program.",
        ],
    }
}

/// `tcp`, `tcp and udp`, `a, b and c`.
fn and<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => String::from(*one),
        [many @ .., last] => format!("{} and {last}", many.join(", ")),
    }
}
