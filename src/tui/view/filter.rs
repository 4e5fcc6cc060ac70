//! The filter bar: the text, how much it finds, and what is wrong with it.

use super::{draw_right, put};
use crate::{
    model::{Verdict, text::grouped_plural},
    query,
    tui::{
        action::View,
        app::{App, Mode, completion::Completion},
        document::Piece,
        layout::Regions,
        picture::Frame,
        theme::{Role, Theme},
        words,
    },
};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

/// Columns before the text.
const MARGIN: u16 = 3;

/// The bar, and the line under it that points at a fault.
pub(super) fn bar(frame: &mut Frame<'_>, regions: &Regions, app: &App, theme: Theme) {
    let area = regions.filter;
    if area.is_empty() {
        return;
    }
    let typing = matches!(app.mode, Mode::Filter);
    let status = status(app);
    let taken = u16::try_from(status.text.width()).unwrap_or(u16::MAX);
    let text_area = Rect {
        x: area.x + MARGIN,
        width: area.width.saturating_sub(MARGIN + taken + 2),
        ..area
    };
    let width = usize::from(text_area.width);
    let input = &app.filter.input;
    let scroll = input.visual_scroll(width);
    let buffer = frame.buffer_mut();
    put(buffer, area, &Piece::new(Role::Key, " / "), theme);
    let role = if typing { Role::Text } else { Role::Accent };
    let text = Piece::new(role, after(input.value(), scroll));
    put(buffer, text_area, &text, theme);
    draw_right(buffer, area, &[status], theme);
    if !app.filter.completion.offers.is_empty() {
        offers(buffer, regions.fault, &app.filter.completion, theme);
    } else if let Some(fault) = &app.filter.fault {
        point(buffer, regions.fault, fault, scroll, theme);
    }
    if typing {
        let column = input.visual_cursor().max(scroll) - scroll;
        let column = u16::try_from(column)
            .unwrap_or(u16::MAX)
            .min(text_area.width);
        frame.set_cursor_position((text_area.x + column, area.y));
    }
}

/// What Tab offers; the one that stands in the text first, or in its place.
fn offers(buffer: &mut ratatui::buffer::Buffer, area: Rect, completion: &Completion, theme: Theme) {
    let mut rest = Rect {
        x: area.x + MARGIN,
        width: area.width.saturating_sub(MARGIN),
        ..area
    };
    let chosen = completion.chosen.unwrap_or(0);
    for (at, offer) in completion.offers.iter().enumerate().skip(chosen) {
        let note = words::fit(&offer.note, 40);
        let (role, note) = if at == chosen {
            (Role::Key, format!(" {note}   "))
        } else if offer.note.width() <= 6 {
            (Role::Text, format!(" {}   ", offer.note))
        } else {
            // Its beginning alone would say nothing.
            (Role::Text, "   ".to_owned())
        };
        if offer.text.width() + note.width() > usize::from(rest.width) {
            break;
        }
        rest = put(buffer, rest, &Piece::new(role, offer.text.clone()), theme);
        rest = put(buffer, rest, &Piece::new(Role::Dim, note), theme);
    }
}

/// How many rows there are, and whether the filter is understood.
fn status(app: &App) -> Piece {
    let (found, all) = app.count();
    let word = if app.filter.fault.is_some() {
        "✕ not valid"
    } else if app.lacks_names() {
        "host names are off"
    } else if let Some((some, all)) = app.asks_about_some() {
        let (some, all) = (words::grouped(some), grouped_plural(all, "host"));
        &format!("names of {some} of {all}")
    } else {
        "valid"
    };
    let role = match &app.filter.fault {
        None if app.lacks_names() || app.asks_about_some().is_some() => Role::Changed,
        Some(_) => Role::Tone(Verdict::Suspicious),
        None => Role::Dim,
    };
    let (found, all) = (words::grouped(found), words::grouped(all));
    let counted = match app.view {
        View::Sockets | View::Timeline => format!("{found} of {all}"),
        // Their rows are no sockets, and how many there would be without the filter nobody counts.
        View::Processes | View::Ports | View::Findings => format!("{found} found"),
    };
    Piece::new(role, format!("{counted}   {word} "))
}

/// `~~~~` under the fault, then what is wrong and what would be right.
fn point(
    buffer: &mut ratatui::buffer::Buffer,
    area: Rect,
    fault: &query::Error,
    scroll: usize,
    theme: Theme,
) {
    let before = fault.expression.get(..fault.span.start).unwrap_or_default();
    let inside = fault.expression.get(fault.span.clone()).unwrap_or_default();
    let start = before.width().saturating_sub(scroll);
    let length = inside.width().max(1);
    let indent = " ".repeat(usize::from(MARGIN) + start);
    let role = Role::Tone(Verdict::Suspicious);
    let sign = format!("{indent}{}", "~".repeat(length));
    let behind = usize::from(area.width).saturating_sub(sign.width() + 2);
    // Where the fault is far right, its words stand before it rather than nowhere.
    let before = indent.len().saturating_sub(2);
    let message = &fault.message;
    let whole = fault.hint.as_ref();
    let whole = whole.map(|hint| format!("{message}  ({hint})"));
    for words in whole.iter().chain([message]) {
        if words.width() <= behind {
            let text = format!("{sign}  {words}");
            put(buffer, area, &Piece::new(role, text), theme);
            return;
        }
        if words.width() <= before {
            put(buffer, area, &Piece::new(role, sign), theme);
            put(buffer, area, &Piece::new(role, format!(" {words}")), theme);
            return;
        }
    }
    // What is wrong is worth more than where; the words name it.
    let text = words::fit(message, usize::from(area.width).saturating_sub(1));
    put(buffer, area, &Piece::new(role, format!(" {text}")), theme);
}

/// `text` without its first `columns` columns.
pub(super) fn after(text: &str, columns: usize) -> String {
    let mut used = 0;
    let mut rest = text.chars();
    while used < columns {
        let Some(character) = rest.next() else { break };
        used += unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
    }
    rest.collect()
}
