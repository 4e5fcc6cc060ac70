//! `root-service`: a daemon that usually drops root serves as root.

use super::case::{Case, advise, describe, seen};
use crate::model::{Finding, Severity, background::capability_names, program::base_name};

pub(super) const ID: &str = "root-service";

/// Daemons that give root up by themselves once they have their port, or hand the work to processes that
/// have, as Debian configures them. Not those that only a unit starts as somebody else.
const DROP_ROOT: &[&str] = &[
    "memcached",
    "mariadbd",
    "mysqld",
    "postgres",
    "named",
    "unbound",
    "nsd",
    "knotd",
    "kresd",
    "pdns_server",
    "pdns_recursor",
    "dnsmasq",
    "systemd-resolve",
    "systemd-resolved",
    "nginx",
    "apache2",
    "httpd",
    "lighttpd",
    "haproxy",
    "varnishd",
    "squid",
    "php-fpm",
    "mosquitto",
    "chronyd",
    "ntpd",
    "avahi-daemon",
    "rpcbind",
    "tor",
    "slapd",
    "snmpd",
    "zabbix_agentd",
    "zabbix_server",
    "icecast2",
    "proftpd",
    "openvpn",
];

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let exposure = case.exposure?;
    let process = case.owner()?;
    // In a container root is what the image was built with, and mostly not this machine's.
    if process.container.is_some() || !drops_root(&process.name) {
        return None;
    }
    // It gives root up, or starts those who do, in its first moments.
    if case.machine.is_starting(process) {
        return None;
    }
    // One process that has given root up is enough: the others only hold the port for it.
    if case.processes.iter().any(|process| process.uid != Some(0)) {
        return None;
    }
    let mut evidence = vec![seen(
        "bound to",
        format!("{} ({})", case.socket.local(), exposure.name()),
    )];
    evidence.extend(describe(process));
    if let Some(capabilities) = process.background.capabilities.known() {
        let names = capability_names(*capabilities);
        let words = if names.is_empty() {
            "none that matter".to_owned()
        } else {
            names.join(", ")
        };
        evidence.push(seen("capabilities", words));
    }
    Some(Finding {
        rule: ID,
        severity: Severity::Low,
        title: format!("{} serves as root, which it does not need", process.name),
        evidence,
        advice: vec![advise(
            "Start it through its package's unit, or give it a user of its own in its configuration: whoever finds a hole in it is root.",
        )],
    })
}

fn drops_root(name: &str) -> bool {
    DROP_ROOT.contains(&name) || DROP_ROOT.contains(&base_name(name))
}
