//! `close-wait-pile`: a program leaves sockets open that the other end has closed.

use super::{
    case::{Case, advise, advise_command, describe, seen},
    past::Past,
};
use crate::model::{Finding, Protocol, Severity, State};

pub(super) const ID: &str = "close-wait-pile";

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let socket = case.socket;
    if socket.protocol != Protocol::Tcp || socket.state != State::CloseWait {
        return None;
    }
    let process = case.owner()?;
    let count = case.past.left_open;
    if count < Past::PILE {
        return None;
    }
    let mut evidence = vec![seen(
        "left in close-wait",
        format!("{count} sockets: the other end has closed, this program has not"),
    )];
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: Severity::Low,
        title: format!(
            "{} does not close {count} connections that have ended",
            process.name
        ),
        evidence,
        advice: vec![
            advise(
                "A leak in the program: it runs out of descriptors one day. A restart helps until then.",
            ),
            advise_command(
                "See them.",
                format!("portwise list pid:{} state:close-wait", process.key.pid),
            ),
        ],
    })
}
