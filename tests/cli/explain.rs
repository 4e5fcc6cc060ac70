//! `explain`: what a port is for.

use crate::support::program::portwise;
use serde_json::Value;

#[track_caller]
fn explained(targets: &[&str]) -> Vec<Value> {
    let run = portwise(["explain", "--format", "json"].iter().chain(targets)).ended_with(0);
    let pages: Value = serde_json::from_str(&run.stdout).unwrap();
    pages.as_array().unwrap().clone()
}

fn ports(pages: &[Value]) -> Vec<u64> {
    pages
        .iter()
        .map(|page| page["port"].as_u64().unwrap())
        .collect()
}

#[test]
fn a_port_has_its_registration_with_the_contact() {
    let [page] = explained(&["1587"]).try_into().unwrap();
    assert_eq!(page["port"], 1587);
    assert_eq!(page["range"], "user");
    assert_eq!(page["status"], "assigned");
    assert_eq!(page["tier"], "obscure");
    let registration = &page["registrations"][0];
    assert_eq!(registration["name"], "pra-elmd");
    assert_eq!(registration["contact"], "Dennis Mastin");
    assert_eq!(registration["aliases"][0], "pra_elmd");
}

#[test]
fn a_number_joins_its_transports_and_a_transport_stands_alone() {
    let [both] = explained(&["587"]).try_into().unwrap();
    assert_eq!(both["protocols"], serde_json::json!(["tcp", "udp"]));
    let [one] = explained(&["587/tcp"]).try_into().unwrap();
    assert_eq!(one["protocols"], serde_json::json!(["tcp"]));
    assert_eq!(one["registrations"][0]["name"], "submission");
}

#[test]
fn a_name_gives_the_ports_it_names_in_any_letter_case() {
    assert_eq!(ports(&explained(&["submission"])), [587]);
    assert_eq!(ports(&explained(&["Pra_ELMD"])), [1587]);
}

#[test]
fn targets_are_answered_in_the_order_asked() {
    assert_eq!(
        ports(&explained(&["6002-6004", "22", "submission"])),
        [6002, 6003, 6004, 22, 587]
    );
}

#[test]
fn a_port_with_two_live_names_shows_both() {
    let [page] = explained(&["465/tcp"]).try_into().unwrap();
    let names: Vec<&str> = page["registrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"submissions") && names.contains(&"urd"),
        "{names:?}"
    );
}

#[test]
fn practice_is_told_where_it_differs_from_the_registry() {
    let [page] = explained(&["1521"]).try_into().unwrap();
    let practice = page["in_practice"].to_string();
    assert!(practice.contains("Oracle"), "{page:#}");
}

#[test]
fn text_says_who_registered_it() {
    let page = portwise(["explain", "1587"]).ended_with(0).stdout;
    for word in ["1587", "pra-elmd", "Dennis Mastin"] {
        assert!(page.contains(word), "{word} is not in {page}");
    }
}

#[test]
fn without_a_terminal_a_port_alone_is_explained() {
    assert_eq!(
        portwise(["1587"]).ended_with(0).stdout,
        portwise(["explain", "1587"]).ended_with(0).stdout
    );
}

#[test]
fn a_target_that_names_nothing_ends_with_1_and_the_nearest_name() {
    let run = portwise(["explain", "submision"]).ended_with(1);
    assert!(run.stderr.contains("submission"), "{run:#?}");
}
