//! What a process started, and what else its user runs: a look over all processes.

use super::super::{
    lineage,
    process::credentials_in_status,
    procfs::{ProcDir, Procfs},
    stat::Stat,
    view::Views,
};
use crate::model::{
    ProcessKey,
    inspection::{Family, Kin},
};
use rustix::io::Errno;

/// The most children that are named.
const MOST: usize = 16;

/// Reads the family of the process of `key`, which runs as this user.
pub(super) fn read(procfs: &Procfs, key: ProcessKey, user: Option<u32>) -> Result<Family, Errno> {
    let views = Views::default();
    let mut family = Family::default();
    let mut of_user = 0;
    for pid in procfs.pids()? {
        // One that has ended meanwhile is none any more.
        let Ok(directory) = procfs.process(pid) else {
            continue;
        };
        // What is read afterwards says that they are its own.
        let runs_as = user.and_then(|_| runs_as(&directory));
        let Ok(stat) = Stat::read(&directory) else {
            continue;
        };
        if stat.kernel_thread || pid == key.pid || matches!(stat.state, b'Z' | b'X') {
            continue;
        }
        if user.is_some() && runs_as == user {
            of_user += 1;
        }
        // A number that was given away since belongs to no parent of its children.
        if stat.ppid != key.pid || stat.key(pid).started < key.started {
            continue;
        }
        if family.children.len() < MOST {
            family.children.push(Kin {
                pid,
                name: lineage::name(&views, &directory, &stat),
            });
        } else {
            family.more += 1;
        }
    }
    family.of_user = user.map(|_| of_user);
    Ok(family)
}

/// The effective user of a process.
fn runs_as(directory: &ProcDir) -> Option<u32> {
    match directory.credentials() {
        Some(credentials) => Some(credentials.uid),
        None => credentials_in_status(directory).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    #[test]
    fn its_folder_tells_whom_it_runs_as_and_its_status_where_only_that_can() {
        let pid = std::process::id();
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let ours = rustix::process::geteuid().as_raw();
        assert_eq!(runs_as(&procfs.process(pid).unwrap()), Some(ours));
        // A copy belongs to whoever made it.
        let root = tempfile::tempdir().unwrap();
        let of_other = ours.wrapping_add(7);
        fs::create_dir(root.path().join("77")).unwrap();
        let status = format!("Name:\tx\nUid:\t1\t{of_other}\t3\t4\n");
        fs::write(root.path().join("77/status"), status).unwrap();
        let copy = Procfs::open(root.path()).unwrap();
        assert_eq!(runs_as(&copy.process(77).unwrap()), Some(of_other));
    }
}
