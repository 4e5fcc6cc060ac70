//! The outcome of `check` in SARIF 2.1.0, which CI systems and editors read.

use super::{check::Check, plural};
use crate::model::{Finding, Process, Severity, Socket, Story, policy::holder};
use serde::Serialize;
use serde_json::{Value, json};
use std::{fmt::Write as _, io};

/// Where the schema of the format lies.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The most places that one result names.
const MOST_PLACES: usize = 100;

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
struct Run<'a> {
    tool: Value,
    invocations: [Value; 1],
    results: Vec<SarifResult<'a>>,
    properties: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    rule_index: Option<usize>,
    level: &'static str,
    message: Value,
    locations: Vec<Value>,
    partial_fingerprints: Value,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Properties<'a> {
    severity: &'static str,
    verdict: &'static str,
    program: Option<&'a str>,
    sockets: Vec<String>,
}

/// Writes a check as one SARIF log: a result for each rule of each story, at the program's file.
///
/// `rules` are all rules with what each looks for. What could not be seen is a notification of the tool.
pub fn write(
    out: &mut dyn io::Write,
    check: &Check<'_>,
    rules: &[(&'static str, &'static str)],
) -> io::Result<()> {
    let of_story = |story| results(story, rules);
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: tool(rules),
            invocations: [invocation(check)],
            results: check.stories.iter().flat_map(of_story).collect(),
            properties: json!({ "complete": check.is_complete(), "host": check.snapshot.host.as_str() }),
        }],
    };
    serde_json::to_writer(&mut *out, &log)?;
    writeln!(out)
}

fn tool(rules: &[(&str, &str)]) -> Value {
    let rules = rules
        .iter()
        .map(|(id, about)| json!({ "id": id, "shortDescription": { "text": about } }));
    json!({ "driver": {
        "name": "portwise",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules.collect::<Vec<_>>(),
    } })
}

fn invocation(check: &Check<'_>) -> Value {
    let snapshot = check.snapshot;
    let limits = snapshot.coverage.limits.iter();
    let mut missing: Vec<String> = limits.map(|limit| limit.detail.to_string()).collect();
    if snapshot.owners_hidden > 0 {
        let sockets = plural(snapshot.owners_hidden, "socket");
        missing.push(format!("the owners of {sockets} are not visible"));
    }
    missing.extend(
        snapshot
            .policy
            .ended
            .iter()
            .map(|ended| format!("policy: {ended}")),
    );
    let notify = |text: String| json!({ "level": "warning", "message": { "text": text } });
    json!({
        "executionSuccessful": true,
        "endTimeUtc": snapshot.taken_at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "toolExecutionNotifications": missing.into_iter().map(notify).collect::<Vec<_>>(),
    })
}

fn results<'a>(story: &'a Story<'a>, rules: &[(&str, &str)]) -> Vec<SarifResult<'a>> {
    let result = |finding: &&'a Finding| result(story, finding, rules);
    story.findings.iter().map(result).collect()
}

fn result<'a>(story: &'a Story<'a>, finding: &Finding, rules: &[(&str, &str)]) -> SarifResult<'a> {
    let concerned = |socket: &&&Socket| {
        let mut findings = socket.assessment.findings.iter();
        findings.any(|one| one.rule == finding.rule)
    };
    let sockets: Vec<&Socket> = story.sockets.iter().filter(concerned).copied().collect();
    let mut names: Vec<String> = sockets.iter().map(|socket| name(socket)).collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(MOST_PLACES);
    let program = story.program.unwrap_or("owner not visible");
    SarifResult {
        rule_id: finding.rule,
        rule_index: rules.iter().position(|(id, _)| *id == finding.rule),
        level: level(finding.severity),
        message: json!({ "text": message(finding) }),
        locations: locations(&sockets),
        // The same tomorrow: no pid, no peer.
        partial_fingerprints: json!({
            "portwise/v1": format!("{} {program} {}", finding.rule, fingerprint(&sockets)),
        }),
        properties: Properties {
            severity: finding.severity.name(),
            verdict: story.verdict.name(),
            program: story.program,
            sockets: names,
        },
    }
}

/// The sentence, what was seen, and what to do.
fn message(finding: &Finding) -> String {
    let mut text = finding.title.clone();
    for evidence in &finding.evidence {
        // Writing to a string cannot fail.
        _ = write!(text, "\n{}: {}", evidence.what, evidence.value);
    }
    for advice in &finding.advice {
        _ = write!(text, "\n> {}", advice.text);
        if let Some(command) = &advice.command {
            _ = write!(text, " {command}");
        }
    }
    text
}

/// The levels of the format are fewer than ours; the severity itself is among the properties.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// One place for each file that is concerned, with the sockets it holds as logical locations.
fn locations(sockets: &[&Socket]) -> Vec<Value> {
    let mut places: Vec<(Option<String>, Vec<String>)> = vec![];
    for socket in sockets {
        let uri = holder(&socket.processes).and_then(uri);
        let name = name(socket);
        match places.iter_mut().find(|(known, _)| *known == uri) {
            Some((_, names)) if names.contains(&name) || names.len() >= MOST_PLACES => {}
            Some((_, names)) => names.push(name),
            None => places.push((uri, vec![name])),
        }
    }
    let place = |(uri, names): (Option<String>, Vec<String>)| {
        let logical = names
            .iter()
            .map(|name| json!({ "fullyQualifiedName": name, "kind": "socket" }));
        let mut place = json!({ "logicalLocations": logical.collect::<Vec<_>>() });
        if let (Some(uri), Some(place)) = (uri, place.as_object_mut()) {
            let artifact = json!({ "artifactLocation": { "uri": uri } });
            place.insert("physicalLocation".to_owned(), artifact);
        }
        place
    };
    places.into_iter().map(place).collect()
}

/// The file of a program as a URI.
fn uri(process: &Process) -> Option<String> {
    let path = &process.executable.known().filter(|file| !file.memfd)?.path;
    let mut uri = String::from("file://");
    if !path.starts_with('/') {
        return None;
    }
    for byte in path.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        if plain {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            _ = write!(uri, "%{byte:02X}");
        }
    }
    Some(uri)
}

fn name(socket: &Socket) -> String {
    format!("{} {}", socket.raw.protocol.name(), socket.raw.bound_to())
}

/// The ports that are concerned, each once: of a connection that goes out, its peer's.
fn fingerprint(sockets: &[&Socket]) -> String {
    let port = |socket: &&Socket| {
        let number = socket
            .service
            .map_or(socket.raw.local().port, |service| service.port);
        format!("{number}/{}", socket.raw.protocol.name())
    };
    let mut ports: Vec<String> = sockets.iter().map(port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports.truncate(MOST_PLACES);
    ports.join(",")
}
