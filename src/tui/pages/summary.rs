//! The pane beside or below the table: what the selected row is about, in short.

use super::{
    Context, MOST_SOCKETS, details, facts, first_lines, for_reading, judgement, port, process,
    socket_lines, sort_for_reading,
};
use crate::{
    model::Socket,
    tui::{
        action::View,
        app::{
            App,
            groups::{Group, GroupKey},
            stories::StoryRow,
            timeline::Happened,
        },
        document::{Document, Piece},
        theme::Role,
        words,
    },
};

/// Sentences about a port that the pane has room for.
const MOST_SENTENCES: usize = 2;

/// The pane right of the table; its first line is a title.
pub(in crate::tui) fn side(app: &App) -> Option<Document> {
    let context = app.context()?;
    match app.view {
        View::Sockets => match app.table.selected_group() {
            Some(group) => Some(of_group(&context, group)),
            None => Some(details::side(&context, app.selected()?)),
        },
        View::Processes => of_process(app, &context),
        View::Ports => Some(of_port(&context, app.ports.selected()?)),
        View::Findings => match app.stories.selected_line() {
            Some(socket) => Some(details::side(&context, socket)),
            None => Some(of_story(&context, app.stories.selected()?)),
        },
        View::Timeline => Some(of_event(&context, app.timeline.selected()?)),
    }
}

/// The title of the pane below the table, and the few lines under it.
pub(in crate::tui) fn strip(app: &App) -> Option<(Vec<Piece>, Document)> {
    let context = app.context()?;
    match app.view {
        View::Sockets if app.table.selected_group().is_some() => {
            let group = app.table.selected_group()?;
            let (name, count) = group.label();
            let title = vec![Piece::new(Role::Key, format!("{name}{count}"))];
            let mut document = Document::default();
            document.text(0, Role::Text, why_counted(group));
            Some((title, document))
        }
        View::Findings if app.stories.selected_line().is_none() => {
            let story = app.stories.selected()?;
            let mut document = Document::default();
            for finding in &story.findings {
                let glyph = words::glyph(judgement::verdict_of(finding));
                let role = Role::Tone(judgement::verdict_of(finding));
                let sign = Piece::new(role, format!("{glyph} "));
                let title = Piece::new(role, finding.title.as_str());
                document.item(0, sign, vec![title]);
            }
            Some((story_title(story), document))
        }
        View::Sockets | View::Findings | View::Timeline => {
            let socket = app.selected()?;
            Some((details::title(socket), details::strip(&context, socket)))
        }
        View::Processes => {
            let row = app.processes.list.selected()?;
            let Some(process) = &row.process else {
                return Some((vec![unseen()], hidden(app)));
            };
            let title = process::heading(process, Some(row.sums.worst()), row.sums.sockets);
            let mut document = Document::default();
            document.field("Exe", facts::told(&process.executable, facts::executable));
            document.field("User", facts::user(process));
            document.field("Chain", facts::chain(process));
            Some((title, document))
        }
        View::Ports => {
            let number = app.ports.selected()?;
            let page = context.registry.page(number, None);
            let here = port::here(&context, number);
            let title = port::heading(&page, None, &here);
            let mut document = Document::default();
            let says = page.practice_says.iter().chain(&page.registry_says);
            for sentence in says.take(1) {
                document.text(0, Role::Text, sentence.clone());
            }
            socket_lines(&mut document, &here, true);
            Some((title, document))
        }
    }
}

fn of_group(context: &Context<'_>, group: &Group) -> Document {
    let mut document = Document::default();
    let (name, count) = group.label();
    let verdict = group.sums.worst();
    document.line(
        0,
        vec![
            Piece::new(Role::Key, format!("{name}{count}  ")),
            Piece::new(Role::Badge(verdict), format!(" {} ", words::badge(verdict))),
        ],
    );
    document.rule();
    document.text(0, Role::Text, why_counted(group));
    document.heading("They are");
    let foremost = group.foremost(context.snapshot, MOST_SOCKETS, for_reading);
    first_lines(&mut document, foremost, group.members.len(), true);
    document
}

fn why_counted(group: &Group) -> String {
    let why = match group.key {
        GroupKey::TimeWait => {
            "Connections that have closed; the kernel alone keeps them a while against late segments."
        }
        GroupKey::Loopback(_) => {
            "Connections of this machine with itself, both ends counted, about which nothing was found."
        }
        GroupKey::Same(grouping, _) => {
            return format!("Sockets of the same {}. Enter shows them.", grouping.name());
        }
    };
    format!("{why} Enter shows them.")
}

fn of_process(app: &App, context: &Context<'_>) -> Option<Document> {
    let row = app.processes.list.selected()?;
    let Some(process) = &row.process else {
        let mut document = Document::default();
        document.line(0, vec![unseen()]);
        document.rule();
        document.append(hidden(app));
        return Some(document);
    };
    let mut sockets: Vec<_> = context.snapshot.sockets_of(process.key).collect();
    sort_for_reading(&mut sockets);
    let mut document = Document::default();
    let title = process::heading(process, Some(row.sums.worst()), sockets.len());
    document.line(0, title);
    document.rule();
    document.field("Exe", facts::told(&process.executable, facts::executable));
    document.field(
        "Command",
        facts::told(&process.cmdline, |all| facts::command_line(all)),
    );
    document.field("User", facts::user(process));
    if let Some(at) = process.started_at {
        let started = words::moment(at, context.snapshot.taken_at, context.zone);
        document.field("Started", started);
    }
    document.field("Chain", facts::chain(process));
    if let Some(unit) = process.unit.as_ref().or(process.container.as_ref()) {
        document.field("Unit", unit.to_string());
    }
    document.heading("Sockets");
    socket_lines(&mut document, &sockets, false);
    Some(document)
}

fn unseen() -> Piece {
    Piece::new(Role::Key, "sockets without a visible owner")
}

fn hidden(app: &App) -> Document {
    let mut document = Document::default();
    let text = "Somebody owns them, but not somebody we may look at.";
    document.text(0, Role::Text, text);
    if let Some(notice) = app.feed.notice() {
        document.text(0, Role::Dim, notice);
    }
    document
}

fn of_port(context: &Context<'_>, number: u16) -> Document {
    let page = context.registry.page(number, None);
    let here = port::here(context, number);
    let mut document = Document::default();
    document.line(0, port::heading(&page, None, &here));
    document.rule();
    let says = page.practice_says.iter().chain(&page.registry_says);
    for sentence in says.take(MOST_SENTENCES) {
        document.text(0, Role::Text, sentence.clone());
    }
    document.heading("Here now");
    if here.is_empty() {
        document.text(2, Role::Dim, "no socket of this machine has it");
    }
    socket_lines(&mut document, &here, true);
    if let Some(unusual) = page.unusual.first() {
        document.heading("Unusual would be");
        document.text(2, Role::Text, unusual.clone());
    }
    document
}

fn of_story(context: &Context<'_>, story: &StoryRow) -> Document {
    let mut document = Document::default();
    document.line(0, story_title(story));
    document.rule();
    if let Some(why) = &story.accepted {
        document.field("Accepted", why.clone());
        document.blank();
    }
    for finding in &story.findings {
        judgement::add_finding(&mut document, finding);
        document.blank();
    }
    if let Some(program) = &story.program {
        document.field("Program", program.clone());
    }
    let owner = story.sockets.iter().find_map(|socket| socket.owner());
    if let Some(process) = owner {
        document.field("User", facts::user(process));
        document.field("Chain", facts::chain(process));
    }
    let mut sockets: Vec<&Socket> = story.sockets.iter().map(|socket| &**socket).collect();
    sort_for_reading(&mut sockets);
    document.heading("Its sockets");
    socket_lines(&mut document, &sockets, false);
    if story.before_us {
        document.field("Seen", "since before portwise looked");
    } else if let Some(since) = story.since {
        let now = context.snapshot.taken_at;
        document.field("Seen", words::moment(since, now, context.zone));
    }
    document
}

fn story_title(story: &StoryRow) -> Vec<Piece> {
    let badge = format!("  {} ", words::badge(story.verdict));
    vec![
        Piece::new(Role::Key, story.name()),
        Piece::new(Role::Text, " "),
        Piece::new(Role::Badge(story.verdict), badge.trim_start().to_owned()),
    ]
}

fn of_event(context: &Context<'_>, event: &Happened) -> Document {
    let mut document = Document::default();
    let now = context.snapshot.taken_at;
    document.line(
        0,
        vec![
            Piece::new(Role::Key, event.kind.name()),
            Piece::new(
                Role::Text,
                format!("  {}", words::moment(event.at, now, context.zone)),
            ),
        ],
    );
    if let Some(detail) = &event.detail {
        document.text(0, Role::Text, detail.to_string());
    }
    document.append(details::side(context, &event.socket));
    document
}
