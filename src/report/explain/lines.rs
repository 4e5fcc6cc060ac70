//! What text and Markdown share: the fields of a registration and of a practice, in words.

use crate::model::{
    Backdoor, Check, Declared, Page, Practice, Registration, Scope, Status, Tier, reference,
};

/// A label and what stands beside it.
pub(super) type Field = (&'static str, String);

/// The scopes of checks and their titles.
pub(super) const SCOPES: [(Scope, &str); 2] = [
    (Scope::Local, "How to check, on this machine"),
    (Scope::Remote, "How to check, from another machine"),
];

/// The heading of a page: `Port 1587 (tcp, udp): pra-elmd`.
pub(super) fn heading(page: &Page) -> String {
    let transports: Vec<&str> = page
        .protocols
        .iter()
        .map(|protocol| protocol.name())
        .collect();
    let transports = transports.join(", ");
    match page.label {
        Some(label) => format!("Port {} ({transports}): {label}", page.port),
        None => format!("Port {} ({transports})", page.port),
    }
}

/// How a port stands, in a line.
pub(super) fn standing(page: &Page) -> String {
    let range = match page.range {
        "system" => "system range (0-1023)",
        "user" => "user range (1024-49151)",
        _ => "dynamic range (49152-65535)",
    };
    let tier = match page.tier {
        Tier::Common => "common in practice",
        Tier::Known => "known in practice",
        Tier::Obscure => "obscure: no known use in practice",
        Tier::Unassigned | Tier::Dynamic => "no known use in practice",
    };
    if page.status == Status::Dynamic {
        format!("{range}, {tier}")
    } else {
        format!("{}, {range}, {tier}", page.status.name())
    }
}

/// What one line of the registry holds; what it lacks is said in the sentences above it.
pub(super) fn registration(line: &Registration) -> Vec<Field> {
    let mut fields: Vec<Field> = vec![];
    let mut add = |label, text: &str| {
        if !text.is_empty() {
            fields.push((label, String::from(text)));
        }
    };
    add("name", line.name);
    add("aliases", &line.aliases.replace('|', ", "));
    add("transports", &line.protocols.replace('/', ", "));
    if line.last_port != line.port {
        add("range", &format!("{}-{}", line.port, line.last_port));
    }
    if line.says_more_than_its_name() {
        add("description", line.description);
    }
    add("assignee", line.assignee);
    add("contact", line.contact);
    add("registered", line.registered);
    add("modified", line.modified);
    for item in line.references.split("; ") {
        add("reference", &reference::words(item));
    }
    add("unauthorized", line.unauthorized_use);
    add("notes", line.notes);
    fields
}

/// What is known about one use in practice, beyond the sentences above it.
pub(super) fn practice(practice: &Practice) -> Vec<Field> {
    let mut fields = vec![];
    if !practice.programs.is_empty() {
        fields.push(("programs", practice.programs.join(", ")));
    }
    fields.push(("source", String::from(practice.source)));
    fields
}

/// What a file of this machine says: `tcp: systemd's cups.socket listens on it (/usr/lib/…)`.
pub(super) fn declared(one: &Declared) -> String {
    let words = one.words();
    let transport = one.protocol.name();
    if words.contains(one.file.as_str()) {
        return format!("{transport}: {words}");
    }
    format!("{transport}: {words} ({})", one.file)
}

/// Where the use by a backdoor is written.
pub(super) fn backdoor(backdoor: &Backdoor) -> Vec<Field> {
    vec![
        ("misused by", String::from(backdoor.software)),
        ("source", String::from(backdoor.source)),
    ]
}

/// What a check tells and where it runs: `what listens (Linux)`.
pub(super) fn purpose(check: &Check) -> String {
    let system = match check.os {
        "linux" => " (Linux)",
        "unix" => " (Linux, macOS)",
        "windows" => " (Windows)",
        _ => "",
    };
    format!("{}{system}", check.purpose)
}
