use super::*;
use crate::model::{Breadth, PortRange, Ports, Protocol, Transport, fixture};

fn policy(text: &str) -> Policy {
    Policy::parse(text, &TimeZone::UTC, &|_| None).unwrap_or_else(|fault| panic!("{fault:?}"))
}

/// The text under the fault, what is said of it, and what to do.
fn fault(text: &str) -> (&str, String, Option<String>) {
    let fault = Policy::parse(text, &TimeZone::UTC, &|_| None).unwrap_err();
    let at = text.get(fault.span).unwrap();
    (at, fault.message, fault.hint)
}

const WHOLE: &str = r#"# ours
strict = true

[[expect]]                # the licence server
port = 1587
program = "/usr/sbin/elmd"
exposure = "loopback"
user = "license"
unit = "elmd.service"
reason = "ticket 4711"
until = 2027-01-31

# telnet
[[deny]]
port = 23
reason = "not here"

[rules]
obscure-port = "off"
wrong-program = "low"
"#;

#[test]
fn every_key_is_read() {
    let policy = policy(WHOLE);
    assert!(policy.strict);
    let [Written { entry, line, .. }] = policy.expect.as_slice() else {
        panic!("{policy:?}")
    };
    assert_eq!(*line, 4);
    assert_eq!(entry.port.unwrap().to_string(), "1587");
    assert_eq!(entry.program.as_deref(), Some("/usr/sbin/elmd"));
    assert_eq!(
        entry.until.as_ref().unwrap().ends.to_string(),
        "2027-02-01T00:00:00Z"
    );
    assert_eq!(policy.deny[0].line, 14);
    assert_eq!(
        policy.rules,
        [
            ("obscure-port", None),
            ("wrong-program", Some(Severity::Low))
        ]
    );
}

#[test]
fn a_date_ends_where_the_machine_stands_and_a_time_where_it_says() {
    let zone = TimeZone::fixed(jiff::tz::offset(-5));
    let ends = |until: &str| {
        let text = format!("[[expect]]\nport = 1\nuntil = {until}");
        let policy = Policy::parse(&text, &zone, &|_| None).unwrap();
        policy
            .changes_after(Timestamp::UNIX_EPOCH)
            .unwrap()
            .to_string()
    };
    assert_eq!(ends("2027-01-31"), "2027-02-01T05:00:00Z");
    assert_eq!(ends("2027-01-31T12:00:00"), "2027-01-31T17:00:00Z");
    assert_eq!(ends("2027-01-31T12:00:00+02:00"), "2027-01-31T10:00:00Z");
}

#[test]
fn ports_are_a_number_a_range_or_of_one_transport() {
    let ports = |text: &str| {
        policy(&format!("[[expect]]\nport = {text}")).expect[0]
            .entry
            .port
            .unwrap()
    };
    assert!(ports("1587").contain(1587, Protocol::Udp));
    assert!(ports("\"8000-8100\"").contain(8100, Protocol::Tcp));
    assert!(!ports("\"8000-8100\"").contain(8101, Protocol::Tcp));
    assert!(!ports("\"1587/udp\"").contain(1587, Protocol::Tcp));
    let range = PortRange { first: 1, last: 9 };
    let written = Ports {
        range,
        transport: Some(Transport::Udp),
    };
    assert_eq!(ports(&format!("\"{written}\"")), written);
}

#[test]
fn what_does_not_fit_is_pointed_at() {
    for (text, at, words) in [
        ("[[expect]]\nport = 70000", "70000", "70000 is no port"),
        ("[[expect]]\nport = \"9-1\"", "\"9-1\"", "9 is above 1"),
        (
            "[[expect]]\nport = \"ssh\"",
            "\"ssh\"",
            "\"ssh\" is no port",
        ),
        (
            "[[expect]]\nport = \"1/sctpp\"",
            "\"1/sctpp\"",
            "no transport",
        ),
        ("[[expect]]\nport = true", "true", "1587"),
        (
            "[[expect]]\nprogram = \"\"",
            "\"\"",
            "an empty text matches nothing",
        ),
        (
            "[[expect]]\nport = 1\nuntil = \"soon\"",
            "\"soon\"",
            "datetime",
        ),
        (
            "[[expect]]\nport = 1\nuntil = 12:00:00",
            "12:00:00",
            "no time",
        ),
        ("[[expect]]\nreason = \"all\"", "", "match everything"),
        (
            "[[deny]]\nport = 1\nrules = [\"obscure-port\"]",
            "\"obscure-port\"",
            "names no rules",
        ),
        ("strict = 1", "1", "boolean"),
        ("[[expect]\nport = 1", "", "expected `]`"),
    ] {
        let (place, message, _) = fault(text);
        assert_eq!(place, at, "{text}: {message}");
        assert!(message.contains(words), "{text}: {message}");
    }
}

#[test]
fn a_misspelt_word_brings_the_right_one() {
    for (text, at, hint) in [
        ("[[expect]]\nprot = 1", "prot", "did you mean `port`?"),
        (
            "[[deny]]\nprogramm = \"a\"",
            "programm",
            "did you mean `program`?",
        ),
        ("strickt = true", "strickt", "did you mean `strict`?"),
        ("[[expects]]\nport = 1", "expects", "did you mean `expect`?"),
        (
            "[rules]\nobscur-port = \"off\"",
            "obscur-port",
            "did you mean `obscure-port`?",
        ),
        (
            "[rules]\nobscure-port = \"of\"",
            "\"of\"",
            "the severities are",
        ),
        (
            "[rules]\nobscure-port = \"hihg\"",
            "\"hihg\"",
            "did you mean `high`?",
        ),
        (
            "[[expect]]\nport = 1\nrules = [\"memfd\"]",
            "\"memfd\"",
            "memfd-executable",
        ),
    ] {
        let (place, message, said) = fault(text);
        assert_eq!(place, at, "{text}: {message}");
        let said = said.unwrap_or_default();
        assert!(said.contains(hint), "{text}: {message}, {said}");
    }
    let (_, message, _) = fault("[[expect]]\nport = 1\nexposure = \"loopbak\"");
    assert!(message.ends_with("did you mean \"loopback\"?"), "{message}");
}

fn entry(breadth: Breadth) -> Entry {
    let socket = fixture::listener(1587)
        .at("127.0.0.1")
        .owned_by("elmd", 7)
        .user("root")
        .build();
    Entry::accepting(&socket, breadth, None).unwrap()
}

#[test]
fn an_added_entry_leaves_everything_else_as_it_was_written() {
    let added = add(WHOLE, &[entry(Breadth::ProgramAndPort)]).unwrap();
    let (before, after) = WHOLE.split_once("\n# telnet").unwrap();
    let new = added
        .strip_prefix(before)
        .unwrap()
        .strip_suffix(&format!("\n# telnet{after}"));
    assert_eq!(
        new.unwrap(),
        "\n[[expect]]\nport = \"1587/tcp\"\nprogram = \"/usr/bin/elmd\"\nexposure = \"loopback\"\nuser = \"root\"\n"
    );
    assert_eq!(policy(&added).expect.len(), 2);
}

#[test]
fn an_entry_that_stands_there_is_not_added_again_and_can_be_taken_out() {
    for breadth in Breadth::ALL {
        let one = Entry {
            reason: Some(Text::from("why")),
            ..entry(breadth)
        };
        for text in [
            "",
            "# nothing yet\n",
            WHOLE,
            "expect = [{ port = 1 }]\n",
            "expect = []\r\n",
        ] {
            let added = add(text, &[one.clone(), one.clone()]).unwrap();
            assert_ne!(added, text);
            assert_eq!(
                add(&added, std::slice::from_ref(&one)).unwrap(),
                added,
                "{text:?}"
            );
            assert_eq!(
                remove(&added, &one).unwrap().as_deref(),
                Some(text),
                "{added:?}"
            );
            assert_eq!(remove(text, &one).unwrap(), None);
        }
    }
}

#[test]
fn a_text_that_is_no_policy_is_not_edited() {
    assert!(add("[[expect]]\nprot = 1", &[entry(Breadth::Port)]).is_err());
    assert!(remove("[[expect", &entry(Breadth::Port)).is_err());
}

#[test]
fn what_was_added_is_read_as_the_same_entry() {
    for breadth in Breadth::ALL {
        let one = entry(breadth).naming(["executable-in-temp", "obscure-port", "denied-listener"]);
        let added = policy(&add("", std::slice::from_ref(&one)).unwrap());
        assert_eq!(added.expect[0].entry, one);
        assert!(added.covers(&one, Timestamp::UNIX_EPOCH));
    }
}

#[test]
fn a_program_that_runs_from_memory_or_whose_file_is_gone_cannot_be_accepted() {
    let socket = |change: fn(&mut crate::model::Executable)| {
        let process = fixture::process("elmd", 7);
        let mut executable = process.executable.known().unwrap().clone();
        change(&mut executable);
        let executable = crate::model::Fact::Known(executable);
        fixture::listener(1587)
            .owned_by("elmd", 7)
            .with(|process| process.executable = executable)
            .build()
    };
    let accept = |socket| Entry::accepting(&socket, Breadth::ProgramAndPort, None);
    assert!(accept(socket(|executable| executable.memfd = true)).is_err());
    let gone = |executable: &mut crate::model::Executable| {
        executable.deleted = true;
        executable.file_at_path = false;
    };
    assert!(accept(socket(gone)).is_err());
    assert!(accept(socket(|executable| executable.deleted = true)).is_ok());
}

#[test]
fn an_entry_silences_only_what_it_speaks_of() {
    let exact = entry(Breadth::ProgramAndPort);
    let port = entry(Breadth::Port);
    for rule in [
        "shell-on-socket",
        "memfd-executable",
        "deleted-executable",
        "executable-in-temp",
        "hidden-owner",
        "denied-listener",
        "beacon",
    ] {
        assert!(!exact.silences(rule), "{rule}");
    }
    assert!(exact.silences("obscure-port") && exact.silences("wrong-program"));
    assert!(exact.silences("exposed-local-service"));
    assert!(port.silences("obscure-port") && !port.silences("wrong-program"));
    assert!(!entry(Breadth::Program).silences("exposed-local-service"));
    assert!(
        exact
            .clone()
            .naming(["memfd-executable"])
            .silences("memfd-executable")
    );
    assert!(
        !exact
            .naming(["denied-listener"])
            .silences("denied-listener")
    );
}

#[test]
fn a_port_the_kernel_chose_becomes_its_whole_range_unless_the_program_says_nothing() {
    let range = PortRange {
        first: 32768,
        last: 60999,
    };
    let port = |name: &str| {
        let socket = fixture::listener(40001).owned_by(name, 7).build();
        let entry = Entry::accepting(&socket, Breadth::ProgramAndPort, Some(range)).unwrap();
        entry.port.unwrap().to_string()
    };
    assert_eq!(port("rpc.statd"), "32768-60999/tcp");
    assert_eq!(port("python3"), "40001/tcp");
}

#[test]
fn an_entry_that_ended_counts_no_more_and_is_named() {
    let policy = policy(WHOLE);
    let before: Timestamp = "2027-01-31T23:59:59Z".parse().unwrap();
    let after: Timestamp = "2027-02-01T00:00:00Z".parse().unwrap();
    assert_eq!(policy.notes(before).expects, 1);
    assert!(policy.notes(before).ended.is_empty());
    let notes = policy.notes(after);
    assert_eq!((notes.expects, notes.denies), (0, 1));
    assert_eq!(
        notes.ended,
        [Text::from(
            "the [[expect]] of line 4 ended on 2027-01-31: ticket 4711"
        )]
    );
    assert_eq!(policy.changes_after(before), Some(after));
    assert_eq!(policy.changes_after(after), None);
}

#[test]
fn an_interpreter_is_accepted_with_what_it_was_told_to_run() {
    let accepted = |line: &str| {
        let arguments: Vec<_> = line.split(' ').map(Text::from).collect();
        let socket = fixture::listener(8000)
            .owned_by("python3.11", 7)
            .with(|process| process.cmdline = crate::model::Fact::Known(arguments))
            .build();
        let entry = Entry::accepting(&socket, Breadth::ProgramAndPort, None).unwrap();
        let written = add("", std::slice::from_ref(&entry)).unwrap();
        assert_eq!(policy(&written).expect[0].entry, entry);
        entry.script
    };
    let some = |script: &str| Some(Text::from(script));
    assert_eq!(accepted("python3 /srv/app.py"), some("/srv/app.py"));
    assert_eq!(accepted("python3 -m http.server"), some("-m http.server"));
    assert_eq!(accepted("python3 -c print"), None);
    // On any port, that would be every code there is.
    let socket = fixture::listener(8000).owned_by("python3.11", 7).build();
    let refused = Entry::accepting(&socket, Breadth::Program, None);
    assert_eq!(refused, Err(crate::model::policy::Unacceptable::NoScript));
}

#[test]
fn a_script_is_text_and_alone_enough() {
    let alone = policy("[[expect]]\nscript = \"app.py\"");
    assert_eq!(alone.expect[0].entry.script.as_deref(), Some("app.py"));
    let (at, message, _) = fault("[[expect]]\nport = 1\nscript = \"\"");
    assert_eq!(at, "\"\"");
    assert!(message.starts_with("an empty text"), "{message}");
    let (at, _, hint) = fault("[[expect]]\nport = 1\nscrpt = \"app.py\"");
    assert_eq!(
        (at, hint.as_deref()),
        ("scrpt", Some("did you mean `script`?"))
    );
}
