//! Lists to choose from, over everything else.

use super::{draw_left, help::boxed, put, scrollbar, select};
use crate::tui::{
    app::{
        App,
        chooser::{Chooser, Item},
    },
    document::Piece,
    picture::Frame,
    theme::{Role, Theme},
    words,
};
use ratatui::{buffer::Buffer, layout::Rect};
use unicode_width::UnicodeWidthStr as _;

/// The list.
pub(super) fn chooser(frame: &mut Frame<'_>, chooser: &Chooser, app: &App, theme: Theme) {
    let typed = chooser.input.is_some();
    let place = chooser.place(app.area);
    let title = format!(" {} ", chooser.kind.title());
    // What Esc does stands in the footer.
    let right = if !typed {
        String::new()
    } else if chooser.typed_text().is_empty() {
        " type to search ".to_owned()
    } else {
        format!(" {} found ", chooser.items.len())
    };
    let inner = boxed(frame, place.area, &title, &right, theme);
    let mut lines = inner.rows();
    let buffer = frame.buffer_mut();
    for text in &chooser.words_on(app.area) {
        let Some(line) = lines.next() else { return };
        draw_left(buffer, line, &text.pieces, theme);
    }
    let mut cursor = None;
    if let Some(input) = &chooser.input
        && let Some(line) = lines.next()
    {
        let rest = put(buffer, line, &Piece::new(Role::Key, "> "), theme);
        let room = usize::from(rest.width.saturating_sub(1));
        let scroll = input.visual_scroll(room);
        let text = words::fit(&super::filter::after(input.value(), scroll), room);
        put(buffer, rest, &Piece::new(Role::Text, text), theme);
        let column = input.visual_cursor().saturating_sub(scroll);
        cursor = u16::try_from(column)
            .ok()
            .map(|column| (rest.x + column.min(rest.width), rest.y));
    }
    for (at, item) in chooser.items.iter().enumerate().skip(chooser.offset) {
        let in_full = chooser.in_full(item, app.area);
        let count = in_full.as_ref().map_or(1, Vec::len);
        for (part, line) in lines.by_ref().take(count).enumerate() {
            match in_full.as_ref().and_then(|all| all.get(part)) {
                Some(text) => {
                    draw_left(buffer, line, &text.pieces, theme);
                    if part == 0 {
                        draw_keys(buffer, line, item, theme);
                    }
                }
                None => draw(buffer, line, item, chooser.label_width(), theme),
            }
            if at == chooser.cursor {
                select(buffer, line, theme);
            }
        }
    }
    if chooser.items.is_empty() && !chooser.typed_text().is_empty() {
        let over = u16::try_from(chooser.words_on(app.area).len() + 1).unwrap_or(1);
        let line = Rect {
            y: inner.y + over,
            height: 1,
            ..inner
        };
        let text = Piece::new(Role::Dim, "nothing is called so");
        put(buffer, line.intersection(inner), &text, theme);
    }
    let edge = Rect {
        x: inner.right(),
        y: inner
            .bottom()
            .saturating_sub(u16::try_from(place.rows).unwrap_or(0)),
        width: 1,
        height: u16::try_from(place.rows).unwrap_or(0),
    };
    let [above, all] =
        [chooser.offset, chooser.items.len()].map(|place| chooser.lines_before(place, app.area));
    scrollbar(buffer, edge, above, all, theme);
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

/// Letter, label, what else there is to say, and the keys that do the same.
fn draw(buffer: &mut Buffer, line: Rect, item: &Item, label_width: usize, theme: Theme) {
    let mut rest = line;
    if let Some(letter) = item.letter {
        rest = put(
            buffer,
            rest,
            &Piece::new(Role::Key, format!("{letter}  ")),
            theme,
        );
    }
    let taken = draw_keys(buffer, line, item, theme);
    rest.width = rest.width.saturating_sub(taken + u16::from(taken > 0) * 2);
    let label = words::fit(&item.label, usize::from(rest.width));
    let gap = " ".repeat(label_width.saturating_sub(label.width()));
    let label = Piece::new(Role::Text, format!("{label}{gap}"));
    rest = put(buffer, rest, &label, theme);
    if rest.width > 6 && !item.more.is_empty() {
        let more = words::fit(&item.more, usize::from(rest.width) - 2);
        put(
            buffer,
            rest,
            &Piece::new(Role::Dim, format!("  {more}")),
            theme,
        );
    }
}

/// The keys that do the same, at the right end; returns the columns that they take.
fn draw_keys(buffer: &mut Buffer, line: Rect, item: &Item, theme: Theme) -> u16 {
    let keys = words::fit(&item.keys, usize::from(line.width / 3));
    let taken = u16::try_from(keys.width()).unwrap_or(0);
    let right = Rect {
        x: line.right().saturating_sub(taken),
        width: taken,
        ..line
    };
    put(buffer, right, &Piece::new(Role::Key, keys), theme);
    taken
}
