//! What ports answered, as text, JSON and Markdown.

use super::{
    Style,
    explain::{
        markdown::{code, escaped},
        wrap::Lines,
    },
    socket::FindingJson,
};
use crate::model::{Agreement, Answer, Probed};
use serde::Serialize;
use std::{io, net::IpAddr};

/// Writes a paragraph for each target; a terminal gets lines that fit.
pub fn write_text(out: &mut dyn io::Write, probed: &[Probed], style: Style) -> io::Result<()> {
    let mut text = Lines::of(style.line());
    for one in probed {
        match &one.outcome {
            Ok(answer) => {
                text.words("", 2, &format!("{} {}", heading(one), said(answer)));
                if !answer.greeting.is_empty() {
                    text.words("  ", 4, &answer.greeting);
                }
                text.words("  ", 4, &judged(one.port, answer));
                if let Some(finding) = &one.finding {
                    let severity = finding.severity.name();
                    let first = format!("  {severity}  {}  ", finding.rule);
                    text.words(&first, 4, &finding.title);
                }
            }
            Err(why) => text.words("", 2, &format!("{} did not answer: {why}", heading(one))),
        }
    }
    out.write_all(text.text().as_bytes())
}

/// Writes a section for each target.
pub fn write_markdown(out: &mut dyn io::Write, probed: &[Probed]) -> io::Result<()> {
    for (at, one) in probed.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "# {}\n", escaped(&heading(one)))?;
        match &one.outcome {
            Ok(answer) => {
                writeln!(out, "- It {}.", said(answer))?;
                if !answer.greeting.is_empty() {
                    writeln!(out, "- Greeting: {}", code(&answer.greeting))?;
                }
                writeln!(out, "- {}.", escaped(&judged(one.port, answer)))?;
            }
            Err(why) => writeln!(out, "- It did not answer: {}.", escaped(why))?,
        }
    }
    Ok(())
}

/// What was asked, and who that is.
fn heading(one: &Probed) -> String {
    match one.address {
        Some(address) if *one.target != *address.to_string() => {
            format!("{} ({address})", one.target)
        }
        Some(_) | None => one.target.as_str().to_owned(),
    }
}

fn said(answer: &Answer) -> String {
    let after = answer.after.as_millis();
    match answer.spoke {
        Some(protocol) if answer.asked => format!("spoke {protocol} when asked, after {after} ms"),
        Some(protocol) => format!("spoke {protocol}, after {after} ms"),
        None if answer.greeting.is_empty() => {
            format!("took the connection and said nothing for {after} ms")
        }
        None => format!("spoke something not recognised, after {after} ms"),
    }
}

/// Whether that is what the port is named for, as a sentence without its period.
fn judged(port: u16, answer: &Answer) -> String {
    let name = match (answer.expected, answer.in_practice) {
        (Some(name), Some(software)) if name != software => {
            format!("{port}/tcp is {name}, in practice {software}")
        }
        (Some(name), _) | (None, Some(name)) => format!("{port}/tcp is {name}"),
        (None, None) => return format!("{port}/tcp has no registered name"),
    };
    match answer.agreement {
        Agreement::Agrees => format!("{name}: that agrees"),
        Agreement::Differs => format!("{name}: that is something else"),
        Agreement::Open => format!("{name}: this does not tell whether that agrees"),
    }
}

#[derive(Serialize)]
struct ProbedJson<'a> {
    target: &'a str,
    address: Option<IpAddr>,
    port: u16,
    answered: bool,
    protocol: Option<&'static str>,
    greeting: Option<&'a str>,
    asked: Option<bool>,
    after_ms: Option<u128>,
    service: Option<ServiceJson>,
    agrees: Option<bool>,
    error: Option<&'a str>,
    findings: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct ServiceJson {
    name: Option<&'static str>,
    in_practice: Option<&'static str>,
}

/// Writes an array with an object for each target.
pub fn write_json(out: &mut dyn io::Write, probed: &[Probed]) -> io::Result<()> {
    let json: Vec<_> = probed.iter().map(json).collect();
    serde_json::to_writer(&mut *out, &json)?;
    writeln!(out)
}

fn json(one: &Probed) -> ProbedJson<'_> {
    let answer = one.outcome.as_ref().ok();
    ProbedJson {
        target: &one.target,
        address: one.address.map(|address| address.ip()),
        port: one.port,
        answered: answer.is_some(),
        protocol: answer.and_then(|answer| answer.spoke),
        greeting: answer.map(|answer| answer.greeting.as_str()),
        asked: answer.map(|answer| answer.asked),
        after_ms: answer.map(|answer| answer.after.as_millis()),
        service: answer.map(|answer| ServiceJson {
            name: answer.expected,
            in_practice: answer.in_practice,
        }),
        agrees: answer.and_then(|answer| match answer.agreement {
            Agreement::Agrees => Some(true),
            Agreement::Differs => Some(false),
            Agreement::Open => None,
        }),
        error: one.outcome.as_ref().err().map(|why| &**why),
        findings: one.finding.iter().map(FindingJson::new).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Finding, Severity, Text};
    use std::time::Duration;

    fn probed() -> Vec<Probed> {
        let answered = Probed {
            target: Text::from(":587"),
            address: Some("127.0.0.1:587".parse().unwrap()),
            port: 587,
            outcome: Ok(Answer {
                spoke: Some("ssh"),
                greeting: Text::from_bytes(b"SSH-2.0-`x`\r\n"),
                asked: false,
                after: Duration::from_millis(3),
                expected: Some("submission"),
                in_practice: Some("Mail submission"),
                agreement: Agreement::Differs,
            }),
            finding: Some(Finding {
                rule: "speaks-otherwise",
                severity: Severity::Medium,
                title: "587/tcp speaks ssh".to_owned(),
                evidence: vec![],
                advice: vec![],
            }),
        };
        let silent = Probed {
            target: Text::from("127.0.0.1:1"),
            address: Some("127.0.0.1:1".parse().unwrap()),
            port: 1,
            outcome: Err(Text::from("refused")),
            finding: None,
        };
        vec![answered, silent]
    }

    fn written(write: impl Fn(&mut dyn io::Write, &[Probed]) -> io::Result<()>) -> String {
        let mut out = vec![];
        write(&mut out, &probed()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_says_who_spoke_what_and_whether_that_agrees() {
        assert_eq!(
            written(|out, probed| write_text(out, probed, Style::default())),
            ":587 (127.0.0.1:587) spoke ssh, after 3 ms\n  SSH-2.0-`x`\\x0d\\x0a\n  587/tcp is \
             submission, in practice Mail submission: that is something else\n  medium  speaks-otherwise  587/tcp speaks ssh\n127.0.0.1:1 did not \
             answer: refused\n"
        );
    }

    #[test]
    fn json_says_unknown_where_nothing_answered() {
        let json: serde_json::Value = serde_json::from_str(&written(write_json)).unwrap();
        assert_eq!(json[0]["protocol"], "ssh");
        assert_eq!(json[0]["agrees"], false);
        assert_eq!(json[0]["findings"][0]["rule"], "speaks-otherwise");
        assert_eq!(json[0]["service"]["name"], "submission");
        assert_eq!(json[1]["answered"], false);
        assert_eq!(json[1]["error"], "refused");
        assert!(json[1]["agrees"].is_null());
    }

    #[test]
    fn a_greeting_cannot_leave_its_code_span() {
        let markdown = written(write_markdown);
        assert!(
            markdown.contains("Greeting: `` SSH-2.0-`x`\\x0d\\x0a ``"),
            "{markdown}"
        );
    }
}
