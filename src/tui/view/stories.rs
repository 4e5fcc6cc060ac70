//! The table of findings: one row a program.

use super::{grid, nothing::nothing};
use crate::tui::{
    app::{App, stories::StoryRow},
    document::Piece,
    layout::{
        Slot,
        fields::{OfStory, STORIES, fit},
    },
    theme::{Role, Theme},
    words::{self, Unit},
};
use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect};

/// The titles of the columns.
pub(super) fn titles(buffer: &mut Buffer, area: Rect, theme: Theme) {
    let slots = fit(STORIES, area.width);
    grid::titles(
        buffer,
        area,
        (STORIES, &slots, Unit::default()),
        None,
        theme,
    );
}

/// The rows in sight, or that there is nothing to worry about.
pub(super) fn body(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    if app.stories.rows.is_empty() {
        return nothing(buffer, area, app, theme);
    }
    let slots = fit(STORIES, area.width);
    let now = app.feed.shown.as_deref().map(|snapshot| snapshot.taken_at);
    let cell = |row: &StoryRow, slot: Slot<OfStory>| cell(row, slot, now);
    grid::rows(buffer, area, (&app.stories, &slots), cell, theme);
}

fn cell(row: &StoryRow, slot: Slot<OfStory>, now: Option<Timestamp>) -> (Piece, bool) {
    let width = usize::from(slot.width);
    let text = |role, text: &str| (Piece::new(role, words::fit(text, width)), false);
    match slot.column {
        OfStory::Verdict if width > 2 => text(Role::Badge(row.verdict), &words::badge(row.verdict)),
        OfStory::Verdict => text(Role::Badge(row.verdict), words::glyph(row.verdict)),
        OfStory::What if row.accepted.is_some() => text(Role::Dim, &what(row)),
        OfStory::What => text(Role::Text, &what(row)),
        OfStory::Program => text(Role::Accent, &row.name()),
        OfStory::Sockets => (Piece::new(Role::Text, row.sockets.len().to_string()), true),
        OfStory::Since => {
            let since = row.since.zip(now).filter(|_| !row.before_us);
            let age = since.map(|(then, now)| words::age(words::since(then, now)));
            let age = age.unwrap_or_else(|| "start".to_owned());
            (Piece::new(Role::Dim, age), true)
        }
    }
}

/// The worst finding, and how many others there are.
fn what(row: &StoryRow) -> String {
    let title = row.findings.first().map_or("", |one| one.title.as_str());
    let accepted = if row.accepted.is_some() {
        "accepted: "
    } else {
        ""
    };
    match row.findings.len() {
        0 | 1 => format!("{accepted}{title}"),
        count => format!("{accepted}{title}  (+{})", count - 1),
    }
}
