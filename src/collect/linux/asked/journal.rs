//! The last lines that systemd's journal has of a process or its unit, as `journalctl` tells them.
//!
//! Only `journalctl` itself reads the journal's files; it shows what our user may see and nothing more.

use super::program::{Bounds, PLACES, Ran, run};
use crate::model::{Fact, Process, Text, Unseen};
use std::{path::Path, time::Duration};

/// How long it may take: a large journal is searched.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many lines are asked for.
const LINES: usize = 3;
/// The most that is read of its answer: a line can be very long.
const MOST: usize = 64 * 1024;
/// The most of a line that is told.
const LONGEST: usize = 400;
/// Where the journal keeps its files, for ever and until the machine is stopped.
const JOURNALS: [&str; 2] = ["var/log/journal", "run/log/journal"];

/// The bounds of asking on this machine.
pub(super) const HERE: Bounds<'_> = Bounds {
    places: &PLACES,
    patience: PATIENCE,
    most: MOST,
};

/// Returns the last lines of `process` or of its unit, the newest last.
pub(super) fn lines(process: &Process, root: &Path, bounds: Bounds<'_>) -> Fact<Vec<Text>> {
    if !has_journal(root) {
        return Fact::Unknown(Unseen::NotSupported);
    }
    let words = words(process);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run("journalctl", &words, bounds) {
        Ran::Said(said) if said.status.success() => Fact::Known(understood(&said.words)),
        Ran::Said(_) => Fact::Unknown(Unseen::NotPermitted),
        Ran::Absent => Fact::Unknown(Unseen::NotSupported),
        Ran::TooLong => Fact::Unknown(Unseen::NotYet),
    }
}

/// Whether anything was ever written to a journal here: a folder without files is made by every installation.
fn has_journal(root: &Path) -> bool {
    let mut folders = JOURNALS
        .iter()
        .filter_map(|folder| root.join(folder).read_dir().ok());
    folders.any(|mut folder| folder.next().is_some())
}

/// What is asked: of its number, or of its unit, since it began: numbers are given again.
fn words(process: &Process) -> Vec<String> {
    let mut words = vec![
        "--no-pager".to_owned(),
        "--quiet".to_owned(),
        "--output=short".to_owned(),
        format!("--lines={LINES}"),
    ];
    if let Some(began) = process.started_at {
        // It is known to the second.
        words.push(format!("--since=@{}", began.as_second() - 1));
    }
    words.push(format!("_PID={}", process.key.pid));
    // An escaped name is not the unit's own.
    let unit = process.unit.as_ref().filter(|unit| is_name(unit));
    if let Some(unit) = unit {
        words.extend(["+".to_owned(), format!("_SYSTEMD_UNIT={unit}")]);
        if let Some(uid) = process.uid {
            let of_user = format!("_SYSTEMD_USER_UNIT={unit}");
            words.extend(["+".to_owned(), of_user, format!("_UID={uid}")]);
        }
    }
    words
}

fn is_name(unit: &str) -> bool {
    let allowed = |one: char| one.is_ascii_alphanumeric() || "._-@:".contains(one);
    !unit.is_empty() && unit.chars().all(allowed)
}

fn understood(answer: &[u8]) -> Vec<Text> {
    let lines = answer.split(|byte| *byte == b'\n');
    let mut lines: Vec<Text> = lines
        .map(<[u8]>::trim_ascii_end)
        .filter(|line| !line.is_empty())
        .map(told)
        .collect();
    // A message of several lines is told with its end.
    let surplus = lines.len().saturating_sub(2 * LINES);
    lines.drain(..surplus);
    lines
}

fn told(line: &[u8]) -> Text {
    match line.get(..LONGEST) {
        Some(begin) => Text::from(format!("{}…", Text::from_bytes(begin))),
        None => Text::from_bytes(line),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::program::tests::scripted, *};
    use crate::model::fixture;
    use std::{fs, time::Instant};
    use tempfile::TempDir;

    const LONG: Duration = Duration::from_secs(20);

    /// A system with a journal, whose `journalctl` runs these lines after it noted what it was asked.
    fn with_journal(lines: &str) -> TempDir {
        let note = r#"printf '%s\n' "$@" > "${0%/*}/asked""#;
        let root = scripted("journalctl", &format!("{note}\n{lines}"));
        fs::create_dir_all(root.path().join("run/log/journal/0123")).unwrap();
        root
    }

    fn server() -> Process {
        let mut process = fixture::process("nginx", 812);
        process.started_at = Some(fixture::NOW);
        process.unit = Some(Text::from("nginx.service"));
        process
    }

    /// What it says; asked again while another test that forks holds the script open for a moment.
    #[expect(clippy::disallowed_methods, reason = "a deadline")]
    fn asked(root: &TempDir, process: &Process, patience: Duration) -> Fact<Vec<Text>> {
        let places = [root.path().to_str().unwrap()];
        let bounds = Bounds {
            places: &places,
            patience,
            ..HERE
        };
        let end = Instant::now() + LONG;
        loop {
            let told = lines(process, root.path(), bounds);
            if root.path().join("asked").exists() || Instant::now() > end {
                return told;
            }
        }
    }

    fn words_asked(root: &TempDir) -> Vec<String> {
        let words = fs::read_to_string(root.path().join("asked")).unwrap();
        words.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_last_lines_are_asked_for_by_number_and_unit_and_since_it_began() {
        let root =
            with_journal("printf 'Nov 22 nginx[812]: ready\\n\\nNov 22 nginx[812]: done \\n'");
        let told = asked(&root, &server(), LONG);
        let lines = ["Nov 22 nginx[812]: ready", "Nov 22 nginx[812]: done"];
        assert_eq!(told, Fact::Known(lines.map(Text::from).to_vec()));
        let since = format!("--since=@{}", fixture::NOW.as_second() - 1);
        assert_eq!(
            words_asked(&root),
            [
                "--no-pager",
                "--quiet",
                "--output=short",
                "--lines=3",
                &since,
                "_PID=812",
                "+",
                "_SYSTEMD_UNIT=nginx.service",
                "+",
                "_SYSTEMD_USER_UNIT=nginx.service",
                "_UID=1000",
            ]
        );
    }

    #[test]
    fn a_unit_with_an_odd_name_is_not_asked_for() {
        for name in ["a b.service", "x\\x2d.service", "", "é.service"] {
            let mut process = server();
            process.unit = Some(Text::from(name));
            assert_eq!(words(&process).last().unwrap(), "_PID=812", "{name}");
        }
    }

    #[test]
    fn what_others_wrote_is_escaped_and_cut() {
        let root = with_journal(
            r"printf 'a \033[31mred\n'; i=0; while [ $i -lt 50 ]; do printf 0123456789; i=$((i+1)); done",
        );
        let Fact::Known(told) = asked(&root, &server(), LONG) else {
            panic!("nothing was told");
        };
        assert!(
            !told[0].contains('\x1b') && told[0].contains("red"),
            "{told:?}"
        );
        assert_eq!(told[1].chars().count(), LONGEST + 1);
        assert!(told[1].ends_with('…'));
    }

    #[test]
    fn of_a_message_of_many_lines_its_end_is_told() {
        let root = with_journal("for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done");
        let Fact::Known(told) = asked(&root, &server(), LONG) else {
            panic!("nothing was told");
        };
        assert_eq!((told.len(), told[5].as_str()), (6, "line 9"));
    }

    #[test]
    fn why_there_is_nothing_is_told_apart() {
        let root = with_journal("exit 0");
        assert_eq!(asked(&root, &server(), LONG), Fact::Known(vec![]));
        let root = with_journal("exit 1");
        let told = asked(&root, &server(), LONG);
        assert_eq!(told, Fact::Unknown(Unseen::NotPermitted));
        let root = with_journal("exec sleep 300");
        let told = asked(&root, &server(), Duration::from_millis(300));
        assert_eq!(told, Fact::Unknown(Unseen::NotYet));
        fs::remove_dir_all(root.path().join("run")).unwrap();
        let told = lines(&server(), root.path(), HERE);
        assert_eq!(told, Fact::Unknown(Unseen::NotSupported));
        let places = ["/nowhere"];
        let nowhere = Bounds {
            places: &places,
            ..HERE
        };
        // A journal that nothing reads, and before that a folder that nothing was written to.
        fs::create_dir_all(root.path().join("var/log/journal")).unwrap();
        assert!(!has_journal(root.path()));
        fs::write(root.path().join("var/log/journal/0123"), "").unwrap();
        assert!(has_journal(root.path()));
        let told = lines(&server(), root.path(), nowhere);
        assert_eq!(told, Fact::Unknown(Unseen::NotSupported));
    }

    #[test]
    fn one_that_says_without_end_is_cut_off() {
        let root = with_journal("while :; do echo 0123456789; done");
        let told = asked(&root, &server(), LONG);
        // It is ended by the pipe that nobody reads any more, which is no success.
        assert_eq!(told, Fact::Unknown(Unseen::NotPermitted));
    }
}
