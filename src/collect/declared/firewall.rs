//! Profiles of firewalls: ufw's applications and firewalld's services.

use super::{Said, protocol};
use crate::model::{PortRange, Protocol, Text};
use roxmltree::{Document, ParsingOptions};

/// More elements than any service has.
const MOST_NODES: u32 = 10_000;

/// The ports of ufw's profiles: `[OpenSSH]`, then `ports=22/tcp|8080:8090/tcp`.
pub(super) fn ufw(text: &str) -> Vec<Said> {
    let mut profile = String::new();
    let mut said = vec![];
    for line in text.lines().map(str::trim) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            profile = String::from(name);
        } else if let Some((key, value)) = line.split_once('=')
            && key.trim_end() == "ports"
        {
            for rule in value.split('|') {
                said.extend(rule_of(&profile, rule.trim()));
            }
        }
    }
    said
}

/// One rule, `80,443/tcp`; without a transport it is for both.
fn rule_of(profile: &str, rule: &str) -> Vec<Said> {
    let (ports, protocols) = match rule.split_once('/') {
        Some((ports, transport)) => (ports, protocol(transport).into_iter().collect()),
        None => (rule, vec![Protocol::Tcp, Protocol::Udp]),
    };
    let mut said = vec![];
    for range in ports.split(',').filter_map(|text| range(text, ':')) {
        let each = protocols
            .iter()
            .map(|one| (range, *one, Text::from(profile)));
        said.extend(each);
    }
    said
}

/// The ports of a service of firewalld: `<port protocol="tcp" port="6000-6010"/>`.
pub(super) fn firewalld(service: &str, text: &str) -> Vec<Said> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let Ok(document) = Document::parse_with_options(text, options) else {
        return vec![];
    };
    let root = document.root_element();
    let ports = root.children().filter(|node| node.has_tag_name("port"));
    ports
        .filter_map(|node| {
            let range = range(node.attribute("port")?, '-')?;
            let protocol = protocol(node.attribute("protocol")?)?;
            Some((range, protocol, Text::from(service)))
        })
        .collect()
}

fn range(text: &str, between: char) -> Option<PortRange> {
    let (first, last) = text.split_once(between).unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some(PortRange { first, last })
}
