//! The page of a process: what it is, where it comes from, what it has open.

use super::{Content, Context, facts, judgement, socket_lines, sort_for_reading};
use crate::{
    model::{Fact, Process, Text, Verdict, Why},
    tui::{
        document::{Document, Piece},
        theme::Role,
        words,
    },
};

/// The page of `process`.
pub(super) fn content(context: &Context<'_>, process: &Process) -> Content {
    let mut sockets: Vec<_> = context.snapshot.sockets_of(process.key).collect();
    sort_for_reading(&mut sockets);
    let worst = sockets.iter().map(|socket| socket.assessment.verdict).max();
    let mut main = Document::default();
    about(&mut main, context, process);
    main.heading(&format!("Sockets ({})", sockets.len()));
    if sockets.is_empty() {
        main.text(2, Role::Dim, "none any more; it may have ended");
    }
    socket_lines(&mut main, &sockets, false);
    let mut side = Document::default();
    let mut told: Vec<&crate::model::Assessment> = vec![];
    for socket in &sockets {
        let calm = socket.assessment.verdict == Verdict::Expected && !told.is_empty();
        if !calm && !told.contains(&&*socket.assessment) {
            judgement::add(&mut side, socket);
            told.push(&socket.assessment);
        }
    }
    Content {
        title: title(process, worst, sockets.len()),
        main,
        side,
        rest: Document::default(),
    }
}

fn title(process: &Process, worst: Option<Verdict>, sockets: usize) -> Document {
    let mut document = Document::default();
    document.line(0, heading(process, worst, sockets));
    document.rule();
    document
}

/// Name, pid, and the worst verdict of its sockets.
pub(super) fn heading(process: &Process, worst: Option<Verdict>, sockets: usize) -> Vec<Piece> {
    let mut pieces = vec![
        Piece::new(Role::Key, process.name.to_string()),
        Piece::new(Role::Text, format!("  pid {}  ", process.key.pid)),
    ];
    match worst {
        Some(worst) => {
            pieces.push(Piece::new(
                Role::Badge(worst),
                format!(" {} ", words::badge(worst)),
            ));
            let of = words::plural(sockets, "socket");
            let text = if sockets == 1 {
                format!("  {of}")
            } else {
                format!("  worst of its {of}")
            };
            pieces.push(Piece::new(Role::Dim, text));
        }
        None => pieces.push(Piece::new(
            Role::Changed,
            "has ended, or has no socket any more",
        )),
    }
    pieces
}

fn about(document: &mut Document, context: &Context<'_>, process: &Process) {
    let command = facts::told(&process.cmdline, |all| facts::command_line(all));
    document.field("Command", command);
    document.field("Exe", facts::told(&process.executable, facts::executable));
    if process.comm != process.name {
        document.field("Comm", process.comm.to_string());
    }
    document.field("Cwd", facts::told(&process.cwd, Text::to_string));
    document.field("User", facts::user(process));
    let now = context.snapshot.taken_at;
    let started = process.started_at.map_or("unknown".to_owned(), |at| {
        words::moment(at, now, context.zone)
    });
    document.field("Started", started);
    document.field("Chain", facts::chain(process));
    let or_none = |text: &Option<Text>| text.as_ref().map_or("none".to_owned(), Text::to_string);
    document.field("Unit", or_none(&process.unit));
    document.field("Container", or_none(&process.container));
    document.field(
        "Package",
        facts::told(&process.package, |package| match package {
            Some(name) => name.to_string(),
            None => "no package owns this file".to_owned(),
        }),
    );
    document.field("Terminal", facts::told(&process.terminal, or_none));
    background(document, process);
    for shell in &process.shells {
        let (name, pid) = (&shell.name, shell.shell.pid);
        document.field(
            "Drives",
            format!("{name} {pid} through a {}", shell.through),
        );
    }
}

/// What stands behind it, as far as there is anything to say.
fn background(document: &mut Document, process: &Process) {
    let background = &process.background;
    if let Some(Some(script)) = background.script.known() {
        document.field("Script", script.path.to_string());
    }
    if let Fact::Known(integrity) = background.integrity {
        document.field("File", integrity.words().to_owned());
    }
    for setting in background.loader.known().into_iter().flatten() {
        document.field("Loader", format!("{}={}", setting.name, setting.value));
    }
    let why = process.why();
    document.field(
        "Why",
        if why.is_empty() {
            "nothing that was looked at explains why it runs".to_owned()
        } else {
            why.iter().map(Why::words).collect::<Vec<_>>().join(", ")
        },
    );
}
