use crate::{
    model::{Page, Scope, Status, Tier, Transport},
    registry::Registry,
};

fn page(port: u16) -> Page {
    Registry::bundled().page(port, None)
}

#[test]
fn an_obscure_port_says_what_the_registry_knows_and_what_it_does_not() {
    let says = page(1587).registry_says.join(" ");
    for part in [
        "pra-elmd",
        "pra_elmd",
        "Dennis Mastin",
        "no date and no reference",
        "no description beyond the name",
    ] {
        assert!(says.contains(part), "{part} is not in: {says}");
    }
}

#[test]
fn an_obscure_port_should_have_no_listener_and_names_its_famous_lookalike() {
    let page = page(1587);
    assert_eq!(
        page.practice_says,
        ["No common software is known to use it."]
    );
    assert!(page.advice[0].starts_with("You probably should not have anything listening on it"));
    assert_eq!(page.related[0].port, 587);
    assert_eq!(
        page.related[0].why,
        "1587 is 587 with one digit more: Mail submission"
    );
    let beside: Vec<u16> = page
        .related
        .iter()
        .skip(1)
        .map(|related| related.port)
        .collect();
    assert_eq!(beside, [1585, 1586, 1588, 1589]);
}

#[test]
fn the_submission_port_tells_how_to_run_it_and_what_belongs_with_it() {
    let page = Registry::bundled().page(587, Some(Transport::Tcp));
    let related: Vec<u16> = page.related.iter().map(|related| related.port).collect();
    assert_eq!(related, [25, 465, 2525]);
    let advice = page.advice.join(" ");
    for part in [
        "Require STARTTLS",
        "Require a login",
        "relays for strangers",
        "Limit",
        "Let's Encrypt",
    ] {
        assert!(advice.contains(part), "{part} is not in: {advice}");
    }
}

#[test]
fn a_page_for_one_transport_is_silent_about_the_other() {
    let page = Registry::bundled().page(465, Some(Transport::Udp));
    assert_eq!(page.registrations.len(), 1);
    assert!(page.in_practice.is_empty());
    assert!(
        page.checks
            .iter()
            .all(|check| !check.command.contains("TCP"))
    );
}

#[test]
fn joined_transports_take_the_best_standing_and_list_every_line_once() {
    let page = page(6379);
    assert_eq!((page.status, page.tier), (Status::Assigned, Tier::Common));
    assert_eq!(page.registrations.len(), 2);
    assert_eq!(page.registry_says.len(), 2);
    assert!(page.registry_says[1].contains("keeps 6379 (udp) back"));
    assert_eq!(Registry::bundled().page(80, None).registrations.len(), 4);
}

#[test]
fn a_port_that_nobody_has_says_exactly_that() {
    assert_eq!(
        page(31390).registry_says,
        ["IANA says nothing about 31390: no service is registered for it (tcp and udp)."]
    );
    assert!(page(1491).registry_says[0].contains("Unauthorized Use Known on port 1491"));
    assert!(page(60000).registry_says[0].contains("assigns no number from 49152 to 65535"));
}

#[test]
fn a_line_that_came_without_contact_and_dates_says_so() {
    let says = page(4413).registry_says.join(" ");
    assert!(says.contains("are not in the bundled snapshot"), "{says}");
}

#[test]
fn every_port_has_a_page_with_sentences_and_no_empty_part() {
    let used = Registry::bundled()
        .practices()
        .iter()
        .map(|practice| practice.port);
    for port in used.chain((0..=u16::MAX).step_by(41)) {
        let page = page(port);
        assert!(
            !page.registry_says.is_empty() && !page.advice.is_empty(),
            "{port}"
        );
        assert!(
            page.related.iter().all(|related| related.port != port),
            "{port}"
        );
        let local = page
            .checks
            .iter()
            .filter(|check| check.scope == Scope::Local);
        assert!(port == 0 || local.count() >= 3, "{port}");
        for sentence in page
            .registry_says
            .iter()
            .chain(&page.practice_says)
            .chain(&page.advice)
        {
            assert!(
                !sentence.contains("  ") && sentence.ends_with('.'),
                "{port}: {sentence}"
            );
        }
    }
}
