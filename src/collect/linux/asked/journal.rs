//! The last lines that systemd's journal has of a process or its unit, as `journalctl` tells them.
//!
//! Only `journalctl` itself reads the journal's files; it shows what our user may see and nothing more.

use super::program::{Bounds, PLACES, Ran, run};
use crate::model::{Fact, Process, Text, Unseen};
use std::{
    io::{self, ErrorKind},
    path::Path,
    time::Duration,
};

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
    let Some(words) = words(process) else {
        return Fact::Unknown(Unseen::NotSupported);
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run("journalctl", &words, bounds) {
        Ran::Said(said) if said.is_cut => Fact::Known(understood(whole_lines(&said.words))),
        Ran::Said(said) if said.status.success() => Fact::Known(understood(&said.words)),
        Ran::Said(_) => Fact::Unknown(Unseen::NotPermitted),
        Ran::Absent => Fact::Unknown(Unseen::NotSupported),
        Ran::TooLong => Fact::Unknown(Unseen::NotYet),
    }
}

/// Whether anything was ever written to a journal here: a folder without files is made by every installation.
fn has_journal(root: &Path) -> bool {
    let mut folders = JOURNALS.iter().map(|folder| root.join(folder).read_dir());
    folders.any(has_something)
}

/// Whether there is something in a folder; one that we may not look into is there for something.
fn has_something<T>(folder: io::Result<impl Iterator<Item = T>>) -> bool {
    match folder {
        Ok(mut found) => found.next().is_some(),
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

/// What is asked: of its number, or of its unit, since it began; `None` when that is not known: numbers are given again.
fn words(process: &Process) -> Option<Vec<String>> {
    let began = process.started_at?;
    let mut words = vec![
        "--no-pager".to_owned(),
        "--quiet".to_owned(),
        "--output=short".to_owned(),
        format!("--lines={LINES}"),
        // It is known to the second.
        format!("--since=@{}", began.as_second() - 1),
        format!("_PID={}", process.key.pid),
    ];
    // An escaped name is not the unit's own.
    let unit = process.unit.as_ref().filter(|unit| is_name(unit));
    // A user's unit may have the name of one of the system, and of one of another user.
    match (unit, process.background.user_service, process.uid) {
        (Some(unit), false, _) => {
            words.extend(["+".to_owned(), format!("_SYSTEMD_UNIT={unit}")]);
        }
        (Some(unit), true, Some(uid)) => {
            let of_user = format!("_SYSTEMD_USER_UNIT={unit}");
            words.extend(["+".to_owned(), of_user, format!("_UID={uid}")]);
        }
        (Some(_), true, None) | (None, _, _) => {}
    }
    Some(words)
}

fn is_name(unit: &str) -> bool {
    let allowed = |one: char| one.is_ascii_alphanumeric() || "._-@:".contains(one);
    !unit.is_empty() && unit.chars().all(allowed)
}

/// What was cut without its last line, which is not whole; that line when there is no other.
fn whole_lines(cut: &[u8]) -> &[u8] {
    let whole = memchr::memrchr(b'\n', cut).and_then(|end| cut.get(..end));
    whole
        .filter(|whole| !whole.trim_ascii().is_empty())
        .unwrap_or(cut)
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
    if line.len() <= LONGEST {
        return Text::from_bytes(line);
    }
    // A character has four bytes at most, of which all but the first begin with these bits.
    let is_first = |at: &usize| {
        line.get(*at)
            .is_some_and(|byte| byte & 0b1100_0000 != 0b1000_0000)
    };
    let end = (LONGEST - 3..=LONGEST).rev().find(is_first);
    let begin = line.get(..end.unwrap_or(LONGEST)).unwrap_or(line);
    Text::from(format!("{}…", Text::from_bytes(begin)))
}

#[cfg(test)]
mod tests {
    use super::{
        super::program::tests::{self, LONG, scripted},
        *,
    };
    use crate::model::{Background, fixture};
    use std::{fs, sync::Arc};
    use tempfile::TempDir;

    /// A system with a journal, whose `journalctl` runs these lines after it noted what it was asked.
    fn with_journal(lines: &str) -> TempDir {
        let root = scripted("journalctl", lines);
        fs::create_dir_all(root.path().join("run/log/journal/0123")).unwrap();
        root
    }

    fn server() -> Process {
        let mut process = fixture::process("nginx", 812);
        process.started_at = Some(fixture::NOW);
        process.unit = Some(Text::from("nginx.service"));
        process
    }

    fn asked(root: &TempDir, process: &Process, patience: Duration) -> Fact<Vec<Text>> {
        let bounds = Bounds { patience, ..HERE };
        tests::asked(root, bounds, |bounds| lines(process, root.path(), bounds))
    }

    fn words_asked(root: &TempDir) -> Vec<String> {
        tests::words_asked(root).unwrap()
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
            ]
        );
    }

    #[test]
    fn a_unit_of_a_user_is_told_from_one_of_the_system_with_its_name() {
        let mut process = server();
        process.background = Arc::new(Background {
            user_service: true,
            ..Background::clone(&process.background)
        });
        process.uid = Some(1000);
        let asked = words(&process).unwrap();
        let wanted = ["+", "_SYSTEMD_USER_UNIT=nginx.service", "_UID=1000"];
        assert!(asked.ends_with(&wanted.map(str::to_owned)), "{asked:?}");
        assert!(!asked.iter().any(|word| word.starts_with("_SYSTEMD_UNIT")));
        // Without its user, any user's unit of that name would do.
        process.uid = None;
        assert_eq!(words(&process).unwrap().last().unwrap(), "_PID=812");
    }

    #[test]
    fn nothing_is_asked_of_one_whose_beginning_is_not_known() {
        let root = with_journal("echo line");
        let mut process = server();
        process.started_at = None;
        let places = [root.path().to_str().unwrap()];
        let bounds = Bounds {
            places: &places,
            ..HERE
        };
        let told = lines(&process, root.path(), bounds);
        assert_eq!(told, Fact::Unknown(Unseen::NotSupported));
        assert_eq!(tests::words_asked(&root), None);
    }

    #[test]
    fn a_unit_with_an_odd_name_is_not_asked_for() {
        for name in ["a b.service", "x\\x2d.service", "", "é.service"] {
            let mut process = server();
            process.unit = Some(Text::from(name));
            assert_eq!(
                words(&process).unwrap().last().unwrap(),
                "_PID=812",
                "{name}"
            );
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
    fn of_one_that_says_without_end_the_whole_lines_are_told() {
        let root = with_journal("while :; do echo 0123456789; done");
        let Fact::Known(told) = asked(&root, &server(), LONG) else {
            panic!("nothing was told");
        };
        assert_eq!(told, vec![Text::from("0123456789"); 2 * LINES]);
        // The only line is told though it is not whole: it hides nothing then.
        let root = with_journal("echo; while :; do printf 0123456789; done");
        let Fact::Known(told) = asked(&root, &server(), LONG) else {
            panic!("nothing was told");
        };
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("0123456789") && told[0].ends_with('…'));
    }

    #[test]
    fn a_line_is_cut_between_two_characters_and_only_when_it_is_longer() {
        let exactly = "a".repeat(LONGEST);
        assert_eq!(told(exactly.as_bytes()).as_str(), exactly);
        for lead in 0..4 {
            // Characters of two and of four bytes, before which there are so many others.
            for sign in ["é", "🦀"] {
                let line = "a".repeat(lead) + &sign.repeat(LONGEST);
                let told = told(line.as_bytes());
                let kept = told.strip_suffix('…').unwrap();
                assert!(line.starts_with(kept), "{kept}");
                assert!(kept.len() > LONGEST - 4 && kept.len() <= LONGEST);
            }
        }
        // What is no text is cut all the same.
        assert!(told(&[0x80; LONGEST + 1]).ends_with('…'));
    }

    #[test]
    fn a_folder_that_nobody_may_look_into_is_there_for_something() {
        let refused = |kind: ErrorKind| Err::<std::vec::IntoIter<()>, _>(io::Error::from(kind));
        assert!(has_something(refused(ErrorKind::PermissionDenied)));
        assert!(!has_something(refused(ErrorKind::NotFound)));
        assert!(!has_something(Ok(Vec::<()>::new().into_iter())));
    }
}
