//! Asks rpm which package owns a file. Its database has a format of its own, which changes with its releases.

#![expect(
    clippy::disallowed_methods,
    reason = "when it took too long, it is ended"
)]

use crate::model::Text;
use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where rpm may lie. Not `PATH`: who may set that must not choose what root runs.
pub(super) const PLACES: [&str; 2] = ["/usr/bin", "/bin"];
/// How long it may take: it reads a database, and may wait for who writes it.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// How often it is looked at while it works.
const LOOK: Duration = Duration::from_millis(5);
/// The most that is read of its answer.
const LONGEST_ANSWER: u64 = 4096;
/// The longest name of a package.
const LONGEST_NAME: usize = 255;

/// Where rpm keeps its database, in each of its formats.
const DATABASES: [&str; 6] = [
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages.db",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/Packages",
    "usr/share/rpm/rpmdb.sqlite",
];

/// Whether this system's packages are in a database of rpm.
pub(super) fn has_database(root: &Path) -> bool {
    DATABASES.iter().any(|path| root.join(path).is_file())
}

/// What rpm answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The package that owns the file.
    Package(Text),
    /// No package does.
    NoPackage,
}

/// Returns which package owns the file at `path`; `None` when rpm did not answer, or not in time.
pub(super) fn owner(path: &str, places: &[&str], patience: Duration) -> Option<Answer> {
    // An escaped path is not the file's own.
    if !path.starts_with('/') || path.contains(['\\', '\u{fffd}']) {
        return None;
    }
    let child = Command::new(program(places)?)
        .args(["-qf", "--queryformat", "%{NAME}\\n", "--", path])
        .env_clear()
        // Its words are read.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.ok()?;
    let status = wait(&mut child, patience)?;
    let mut answer = vec![];
    let said = child.stdout.take()?.take(LONGEST_ANSWER);
    { said }.read_to_end(&mut answer).ok()?;
    understood(status, str::from_utf8(&answer).ok()?)
}

fn program(places: &[&str]) -> Option<PathBuf> {
    let mut paths = places.iter().map(|place| Path::new(place).join("rpm"));
    paths.find(|path| path.is_file())
}

/// Waits for the end of `child`, which is ended when it takes too long.
fn wait(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => thread::sleep(LOOK),
            // Also one that waits until its many words are read.
            Ok(None) | Err(_) => {
                drop(child.kill());
                drop(child.wait());
                return None;
            }
        }
    }
}

fn understood(status: ExitStatus, answer: &str) -> Option<Answer> {
    let first = answer.lines().next()?;
    if status.success() {
        return is_name(first).then(|| Answer::Package(Text::from(first)));
    }
    first
        .ends_with("is not owned by any package")
        .then_some(Answer::NoPackage)
}

fn is_name(word: &str) -> bool {
    let allowed = |one: char| one.is_ascii_alphanumeric() || "._+-".contains(one);
    !word.is_empty() && word.len() <= LONGEST_NAME && word.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};
    use tempfile::TempDir;

    const LONG: Duration = Duration::from_secs(20);

    /// A folder with an `rpm` that runs these lines.
    fn with_rpm(lines: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rpm");
        fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    /// What it says; asked again while another test that forks holds the script open for a moment.
    fn asked(folder: &TempDir, path: &str, patience: Duration) -> Option<Answer> {
        let places = [folder.path().to_str().unwrap()];
        let end = Instant::now() + LONG;
        loop {
            let answer = owner(path, &places, patience);
            if answer.is_some() || folder.path().join("asked").exists() || Instant::now() > end {
                return answer;
            }
        }
    }

    const NOTE: &str = r#"printf '%s\n' "$@" > "$(/usr/bin/dirname "$0")/asked""#;

    #[test]
    fn the_path_is_passed_as_one_word_and_the_first_package_counts() {
        let folder = with_rpm(&format!("{NOTE}; echo openssh-server; echo other"));
        let answer = asked(&folder, "/usr/sbin/ss hd", LONG);
        assert_eq!(answer, Some(Answer::Package(Text::from("openssh-server"))));
        let words = fs::read_to_string(folder.path().join("asked")).unwrap();
        assert_eq!(
            words,
            "-qf\n--queryformat\n%{NAME}\\n\n--\n/usr/sbin/ss hd\n"
        );
    }

    #[test]
    fn a_file_of_no_package_is_told_from_no_answer() {
        let folder = with_rpm(&format!(
            "{NOTE}; echo 'file /opt/x is not owned by any package'; exit 1"
        ));
        assert_eq!(asked(&folder, "/opt/x", LONG), Some(Answer::NoPackage));
        let folder = with_rpm(&format!(
            "{NOTE}; echo 'error: cannot open Packages'; exit 1"
        ));
        assert_eq!(asked(&folder, "/opt/x", LONG), None);
    }

    #[test]
    fn what_is_no_name_is_no_answer() {
        for said in ["a b", "$(id)", "", "\\033[31mx"] {
            let folder = with_rpm(&format!("{NOTE}; printf '{said}\\n'"));
            assert_eq!(asked(&folder, "/opt/x", LONG), None, "{said}");
        }
    }

    #[test]
    fn one_that_takes_too_long_or_says_too_much_is_ended() {
        let folder = with_rpm(&format!("{NOTE}; exec sleep 300"));
        assert_eq!(asked(&folder, "/opt/x", Duration::from_millis(200)), None);
        let folder = with_rpm(&format!("{NOTE}; while :; do echo openssh; done"));
        assert_eq!(asked(&folder, "/opt/x", Duration::from_millis(200)), None);
    }

    #[test]
    fn only_a_whole_path_is_asked_for() {
        let folder = with_rpm(&format!("{NOTE}; echo x"));
        let places = [folder.path().to_str().unwrap()];
        for path in ["x", "-a", "", "/usr/bin/\\u{1b}"] {
            assert_eq!(owner(path, &places, LONG), None, "{path}");
        }
        assert!(!folder.path().join("asked").exists());
        assert_eq!(owner("/usr/bin/x", &["/nowhere"], LONG), None);
    }

    #[test]
    fn a_database_is_known_by_its_file() {
        let root = tempfile::tempdir().unwrap();
        assert!(!has_database(root.path()));
        fs::create_dir_all(root.path().join("var/lib/rpm")).unwrap();
        fs::write(root.path().join("var/lib/rpm/rpmdb.sqlite"), "").unwrap();
        assert!(has_database(root.path()));
    }
}
