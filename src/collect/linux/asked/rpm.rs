//! Asks rpm which package owns a file. Its database has a format of its own, which changes with its releases.

use super::program::{Bounds, PLACES, Ran, run};
use crate::model::Text;
use std::{path::Path, process::ExitStatus, time::Duration};

/// How long it may take: it reads a database, and may wait for who writes it.
const PATIENCE: Duration = Duration::from_secs(3);
/// The most that is read of its answer.
const LONGEST_ANSWER: usize = 4096;
/// The bounds of asking on this machine.
pub(super) const HERE: Bounds<'_> = Bounds {
    places: &PLACES,
    patience: PATIENCE,
    most: LONGEST_ANSWER,
};
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
pub(super) fn owner(path: &str, bounds: Bounds<'_>) -> Option<Answer> {
    // An escaped path is not the file's own.
    if !path.starts_with('/') || path.contains(['\\', '\u{fffd}']) {
        return None;
    }
    let words = ["-qf", "--queryformat", "%{NAME}\\n", "--", path];
    match run("rpm", &words, bounds) {
        Ran::Said(said) if !said.is_cut => {
            understood(said.status, str::from_utf8(&said.words).ok()?)
        }
        Ran::Said(_) | Ran::Absent | Ran::TooLong => None,
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
    use super::{
        super::program::tests::{self, LONG, scripted, words_asked},
        *,
    };
    use std::fs;
    use tempfile::TempDir;

    /// A folder with an `rpm` that runs these lines.
    fn with_rpm(lines: &str) -> TempDir {
        scripted("rpm", lines)
    }

    fn asked(folder: &TempDir, path: &str, patience: Duration) -> Option<Answer> {
        let bounds = Bounds { patience, ..HERE };
        tests::asked(folder, bounds, |bounds| owner(path, bounds))
    }

    #[test]
    fn the_path_is_passed_as_one_word_and_the_first_package_counts() {
        let folder = with_rpm("echo openssh-server; echo other");
        let answer = asked(&folder, "/usr/sbin/ss hd", LONG);
        assert_eq!(answer, Some(Answer::Package(Text::from("openssh-server"))));
        assert_eq!(
            words_asked(&folder).unwrap(),
            [
                "-qf",
                "--queryformat",
                "%{NAME}\\n",
                "--",
                "/usr/sbin/ss hd"
            ]
        );
    }

    #[test]
    fn a_file_of_no_package_is_told_from_no_answer() {
        let folder = with_rpm("echo 'file /opt/x is not owned by any package'; exit 1");
        assert_eq!(asked(&folder, "/opt/x", LONG), Some(Answer::NoPackage));
        let folder = with_rpm("echo 'error: cannot open Packages'; exit 1");
        assert_eq!(asked(&folder, "/opt/x", LONG), None);
    }

    #[test]
    fn what_is_no_name_is_no_answer() {
        for said in ["a b", "$(id)", "", "\\033[31mx"] {
            let folder = with_rpm(&format!("printf '{said}\\n'"));
            assert_eq!(asked(&folder, "/opt/x", LONG), None, "{said}");
        }
    }

    #[test]
    fn one_that_takes_too_long_or_says_too_much_is_ended() {
        let folder = with_rpm("exec sleep 300");
        assert_eq!(asked(&folder, "/opt/x", Duration::from_millis(200)), None);
        let folder = with_rpm("while :; do echo openssh; done");
        assert_eq!(asked(&folder, "/opt/x", LONG), None);
        // What is cut is no answer, whatever its first line says.
        let folder =
            with_rpm("echo 'file /opt/x is not owned by any package'; while :; do echo; done");
        assert_eq!(asked(&folder, "/opt/x", LONG), None);
    }

    #[test]
    fn only_a_whole_path_is_asked_for() {
        let folder = with_rpm("echo x");
        let places = [folder.path().to_str().unwrap()];
        let bounds = Bounds {
            places: &places,
            ..HERE
        };
        for path in ["x", "-a", "", "/usr/bin/\\u{1b}"] {
            assert_eq!(owner(path, bounds), None, "{path}");
        }
        assert_eq!(words_asked(&folder), None);
        let bounds = Bounds {
            places: &["/nowhere"],
            ..HERE
        };
        assert_eq!(owner("/usr/bin/x", bounds), None);
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
