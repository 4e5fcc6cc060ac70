//! What the help says: from the table of actions, and only what works here.

use crate::{
    model::Verdict,
    tui::{
        action::{ACTIONS, Action, BRIEF, Entry, Group, Place, View},
        app::App,
        document::{Document, Line, Piece},
        theme::Role,
        words::{self, CLOSED, HELD},
    },
};
use unicode_width::UnicodeWidthStr as _;

/// Columns of the keys before what they do, where that is said in brief and where it is said in full.
const KEYS: usize = 11;
const KEYS_IN_FULL: usize = 15;

/// The least columns that a column of groups takes, and those between two.
const COLUMN: usize = KEYS + BRIEF;
const GAP: usize = 2;

/// Columns from which what an action does is said in full.
const IN_FULL: usize = 56;

/// The help at the place where the person is, on `width` columns, narrowed to what is searched for.
///
/// Without a search the groups stand side by side, up to three, where there is room.
pub(in crate::tui) fn lines(app: &App, search: &str, width: usize) -> Vec<Line> {
    let wanted = search.to_lowercase();
    let place = app.place();
    let entries = ACTIONS.iter().filter(|entry| {
        entry.places.contains(&place) && exists(app, entry.action) && matches(app, entry, &wanted)
    });
    let entries: Vec<_> = entries.collect();
    if entries.is_empty() {
        let mut none = Document::default();
        let words = "No key does that here.  Esc clears the search.";
        none.text(0, Role::Dim, words);
        return none.lines(width);
    }
    let columns = if wanted.is_empty() {
        ((width + GAP) / (COLUMN + GAP)).clamp(1, 3)
    } else {
        1
    };
    let wide = ((width + GAP) / columns).saturating_sub(GAP);
    let groups = Group::ALL.map(|group| of_group(app, group, &entries, wide));
    let mut blocks = Vec::from(groups);
    if wanted.is_empty() {
        blocks.extend(legend(place, room_for_keys(wide)));
    }
    let blocks = blocks.iter().filter(|block| **block != Document::default());
    let blocks: Vec<_> = blocks.map(|block| block.lines(wide)).collect();
    side_by_side(&blocks, columns, wide)
}

/// Whether the action can ever do something in this run; not whether it can on this row.
fn exists(app: &App, action: Action) -> bool {
    let live = app.setup.recording.is_none();
    let acts = matches!(
        action,
        Action::Signal | Action::CloseConnection | Action::Accept | Action::Undo | Action::Ask
    );
    let paces = matches!(
        action,
        Action::Refresh | Action::Faster | Action::Slower | Action::Namespaces
    );
    let stops = matches!(action, Action::Suspend);
    !(acts && (!live || app.setup.readonly) || paces && !live || stops && !app.setup.can_suspend)
}

fn matches(app: &App, entry: &Entry, wanted: &str) -> bool {
    let keys = app.setup.keymap.keys_text(entry.action);
    let text = format!("{} {} {keys}", entry.help, entry.hint);
    text.to_lowercase().contains(wanted)
}

/// The keys of a group on `wide` columns; nothing when it has none here.
fn of_group(app: &App, group: Group, entries: &[&Entry], wide: usize) -> Document {
    let mut document = Document::default();
    let in_full = wide >= IN_FULL;
    let room = room_for_keys(wide);
    for entry in entries.iter().filter(|entry| entry.group == group) {
        if document == Document::default() {
            document.heading(group.title());
        }
        let keys = app.setup.keymap.keys_text(entry.action);
        let said = if in_full { entry.help } else { entry.brief };
        // What this row does not allow keeps its place, and is not offered: nobody searches for it in vain.
        let (key, text) = if app.can(entry.action) {
            (Role::Key, Role::Text)
        } else {
            (Role::Dim, Role::Dim)
        };
        let pieces = vec![
            Piece::new(key, format!("{:<room$}", as_many(&keys, room - 1))),
            Piece::new(text, said),
        ];
        document.hanging(room, pieces);
    }
    document
}

fn room_for_keys(wide: usize) -> usize {
    if wide >= IN_FULL { KEYS_IN_FULL } else { KEYS }
}

/// The first of these keys, as many as there is room for; one of them in any case.
fn as_many(keys: &str, room: usize) -> String {
    let mut fitting = String::new();
    for key in keys.split(' ') {
        if !fitting.is_empty() {
            if fitting.width() + 1 + key.width() > room {
                break;
            }
            fitting.push(' ');
        }
        fitting.push_str(key);
    }
    fitting
}

/// Puts blocks of lines into at most so many columns, one below the other, none much longer than the others.
fn side_by_side(blocks: &[Vec<Line>], columns: usize, wide: usize) -> Vec<Line> {
    let all: usize = blocks.iter().map(|block| block.len() + 1).sum();
    let fits = |height: &usize| stacked(blocks, *height).len() <= columns;
    let height = (all / columns..all).find(fits).unwrap_or(all);
    let stacks = stacked(blocks, height);
    let rows = stacks.iter().map(Vec::len).max().unwrap_or(0);
    let row = |at: usize| {
        let mut line = Line::default();
        for (number, stack) in stacks.iter().enumerate() {
            line.pad(number * (wide + GAP));
            let part = stack.get(at).map(|part| part.pieces.as_slice());
            line.pieces.extend_from_slice(part.unwrap_or_default());
        }
        line
    };
    (0..rows).map(row).collect()
}

/// The blocks in columns of at most `height` lines, or of one block that is longer.
fn stacked(blocks: &[Vec<Line>], height: usize) -> Vec<Vec<Line>> {
    let mut stacks: Vec<Vec<Line>> = vec![];
    for block in blocks {
        match stacks.last_mut() {
            Some(last) if last.len() + 1 + block.len() <= height => {
                last.push(Line::default());
                last.extend_from_slice(block);
            }
            _ => stacks.push(block.clone()),
        }
    }
    stacks
}

/// What badges, marks and letters mean, `room` columns behind them.
fn legend(place: Place, room: usize) -> Vec<Document> {
    let listed = |title: &str, lines: &[(Role, String, &str)]| {
        let mut document = Document::default();
        if lines.is_empty() {
            return document;
        }
        document.heading(title);
        for (role, sign, meaning) in lines {
            let pieces = vec![
                Piece::new(*role, format!("{sign:<room$}")),
                Piece::new(Role::Text, *meaning),
            ];
            document.hanging(room, pieces);
        }
        document
    };
    let verdicts = [
        (Verdict::Suspicious, "look at it now"),
        (Verdict::Unusual, "know why it is there"),
        (Verdict::Notable, "worth knowing"),
        (Verdict::Expected, "expected"),
        (Verdict::Unknown, "nobody can tell"),
    ];
    let verdicts = verdicts.map(|(verdict, meaning)| {
        let role = Role::Tone(verdict);
        (role, words::badge(verdict), meaning)
    });
    let mut documents = vec![listed("Verdicts", &verdicts)];
    let closed = (CLOSED, "closed");
    let held = (HELD, "left the filter; held");
    let marks = match place {
        Place::View(View::Sockets) => vec![
            ("+", "new"),
            ("~", "state, owner changed"),
            closed,
            held,
            ("▸ ▾", "several in one row"),
        ],
        Place::View(View::Findings) => vec![("+", "new"), closed, held],
        Place::View(View::Processes | View::Ports) => vec![closed, held],
        Place::View(View::Timeline) | Place::Port | Place::Process | Place::Connection => vec![],
    };
    let marks = marks.into_iter();
    let marks = marks.map(|(mark, meaning)| (Role::Changed, mark.to_owned(), meaning));
    documents.push(listed("Marks of rows", &marks.collect::<Vec<_>>()));
    if place == Place::View(View::Sockets) {
        let states = [
            ("L E U", "listen, established, udp"),
            ("S C F", "syn, close-wait, fin"),
            ("T", "time-wait"),
        ];
        let states = states.map(|(letters, names)| (Role::Text, letters.to_owned(), names));
        documents.push(listed("States", &states));
    }
    let dim = [(Role::Dim, "dim".to_owned(), "not for this row")];
    documents.push(listed("Keys", &dim));
    documents
}
