//! `packet-capture`: a process reads whole packets or frames.

use super::case::{Case, advise, advise_command, describe, is_believable, seen};
use crate::model::{
    Fact, Finding, Process, Protocol, Severity, background::capability_names, program::base_name,
};

pub(super) const ID: &str = "packet-capture";

/// Programs whose work it is: they ask for addresses, look for neighbours, or watch the network.
const KNOWN: &[&str] = &[
    "dhclient",
    "dhcpcd",
    "dhcpcd5",
    "udhcpc",
    "udhcpd",
    "dhcpd",
    "kea-dhcp4",
    "connmand",
    "iwd",
    "wpa_supplicant",
    "hostapd",
    "NetworkManager",
    "systemd-networkd",
    "lldpd",
    "lldpad",
    "arpwatch",
    "arping",
    "keepalived",
    "ucarp",
    "ladvd",
    "radvd",
    "ndppd",
    "suricata",
    "zeek",
    "snort",
    "ntopng",
    "fprobe",
    "softflowd",
    "pmacctd",
    "dnsmasq",
    "dnscap",
    "ospfd",
    "bird",
    "zebra",
    "bgpd",
    "isisd",
    "ospf6d",
    "frr",
    "pimd",
    "mrouted",
    "fping",
    "ping",
    "mtr-packet",
    "strongswan",
    "charon",
    "ptp4l",
    "avahi-autoipd",
    "rarpd",
    "iodined",
    "freeradius",
    "dpdk",
    "cilium-agent",
    "igmpproxy",
    "smcroute",
    "smcrouted",
    "xl2tpd",
    "pppoe",
    "pppd",
    "prads",
    "vnstatd",
    "pinger",
    "danted",
    "darkstat",
    "smokeping",
    "bfdd",
    "eigrpd",
    "babeld",
    "ldpd",
    "nhrpd",
    "vrrpd",
    "pim6d",
    "dhcpd",
    "kamailio",
    "opensips",
    "odhcpd",
    "rtadvd",
];

/// Programs that people use to watch packets for a while.
const TOOLS: &[&str] = &[
    "tcpdump",
    "dumpcap",
    "tshark",
    "wireshark",
    "ngrep",
    "nethogs",
    "iftop",
    "bandwhich",
    "termshark",
    "nmap",
    "traceroute",
    "mtr",
    "sniffglue",
    "netsniff-ng",
    "rustnet",
];

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let what = match case.socket.protocol {
        Protocol::Packet => "the frames of an interface",
        Protocol::Raw => "whole packets",
        Protocol::Tcp
        | Protocol::Udp
        | Protocol::Mptcp
        | Protocol::UdpLite
        | Protocol::Sctp
        | Protocol::Dccp
        | Protocol::Icmp
        | Protocol::Unix => return None,
    };
    let process = case.owner()?;
    let is_expected = is_expected(process);
    let mut evidence = vec![seen(
        "socket",
        format!("{} socket, which reads {what}", case.socket.protocol.name()),
    )];
    if let Some(interface) = &case.socket.interface() {
        evidence.push(seen("interface", interface.to_string()));
    }
    evidence.extend(describe(process));
    if let Some(capabilities) = process.background.capabilities.known() {
        evidence.push(seen(
            "capabilities",
            capability_names(*capabilities).join(", "),
        ));
    }
    Some(Finding {
        rule: ID,
        severity: if is_expected {
            Severity::Info
        } else {
            Severity::Low
        },
        title: format!("{} reads {what}", process.name),
        evidence,
        advice: vec![
            advise(
                "Whoever reads packets can read everything that is not encrypted, passwords too.",
            ),
            advise_command(
                "See what it was started for.",
                format!("ps -o pid,ppid,user,lstart,args -p {}", process.key.pid),
            ),
        ],
    })
}

/// Whether reading packets is what the program is there for.
pub(super) fn is_expected(process: &Process) -> bool {
    let among = |list: &[&str]| {
        let name = process.name.as_str();
        list.contains(&name) || list.contains(&base_name(name))
    };
    if !is_believable(process) {
        return false;
    }
    among(KNOWN) || among(TOOLS) && matches!(process.terminal, Fact::Known(Some(_)))
}
