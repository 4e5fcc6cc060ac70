//! What the help says: from the table of actions, and only what works here.

use crate::{
    model::Verdict,
    tui::{
        action::{ACTIONS, Action, Entry, Group, Place, View},
        app::App,
        document::{Document, Piece},
        theme::Role,
        words,
    },
};

/// The help at the place where the person is, narrowed to what `app`'s help searches for.
pub(in crate::tui) fn document(app: &App, search: &str) -> Document {
    let wanted = search.to_lowercase();
    let place = app.place();
    let entries = ACTIONS.iter().filter(|entry| {
        entry.places.contains(&place) && exists(app, entry.action) && matches(app, entry, &wanted)
    });
    let entries: Vec<_> = entries.collect();
    let mut document = Document::default();
    for group in Group::ALL {
        add_group(&mut document, app, group, &entries);
    }
    if entries.is_empty() {
        document.text(
            0,
            Role::Dim,
            "No key does that here.  Esc clears the search.",
        );
    }
    if wanted.is_empty() && place == Place::View(View::Sockets) {
        legend(&mut document);
    }
    document
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

fn add_group(document: &mut Document, app: &App, group: Group, entries: &[&Entry]) {
    let mut of_group = entries
        .iter()
        .filter(|entry| entry.group == group)
        .peekable();
    if of_group.peek().is_none() {
        return;
    }
    document.heading(group.title());
    for entry in of_group {
        let keys = format!("{:<14} ", app.setup.keymap.keys_text(entry.action));
        let pieces = vec![
            Piece::new(Role::Key, keys),
            Piece::new(Role::Text, entry.help),
        ];
        document.hanging(15, pieces);
    }
}

fn legend(document: &mut Document) {
    document.heading("Verdicts");
    for (verdict, meaning) in [
        (Verdict::Suspicious, "suspicious: look at it now"),
        (Verdict::Unusual, "unusual: know why it is there"),
        (Verdict::Notable, "worth knowing"),
        (Verdict::Expected, "expected"),
        (Verdict::Unknown, "nothing speaks for it or against it"),
    ] {
        let badge = format!("{:<14} ", words::badge(verdict));
        let pieces = vec![
            Piece::new(Role::Tone(verdict), badge),
            Piece::new(Role::Text, meaning),
        ];
        document.hanging(15, pieces);
    }
    document.heading("Marks of rows");
    for (mark, meaning) in [
        ("+", "new"),
        ("~", "state or owner has changed"),
        ("✕", "closed just now"),
        ("▸", "several sockets in one row; Enter shows them"),
    ] {
        let pieces = vec![
            Piece::new(Role::Changed, format!("{mark:<14} ")),
            Piece::new(Role::Text, meaning),
        ];
        document.hanging(15, pieces);
    }
    document.heading("States, where there is room for one letter");
    document.text(
        0,
        Role::Text,
        "L listen  E established  S connecting  T time-wait  C close-wait  F closing  U udp",
    );
}
