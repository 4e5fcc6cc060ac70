//! The commands that look at a port, on this machine and from another one.
//!
//! Text to show and copy; nothing here runs them.

use super::detail::Detail;
use crate::model::{Check, Page, Scope, Transport};

/// How to look at the port of `page`.
pub(super) fn of(page: &Page, detail: Option<&Detail>) -> Vec<Check> {
    if page.port == 0 {
        return vec![];
    }
    let mut checks = local(page);
    checks.extend(
        detail
            .into_iter()
            .flat_map(|detail| &detail.checks)
            .map(|check| Check {
                os: check.os.name(),
                scope: if check.remote {
                    Scope::Remote
                } else {
                    Scope::Local
                },
                command: check.command.clone(),
                purpose: check.purpose.clone(),
            }),
    );
    checks.extend(remote(page));
    // Those of the detail stand among the generic ones of their scope.
    checks.sort_by_key(|check| check.scope == Scope::Remote);
    checks
}

fn local(page: &Page) -> Vec<Check> {
    let port = page.port;
    let (tcp, udp) = (has(page, Transport::Tcp), has(page, Transport::Udp));
    let lsof = match (tcp, udp) {
        (true, false) => format!("-iTCP:{port} -sTCP:LISTEN"),
        (false, true) => format!("-iUDP:{port}"),
        _ => format!("-i :{port}"),
    };
    let ss: String = page.protocols.iter().map(|one| letter(*one)).collect();
    let local = |os, command, purpose| check(os, Scope::Local, command, purpose);
    let mut checks = vec![local(
        "linux",
        format!("ss -l{ss}np 'sport = :{port}'"),
        "what listens; as root, who",
    )];
    if tcp || udp {
        checks.push(local(
            "unix",
            format!("lsof -nP {lsof}"),
            "what uses it; as root, who",
        ));
        checks.push(local(
            "windows",
            format!("netstat -ano | findstr :{port}"),
            "what listens, with its pid",
        ));
    }
    let transport = page
        .protocols
        .first()
        .map_or("tcp", |protocol| protocol.name());
    if !page.registrations.is_empty() {
        checks.push(local(
            "linux",
            format!("getent services {port}/{transport}"),
            "what /etc/services calls it",
        ));
    }
    if tcp {
        checks.push(local(
            "any",
            format!("curl -v --max-time 5 telnet://127.0.0.1:{port}"),
            "whether it answers, and its first words",
        ));
    }
    checks
}

fn remote(page: &Page) -> Vec<Check> {
    let port = page.port;
    let remote = |command, purpose| check("any", Scope::Remote, command, purpose);
    let mut checks = vec![];
    if has(page, Transport::Tcp) {
        checks.push(remote(
            format!("nc -vz HOST {port}"),
            "whether it can be reached",
        ));
        checks.push(check(
            "windows",
            Scope::Remote,
            format!("Test-NetConnection HOST -Port {port}"),
            "the same in PowerShell",
        ));
        checks.push(remote(
            format!("nmap -sV -p {port} HOST"),
            "what speaks there",
        ));
    }
    if has(page, Transport::Udp) {
        checks.push(remote(
            format!("nmap -sU -sV -p {port} HOST"),
            "whether it answers over udp (as root; silence proves nothing)",
        ));
    }
    if has(page, Transport::Sctp) {
        checks.push(remote(
            format!("nmap -sY -p {port} HOST"),
            "whether it answers over sctp (as root)",
        ));
    }
    checks
}

/// The switch by which `ss` shows a transport.
fn letter(transport: Transport) -> char {
    match transport {
        Transport::Tcp => 't',
        Transport::Udp => 'u',
        Transport::Sctp => 'S',
        Transport::Dccp => 'd',
    }
}

fn has(page: &Page, protocol: Transport) -> bool {
    page.protocols.contains(&protocol)
}

fn check(os: &'static str, scope: Scope, command: String, purpose: &str) -> Check {
    Check {
        os,
        scope,
        command,
        purpose: String::from(purpose),
    }
}
