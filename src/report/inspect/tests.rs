use super::*;
use crate::model::{
    Severity,
    fixture::{connection, listener, process},
};

/// Nothing that was read besides.
fn bare<'a>() -> Inspected<'a> {
    Inspected {
        process: None,
        sockets: vec![],
        findings: vec![],
        inspection: None,
        events: None,
        reveal: false,
    }
}

fn web_server() -> Socket {
    let finding = listener(1587)
        .owned_by("nginx", 812)
        .verdict(Verdict::Unusual);
    finding.finding("obscure-port", Severity::Medium).build()
}

#[test]
fn text_says_who_it_is_why_it_runs_and_what_was_found() {
    let (owner, socket) = (process("nginx", 812), web_server());
    let client = connection("10.0.0.2:40000", "203.0.113.7:443")
        .owned_by("nginx", 812)
        .build();
    let one = Inspected {
        process: Some(&owner),
        sockets: vec![&socket, &client],
        findings: socket.assessment.findings.iter().collect(),
        ..bare()
    };
    let mut out = vec![];
    write_text(&mut out, &[one], Style::default()).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
    nginx, pid 812  ODD
      command       /usr/bin/nginx
      executable    /usr/bin/nginx
      works in      /
      user          deploy (1000)
      started by    nginx 812
      terminal      none
      package       none owns the executable

    Why it runs
      - nothing that was looked at explains why it runs

    Sockets (2)
      ODD tcp listen 0.0.0.0:1587
      UNKNOWN tcp established 10.0.0.2:40000 - 203.0.113.7:443

    Findings
      unusual: 1 rule found something about 1 of its 2 sockets, the worst first
      medium  obscure-port: obscure port
          about tcp 0.0.0.0:1587
    ");
}

#[test]
fn markdown_has_the_same_parts_and_no_markup_of_others() {
    let mut owner = process("nginx", 812);
    owner.name = Text::from("*evil*");
    let socket = web_server();
    let one = Inspected {
        process: Some(&owner),
        sockets: vec![&socket],
        findings: socket.assessment.findings.iter().collect(),
        ..bare()
    };
    let mut out = vec![];
    write_markdown(&mut out, &[one]).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("# \\*evil\\*, pid 812: ODD\n"), "{text}");
    for heading in ["## Why it runs", "## Sockets (1)", "## Findings"] {
        assert!(text.contains(heading), "{text}");
    }
}

#[test]
fn a_hidden_owner_is_said_and_its_sockets_are_shown() {
    let socket = listener(22).build();
    let one = Inspected {
        process: None,
        sockets: vec![&socket],
        findings: vec![],
        ..bare()
    };
    let mut out = vec![];
    write_text(&mut out, std::slice::from_ref(&one), Style::default()).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.starts_with("owner not visible") && text.contains(":22"),
        "{text}"
    );
    let mut out = vec![];
    write_json(&mut out, &[one]).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(json[0]["process"], serde_json::Value::Null);
    assert_eq!(json[0]["sockets"][0]["local"]["port"], 22);
}

#[test]
fn no_line_of_words_is_wider_than_80_columns() {
    let mut owner = process("nginx", 812);
    owner.cmdline = Fact::Known(vec![
        Text::from("word ".repeat(60)),
        Text::from("x".repeat(300)),
    ]);
    let one = Inspected {
        process: Some(&owner),
        sockets: vec![],
        findings: vec![],
        ..bare()
    };
    let mut out = vec![];
    write_text(&mut out, &[one], Style::default()).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}
