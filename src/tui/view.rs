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
    ascii::{self, GraphSigns},
    document::{Line, Piece},
    layout::{self, Regions, SMALLEST},
    picture::{Frame, Part, Stamp},
    plain,
    theme::{Role, Theme},
};
use ratatui::{
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
    pub(super) graph: GraphSigns,
}

/// Draws everything.
pub(super) fn view(frame: &mut Frame<'_>, app: &App, look: Look) {
    if layout::too_small(frame.area()) {
        too_small(frame);
    } else {
        screen(frame, app, look);
    }
    if look.ascii {
        ascii::make_ascii(frame.buffer_mut());
    }
}

fn screen(frame: &mut Frame<'_>, app: &App, look: Look) {
    let theme = look.theme;
    let regions = app.regions();
    let keep = |frame: &mut Frame<'_>, area, part| {
        let revision = app.revision;
        frame.keep(area, Stamp { revision, part })
    };
    if !keep(frame, regions.header, Part::Header) {
        bars::header(frame.buffer_mut(), regions.header, app, look);
    }
    if app.pages.is_empty() {
        if !keep(frame, regions.counts, Part::Counts) {
            bars::counts(frame.buffer_mut(), regions.counts, app, theme);
        }
        if !keep(frame, regions.rates, Part::Rates) {
            bars::rates(frame.buffer_mut(), regions.rates, app, theme);
        }
        if !keep(frame, regions.notice, Part::Notice) {
            bars::notice(frame.buffer_mut(), regions.notice, app, theme);
        }
        let titles = !keep(frame, regions.titles, Part::Titles);
        rows_of_view(frame, (&regions, titles), app, theme);
        let buffer = frame.buffer_mut();
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
        let buffer = frame.buffer_mut();
        bars::crumbs(buffer, regions.crumbs, app, theme);
        page::page(buffer, regions.page, app, theme);
    }
    // Before what lies over it: a block there is no bar.
    ascii::draw_graphs(frame.buffer_mut(), look.graph);
    footer::footer(frame.buffer_mut(), regions.footer, app, theme);
    match &app.mode {
        Mode::Browse | Mode::Filter | Mode::Search | Mode::Moment(_) => {}
        Mode::Help(help) => help::help(frame, help, app, theme),
        Mode::Choose(chooser) => chooser::chooser(frame, chooser, app, theme),
        Mode::Columns(columns) => columns::columns(frame, columns, app, theme),
        Mode::Signal(dialog) => dialog::dialog(frame, dialog, app, theme),
        Mode::Log(log) => help::log(frame, log, app, theme),
    }
}

/// The table of the view, and its `titles` where they are wanted.
fn rows_of_view(
    frame: &mut Frame<'_>,
    (regions, titles): (&Regions, bool),
    app: &App,
    theme: Theme,
) {
    let (line, body) = (regions.titles, regions.body);
    let buffer = frame.buffer_mut();
    if titles {
        match app.view {
            View::Sockets => table::titles(buffer, line, app, theme),
            View::Processes => processes::titles(buffer, line, app, theme),
            View::Ports => ports::titles(buffer, line, app, theme),
            View::Findings => stories::titles(buffer, line, theme),
            View::Timeline => timeline::titles(buffer, line, theme),
        }
    }
    match app.view {
        View::Sockets => table::body(frame, body, app, theme),
        View::Processes => processes::body(buffer, body, app, theme),
        View::Ports => ports::body(buffer, body, app, theme),
        View::Findings => stories::body(buffer, body, app, theme),
        View::Timeline => {
            timeline::graph(buffer, regions.graph, app, theme);
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
        draw_left(buffer, row, &line.pieces, theme);
        if selected.is_some() && line.link == selected {
            select(buffer, row, theme);
        }
    }
}

/// Draws pieces one after the other.
fn draw_left(buffer: &mut Buffer, row: Rect, pieces: &[Piece], theme: Theme) {
    if !pieces.iter().all(|piece| plain::is_plain(&piece.text)) {
        return styled(pieces, theme).render(row, buffer);
    }
    let mut rest = row;
    for piece in pieces {
        rest = put(buffer, rest, piece, theme);
    }
}

/// Draws pieces at the right end.
fn draw_right(buffer: &mut Buffer, row: Rect, pieces: &[Piece], theme: Theme) {
    let width: usize = pieces.iter().map(|piece| plain::width(&piece.text)).sum();
    match u16::try_from(width) {
        Ok(width) if width <= row.width => {
            let x = row.right() - width;
            draw_left(buffer, Rect { x, width, ..row }, pieces, theme);
        }
        _ => styled(pieces, theme).right_aligned().render(row, buffer),
    }
}

/// Lays the bar of the selection over a finished row.
fn select(buffer: &mut Buffer, row: Rect, theme: Theme) {
    buffer.set_style(row, theme.selection());
}

/// Writes one piece at a place and returns the column behind it.
fn put(buffer: &mut Buffer, area: Rect, piece: &Piece, theme: Theme) -> Rect {
    let style = over(theme.style(piece.role));
    let used = if plain::is_plain(&piece.text) {
        plain::write(buffer, area, &piece.text, style)
    } else {
        // The terminal may have become smaller since the places were given out.
        let room = area.intersection(buffer.area);
        if room.is_empty() || (room.x, room.y) != (area.x, area.y) {
            0
        } else {
            let width = usize::from(room.width);
            let (x, _) = buffer.set_stringn(room.x, room.y, &piece.text, width, style);
            x.saturating_sub(room.x)
        }
    };
    Rect {
        x: area.x + used,
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
