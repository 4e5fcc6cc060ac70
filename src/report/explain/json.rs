//! The JSON of a page: the fields that scripts rely on.

use super::Entry;
use crate::model::{Backdoor, Check, Declared, Practice, Registration, Related, Transport};
use serde::Serialize;

/// One page.
#[derive(Debug, Serialize)]
pub(super) struct Explained<'a, T> {
    port: u16,
    protocols: Vec<&'static str>,
    range: &'static str,
    status: &'static str,
    tier: &'static str,
    registrations: Vec<Line>,
    in_practice: Vec<Used<'a>>,
    backdoors: Vec<Misused>,
    unusual: &'a [String],
    advice: &'a [String],
    checks: Vec<Look<'a>>,
    related: Vec<Beside<'a>>,
    /// `null` when nobody looked.
    here_now: Option<&'a [T]>,
    declared: Vec<Said<'a>>,
}

#[derive(Debug, Serialize)]
struct Said<'a> {
    name: &'a str,
    protocol: &'static str,
    first_port: u16,
    last_port: u16,
    by: &'static str,
    file: &'a str,
}

#[derive(Debug, Serialize)]
struct Line {
    name: Option<&'static str>,
    aliases: Vec<&'static str>,
    protocols: Vec<&'static str>,
    first_port: u16,
    last_port: u16,
    description: Option<&'static str>,
    assignee: Option<&'static str>,
    contact: Option<&'static str>,
    registered: Option<&'static str>,
    modified: Option<&'static str>,
    references: Vec<&'static str>,
    service_code: Option<&'static str>,
    unauthorized_use: Option<&'static str>,
    notes: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Used<'a> {
    software: &'static str,
    category: &'static str,
    protocols: Vec<&'static str>,
    programs: &'a [&'static str],
    cleartext: bool,
    reach: &'static str,
    authenticates: Option<bool>,
    kernel: bool,
    source: &'static str,
}

#[derive(Debug, Serialize)]
struct Misused {
    software: &'static str,
    wording: &'static str,
    protocols: Vec<&'static str>,
    source: &'static str,
}

#[derive(Debug, Serialize)]
struct Look<'a> {
    os: &'static str,
    scope: &'static str,
    command: &'a str,
    purpose: &'a str,
}

#[derive(Debug, Serialize)]
struct Beside<'a> {
    port: u16,
    name: Option<&'static str>,
    why: &'a str,
}

/// The JSON of one entry.
pub(super) fn explained<'a, T>(entry: &Entry<'a, T>) -> Explained<'a, T> {
    let page = entry.page;
    Explained {
        port: page.port,
        protocols: names(page.protocols.iter().copied()),
        range: page.range,
        status: page.status.name(),
        tier: page.tier.name(),
        registrations: page.registrations.iter().map(registered).collect(),
        in_practice: page
            .in_practice
            .iter()
            .map(|practice| used(practice))
            .collect(),
        backdoors: page
            .backdoors
            .iter()
            .map(|backdoor| misused(backdoor))
            .collect(),
        unusual: &page.unusual,
        advice: &page.advice,
        checks: page.checks.iter().map(look).collect(),
        related: page.related.iter().map(beside).collect(),
        here_now: entry.here_now,
        declared: entry.declared.iter().map(|one| declared(one)).collect(),
    }
}

fn declared(one: &Declared) -> Said<'_> {
    Said {
        name: &one.name,
        protocol: one.protocol.name(),
        first_port: one.ports.first,
        last_port: one.ports.last,
        by: one.by.name(),
        file: &one.file,
    }
}

fn registered(line: &Registration) -> Line {
    Line {
        name: said(line.name),
        aliases: list(line.aliases, "|"),
        protocols: list(line.protocols, "/"),
        first_port: line.port,
        last_port: line.last_port,
        description: said(line.description),
        assignee: said(line.assignee),
        contact: said(line.contact),
        registered: said(line.registered),
        modified: said(line.modified),
        references: list(line.references, "; "),
        service_code: said(line.service_code),
        unauthorized_use: said(line.unauthorized_use),
        notes: said(line.notes),
    }
}

fn used(practice: &Practice) -> Used<'_> {
    Used {
        software: practice.software,
        category: practice.category,
        protocols: names(practice.protocols.iter().map(|one| Transport::from(*one))),
        programs: &practice.programs,
        cleartext: practice.cleartext,
        reach: practice.reach.name(),
        authenticates: practice.authenticates,
        kernel: practice.kernel,
        source: practice.source,
    }
}

fn misused(backdoor: &Backdoor) -> Misused {
    Misused {
        software: backdoor.software,
        wording: backdoor.wording,
        protocols: names(backdoor.protocols.iter().map(|one| Transport::from(*one))),
        source: backdoor.source,
    }
}

fn look(check: &Check) -> Look<'_> {
    Look {
        os: check.os,
        scope: check.scope.name(),
        command: &check.command,
        purpose: &check.purpose,
    }
}

fn beside(related: &Related) -> Beside<'_> {
    Beside {
        port: related.port,
        name: related.name,
        why: &related.why,
    }
}

fn names(transports: impl Iterator<Item = Transport>) -> Vec<&'static str> {
    transports.map(Transport::name).collect()
}

/// What the registry does not say is `null`, never an empty string.
fn said(text: &'static str) -> Option<&'static str> {
    (!text.is_empty()).then_some(text)
}

fn list(text: &'static str, separator: &str) -> Vec<&'static str> {
    text.split(separator)
        .filter(|item| !item.is_empty())
        .collect()
}
