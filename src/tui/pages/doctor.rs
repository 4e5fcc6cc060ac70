//! What works on this machine and on this terminal, and what would change the rest.

use crate::{
    model::{Ability, Verdict, Works},
    tui::{
        action::Action,
        app::App,
        document::{Document, Piece},
        theme::Role,
        words,
    },
};

/// Columns before what is said of each.
const INDENT: usize = 15;

/// What works; `None` while that is being tried.
pub(in crate::tui) fn document(app: &App, abilities: Option<&[Ability]>) -> Document {
    let mut document = Document::default();
    document.heading("This screen");
    for (name, words) in screen(app) {
        entry(&mut document, (name, Role::Dim), &words);
    }
    if let Some(why) = &app.setup.unremembered {
        entry(
            &mut document,
            ("memory", Role::Changed),
            &format!("none: {why}"),
        );
    }
    document.heading("This machine");
    let Some(abilities) = abilities else {
        document.text(0, Role::Dim, "being tried…");
        return document;
    };
    for ability in abilities {
        let role = match ability.works {
            Works::Yes => Role::Received,
            Works::Partly => Role::Changed,
            Works::No => Role::Tone(Verdict::Suspicious),
            Works::Unknown => Role::Dim,
        };
        let words = format!("{}: {}", ability.works.word(), ability.detail);
        entry(&mut document, (ability.name, role), &words);
        if let Some(needs) = &ability.needs {
            document.text(INDENT, Role::Dim, format!("needs {needs}"));
        }
        // A command stays whole, so that it can be copied.
        if let Some(remedy) = &ability.remedy {
            document.line(INDENT, vec![Piece::new(Role::Command, remedy.to_string())]);
        }
    }
    document
}

fn entry(document: &mut Document, (name, role): (&str, Role), words: &str) {
    let pieces = vec![
        Piece::new(role, format!("{name:<rest$} ", rest = INDENT - 1)),
        Piece::new(Role::Text, words),
    ];
    document.hanging(INDENT, pieces);
}

/// What is known of the screen.
fn screen(app: &App) -> [(&'static str, String); 4] {
    let (width, height) = (app.area.width, app.area.height);
    let key = |action| app.setup.keymap.first_key(action);
    let mouse = if app.mouse {
        format!(
            "clicks and the wheel are taken; hold Shift to select text, {} turns it off",
            key(Action::Mouse)
        )
    } else {
        format!(
            "the terminal's own; {} takes clicks and the wheel",
            key(Action::Mouse)
        )
    };
    let every = words::interval(app.interval);
    let reading = match &app.setup.recording {
        Some(name) => format!("the recording {name}"),
        None => format!("every {every}"),
    };
    [
        (
            "size",
            format!("{width}x{height}, {}", app.shape_in_words()),
        ),
        ("theme", app.theme_in_words()),
        ("mouse", mouse),
        ("reading", reading),
    ]
}
