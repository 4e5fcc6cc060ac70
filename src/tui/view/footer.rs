//! The last line: what was just done, which keys do something here, and the way out.

use super::put;
use crate::tui::{
    action::{ACTIONS, Action, Entry},
    app::{App, Mode},
    document::Piece,
    theme::{Role, Theme},
    words,
};
use ratatui::{buffer::Buffer, layout::Rect};
use unicode_width::UnicodeWidthStr as _;

/// The footer.
pub(super) fn footer(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let browsing = matches!(app.mode, Mode::Browse);
    let tail = if browsing { tail(app) } else { vec![] };
    let reserved: usize = tail.iter().map(|piece| piece.text.width()).sum();
    let reserved = u16::try_from(reserved).unwrap_or(u16::MAX);
    let mut rest = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(reserved + 2),
        ..area
    };
    if let Some(said) = &app.said {
        let text = words::fit(said, usize::from(rest.width));
        rest = put(
            buffer,
            rest,
            &Piece::new(Role::Received, format!("{text}   ")),
            theme,
        );
    }
    for (key, hint) in hints(app) {
        let gap = 3;
        if key.width() + hint.width() + gap > usize::from(rest.width) {
            break;
        }
        rest = put(buffer, rest, &Piece::new(Role::Key, key), theme);
        rest = put(
            buffer,
            rest,
            &Piece::new(Role::Dim, format!(" {hint}  ")),
            theme,
        );
    }
    let mut end = Rect {
        x: area.right().saturating_sub(reserved),
        width: reserved,
        ..area
    };
    for piece in &tail {
        end = put(buffer, end, piece, theme);
    }
}

/// `? help  q quit`, whatever else there is no room for.
fn tail(app: &App) -> Vec<Piece> {
    let pinned = ACTIONS.iter().filter(|entry| is_pinned(entry));
    let pieces = pinned.flat_map(|entry| {
        [
            Piece::new(
                Role::Key,
                format!(" {}", app.setup.keymap.first_key(entry.action)),
            ),
            Piece::new(Role::Dim, format!(" {} ", entry.hint)),
        ]
    });
    pieces.collect()
}

fn is_pinned(entry: &Entry) -> bool {
    matches!(entry.action, Action::Help | Action::Quit)
}

fn hints(app: &App) -> Vec<(String, String)> {
    let fixed = |pairs: &[(&str, &str)]| {
        let owned = pairs
            .iter()
            .map(|(key, hint)| ((*key).to_owned(), (*hint).to_owned()));
        owned.collect()
    };
    match &app.mode {
        Mode::Browse => valid_here(app),
        Mode::Filter => fixed(&[
            ("Enter", "keep"),
            ("Tab", "complete"),
            ("Esc", "clear"),
            ("↑↓", "move"),
        ]),
        Mode::Search => fixed(&[("Enter", "open"), ("Esc", "back"), ("↑↓", "move")]),
        Mode::Help(_) => fixed(&[("type", "to search"), ("↑↓", "scroll"), ("Esc", "close")]),
        Mode::Choose(_) => fixed(&[("Enter", "choose"), ("↑↓", "move"), ("Esc", "close")]),
        Mode::Signal(_) | Mode::Columns(_) | Mode::Why => vec![],
    }
}

/// The hints of the actions that would do something now.
fn valid_here(app: &App) -> Vec<(String, String)> {
    let place = app.place();
    let shown = |entry: &&Entry| {
        !entry.hint.is_empty()
            && !is_pinned(entry)
            && entry.places.contains(&place)
            && app.can(entry.action)
            && (entry.action != Action::Back || !app.pages.is_empty() || !app.filter.is_empty())
    };
    let at_table = app.pages.is_empty();
    let hint = |entry: &Entry| {
        if entry.action == Action::Pause && app.feed.paused.is_some() {
            "resume"
        } else if entry.action != Action::Back || !at_table {
            entry.hint
        } else {
            "clear filter"
        }
    };
    let entries = ACTIONS.iter().filter(shown);
    entries
        .map(|entry| {
            let key = app.setup.keymap.first_key(entry.action);
            (key, hint(entry).to_owned())
        })
        .filter(|(key, _)| !key.is_empty())
        .collect()
}
