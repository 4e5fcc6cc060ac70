//! What is known about a port number, whatever is open here.

use crate::{
    model::{
        Page, Practice, Reach, Registration, Status, Tier,
        page::{Check, Scope},
    },
    tui::{
        document::{Document, Piece, Target},
        theme::Role,
    },
};
use jiff::civil::Date;

/// What the registry says about the port of `page`, and of which day that registry is.
pub(super) fn registry(page: &Page, day: Option<Date>) -> Document {
    let mut document = Document::default();
    let mut dated = day.map(|day| format!("   snapshot {day}"));
    for registration in &page.registrations {
        let dated = dated.take().unwrap_or_default();
        self::registration(&mut document, registration, &dated);
    }
    if page.registrations.is_empty() {
        let says = Piece::new(Role::Text, page.registry_says.join(" "));
        let dated = Piece::new(Role::Dim, dated.unwrap_or_default());
        document.field_of("Registry", vec![says, dated]);
    }
    document.field("Range", range(page.range));
    let (status, tier) = (status(page.status), tier(page.tier));
    document.field("Status", format!("{status}, {tier}"));
    document
}

/// What is true of it in practice, and what to do about that.
pub(super) fn practice(page: &Page) -> Document {
    let mut document = Document::default();
    document.heading("In practice");
    document.text(2, Role::Text, page.practice_says.join(" "));
    for one in &page.in_practice {
        used_by(&mut document, one);
    }
    if !page.advice.is_empty() {
        document.heading("What to do");
    }
    for sentence in &page.advice {
        document.hanging(4, vec![Piece::new(Role::Text, format!("  - {sentence}"))]);
    }
    document.heading("What would be unusual");
    for sentence in &page.unusual {
        document.hanging(4, vec![Piece::new(Role::Text, format!("  - {sentence}"))]);
    }
    for backdoor in &page.backdoors {
        document.field("Source", backdoor.source);
    }
    checks(&mut document, page, Scope::Local, "Check on this machine");
    checks(
        &mut document,
        page,
        Scope::Remote,
        "Check from another machine",
    );
    related(&mut document, page);
    document
}

fn registration(document: &mut Document, one: &Registration, dated: &str) {
    let name = if one.name.is_empty() {
        "no name"
    } else {
        one.name
    };
    let pieces = vec![
        Piece::new(Role::Accent, name),
        Piece::new(
            Role::Dim,
            format!("   {}{dated}", one.protocols.replace('/', ", ")),
        ),
    ];
    document.field_of("Registry", pieces);
    given(document, "Alias", &one.aliases.replace('|', ", "));
    if one.says_more_than_its_name() {
        given(document, "Says", one.description);
    }
    given(document, "Assignee", one.assignee);
    given(document, "Contact", one.contact);
    given(document, "Registered", one.registered);
    given(document, "Modified", one.modified);
    given(document, "References", one.references);
    not_given(document, one);
    given(document, "Code", one.service_code);
    given(document, "Misused", one.unauthorized_use);
    given(document, "Notes", one.notes);
    document.blank();
}

/// What the registry leaves out, in one field: a line for each would push what is known out of sight.
fn not_given(document: &mut Document, one: &Registration) {
    let fields = [
        ("assignee", one.assignee),
        ("contact", one.contact),
        ("date", one.registered),
        ("reference", one.references),
    ];
    let missing = fields.iter().filter(|(_, text)| text.is_empty());
    let names: Vec<&str> = missing.map(|(name, _)| *name).collect();
    let names = match names.as_slice() {
        [] => return,
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    };
    let words = if one.complete {
        format!("the registry has no {names}")
    } else {
        format!("this copy of the registry has no {names}")
    };
    document.field("Not given", words);
}

/// A field, when there is something in it.
fn given(document: &mut Document, label: &str, text: &str) {
    if !text.is_empty() {
        document.field(label, text);
    }
}

fn range(name: &str) -> &'static str {
    match name {
        "system" => "0-1023, system: a program needs privilege to listen",
        "user" => "1024-49151, user: IANA registers these, every program may listen",
        _ => "49152-65535, dynamic: never assigned, for whoever takes it",
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Assigned => "assigned by IANA",
        Status::Reserved => "reserved by IANA",
        Status::Unassigned => "not assigned by IANA",
        Status::Dynamic => "never assigned by IANA",
    }
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Common => "common in practice",
        Tier::Known => "known in practice",
        Tier::Obscure => "obscure: no known use in practice",
        Tier::Unassigned | Tier::Dynamic => "no known use in practice",
    }
}

fn used_by(document: &mut Document, practice: &Practice) {
    let pieces = vec![
        Piece::new(Role::Accent, practice.software),
        Piece::new(Role::Dim, format!("   {}", practice.category)),
    ];
    document.field_of("Used by", pieces);
    given(document, "Programs", &practice.programs.join(", "));
    document.field("Meant for", reach(practice.reach));
    if practice.cleartext {
        document.field("Cleartext", "yes: what it sends can be read on the wire");
    }
    if practice.authenticates == Some(false) {
        document.field("Login", "none in a default installation");
    }
    given(document, "Source", practice.source);
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Local => "this machine alone",
        Reach::Trusted => "a network one trusts",
        Reach::Anyone => "everybody",
    }
}

/// The commands that exist on this system.
fn checks(document: &mut Document, page: &Page, scope: Scope, title: &str) {
    let exists = |check: &&Check| match check.os {
        "any" => true,
        "unix" => cfg!(unix),
        os => os == std::env::consts::OS,
    };
    let of_scope = page.checks.iter().filter(|check| check.scope == scope);
    let mut of_scope = of_scope.filter(exists).peekable();
    if of_scope.peek().is_some() {
        document.heading(title);
    }
    for check in of_scope {
        document.command(2, &check.command, &check.purpose);
    }
}

fn related(document: &mut Document, page: &Page) {
    if page.related.is_empty() {
        return;
    }
    document.heading("Related");
    for one in &page.related {
        let name = one.name.unwrap_or("-");
        let pieces = vec![
            Piece::new(Role::Accent, format!("{:<6}", one.port)),
            Piece::new(Role::Text, format!("{name:<16} ")),
            Piece::new(Role::Dim, one.why.clone()),
        ];
        document.link(2, pieces, Target::Port(one.port));
    }
}
