//! Compares what was spoken with what a port is named for.

use crate::model::{Agreement, Service};

/// What is spoken on the ports of these names.
const SPOKEN: &[(&str, &[&str])] = &[
    ("ssh", &["ssh", "ssh-alt"]),
    ("smtp", &["smtp", "submission"]),
    ("imap", &["imap"]),
    ("pop3", &["pop3"]),
    ("ftp", &["ftp"]),
    ("telnet", &["telnet"]),
    ("vnc", &["rfb", "vnc-server"]),
    ("mysql", &["mysql"]),
    ("redis", &["redis"]),
    ("amqp", &["amqp"]),
    ("http", &["http", "http-alt"]),
    (
        "tls",
        &[
            "https",
            "https-alt",
            "imaps",
            "pop3s",
            "submissions",
            "ldaps",
            "ftps",
            "telnets",
            "nntps",
            "ircs-u",
            "sips",
            "amqps",
            "secure-mqtt",
            "domain-s",
        ],
    ),
];

/// Whether a port of `service` is named for what it `spoke`.
///
/// HTTP and TLS carry so much else that a name we know nothing about cannot contradict them.
pub fn agreement(spoke: Option<&str>, service: &Service) -> Agreement {
    let Some(spoke) = spoke else {
        return Agreement::Open;
    };
    let registered = service.registrations.iter().map(|one| one.name);
    let practice = service.practice.map(|practice| practice.name);
    let names: Vec<&str> = registered
        .chain(practice)
        .filter(|name| !name.is_empty())
        .collect();
    let mut expected = SPOKEN
        .iter()
        .filter(|(_, of)| names.iter().any(|name| of.contains(name)))
        .peekable();
    let says_nothing = expected.peek().is_none();
    if expected.any(|(protocol, _)| *protocol == spoke) {
        Agreement::Agrees
    } else if names.is_empty() || says_nothing && matches!(spoke, "http" | "tls") {
        Agreement::Open
    } else {
        Agreement::Differs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Protocol, registry::Registry};

    fn of(spoke: &str, port: u16) -> Agreement {
        let service = Registry::bundled().service(port, Protocol::Tcp);
        agreement(Some(spoke), &service)
    }

    #[test]
    fn common_ports_agree_with_what_they_are_named_for() {
        for (spoke, port) in [
            ("ssh", 22),
            ("ssh", 2222),
            ("smtp", 25),
            ("smtp", 587),
            ("tls", 465),
            ("imap", 143),
            ("pop3", 110),
            ("tls", 993),
            ("tls", 443),
            ("http", 80),
            ("http", 8080),
            ("tls", 8443),
            ("vnc", 5900),
            ("mysql", 3306),
            ("redis", 6379),
            ("amqp", 5672),
            ("tls", 853),
            ("tls", 8883),
        ] {
            assert_eq!(of(spoke, port), Agreement::Agrees, "{spoke} on {port}");
        }
    }

    #[test]
    fn another_protocol_than_the_named_one_differs() {
        for (spoke, port) in [("ssh", 443), ("http", 22), ("http", 443), ("ssh", 1587)] {
            assert_eq!(of(spoke, port), Agreement::Differs, "{spoke} on {port}");
        }
    }

    #[test]
    fn what_cannot_be_compared_stays_open() {
        for (spoke, port) in [("http", 1587), ("ssh", 61_234)] {
            assert_eq!(of(spoke, port), Agreement::Open, "{spoke} on {port}");
        }
        let service = Registry::bundled().service(22, Protocol::Tcp);
        assert_eq!(agreement(None, &service), Agreement::Open);
    }
}
