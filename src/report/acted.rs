//! What came of an action, as text and as JSON.

use crate::model::{Order, Outcome, Process, Signal};
use serde::Serialize;
use std::io;

/// One target and what came of it.
#[derive(Debug, Clone)]
pub struct Acted<'a> {
    /// The process.
    pub process: &'a Process,
    /// The signal.
    pub signal: Signal,
    /// What came of it; `None` when it was only shown.
    pub outcome: Option<Outcome>,
}

impl Acted<'_> {
    /// Whether the order was carried out.
    pub fn is_done(&self) -> bool {
        match &self.outcome {
            Some(Outcome::Ended(_) | Outcome::Gone) | None => true,
            Some(Outcome::Signalled) => !self.signal.ends(),
            Some(Outcome::Denied(_) | Outcome::Refused(_) | Outcome::Failed(_)) => false,
        }
    }
}

/// Says what came of an order, in a sentence without its period.
pub fn words(outcome: &Outcome, order: &Order) -> String {
    let signal = order.signal;
    match outcome {
        Outcome::Ended(after) => format!(
            "ended {:.1} s after SIG{}",
            after.as_secs_f64(),
            signal.name()
        ),
        Outcome::Signalled if signal.ends() => {
            format!(
                "SIG{} was sent; it still runs after {} s",
                signal.name(),
                order.patience.as_secs()
            )
        }
        Outcome::Signalled => format!("SIG{} was sent", signal.name()),
        Outcome::Gone => "had already gone; nothing was sent".to_owned(),
        Outcome::Denied(why) => format!("denied: {why}"),
        Outcome::Refused(why) => format!("refused: {why}"),
        Outcome::Failed(why) => format!("not done: {why}"),
    }
}

#[derive(Serialize)]
struct ActedJson<'a> {
    pid: u32,
    start_time: Option<jiff::Timestamp>,
    name: &'a str,
    socket: Option<()>,
    signal: &'static str,
    outcome: &'static str,
    detail: Option<String>,
}

/// Writes one JSON object a target, in an array.
pub fn write_json(out: &mut dyn io::Write, acted: &[Acted<'_>]) -> io::Result<()> {
    let json: Vec<_> = acted
        .iter()
        .map(|acted| ActedJson {
            pid: acted.process.key.pid,
            start_time: acted.process.started_at,
            name: &acted.process.name,
            socket: None,
            signal: acted.signal.name(),
            outcome: acted.outcome.as_ref().map_or("skipped", Outcome::name),
            detail: acted
                .outcome
                .as_ref()
                .map_or_else(|| Some("dry run".to_owned()), detail),
        })
        .collect();
    serde_json::to_writer(&mut *out, &json)?;
    writeln!(out)
}

fn detail(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Ended(after) => Some(format!("{:.3} s after the signal", after.as_secs_f64())),
        Outcome::Signalled | Outcome::Gone => None,
        Outcome::Denied(why) | Outcome::Refused(why) | Outcome::Failed(why) => Some(why.clone()),
    }
}
