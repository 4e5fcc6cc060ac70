//! What goes with the processes, and below it what can be done.

use super::{Told, around, item_lines, name, radio};
use crate::{
    model::{Relative, Restarts, Surroundings, Verdict, text::plural},
    tui::{
        app::{
            App,
            dialog::{Dialog, candidate::Candidate, way::Scope},
            scroll::Reach,
        },
        document::{Document, Line, Piece},
        theme::Role,
    },
};

/// Relatives that are named; the rest is counted.
const MOST_NAMED: usize = 3;

/// Lines of the list that are kept even where there is little room.
const LEAST_WAYS: usize = 3;

/// The lines: all of what goes with them where that has room, and of the list what has room then.
pub(super) fn told(dialog: &Dialog, app: &App, (columns, most): (usize, usize)) -> Told {
    let above = consequences(dialog, app).lines(columns);
    let ways = ways(dialog, columns);
    if !dialog.is_known() {
        return Told {
            lines: above,
            reach: Reach::default(),
        };
    }
    let wanted: usize = ways.iter().map(Vec::len).sum();
    let list = wanted.min(LEAST_WAYS.max(most.saturating_sub(above.len() + 1)));
    let room = most.saturating_sub(list + 1);
    let mut told = cut(above, dialog.scroll, room.max(1), columns);
    told.lines.push(Line::default());
    let list = most.saturating_sub(told.lines.len()).max(1);
    told.lines.extend(around(ways, dialog.way, list));
    told
}

/// What has room of `all`, from the line `scroll` on, and how much is left out.
pub(super) fn cut(all: Vec<Line>, scroll: usize, room: usize, columns: usize) -> Told {
    if all.len() <= room {
        let reach = Reach::of(all.len(), room);
        return Told { lines: all, reach };
    }
    let shown = room.saturating_sub(1).max(1);
    let reach = Reach::of(all.len(), shown);
    let first = scroll.min(reach.hidden);
    let below = reach.hidden - first;
    let mut lines: Vec<Line> = all.into_iter().skip(first).take(shown).collect();
    if room > 1 {
        let words = if below > 0 {
            format!("PgDn: {} more", plural(below, "line"))
        } else {
            "PgUp: what stands above".to_owned()
        };
        lines.extend(item_lines(vec![Piece::new(Role::Changed, words)], columns));
    }
    Told { lines, reach }
}

fn ways(dialog: &Dialog, columns: usize) -> Vec<Vec<Line>> {
    let one = |(at, way): (usize, &crate::tui::app::dialog::way::Way)| {
        let chosen = at == dialog.way;
        let role = if chosen { Role::Key } else { Role::Text };
        let (name, purpose) = way.words(dialog.euid());
        item_lines(
            vec![
                radio(chosen),
                Piece::new(role, format!("{name:<5}")),
                Piece::new(Role::Dim, format!(" {purpose}")),
            ],
            columns,
        )
    };
    dialog.ways().iter().enumerate().map(one).collect()
}

fn consequences(dialog: &Dialog, app: &App) -> Document {
    let mut document = Document::default();
    if let Some(connection) = dialog.connection.as_ref().filter(|_| dialog.only_closes) {
        document.field("Closes", connection.words.clone());
        for candidate in &dialog.candidates {
            document.field_of("Of", name(candidate, app));
        }
        document.text(
            0,
            Role::Text,
            "The process goes on, and is told that the connection was aborted; the other side gets a reset.",
        );
        document.text(
            0,
            Role::Dim,
            "It is told from others by the kernel's own number for it.",
        );
        return document;
    }
    let chosen = dialog.chosen();
    for candidate in chosen.iter().take(MOST_NAMED) {
        document.field_of("To", name(candidate, app));
        stakes(&mut document, candidate);
    }
    if chosen.len() > MOST_NAMED {
        document.field("", format!("and {} more", chosen.len() - MOST_NAMED));
    }
    if !dialog.is_known() {
        let role = if dialog.hurried {
            Role::Tone(Verdict::Unusual)
        } else {
            Role::Changed
        };
        let words = if dialog.hurried {
            "Nothing was sent: still reading what goes with it…"
        } else {
            "Still reading what goes with it…"
        };
        document.text(0, role, words);
        return document;
    }
    if let [candidate] = chosen {
        if let Some(around) = &candidate.around {
            surroundings(&mut document, dialog, candidate, around);
        }
    } else {
        for candidate in chosen {
            restarts(&mut document, candidate.around.as_ref());
        }
    }
    warnings(&mut document, dialog);
    document
}

/// What it has open.
fn stakes(document: &mut Document, candidate: &Candidate) {
    let stakes = &candidate.stakes;
    if let Some(listens) = stakes.listening() {
        document.field("Listens on", listens);
    }
    if let Some(connections) = stakes.connections() {
        document.field("Loses", connections.replace(" will drop", ""));
    }
}

fn surroundings(
    document: &mut Document,
    dialog: &Dialog,
    candidate: &Candidate,
    around: &Surroundings,
) {
    if around.supervisor.is_none() {
        for (label, belongs) in [
            ("Unit", &candidate.unit),
            ("Container", &candidate.container),
        ] {
            if let Some(belongs) = belongs {
                document.field(label, belongs.to_string());
            }
        }
    }
    restarts(document, Some(around));
    if let (None, Some(parent)) = (&around.supervisor, &around.parent) {
        let may = if around.may_return(|pid| dialog.is_ours(pid)) {
            ": it may start it again"
        } else {
            ""
        };
        let words = format!("{} pid {}{may}", parent.name, parent.key.pid);
        document.field("Started by", words);
    }
    relatives(
        document,
        dialog,
        "Children",
        &around.descendants,
        Scope::Tree,
    );
    let others: Vec<Relative> = around
        .group
        .iter()
        .filter(|one| !around.descendants.iter().any(|child| child.key == one.key))
        .cloned()
        .collect();
    relatives(document, dialog, "Group", &others, Scope::Group);
}

fn restarts(document: &mut Document, around: Option<&Surroundings>) {
    if let Some(supervisor) = around.and_then(|around| around.supervisor.as_ref()) {
        let role = match supervisor.restarts {
            Restarts::Never => Role::Text,
            Restarts::Yes(_) | Restarts::OnFailure(_) | Restarts::Unknown => Role::Changed,
        };
        document.field_of("Run by", vec![Piece::new(role, supervisor.words())]);
    }
}

/// Who else there is, and whether the signal goes to them.
fn relatives(
    document: &mut Document,
    dialog: &Dialog,
    label: &str,
    all: &[Relative],
    scope: Scope,
) {
    if all.is_empty() {
        return;
    }
    let named: Vec<String> = all
        .iter()
        .take(MOST_NAMED)
        .map(|one| format!("{} {}", one.name, one.key.pid))
        .collect();
    let more = all.len() - named.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let goes = match (dialog.is_signal(), dialog.scope == scope) {
        (false, _) => "",
        (true, true) => ": get the signal, too",
        (true, false) => ": get no signal",
    };
    document.field(label, format!("{}{more}{goes}", named.join(", ")));
}

fn warnings(document: &mut Document, dialog: &Dialog) {
    let odd = Role::Tone(Verdict::Unusual);
    if let Some(whom) = dialog.addressed() {
        document.field_of("Goes to", vec![Piece::new(Role::Changed, whom)]);
    }
    for one in dialog.chosen() {
        let Some(around) = &one.around else { continue };
        let name = one.words();
        if one.is_gone {
            document.text(0, odd, format!("{name} has ended already"));
        } else if around.is_stopped {
            let words =
                format!("{name} is stopped: what it is sent it takes after CONT; KILL at once");
            document.text(0, odd, words);
        } else if around.is_deaf_to_term {
            document.text(0, odd, format!("{name} ignores TERM"));
        }
    }
    if let Some(why) = dialog.protection() {
        let alert = Role::Tone(Verdict::Suspicious);
        document.text(0, alert, format!("Protected: {why}"));
    }
}
