use super::*;
use crate::model::{
    Reach,
    Transport::{self, Tcp, Udp},
};

fn registry() -> &'static Registry {
    Registry::bundled()
}

fn names(port: u16, protocol: Transport) -> Vec<&'static str> {
    let service = registry().service(port, protocol);
    service.registrations.iter().map(|line| line.name).collect()
}

#[test]
fn every_line_of_both_tables_is_read() {
    let bad: Vec<_> = iana::rows(IANA_PORTS).filter_map(Result::err).collect();
    assert_eq!(bad, []);
    let rows = iana::numbered(IANA_PORTS).map(|(_, row)| row);
    let bad: Vec<_> = rows
        .filter(|row| Registration::of_row(row).is_none())
        .collect();
    assert_eq!(bad, Vec::<&str>::new());
    let bad: Vec<_> = practice::rows(KNOWN_PORTS)
        .filter_map(Result::err)
        .collect();
    assert_eq!(bad, []);
    assert_eq!(registry().registrations().count(), 7193);
    assert!(
        !IANA_PORTS
            .chars()
            .any(|c| !"\t\n".contains(c) && crate::model::text::must_escape(c))
    );
}

#[test]
fn the_obscure_license_manager_on_1587_is_known_by_both_spellings() {
    let service = registry().service(1587, Tcp);
    assert_eq!(service.name(), Some("pra-elmd"));
    assert_eq!(service.status, Status::Assigned);
    assert_eq!(service.tier, Tier::Obscure);
    let line = service.registrations.first().unwrap();
    assert_eq!((line.aliases, line.contact), ("pra_elmd", "Dennis Mastin"));
    assert_eq!(registry().ports_named("PRA_ELMD"), [1587]);
}

#[test]
fn a_port_with_several_names_gives_all_the_best_first() {
    assert_eq!(names(80, Tcp), ["http", "www", "www-http"]);
    assert_eq!(names(465, Tcp), ["submissions", "urd"]);
    assert_eq!(names(465, Udp), ["igmpv3lite"]);
    assert_eq!(names(631, Tcp), ["ipp", "ipps"]);
    assert_eq!(names(2049, Udp), ["nfs", "shilp"]);
    assert_eq!(names(3000, Tcp), ["hbci", "remoteware-cl"]);
    assert_eq!(names(4444, Tcp), ["krb524", "nv-video"]);
}

#[test]
fn every_port_of_a_range_has_its_name() {
    for port in [6000, 6006, 6063] {
        assert_eq!(names(port, Tcp), ["x11"], "{port}");
    }
    assert_eq!(names(6064, Tcp), ["ndl-ahp-svc"]);
    assert_eq!(names(6667, Tcp), ["ircu"]);
}

#[test]
fn reserved_is_not_unassigned_and_a_use_without_a_name_is_assigned() {
    let status = |port, protocol| registry().service(port, protocol).status;
    assert_eq!(status(0, Tcp), Status::Reserved);
    assert_eq!(status(6379, Tcp), Status::Assigned);
    assert_eq!(status(6379, Udp), Status::Reserved);
    assert_eq!(status(24, Tcp), Status::Assigned);
    assert_eq!(status(585, Tcp), Status::Reserved);
    assert_eq!(status(100, Udp), Status::Unassigned);
    assert_eq!(status(31390, Tcp), Status::Unassigned);
    assert_eq!(status(49151, Tcp), Status::Reserved);
    assert_eq!(status(51820, Udp), Status::Dynamic);
}

#[test]
fn an_unassigned_line_keeps_what_the_registry_says_about_unauthorized_use() {
    let service = registry().service(1491, Tcp);
    assert_eq!(service.status, Status::Unassigned);
    let line = service.registrations.first().unwrap();
    assert_eq!(line.unauthorized_use, "Unauthorized Use Known on port 1491");
}

#[test]
fn all_four_transports_have_a_status_for_every_port() {
    let status = |port, transport| registry().service(port, transport).status;
    assert_eq!(names(9, Transport::Dccp), ["discard"]);
    assert_eq!(names(80, Transport::Sctp), ["http"]);
    assert_eq!(status(587, Transport::Sctp), Status::Unassigned);
    assert_eq!(status(230, Transport::Dccp), Status::Reserved);
    assert_eq!(status(60000, Transport::Sctp), Status::Dynamic);
    let count = |transport, wanted| {
        let all = (0..=u16::MAX).filter(|port| status(*port, transport) == wanted);
        all.count()
    };
    for transport in Transport::ALL {
        assert_eq!(count(transport, Status::Dynamic), 16384, "{transport:?}");
    }
    assert_eq!(count(Transport::Dccp, Status::Assigned), 9);
    assert!(count(Transport::Sctp, Status::Assigned) > 80);
    assert!(count(Tcp, Status::Assigned) > 5500);
}

#[test]
fn names_are_found_by_their_beginning() {
    assert_eq!(
        registry().names_beginning("SUBMISSION"),
        ["submission", "submissions"]
    );
    assert!(registry().names_beginning("no such name").is_empty());
}

#[test]
fn practice_decides_the_tier_where_it_says_something() {
    let tier = |port, protocol| registry().service(port, protocol).tier;
    assert_eq!(tier(587, Tcp), Tier::Common);
    assert_eq!(tier(5173, Tcp), Tier::Known);
    assert_eq!(tier(51820, Udp), Tier::Common);
    assert_eq!(tier(587, Udp), Tier::Obscure);
    assert_eq!(tier(6379, Udp), Tier::Unassigned);
    assert_eq!(tier(60000, Tcp), Tier::Dynamic);
}

#[test]
fn a_program_is_known_by_any_version_and_by_its_windows_name() {
    let serves = |program, port| registry().serves(program, port, Tcp);
    assert!(serves("exim4", 587));
    assert!(serves("master", 587));
    assert!(serves("redis-check-rdb", 6379));
    assert!(serves("sqlservr.EXE", 1433));
    assert!(serves("python3.11", 8000));
    assert!(!serves("python3.11", 587));
    assert!(!serves("nc.openbsd", 587));
    assert!(
        registry().serves("systemd-resolve", 53, Udp),
        "cut to 15 bytes by the kernel"
    );
}

#[test]
fn a_program_is_known_for_its_first_port_and_an_interpreter_for_none() {
    let known_for = |program| registry().known_for(program).map(|practice| practice.port);
    assert_eq!(known_for("sshd"), Some(22));
    assert_eq!(known_for("nginx"), Some(80));
    assert_eq!(known_for("postgres"), Some(5432));
    assert_eq!(known_for("MYSQLD.exe"), Some(3306));
    for general in [
        "python3.11",
        "java",
        "node",
        "bash",
        "nc",
        "systemd",
        "docker-proxy",
        "svchost.exe",
    ] {
        assert_eq!(known_for(general), None, "{general}");
    }
    assert_eq!(known_for("no-such-program"), None);
}

#[test]
fn a_use_in_practice_without_a_registration_can_be_named() {
    assert_eq!(registry().ports_named("wireguard"), [51820]);
    assert_eq!(registry().ports_named("submission"), [587]);
    assert!(registry().ports_named("").is_empty());
}

#[test]
fn a_mistyped_name_finds_the_names_near_it() {
    assert_eq!(
        registry().similar_names("submision").first(),
        Some(&"submission")
    );
    assert_eq!(
        registry().similar_names("postgres").first(),
        Some(&"postgresql")
    );
    assert!(registry().similar_names(&"a".repeat(1000)).is_empty());
}

mod known_ports {
    use super::*;
    use std::collections::BTreeMap;

    fn practices() -> &'static [Practice] {
        registry().practices()
    }

    #[test]
    fn are_many_and_sorted() {
        assert!(practices().len() >= 400, "{}", practices().len());
        let key = |practice: &Practice| (practice.port, practice.protocols.first().copied());
        assert!(practices().is_sorted_by_key(key));
    }

    #[test]
    fn never_overlap_on_a_transport() {
        let mut seen = BTreeMap::new();
        for practice in practices() {
            for protocol in practice.protocols {
                for port in practice.port..=practice.last_port {
                    let before = seen.insert((port, protocol), practice.software);
                    assert_eq!(before, None, "{port}/{}", protocol.name());
                }
            }
        }
    }

    #[test]
    fn name_the_programs_that_serve_them_or_the_kernel() {
        for practice in practices() {
            let (port, programs) = (practice.port, &practice.programs);
            assert!(
                practice.kernel || !programs.is_empty(),
                "{port} has no programs"
            );
            for (at, program) in programs.iter().enumerate() {
                assert!(!program.contains('/'), "{port}: {program} is a path");
                assert_eq!(program.trim(), *program, "{port}");
                assert!(!programs[..at].contains(program), "{port}: {program} twice");
            }
        }
    }

    #[test]
    fn say_where_it_is_written() {
        for practice in practices() {
            let source = practice.source;
            assert!(
                source.starts_with("https://"),
                "{}: {source}",
                practice.port
            );
            assert!(
                source.bytes().all(|byte| byte.is_ascii_graphic()),
                "{}: {source}",
                practice.port
            );
            assert!(
                source.len() > 16 && source.contains('.'),
                "{}: {source}",
                practice.port
            );
        }
    }

    #[test]
    fn hold_plain_sentences() {
        for practice in practices() {
            let port = practice.port;
            let (software, advice) = (practice.software, practice.advice);
            assert!(
                !software.is_empty() && !practice.category.is_empty(),
                "{port}"
            );
            assert!(
                advice.is_empty() || advice.ends_with('.'),
                "{port}: {advice}"
            );
            assert!(
                advice.len() <= 200,
                "{port}: {} bytes of advice",
                advice.len()
            );
            let category = |c: char| c.is_ascii_lowercase() || c == '-' || c == '2';
            assert!(
                practice.category.chars().all(category),
                "{port}: {}",
                practice.category
            );
            for text in [software, advice, practice.name] {
                assert_eq!(text.trim(), text, "{port}");
            }
        }
        assert!(!KNOWN_PORTS.contains("  "));
        assert!(
            !KNOWN_PORTS
                .chars()
                .any(|c| c != '\t' && c != '\n' && crate::model::text::must_escape(c))
        );
    }

    #[test]
    fn never_use_a_name_that_the_registry_gives_to_another_port() {
        let registered = |line: &Registration, name: &str| line.name.eq_ignore_ascii_case(name);
        for practice in practices() {
            assert!(
                !practice.name.contains(char::is_whitespace),
                "{}",
                practice.port
            );
            let ports: Vec<u16> = registry()
                .registrations()
                .filter(|line| registered(line, practice.name) && !line.name.is_empty())
                .flat_map(|line| line.port..=line.last_port)
                .collect();
            let own = ports.is_empty() || ports.contains(&practice.port);
            assert!(
                own,
                "{} is called {}, which is {ports:?}",
                practice.port, practice.name
            );
        }
    }

    #[test]
    fn relate_ports_with_a_reason_and_never_to_themselves() {
        for practice in practices() {
            for (port, why) in &practice.related {
                assert!(
                    *port != practice.port || practice.protocols.len() == 1,
                    "{port}"
                );
                assert!(
                    !why.is_empty() && !why.ends_with('.'),
                    "{}: {why}",
                    practice.port
                );
            }
        }
    }

    #[test]
    fn meant_for_everybody_are_no_open_databases() {
        for practice in practices() {
            let open = practice.category == "database" && practice.reach == Reach::Anyone;
            assert!(!open, "{}", practice.port);
        }
    }
}
