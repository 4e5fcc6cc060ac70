//! The policy: `learn` writes it, every command that judges reads it.

use crate::support::{
    json::rules,
    network::alone,
    program::{Run, command, portwise, run},
};
use serde_json::Value;
use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _};
use tempfile::TempDir;

/// A home whose policy says `text`.
fn home_with(text: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("config/portwise")).unwrap();
    fs::write(path(&home), text).unwrap();
    home
}

fn path(home: &TempDir) -> std::path::PathBuf {
    home.path().join("config/portwise/policy.toml")
}

fn at_home(home: &TempDir, args: &[&str]) -> Run {
    run(command(home).args(args))
}

/// The one socket on port 1587.
fn socket(home: &TempDir) -> Value {
    let run = at_home(home, &["list", "--format", "ndjson", "lport:1587"]).ended_with(0);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn what_was_learned_is_expected_and_learned_once() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let home = tempfile::tempdir().unwrap();
        assert!(rules(&socket(&home)).contains(&"obscure-port"));
        let learned = at_home(&home, &["learn", "--include-suspicious"]).ended_with(0);
        assert!(
            learned
                .stdout
                .contains("on 1587/tcp, from this machine alone"),
            "{learned:#?}"
        );
        assert!(learned.stderr.contains("1 entry written"), "{learned:#?}");
        let now = socket(&home);
        assert!(!rules(&now).contains(&"obscure-port"), "{now:#}");
        assert_eq!(now["verdict"], "expected", "{now:#}");
        let written = fs::read_to_string(path(&home)).unwrap();
        let again = at_home(&home, &["learn", "--include-suspicious"]).ended_with(0);
        assert!(again.stderr.contains("nothing new"), "{again:#?}");
        assert_eq!(fs::read_to_string(path(&home)).unwrap(), written);
        // Wider than it was learned.
        let _wider = TcpListener::bind("0.0.0.0:1588").unwrap();
        fs::write(path(&home), written.replace("1587", "1588")).unwrap();
        let check = at_home(&home, &["check", "--format", "json", "lport:1588"]).ended_with(1);
        assert!(
            check.stdout.contains("obscure-port") || check.stdout.contains("unassigned-port"),
            "{check:#?}"
        );
    });
}

#[test]
fn a_dry_run_shows_the_change_and_makes_none() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let home = home_with("# mine\n\n[[deny]]\nport = 23\n");
        let shown = at_home(&home, &["learn", "--dry-run", "--include-suspicious"]).ended_with(0);
        let lines: Vec<&str> = shown.stdout.lines().collect();
        assert!(
            lines[0].starts_with("--- ") && lines[1].starts_with("+++ "),
            "{shown:#?}"
        );
        assert!(lines.contains(&"+port = \"1587/tcp\""), "{shown:#?}");
        assert!(lines.contains(&" [[deny]]"), "{shown:#?}");
        assert_eq!(
            fs::read_to_string(path(&home)).unwrap(),
            "# mine\n\n[[deny]]\nport = 23\n"
        );
    });
}

#[test]
fn what_is_suspicious_or_denied_is_not_learned_unasked() {
    alone(|| {
        let _obscure = TcpListener::bind("0.0.0.0:1587").unwrap();
        let _denied = TcpListener::bind("127.0.0.1:2323").unwrap();
        let home = home_with("[[deny]]\nport = 2323\n\n[rules]\nobscure-port = \"high\"\n");
        let learned = at_home(&home, &["learn"]).ended_with(0);
        assert!(
            learned
                .stderr
                .contains("left out 1 listener: it is suspicious"),
            "{learned:#?}"
        );
        assert!(
            learned
                .stderr
                .contains("left out 1 listener: the policy denies it"),
            "{learned:#?}"
        );
        assert!(
            !fs::read_to_string(path(&home))
                .unwrap()
                .contains("[[expect]]")
        );
        let learned = at_home(&home, &["learn", "--include-suspicious"]).ended_with(0);
        assert!(learned.stdout.contains("1587"), "{learned:#?}");
        assert!(!learned.stdout.contains("2323"), "{learned:#?}");
    });
}

#[test]
fn a_policy_that_does_not_fit_is_pointed_at_by_every_command_that_judges() {
    let home = home_with("strict = true\n[[expect]]\nprogramm = \"x\"\n");
    for args in [
        &["list"][..],
        &["check"],
        &["learn"],
        &["record", "--for", "10ms"],
    ] {
        let run = at_home(&home, args).ended_with(2);
        assert_eq!(run.stdout, "");
        assert!(
            run.stderr
                .contains("policy.toml:3:1: there is no key \"programm\""),
            "{run:#?}"
        );
        assert!(
            run.stderr.contains("\nprogramm = \"x\"\n^^^^^^^^\n"),
            "{run:#?}"
        );
        assert!(run.stderr.contains("did you mean `program`?"), "{run:#?}");
    }
}

#[test]
fn a_policy_is_used_by_name_and_refused_when_anybody_can_write_it() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("other.toml");
        fs::write(&file, "[[deny]]\nport = 1587\nreason = \"no\"\n").unwrap();
        let file_name = file.to_str().unwrap();
        let report = portwise(["check", "--policy", file_name]).ended_with(1);
        assert!(report.stdout.contains("denied-listener"), "{report:#?}");
        assert!(report.stdout.contains("denied: no"), "{report:#?}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        let refused = portwise(["check", "--policy", file_name]).ended_with(2);
        assert!(
            refused.stderr.contains("it can be written by everybody"),
            "{refused:#?}"
        );
        let missing = portwise(["check", "--policy", "/nowhere/policy.toml"]).ended_with(2);
        assert!(
            missing.stderr.contains("/nowhere/policy.toml"),
            "{missing:#?}"
        );
    });
}

#[test]
fn an_entry_that_has_ended_is_said() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let home = home_with("[[expect]]\nport = 1587\nuntil = 2020-01-31\nreason = \"old\"\n");
        let said = "the [[expect]] of line 1 ended on 2020-01-31: old";
        let list = at_home(&home, &["list"]).ended_with(0);
        assert!(list.stderr.contains(said), "{list:#?}");
        assert!(rules(&socket(&home)).contains(&"obscure-port"));
        let check = at_home(&home, &["check", "--fail-on", "info"]).ended_with(1);
        assert!(check.stdout.contains(said), "{check:#?}");
    });
}

#[test]
fn readonly_learns_nothing() {
    let home = tempfile::tempdir().unwrap();
    let refused = at_home(&home, &["learn", "--readonly"]).ended_with(2);
    assert!(refused.stderr.contains("--dry-run"), "{refused:#?}");
    at_home(&home, &["learn", "--readonly", "--dry-run"]).ended_with(0);
    assert!(!path(&home).exists());
}
