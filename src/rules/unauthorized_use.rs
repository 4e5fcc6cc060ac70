//! `unauthorized-use`: the registry itself reports that a port is used without an assignment.

use super::case::{Case, advise, describe, kind, seen};
use crate::model::{Evidence, Exposure, Finding, ProgramKind, Service, Severity};

pub(super) const ID: &str = "unauthorized-use";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let (service, exposure) = case.chosen_listener()?;
    let process = case.owner()?;
    // The program that everybody knows for this port is no news, whoever the number belongs to.
    if case.serves(process) {
        return None;
    }
    // A person forwards a port of their own on whatever number is free.
    if kind(process) == ProgramKind::Tunnel && exposure == Exposure::Loopback {
        return None;
    }
    let reported = evidence(service)?;
    let (port, protocol) = (service.port, service.protocol.name());
    let mut evidence = vec![
        reported,
        seen(
            "bound to",
            format!("{} ({})", case.socket.local(), exposure.name()),
        ),
    ];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: Severity::Low,
        title: format!(
            "{} listens on {port}/{protocol}, which the registry knows to be used without an assignment",
            process.name
        ),
        evidence,
        advice: vec![advise(
            "The registered name says little about this port; judge the listener by its program.",
        )],
    })
}

/// What the registry reports about this port, when it does.
///
/// A line about several ports may speak of only some: then the number must be among its words.
pub(super) fn evidence(service: Service) -> Option<Evidence> {
    let speaks = |text: &str, is_range: bool| {
        let numbers = text.split(|c: char| !c.is_ascii_digit());
        let mut numbers = numbers
            .filter_map(|number| number.parse::<u16>().ok())
            .peekable();
        (numbers.peek().is_none() && !is_range) || names(numbers, service.port, text)
    };
    let line = service.registrations.iter().find(|line| {
        let text = line.unauthorized_use;
        !text.is_empty() && speaks(text, line.port != line.last_port)
    })?;
    Some(seen("registry reports", line.unauthorized_use))
}

/// Whether `port` is among `numbers`, or within the range they are in `text`: `ports 2194-2196`.
fn names(numbers: impl Iterator<Item = u16>, port: u16, text: &str) -> bool {
    let numbers: Vec<u16> = numbers.collect();
    numbers.contains(&port)
        || text.contains('-')
            && matches!(numbers.as_slice(), [first, last] if (*first..=*last).contains(&port))
}
