//! `doctor`: what it says whatever this machine is, and that nothing keeps it from saying it.

use crate::support::program::{command, portwise, run};
use serde_json::Value;
use std::fs;

fn abilities(said: &str) -> Vec<Value> {
    let said: Value = serde_json::from_str(said).unwrap();
    said["abilities"].as_array().unwrap().clone()
}

#[test]
fn every_part_is_told_of_and_the_exit_code_follows() {
    let run = portwise(["doctor", "--format", "json"]);
    let abilities = abilities(&run.stdout);
    let names: Vec<_> = abilities
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    let expected = [
        "source",
        "owners",
        "rates",
        "closes",
        "close",
        "namespaces",
        "kill",
        "notifications",
        "terminal",
        "colours",
        "clipboard",
        "registry",
        "config",
        "policy",
        "history",
    ];
    assert_eq!(names, expected);
    let is_missing = |one: &Value| matches!(one["works"].as_str(), Some("no" | "partly"));
    let missing = abilities.iter().any(is_missing);
    assert_eq!(run.code, Some(i32::from(missing)), "{run:#?}");
    for one in abilities.iter().filter(|one| is_missing(one)) {
        assert!(
            one["needs"].is_string() || one["name"] == "source",
            "{one:#}"
        );
    }
}

#[test]
fn a_broken_configuration_is_a_finding_and_no_obstacle() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("config/portwise")).unwrap();
    fs::write(
        home.path().join("config/portwise/config.toml"),
        "mouse = 7\n",
    )
    .unwrap();
    let run = run(command(&home).args(["doctor", "--format", "json"])).ended_with(1);
    let abilities = abilities(&run.stdout);
    let config = abilities
        .iter()
        .find(|one| one["name"] == "config")
        .unwrap();
    assert_eq!(config["works"], "no");
    assert!(
        config["detail"].as_str().unwrap().contains("config.toml"),
        "{config:#}"
    );
}

#[test]
fn text_has_a_line_for_each_part_and_no_colours_off_a_terminal() {
    let run = portwise(["doctor"]);
    for name in ["source", "owners", "close", "registry", "history"] {
        assert!(run.stdout.contains(&format!("  {name:<14}")), "{run:#?}");
    }
    assert!(!run.stdout.contains('\x1b'), "{run:#?}");
}
