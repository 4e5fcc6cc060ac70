//! Asks the manager of a process to stop it: `systemctl stop`, `docker stop`.
//!
//! One of three places where another program is started (the others: `elevate`, and the one that asks rpm).
//! No shell: the name of the unit is one word of an argument vector, and one that could be anything else is refused.

#![expect(
    clippy::disallowed_methods,
    reason = "how long it took, and when it took too long"
)]

use crate::model::{Manager, Outcome};
use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where the programs may lie. Not `PATH`: who may set that must not choose what root runs.
pub(super) const PLACES: [&str; 4] = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin"];

/// How often a program is looked at while it works.
const LOOK: Duration = Duration::from_millis(20);
/// The most that is read of what it complains about.
const MOST_WORDS: u64 = 4096;

/// Lets `manager` stop what it runs, for up to `patience`.
pub(super) fn stop(manager: &Manager, patience: Duration, places: &[&str]) -> Outcome {
    if !is_plain(manager) {
        return Outcome::Refused(format!(
            "{} is no name that can be passed on",
            manager.name()
        ));
    }
    let words = manager.command(super::linux_or_not::ourselves());
    let Some((program, arguments)) = words.split_first() else {
        return Outcome::Failed("there is no command for it".into());
    };
    let Some(path) = find(program, places) else {
        return Outcome::Failed(format!("{program} is not installed"));
    };
    let begun = Instant::now();
    let child = Command::new(path)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    match child {
        Ok(child) => wait(child, program, begun, patience),
        Err(error) => Outcome::Failed(format!("start {program}: {error}")),
    }
}

/// Where a program lies.
pub(super) fn find(program: &str, places: &[&str]) -> Option<PathBuf> {
    let mut paths = places.iter().map(|place| Path::new(place).join(program));
    paths.find(|path| path.is_file())
}

/// Whether the name can be nothing but a name.
pub(super) fn is_plain(manager: &Manager) -> bool {
    match manager {
        Manager::Unit { name, .. } => {
            let allowed = |one: char| one.is_ascii_alphanumeric() || ":-_.@\\".contains(one);
            let kinds = [".service", ".scope", ".socket", ".slice"];
            !name.starts_with('-')
                && name.len() < 256
                && name.chars().all(allowed)
                && kinds.iter().any(|kind| name.ends_with(kind))
        }
        Manager::Container { engine, id } => {
            ["docker", "podman"].contains(engine)
                && (12..=64).contains(&id.len())
                && id.chars().all(|one| one.is_ascii_hexdigit())
        }
    }
}

fn wait(mut child: Child, program: &str, begun: Instant, patience: Duration) -> Outcome {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Outcome::Stopped(begun.elapsed()),
            Ok(Some(_)) => return failure(child, program),
            Ok(None) if begun.elapsed() < patience => thread::sleep(LOOK),
            // It goes on by itself; what it asked for cannot be taken back.
            Ok(None) => return Outcome::Signalled,
            Err(error) => return Outcome::Failed(format!("wait for {program}: {error}")),
        }
    }
}

fn failure(mut child: Child, program: &str) -> Outcome {
    let mut words = vec![];
    if let Some(complaints) = child.stderr.take() {
        drop(complaints.take(MOST_WORDS).read_to_end(&mut words));
    }
    let words = String::from_utf8_lossy(&words);
    let first = words.lines().find(|line| !line.trim().is_empty());
    let first = first.unwrap_or("it did not say why").trim().to_owned();
    let denied = [
        "denied",
        "authentication required",
        "authorization",
        "permission",
    ];
    let lower = first.to_ascii_lowercase();
    if denied.iter().any(|word| lower.contains(word)) {
        Outcome::Denied(format!("{program}: {first}"))
    } else {
        Outcome::Failed(format!("{program}: {first}"))
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::model::Text;
    use std::{fs, os::unix::fs::PermissionsExt as _};
    use tempfile::TempDir;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn unit(name: &str) -> Manager {
        Manager::Unit {
            name: Text::from(name),
            user: None,
        }
    }

    /// A folder with a `systemctl` that runs these lines.
    fn with_systemctl(lines: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("systemctl");
        fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    fn stopped(folder: &TempDir, manager: &Manager, patience: Duration) -> Outcome {
        loop {
            let outcome = stop(manager, patience, &[folder.path().to_str().unwrap()]);
            // Another test that forks holds the script open for a moment, as it was while we wrote it.
            if !matches!(&outcome, Outcome::Failed(why) if why.contains("Text file busy")) {
                return outcome;
            }
        }
    }

    #[test]
    fn the_unit_is_stopped_by_its_manager_and_passed_as_one_word() {
        let folder = with_systemctl(r#"printf '%s\n' "$@" > "$(dirname "$0")/words""#);
        let outcome = stopped(&folder, &unit("nginx.service"), PATIENCE);
        assert!(matches!(outcome, Outcome::Stopped(_)), "{outcome:?}");
        let words = fs::read_to_string(folder.path().join("words")).unwrap();
        assert_eq!(words, "stop\n--\nnginx.service\n");
    }

    #[test]
    fn what_the_manager_complains_about_is_told() {
        let folder = with_systemctl("echo 'Failed to stop x.service: Access denied' >&2; exit 4");
        let outcome = stopped(&folder, &unit("x.service"), PATIENCE);
        assert!(
            matches!(&outcome, Outcome::Denied(why) if why.contains("Access denied")),
            "{outcome:?}"
        );
        let folder = with_systemctl("echo 'Unit x.service not loaded.' >&2; exit 5");
        let outcome = stopped(&folder, &unit("x.service"), PATIENCE);
        assert!(
            matches!(&outcome, Outcome::Failed(why) if why.contains("not loaded")),
            "{outcome:?}"
        );
    }

    #[test]
    fn one_that_takes_too_long_is_left_to_it() {
        let folder = with_systemctl("exec sleep 2");
        let outcome = stopped(&folder, &unit("x.service"), Duration::from_millis(50));
        assert_eq!(outcome, Outcome::Signalled);
    }

    #[test]
    fn a_name_that_could_be_anything_else_is_not_passed_on() {
        let folder = with_systemctl("exit 0");
        for name in [
            "--all",
            "a b.service",
            "x.service;id",
            "x",
            "-x.service",
            "é.service",
        ] {
            let outcome = stopped(&folder, &unit(name), PATIENCE);
            assert!(
                matches!(outcome, Outcome::Refused(_)),
                "{name}: {outcome:?}"
            );
        }
        let container = Manager::Container {
            engine: "docker",
            id: Text::from("--help"),
        };
        let outcome = stopped(&folder, &container, PATIENCE);
        assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }

    #[test]
    fn a_manager_that_is_not_there_is_said_to_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = stopped(&folder, &unit("x.service"), PATIENCE);
        assert_eq!(
            outcome,
            Outcome::Failed("systemctl is not installed".into())
        );
    }
}
