//! `fan-out`: one program opens connections to very many in a short time.

use super::{
    case::{Case, advise, advise_command, describe, is_believable, look_at, seen},
    past::Contacts,
};
use crate::model::{Finding, Severity, program::base_name};

pub(super) const ID: &str = "fan-out";

/// Tells who opens connections, at the moment that it happens.
pub(super) const WHO_CONNECTS: &str =
    "sudo bpftrace -e 'tracepoint:syscalls:sys_enter_connect { printf(\"%d %s\\n\", pid, comm); }'";

/// Programs that talk to very many by what they are.
const MANY: &[&str] = &[
    "firefox",
    "firefox-esr",
    "firefox-bin",
    "chrome",
    "chromium",
    "google-chrome",
    "brave",
    "opera",
    "vivaldi-bin",
    "msedge",
    "epiphany",
    "WebKitNetworkProcess",
    "librewolf",
    "thunderbird",
    "transmission-daemon",
    "transmission-gtk",
    "transmission-qt",
    "qbittorrent",
    "qbittorrent-nox",
    "deluged",
    "deluge",
    "rtorrent",
    "aria2c",
    "ktorrent",
    "amuled",
    "syncthing",
    "tor",
    "i2pd",
    "bitcoind",
    "monerod",
    "geth",
    "ipfs",
    "steam",
    "named",
    "unbound",
    "pdns_recursor",
    "squid",
    "nginx",
    "haproxy",
    "envoy",
    "traefik",
    "smtp",
    "exim4",
    "prometheus",
    "nmap",
    "masscan",
    "zmap",
];

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    if !case.client {
        return None;
    }
    let contacts = case.past.contacts?;
    let owner = case.owner();
    // Connections that were gone before anybody looked have no owner.
    let name = owner.map_or("somebody", |process| &process.name);
    let (title, value) = match contacts {
        Contacts::Ports {
            address,
            count,
            within,
        } => (
            format!("{name} tries the ports of {address} one after the other"),
            format!(
                "at least {count} ports of {address} within {} s",
                within.as_secs()
            ),
        ),
        Contacts::Machines { .. }
            if owner.is_some_and(|owner| is_one_of_many(&owner.name) && is_believable(owner)) =>
        {
            return None;
        }
        Contacts::Machines { count, within } => (
            format!("{name} turns to very many machines"),
            format!("at least {count} machines within {} s", within.as_secs()),
        ),
    };
    let mut evidence = vec![seen("connections opened", value)];
    let mut advice = vec![advise(
        "This is how a scan or a worm looks from inside; a crawler or a file-sharing program looks the same.",
    )];
    if let Some(process) = owner {
        evidence.extend(describe(process));
        advice.push(advise_command(
            "See whom it talks to.",
            format!("portwise list pid:{} dir:outbound", process.key.pid),
        ));
        advice.push(look_at(process));
    } else {
        evidence.push(seen(
            "owner",
            "not seen: each connection was gone before anybody looked",
        ));
        advice.push(advise_command(
            "See who asks for connections, while it goes on.",
            WHO_CONNECTS,
        ));
    }
    Some(Finding {
        rule: ID,
        severity: Severity::Medium,
        title,
        evidence,
        advice,
    })
}

fn is_one_of_many(name: &str) -> bool {
    MANY.contains(&name) || MANY.contains(&base_name(name))
}
