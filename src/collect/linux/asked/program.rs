//! Runs a program for a few words of it: from fixed places, with a list of words, bounded in time and in what is read.

#![expect(
    clippy::disallowed_methods,
    reason = "when it took too long, it is ended"
)]

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use std::{
    io::{ErrorKind, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where programs may lie. Not `PATH`: who may set that must not choose what root runs.
pub(super) const PLACES: [&str; 2] = ["/usr/bin", "/bin"];

/// How often it is looked at when it has said everything and did not end.
const LOOK: Duration = Duration::from_millis(5);
const PIECE: usize = 4096;

/// How much is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds<'a> {
    /// The folders that it may lie in.
    pub(super) places: &'a [&'a str],
    /// How long it may take.
    pub(super) patience: Duration,
    /// The most bytes that are read of it; one that says more is ended.
    pub(super) most: usize,
}

/// What a program said before it ended.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: ExitStatus,
    pub(super) words: Vec<u8>,
    /// It said more than is read, and was ended for that: its status means nothing.
    pub(super) is_cut: bool,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Ran {
    /// It said so much, or as much of it as is read.
    Said(Said),
    /// It is not installed, or may not be started.
    Absent,
    /// It took too long.
    TooLong,
}

/// Runs the program `name` with these words; what it says about errors is not read.
pub(super) fn run(name: &str, words: &[&str], bounds: Bounds<'_>) -> Ran {
    let mut paths = bounds
        .places
        .iter()
        .map(|place| Path::new(place).join(name));
    let Some(program) = paths.find(|path| path.is_file()) else {
        return Ran::Absent;
    };
    let end = Instant::now() + bounds.patience;
    let child = Command::new(program)
        .args(words)
        .env_clear()
        // Its words are read.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        return Ran::Absent;
    };
    let said = child
        .stdout
        .take()
        .and_then(|out| read(out, bounds.most, end));
    let is_cut = said.as_ref().is_some_and(|(_, is_cut)| *is_cut);
    let status = match &said {
        Some(_) if !is_cut => wait(&mut child, end),
        Some(_) | None => None,
    };
    let status = status.or_else(|| {
        drop(child.kill());
        child.wait().ok().filter(|_| is_cut)
    });
    match (said, status) {
        (Some((words, is_cut)), Some(status)) => Ran::Said(Said {
            status,
            words,
            is_cut,
        }),
        (Some(_) | None, _) => Ran::TooLong,
    }
}

/// Reads what comes until its end, or `most` of it, and whether there was more; `None` when that took until `end`.
fn read(mut out: ChildStdout, most: usize, end: Instant) -> Option<(Vec<u8>, bool)> {
    let mut words = vec![];
    let mut piece = [0; PIECE];
    while words.len() <= most {
        let left = end.checked_duration_since(Instant::now())?;
        let left = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(&out, PollFlags::IN)], left.as_ref()) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return None,
        }
        match out.read(&mut piece) {
            Ok(0) => return Some((words, false)),
            Ok(length) => words.extend_from_slice(piece.get(..length)?),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    words.truncate(most);
    Some((words, true))
}

/// Waits for the end of `child` until `end`.
fn wait(child: &mut Child, end: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => thread::sleep(LOOK),
            Ok(None) | Err(_) => return None,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};
    use tempfile::TempDir;

    pub(in super::super) const LONG: Duration = Duration::from_secs(20);

    /// A folder with a program of this name that runs these lines after it noted its words.
    pub(in super::super) fn scripted(name: &str, lines: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{NOTE}\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    const NOTE: &str = r#"printf '%s\n' "$@" > "${0%/*}/asked""#;

    /// The words that the program in this folder was begun with; `None` when it was not.
    pub(in super::super) fn words_asked(folder: &TempDir) -> Option<Vec<String>> {
        let words = fs::read_to_string(folder.path().join("asked")).ok()?;
        Some(words.lines().map(str::to_owned).collect())
    }

    /// What comes of asking the program in this folder; asked again while another test that forks holds it open for
    /// a moment.
    pub(in super::super) fn asked<T>(
        folder: &TempDir,
        bounds: Bounds<'_>,
        ask: impl Fn(Bounds<'_>) -> T,
    ) -> T {
        let places = [folder.path().to_str().unwrap()];
        let bounds = Bounds {
            places: &places,
            ..bounds
        };
        let end = Instant::now() + LONG;
        loop {
            let told = ask(bounds);
            if words_asked(folder).is_some() || Instant::now() > end {
                return told;
            }
        }
    }

    /// What comes of a program that runs these lines.
    fn ran(lines: &str, patience: Duration) -> Ran {
        let folder = scripted("talk", lines);
        let bounds = Bounds {
            places: &[],
            patience,
            most: 9,
        };
        asked(&folder, bounds, |bounds| run("talk", &[], bounds))
    }

    fn said(lines: &str) -> Said {
        match ran(lines, LONG) {
            Ran::Said(said) => said,
            ran @ (Ran::Absent | Ran::TooLong) => panic!("{ran:?}"),
        }
    }

    #[test]
    fn who_says_as_much_as_is_read_is_not_cut_and_who_says_more_is() {
        let whole = said("printf 123456789; exit 3");
        assert_eq!((&*whole.words, whole.is_cut), (&b"123456789"[..], false));
        assert_eq!(whole.status.code(), Some(3));
        let cut = said("printf 1234567890");
        assert_eq!((&*cut.words, cut.is_cut), (&b"123456789"[..], true));
        // One that never notices that nobody reads any more is not waited for.
        let cut = said("printf 1234567890; exec sleep 300");
        assert!(cut.is_cut && !cut.status.success());
    }

    #[test]
    fn who_takes_too_long_is_ended_whether_it_says_something_or_not() {
        for lines in ["exec sleep 300", "exec >&-; exec sleep 300"] {
            let ran = ran(lines, Duration::from_millis(200));
            assert!(matches!(ran, Ran::TooLong), "{lines}: {ran:?}");
        }
    }

    #[test]
    fn who_was_ended_is_no_more() {
        for (say, patience) in [
            (":", Duration::from_millis(200)),
            ("printf 1234567890", LONG),
        ] {
            let lines = format!(r#"echo $$ > "${{0%/*}}/number"; {say}; exec sleep 300"#);
            let folder = scripted("talk", &lines);
            let places = [folder.path().to_str().unwrap()];
            let bounds = Bounds {
                places: &places,
                patience,
                most: 9,
            };
            let end = Instant::now() + LONG;
            let number = loop {
                drop(run("talk", &[], bounds));
                let noted = fs::read_to_string(folder.path().join("number"));
                match noted.unwrap_or_default().trim().parse::<u32>() {
                    Ok(number) => break number,
                    Err(_) => assert!(Instant::now() < end, "it never began"),
                }
            };
            // Neither it nor what is left of one that nobody waited for.
            assert!(!Path::new(&format!("/proc/{number}")).exists(), "{say}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_absent() {
        let bounds = Bounds {
            places: &["/nowhere"],
            patience: Duration::from_secs(1),
            most: 9,
        };
        assert!(matches!(run("rpm", &[], bounds), Ran::Absent));
    }
}
