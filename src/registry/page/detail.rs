//! Longer advice and better checks for the ports that people ask about most: `port-advice.toml`.

use crate::model::{Page, Protocol};
use serde::Deserialize;
use std::sync::OnceLock;

const PORT_ADVICE: &str = include_str!("../../../assets/port-advice.toml");

/// What there is to say about one port beyond its line in `known-ports.tsv`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Detail {
    /// The port.
    pub port: u16,
    /// The transport.
    pub protocol: Protocol,
    /// Sentences.
    pub advice: Vec<String>,
    /// What would be unusual there, as a sentence.
    pub unusual: Option<String>,
    /// Commands that fit the protocol.
    #[serde(default)]
    pub checks: Vec<DetailCheck>,
}

/// A command that fits one protocol.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailCheck {
    /// Where the command exists, as in [`Check::os`](crate::model::Check::os).
    #[serde(default)]
    pub os: System,
    /// Run on another machine.
    #[serde(default)]
    pub remote: bool,
    /// The command.
    pub command: String,
    /// What it tells.
    pub purpose: String,
}

/// The systems that have a command.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum System {
    #[default]
    Any,
    Linux,
    Unix,
    Windows,
}

impl System {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Linux => "linux",
            Self::Unix => "unix",
            Self::Windows => "windows",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    ports: Vec<Detail>,
}

/// The detail for the port of `page`, when there is one for a transport of it.
///
/// Else the one for the other transport, where the same software uses both: DNS over TCP wants what
/// DNS over UDP wants.
pub(super) fn of(page: &Page) -> Option<&'static Detail> {
    static DETAILS: OnceLock<Vec<Detail>> = OnceLock::new();
    let details = DETAILS.get_or_init(|| read().unwrap_or_default());
    let about = |detail: &&Detail| detail.port == page.port;
    let same_software = |detail: &&Detail| {
        let mut practices = page.in_practice.iter();
        practices.any(|practice| practice.protocols.contains(&detail.protocol))
    };
    details
        .iter()
        .filter(about)
        .find(|detail| page.protocols.contains(&detail.protocol.into()))
        .or_else(|| details.iter().filter(about).find(same_software))
}

/// Reads the compiled-in file; a test keeps it right.
fn read() -> Result<Vec<Detail>, toml::de::Error> {
    toml::from_str::<File>(PORT_ADVICE).map(|file| file.ports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[test]
    fn the_details_are_about_known_ports_and_in_sentences() {
        let details = read().unwrap();
        assert!(details.len() >= 60, "{}", details.len());
        for detail in &details {
            let service = Registry::bundled().service(detail.port, detail.protocol);
            assert!(service.practice.is_some(), "{}", detail.port);
            let unusual = detail.unusual.as_ref();
            assert!(unusual.is_some(), "{}", detail.port);
            assert!(!detail.checks.is_empty(), "{}", detail.port);
            for check in &detail.checks {
                // Those of the init system and of the kernel's own tools are not everywhere.
                let linux = [
                    "systemctl ",
                    "journalctl ",
                    "resolvectl ",
                    "ss ",
                    "cat /proc",
                ];
                if linux.iter().any(|start| check.command.starts_with(start)) {
                    assert_eq!(check.os.name(), "linux", "{}", check.command);
                }
            }
            for sentence in detail.advice.iter().chain(unusual) {
                assert!(sentence.ends_with('.'), "{}: {sentence}", detail.port);
            }
        }
    }
}
