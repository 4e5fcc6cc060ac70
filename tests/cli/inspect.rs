//! `inspect`: a port, a process and a program lead to the same page; what is not there is said.

use crate::support::{
    deadline::until,
    json::sockets,
    network::alone,
    process::{Spawned, netcat},
    program::portwise,
    skip::skip,
};
use serde_json::Value;
use std::process::Command;

fn inspected(targets: &[&str]) -> Vec<Value> {
    let run = portwise(["inspect", "--format", "json"].iter().chain(targets)).ended_with(0);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_port_a_pid_and_a_name_lead_to_the_same_process_once() {
    alone(|| {
        let Some(netcat) = netcat() else {
            return skip("a_port_a_pid_and_a_name", "needs netcat");
        };
        let child = Spawned::quietly(Command::new(&netcat).args(["-l", "127.0.0.1", "3000"]));
        until("a listener on 3000", || match sockets(&[":3000"]).len() {
            1 => Ok(()),
            other => Err(format!("{other} sockets")),
        });
        let pid = child.pid().to_string();
        let name = netcat.file_name().unwrap().to_str().unwrap();
        for targets in [
            &[":3000"][..],
            &[":3000/tcp"],
            &[&pid],
            &[name],
            &[":3000", &pid, name],
        ] {
            let found = inspected(targets);
            assert_eq!(found.len(), 1, "{targets:?}: {found:#?}");
            assert_eq!(found[0]["process"]["pid"], child.pid(), "{targets:?}");
            assert_eq!(found[0]["process"]["exe"], netcat.to_str().unwrap());
            assert!(found[0]["process"]["why"].is_array());
            assert_eq!(found[0]["sockets"][0]["local"]["port"], 3000);
        }
        let udp = portwise(["inspect", ":3000/udp"]).ended_with(1);
        assert!(
            udp.stderr.contains("nothing here matches \":3000/udp\""),
            "{udp:#?}"
        );
    });
}

#[test]
fn a_process_without_sockets_has_a_page_too() {
    let own = std::process::id();
    let found = inspected(&[&own.to_string()]);
    assert_eq!(found[0]["process"]["pid"], own);
    assert!(found[0]["process"]["cmdline"].is_array(), "{found:#?}");
}

#[test]
fn what_matches_nothing_is_an_answer_and_what_is_no_target_a_mistake() {
    let run = portwise(["inspect", "no-such-program"]).ended_with(1);
    assert!(run.stderr.contains("nothing here matches"), "{run:#?}");
    let run = portwise(["inspect", ":70000"]).ended_with(2);
    assert!(
        run.stderr.contains("hint:") && run.stdout.is_empty(),
        "{run:#?}"
    );
}

#[test]
fn text_and_markdown_name_the_process() {
    let own = std::process::id().to_string();
    let text = portwise(["inspect", &own]).ended_with(0);
    assert!(
        text.stdout.contains("Why it runs") && text.stdout.contains(&own),
        "{text:#?}"
    );
    let markdown = portwise(["inspect", &own, "--format", "markdown"]).ended_with(0);
    assert!(markdown.stdout.starts_with("# "), "{markdown:#?}");
}
