//! The page of a port: what is known about the number, and what is true here now.

use super::{Content, Context, judgement, socket_lines, sort_for_reading};
use crate::{
    model::{Practice, Protocol, Reach, Registration, Service, Socket, Status, Tier, Verdict},
    tui::{
        document::{Document, Piece, Target},
        theme::Role,
        words,
    },
};

const TRANSPORTS: [Protocol; 2] = [Protocol::Tcp, Protocol::Udp];

/// The page of `port`; `asked` is the transport a person came from.
pub(super) fn content(context: &Context<'_>, port: u16, asked: Option<Protocol>) -> Content {
    let mut services = TRANSPORTS.map(|protocol| context.registry.service(port, protocol));
    if asked == Some(Protocol::Udp) {
        services.reverse();
    }
    let all = context.snapshot.sockets.iter();
    let mut here: Vec<_> = all.filter(|socket| socket.raw.local.port == port).collect();
    sort_for_reading(&mut here);
    Content {
        title: title(port, &services, &here),
        main: knowledge(context, port, &services),
        side: now(context, port, &here),
    }
}

fn title(port: u16, services: &[Service], here: &[&Socket]) -> Document {
    let labels = services.iter().filter_map(Service::label);
    let label = labels.into_iter().next();
    let status = services
        .first()
        .map_or(Status::Unassigned, |one| one.status);
    let mut pieces = vec![
        Piece::new(Role::Key, format!("Port {port}")),
        Piece::new(
            Role::Accent,
            format!("  {}  ", label.unwrap_or(status.name())),
        ),
    ];
    match here.iter().map(|socket| socket.assessment.verdict).max() {
        Some(worst) => {
            pieces.push(Piece::new(
                Role::Badge(worst),
                format!(" {} ", words::badge(worst)),
            ));
            let count = words::plural(here.len(), "socket");
            pieces.push(Piece::new(Role::Dim, format!("  {count} here now")));
        }
        None => pieces.push(Piece::new(Role::Dim, "nothing uses it here now")),
    }
    let mut document = Document::default();
    document.line(0, pieces);
    document.rule();
    document
}

fn knowledge(context: &Context<'_>, port: u16, services: &[Service; 2]) -> Document {
    let mut document = Document::default();
    registry(&mut document, services);
    document.field("Range", range(port));
    tiers(&mut document, services);
    practice(&mut document, services);
    document.heading("Check from a shell");
    for (command, purpose) in checks(port) {
        document.command(2, &command, purpose);
    }
    nearby(&mut document, context, port);
    document
}

/// Every live registration, once for all its transports.
fn registry(document: &mut Document, services: &[Service; 2]) {
    let mut seen: Vec<&Registration> = vec![];
    for registration in services.iter().flat_map(|service| service.registrations) {
        if !seen.contains(registration) {
            seen.push(registration);
        }
    }
    if seen.is_empty() {
        for service in services {
            let protocol = service.protocol.name();
            document.field(
                "Registry",
                format!("{} for {protocol}", service.status.name()),
            );
        }
        return;
    }
    for registration in &seen {
        self::registration(document, registration);
    }
    document.text(
        0,
        Role::Dim,
        "The registry says who asked for a number, not that this service is what uses it.",
    );
    document.blank();
}

fn registration(document: &mut Document, one: &Registration) {
    let name = if one.name.is_empty() {
        "no name"
    } else {
        one.name
    };
    document.field_of(
        "Registry",
        vec![
            Piece::new(Role::Accent, name),
            Piece::new(Role::Dim, format!("   {}", one.protocols)),
        ],
    );
    let mut optional = |label: &str, text: &str| {
        if !text.is_empty() {
            document.field(label, text);
        }
    };
    optional("Alias", &one.aliases.replace('|', ", "));
    if one.description != one.name {
        optional("Says", one.description);
    }
    let missing = if one.complete {
        "the registry gives none"
    } else {
        "not in this copy"
    };
    let given = |text: &str| {
        if text.is_empty() {
            missing.to_owned()
        } else {
            text.to_owned()
        }
    };
    document.field("Assignee", given(one.assignee));
    document.field("Contact", given(one.contact));
    let mut dates = given(one.registered);
    if !one.modified.is_empty() {
        dates = format!("{dates}, modified {}", one.modified);
    }
    document.field("Registered", dates);
    document.field("References", given(one.references));
    let mut optional = |label: &str, text: &str| {
        if !text.is_empty() {
            document.field(label, text);
        }
    };
    optional("Code", one.service_code);
    optional("Misused", one.unauthorized_use);
    optional("Notes", one.notes);
    document.blank();
}

fn range(port: u16) -> &'static str {
    match crate::model::annotation::range_name(port) {
        "system" => "0-1023, system: a program needs privilege to listen",
        "user" => "1024-49151, user: registered by IANA, open to every program",
        _ => "49152-65535, dynamic: never assigned, for whoever takes it",
    }
}

fn tiers(document: &mut Document, services: &[Service; 2]) {
    let [first, second] = services;
    if first.tier == second.tier && first.status == second.status {
        document.field(
            "Status",
            format!("{}, {}", first.status.name(), tier(first.tier)),
        );
        return;
    }
    for service in services {
        let (status, tier) = (service.status.name(), tier(service.tier));
        document.field(
            "Status",
            format!("{}: {status}, {tier}", service.protocol.name()),
        );
    }
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Common => "common: everybody meets it",
        Tier::Known => "known: real software uses it",
        Tier::Obscure => "obscure: no common software uses it",
        Tier::Unassigned => "belongs to nobody",
        Tier::Dynamic => "dynamic",
    }
}

fn practice(document: &mut Document, services: &[Service; 2]) {
    let mut seen: Vec<&Practice> = vec![];
    for practice in services.iter().filter_map(|service| service.practice) {
        if !seen.contains(&practice) {
            seen.push(practice);
        }
    }
    document.heading("In practice");
    if seen.is_empty() {
        document.text(
            2,
            Role::Dim,
            "no well-known software is known for this number",
        );
    }
    for practice in seen {
        document.field_of(
            "Used by",
            vec![
                Piece::new(Role::Accent, practice.software),
                Piece::new(Role::Dim, format!("   {}", practice.category)),
            ],
        );
        if !practice.programs.is_empty() {
            document.field("Programs", practice.programs.join(", "));
        }
        document.field("Meant for", reach(practice.reach));
        if practice.cleartext {
            document.field("Cleartext", "yes: what it sends can be read on the wire");
        }
        if practice.authenticates == Some(false) {
            document.field("Login", "none in a default installation");
        }
        if !practice.advice.is_empty() {
            document.field("Advice", practice.advice);
        }
        for (port, why) in &practice.related {
            let pieces = vec![
                Piece::new(Role::Accent, port.to_string()),
                Piece::new(Role::Dim, format!("  {why}")),
            ];
            document.field_link("Related", pieces, Target::Port(*port));
        }
    }
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Local => "this machine alone",
        Reach::Trusted => "a network one trusts",
        Reach::Anyone => "everybody",
    }
}

fn checks(port: u16) -> [(String, &'static str); 4] {
    [
        (format!("ss -ltnp 'sport = :{port}'"), "who listens on tcp"),
        (format!("ss -lunp 'sport = :{port}'"), "who listens on udp"),
        (format!("lsof -nP -i :{port}"), "the same, another view"),
        (format!("getent services {port}"), "what /etc/services says"),
    ]
}

fn nearby(document: &mut Document, context: &Context<'_>, port: u16) {
    document.heading("Nearby");
    for step in [-2, -1, 1, 2] {
        let Ok(near) = u16::try_from(i32::from(port) + step) else {
            continue;
        };
        let service = context.registry.service(near, Protocol::Tcp);
        let label = service.label().unwrap_or(service.status.name());
        let pieces = vec![
            Piece::new(Role::Text, format!("{near:<6}")),
            Piece::new(Role::Dim, label),
        ];
        document.link(2, pieces, Target::Port(near));
    }
}

fn now(context: &Context<'_>, port: u16, here: &[&Socket]) -> Document {
    let mut document = Document::default();
    document.heading("Here now");
    if here.is_empty() {
        document.text(
            2,
            Role::Dim,
            format!("no socket of this machine has port {port}"),
        );
    }
    socket_lines(&mut document, here, true);
    owners(&mut document, context, here);
    let mut told: Vec<&Socket> = vec![];
    for socket in here {
        let known = told.iter().any(|one| one.assessment == socket.assessment);
        let calm = socket.assessment.verdict == Verdict::Expected && !told.is_empty();
        if !known && !calm {
            judgement::add(&mut document, socket);
            told.push(socket);
        }
    }
    document
}

fn owners(document: &mut Document, context: &Context<'_>, here: &[&Socket]) {
    let mut owners: Vec<_> = here.iter().flat_map(|socket| &socket.processes).collect();
    owners.sort_by_key(|process| process.key);
    owners.dedup_by_key(|process| process.key);
    for owner in owners.iter().take(super::MOST_SOCKETS) {
        let started = owner
            .started_at
            .map(|at| words::age(words::since(at, context.snapshot.taken_at)));
        let started = started
            .map(|age| format!("  started {age} ago"))
            .unwrap_or_default();
        let user = owner.user.as_deref().unwrap_or("?");
        let pieces = vec![
            Piece::new(Role::Dim, "by "),
            Piece::new(Role::Accent, format!("{} {}", owner.name, owner.key.pid)),
            Piece::new(Role::Dim, format!("  user {user}{started}")),
        ];
        document.link(2, pieces, Target::Process(owner.key));
    }
}
