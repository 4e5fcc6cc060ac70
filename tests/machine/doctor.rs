//! `doctor` as root, as nobody, and as nobody with each remedy that it names: each brings what it promises.

use crate::support::{
    network::alone,
    program::{PORTWISE, Run, command_of, environment, run},
    skip::{installed, is_root, skip},
};
use serde_json::Value;
use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::PathBuf,
    process::Command,
};
use tempfile::TempDir;

/// The user that has nothing, on every Linux.
const NOBODY: u32 = 65534;

/// A copy of the program that everybody may run, in a home that everybody may use.
struct Copied(TempDir);

impl Copied {
    fn new() -> Self {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        fs::copy(PORTWISE, folder.path().join("portwise")).unwrap();
        Self(folder)
    }

    fn program(&self) -> PathBuf {
        self.0.path().join("portwise")
    }

    fn doctor(&self, as_nobody: bool) -> Run {
        let mut command = command_of(&self.program(), &self.0);
        command.args(["doctor", "--format", "json"]);
        if as_nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        run(&mut command)
    }

    /// Carries out a remedy as it was printed, on this copy in place of the installed program.
    fn apply(&self, setcap: &PathBuf, remedy: &str) {
        let words = remedy.strip_prefix("sudo setcap ").unwrap();
        let (privileges, program) = words.split_once(' ').unwrap();
        assert_eq!(program, "\"$(command -v portwise)\"");
        let mut command = Command::new(setcap);
        let given = run(command.arg(privileges).arg(self.program()));
        given.ended_with(0);
    }
}

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

fn ability<'a>(said: &'a Value, name: &str) -> &'a Value {
    let abilities = said["abilities"].as_array().unwrap();
    let found = abilities.iter().find(|one| one["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {said:#}"))
}

#[test]
fn all_is_well_for_root_in_a_machine_of_its_own() {
    if !is_root() {
        return skip("all_is_well_for_root", "needs root");
    }
    alone(|| {
        let run = Copied::new().doctor(false).ended_with(0);
        let said = parsed(&run);
        assert_eq!(said["all_well"], true, "{said:#}");
        for name in [
            "source",
            "owners",
            "rates",
            "closes",
            "close",
            "namespaces",
            "kill",
        ] {
            assert_eq!(ability(&said, name)["works"], "yes", "{said:#}");
        }
        assert_eq!(said["everything"], Value::Null);
    });
}

#[test]
fn nobody_is_told_what_is_missing_and_what_works_without_privilege() {
    if !is_root() {
        return skip(
            "nobody_is_told_what_is_missing",
            "needs root, to become nobody",
        );
    }
    alone(|| {
        let said = parsed(&Copied::new().doctor(true).ended_with(1));
        for name in ["source", "rates", "closes", "notifications"] {
            assert_eq!(ability(&said, name)["works"], "yes", "{said:#}");
        }
        for (name, needs) in [
            ("owners", "CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE"),
            ("close", "CAP_NET_ADMIN"),
            ("kill", "CAP_KILL"),
            ("namespaces", "CAP_SYS_PTRACE and CAP_SYS_ADMIN"),
        ] {
            let ability = ability(&said, name);
            assert_ne!(ability["works"], "yes", "{said:#}");
            assert!(
                ability["needs"].as_str().unwrap().starts_with(needs),
                "{ability:#}"
            );
        }
    });
}

#[test]
fn each_remedy_brings_what_it_promises_to_nobody() {
    if !is_root() {
        return skip(
            "each_remedy_brings_what_it_promises",
            "needs root, to become nobody",
        );
    }
    alone(|| {
        let name = "each_remedy_brings_what_it_promises";
        let Some(setcap) = installed(&["setcap"]) else {
            return skip(name, "needs setcap");
        };
        for ability_name in ["owners", "close", "kill", "namespaces"] {
            let copied = Copied::new();
            let said = parsed(&copied.doctor(true));
            let Some(remedy) = ability(&said, ability_name)["remedy"].as_str() else {
                return skip(name, "needs /tmp without nosuid");
            };
            copied.apply(&setcap, remedy);
            let said = parsed(&copied.doctor(true));
            assert_eq!(
                ability(&said, ability_name)["works"],
                "yes",
                "{remedy}: {said:#}"
            );
        }
    });
}

#[test]
fn remedies_add_up_and_the_last_one_brings_everything() {
    if !is_root() {
        return skip("remedies_add_up", "needs root, to become nobody");
    }
    alone(|| {
        let Some(setcap) = installed(&["setcap"]) else {
            return skip("remedies_add_up", "needs setcap");
        };
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let copied = Copied::new();
        // One after the other, as a person would follow them.
        for _ in 0..8 {
            let said = parsed(&copied.doctor(true));
            let abilities = said["abilities"].as_array().unwrap();
            let remedy = abilities.iter().find_map(|one| one["remedy"].as_str());
            let Some(remedy) = remedy else { break };
            copied.apply(&setcap, remedy);
        }
        let said = parsed(&copied.doctor(true).ended_with(0));
        assert_eq!(said["all_well"], true, "{said:#}");
        let mut list = command_of(&copied.program(), &copied.0);
        let list = run(list
            .args(["list", "--format", "json"])
            .uid(NOBODY)
            .gid(NOBODY));
        let list: Value = serde_json::from_str(&list.ended_with(0).stdout).unwrap();
        assert_eq!(list["owners_hidden"], 0, "{list:#}");
    });
}

#[test]
fn processes_that_are_hidden_are_not_taken_for_none() {
    if !is_root() {
        return skip("processes_that_are_hidden", "needs root, to become nobody");
    }
    alone(|| {
        if !mounted(&["-o", "remount,hidepid=2", "/proc"]) {
            return skip("processes_that_are_hidden", "needs a /proc with hidepid");
        }
        let copied = Copied::new();
        let said = parsed(&copied.doctor(true).ended_with(1));
        for name in ["owners", "kill"] {
            assert_eq!(ability(&said, name)["works"], "partly", "{said:#}");
        }
        let detail = ability(&said, "owners")["detail"].as_str().unwrap();
        assert!(detail.contains("hidepid"), "{detail}");
        let (Some(setcap), Some(remedy)) = (
            installed(&["setcap"]),
            ability(&said, "owners")["remedy"].as_str(),
        ) else {
            return skip(
                "processes_that_are_hidden",
                "needs setcap, and /tmp without nosuid",
            );
        };
        copied.apply(&setcap, remedy);
        let said = parsed(&copied.doctor(true));
        assert_eq!(ability(&said, "owners")["works"], "yes", "{said:#}");
    });
}

#[test]
fn nothing_is_concluded_from_a_proc_without_processes() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let copied = Copied::new();
        if !mounted(&["-t", "tmpfs", "none", "/proc"]) {
            return skip("nothing_is_concluded", "needs to mount over /proc");
        }
        let said = parsed(&copied.doctor(false).ended_with(1));
        assert_eq!(ability(&said, "owners")["works"], "no", "{said:#}");
        let mut list = command_of(&copied.program(), &copied.0);
        let list = run(list.args(["list", "--format", "json"])).ended_with(0);
        let list: Value = serde_json::from_str(&list.stdout).unwrap();
        assert_eq!(list["owners_hidden"], 1, "{list:#}");
        let findings = list["sockets"][0]["findings"].as_array().unwrap();
        let rules = findings.iter().map(|finding| finding["rule"].as_str());
        assert!(
            rules.clone().all(|rule| rule != Some("hidden-owner")),
            "{list:#}"
        );
    });
}

#[test]
fn a_listener_of_a_process_outside_the_container_is_not_said_to_be_nobodys() {
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let copied = Copied::new();
        let contained = |words: &[&str]| {
            let mut command = Command::new("unshare");
            command.args(["--pid", "--fork", "--mount-proc", "--kill-child"]);
            command.arg(copied.program()).args(words);
            run(command.envs(environment(&copied.0)))
        };
        let list = contained(&["list", "--format", "json"]);
        if list.stdout.is_empty() {
            return skip(
                "a_listener_of_a_process_outside",
                "needs to make a process namespace",
            );
        }
        let list = parsed(&list);
        assert_eq!(list["owners_hidden"], 1, "{list:#}");
        let detail = list["limits"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("outside this container"), "{detail}");
        let findings = list["sockets"][0]["findings"].as_array().unwrap();
        assert!(
            findings
                .iter()
                .all(|finding| finding["rule"] != "hidden-owner"),
            "{list:#}"
        );
        let said = parsed(&contained(&["doctor", "--format", "json"]));
        let detail = ability(&said, "owners")["detail"].as_str().unwrap();
        assert!(detail.contains("of this container"), "{detail}");
        // Beside its process it has an owner, and nothing is missing.
        let mut list = command_of(&copied.program(), &copied.0);
        let list = parsed(&run(list.args(["list", "--format", "json"])));
        assert_eq!(list["owners_hidden"], 0, "{list:#}");
        assert_eq!(
            list["sockets"][0]["processes"].as_array().map(Vec::len),
            Some(1)
        );
    });
}

/// Whether something could be mounted so, for this test alone.
fn mounted(options: &[&str]) -> bool {
    let tried = Command::new("mount").args(options).output();
    tried.is_ok_and(|output| output.status.success())
}
