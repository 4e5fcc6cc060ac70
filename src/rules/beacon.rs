//! `beacon`: one program calls one peer again and again at regular intervals.

use super::{
    case::{
        Case, advise, advise_command, describe, is_believable, is_managed, is_packaged, kind,
        look_at, seen,
    },
    fan_out::WHO_CONNECTS,
    past::Calls,
};
use crate::model::{Finding, Process, Severity, Tier, program};
use std::{net::IpAddr, time::Duration};

pub(super) const ID: &str = "beacon";

/// Programs whose work is to ask others again and again whether they are well.
const ASKERS: &[&str] = &[
    "haproxy",
    "envoy",
    "traefik",
    "varnishd",
    "keepalived",
    "monit",
    "nagios4",
    "nagios",
    "icinga2",
    "zabbix_agentd",
    "zabbix_agent2",
    "zabbix_server",
    "zabbix_proxy",
    "consul",
    "kubelet",
    "prometheus",
    "prometheus-blackbox-exporter",
    "blackbox_exporter",
    "telegraf",
    "collectd",
    "netdata",
    "pgbouncer",
    "pgpool",
    "proxysql",
    "maxscale",
    "dnsdist",
    "relayd",
    "gobetween",
];

/// Whether its work is to ask others again and again whether they are well, and it may be believed to be what it is
/// called.
pub fn asks_others(process: &Process) -> bool {
    ASKERS.contains(&process.name.as_str()) && is_believable(process)
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    if !case.client {
        return None;
    }
    let peer = case.socket.peer()?;
    let calls = case.past.calls.iter().find(|calls| calls.peer == peer)?;
    let every = words(calls);
    let mut evidence = vec![
        seen("calls", format!("at least {} to {peer}", calls.count)),
        seen("distance", every.clone()),
    ];
    // Calls that were over before anybody looked have no owner; but one of them may have been seen.
    let caller = case.owner().or(case.past.caught.as_deref());
    let name = match (case.owner(), caller) {
        (Some(owner), _) => owner.name.to_string(),
        (None, Some(caught)) => {
            let what =
                "not seen: each call was over before anybody looked, but for one of this process";
            evidence.push(seen("owner", what));
            caught.name.to_string()
        }
        (None, None) => {
            let what = "not seen: each call was over before anybody looked";
            evidence.push(seen("owner", what));
            "somebody".to_owned()
        }
    };
    evidence.extend(caller.into_iter().flat_map(describe));
    let severity = severity(case, caller, calls);
    let mut advice = vec![
        advise(if severity == Severity::Info {
            "A packaged service asks regularly; that is what monitoring looks like."
        } else {
            "Malware asks its master for orders this way; so does much that polls. Find out what this one asks for."
        }),
        advise_command(
            "Watch what it sends.",
            format!(
                "sudo tcpdump -i any -A -c 50 host {} and port {}",
                peer.canonical(),
                peer.port
            ),
        ),
    ];
    advice.push(match caller {
        Some(process) => look_at(process),
        None => advise_command(
            "See who asks for connections, while it goes on.",
            WHO_CONNECTS,
        ),
    });
    Some(Finding {
        rule: ID,
        severity,
        title: format!("{name} calls {peer} every {every}"),
        evidence,
        advice,
    })
}

/// A program that asks more seldom is nothing unusual by itself: what runs every minute is, give or take some seconds.
const SELDOM: Duration = Duration::from_secs(45);

/// `info` for a service that polls by its nature. Where nobody knows who it is, `low` for what asks seldom, and for calls
/// to such as are asked whether they are well: a common service on a network of one's own.
fn severity(case: &Case<'_>, caller: Option<&Process>, calls: &Calls) -> Severity {
    let is_common = || {
        let tier = case.service.map(|service| service.tier);
        matches!(tier, Some(Tier::Common | Tier::Known))
    };
    match caller {
        Some(process) if polls_by_its_nature(process) => Severity::Info,
        None if is_private(calls.peer.canonical()) && is_common() => Severity::Low,
        None if calls.every >= SELDOM => Severity::Low,
        Some(process) if is_fetching_job(process) && calls.every >= SELDOM => Severity::Low,
        Some(_) | None => Severity::Medium,
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// Whether a service somebody installed and set up does the asking. A shell or an interpreter could ask for
/// anything.
fn polls_by_its_nature(process: &Process) -> bool {
    is_managed(process)
        && is_packaged(process) != Some(false)
        && !kind(process).is_general_purpose()
        && !program::fetches(&process.name)
}

/// Whether somebody's job does the asking with a program that fetches whatever it is told to.
fn is_fetching_job(process: &Process) -> bool {
    is_managed(process) && program::fetches(&process.name)
}

fn words(calls: &Calls) -> String {
    let seconds = calls.every.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{seconds:.0} s")
    }
}
