//! What the filter language finds, and how it says that it does not understand.

use super::*;
use crate::model::{
    Direction, Extent, Fact, Names, Practice, Process, Protocol, Reach, Registrations, Service,
    Severity, Snapshot, State, Status, Text, Tier, Transport, Verdict,
    fixture::{self, connection, listener, udp},
};
use std::sync::Arc;

const PRA_ELMD: &str = "1587\t\ttcp/udp\tpra-elmd\t\tpra_elmd\tDennis Mastin\t\t\t\t\t\t\t\tp";

static POSTGRES: Practice = Practice {
    port: 5432,
    last_port: 5432,
    protocols: &[Protocol::Tcp],
    name: "postgresql",
    software: "PostgreSQL",
    category: "database",
    tier: Tier::Known,
    programs: Vec::new(),
    cleartext: true,
    reach: Reach::Trusted,
    authenticates: Some(true),
    kernel: false,
    related: Vec::new(),
    advice: "",
    source: "",
};

/// A small machine; the comments are the row numbers.
fn machine() -> Snapshot {
    let service = Service {
        port: 1587,
        protocol: Transport::Tcp,
        status: Status::Assigned,
        tier: Tier::Obscure,
        registrations: Registrations::new(&[PRA_ELMD]),
        practice: None,
    };
    let arguments = |line: &'static str| {
        move |process: &mut Process| {
            let words = line.split(' ').map(Text::from).collect();
            process.cmdline = Fact::Known(words);
        }
    };
    fixture::snapshot(vec![
        // 0
        listener(1587)
            .owned_by("python3.11", 30119)
            .with(arguments("python3 -m http.server 1587"))
            .user("deploy")
            .service(Some(service))
            .finding("obscure-port", Severity::Medium)
            .build(),
        // 1
        listener(22)
            .owned_by("sshd", 812)
            .user("root")
            .verdict(Verdict::Expected)
            .build(),
        // 2
        connection("10.0.0.5:43210", "192.0.2.7:443")
            .owned_by("curl", 4000)
            .rates(1_500_000.0, 10.0)
            .rtt_us(12_000)
            .age(5)
            .build(),
        // 3
        udp(5353).at("::").build(),
        // 4
        connection("127.0.0.1:3000", "127.0.0.1:50000")
            .state(State::CloseWait)
            .direction(Direction::Local)
            .owned_by("node", 5000)
            .build(),
        // 5
        listener(3000)
            .at("127.0.0.1")
            .owned_by("node", 5000)
            .build(),
    ])
}

const NONE: [usize; 0] = [];

#[track_caller]
fn found(filter: &str) -> Vec<usize> {
    let query = Query::parse(filter).unwrap_or_else(|error| panic!("{}", error.pointed()));
    query.select(&machine())
}

#[track_caller]
fn fault(filter: &str) -> (String, String) {
    let error = Query::parse(filter).expect_err(filter);
    let place = filter.get(error.span.clone()).unwrap_or("outside");
    (place.into(), error.message)
}

fn hint(filter: &str) -> String {
    let error = Query::parse(filter).expect_err(filter);
    error.hint.unwrap_or_default()
}

#[test]
fn an_empty_filter_matches_everything() {
    assert_eq!(found("  "), [0, 1, 2, 3, 4, 5]);
    assert!(Query::parse("").unwrap().is_empty());
}

#[test]
fn ports_match_exactly_on_either_side() {
    assert_eq!(found("port:443"), [2]);
    assert_eq!(found("port:3000"), [4, 5]);
    assert_eq!(found("lport:443"), NONE);
    assert_eq!(found("dport:443"), [2]);
    assert_eq!(found("port:20-25,1587"), [0, 1]);
    assert_eq!(found("port:<1024,>43000"), [1, 2, 4]);
    assert_eq!(found("port<1024"), [1, 2]);
    assert_eq!(found("port:<=22"), [1]);
}

#[test]
fn side_by_side_is_and_a_bar_is_or_and_a_bang_negates() {
    assert_eq!(found("tcp listen !lo"), [0, 1]);
    assert_eq!(found("proc:node port:22 | udp"), [3]);
    assert_eq!(found("(proc:node | udp) !estab"), [3, 4, 5]);
    assert_eq!(found("!(tcp)"), [3]);
    assert_eq!(found("!!udp"), [3]);
}

#[test]
fn a_filter_that_cannot_be_known_is_false_and_its_negation_true() {
    assert!(found("!proc:node").contains(&3));
    assert!(!found("proc!=node").contains(&3));
    assert_eq!(found("rtt:>1ms"), [2]);
    assert_eq!(found("exposure!=loopback"), [0, 1, 3]);
}

#[test]
fn states_match_by_their_beginning_and_exactly() {
    assert_eq!(found("state:listen"), [0, 1, 5]);
    assert_eq!(found("state:estab"), [2]);
    assert_eq!(found("state:CLOSE"), [4]);
    assert_eq!(found("state=close"), NONE);
    assert_eq!(found("state:unconn"), [3]);
    assert_eq!(found("state:time-wait"), NONE);
}

#[test]
fn verdicts_and_severities_have_an_order_and_the_dashboard_s_words() {
    assert_eq!(found("verdict:unusual"), [0]);
    assert_eq!(found("verdict:odd"), [0]);
    assert_eq!(found("verdict:>=note"), [0]);
    assert_eq!(found("verdict:ok"), [1]);
    assert_eq!(found("verdict<unknown"), [1]);
    assert_eq!(found("severity:>low rule:obscure"), [0]);
    assert_eq!(found("tier:obscure"), [0]);
}

#[test]
fn addresses_match_by_network_range_beginning_and_expression() {
    assert_eq!(found("raddr:192.0.2.0/24"), [2]);
    assert_eq!(found("addr:127.0.0.0/8"), [4, 5]);
    assert_eq!(found("dst:192.0.2.1-192.0.2.9"), [2]);
    assert_eq!(found("src:10.0."), [2]);
    assert_eq!(found("laddr:0.0.0.0"), [0, 1]);
    assert_eq!(found("addr:::"), [3]);
    assert_eq!(found(r#"addr~"\.7$""#), [2]);
}

#[test]
fn an_ipv4_address_is_found_in_its_mapped_form() {
    let mapped = connection("[::ffff:10.0.0.5]:80", "[::ffff:10.9.9.9]:5000").build();
    let snapshot = fixture::snapshot(vec![mapped]);
    let found = |filter| Query::parse(filter).unwrap().select(&snapshot);
    assert_eq!(found("raddr:10.0.0.0/8"), [0]);
    assert_eq!(found("raddr:::ffff:10.9.9.9"), [0]);
    assert_eq!(found("10.9.9.9:5000"), [0]);
}

#[test]
fn text_is_case_smart_and_regular_expressions_reach_over_arguments() {
    assert_eq!(found("proc:SSH"), NONE);
    assert_eq!(found("proc:ssh"), [1]);
    assert_eq!(found("proc=python3"), NONE);
    assert_eq!(found(r#"cmd~"^python3? -m""#), [0]);
    assert_eq!(found("cmd:\"-m http\""), [0]);
    assert_eq!(found("exe:/usr/bin/c"), [2]);
    assert_eq!(found("svc:pra-"), [0]);
    assert_eq!(found("text:elmd"), [0]);
    assert_eq!(found("user:root"), [1]);
    assert_eq!(found("uid:0"), [1]);
    assert_eq!(found("inode:90022"), [1]);
    assert_eq!(found("ppid:1 pid:812"), [1]);
}

#[test]
fn evidence_about_the_owner_can_be_asked_for() {
    let mut socket = listener(5432)
        .owned_by("postgres", 700)
        .with(|process| {
            process.unit = Some(Text::from("postgresql@15.service"));
            process.container = Some(Text::from("docker:3f1c"));
            process.package = Fact::Known(Some(Text::from("postgresql-15")));
        })
        .service(Some(Service {
            port: 5432,
            protocol: Transport::Tcp,
            status: Status::Assigned,
            tier: Tier::Known,
            registrations: Registrations::NONE,
            practice: Some(&POSTGRES),
        }))
        .build();
    let raw = Arc::make_mut(&mut socket.raw);
    raw.change(|told| told.interface = Some(Text::from("eth0")));
    socket.closed_at = Some(fixture::NOW);
    let snapshot = fixture::snapshot(vec![socket, listener(80).build()]);
    let found = |filter| Query::parse(filter).unwrap().select(&snapshot);
    for filter in [
        "unit:postgresql@",
        "container:docker",
        "pkg=postgresql-15",
        "iface:eth0",
        "svc:postgresql",
        "tier:<=known",
        "closed",
        "\"docker:3f1c\"",
    ] {
        assert_eq!(found(filter), [0], "{filter}");
    }
}

#[test]
fn amounts_have_units() {
    assert_eq!(found("rx:>1M"), [2]);
    assert_eq!(found("tx:<1k"), [2]);
    assert_eq!(found("rx:1.4M-1.6M"), [2]);
    assert_eq!(found("age:<10s"), [2]);
    assert_eq!(found("rtt:<=12ms"), [2]);
}

#[test]
fn a_socket_older_than_us_is_at_least_as_old_as_we_saw() {
    let mut old = listener(80).age(100).build();
    old.before_us = true;
    let snapshot = fixture::snapshot(vec![old]);
    let found = |filter| Query::parse(filter).unwrap().select(&snapshot).len();
    assert_eq!(found("age:>1m"), 1);
    assert_eq!(found("age:<1h"), 0);
    assert_eq!(found("new"), 0);
}

#[test]
fn words_have_their_meanings_and_others_are_text_of_the_row() {
    assert_eq!(found("wild tcp"), [0, 1]);
    assert_eq!(found("new"), [2]);
    assert_eq!(found("closed"), NONE);
    assert_eq!(found("mine"), [1]);
    assert_eq!(found("root"), [1]);
    assert_eq!(found("v6"), [3]);
    assert_eq!(found("http.server"), [0]);
    assert_eq!(found("\"http.server 15\""), [0]);
    assert_eq!(found("elmd"), [0]);
    assert_eq!(found("192.0.2.7:443"), [2]);
    assert_eq!(found("\"udp\""), NONE);
    assert_eq!(found("node,curl"), [2, 4, 5]);
}

#[test]
fn a_colon_and_a_port_is_the_listener_there() {
    assert_eq!(found(":3000"), [5]);
    assert_eq!(found(":5353,22"), [1, 3]);
    assert_eq!(found("!:3000 proc:node"), [4]);
}

#[test]
fn a_bare_number_is_a_port_or_a_pid() {
    assert_eq!(found("812"), [1]);
    assert_eq!(found("5000"), [4, 5]);
    assert_eq!(found("443"), [2]);
}

#[test]
fn one_bare_port_opens_its_page_and_nothing_else_does() {
    let listener = |filter| Query::parse(filter).unwrap().listener_only();
    assert_eq!(listener(":3000"), Some(3000));
    for other in [
        "3000",
        ":3000-3001",
        ":3000,3001",
        ":3000 tcp",
        "!:3000",
        ":>3000",
    ] {
        let parsed = Query::parse(other)
            .ok()
            .and_then(|query| query.listener_only());
        assert_eq!(parsed, None, "{other}");
    }
    let port = |filter| Query::parse(filter).unwrap().port_only();
    assert_eq!(port("1587"), Some(1587));
    assert_eq!(port(" 22 "), Some(22));
    assert_eq!(port("70000"), None);
    assert_eq!(port("22 80"), None);
    assert_eq!(port("22,80"), None);
    assert_eq!(port(":22"), None);
    assert_eq!(port("\"22\""), None);
}

#[test]
fn a_wrong_port_is_pointed_at() {
    assert_eq!(
        fault("port:abc"),
        ("abc".into(), "port: \"abc\" is not a number".into())
    );
    let too_high = "port: 70000 is more than 65535, the highest port";
    assert_eq!(fault("lo port:70000"), ("70000".into(), too_high.into()));
    let (place, message) = fault("port:9-3");
    assert_eq!(
        (place.as_str(), message.as_str()),
        ("9-3", "port: \"9-3\" ends before it begins")
    );
    assert_eq!(hint("port:9-3"), "did you mean `3-9`?");
    assert_eq!(hint("port:abc"), "for a service by its name, `svc:abc`");
    assert_eq!(fault("port:+5").0, "+5");
    assert_eq!(fault("port:22-").1, "port: \"22-\" has only one end");
    assert_eq!(hint("port:22-"), "write `port:>=22`");
}

#[test]
fn a_missing_value_is_pointed_at_where_it_should_stand() {
    let error = Query::parse("port: 22").unwrap_err();
    assert_eq!(error.span, 5..5);
    assert_eq!(error.message, "port: a value is missing");
    assert_eq!(
        error.pointed(),
        "port: 22\n     ^\nport: a value is missing"
    );
    assert_eq!(hint("sport:"), "`lport` is: local port");
    assert_eq!(fault("pot:").0, "pot");
    assert_eq!(Query::parse("port:22,").unwrap_err().span, 8..8);
    assert_eq!(Query::parse("port:<").unwrap_err().span, 6..6);
    assert_eq!(Query::parse("udp port:").unwrap_err().span, 9..9);
}

#[test]
fn quotes_and_parentheses_must_be_closed() {
    assert_eq!(
        fault("cmd:\"a b"),
        ("\"a b".into(), "\"a b\" has no closing quote".into())
    );
    assert_eq!(fault("tcp (udp"), ("(".into(), "`(` is not closed".into()));
    assert_eq!(fault("tcp)"), (")".into(), "`)` closes nothing".into()));
    assert_eq!(
        fault("()"),
        (")".into(), "there is nothing between `(` and `)`".into())
    );
}

#[test]
fn a_bar_needs_both_sides_and_a_bang_something_behind_it() {
    assert_eq!(
        fault("tcp |"),
        ("|".into(), "`|` has nothing on its right side".into())
    );
    assert_eq!(
        fault("| tcp"),
        ("|".into(), "`|` has nothing on its left side".into())
    );
    assert_eq!(fault("(tcp | )").0, "|");
    assert_eq!(fault("tcp !").1, "`!` needs something to negate after it");
}

#[test]
fn an_unknown_name_brings_the_nearest_one() {
    assert_eq!(
        fault("pot:22"),
        ("pot".into(), "there is no field \"pot\"".into())
    );
    assert_eq!(hint("pot:22"), "did you mean `port`?");
    assert_eq!(fault("state:foo").0, "foo");
    assert_eq!(hint("state:listne"), "did you mean `listen`?");
    assert_eq!(hint("verdict:suspisious"), "did you mean `suspicious`?");
    assert_eq!(
        hint("zzzz:22"),
        "to look for the text, put all of it in quotes"
    );
}

#[test]
fn a_field_refuses_what_it_cannot_compare() {
    assert_eq!(
        fault("proc:>5").1,
        "proc: is text, which `>` does not compare"
    );
    assert_eq!(
        fault("port~22").1,
        "port: is a number, which `~` does not search"
    );
    assert!(fault("state:>listen").1.starts_with("state: has no `>`"));
    assert_eq!(
        fault("raddr:10.0.0.0/33").1,
        "raddr: \"10.0.0.0/33\" is not a network"
    );
    assert_eq!(fault("raddr:foo").0, "foo");
    assert_eq!(fault("cmd~\"a(\"").0, "\"a(\"");
    assert!(fault("cmd~\"a(\"").1.contains("unclosed group"));
    assert_eq!(fault("rx:>fast").1, "rx: \"fast\" is not a size");
    assert_eq!(
        fault("age:<10").1,
        "age: \"10\" has no unit (us, ms, s, m, h, d)"
    );
}

#[test]
fn what_sticks_to_a_value_is_no_silent_second_term() {
    assert_eq!(fault("cmd~^(a|b)$").0, "(");
    assert_eq!(fault("exe:/opt/\"my app\"").0, "\"my app\"");
    assert_eq!(fault("a < 5").0, "<");
}

#[test]
fn depth_and_length_have_a_limit() {
    let nested = |depth: usize| format!("{}tcp{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Query::parse(&nested(64)).is_ok());
    let error = Query::parse(&nested(65)).unwrap_err();
    assert_eq!(
        error.message,
        "more than 64 parentheses stand in each other"
    );
    assert!(Query::parse(&"!".repeat(LONGEST)).is_err());
    let error = Query::parse(&"a".repeat(LONGEST + 1)).unwrap_err();
    assert_eq!(error.message, "the filter is longer than 4096 bytes");
    assert!(error.pointed().len() < 300);
}

#[test]
fn a_message_carries_no_control_character() {
    for filter in [
        "port:\x1b[2J",
        "port:a\x1b]0;x\x07",
        "state:\u{202e}",
        "cmd~\"\x1b(\"",
    ] {
        let error = Query::parse(filter).unwrap_err();
        let all = format!(
            "{}{}",
            error.pointed().replace('\n', ""),
            error.hint.unwrap_or_default()
        );
        assert!(!all.chars().any(crate::model::text::must_escape), "{all:?}");
    }
}

#[test]
fn no_prefix_of_a_filter_makes_it_panic_or_points_outside() {
    let filter = "é(port:<1024,\"a\\\"b\" | !raddr:10.0.0.0/8) cmd~\"^日本?\" :3000 age:<10s";
    for end in (0..=filter.len()).filter(|end| filter.is_char_boundary(*end)) {
        let begun = filter.get(..end).unwrap();
        if let Err(error) = Query::parse(begun) {
            assert!(begun.get(error.span.clone()).is_some(), "{error:?}");
            assert_eq!(error.pointed().lines().count(), 3);
        }
    }
}

#[test]
fn no_jumble_of_the_grammar_makes_it_panic_or_points_outside() {
    let pieces = [
        "port",
        "cmd",
        "verdict",
        "age",
        "raddr",
        ":",
        "~",
        "=",
        "!=",
        ">",
        "<=",
        "!",
        "|",
        "(",
        ")",
        ",",
        " ",
        "\"",
        "\\",
        "22",
        "9-3",
        "10.0.0.0/8",
        "::1",
        "[a",
        "1.5M",
        "\u{1b}",
        "日",
        "-",
    ];
    let machine = machine();
    let mut seed = 1587_u64;
    for _ in 0..20_000 {
        let mut filter = String::new();
        for _ in 0..12 {
            // Knuth's generator: the same jumble on every machine.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            filter.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        match Query::parse(&filter) {
            Ok(query) => drop(query.select(&machine)),
            Err(error) => {
                assert!(filter.get(error.span.clone()).is_some(), "{error:?}");
                assert_eq!(error.pointed().lines().count(), 3, "{error:?}");
            }
        }
    }
}

#[test]
fn unix_sockets_are_read_only_for_a_filter_that_names_them() {
    let names = |text: &str| {
        let query = Query::parse(text).unwrap();
        query.extent(Extent::default()).unix
    };
    assert!(names("proto:unix") && names("proc:dbus (family:unix | port:80)"));
    assert!(!names("") && !names("proto:tcp,udp") && !names("!proto:unix") && !names("unix"));
}

#[test]
fn a_host_is_found_by_its_name_once_names_are_known() {
    let snapshot = fixture::snapshot(vec![
        connection("10.0.0.5:1000", "192.0.2.7:443").build(),
        connection("10.0.0.5:1001", "192.0.2.8:443").build(),
        listener(80).build(),
    ]);
    let mut names = Names::default();
    let mail = Some(Text::from("mail.example.com"));
    names.learn("192.0.2.7".parse().unwrap(), mail);
    let names = Arc::new(names);
    for (filter, unknown, known) in [
        ("host:example", &[][..], &[0][..]),
        ("host~^mail", &[], &[0]),
        ("host=mail", &[], &[]),
        ("!host:example", &[0, 1, 2], &[1, 2]),
        ("host!=other", &[], &[0]),
        ("mail.ex", &[], &[0]),
    ] {
        let mut query = Query::parse(filter).unwrap();
        assert_eq!(query.select(&snapshot), unknown, "{filter}");
        assert!(query.asks_for_hosts());
        query.know_hosts(Some(Arc::clone(&names)));
        assert_eq!(query.select(&snapshot), known, "{filter}");
    }
    let text = "port:443 host:mail";
    let error = Query::parse(text).unwrap().looks_at_no_host(text);
    assert_eq!(error.unwrap_err().span, 9..13);
    assert!(!Query::parse("port:443").unwrap().asks_for_hosts());
}

#[test]
fn sockets_that_share_what_is_known_are_told_apart_by_what_is_theirs() {
    let mut snapshot = machine();
    let shared = Arc::clone(&snapshot.sockets[0].about);
    for (port, interface) in [(4001, None), (4002, Some("wg0")), (4003, None)] {
        let mut socket = connection("10.0.0.5:50000", "192.0.2.9:443").build();
        Arc::make_mut(&mut socket.raw).change(|told| {
            told.local.port = port;
            told.interface = interface.map(Text::from);
        });
        socket.about = Arc::clone(&shared);
        snapshot.sockets.push(socket.into());
    }
    let owner = shared.processes.first().unwrap();
    for text in [
        "4002 or 192.0.2.9",
        "0.5:4001",
        "192.0.2.9 !\"5:4003\"",
        "a",
        "iface:wg0",
        "!iface:wg0",
        &format!("proc:{} cmd:{}", owner.name, owner.name),
        &format!("cmd:{} or user:root", owner.name),
        &format!("\"{}\"", owner.name),
        &format!("!\"{}\"", owner.name),
    ] {
        let query = Query::parse(text).unwrap();
        let all = (0..).zip(&snapshot.sockets);
        let one_by_one = all.filter(|(_, socket)| query.matches(socket, &snapshot));
        let one_by_one: Vec<usize> = one_by_one.map(|(row, _)| row).collect();
        assert_eq!(query.select(&snapshot), one_by_one, "{text}");
    }
}

#[test]
fn whoever_acts_on_a_word_says_what_it_is() {
    for (filter, unclear) in [
        ("nginx est", Some("est")),
        ("(port:80 | !\"x\",NOTE)", Some("NOTE")),
        ("state:est", None),
        ("\"est\" listen estab tcp new", None),
        ("es 443 :80 sshd", None),
        ("?", Some("?")),
    ] {
        let error = Query::means_one_thing(filter).err();
        let place = error.map(|error| error.expression.get(error.span).unwrap().to_owned());
        assert_eq!(place.as_deref(), unclear, "{filter}");
    }
}
