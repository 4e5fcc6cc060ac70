//! Everything about a process, or about what waits on a port, as text, Markdown and JSON.
//!
//! What is secret in an environment is hidden unless it is to be revealed: such a report is made to be passed on.

use super::{
    Style,
    explain::{
        markdown::{code, escaped},
        wrap::Lines,
    },
    list::word,
    plural,
};
use crate::model::{
    Event, Fact, Finding, Inspection, Process, Service, Socket, Text, Verdict, Why,
    background::capability_names,
    described,
    inspection::{Line, Part, parts},
};
use std::io;

mod deep;
mod json;

pub use json::write_json;

/// The column at which values begin.
const VALUES: usize = 16;
/// The most sockets that text and Markdown list.
const MOST_SOCKETS: usize = 50;

/// One process that was asked about; or sockets that were, whose owner is not visible.
#[derive(Debug, Clone)]
pub struct Inspected<'a> {
    /// The process.
    pub process: Option<&'a Process>,
    /// Its sockets, those that wait for others first.
    pub sockets: Vec<&'a Socket>,
    /// What was found about them, the worst first, each rule once.
    pub findings: Vec<&'a Finding>,
    /// What was read of the process besides; `None` where nobody asked.
    pub inspection: Option<Inspection>,
    /// What happened to its sockets lately, the newest last; `None` where nobody recorded.
    pub events: Option<Vec<Event>>,
    /// Secrets of the environment are to be shown.
    pub reveal: bool,
}

/// A label and what stands beside it.
type Field = (&'static str, String);

impl Inspected<'_> {
    /// The worst verdict on its sockets.
    fn verdict(&self) -> Option<Verdict> {
        self.sockets
            .iter()
            .map(|socket| socket.assessment.verdict)
            .max()
    }

    fn heading(&self) -> String {
        match self.process {
            Some(process) => format!("{}, pid {}", process.name, process.key.pid),
            None => "owner not visible".to_owned(),
        }
    }

    /// What was read of it besides, in words.
    fn parts(&self) -> Vec<Part> {
        let inspection = self.inspection.as_ref();
        inspection.map_or(vec![], |inspection| parts(inspection, self.reveal))
    }

    /// Which sockets a finding is about: `tcp 0.0.0.0:1587`, the first and how many more.
    fn about(&self, finding: &Finding) -> Option<String> {
        let has_it = |socket: &&&Socket| {
            let mut findings = socket.assessment.findings.iter();
            findings.any(|other| other.rule == finding.rule)
        };
        let mut sockets = self.sockets.iter().filter(has_it);
        let first = sockets.next()?;
        let raw = &first.raw;
        let more = sockets.count();
        let more = if more > 0 {
            format!(" and {}", plural(more, "more socket"))
        } else {
            String::new()
        };
        Some(format!("{} {}{more}", raw.protocol.name(), raw.bound_to()))
    }

    /// What was found in a sentence; `None` when nothing was.
    fn story(&self) -> Option<String> {
        if self.findings.is_empty() {
            return None;
        }
        let has_any = |socket: &&&Socket| !socket.assessment.findings.is_empty();
        let affected = self.sockets.iter().filter(has_any).count();
        let verdict = self.verdict().map_or("", Verdict::name);
        let all = plural(self.sockets.len(), "socket");
        let whose = match self.sockets.len() {
            1 => "its socket".to_owned(),
            count if count == affected => format!("each of its {all}"),
            _ => format!("{affected} of its {all}"),
        };
        let rules = plural(self.findings.len(), "rule");
        Some(format!(
            "{verdict}: {rules} found something about {whose}, the worst first"
        ))
    }

    /// The events, one a line, or why there are none.
    fn happened(&self) -> Vec<String> {
        match &self.events {
            None => vec!["nobody recorded: `portwise record` keeps a history".to_owned()],
            Some(events) if events.is_empty() => vec!["none in the history".to_owned()],
            Some(events) => events.iter().map(happened).collect(),
        }
    }

    /// Why the process runs, or that nothing explains it.
    fn why(&self) -> Vec<String> {
        let Some(process) = self.process else {
            return vec![
                "its owner needs more privilege to be seen: try `portwise doctor`".to_owned(),
            ];
        };
        let why: Vec<String> = process.why().iter().map(Why::words).collect();
        if why.is_empty() {
            vec!["nothing that was looked at explains why it runs".to_owned()]
        } else {
            why
        }
    }

    /// What is known of each socket without a finding of its own, each reason once.
    fn reasons(&self) -> Vec<&str> {
        let mut reasons: Vec<&str> = vec![];
        for socket in &self.sockets {
            if let Some(reason) = &socket.assessment.reason
                && !reasons.contains(&&**reason)
            {
                reasons.push(reason);
            }
        }
        reasons
    }
}

/// Writes what is known as text of 80 columns, or of those of a narrower terminal.
pub fn write_text(out: &mut dyn io::Write, all: &[Inspected<'_>], style: Style) -> io::Result<()> {
    for (at, one) in all.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let badge = one.verdict().map_or(String::new(), |verdict| {
            format!("  {}", style.verdict(verdict, word(verdict)))
        });
        writeln!(out, "{}{badge}", style.heading(&one.heading()))?;
        out.write_all(body(one, style).text().as_bytes())?;
    }
    Ok(())
}

fn body(one: &Inspected<'_>, style: Style) -> Lines {
    let mut text = Lines::of(style.prose());
    for (label, value) in fields_of(one) {
        let first = format!("  {label:<width$}", width = VALUES - 2);
        text.words(&first, VALUES, &value);
    }
    section(&mut text, "Why it runs", style);
    for why in one.why() {
        text.words("  - ", 4, &why);
    }
    section(
        &mut text,
        &format!("Sockets ({})", one.sockets.len()),
        style,
    );
    if one.sockets.is_empty() {
        text.whole("  none");
    }
    for socket in one.sockets.iter().take(MOST_SOCKETS) {
        text.words("  ", 6, &in_a_line(socket));
    }
    if let Some(more) = more(one) {
        text.words("  ", 6, &more);
    }
    section(&mut text, "Findings", style);
    if one.findings.is_empty() {
        text.whole("  none");
    }
    if let Some(story) = one.story() {
        text.words("  ", 2, &story);
    }
    for finding in &one.findings {
        finding_text(&mut text, one, finding, style);
    }
    for reason in one.reasons() {
        text.words("  - ", 4, reason);
    }
    if one.inspection.is_some() {
        section(&mut text, "Recent events", style);
        for line in one.happened() {
            text.words("  - ", 4, &line);
        }
    }
    for part in one.parts() {
        section(&mut text, &part.title, style);
        for line in &part.lines {
            line_text(&mut text, line);
        }
    }
    text
}

fn line_text(text: &mut Lines, line: &Line) {
    match line {
        Line::Field(label, value) => {
            let first = format!("  {label:<width$}", width = VALUES - 2);
            text.words(&first, VALUES, value);
        }
        Line::Item(item) => text.words("  - ", 4, item),
        Line::Odd(item) => text.words("  ! ", 4, item),
    }
}

/// `2026-11-22T03:12:00Z opened tcp 0.0.0.0:1587, pra-elmd: obscure port`.
fn happened(event: &Event) -> String {
    let mut line = format!("{:.0} {}", event.at, event.kind.name());
    if event.is_about_socket() {
        let peer = event
            .peer
            .map_or(String::new(), |peer| format!(" - {peer}"));
        line = format!("{line} {} {}{peer}", event.protocol.name(), event.local);
    }
    if let Some(service) = &event.service {
        line = format!("{line}, {service}");
    }
    if let Some(detail) = &event.detail {
        line = format!("{line}: {detail}");
    }
    line
}

fn section(text: &mut Lines, title: &str, style: Style) {
    text.whole("");
    text.whole(&style.heading(title));
}

fn finding_text(text: &mut Lines, one: &Inspected<'_>, finding: &Finding, style: Style) {
    let severity = finding.severity.name();
    let first = format!("  {}  ", style.severity(finding.severity, severity));
    text.words(&first, 4, &format!("{}: {}", finding.rule, finding.title));
    if let Some(about) = one.about(finding) {
        text.words("      ", 8, &format!("about {about}"));
    }
    for evidence in &finding.evidence {
        let line = format!("{}: {}", evidence.what, evidence.value);
        text.words("      ", 8, &line);
    }
    for advice in &finding.advice {
        text.words("      > ", 8, &advice.text);
        if let Some(command) = &advice.command {
            text.whole(&format!("        {command}"));
        }
    }
}

fn more(one: &Inspected<'_>) -> Option<String> {
    let more = one.sockets.len().checked_sub(MOST_SOCKETS)?;
    (more > 0).then(|| format!("and {}", plural(more, "more socket")))
}

/// One socket in a line: `ALERT tcp listen 0.0.0.0:1587, pra-elmd`.
fn in_a_line(socket: &Socket) -> String {
    let raw = &socket.raw;
    let peer = raw
        .connected_to()
        .map_or(String::new(), |peer| format!(" - {peer}"));
    let label = socket.service.as_ref().and_then(Service::label);
    let label = label.map_or(String::new(), |label| format!(", {label}"));
    format!(
        "{} {} {} {}{peer}{label}",
        word(socket.assessment.verdict),
        raw.protocol.name(),
        raw.state.name(),
        raw.bound_to()
    )
}

/// What is known of the process, if one is known, as labels and values.
fn fields_of(one: &Inspected<'_>) -> Vec<Field> {
    let process = one.process;
    process.map_or(vec![], |process| fields(process, one))
}

fn fields(process: &Process, one: &Inspected<'_>) -> Vec<Field> {
    let or_none = |text: &Option<Text>| text.as_ref().map_or("none".to_owned(), Text::to_string);
    let command = described::told(&process.cmdline, |all| described::command_line(all));
    let mut fields = vec![
        ("command", command),
        (
            "executable",
            described::told(&process.executable, described::executable),
        ),
    ];
    if process.comm != process.name {
        fields.push(("calls itself", process.comm.to_string()));
    }
    fields.push(("works in", described::told(&process.cwd, Text::to_string)));
    fields.push(("user", described::user(process)));
    if let Some(started) = process.started_at {
        fields.push(("started", format!("{started:.0}")));
    }
    fields.push(("started by", described::chain(process)));
    fields.push(("terminal", described::told(&process.terminal, or_none)));
    fields.push((
        "package",
        described::told(&process.package, |name| package(name.as_ref())),
    ));
    fields.extend(background(process, one.inspection.is_some()));
    if let Some(inspection) = &one.inspection {
        let digest = described::told(&inspection.digest, |digest| digest.sha256.to_string());
        fields.push(("sha256", digest));
    }
    for shell in &process.shells {
        let (name, pid) = (&shell.name, shell.shell.pid);
        fields.push((
            "drives",
            format!("{name} {pid} through a {}", shell.through),
        ));
    }
    fields
}

fn package(package: Option<&Text>) -> String {
    package.map_or("none owns the executable".to_owned(), Text::to_string)
}

/// What stands behind it, as far as there is anything to say.
///
/// What it may do is told more fully where the process was `inspected`.
fn background(process: &Process, inspected: bool) -> Vec<Field> {
    let background = &process.background;
    let mut fields = vec![];
    let mut add = |label, text: Option<String>| fields.extend(text.map(|text| (label, text)));
    let file = background.integrity.known();
    add("file", file.map(|integrity| integrity.words().to_owned()));
    let script = background.script.known().and_then(Option::as_ref);
    add("script", script.map(|script| script.path.to_string()));
    add("unit", process.unit.as_ref().map(Text::to_string));
    add("slice", background.slice.as_ref().map(Text::to_string));
    add("session", background.session.as_ref().map(Text::to_string));
    let container = process.container.as_ref().map(Text::to_string);
    let named = background.container_name.as_ref();
    let named = named.map_or(String::new(), |name| format!(", called {name}"));
    add(
        "container",
        container.map(|container| format!("{container}{named}")),
    );
    if let Fact::Known(bits) = background.capabilities
        && !inspected
    {
        let held = capability_names(bits).join(", ");
        add("privileges", Some(held).filter(|held| !held.is_empty()));
    }
    for setting in background.loader.known().into_iter().flatten() {
        add(
            "loader",
            Some(format!("{}={}", setting.name, setting.value)),
        );
    }
    for library in background.preloaded.known().into_iter().flatten() {
        add("preloaded", Some(library.to_string()));
    }
    fields
}

/// Writes what is known as Markdown.
pub fn write_markdown(out: &mut dyn io::Write, all: &[Inspected<'_>]) -> io::Result<()> {
    for (at, one) in all.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let verdict = one.verdict();
        let badge = verdict.map_or(String::new(), |verdict| format!(": {}", word(verdict)));
        let mut parts = vec![format!("# {}{badge}", escaped(&one.heading()))];
        let fields = fields_of(one);
        parts.push(items(
            fields
                .iter()
                .map(|(label, value)| format!("{label}: {}", code(value))),
        ));
        parts.push("## Why it runs".to_owned());
        parts.push(items(one.why().iter().map(|why| escaped(why))));
        parts.push(format!("## Sockets ({})", one.sockets.len()));
        let sockets = one.sockets.iter().take(MOST_SOCKETS);
        parts.push(items(
            sockets
                .map(|socket| code(&in_a_line(socket)))
                .chain(more(one)),
        ));
        parts.push("## Findings".to_owned());
        parts.extend(one.story().map(|story| escaped(&story)));
        let findings = one.findings.iter();
        let findings = findings.map(|finding| finding_markdown(one, finding));
        let reasons = one.reasons().into_iter().map(escaped);
        parts.push(items(findings.chain(reasons)));
        if one.inspection.is_some() {
            parts.push("## Recent events".to_owned());
            parts.push(items(one.happened().iter().map(|line| code(line))));
        }
        for part in one.parts() {
            parts.push(format!("## {}", escaped(&part.title)));
            parts.push(items(part.lines.iter().map(line_markdown)));
        }
        parts.retain(|part| !part.is_empty());
        writeln!(out, "{}", parts.join("\n\n"))?;
    }
    Ok(())
}

fn line_markdown(line: &Line) -> String {
    match line {
        Line::Field(label, value) => format!("{label}: {}", code(value)),
        Line::Item(item) => code(item),
        Line::Odd(item) => format!("**!** {}", code(item)),
    }
}

fn finding_markdown(one: &Inspected<'_>, finding: &Finding) -> String {
    let mut lines = vec![format!(
        "**{}** {}: {}",
        finding.severity.name(),
        escaped(finding.rule),
        escaped(&finding.title)
    )];
    lines.extend(
        one.about(finding)
            .map(|about| format!("  - about {}", code(&about))),
    );
    let evidence = finding.evidence.iter();
    lines.extend(evidence.map(|seen| format!("  - {}: {}", seen.what, code(&seen.value))));
    for advice in &finding.advice {
        let command = advice.command.as_deref();
        let command = command.map_or(String::new(), |command| format!(" {}", code(command)));
        lines.push(format!("  - {}{command}", escaped(&advice.text)));
    }
    lines.join("\n")
}

fn items(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.map(|item| format!("- {item}")).collect();
    items.join("\n")
}

#[cfg(test)]
mod tests;
