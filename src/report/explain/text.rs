//! The text of a page.

use super::{Entry, lines, wrap};
use crate::model::{Declared, HereNow, Page};

/// The column at which values begin.
const VALUES: usize = 16;

/// The text of one page.
pub(super) fn page(entry: &Entry<'_, HereNow>) -> String {
    let page = entry.page;
    let mut text = String::new();
    wrap::words(&mut text, "", 2, &lines::heading(page));
    wrap::words(&mut text, "", 2, &lines::standing(page));
    registry(&mut text, page);
    practice(&mut text, page);
    section(&mut text, "What to do");
    for sentence in &page.advice {
        wrap::words(&mut text, "  - ", 4, sentence);
    }
    section(&mut text, "What would be unusual");
    for sentence in &page.unusual {
        wrap::words(&mut text, "  - ", 4, sentence);
    }
    for backdoor in &page.backdoors {
        fields(&mut text, &lines::backdoor(backdoor));
    }
    checks(&mut text, page);
    related(&mut text, page);
    declared(&mut text, entry.declared);
    here_now(&mut text, entry.here_now);
    text
}

fn section(text: &mut String, title: &str) {
    text.push('\n');
    text.push_str(title);
    text.push('\n');
}

fn registry(text: &mut String, page: &Page) {
    section(text, "What the registry says");
    for paragraph in &page.registry_says {
        wrap::words(text, "  ", 2, paragraph);
    }
    for registration in &page.registrations {
        fields(text, &lines::registration(registration));
    }
}

fn practice(text: &mut String, page: &Page) {
    section(text, "In practice");
    wrap::words(text, "  ", 2, &page.practice_says.join(" "));
    for practice in &page.in_practice {
        fields(text, &lines::practice(practice));
    }
}

fn fields(text: &mut String, fields: &[lines::Field]) {
    text.push('\n');
    for (label, value) in fields {
        wrap::words(
            text,
            &format!("  {label:<width$}", width = VALUES - 2),
            VALUES,
            value,
        );
    }
}

fn checks(text: &mut String, page: &Page) {
    for (scope, title) in lines::SCOPES {
        let mut checks = page
            .checks
            .iter()
            .filter(|check| check.scope == scope)
            .peekable();
        if checks.peek().is_some() {
            section(text, title);
        }
        for check in checks {
            wrap::command(text, &check.command);
            wrap::words(text, "      ", 6, &lines::purpose(check));
        }
    }
}

fn related(text: &mut String, page: &Page) {
    if page.related.is_empty() {
        return;
    }
    section(text, "Related ports");
    for related in &page.related {
        let name = related.name.unwrap_or("-");
        wrap::words(
            text,
            &format!("  {:>5}  {name:<14}  ", related.port),
            25,
            &related.why,
        );
    }
}

fn declared(text: &mut String, declared: &[&Declared]) {
    if declared.is_empty() {
        return;
    }
    section(text, "What files of this machine say");
    for one in declared {
        wrap::words(text, "  ", 6, &lines::declared(one));
    }
}

fn here_now(text: &mut String, sockets: Option<&[HereNow]>) {
    let Some(sockets) = sockets else {
        return;
    };
    section(text, "Here now");
    if sockets.is_empty() {
        text.push_str("  No visible socket of this machine uses it.\n");
    }
    for socket in sockets {
        let owner = socket.owner.as_deref().unwrap_or("owner not visible");
        wrap::words(text, "  ", 6, &format!("{}, {owner}", socket.socket));
    }
}
