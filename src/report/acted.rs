//! What came of an action, as text and as JSON.

use crate::model::{Acted, Deed, Outcome};
use jiff::Timestamp;
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct ActedJson<'a> {
    pid: Option<u32>,
    start_time: Option<Timestamp>,
    name: Option<&'a str>,
    socket: Option<&'a str>,
    signal: Option<&'static str>,
    outcome: &'static str,
    after_ms: Option<u64>,
    ended_by: Option<&'static str>,
    detail: Option<String>,
}

/// Writes one JSON object a target, in an array.
pub fn write_json(out: &mut dyn io::Write, acted: &[Acted]) -> io::Result<()> {
    let json: Vec<_> = acted
        .iter()
        .map(|acted| ActedJson {
            pid: acted.pid,
            start_time: acted.start_time,
            name: acted.name.as_deref(),
            socket: acted.socket.as_deref(),
            signal: match &acted.deed {
                Deed::Signal(signal, _) => Some(signal.name()),
                Deed::Stop(_) | Deed::Close => None,
            },
            outcome: acted.outcome.as_ref().map_or("skipped", Outcome::name),
            after_ms: acted.outcome.as_ref().and_then(|outcome| {
                let after = outcome.after()?;
                Some(u64::try_from(after.as_millis()).unwrap_or(u64::MAX))
            }),
            ended_by: ended_by(acted),
            detail: acted.detail(),
        })
        .collect();
    serde_json::to_writer(&mut *out, &json)?;
    writeln!(out)
}

/// The signal that ended it, which is not always the one that was asked for.
fn ended_by(acted: &Acted) -> Option<&'static str> {
    match (&acted.outcome, &acted.deed) {
        (Some(Outcome::Killed(_)), _) => Some("KILL"),
        (Some(Outcome::Ended(_)), Deed::Signal(signal, _)) => Some(signal.name()),
        _ => None,
    }
}

/// Writes a line a target, and below it what was seen afterwards.
pub fn write_text(out: &mut dyn io::Write, acted: &[Acted]) -> io::Result<()> {
    for one in acted {
        writeln!(out, "{}: {}", one.target, one.words())?;
        for note in &one.aftermath {
            writeln!(out, "  {note}")?;
        }
    }
    Ok(())
}
