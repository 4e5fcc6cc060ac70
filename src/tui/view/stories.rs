//! The table of findings: one row a program, and a line for each of its first sockets.

use super::{draw_left, grid, nothing::nothing, put, scrollbar, select};
use crate::{
    model::{Protocol, Socket},
    tui::{
        app::{
            App,
            stories::{StoryLine, StoryRow},
        },
        document::Piece,
        layout::{
            Slot,
            fields::{OfStory, STORIES, Sentence, fit},
        },
        theme::{Role, Theme},
        words::{self, Unit},
    },
};
use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect};
use std::time::Duration;

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
    let list = &app.stories.list;
    if list.rows.is_empty() {
        return nothing(buffer, area, app, theme);
    }
    let slots = fit(STORIES, area.width);
    let room = Sentence::on(area.width);
    let now = app.feed.shown.as_deref().map(|snapshot| snapshot.taken_at);
    let mark = |story: &StoryRow| is_new(story, now, app.setup.highlight).then_some(NEW);
    let in_sight = list.rows.iter().enumerate().skip(list.offset);
    for ((at, row), line) in in_sight.zip(area.rows()) {
        // The last column is the scroll bar's.
        let width = line.width.saturating_sub(1);
        let left = list.mark_of_left(at);
        let closed = left.map(|mark| (Role::Dim, mark));
        match row {
            StoryLine::Story(story) => {
                let sentence = sentence_line(story, 0, list.further_lines(at), room);
                for slot in &slots {
                    let (mut piece, number) = cell(story, &sentence, *slot, now);
                    if left.is_some() {
                        piece.role = Role::Closed;
                    }
                    grid::draw(buffer, line, slot, (&piece, number), theme);
                }
            }
            StoryLine::Rest(story, further) => {
                let lines_below = list.further_lines(at);
                let text = sentence_line(story, *further, lines_below, room);
                let role = if left.is_some() {
                    Role::Closed
                } else {
                    role_of_sentence(story)
                };
                for slot in slots.iter().filter(|slot| slot.column == OfStory::What) {
                    grid::draw(
                        buffer,
                        line,
                        slot,
                        (&Piece::new(role, text.as_str()), false),
                        theme,
                    );
                }
            }
            StoryLine::Socket(_, socket, is_last) => {
                let mut pieces = socket_line(socket, *is_last, usize::from(width));
                if left.is_some() {
                    let pieces = pieces.iter_mut();
                    pieces.for_each(|piece| piece.role = Role::Closed);
                }
                draw_left(buffer, Rect { width, ..line }, &pieces, theme);
            }
            StoryLine::More(_, count) => {
                let text = format!("   └ … {} more", words::grouped(*count));
                let text = Piece::new(Role::Dim, text);
                draw_left(buffer, Rect { width, ..line }, &[text], theme);
            }
        }
        let new = match row {
            StoryLine::Story(story) => mark(story),
            StoryLine::Rest(..) | StoryLine::Socket(..) | StoryLine::More(..) => None,
        };
        let begins = !matches!(row, StoryLine::Rest(..));
        if let Some((role, mark)) = closed.filter(|_| begins).or(new) {
            put(buffer, line, &Piece::new(role, mark), theme);
        }
        // Last, so that no cell's colour punches a hole in the bar.
        if (list.cursor()..=list.last_line()).contains(&at) {
            select(buffer, line, theme);
        }
    }
    scrollbar(buffer, area, list.offset, list.rows.len(), theme);
}

/// The mark of what is new.
const NEW: (Role, &str) = (Role::Received, "+");

/// Whether somebody saw the story begin, and it is marked still.
fn is_new(story: &StoryRow, now: Option<Timestamp>, highlight: Duration) -> bool {
    let since = story.told_since.zip(now);
    since.is_some_and(|(then, now)| words::since(then, now) < highlight)
}

/// `   ├ ◆ 10.0.0.5:40122 → 192.0.2.77:6667  syn-sent`. Where there is little room the addresses are cut, in the middle.
fn socket_line(socket: &Socket, is_last: bool, width: usize) -> Vec<Piece> {
    let raw = &socket.raw;
    let verdict = socket.assessment.verdict;
    let branch = if is_last { "   └ " } else { "   ├ " };
    // Where there is little room it is the ends that matter.
    let protocol = Some(raw.protocol).filter(|protocol| *protocol != Protocol::Tcp);
    let state = match protocol {
        _ if width < 56 => String::new(),
        None => format!("  {}", raw.state.name()),
        Some(protocol) => format!("  {} {}", protocol.name(), raw.state.name()),
    };
    let room = width.saturating_sub(7 + state.len());
    let ends = match words::remote(raw, room.saturating_sub(3) / 2) {
        Some(_) => {
            let local = words::local(raw, room.saturating_sub(3) / 2);
            let rest = room.saturating_sub(3 + local.chars().count());
            let remote = words::remote(raw, rest).unwrap_or_default();
            format!("{local} → {remote}")
        }
        None => words::local(raw, room),
    };
    let role = if socket.closed_at.is_some() {
        Role::Closed
    } else {
        Role::Text
    };
    vec![
        Piece::new(Role::Dim, branch),
        Piece::new(Role::Tone(verdict), words::glyph(verdict)),
        Piece::new(role, format!(" {ends}")),
        Piece::new(Role::Dim, state),
    ]
}

fn cell(
    row: &StoryRow,
    sentence: &str,
    slot: Slot<OfStory>,
    now: Option<Timestamp>,
) -> (Piece, bool) {
    let width = usize::from(slot.width);
    let text = |role, text: &str| (Piece::new(role, words::fit(text, width)), false);
    match slot.column {
        OfStory::Verdict if width > 2 => text(Role::Badge(row.verdict), &words::badge(row.verdict)),
        OfStory::Verdict => text(Role::Badge(row.verdict), words::glyph(row.verdict)),
        OfStory::What => text(role_of_sentence(row), sentence),
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

fn role_of_sentence(story: &StoryRow) -> Role {
    if story.accepted.is_some() {
        Role::Dim
    } else {
        Role::Text
    }
}

/// One line of the sentence; all that is left of it, cut, where no line of it is below.
fn sentence_line(story: &StoryRow, line: usize, lines_below: usize, room: Sentence) -> String {
    let mut lines = story.sentence_lines(room).into_iter().skip(line);
    if lines_below > 0 {
        return lines.next().unwrap_or_default();
    }
    let rest: Vec<String> = lines.map(|line| line.trim_end().to_owned()).collect();
    words::fit(&rest.join(" "), room.columns)
}
