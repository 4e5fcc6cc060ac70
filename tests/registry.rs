//! From a port to its page, as a reader and a script get it.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails loudly")]

use portwise::{
    model::{Declared, DeclaredBy, HereNow, Page, PortRange, Protocol, Text, Transport},
    registry::Registry,
    report::{
        Style,
        explain::{Entry, write_json, write_markdown, write_text},
    },
};
use serde_json::{Value, json};

fn page(port: u16, protocol: Option<Transport>) -> Page {
    Registry::bundled().page(port, protocol)
}

/// Every port that software uses, and a good part of the others.
fn many_ports() -> impl Iterator<Item = u16> {
    let used = Registry::bundled()
        .practices()
        .iter()
        .map(|practice| practice.port);
    let backdoors = Registry::bundled()
        .backdoors()
        .iter()
        .map(|backdoor| backdoor.port);
    used.chain(backdoors).chain((0..=u16::MAX).step_by(41))
}

fn text_of(page: &Page, here_now: Option<&[HereNow]>) -> String {
    let mut out = vec![];
    write_text(
        &mut out,
        &[Entry {
            page,
            here_now,
            declared: &[],
        }],
        Style::default(),
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

fn json_of(page: &Page, here_now: &[Value]) -> Value {
    let mut out = vec![];
    let entry = Entry {
        page,
        here_now: Some(here_now),
        declared: &[],
    };
    write_json(&mut out, &[entry]).unwrap();
    let mut pages: Vec<Value> = serde_json::from_slice(&out).unwrap();
    assert_eq!(pages.len(), 1);
    pages.remove(0)
}

#[test]
fn the_page_of_an_obscure_port() {
    let here_now = [HereNow {
        socket: String::from("listen 0.0.0.0:1587/tcp"),
        owner: Some(Text::from("python3 30119")),
    }];
    insta::assert_snapshot!(text_of(&page(1587, None), Some(&here_now)), @r"
    Port 1587 (tcp, udp): pra-elmd
    assigned, user range (1024-49151), obscure: no known use in practice

    What the registry says
      IANA assigned 1587 (tcp and udp) to pra-elmd, also spelled pra_elmd. IANA
      records no description beyond the name. It was assigned to Dennis Mastin, who
      is the contact. The registry gives no date and no reference.

      name          pra-elmd
      aliases       pra_elmd
      transports    tcp, udp
      assignee      Dennis Mastin
      contact       Dennis Mastin

    In practice
      No common software is known to use it.

    What to do
      - You probably should not have anything listening on it; if you find
        something, investigate: which program it is, who started it, and which
        package it came with.
      - The registered name is no proof: it says who asked for the number, not what
        listens on it.

    What would be unusual
      - Any listener on 1587 that you did not set up yourself.

    How to check, on this machine
      ss -ltunp 'sport = :1587'
          what listens; as root, who (Linux)
      lsof -nP -i :1587
          what uses it; as root, who (Linux, macOS)
      netstat -ano | findstr :1587
          what listens, with its pid (Windows)
      getent services 1587/tcp
          what /etc/services calls it (Linux)
      curl -v --max-time 5 telnet://127.0.0.1:1587
          whether it answers, and its first words

    How to check, from another machine
      nc -vz HOST 1587
          whether it can be reached
      Test-NetConnection HOST -Port 1587
          the same in PowerShell (Windows)
      nmap -sV -p 1587 HOST
          what speaks there
      nmap -sU -sV -p 1587 HOST
          whether it answers over udp (as root; silence proves nothing)

    Related ports
        587  submission      1587 is 587 with one digit more: Mail submission
       1585  intv            2 numbers away in the registry
       1586  ibm-abtact      next to it in the registry
       1588  triquest-lm     next to it in the registry
       1589  vqp             2 numbers away in the registry

    Here now
      listen 0.0.0.0:1587/tcp, python3 30119
    ");
}

#[test]
fn the_page_of_the_submission_port() {
    insta::assert_snapshot!(text_of(&page(587, Some(Transport::Tcp)), None), @r#"
    Port 587 (tcp): submission
    assigned, system range (0-1023), common in practice

    What the registry says
      IANA assigned 587 (tcp) to submission. It describes it as "Message
      Submission". The registry gives no contact.

      name          submission
      transports    tcp, udp
      description   Message Submission
      modified      2011-11-17
      reference     RFC 6409, Message Submission for Mail:
                    https://www.rfc-editor.org/rfc/rfc6409

    In practice
      Over tcp: Mail submission. It may be reachable from everywhere where that is
      its purpose.

      programs      master, smtpd, exim4, exim, sendmail, sendmail-mta,
                    submission-login, stalwart, stalwart-mail, maddy, nginx,
                    dovecot, MSExchangeFrontendTransport
      source        https://www.rfc-editor.org/rfc/rfc6409

    What to do
      - Mail programs hand in mail here, after STARTTLS and a login; mail servers
        among themselves use 25.
      - Require STARTTLS before the login, so that no password crosses the wire
        readable (Postfix: `smtpd_tls_security_level = encrypt` for the submission
        service; RFC 8314, section 4.1).
      - Require a login, and accept nothing without it (RFC 6409, section 4.3): a
        server that relays for strangers is on block lists within a day.
      - Let a user send under their own addresses only.
      - Limit how much one login may send and how often it may fail (fail2ban or the
        server's own limits), so that a stolen password is found early.
      - Use a certificate that clients trust, Let's Encrypt's for example, for the
        name that they are told to use; renew it automatically and reload the server
        after.
      - Offer 465 as well: RFC 8314 prefers TLS from the first byte.
      - Keep 25 for other mail servers: they never use 587, and mail programs should
        not use 25.
      - On a machine that only sends its own mail, nothing needs to listen here.

    What would be unusual
      - AUTH offered before STARTTLS, mail accepted without a login, or thousands of
        messages from one user.

    How to check, on this machine
      ss -ltnp 'sport = :587'
          what listens; as root, who (Linux)
      lsof -nP -iTCP:587 -sTCP:LISTEN
          what uses it; as root, who (Linux, macOS)
      netstat -ano | findstr :587
          what listens, with its pid (Windows)
      getent services 587/tcp
          what /etc/services calls it (Linux)
      curl -v --max-time 5 telnet://127.0.0.1:587
          whether it answers, and its first words
      openssl s_client -connect 127.0.0.1:587 -starttls smtp -brief
          whether STARTTLS works, and the certificate
      postconf -M submission/inet; postconf -P 'submission/inet/*'
          how Postfix is set up here (Linux, macOS)

    How to check, from another machine
      swaks --server HOST --port 587 --quit-after EHLO
          what it offers before TLS: STARTTLS, and no AUTH
      swaks --server HOST --port 587 --tls --from you@example.net --to \
          you@example.net --quit-after RCPT
          whether it takes mail without a login: it must refuse
      swaks --server HOST --port 587 --tls --auth-user USER --from you@example.net \
          --to you@example.net
          a whole test message, with a login
      nc -vz HOST 587
          whether it can be reached
      Test-NetConnection HOST -Port 587
          the same in PowerShell (Windows)
      nmap -sV -p 587 HOST
          what speaks there

    Related ports
         25  smtp            relay between mail servers
        465  submissions     submission over TLS from the first byte
       2525  ms-v-worlds     where 25 and 587 are blocked
    "#);
}

#[test]
fn json_has_the_fields_that_scripts_rely_on() {
    let page = json_of(&page(1587, None), &[json!({ "id": "cookie-1" })]);
    assert_eq!(page["port"], 1587);
    assert_eq!(page["protocols"], json!(["tcp", "udp"]));
    assert_eq!(page["range"], "user");
    assert_eq!(page["status"], "assigned");
    assert_eq!(page["tier"], "obscure");
    assert_eq!(page["here_now"], json!([{ "id": "cookie-1" }]));
    let line = &page["registrations"][0];
    assert_eq!(line["name"], "pra-elmd");
    assert_eq!(line["aliases"], json!(["pra_elmd"]));
    assert_eq!(line["contact"], "Dennis Mastin");
    assert_eq!(line["registered"], Value::Null);
    assert_eq!(line["references"], json!([]));
    assert_eq!(page["related"][0]["port"], 587);
    assert_eq!(page["related"][0]["name"], "submission");
    assert_eq!(page["checks"][0]["os"], "linux");
    assert_eq!(page["checks"][0]["scope"], "local");
}

#[test]
fn json_names_what_really_uses_a_port() {
    let page = json_of(&page(1521, Some(Transport::Tcp)), &[]);
    assert_eq!(page["registrations"][0]["name"], "ncube-lm");
    let practice = &page["in_practice"][0];
    assert_eq!(practice["software"], "Oracle Database listener");
    assert_eq!(practice["programs"], json!(["tnslsnr"]));
    assert_eq!(practice["reach"], "local");
    assert_eq!(practice["cleartext"], true);
}

/// All ports in a release build; in a debug build those that most is said of, and some of the others,
/// which takes as long.
fn every_port() -> impl Iterator<Item = u16> {
    let says_much = |port: &u16| {
        let services = Transport::ALL.map(|one| Registry::bundled().service(*port, one));
        services.iter().any(|service| service.practice.is_some())
    };
    (0..=u16::MAX).filter(move |port| !cfg!(debug_assertions) || port % 97 == 0 || says_much(port))
}

/// The headings of a text page, each with the lines below it.
fn sections(text: &str) -> Vec<(&str, usize)> {
    let mut sections: Vec<(&str, usize)> = vec![];
    for line in text.lines() {
        if !line.is_empty() && !line.starts_with(' ') {
            sections.push((line, 0));
        } else if !line.trim().is_empty()
            && let Some((_, below)) = sections.last_mut()
        {
            *below += 1;
        }
    }
    sections
}

#[test]
fn the_page_of_a_backdoors_port_says_what_has_been_and_where_that_is_written() {
    let page = page(31337, None);
    let text = text_of(&page, None);
    assert!(
        text.contains("31337/udp has been used by Back Orifice"),
        "{text}"
    );
    assert!(
        text.contains("https://www.manualslib.com/manual/404758/"),
        "{text}"
    );
    let json = json_of(&page, &[]);
    assert_eq!(json["tier"], "obscure");
    assert_eq!(json["backdoors"][0]["software"], "Sliver");
    assert_eq!(json["backdoors"][1]["protocols"], json!(["udp"]));
    assert!(json["unusual"].as_array().unwrap().len() >= 3);
}

#[test]
fn every_port_of_each_transport_has_a_whole_page_in_every_format() {
    let here_now: [HereNow; 0] = [];
    for (port, transport) in every_port().flat_map(|port| Transport::ALL.map(|one| (port, one))) {
        let page = page(port, Some(transport));
        let text = text_of(&page, Some(&here_now));
        // The first two lines are the title and how the port stands.
        for (title, below) in sections(&text).into_iter().skip(2) {
            assert!(below > 0, "{port}/{}: {title} is empty", transport.name());
        }
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{port}: {line}");
        }
        let mut markdown = vec![];
        let entry = Entry {
            page: &page,
            here_now: Some(&here_now[..]),
            declared: &[],
        };
        write_markdown(&mut markdown, &[entry]).unwrap();
        let markdown = String::from_utf8(markdown).unwrap();
        let parts: Vec<&str> = markdown.split("\n## ").skip(1).collect();
        assert!(parts.len() >= 3, "{port}: {markdown}");
        for part in parts {
            assert!(part.trim().contains('\n'), "{port}: {part} is empty");
        }
        // An address cannot be broken there: it would be another one.
        for line in markdown.lines().filter(|line| line.chars().count() > 80) {
            let address = line.split(' ').next_back().unwrap();
            assert!(
                address.contains("https://") && line.split(' ').count() <= 4,
                "{port}: {line}"
            );
        }
        let json = json_of(&page, &[]);
        assert_eq!(json["port"], port);
        assert_eq!(json["protocols"], json!([transport.name()]));
        assert!(
            json["advice"]
                .as_array()
                .is_some_and(|advice| !advice.is_empty()),
            "{port}"
        );
    }
}

#[test]
fn advice_for_one_transport_holds_for_the_other_where_the_software_is_the_same() {
    for port in [53, 5060] {
        let [tcp, udp] = [Transport::Tcp, Transport::Udp].map(|one| page(port, Some(one)));
        assert_eq!(tcp.advice, udp.advice, "{port}");
        assert!(tcp.advice.len() > 1, "{port}");
    }
}

/// What a page says, in one line.
fn words_of(port: u16) -> String {
    let text = text_of(&page(port, None), None);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_ports_people_ask_about_are_each_told_right() {
    for (port, parts) in [
        (0, &["reserved", "Nothing can listen on port 0"][..]),
        (25, &["smtp", "RFC 5321, Simple Mail Transfer Protocol"]),
        (
            465,
            &[
                "submissions",
                "urd",
                "igmpv3lite",
                "RFC 8314, Cleartext Considered Obsolete",
            ],
        ),
        (
            587,
            &[
                "submission",
                "RFC 6409, Message Submission for Mail",
                "STARTTLS",
            ],
        ),
        (1433, &["ms-sql-s", "Microsoft SQL Server"]),
        (1521, &["ncube-lm", "nCube License Manager", "Oracle"]),
        (
            1587,
            &[
                "pra-elmd",
                "also spelled pra_elmd",
                "Dennis Mastin",
                "tcp and udp",
                "no description beyond the name",
                "obscure: no known use in practice",
                "if you find something, investigate",
            ],
        ),
        (
            3000,
            &[
                "hbci",
                "remoteware-cl",
                "Development servers",
                "Two names are registered here, and neither is what listens",
            ],
        ),
        (6001, &["x11", "6000-6063"]),
        (6667, &["ircu", "6665-6669"]),
        (5173, &["IANA says nothing about 5173", "Vite"]),
        (11434, &["ollama", "Ollama"]),
        (
            31337,
            &[
                "assigned 31337 (tcp and udp) to eldim",
                "Antonios A Chariton",
                "31337/tcp has been used by",
                "31337/udp has been used by",
                "which program it is, who started it",
            ],
        ),
        (49151, &["IANA keeps 49151", "Reserved"]),
        (
            60000,
            &["dynamic range", "assigns no number from 49152 to 65535"],
        ),
    ] {
        let words = words_of(port);
        for part in parts {
            assert!(words.contains(part), "{port} does not say {part}: {words}");
        }
    }
}

#[test]
fn a_port_of_another_transport_has_its_page() {
    let text = text_of(&page(9, Some(Transport::Dccp)), None);
    for part in [
        "Port 9 (dccp): discard",
        "Eddie Kohler",
        "ss -ldnp 'sport = :9'",
        "RFC 4340",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(
        json_of(&page(9, None), &[])["protocols"],
        json!(["tcp", "udp", "sctp", "dccp"])
    );
}

#[test]
fn what_files_of_this_machine_say_stands_on_the_page_in_every_format() {
    let declared = Declared {
        ports: PortRange {
            first: 1587,
            last: 1587,
        },
        protocol: Protocol::Tcp,
        name: Text::from("elmd.socket"),
        by: DeclaredBy::SocketUnit,
        file: Text::from("/usr/lib/systemd/system/elmd.socket"),
    };
    let page = page(1587, None);
    let all = [&declared];
    let entry = || Entry {
        page: &page,
        here_now: None::<&[HereNow]>,
        declared: &all,
    };
    let mut text = vec![];
    write_text(&mut text, &[entry()], Style::default()).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains(
            "\nWhat files of this machine say\n  tcp: systemd's elmd.socket listens on it ("
        ),
        "{text}"
    );
    let mut markdown = vec![];
    write_markdown(&mut markdown, &[entry()]).unwrap();
    let markdown = String::from_utf8(markdown).unwrap();
    assert!(
        markdown.contains("- tcp: systemd's elmd.socket listens on it (/usr/lib"),
        "{markdown}"
    );
    let mut json = vec![];
    write_json(
        &mut json,
        &[Entry {
            page: &page,
            here_now: None::<&[Value]>,
            declared: &[&declared],
        }],
    )
    .unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json[0]["declared"][0]["by"], "socket-unit");
    assert_eq!(json[0]["declared"][0]["name"], "elmd.socket");
}

#[test]
fn no_page_carries_a_control_character() {
    for port in many_ports() {
        let text = text_of(&page(port, None), None);
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "{port}"
        );
    }
}

#[test]
fn markdown_keeps_commands_whole_and_names_plain() {
    let mut out = vec![];
    let page = page(1587, None);
    write_markdown(
        &mut out,
        &[Entry {
            page: &page,
            here_now: Some(&[]),
            declared: &[],
        }],
    )
    .unwrap();
    let markdown = String::from_utf8(out).unwrap();
    assert!(markdown.starts_with("# Port 1587 (tcp, udp): pra-elmd\n\n"));
    assert!(markdown.contains("- aliases: pra\\_elmd\n"));
    assert!(markdown.contains("- `ss -ltunp 'sport = :1587'`: what listens"));
    assert!(markdown.ends_with("## Here now\n\nNo visible socket of this machine uses it.\n"));
}

#[test]
fn several_pages_are_one_array() {
    let pages = [page(80, None), page(443, None)];
    let entries: Vec<Entry<'_, Value>> = pages
        .iter()
        .map(|page| Entry {
            page,
            here_now: None,
            declared: &[],
        })
        .collect();
    let mut out = vec![];
    write_json(&mut out, &entries).unwrap();
    let ports: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        (&ports[0]["port"], &ports[1]["port"]),
        (&json!(80), &json!(443))
    );
    assert_eq!(ports[0]["here_now"], Value::Null);
}

#[test]
fn headings_stand_out_where_there_are_colours() {
    let page = page(1587, None);
    let entry: Entry<'_, HereNow> = Entry {
        page: &page,
        here_now: None,
        declared: &[],
    };
    let mut out = vec![];
    write_text(
        &mut out,
        &[entry],
        Style {
            color: true,
            ..Style::default()
        },
    )
    .unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("\x1b[1mPort 1587"), "{text}");
    assert!(
        text.contains("\x1b[1mIn practice\x1b[0m\n  No common"),
        "{text}"
    );
}

/// The record of what each line of `known-ports.tsv` was checked against.
const CHECKED: &str = include_str!("../assets/known-ports.checked.tsv");

#[test]
fn each_port_known_in_practice_says_what_it_was_checked_against() {
    let mut lines = CHECKED.lines().skip(1);
    for practice in Registry::bundled().practices() {
        let protocols: Vec<&str> = practice.protocols.iter().map(|one| one.name()).collect();
        let whose = format!("{}\t{}", practice.port, protocols.join("/"));
        let line = lines.next().unwrap_or_default();
        let rest = line.strip_prefix(&format!("{whose}\t"));
        let fields: Vec<&str> = rest.unwrap_or_default().split('\t').collect();
        let [date, how, place] = fields[..] else {
            panic!("{whose} should be next, not {line:?}");
        };
        assert!(date.starts_with("20") && date.len() == 7, "{whose}: {date}");
        assert!(
            ["package", "dissector", "document", "registry", "use"].contains(&how),
            "{whose}: {how}"
        );
        assert!(!place.trim().is_empty(), "{whose} names no place");
    }
    assert_eq!(lines.next(), None);
}
