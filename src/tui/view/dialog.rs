//! The signal dialog.

use super::{help::boxed, lines};
use crate::{
    model::{Outcome, Signal, Verdict},
    tui::{
        app::{
            App,
            dialog::{Candidate, Dialog, Stage},
        },
        document::{Document, Piece},
        theme::{Role, Theme},
        words,
    },
};
use ratatui::{Frame, layout::Constraint};

const WIDTH: u16 = 74;

/// The dialog.
pub(super) fn dialog(frame: &mut Frame<'_>, dialog: &Dialog, app: &App, theme: Theme) {
    let width = WIDTH.min(app.area.width.saturating_sub(2));
    let columns = usize::from(width.saturating_sub(4));
    let document = content(dialog, app);
    let mut all = document.lines(columns);
    let keys = keys(dialog).lines(columns);
    let height = u16::try_from(all.len() + keys.len() + 3).unwrap_or(u16::MAX);
    let height = height.min(app.area.height);
    // The keys are never what is cut.
    let room = usize::from(height.saturating_sub(2)).saturating_sub(keys.len());
    let spare = room.saturating_sub(all.len());
    all.truncate(room);
    all.extend(std::iter::repeat_n(
        crate::tui::document::Line::default(),
        spare,
    ));
    all.extend(keys);
    let area = app
        .area
        .centered(Constraint::Length(width), Constraint::Length(height));
    let inner = boxed(frame, area, " Send a signal ", "", theme);
    lines(frame.buffer_mut(), inner, &all, None, theme);
}

fn content(dialog: &Dialog, app: &App) -> Document {
    let mut document = Document::default();
    if matches!(dialog.stage, Stage::Owner) {
        document.text(
            0,
            Role::Text,
            "Several processes hold this socket. Which one?",
        );
        document.blank();
        for (at, candidate) in dialog.candidates.iter().enumerate() {
            let chosen = at == dialog.chosen;
            let mut pieces = vec![radio(chosen)];
            pieces.extend(name(candidate, app));
            document.line(0, pieces);
        }
        return document;
    }
    let Some(candidate) = dialog.candidate() else {
        return document;
    };
    document.field_of("To", name(candidate, app));
    match &dialog.stage {
        Stage::Owner => {}
        Stage::Signal => choice(&mut document, dialog, candidate, app.area.height),
        Stage::Waiting => {
            let name = dialog.signal().name();
            document.blank();
            document.text(
                0,
                Role::Changed,
                format!("{name} is sent; waiting for what comes of it…"),
            );
        }
        Stage::Force(why, input) => {
            document.blank();
            let alert = Role::Tone(Verdict::Suspicious);
            document.text(0, alert, format!("Refused: {why}"));
            document.blank();
            let (name, signal) = (&candidate.name, dialog.signal().name());
            document.text(
                0,
                Role::Text,
                format!("To send {signal} all the same, type its name, {name}:"),
            );
            document.line(
                0,
                vec![
                    Piece::new(Role::Key, "> "),
                    Piece::new(Role::Text, input.value()),
                    Piece::new(Role::Dim, "█"),
                ],
            );
        }
        Stage::Done(outcome) => done(&mut document, dialog, outcome),
    }
    document
}

fn name(candidate: &Candidate, app: &App) -> Vec<Piece> {
    let mut rest = format!("  pid {}", candidate.target.key.pid);
    if let Some(user) = &candidate.user {
        rest = format!("{rest}  user {user}");
    }
    if let Some(at) = candidate.started_at {
        rest = format!("{rest}  started {}", words::clock(at, &app.setup.zone));
    }
    vec![
        Piece::new(Role::Key, candidate.name.to_string()),
        Piece::new(Role::Text, rest),
    ]
}

fn radio(chosen: bool) -> Piece {
    if chosen {
        Piece::new(Role::Key, "(●) ")
    } else {
        Piece::new(Role::Dim, "( ) ")
    }
}

/// Rows from which every signal is listed.
const ROOMY: u16 = 22;

fn choice(document: &mut Document, dialog: &Dialog, candidate: &Candidate, rows: u16) {
    if rows < ROOMY {
        let signal = dialog.signal();
        let pieces = vec![
            Piece::new(Role::Key, signal.name()),
            Piece::new(Role::Dim, format!("  {}", signal.purpose())),
        ];
        document.field_of("Signal", pieces);
    } else {
        signals(document, dialog);
    }
    opened(document, candidate);
    document.text(
        0,
        Role::Dim,
        "It is checked again just before: same program, same start time.",
    );
}

fn signals(document: &mut Document, dialog: &Dialog) {
    let mut label = "Signal";
    for signal in Signal::ALL {
        let chosen = signal == dialog.signal();
        let role = if chosen { Role::Key } else { Role::Text };
        let pieces = vec![
            radio(chosen),
            Piece::new(role, format!("{:<5}", signal.name())),
            Piece::new(Role::Dim, signal.purpose()),
        ];
        document.field_of(label, pieces);
        label = "";
    }
}

fn opened(document: &mut Document, candidate: &Candidate) {
    let count = words::plural(candidate.socket_count, "socket");
    document.field("It has", format!("{count} open"));
    for socket in &candidate.sockets {
        document.field("", socket.clone());
    }
    let more = candidate.socket_count - candidate.sockets.len();
    if more > 0 {
        document.field("", format!("and {more} more"));
    }
    if let Some(unit) = &candidate.unit {
        document.field(
            "Unit",
            format!("{unit}: the service manager may start it again"),
        );
    }
}

fn done(document: &mut Document, dialog: &Dialog, outcome: &Outcome) {
    let well = match outcome {
        Outcome::Ended(_) | Outcome::Killed(_) | Outcome::Stopped(_) | Outcome::Gone => true,
        Outcome::Signalled => !dialog.signal().ends(),
        Outcome::Pending | Outcome::Denied(_) | Outcome::Refused(_) | Outcome::Failed(_) => false,
    };
    let role = if well {
        Role::Received
    } else {
        Role::Tone(Verdict::Suspicious)
    };
    let mut text = words::outcome(outcome, dialog.signal());
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    document.blank();
    document.text(0, role, text);
    if matches!(outcome, Outcome::Signalled) && dialog.signal() == Signal::Term {
        let advice = "It may still be cleaning up. KILL stops it without asking.";
        document.text(0, Role::Dim, advice);
    }
}

fn keys(dialog: &Dialog) -> Document {
    let send = format!("send {}", dialog.signal().name());
    let pairs: Vec<(&str, &str)> = match dialog.stage {
        Stage::Owner => vec![("Enter", "this one"), ("j k", "choose"), ("Esc", "cancel")],
        Stage::Signal if dialog.candidates.len() > 1 => {
            vec![("Enter", &send), ("j k", "choose"), ("Esc", "back")]
        }
        Stage::Signal => vec![("Enter", &send), ("j k", "choose"), ("Esc", "cancel")],
        Stage::Waiting => vec![("Esc", "close; the outcome is told below")],
        Stage::Force(..) => vec![("Enter", &send), ("Esc", "cancel")],
        Stage::Done(_) => vec![("Enter", "close")],
    };
    let mut pieces = vec![];
    for (key, hint) in pairs {
        pieces.push(Piece::new(Role::Key, key));
        pieces.push(Piece::new(Role::Dim, format!(" {hint}   ")));
    }
    let mut document = Document::default();
    document.line(0, pieces);
    document
}
