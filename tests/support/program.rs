//! Running portwise and taking down what it says.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// The program under test.
pub(crate) const PORTWISE: &str = env!("CARGO_BIN_EXE_portwise");

/// What a run of portwise said.
#[derive(Debug)]
pub(crate) struct Run {
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// Exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
}

impl Run {
    /// Fails unless the run ended with `code`.
    #[track_caller]
    pub(crate) fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }
}

/// Runs portwise off a terminal, with a home of its own.
pub(crate) fn portwise<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    let home = tempfile::tempdir().unwrap();
    run(command(&home).args(args))
}

/// Runs a command and takes down what it says.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

/// A command that starts portwise with nothing of this machine's environment.
pub(crate) fn command(home: &TempDir) -> Command {
    command_of(Path::new(PORTWISE), home)
}

/// The same for a copy of the program.
pub(crate) fn command_of(program: &Path, home: &TempDir) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(environment(home));
    command
}

/// The environment that every test starts with.
pub(crate) fn environment(home: &TempDir) -> Vec<(&'static str, String)> {
    let path = |folder: &str| home.path().join(folder).display().to_string();
    vec![
        ("HOME", path("")),
        ("XDG_CONFIG_HOME", path("config")),
        ("XDG_STATE_HOME", path("state")),
        ("XDG_DATA_HOME", path("data")),
        ("XDG_CACHE_HOME", path("cache")),
        ("LC_ALL", "C.UTF-8".to_owned()),
        ("TERM", "xterm-256color".to_owned()),
        ("COLORTERM", "truecolor".to_owned()),
    ]
}
