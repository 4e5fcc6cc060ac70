//! The page of a process: what it is, where it comes from, what it has open.

use super::{Content, Context, facts, held, judgement, sort_for_reading};
use crate::{
    model::{
        Event, Fact, Inspection, Process, ProcessKey, Text, Unseen, Verdict, Why, capability,
        described::unseen,
        inspection::{Descriptors, Family, Line as PartLine, Part, parts},
        secrets,
    },
    tui::{
        app::{looked::Looked, page::Page, timeline::Happened},
        document::{Document, Piece, Target},
        theme::Role,
        words,
    },
};
use jiff::Timestamp;
use std::sync::Arc;

/// The column at which values of what is read besides begin.
const FIELD: usize = 16;
/// The most events that are told.
const MOST_EVENTS: usize = 12;
/// What is told of what it uses.
const USES: [&str; 5] = ["CPU", "Memory", "Threads", "Files", "Rights"];
/// The parts of an inspection that come first.
const FAMILY: &str = "Family";
const NOTE: &str = "Note";
/// The label of those that it started.
const CHILDREN: &str = "children";
/// The most of them that are links.
const MOST_CHILDREN: usize = 16;

/// The page of `process`.
pub(super) fn content(context: &Context<'_>, process: &Process, page: &Page) -> Content {
    let looked = &page.looked;
    let mut sockets: Vec<_> = context.snapshot.sockets_of(process.key).collect();
    sort_for_reading(&mut sockets);
    let worst = sockets.iter().map(|socket| socket.assessment.verdict).max();
    let mut title = Document::default();
    let mut pieces = heading(process, worst, sockets.len());
    if let (None, Some(missing)) = (worst, page.missing_since) {
        pieces.truncate(2);
        pieces.push(Piece::new(Role::Changed, gone(context, missing, looked)));
    }
    title.line(0, pieces);
    title.rule();
    about(&mut title, context, process, looked);
    held::add(&mut title, context, process.key, &sockets);
    let mut side = Document::default();
    judgement::add_all(&mut side, &sockets);
    title.blank();
    Content {
        title,
        main: Document::default(),
        side,
        rest: deep(context, process, looked),
    }
}

/// What has become of one that no socket of this snapshot is held by, since then.
fn gone(context: &Context<'_>, since: Timestamp, looked: &Looked) -> String {
    let at = words::time(since, context.snapshot.taken_at, context.zone);
    if looked.has_ended {
        format!("ended {at}")
    } else if context.recorded || looked.inspection.is_none() {
        format!("has ended, or has no socket any more, since {at}")
    } else {
        format!("has had no socket since {at}")
    }
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

fn about(document: &mut Document, context: &Context<'_>, process: &Process, looked: &Looked) {
    let command = facts::told(&process.cmdline, |all| {
        if looked.reveal {
            facts::command_line(all)
        } else {
            facts::command_line(&secrets::masked_arguments(all))
        }
    });
    document.field("Command", command);
    document.field("Exe", facts::told(&process.executable, facts::executable));
    if process.comm != process.name {
        document.field("Comm", process.comm.to_string());
    }
    let now = context.snapshot.taken_at;
    let started = process.started_at.map_or("unknown".to_owned(), |at| {
        words::moment(at, now, context.zone)
    });
    let or_none = |text: &Option<Text>| text.as_ref().map_or("none".to_owned(), Text::to_string);
    let answers = looked.inspection.as_ref();
    let answers = answers.and_then(|inspection| inspection.answers.as_ref());
    let called = answers.and_then(|answers| answers.container_name.as_ref());
    let container = match (called, &process.container) {
        (Some(name), Some(container)) => format!("{name} ({container})"),
        (_, container) => or_none(container),
    };
    let package = answers.map_or(&process.package, |answers| &answers.package);
    let package = facts::told(package, |package| match package {
        Some(name) => name.to_string(),
        None => "none owns this file".to_owned(),
    });
    document.fields([
        ("Cwd", facts::told(&process.cwd, Text::to_string)),
        ("User", facts::user(process)),
        ("Started", started),
        ("Unit", or_none(&process.unit)),
        ("Container", container),
        ("Package", package),
        ("Terminal", facts::told(&process.terminal, or_none)),
    ]);
    match looked.inspection.as_deref() {
        Some(inspection) => document.fields(uses(inspection)),
        // The places are kept while it is being read.
        None if !context.recorded && context.snapshot.process(process.key).is_some() => {
            document.fields(USES.map(|name| (name, "…".to_owned())));
        }
        None => {}
    }
    document.field("Chain", facts::chain(process));
    background(document, process);
    if let Some(inspection) = &looked.inspection {
        let digest = facts::told(&inspection.digest, |digest| digest.sha256.to_string());
        document.field("SHA-256", digest);
    }
    for shell in &process.shells {
        let (name, pid) = (&shell.name, shell.shell.pid);
        document.field(
            "Drives",
            format!("{name} {pid} through a {}", shell.through),
        );
    }
}

/// What a process uses, and what it may do; what could not be seen is said further below.
fn uses(inspection: &Inspection) -> Vec<(&'static str, String)> {
    let usage = match &inspection.usage {
        Fact::Known(usage) => usage,
        Fact::Unknown(why) => return vec![("Uses", unseen(*why))],
    };
    let share = usage.mean_percent();
    let share = share.map_or("unknown".to_owned(), |percent| {
        format!("{percent:.1} % on average")
    });
    let memory = usage
        .resident
        .map_or("none of its own".to_owned(), |bytes| {
            format!("{} resident", words::of_bytes(bytes))
        });
    let limits = inspection.limits.known().into_iter().flatten();
    let mut limits = limits.filter(|limit| limit.name == "open files");
    let most = limits.next().and_then(|limit| limit.soft);
    let most = most.map_or(String::new(), |most| format!(" of at most {most}"));
    let files = inspection.descriptors.known().map(Descriptors::count);
    let files = files.map(|files| format!("{files} open{most}"));
    let rights = inspection.privileges.known();
    let rights = rights.map(|rights| capability::words(rights.effective, rights.all));
    let all = [
        Some(share),
        Some(memory),
        Some(usage.threads.to_string()),
        files,
        rights,
    ];
    let all = USES.into_iter().zip(all);
    all.filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// What happened lately, and what is read only while the page is open.
fn deep(context: &Context<'_>, process: &Process, looked: &Looked) -> Document {
    let mut document = Document::default();
    let mut parts: Vec<Part> = looked
        .inspection
        .as_deref()
        .map(|inspection| parts(inspection, looked.reveal))
        .unwrap_or_default();
    // Who belongs to it comes first, then what it said.
    let is_first = |part: &Part| part.title == FAMILY || part.title == NOTE;
    let (first, others): (Vec<_>, Vec<_>) = parts.drain(..).partition(is_first);
    if first.is_empty() {
        family(&mut document, context, process, None);
    }
    for one in &first {
        if one.title == FAMILY {
            let read = looked.inspection.as_deref();
            family(&mut document, context, process, Some((one, read)));
        } else {
            part(&mut document, one);
        }
    }
    journal(&mut document, context, process, looked);
    events(&mut document, context, process, looked);
    for one in &others {
        part(&mut document, one);
    }
    if looked.inspection.is_none() {
        document.heading("More");
        let words = if context.recorded {
            "a recording has no more than this"
        } else {
            "being read, if this machine tells"
        };
        document.text(2, Role::Dim, words);
    }
    document
}

/// Its parent, its children, and what else is known of who belongs to it. Those that have a page are links; the others
/// have no socket.
fn family(
    document: &mut Document,
    context: &Context<'_>,
    process: &Process,
    read: Option<(&Part, Option<&Inspection>)>,
) {
    let parent = process.ancestors.first();
    let is_child = |one: &&Arc<Process>| {
        let parent = one.ancestors.first();
        parent.is_some_and(|parent| parent.key == process.key)
    };
    let children = context.snapshot.processes.iter().filter(is_child);
    let children: Vec<_> = children.collect();
    if read.is_none() && parent.is_none() && children.is_empty() {
        return;
    }
    document.heading(FAMILY);
    if let Some(parent) = parent {
        let has_page = context.snapshot.process(parent.key).is_some();
        relative(document, "parent", (&parent.name, parent.key), has_page);
    }
    let labels = std::iter::once(CHILDREN).chain(std::iter::repeat(""));
    for (child, label) in children.iter().take(MOST_CHILDREN).zip(labels) {
        relative(document, label, (&child.name, child.key), true);
    }
    let named = read.and_then(|(_, read)| read?.family.known());
    if !children.is_empty() {
        let others = other_children(&children, named);
        if !others.is_empty() {
            part_line(document, &PartLine::Field("", others));
        }
    }
    // What the links say already.
    let is_said = |line: &PartLine| {
        let is_about_children = matches!(line, PartLine::Field(CHILDREN, _));
        is_about_children && named.is_some() && !children.is_empty()
    };
    let lines = read.map_or(&[][..], |(part, _)| &part.lines);
    for line in lines.iter().filter(|line| !is_said(line)) {
        part_line(document, line);
    }
}

/// The children that are no links: those without a socket, and how many are not named. `linked` are all that have one,
/// of which the first are links.
fn other_children(linked: &[&Arc<Process>], named: Option<&Family>) -> String {
    let kin = named.map_or(&[][..], |family| &family.children);
    let has_page = |pid: u32| linked.iter().any(|child| child.key.pid == pid);
    let others = kin.iter().filter(|kin| !has_page(kin.pid));
    let others: Vec<_> = others
        .map(|kin| format!("{} {}", kin.name, kin.pid))
        .collect();
    let all = named.map_or(0, |family| family.children.len() + family.more);
    let said = linked.len().min(MOST_CHILDREN) + others.len();
    let rest = all.max(linked.len()).saturating_sub(said);
    let others = (!others.is_empty()).then(|| format!("{} (no socket)", others.join(", ")));
    let rest = (rest > 0).then(|| format!("and {} more", words::grouped(rest)));
    let words: Vec<_> = others.into_iter().chain(rest).collect();
    words.join(", ")
}

/// A process that belongs to another, beside what it is to that.
fn relative(
    document: &mut Document,
    label: &str,
    (name, key): (&Text, ProcessKey),
    has_page: bool,
) {
    let label = Piece::new(Role::Dim, format!("  {label:<width$}", width = FIELD - 2));
    let pid = Piece::new(Role::Text, format!(" {}", key.pid));
    if has_page {
        let name = Piece::new(Role::Accent, name.to_string());
        document.link(0, vec![label, name, pid], Target::Process(key));
    } else {
        let name = Piece::new(Role::Text, name.to_string());
        document.hanging(FIELD, vec![label, name, pid]);
    }
}

fn part(document: &mut Document, part: &Part) {
    document.heading(&part.title);
    for line in &part.lines {
        part_line(document, line);
    }
}

fn part_line(document: &mut Document, line: &PartLine) {
    match line {
        PartLine::Field(label, value) => document.hanging(
            FIELD,
            vec![
                Piece::new(Role::Dim, format!("  {label:<width$}", width = FIELD - 2)),
                Piece::new(Role::Text, value),
            ],
        ),
        PartLine::Item(text) => document.text(2, Role::Text, text),
        PartLine::Odd(text) => document.text(2, Role::Changed, text),
    }
}

/// Why there is nothing of one that is gone.
const ENDED: &str = "it ended before it was read";

/// The last lines that the journal has of it or of its unit.
fn journal(document: &mut Document, context: &Context<'_>, process: &Process, looked: &Looked) {
    document.heading("Journal");
    let why_not = match &looked.journal {
        None if context.recorded => "a recording has none",
        None if context.snapshot.process(process.key).is_none() => ENDED,
        Some(Fact::Unknown(Unseen::Gone)) => ENDED,
        None => "being read",
        Some(Fact::Known(lines)) if lines.is_empty() => match context.snapshot.euid {
            Some(0) | None => "no line of it since it began",
            Some(_) => "no line of it since it began that this user may see",
        },
        Some(Fact::Known(lines)) => {
            for line in lines {
                let masked = secrets::masked_words(line).filter(|_| !looked.reveal);
                let words = masked.unwrap_or_else(|| line.to_string());
                document.hanging(4, vec![Piece::new(Role::Text, format!("  {words}"))]);
            }
            return;
        }
        Some(Fact::Unknown(Unseen::NotSupported)) => "no journal here",
        Some(Fact::Unknown(Unseen::NotYet)) => "journalctl did not answer in time",
        Some(Fact::Unknown(_)) => "journalctl refused; more privilege may show it",
    };
    document.text(2, Role::Dim, why_not);
}

/// What happened to its sockets: out of the history what was before, and since then what we saw.
fn events(document: &mut Document, context: &Context<'_>, process: &Process, looked: &Looked) {
    let seen = context.timeline.of_process(process.key, MOST_EVENTS);
    let since = seen.first().map(|one| one.at);
    let before = looked.history.iter().flatten();
    let before = before.filter(|event| since.is_none_or(|since| event.at < since));
    let mut lines: Vec<String> = before.map(|event| from_history(context, event)).collect();
    lines.extend(seen.iter().map(|one| from_memory(context, one)));
    document.heading("Recent events");
    let surplus = lines.len().saturating_sub(MOST_EVENTS);
    for line in lines.iter().skip(surplus) {
        document.text(2, Role::Text, line.clone());
    }
    if lines.is_empty() {
        document.text(2, Role::Dim, "none since we look");
    }
}

fn from_history(context: &Context<'_>, event: &Event) -> String {
    let when = words::moment(event.at, context.snapshot.taken_at, context.zone);
    let (protocol, local) = (event.protocol.name(), event.local);
    let detail = event.detail.as_ref();
    let detail = detail.map_or(String::new(), |detail| format!(": {detail}"));
    format!("{when}  {} {protocol} {local}{detail}", event.kind.name())
}

fn from_memory(context: &Context<'_>, one: &Happened) -> String {
    let when = words::moment(one.at, context.snapshot.taken_at, context.zone);
    let raw = &one.socket.raw;
    let detail = one.detail.as_ref();
    let detail = detail.map_or(String::new(), |detail| format!(": {detail}"));
    format!(
        "{when}  {} {} {}{detail}",
        one.kind.name(),
        raw.protocol.name(),
        raw.bound_to()
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{fixture::listener, inspection::Kin};

    #[test]
    fn a_child_with_a_socket_is_never_said_to_have_none() {
        let most = u32::try_from(MOST_CHILDREN).unwrap();
        let sockets = (1..=most + 4).map(|pid| listener(80).owned_by("worker", pid).build());
        let sockets: Vec<_> = sockets.collect();
        let linked: Vec<_> = sockets.iter().filter_map(|one| one.owner()).collect();
        let kin = |pid| Kin {
            pid,
            name: Text::from("worker"),
        };
        let of = |pids: &[u32], more| Family {
            children: pids.iter().copied().map(kin).collect(),
            more,
            of_user: None,
        };
        // One that is beyond the links, and one that no socket is known of.
        let family = of(&[most + 1, 99], usize::try_from(most).unwrap() + 3);
        let words = other_children(&linked, Some(&family));
        assert_eq!(words, "worker 99 (no socket), and 4 more");
        assert_eq!(other_children(&linked, None), "and 4 more");
        let first = &linked[..1];
        assert_eq!(other_children(first, Some(&of(&[1], 0))), "");
        assert_eq!(other_children(&[], Some(&of(&[], 0))), "");
    }
}
