//! A verdict in words: findings, their evidence, what to do.

use crate::{
    model::{Assessment, Finding, Socket, Verdict, secrets},
    rules::story,
    tui::{
        document::{Document, Piece},
        theme::Role,
        words,
    },
};

/// The verdicts of the sockets of one process: what each rule found about the worst, once.
pub(super) fn add_all(document: &mut Document, sockets: &[&Socket]) {
    let Some(worst) = sockets
        .iter()
        .max_by_key(|socket| socket.assessment.verdict)
    else {
        return;
    };
    let findings = story::findings(sockets);
    if findings.is_empty() {
        add(document, worst);
        return;
    }
    document.heading(&format!("Why {}", words::badge(worst.assessment.verdict)));
    for finding in findings {
        add_finding(document, finding);
        let about = |socket: &&&Socket| {
            let found = &socket.assessment.findings;
            found.iter().any(|one| one.rule == finding.rule)
        };
        let others = sockets.iter().filter(about).count().saturating_sub(1);
        if others > 0 {
            let text = format!("the same of {}", words::plural(others, "more socket"));
            document.text(4, Role::Dim, text);
        }
    }
}

/// The verdict of a socket with everything it rests on.
pub(super) fn add(document: &mut Document, socket: &Socket) {
    let assessment = &socket.assessment;
    document.heading(&format!("Why {}", words::badge(assessment.verdict)));
    reason(document, assessment);
    for finding in &assessment.findings {
        add_finding(document, finding);
    }
}

fn reason(document: &mut Document, assessment: &Assessment) {
    match (&assessment.reason, assessment.findings.is_empty()) {
        (Some(reason), _) => document.text(2, Role::Text, reason.to_string()),
        (None, true) if assessment.verdict == Verdict::Unknown => {
            document.text(2, Role::Dim, "nothing speaks for it or against it");
        }
        (None, true) => document.text(2, Role::Dim, "nothing was found"),
        (None, false) => {}
    }
}

/// One finding with its evidence and what to do.
pub(super) fn add_finding(document: &mut Document, finding: &Finding) {
    let verdict = verdict_of(finding);
    document.item(
        2,
        Piece::new(Role::Tone(verdict), format!("{} ", words::glyph(verdict))),
        vec![
            Piece::new(Role::Text, without_secrets(&finding.title)),
            Piece::new(
                Role::Dim,
                format!("  {} · {}", finding.severity.name(), finding.rule),
            ),
        ],
    );
    for evidence in &finding.evidence {
        document.hanging(
            6,
            vec![
                Piece::new(Role::Dim, format!("    {}: ", evidence.what)),
                Piece::new(Role::Text, without_secrets(&evidence.value)),
            ],
        );
    }
    for advice in &finding.advice {
        document.item(
            4,
            Piece::new(Role::Accent, "→ "),
            vec![Piece::new(Role::Text, advice.text.to_string())],
        );
        if let Some(command) = &advice.command {
            document.command(6, command, "");
        }
    }
}

/// What others may see over one's shoulder: what a rule quotes may hold a password.
fn without_secrets(words: &str) -> String {
    secrets::masked_words(words).unwrap_or_else(|| words.to_owned())
}

/// The verdict that a finding would give alone.
pub(super) fn verdict_of(finding: &Finding) -> Verdict {
    use crate::model::Severity;
    match finding.severity {
        Severity::Info => Verdict::Expected,
        Severity::Low => Verdict::Notable,
        Severity::Medium => Verdict::Unusual,
        Severity::High | Severity::Critical => Verdict::Suspicious,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Severity, fixture};

    #[test]
    fn a_secret_in_what_a_rule_quotes_is_not_shown() {
        let listener = fixture::listener(4444).finding("shell-on-socket", Severity::High);
        let mut socket = listener.verdict(Verdict::Suspicious).build();
        let findings = &mut std::sync::Arc::make_mut(&mut socket.assessment).findings;
        findings[0].evidence = vec![crate::model::Evidence {
            what: "its command line",
            value: "psql postgres://me:hunter2@db/x".into(),
        }];
        let mut document = Document::default();
        add(&mut document, &socket);
        let pieces = document.lines(80).into_iter().flat_map(|line| line.pieces);
        let words: String = pieces.map(|piece| piece.text).collect();
        assert!(
            words.contains("psql postgres://") && !words.contains("hunter2"),
            "{words}"
        );
    }

    #[test]
    fn what_was_found_about_each_socket_of_a_process_is_told_once() {
        let exposed = |port: u16| {
            let listener = fixture::listener(port).owned_by("redis-server", 5);
            let listener = listener.finding("exposed-local-service", Severity::High);
            listener.verdict(Verdict::Suspicious).build()
        };
        let calm = fixture::listener(22).build();
        let (one, other) = (exposed(6379), exposed(6380));
        let mut document = Document::default();
        add_all(&mut document, &[&calm, &one, &other]);
        let lines = document.lines(80);
        let words: Vec<String> = lines
            .iter()
            .map(|line| line.pieces.iter().map(|piece| &*piece.text).collect())
            .collect();
        let told = |part: &str| words.iter().filter(|line| line.contains(part)).count();
        assert_eq!(told("Why ◆ ALERT"), 1, "{words:#?}");
        assert_eq!(told("high · exposed-local-service"), 1, "{words:#?}");
        assert_eq!(told("the same of 1 more socket"), 1, "{words:#?}");
    }
}
