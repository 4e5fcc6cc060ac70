//! What was done, the newest first.

use crate::{
    model::Event,
    tui::{
        document::{Document, Piece},
        theme::Role,
        words,
    },
};
use jiff::tz::TimeZone;

/// The list, or that there is none.
pub(in crate::tui) fn document(
    events: Option<&Result<Vec<Event>, String>>,
    zone: &TimeZone,
) -> Document {
    let mut document = Document::default();
    match events {
        None => document.text(0, Role::Dim, "reading the history…"),
        Some(Err(why)) => document.text(0, Role::Changed, why.clone()),
        Some(Ok(events)) if events.is_empty() => {
            document.text(0, Role::Text, "Nothing was done yet.");
            document.text(
                0,
                Role::Dim,
                "What is ended, stopped or closed here, or by portwise kill and close, is kept in the history.",
            );
        }
        Some(Ok(events)) => {
            for event in events.iter().rev() {
                entry(&mut document, event, zone);
            }
        }
    }
    document
}

fn entry(document: &mut Document, event: &Event, zone: &TimeZone) {
    let at = event.at.to_zoned(zone.clone());
    let mut pieces = vec![Piece::new(
        Role::Dim,
        format!("{}  ", at.strftime("%Y-%m-%d %H:%M:%S")),
    )];
    let program = event.program.as_deref().unwrap_or("somebody");
    pieces.push(Piece::new(Role::Key, program.to_owned()));
    if let Some(pid) = event.pid {
        pieces.push(Piece::new(Role::Text, format!(" pid {pid}")));
    }
    if event.state.is_some() {
        let (protocol, local) = (event.protocol.name(), event.local);
        let peer = event
            .peer
            .map_or_else(String::new, |peer| format!(" to {peer}"));
        pieces.push(Piece::new(Role::Dim, format!("  {protocol} {local}{peer}")));
    }
    document.line(0, pieces);
    if let Some(detail) = &event.detail {
        document.text(4, Role::Text, words::sentence(detail));
    }
}
