//! The text of a page.

use super::{Entry, lines, wrap::Lines};
use crate::model::{Declared, HereNow, Page};

/// The column at which values begin.
const VALUES: usize = 16;

/// The text of one page, in lines of at most `width` columns.
pub(super) fn page(entry: &Entry<'_, HereNow>, width: usize) -> Lines {
    let page = entry.page;
    let mut text = Lines::of(width);
    text.words("", 2, &lines::heading(page));
    text.words("", 2, &lines::standing(page));
    registry(&mut text, page);
    practice(&mut text, page);
    section(&mut text, "What to do");
    for sentence in &page.advice {
        text.words("  - ", 4, sentence);
    }
    section(&mut text, "What would be unusual");
    for sentence in &page.unusual {
        text.words("  - ", 4, sentence);
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

fn section(text: &mut Lines, title: &str) {
    text.whole("");
    text.words("", 2, title);
}

fn registry(text: &mut Lines, page: &Page) {
    section(text, "What the registry says");
    for paragraph in &page.registry_says {
        text.words("  ", 2, paragraph);
    }
    for registration in &page.registrations {
        fields(text, &lines::registration(registration));
    }
}

fn practice(text: &mut Lines, page: &Page) {
    section(text, "In practice");
    text.words("  ", 2, &page.practice_says.join(" "));
    for practice in &page.in_practice {
        fields(text, &lines::practice(practice));
    }
}

fn fields(text: &mut Lines, fields: &[lines::Field]) {
    text.whole("");
    for (label, value) in fields {
        text.words(
            &format!("  {label:<width$}", width = VALUES - 2),
            VALUES,
            value,
        );
    }
}

fn checks(text: &mut Lines, page: &Page) {
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
            text.command(&check.command);
            text.words("      ", 6, &lines::purpose(check));
        }
    }
}

fn related(text: &mut Lines, page: &Page) {
    if page.related.is_empty() {
        return;
    }
    section(text, "Related ports");
    for related in &page.related {
        let name = related.name.unwrap_or("-");
        text.words(
            &format!("  {:>5}  {name:<14}  ", related.port),
            25,
            &related.why,
        );
    }
}

fn declared(text: &mut Lines, declared: &[&Declared]) {
    if declared.is_empty() {
        return;
    }
    section(text, "What files of this machine say");
    for one in declared {
        text.words("  ", 6, &lines::declared(one));
    }
}

fn here_now(text: &mut Lines, sockets: Option<&[HereNow]>) {
    let Some(sockets) = sockets else {
        return;
    };
    section(text, "Here now");
    if sockets.is_empty() {
        text.words("  ", 2, "No visible socket of this machine uses it.");
    }
    for socket in sockets {
        let owner = socket.owner.as_deref().unwrap_or("owner not visible");
        text.words("  ", 6, &format!("{}, {owner}", socket.socket));
    }
}
