//! A verdict in words: findings, their evidence, what to do.

use crate::{
    model::{Assessment, Finding, Socket, Verdict},
    tui::{
        document::{Document, Piece},
        theme::Role,
        words,
    },
};

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
    document.line(
        2,
        vec![
            Piece::new(Role::Tone(verdict), format!("{} ", words::glyph(verdict))),
            Piece::new(Role::Text, finding.title.clone()),
            Piece::new(
                Role::Dim,
                format!("  {} · {}", finding.severity.name(), finding.rule),
            ),
        ],
    );
    for evidence in &finding.evidence {
        document.line(
            4,
            vec![
                Piece::new(Role::Dim, format!("{}: ", evidence.what)),
                Piece::new(Role::Text, evidence.value.clone()),
            ],
        );
    }
    for advice in &finding.advice {
        document.line(
            4,
            vec![
                Piece::new(Role::Accent, "→ "),
                Piece::new(Role::Text, advice.text.to_string()),
            ],
        );
        if let Some(command) = &advice.command {
            document.command(6, command, "");
        }
    }
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
