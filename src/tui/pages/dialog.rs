//! What the dialog says before something is done: what goes with it first, then what can be done; and what came of it.

mod choice;

use crate::{
    model::{Elevator, Outcome, Verdict, acted::seconds, text::plural},
    tui::{
        app::{
            App,
            dialog::{Dialog, Done, Stage, Waiting, candidate::Candidate},
            scroll::Reach,
        },
        document::{Document, HOLD, Line, Piece},
        effect::About,
        plain,
        theme::Role,
        words,
    },
};

const WIDTH: u16 = 76;

/// Targets whose outcome is told one by one; of more, the numbers.
const MOST_TOLD: usize = 4;

/// What the dialog shows.
#[derive(Debug)]
pub(in crate::tui) struct Told {
    /// Everything inside its box, the keys last.
    pub(in crate::tui) lines: Vec<Line>,
    /// How far the part that is scrolled goes.
    pub(in crate::tui) reach: Reach,
}

/// How wide the dialog is.
pub(in crate::tui) fn width(app: &App) -> u16 {
    WIDTH.min(app.area.width.saturating_sub(2))
}

/// What the dialog shows, in no more lines than the screen has.
pub(in crate::tui) fn told(dialog: &Dialog, app: &App) -> Told {
    let columns = usize::from(width(app).saturating_sub(4));
    let keys = keys(dialog, columns);
    // The keys are never what is cut.
    let most = usize::from(app.area.height).saturating_sub(keys.len() + 3);
    let room = (columns, most);
    let mut told = match &dialog.stage {
        Stage::Choose => choice::told(dialog, app, room),
        Stage::Owner => Told {
            lines: owners(dialog, app, room),
            reach: Reach::default(),
        },
        Stage::Waiting(waiting) => {
            let (said, ends) = waiting_for(waiting);
            over(&said, &ends, dialog, room)
        }
        Stage::Force(why, input) => {
            let (said, asks) = force(dialog, why, input.value());
            over(&said, &asks, dialog, room)
        }
        Stage::Done(done) => choice::cut(
            outcome(done).lines(columns),
            dialog.scroll,
            most.max(1),
            columns,
        ),
    };
    told.lines.truncate(most);
    told.lines.push(Line::default());
    told.lines.extend(keys);
    told
}

/// What is said, scrolled where it has no room, over what must be in sight.
fn over(
    said: &Document,
    below: &Document,
    dialog: &Dialog,
    (columns, most): (usize, usize),
) -> Told {
    let below = below.lines(columns);
    let room = most.saturating_sub(below.len()).max(1);
    let mut told = choice::cut(said.lines(columns), dialog.scroll, room, columns);
    told.lines.extend(below);
    told
}

/// Which of several: a part of the list where there are many.
fn owners(dialog: &Dialog, app: &App, (columns, most): (usize, usize)) -> Vec<Line> {
    let mut document = Document::default();
    document.text(
        0,
        Role::Text,
        "Several processes are behind this. Which one?",
    );
    document.blank();
    let mut all = document.lines(columns);
    let mut items: Vec<Vec<Line>> = vec![];
    for (at, candidate) in dialog.candidates.iter().enumerate() {
        let mut pieces = vec![radio(at == dialog.chosen)];
        pieces.extend(name(candidate, app));
        items.push(item_lines(pieces, columns));
    }
    let every = dialog.candidates.len();
    items.push(item_lines(
        vec![
            radio(dialog.chosen >= every),
            Piece::new(Role::Text, format!("all {every} of them")),
        ],
        columns,
    ));
    let room = most.saturating_sub(all.len()).max(1);
    all.extend(around(items, dialog.chosen, room));
    all
}

/// Lines of the part of `items` with the one at `at` in it, where not all have room.
fn around(items: Vec<Vec<Line>>, at: usize, room: usize) -> Vec<Line> {
    let mut before: usize = items.iter().take(at).map(Vec::len).sum();
    let own = items.get(at).map_or(0, Vec::len);
    let all: usize = items.iter().map(Vec::len).sum();
    let wanted = before.saturating_sub(room.saturating_sub(own) / 2);
    let mut first = wanted.min(all.saturating_sub(room));
    let mut items = items.into_iter();
    // A part begins where an item does.
    while first > 0
        && before > 0
        && let Some(item) = items.next()
    {
        let lines = item.len();
        (first, before) = (first.saturating_sub(lines), before - lines);
    }
    items.flatten().take(room).collect()
}

/// An item of a list; what its first line has no room for stands below, behind the sign.
fn item_lines(pieces: Vec<Piece>, columns: usize) -> Vec<Line> {
    let mut document = Document::default();
    document.hanging(10, pieces);
    document.lines(columns)
}

/// What is waited for, and for how long.
fn waiting_for(waiting: &Waiting) -> (Document, Document) {
    let mut said = Document::default();
    said.text(0, Role::Changed, format!("{}…", waiting.words));
    let mut document = Document::default();
    if let Some(at) = waiting.kill_at {
        let left = at.saturating_sub(waiting.elapsed).as_secs_f64().ceil();
        document.blank();
        let alert = Role::Tone(Verdict::Suspicious);
        document.text(0, alert, format!("KILL follows in {left:.0} s"));
    } else if waiting.elapsed.as_secs() > 0 {
        let elapsed = seconds(std::time::Duration::from_secs(waiting.elapsed.as_secs()));
        document.text(0, Role::Dim, format!("for {elapsed}"));
    }
    (said, document)
}

/// Why the name is asked for, and the line where it is typed.
fn force(dialog: &Dialog, why: &str, typed: &str) -> (Document, Document) {
    let mut said = Document::default();
    let alert = Role::Tone(Verdict::Suspicious);
    if dialog.confirms {
        said.text(0, alert, format!("Sure? {why}"));
    } else {
        said.text(0, alert, format!("Protected: {why}"));
    }
    let mut document = Document::default();
    document.blank();
    let name = dialog.chosen().first().map_or("", |one| &*one.name);
    let button = dialog
        .selected()
        .map_or_else(String::new, |way| way.button());
    document.text(
        0,
        Role::Text,
        if dialog.confirms {
            format!("To {button}, type the name {name}:")
        } else {
            format!("To {button} all the same, type the name {name}:")
        },
    );
    document.line(
        0,
        vec![
            Piece::new(Role::Key, "> "),
            Piece::new(Role::Text, typed),
            Piece::new(Role::Dim, "█"),
        ],
    );
    (said, document)
}

fn name(candidate: &Candidate, app: &App) -> Vec<Piece> {
    let mut rest = format!("  pid {}", candidate.target.key.pid);
    if let Some(user) = &candidate.user {
        rest = format!("{rest}  user {user}");
    }
    if let Some(at) = candidate.started_at {
        let now = app.feed.shown.as_ref().map_or(at, |one| one.taken_at);
        // A line ends before how long ago it was, never within.
        let moment = words::moment(at, now, &app.setup.zone);
        let (time, ago) = moment.split_once(" (").unwrap_or((&moment, ""));
        let hold = HOLD.to_string();
        let ago = ago.replace(' ', &hold);
        let gap = if ago.is_empty() { "" } else { " (" };
        rest = format!("{rest}  started {}{gap}{ago}", time.replace(' ', &hold));
    }
    vec![
        Piece::new(Role::Key, candidate.name.to_string()),
        Piece::new(Role::Text, rest),
    ]
}

fn radio(chosen: bool) -> Piece {
    if chosen {
        Piece::new(Role::Key, "(•) ")
    } else {
        Piece::new(Role::Dim, "( ) ")
    }
}

/// What came of it, what was seen afterwards, and what would help where a privilege was missing.
fn outcome(done: &Done) -> Document {
    let mut document = Document::default();
    let about = &done.report.about;
    for one in about.iter().take(MOST_TOLD) {
        let role = if one.acted.is_done() {
            Role::Received
        } else {
            Role::Tone(Verdict::Suspicious)
        };
        document.line(
            0,
            vec![
                Piece::new(Role::Key, one.acted.target.clone()),
                Piece::new(role, format!(": {}", one.acted.words())),
            ],
        );
        for seen in &one.acted.aftermath {
            document.text(2, Role::Text, words::sentence(seen));
        }
    }
    if about.len() > MOST_TOLD {
        let done = about.iter().filter(|one| one.acted.is_done()).count();
        let all = plural(about.len(), "process");
        document.text(0, Role::Text, format!("… in all: done for {done} of {all}"));
    }
    if !done.report.settled {
        document.text(0, Role::Dim, "looking at its ports…");
    }
    remedies(&mut document, done);
    if let Some(note) = &done.report.note {
        document.text(0, Role::Dim, words::sentence(note));
    }
    let is_there =
        |one: &About| !one.acted.is_done() && matches!(one.acted.outcome, Some(Outcome::Signalled));
    if about.iter().any(is_there) {
        let advice = "It may still be cleaning up; b chooses another way.";
        document.text(0, Role::Dim, advice);
    }
    document
}

fn remedies(document: &mut Document, done: &Done) {
    if let Some((_, command)) = done.report.remedies.first() {
        document.blank();
        document.text(
            0,
            Role::Text,
            "This does it with the privilege, to this very target:",
        );
        document.text(2, Role::Command, command.clone());
    }
}

/// The keys; none is parted from what it does.
fn keys(dialog: &Dialog, columns: usize) -> Vec<Line> {
    let button = dialog
        .selected()
        .map_or_else(String::new, |way| way.button());
    let scope = dialog.scope_hint().unwrap_or_default();
    let leave = if dialog.candidates.len() > 1 && !dialog.only_closes {
        "back"
    } else {
        "cancel"
    };
    let mut pairs: Vec<(&str, &str)> = vec![];
    match &dialog.stage {
        Stage::Owner => pairs.extend([("Enter", "this one"), ("j k", "choose"), ("Esc", "cancel")]),
        Stage::Choose if !dialog.is_known() => pairs.push(("Esc", leave)),
        Stage::Choose => {
            pairs.push(("Enter y", &button));
            if dialog.ways().len() > 1 {
                pairs.push(("j k", "choose"));
            }
            if dialog.is_signal() && !scope.is_empty() {
                pairs.push(("t", scope));
            }
            pairs.push(("Esc", leave));
        }
        Stage::Waiting(waiting) if waiting.kill_at.is_some() => pairs.push(("Esc", "no KILL")),
        Stage::Waiting(_) => pairs.push(("Esc", "close; the outcome is told below")),
        Stage::Force(..) => pairs.extend([("Enter", button.as_str()), ("Esc", "cancel")]),
        Stage::Done(done) => {
            for (elevator, _) in &done.report.remedies {
                pairs.push(match elevator {
                    Elevator::Sudo => ("s", "run it with sudo"),
                    Elevator::Pkexec => ("p", "with pkexec"),
                });
            }
            if !done.report.remedies.is_empty() {
                pairs.push(("y", "copy"));
            }
            if dialog.can_try_again() {
                pairs.push(("b", "another way"));
            }
            pairs.push(("Enter", "close"));
        }
    }
    let mut document = Document::default();
    let mut pieces = vec![];
    let mut used = 0;
    for (key, hint) in pairs {
        let width = plain::width(key) + 1 + plain::width(hint);
        if used > 0 && used + width > columns {
            document.line(0, std::mem::take(&mut pieces));
            used = 0;
        }
        pieces.push(Piece::new(Role::Key, key));
        pieces.push(Piece::new(Role::Dim, format!(" {hint}   ")));
        used += width + 3;
    }
    document.line(0, pieces);
    document.lines(columns)
}
