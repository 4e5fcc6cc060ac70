//! Completing a filter: fields by their names, values by what is there, each with how often.

use crate::{
    model::{Names, Snapshot, Socket},
    query::{
        Query,
        field::{FIELDS, WORDS},
    },
};
use std::collections::BTreeMap;

/// Offers that are kept at most.
const MOST: usize = 50;

/// What can stand at the end of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Completion {
    /// Where the word that is completed begins, in bytes of the text.
    pub(crate) from: usize,
    pub(crate) offers: Vec<Offer>,
    /// Which one stands in the text now.
    pub(crate) chosen: Option<usize>,
}

/// One thing that can stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) text: String,
    /// What it means, or how many sockets have it.
    pub(crate) note: String,
}

/// What can stand at the end of `text`, of which `snapshot` has some; `hosts` are the names that are known.
pub(crate) fn complete(
    text: &str,
    snapshot: Option<&Snapshot>,
    hosts: Option<&Names>,
) -> Completion {
    let from = text
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '|' | '!'))
        .map_or(0, |at| {
            at + text.get(at..).and_then(first_width).unwrap_or(1)
        });
    let word = text.get(from..).unwrap_or_default();
    let offers = match word.split_once(':') {
        None => names(word),
        Some((field, value)) => values(field, value, snapshot, hosts),
    };
    Completion {
        from,
        offers,
        chosen: None,
    }
}

fn first_width(text: &str) -> Option<usize> {
    text.chars().next().map(char::len_utf8)
}

/// Fields and words that begin so.
fn names(beginning: &str) -> Vec<Offer> {
    let wanted = beginning.to_lowercase();
    let fields = FIELDS.iter().map(|field| Offer {
        text: format!("{}:", field.name),
        note: field.help.to_owned(),
    });
    let words = WORDS.iter().map(|word| Offer {
        text: word.name.to_owned(),
        note: word.help.to_owned(),
    });
    let all = fields.chain(words);
    all.filter(|offer| offer.text.starts_with(&wanted))
        .take(MOST)
        .collect()
}

/// Values of `field` that are there and begin so, the most frequent first.
fn values(
    field: &str,
    value: &str,
    snapshot: Option<&Snapshot>,
    hosts: Option<&Names>,
) -> Vec<Offer> {
    let Some(snapshot) = snapshot else {
        return vec![];
    };
    // A comma is or: only what stands behind the last one is completed.
    let (before, last) = match value.rfind(',') {
        Some(at) => value.split_at(at + 1),
        None => ("", value),
    };
    let operator = last.len() - last.trim_start_matches(['>', '<', '=']).len();
    let (operator, wanted) = last.split_at(operator);
    let wanted = wanted.trim_start_matches('"').to_lowercase();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for socket in snapshot.open() {
        for value in values_of(field, socket, hosts) {
            if value.to_lowercase().starts_with(&wanted) {
                *counts.entry(value).or_default() += 1;
            }
        }
    }
    let mut counted: Vec<_> = counts.into_iter().collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counted
        .into_iter()
        .take(MOST)
        .map(|(value, count)| Offer {
            text: format!("{field}:{before}{operator}{}", quoted(&value)),
            note: count.to_string(),
        })
        .filter(|offer| Query::parse(&offer.text).is_ok())
        .collect()
}

/// The values that a socket has of a field; none for fields of which nobody would pick one from a list.
fn values_of(field: &str, socket: &Socket, hosts: Option<&Names>) -> Vec<String> {
    let raw = &socket.raw;
    let one = |text: Option<String>| text.into_iter().collect();
    let owners = || socket.processes.iter();
    let text = |text: &crate::model::Text| text.to_string();
    match field.to_lowercase().as_str() {
        "verdict" => vec![socket.assessment.verdict.name().to_owned()],
        "proto" => vec![raw.protocol.name().to_owned()],
        "family" => vec![raw.family.name().to_owned()],
        "state" => vec![raw.state.name().to_owned()],
        "dir" => vec![socket.direction.name().to_owned()],
        "exposure" => one(socket.exposure.map(|one| one.name().to_owned())),
        "tier" => one(socket.service.map(|one| one.tier.name().to_owned())),
        "svc" | "service" => one(socket
            .service
            .and_then(|one| one.label())
            .map(str::to_owned)),
        "port" => {
            let mut ports: Vec<_> = raw.port().into_iter().collect();
            ports.extend(raw.peer().map(|peer| peer.port));
            ports.into_iter().map(|port| port.to_string()).collect()
        }
        "lport" | "sport" => one(raw.port().map(|port| port.to_string())),
        "rport" | "dport" => one(raw.peer().map(|peer| peer.port.to_string())),
        "laddr" | "src" => vec![raw.local().canonical().to_string()],
        "raddr" | "dst" => one(raw.peer().map(|peer| peer.canonical().to_string())),
        "host" => one(hosts.and_then(|hosts| hosts.of_peer(raw)).map(text)),
        "iface" => one(raw.interface().map(text)),
        "user" => one(socket.user.as_ref().map(text)),
        "proc" | "process" => owners().map(|owner| text(&owner.name)).collect(),
        "pid" => owners().map(|owner| owner.key.pid.to_string()).collect(),
        "unit" => owners()
            .filter_map(|owner| owner.unit.as_ref().map(text))
            .collect(),
        "container" => owners()
            .filter_map(|owner| owner.container.as_ref().map(text))
            .collect(),
        "exe" => owners()
            .filter_map(|owner| owner.executable.known().map(|one| text(&one.path)))
            .collect(),
        "rule" => {
            let findings = socket.assessment.findings.iter();
            findings.map(|finding| finding.rule.to_owned()).collect()
        }
        "severity" => {
            let findings = socket.assessment.findings.iter();
            findings.map(|one| one.severity.name().to_owned()).collect()
        }
        _ => vec![],
    }
}

/// A value as the filter language reads it.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    fn texts(text: &str) -> Vec<String> {
        let snapshot = fixture::snapshot(vec![
            fixture::listener(80).owned_by("nginx", 1).build(),
            fixture::listener(443).owned_by("nginx", 1).build(),
            fixture::listener(22).owned_by("sshd", 2).build(),
            fixture::udp(53).owned_by("my daemon", 3).build(),
        ]);
        let offers = complete(text, Some(&snapshot), None).offers;
        offers.into_iter().map(|offer| offer.text).collect()
    }

    #[test]
    fn a_field_is_completed_by_its_beginning() {
        assert_eq!(texts("ver"), ["verdict:"]);
        assert!(texts("!lis").contains(&"listen".to_owned()));
        assert!(texts("port:80 (pr").contains(&"proc:".to_owned()));
    }

    #[test]
    fn values_are_those_that_are_there_the_most_frequent_first() {
        assert_eq!(
            texts("proc:"),
            ["proc:nginx", "proc:\"my daemon\"", "proc:sshd"]
        );
        assert_eq!(texts("proc:s"), ["proc:sshd"]);
        assert_eq!(texts("proc:sshd,ng"), ["proc:sshd,nginx"]);
        assert_eq!(texts("state:l"), ["state:listen"]);
        assert_eq!(texts("verdict:>=u"), ["verdict:>=unknown"]);
    }

    #[test]
    fn what_completes_can_be_read() {
        for field in FIELDS {
            for offer in texts(&format!("{}:", field.name)) {
                assert!(Query::parse(&offer).is_ok(), "{offer}");
            }
        }
    }
}
