//! The pane about the selected socket.

use super::{
    Context,
    connection::{host, where_it_lives},
    facts, first_to_read, judgement,
};
use crate::{
    model::{Process, Socket, Verdict},
    tui::{
        document::{Document, HOLD, Piece},
        theme::Role,
        words,
    },
};

/// Sockets of the same owner that are named; the rest is counted.
const MOST_OTHERS: usize = 3;

/// The pane right of the table.
pub(in crate::tui) fn side(context: &Context<'_>, socket: &Socket) -> Document {
    let mut document = Document::default();
    document.line(0, title(socket));
    document.rule();
    why(&mut document, socket);
    match socket.owner() {
        Some(process) => owner(&mut document, context, process),
        None => document.field("Process", no_owner(context, socket)),
    }
    let raw = &socket.raw;
    document.field(
        "State",
        format!("{} {}", raw.protocol.name(), raw.state.name()),
    );
    if let Some(peer) = raw.connected_to() {
        document.field("Remote", peer.to_string());
    }
    host(&mut document, context, socket);
    if let Some(exposure) = socket.exposure {
        document.field("Reach", words::exposure(exposure));
    }
    where_it_lives(&mut document, socket);
    if !socket.before_us {
        let now = context.snapshot.taken_at;
        document.field(
            "Seen",
            words::moment(socket.first_seen(), now, context.zone),
        );
    }
    others(&mut document, context, socket);
    advice(&mut document, socket);
    document
}

/// The pane below the table, in a few lines.
pub(in crate::tui) fn strip(context: &Context<'_>, socket: &Socket) -> Document {
    let mut document = Document::default();
    let findings = &socket.assessment.findings;
    let titles: Vec<_> = findings.iter().map(|one| one.title.as_str()).collect();
    let why = if titles.is_empty() {
        reason(socket)
    } else {
        titles.join(" · ")
    };
    document.field("Why", why);
    match socket.owner() {
        Some(process) => {
            let started = process
                .started_at
                .map(|at| words::age(words::since(at, context.snapshot.taken_at)));
            let started = started
                .map(|age| format!("  started {age} ago"))
                .unwrap_or_default();
            let (pid, user) = (process.key.pid, facts::user(process));
            document.field("Exe", facts::told(&process.executable, facts::executable));
            document.field(
                "Process",
                format!("{} {pid}  user {user}{started}", process.name),
            );
        }
        None => document.field("Process", no_owner(context, socket)),
    }
    others(&mut document, context, socket);
    document
}

/// Port, service and verdict.
pub(in crate::tui) fn title(socket: &Socket) -> Vec<Piece> {
    let verdict = socket.assessment.verdict;
    let raw = &socket.raw;
    let what = match (&socket.service, raw.protocol.transport()) {
        (Some(service), _) => words::port_of(service.port, service.protocol),
        (None, Some(transport)) => words::port_of(raw.local().port, transport),
        (None, None) => format!("{} {}", raw.protocol.name(), raw.bound_to()),
    };
    let label = socket.service.as_ref().map_or("-", |service| {
        service.label().unwrap_or(service.status.name())
    });
    vec![
        Piece::new(Role::Key, what),
        Piece::new(Role::Accent, format!("  {label}  ")),
        Piece::new(Role::Badge(verdict), format!(" {} ", words::badge(verdict))),
    ]
}

fn why(document: &mut Document, socket: &Socket) {
    let findings = &socket.assessment.findings;
    if findings.is_empty() {
        document.field("Why", reason(socket));
        return;
    }
    let mut label = "Why";
    for finding in findings {
        let role = Role::Tone(judgement::verdict_of(finding));
        let glyph = words::glyph(judgement::verdict_of(finding));
        let sign = Piece::new(role, format!("{glyph} "));
        document.field_item(label, sign, Piece::new(role, finding.title.as_str()));
        label = "";
    }
    if socket.assessment.reason.is_some() {
        document.field("", reason(socket));
    }
}

fn reason(socket: &Socket) -> String {
    match (&socket.assessment.reason, socket.assessment.verdict) {
        (Some(reason), _) => reason.to_string(),
        (None, Verdict::Unknown) => "nothing speaks for it or against it".to_owned(),
        (None, _) => "nothing was found".to_owned(),
    }
}

fn owner(document: &mut Document, context: &Context<'_>, process: &Process) {
    document.blank();
    document.field_of(
        "Process",
        vec![
            Piece::new(Role::Accent, process.name.to_string()),
            Piece::new(Role::Text, format!("  pid {}", process.key.pid)),
        ],
    );
    document.field("Exe", facts::told(&process.executable, facts::executable));
    document.field(
        "Command",
        facts::told(&process.cmdline, |all| facts::command_line(all)),
    );
    document.field("User", facts::user(process));
    if let Some(parent) = process.ancestors.first() {
        document.field("Parent", format!("{} {}", parent.name, parent.key.pid));
    }
    if let Some(unit) = process.unit.as_ref().or(process.container.as_ref()) {
        document.field("Unit", unit.to_string());
    }
    if let Some(at) = process.started_at {
        document.field(
            "Started",
            words::moment(at, context.snapshot.taken_at, context.zone),
        );
    }
}

/// Why nobody can be named.
pub(super) fn no_owner(context: &Context<'_>, socket: &Socket) -> String {
    use crate::model::OwnersSeen;
    if !socket.raw.state.can_have_owner() {
        return "none: the kernel keeps this socket".to_owned();
    }
    match context.snapshot.coverage.owners {
        OwnersSeen::All => "none was found".to_owned(),
        OwnersSeen::NotYet => "is being looked for".to_owned(),
        OwnersSeen::Own | OwnersSeen::None if context.snapshot.euid == Some(0) => {
            "hidden: it cannot be seen from here".to_owned()
        }
        OwnersSeen::Own | OwnersSeen::None => "hidden: more privilege would show it".to_owned(),
    }
}

fn others(document: &mut Document, context: &Context<'_>, socket: &Socket) {
    let shared = socket.processes.len();
    if shared > 1 {
        document.field("Shared", format!("held by {}", words::processes(shared)));
    }
    let Some(owner) = socket.owner() else { return };
    let mut all: Vec<_> = context.snapshot.sockets_of(owner.key).collect();
    all.retain(|other| other.key() != socket.key());
    let count = all.len();
    first_to_read(&mut all, MOST_OTHERS);
    let named = all.iter().map(|other| match other.raw.connected_to() {
        Some(peer) => format!("→{HOLD}{peer}"),
        None => other.raw.bound_to().to_string(),
    });
    let mut named: Vec<_> = named.collect();
    if count > MOST_OTHERS {
        named.push(format!("{} more", count - MOST_OTHERS));
    }
    if !named.is_empty() {
        document.field("Also has", named.join(", "));
    }
}

/// What the worst finding calls for; the page of the port has the rest.
fn advice(document: &mut Document, socket: &Socket) {
    let Some(worst) = socket.assessment.findings.first() else {
        return;
    };
    if !worst.advice.is_empty() {
        document.blank();
    }
    for (at, advice) in worst.advice.iter().enumerate() {
        let label = if at == 0 { "To do" } else { "" };
        document.field(label, advice.text.to_string());
    }
}
