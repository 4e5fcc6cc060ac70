//! `beacon`: one program calls one peer again and again at regular intervals.

use super::{
    case::{Case, advise, advise_command, describe, is_managed, is_packaged, kind, look_at, seen},
    past::Calls,
};
use crate::model::{Finding, Process, Severity};

pub(super) const ID: &str = "beacon";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    if !case.client {
        return None;
    }
    let peer = case.socket.peer()?;
    let process = case.owner()?;
    let calls = case.past.calls.iter().find(|calls| calls.peer == peer)?;
    let every = words(calls);
    let mut evidence = vec![
        seen("calls", format!("at least {} to {peer}", calls.count)),
        seen("distance", every.clone()),
    ];
    evidence.extend(describe(process));
    let is_polling = polls_by_its_nature(process);
    Some(Finding {
        rule: ID,
        severity: if is_polling {
            Severity::Info
        } else {
            Severity::Medium
        },
        title: format!("{} calls {peer} every {every}", process.name),
        evidence,
        advice: vec![
            advise(if is_polling {
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
            look_at(process),
        ],
    })
}

/// Whether a service somebody installed and set up does the asking. A shell or an interpreter could ask for
/// anything.
fn polls_by_its_nature(process: &Process) -> bool {
    is_managed(process)
        && is_packaged(process) != Some(false)
        && !kind(process).is_general_purpose()
}

fn words(calls: &Calls) -> String {
    let seconds = calls.every.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{seconds:.0} s")
    }
}
