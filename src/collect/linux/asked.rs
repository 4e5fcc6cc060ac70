//! What is asked of others about a process, and only when a person looks at it: never for a sample.
//!
//! The package of a file from rpm, whose database only rpm itself reads; the name of a container from the local socket
//! of the one who runs it; the last lines of the journal from journalctl. All bounded in time and size. Without an
//! answer, what was known stays.

mod containers;
mod journal;
mod program;
mod rpm;

use super::{procfs::Procfs, stat::Stat};
use crate::model::{Fact, Process, ProcessKey, Text, Unseen};
use std::{path::Path, sync::Arc};

/// Asks about `process`, and adds what was answered.
pub(super) fn complete(process: &mut Process) {
    let root = Path::new("/");
    if let Some(path) = to_ask_rpm(process)
        && rpm::has_database(root)
        && let Some(answer) = rpm::owner(&path, rpm::HERE)
    {
        process.package = Fact::Known(match answer {
            rpm::Answer::Package(name) => Some(name),
            rpm::Answer::NoPackage => None,
        });
    }
    if process.background.container_name.is_none()
        && let Some(container) = &process.container
        && let Some(name) = containers::name(container, root)
    {
        Arc::make_mut(&mut process.background).container_name = Some(name);
    }
}

/// Asks for the last lines that the journal has of `process` or of its unit.
pub(super) fn journal(process: &Process) -> Fact<Vec<Text>> {
    let told = journal::lines(process, Path::new("/"), journal::HERE);
    // When its number was given away meanwhile, the lines may be those of the one who got it.
    if is_there(process.key) {
        told
    } else {
        Fact::Unknown(Unseen::Gone)
    }
}

/// Whether this very process is still there.
fn is_there(key: ProcessKey) -> bool {
    let directory = Procfs::open(Path::new("/proc")).and_then(|procfs| procfs.process(key.pid));
    let stat = directory
        .ok()
        .and_then(|directory| Stat::read(&directory).ok());
    stat.is_some_and(|stat| stat.key(key.pid) == key)
}

/// The path to ask for, where no database that we read ourselves could tell.
///
/// What runs in a container lies in another tree, of which this machine's rpm knows nothing.
fn to_ask_rpm(process: &Process) -> Option<String> {
    let nobody_told = process.package == Fact::Unknown(Unseen::NotSupported);
    let executable = process.executable.known()?;
    let is_asked = nobody_told && !executable.memfd && process.container.is_none();
    is_asked.then(|| executable.path.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Started, fixture};

    #[test]
    fn of_a_number_that_another_process_has_by_now_nothing_is_told() {
        let pid = std::process::id();
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let stat = Stat::read(&procfs.process(pid).unwrap()).unwrap();
        let mut process = fixture::process("ours", pid);
        process.key = stat.key(pid);
        // Nothing is asked without this.
        process.started_at = None;
        assert_eq!(journal(&process), Fact::Unknown(Unseen::NotSupported));
        process.key.started = Started::Ticks(stat.ticks + 1);
        assert_eq!(journal(&process), Fact::Unknown(Unseen::Gone));
    }
}
