//! Help, version, completions and manual.

use crate::support::program::portwise;

const COMMANDS: [&str; 15] = [
    "list",
    "explain",
    "inspect",
    "check",
    "learn",
    "watch",
    "kill",
    "close",
    "record",
    "registry",
    "history",
    "probe",
    "doctor",
    "completions",
    "man",
];

#[test]
fn help_names_every_command() {
    for args in [["--help"], ["-h"]] {
        let help = portwise(args).ended_with(0);
        for command in COMMANDS {
            let is_listed = help
                .stdout
                .lines()
                .any(|line| line.trim_start().starts_with(command));
            assert!(is_listed, "{command} is not in {}", help.stdout);
        }
        assert_eq!(help.stderr, "");
    }
}

#[test]
fn every_command_has_help_of_its_own() {
    for command in COMMANDS {
        let help = portwise([command, "--help"]).ended_with(0);
        assert!(
            help.stdout.contains(&format!("portwise {command}")),
            "{}",
            help.stdout
        );
    }
}

#[test]
fn version_is_the_one_of_the_manifest() {
    let version = portwise(["--version"]).ended_with(0);
    assert_eq!(
        version.stdout.trim(),
        concat!("portwise ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn completions_and_manual_are_printed() {
    let completions = portwise(["completions", "bash"]).ended_with(0);
    assert!(completions.stdout.contains("portwise"));
    let manual = portwise(["man"]).ended_with(0);
    assert!(manual.stdout.contains(".TH portwise"), "{}", manual.stdout);
}
