//! The table of processes.

use super::{grid, nothing::nothing, rows::rate_cell};
use crate::{
    model::{OwnersSeen, text::plural},
    tui::{
        app::{App, processes::ProcessRow},
        document::Piece,
        layout::{
            Slot,
            fields::{OfProcess, PROCESSES, fit},
        },
        theme::{Role, Theme},
        words,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The titles of the columns.
pub(super) fn titles(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let slots = fit(PROCESSES, area.width);
    let order = app.processes.order;
    let order = Some((order.column, order.reverse));
    grid::titles(
        buffer,
        area,
        (PROCESSES, &slots, app.writing.unit),
        order,
        theme,
    );
}

/// The rows in sight, or why there are none.
pub(super) fn body(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let list = &app.processes.list;
    if list.rows.is_empty() {
        return nothing(buffer, area, app, theme);
    }
    let slots = fit(PROCESSES, area.width);
    let cell = |row: &ProcessRow, slot: Slot<OfProcess>| cell(row, slot, app);
    grid::rows(buffer, area, (list, &slots), cell, theme);
}

fn cell(row: &ProcessRow, slot: Slot<OfProcess>, app: &App) -> (Piece, bool) {
    let width = usize::from(slot.width);
    let process = row.process.as_ref();
    let verdict = row.sums.worst();
    let text = |role, text: &str| (Piece::new(role, words::fit(text, width)), false);
    match slot.column {
        OfProcess::Verdict if width > 2 => text(Role::Badge(verdict), &words::badge(verdict)),
        OfProcess::Verdict => text(Role::Badge(verdict), words::glyph(verdict)),
        OfProcess::Name => match process {
            Some(process) => text(Role::Text, &process.name),
            None => text(Role::Dim, unseen(app)),
        },
        OfProcess::Pid => {
            let pid = process.map(|process| process.key.pid.to_string());
            (Piece::new(Role::Text, pid.unwrap_or_default()), true)
        }
        OfProcess::User => {
            let user = process.and_then(|process| process.user.as_deref());
            text(Role::Dim, user.unwrap_or("-"))
        }
        OfProcess::Sockets => (Piece::new(Role::Text, row.sums.sockets.to_string()), true),
        OfProcess::Listens => text(Role::Accent, &listens(row, width)),
        OfProcess::Rx => {
            let rate = row.sums.rates.map(|rates| rates.0);
            (rate_cell(Role::Received, rate, app.writing.unit), true)
        }
        OfProcess::Tx => {
            let rate = row.sums.rates.map(|rates| rates.1);
            (rate_cell(Role::Sent, rate, app.writing.unit), true)
        }
        OfProcess::Unit => {
            let unit = process.and_then(|process| {
                let unit = process.container.as_ref().or(process.unit.as_ref());
                unit.map(crate::model::Text::as_str)
            });
            text(Role::Dim, unit.unwrap_or("-"))
        }
    }
}

/// What to call the owners that cannot be seen.
fn unseen(app: &App) -> &'static str {
    let shown = app.feed.shown.as_deref();
    match shown.map(|snapshot| snapshot.coverage.owners) {
        Some(OwnersSeen::All) => "no owner",
        Some(OwnersSeen::NotYet) => "…",
        _ => "? hidden",
    }
}

/// As many of the ports as fit, none of them cut: `22 80 443 +2`.
fn listens(row: &ProcessRow, width: usize) -> String {
    let ports: Vec<String> = row.listens.iter().map(u16::to_string).collect();
    if ports.is_empty() {
        return "-".to_owned();
    }
    let whole = ports.join(" ");
    if whole.len() <= width {
        return whole;
    }
    for shown in (1..ports.len()).rev() {
        let some = ports.get(..shown).unwrap_or_default().join(" ");
        let text = format!("{some} +{}", ports.len() - shown);
        if text.len() <= width {
            return text;
        }
    }
    plural(ports.len(), "port")
}
