//! Saying why a test cannot run here: one line that `.ci/run` looks for.

use std::{
    env,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Prints the line. Straight to stderr, since the test harness keeps what a passing test prints.
pub(crate) fn skip(test: &str, why: &str) {
    // In one piece, so that no other test's line comes in between.
    drop(io::stderr().write_all(format!("skipped {test}: {why}\n").as_bytes()));
}

/// Returns the path of the first of `programs` that is installed.
pub(crate) fn installed(programs: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .collect();
    let found = |program: &&str| {
        folders
            .iter()
            .map(|folder| folder.join(program))
            .find(|path| path.is_file())
    };
    programs.iter().find_map(found)
}

/// Whether this is really root: not the one that a user namespace makes of a plain user.
pub(crate) fn is_root() -> bool {
    let owner_of = |path: &str| {
        #[cfg(unix)]
        return std::os::unix::fs::MetadataExt::uid(&Path::new(path).metadata().unwrap());
        #[cfg(not(unix))]
        return path.len();
    };
    let everyone = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let mapped: Vec<&str> = everyone.split_whitespace().collect();
    owner_of("/proc/self") == owner_of("/")
        && mapped.first() == Some(&"0")
        && mapped.get(1) == Some(&"0")
}
