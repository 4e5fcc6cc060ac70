//! The Markdown of a page.

use super::{Entry, lines, wrap};
use crate::model::{Check, HereNow, Page, Related};

/// Characters that Markdown would take for its own.
const MARKUP: &str = "\\`*_[]<>|#~&";

/// The Markdown of one page.
pub(super) fn page(entry: &Entry<'_, HereNow>) -> String {
    let page = entry.page;
    let mut parts = vec![
        format!("# {}", escaped(&lines::heading(page))),
        escaped(&lines::standing(page)),
        String::from("## What the registry says"),
    ];
    parts.extend(
        page.registry_says
            .iter()
            .map(|paragraph| escaped(paragraph)),
    );
    let registrations = page.registrations.iter();
    parts.extend(registrations.map(|line| fields(&lines::registration(line))));
    parts.push(String::from("## In practice"));
    parts.push(escaped(&page.practice_says.join(" ")));
    let practices = page.in_practice.iter();
    parts.extend(practices.map(|practice| fields(&lines::practice(practice))));
    parts.push(String::from("## What to do"));
    parts.push(list(page.advice.iter().map(|sentence| prose(sentence))));
    parts.push(String::from("## What would be unusual"));
    parts.push(list(page.unusual.iter().map(|sentence| prose(sentence))));
    let backdoors = page.backdoors.iter();
    parts.extend(backdoors.map(|backdoor| fields(&lines::backdoor(backdoor))));
    checks(&mut parts, page);
    if !page.related.is_empty() {
        parts.push(String::from("## Related ports"));
        parts.push(list(page.related.iter().map(related)));
    }
    if !entry.declared.is_empty() {
        parts.push(String::from("## What files of this machine say"));
        let declared = entry.declared.iter();
        parts.push(list(declared.map(|one| escaped(&lines::declared(one)))));
    }
    if let Some(sockets) = entry.here_now {
        parts.push(String::from("## Here now"));
        parts.push(here_now(sockets));
    }
    let blocks: Vec<String> = parts.iter().map(|part| wrapped(part)).collect();
    blocks.join("\n")
}

/// A block in lines that fit; its list items each on their own.
fn wrapped(part: &str) -> String {
    let mut text = String::new();
    for line in part.lines() {
        let indent = if line.starts_with("- ") { 2 } else { 0 };
        if line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        } else {
            wrap::markdown(&mut text, indent, line);
        }
    }
    text
}

fn checks(parts: &mut Vec<String>, page: &Page) {
    for (scope, title) in lines::SCOPES {
        let checks: Vec<&Check> = page
            .checks
            .iter()
            .filter(|check| check.scope == scope)
            .collect();
        if !checks.is_empty() {
            parts.push(format!("## {title}"));
            parts.push(list(checks.into_iter().map(check)));
        }
    }
}

fn check(check: &Check) -> String {
    format!(
        "{}: {}",
        code(&check.command),
        escaped(&lines::purpose(check))
    )
}

fn related(related: &Related) -> String {
    let name = related
        .name
        .map(|name| format!(" {}", escaped(name)))
        .unwrap_or_default();
    format!("{}{name}: {}", related.port, prose(&related.why))
}

fn here_now(sockets: &[HereNow]) -> String {
    if sockets.is_empty() {
        return String::from("No visible socket of this machine uses it.");
    }
    list(sockets.iter().map(|socket| {
        let owner = socket.owner.as_deref().unwrap_or("owner not visible");
        format!("{}: {}", code(&socket.socket), escaped(owner))
    }))
}

fn fields(fields: &[lines::Field]) -> String {
    list(
        fields
            .iter()
            .map(|(label, value)| format!("{label}: {}", escaped(value))),
    )
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.map(|item| format!("- {item}")).collect();
    items.join("\n")
}

/// A code span that holds any text: nothing in it is markup, a link or a name that somebody is called by.
pub(in crate::report) fn code(text: &str) -> String {
    // A span ends at a run of as many backticks as it began with.
    let runs = text.split(|one| one != '`').map(str::len);
    match runs.max().unwrap_or(0) {
        0 => format!("`{text}`"),
        longest => {
            let fence = "`".repeat(longest + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

/// Our own sentences keep their code spans; nothing else in them is markup.
fn prose(text: &str) -> String {
    text.split('`')
        .enumerate()
        .map(|(at, part)| {
            if at % 2 == 0 {
                escaped(part)
            } else {
                code(part)
            }
        })
        .collect()
}

/// Text with nothing in it that Markdown would take for its own.
pub(in crate::report) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if MARKUP.contains(character) {
            safe.push('\\');
        }
        safe.push(character);
    }
    safe
}
