//! `backlog-full`: a listener's queue of connections to accept is full.

use super::case::{Case, advise, advise_command, describe, seen};
use crate::model::{Finding, Protocol, Severity, State};

pub(super) const ID: &str = "backlog-full";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let socket = case.socket;
    if socket.protocol != Protocol::Tcp || socket.state != State::Listen {
        return None;
    }
    let (waiting, most) = (socket.recv_queue()?, socket.send_queue()?);
    // The kernel lets one more wait than was asked for; from then on it drops new ones.
    if waiting <= most {
        return None;
    }
    let port = socket.local().port;
    let mut evidence = vec![
        seen("wait to be accepted", waiting.to_string()),
        seen("may wait", most.to_string()),
        seen("bound to", socket.local().to_string()),
    ];
    let who = case.owner().map_or("the owner", |process| &*process.name);
    evidence.extend(case.owner().into_iter().flat_map(describe));
    Some(Finding {
        rule: ID,
        severity: Severity::Medium,
        title: format!(
            "{who} accepts no more connections on {port}: its queue is full, new clients are dropped"
        ),
        evidence,
        advice: vec![
            advise(
                "See whether the program hangs or has too few workers; a longer queue (`net.core.somaxconn`, and the program's own setting) only helps against bursts.",
            ),
            advise_command(
                "See how many were dropped since the machine started.",
                "nstat -az TcpExtListenOverflows TcpExtListenDrops",
            ),
        ],
    })
}
