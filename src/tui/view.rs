//! Draws an [`App`]. Reads it, never changes it.

mod bars;
mod chooser;
mod columns;
mod details;
mod dialog;
mod filter;
mod footer;
mod grid;
mod help;
mod nothing;
mod page;
mod ports;
mod processes;
mod prompt;
mod rows;
mod stories;
mod table;
#[cfg(test)]
mod tests;
mod timeline;

use super::{
    action::View,
    app::{App, Mode},
    ascii,
    document::{Line, Piece},
    layout::{self, Regions, SMALLEST},
    theme::{Role, Theme},
};
use ratatui::{
    Frame,
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line as Styled, Span},
    widgets::{Paragraph, Widget as _, Wrap},
};

/// How things look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) theme: Theme,
    pub(super) ascii: bool,
}

/// Draws everything.
pub(super) fn view(frame: &mut Frame<'_>, app: &App, look: Look) {
    if layout::too_small(frame.area()) {
        too_small(frame);
    } else {
        screen(frame, app, look.theme);
    }
    if look.ascii {
        ascii::make_ascii(frame.buffer_mut());
    }
}

fn screen(frame: &mut Frame<'_>, app: &App, theme: Theme) {
    let regions = app.regions();
    let buffer = frame.buffer_mut();
    bars::header(buffer, regions.header, app, theme);
    if app.pages.is_empty() {
        bars::counts(buffer, regions.counts, app, theme);
        bars::rates(buffer, regions.rates, app, theme);
        bars::notice(buffer, regions.notice, app, theme);
        rows_of_view(buffer, &regions, app, theme);
        details::side(buffer, regions.side, app, theme);
        details::strip(buffer, regions.strip, app, theme);
        if let Mode::Moment(asking) = &app.mode {
            timeline::asking(frame, regions.filter, asking, theme);
        } else if app.searching() {
            ports::search(frame, regions.filter, app, theme);
        } else {
            filter::bar(frame, &regions, app, theme);
        }
    } else {
        bars::crumbs(buffer, regions.crumbs, app, theme);
        page::page(buffer, regions.page, app, theme);
    }
    footer::footer(frame.buffer_mut(), regions.footer, app, theme);
    match &app.mode {
        Mode::Browse | Mode::Filter | Mode::Search | Mode::Moment(_) => {}
        Mode::Help(help) => help::help(frame, help, app, theme),
        Mode::Choose(chooser) => chooser::chooser(frame, chooser, app, theme),
        Mode::Columns(columns) => columns::columns(frame, columns, app, theme),
        Mode::Why => help::why(frame, app, theme),
        Mode::Signal(dialog) => dialog::dialog(frame, dialog, app, theme),
        Mode::Log(log) => help::log(frame, log, app, theme),
    }
}

/// The table of the view, and what stands over it.
fn rows_of_view(buffer: &mut Buffer, regions: &Regions, app: &App, theme: Theme) {
    let (titles, body) = (regions.titles, regions.body);
    match app.view {
        View::Sockets => {
            table::titles(buffer, titles, app, theme);
            table::body(buffer, body, app, theme);
        }
        View::Processes => {
            processes::titles(buffer, titles, app, theme);
            processes::body(buffer, body, app, theme);
        }
        View::Ports => {
            ports::titles(buffer, titles, app, theme);
            ports::body(buffer, body, app, theme);
        }
        View::Findings => {
            stories::titles(buffer, titles, theme);
            stories::body(buffer, body, app, theme);
        }
        View::Timeline => {
            timeline::graph(buffer, regions.graph, app, theme);
            timeline::titles(buffer, titles, theme);
            timeline::body(buffer, body, app, theme);
        }
    }
}

fn too_small(frame: &mut Frame<'_>) {
    let (width, height) = SMALLEST;
    let text = format!("terminal too small, need {width}x{height}");
    let area = frame.area();
    Paragraph::new(text)
        .wrap(Wrap { trim: true })
        .render(area, frame.buffer_mut());
}

/// A style that leaves nothing of what was in the cell before.
fn over(style: Style) -> Style {
    Style::reset().patch(style)
}

/// Pieces as ratatui has them.
fn styled(pieces: &[Piece], theme: Theme) -> Styled<'_> {
    pieces
        .iter()
        .map(|piece| Span::styled(piece.text.as_str(), over(theme.style(piece.role))))
        .collect()
}

/// Draws lines from `first` on; the one of the selected link under a bar.
fn lines(buffer: &mut Buffer, area: Rect, all: &[Line], selected: Option<usize>, theme: Theme) {
    for (line, row) in all.iter().zip(area.rows()) {
        styled(&line.pieces, theme).render(row, buffer);
        if selected.is_some() && line.link == selected {
            select(buffer, row, theme);
        }
    }
}

/// Lays the bar of the selection over a finished row.
fn select(buffer: &mut Buffer, row: Rect, theme: Theme) {
    buffer.set_style(row, theme.selection());
}

/// Writes one piece at a place and returns the column behind it.
fn put(buffer: &mut Buffer, area: Rect, piece: &Piece, theme: Theme) -> Rect {
    let width = usize::from(area.width);
    let style = over(theme.style(piece.role));
    let (x, _) = buffer.set_stringn(area.x, area.y, &piece.text, width, style);
    let used = x.saturating_sub(area.x);
    Rect {
        x,
        width: area.width.saturating_sub(used),
        ..area
    }
}

/// A bar on the right where more is above or below.
fn scrollbar(buffer: &mut Buffer, area: Rect, first: usize, total: usize, theme: Theme) {
    let height = usize::from(area.height);
    if total <= height || height == 0 || area.width == 0 {
        return;
    }
    let thumb = (height * height / total).max(1);
    let top = first * (height - thumb) / (total - height);
    for (at, row) in area.rows().enumerate() {
        let inside = (top..top + thumb).contains(&at);
        let cell = Piece::new(Role::Dim, if inside { "┃" } else { "│" });
        let last = Rect {
            x: area.right() - 1,
            width: 1,
            ..row
        };
        put(buffer, last, &cell, theme);
    }
}
