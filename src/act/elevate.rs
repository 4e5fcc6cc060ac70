//! Has one request carried out by ourselves with more privilege, through `sudo` or `pkexec`.
//!
//! Only when a person chose so. No shell, no password in our hands: the program asks on the terminal. The
//! command names its targets by identity, so it can hit them or nobody.

#![expect(
    clippy::disallowed_methods,
    reason = "how long a manager took to stop what it runs"
)]

use super::manager;
use crate::model::{Closing, Elevator, Manager, Order, Outcome, Request};
use serde::Deserialize;
use std::{
    env,
    io::{self, Read as _},
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where the programs may lie. Not `PATH`: who may set that must not see the password.
pub(super) const PLACES: [&str; 5] = [
    "/usr/bin",
    "/bin",
    "/usr/local/bin",
    "/run/wrappers/bin",
    "/usr/sbin",
];

/// The most that is read of what comes back.
const LONGEST: u64 = 4 * 1024 * 1024;
/// The most that is kept of what is complained about.
const MOST_WORDS: usize = 4096;

/// What portwise says of one target, as JSON.
#[derive(Debug, Deserialize)]
struct Said {
    outcome: String,
    after_ms: Option<u64>,
    ended_by: Option<String>,
    detail: Option<String>,
}

/// What lies in `places`; nothing for root, who has every privilege there is.
pub(super) fn elevators(ourselves: Option<u32>, places: &[&str]) -> Vec<Elevator> {
    if ourselves == Some(0) {
        return vec![];
    }
    let mut all = Elevator::ALL.to_vec();
    all.retain(|one| manager::find(one.name(), places).is_some());
    all
}

/// The whole command for `request`, word by word.
pub(super) fn command(
    request: &Request,
    elevator: Elevator,
    places: &[&str],
) -> Result<Vec<String>, String> {
    let mut words = vec![place(elevator.name(), places)?];
    words.extend(elevator.arguments().iter().copied().map(str::to_owned));
    match request {
        Request::Signal(orders) => {
            words.extend([ourselves()?, "act".to_owned(), "signal".to_owned()]);
            words.extend(signal_words(orders));
        }
        Request::Close(all) => {
            words.extend([ourselves()?, "act".to_owned(), "close".to_owned()]);
            words.push("--".to_owned());
            words.extend(all.iter().map(Closing::identity));
        }
        Request::Stop(manager, _) => {
            if !manager::is_plain(manager) {
                return Err(format!(
                    "{} is no name that can be passed on",
                    manager.name()
                ));
            }
            words.extend(stop_words(manager, places)?);
        }
    }
    Ok(words)
}

fn signal_words(orders: &[Order]) -> Vec<String> {
    let mut words = vec![];
    if let Some(first) = orders.first() {
        words.push(first.signal.name().to_owned());
        words.push(format!("--timeout={}ms", first.patience.as_millis()));
        if first.then_kill {
            words.push("--then-kill".to_owned());
        }
        if first.force {
            words.push("--force".to_owned());
        }
    }
    words.push("--".to_owned());
    words.extend(orders.iter().map(|order| order.target.identity()));
    words
}

/// The command of a manager as root gives it.
fn stop_words(manager: &Manager, places: &[&str]) -> Result<Vec<String>, String> {
    let mut words = manager.command(Some(0));
    if let Some(program) = words.first_mut() {
        *program = place(program, places)?;
    }
    Ok(words)
}

fn place(program: &str, places: &[&str]) -> Result<String, String> {
    let path = manager::find(program, places);
    let path = path.and_then(|path| path.to_str().map(str::to_owned));
    path.ok_or_else(|| format!("{program} is not installed"))
}

/// Our own program.
fn ourselves() -> Result<String, String> {
    let path = env::current_exe().map_err(|error| format!("find portwise itself: {error}"))?;
    let path = path.to_str().filter(|_| path.is_file());
    path.map(str::to_owned)
        .ok_or_else(|| "portwise was replaced since it was started: start it again".to_owned())
}

/// Runs the command for `request`, and says of each target what came of it.
pub(super) fn run(
    request: &Request,
    elevator: Elevator,
    places: &[&str],
    complaints: &mut (dyn io::Write + Send),
) -> Vec<Outcome> {
    let count = match request {
        Request::Signal(orders) => orders.len(),
        Request::Close(all) => all.len(),
        Request::Stop(..) => 1,
    };
    let all = |outcome: Outcome| vec![outcome; count];
    let mut words = match command(request, elevator, places) {
        Ok(words) => words,
        Err(why) => return all(Outcome::Failed(why)),
    };
    if !matches!(request, Request::Stop(..))
        && let Some(at) = words.iter().rposition(|word| word == "--")
    {
        words.insert(at, "--format=json".to_owned());
    }
    let begun = Instant::now();
    let (status, said, complained) = match run_words(&words, complaints) {
        Ok(run) => run,
        Err(error) => {
            let why = format!("start {}: {error}", elevator.name());
            return all(Outcome::Failed(why));
        }
    };
    match request {
        Request::Stop(..) if status.success() => all(Outcome::Stopped(begun.elapsed())),
        Request::Stop(..) => all(refused(elevator, status, &complained)),
        Request::Signal(_) | Request::Close(_) => {
            understood(&said, count).unwrap_or_else(|| all(refused(elevator, status, &complained)))
        }
    }
}

fn run_words(
    words: &[String],
    complaints: &mut (dyn io::Write + Send),
) -> io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::NotFound)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (out, errors) = (child.stdout.take(), child.stderr.take());
    let (said, complained) = thread::scope(|scope| {
        let complained = scope.spawn(|| errors.map(|errors| pass_on(errors, complaints)));
        let mut said = vec![];
        if let Some(out) = out {
            // What is missing is not understood below.
            drop(out.take(LONGEST).read_to_end(&mut said));
        }
        (said, complained.join().ok().flatten().unwrap_or_default())
    });
    Ok((child.wait()?, said, complained))
}

/// Passes on what is complained about as it comes, and keeps the end of it.
fn pass_on(mut from: impl io::Read, to: &mut (dyn io::Write + Send)) -> Vec<u8> {
    let mut kept = vec![];
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let new = buffer.get(..count).unwrap_or_default();
        // That nobody can read it changes nothing.
        drop(to.write_all(new).and_then(|()| to.flush()));
        kept.extend_from_slice(new);
        let surplus = kept.len().saturating_sub(MOST_WORDS);
        kept.drain(..surplus);
    }
    kept
}

/// The outcomes that portwise tells; `None` when it did not come to that.
fn understood(said: &[u8], count: usize) -> Option<Vec<Outcome>> {
    let said: Vec<Said> = serde_json::from_slice(said).ok()?;
    let outcomes: Vec<Outcome> = said.into_iter().filter_map(outcome).collect();
    (outcomes.len() == count).then_some(outcomes)
}

fn outcome(said: Said) -> Option<Outcome> {
    let after = Duration::from_millis(said.after_ms.unwrap_or(0));
    let outcome = Outcome::named(&said.outcome, after, said.detail.unwrap_or_default())?;
    let is_killed = said.ended_by.as_deref() == Some("KILL");
    if is_killed && matches!(outcome, Outcome::Ended(_)) {
        Some(Outcome::Killed(after))
    } else {
        Some(outcome)
    }
}

/// It was not run, or failed: what was complained about last says why.
fn refused(elevator: Elevator, status: ExitStatus, complained: &[u8]) -> Outcome {
    let words = String::from_utf8_lossy(complained);
    let last = words.lines().rev().find(|line| !line.trim().is_empty());
    let name = elevator.name();
    match (last, status.code()) {
        (_, None) => Outcome::Failed(format!("{name} was interrupted")),
        (Some(line), _) => Outcome::Failed(format!("{name} did not do it: {}", line.trim())),
        (None, Some(_)) => Outcome::Failed(format!("{name} did not do it, and did not say why")),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::model::{Endpoint, Family, ProcessKey, Signal, Started, Target, Text};
    use std::{fs, net::Ipv4Addr, os::unix::fs::PermissionsExt as _};
    use tempfile::TempDir;

    /// A folder with a `sudo` that runs these lines.
    fn with_sudo(lines: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sudo");
        fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    fn request(count: u32) -> Request {
        let order = |pid| Order {
            target: Target {
                key: ProcessKey {
                    pid,
                    started: Started::Ticks(815),
                },
                executable: Some(Text::from("/usr/bin/a b; id")),
                pidfs: Some(99),
            },
            signal: Signal::Term,
            force: false,
            patience: Duration::from_secs(3),
            then_kill: false,
        };
        Request::Signal((1..=count).map(order).collect())
    }

    fn ran(folder: &TempDir, request: &Request) -> (Vec<Outcome>, String) {
        loop {
            let mut complaints = vec![];
            let places = [folder.path().to_str().unwrap()];
            let outcomes = run(request, Elevator::Sudo, &places, &mut complaints);
            // Another test that forks holds the script open for a moment, as it was while we wrote it.
            let busy = |one: &Outcome| matches!(one, Outcome::Failed(why) if why.contains("Text file busy"));
            if !outcomes.iter().any(busy) {
                return (outcomes, String::from_utf8(complaints).unwrap());
            }
        }
    }

    #[test]
    fn the_command_names_the_targets_by_identity_and_asks_for_the_password_each_time() {
        let folder = with_sudo("exit 0");
        let places = [folder.path().to_str().unwrap()];
        let words = command(&request(2), Elevator::Sudo, &places).unwrap();
        assert_eq!(words[0], format!("{}/sudo", places[0]));
        assert_eq!(words[1..3], ["-k", "--"]);
        assert_eq!(words[4..7], ["act", "signal", "TERM"]);
        assert_eq!(
            words[7..],
            [
                "--timeout=3000ms",
                "--",
                "1@815.99:/usr/bin/a b; id",
                "2@815.99:/usr/bin/a b; id"
            ]
        );
        let closing = Request::Close(vec![Closing {
            cookie: 255,
            family: Family::Ipv4,
            local: Endpoint::new(Ipv4Addr::LOCALHOST, 3000),
            peer: Endpoint::new(Ipv4Addr::LOCALHOST, 50_000),
        }]);
        let words = command(&closing, Elevator::Sudo, &places).unwrap();
        assert_eq!(words[5..7], ["close", "--"]);
        assert_eq!(words[7], "ff/ipv4/127.0.0.1:3000/127.0.0.1:50000");
    }

    #[test]
    fn what_it_answers_is_understood_and_what_it_says_is_passed_on() {
        let folder = with_sudo(
            r#"echo "on stderr" >&2
            printf '%s' '[{"outcome":"ended","after_ms":140,"ended_by":"TERM"},{"outcome":"gone"}]'"#,
        );
        let (outcomes, complaints) = ran(&folder, &request(2));
        assert_eq!(
            outcomes,
            [Outcome::Ended(Duration::from_millis(140)), Outcome::Gone]
        );
        assert_eq!(complaints, "on stderr\n");
    }

    #[test]
    fn a_wrong_password_is_told_for_every_target() {
        let folder = with_sudo("echo 'sudo: 3 incorrect password attempts' >&2; exit 1");
        let (outcomes, _) = ran(&folder, &request(3));
        assert_eq!(outcomes.len(), 3);
        for outcome in outcomes {
            assert!(
                matches!(&outcome, Outcome::Failed(why) if why.contains("incorrect password")),
                "{outcome:?}"
            );
        }
        // Not SIGINT: what was started in the background by a shell ignores that, and its children do.
        let folder = with_sudo("kill -KILL $$");
        let (outcomes, _) = ran(&folder, &request(1));
        assert_eq!(
            outcomes,
            [Outcome::Failed("sudo was interrupted".to_owned())]
        );
    }

    #[test]
    fn an_answer_about_others_is_none() {
        let folder = with_sudo(r#"printf '%s' '[{"outcome":"ended"}]'"#);
        let (outcomes, _) = ran(&folder, &request(2));
        assert!(matches!(outcomes[0], Outcome::Failed(_)), "{outcomes:?}");
    }

    #[test]
    fn root_has_nobody_to_ask() {
        let folder = with_sudo("exit 0");
        let places = [folder.path().to_str().unwrap()];
        assert_eq!(elevators(Some(0), &places), []);
        assert_eq!(elevators(Some(1000), &places), [Elevator::Sudo]);
        let without = tempfile::tempdir().unwrap();
        assert_eq!(
            elevators(Some(1000), &[without.path().to_str().unwrap()]),
            []
        );
    }
}
