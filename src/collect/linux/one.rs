//! Single processes, by number or by name, whether they hold a socket or not.

use super::{
    checks::Job,
    lineage::{self, Lineage},
    owners::streams,
    process::{self, Holder},
    procfs::Procfs,
    stat::Stat,
    target::Target,
    users::Users,
    view::Views,
};
use crate::{
    collect::programs::Packages,
    model::{Fact, Process, Unseen},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Reads what can be seen of one process; `None` when there is no such process.
pub(super) fn read(
    procfs: &Procfs,
    pid: u32,
    users: &mut Users,
    packages: &mut Packages,
    boot: Option<Timestamp>,
) -> Option<(Process, Option<Job>)> {
    let directory = procfs.process(pid).ok()?;
    let stat = Stat::read(&directory).ok()?;
    let link = directory.link(c"exe");
    let closed = || [Target::Closed, Target::Closed, Target::Closed];
    let descriptors = directory.descriptors();
    let streams = descriptors.and_then(streams).unwrap_or_else(|_| closed());
    let is_open = directory.descriptors().is_ok();
    let views = Views::default();
    let holder = Holder {
        table: None,
        key: stat.key(pid),
        stat: &stat,
        streams: &streams,
    };
    let mut read = process::read(&views.of(&directory), holder, &link, boot, None);
    let process = &mut read.process;
    if !is_open {
        process.streams = Fact::Unknown(Unseen::NotPermitted);
    }
    process.user = process.uid.and_then(|uid| users.name(uid));
    if let Some(ppid) = process.ppid {
        process.ancestors = Lineage::default().of((procfs, &views), process.key, ppid);
    }
    process.package = match &read.path {
        Some(path) => {
            packages.look_up(std::iter::once(path.as_slice()));
            packages.owner(path)
        }
        None => Fact::Unknown(Unseen::NotSupported),
    };
    let job = Job::of(&read, packages);
    Some((read.process, job))
}

/// The processes that run a file of this name, or call themselves so; kernel threads are not looked for.
pub(super) fn named(procfs: &Procfs, name: &str) -> BTreeSet<u32> {
    let views = Views::default();
    let is_it = |pid: &u32| {
        let Ok(directory) = procfs.process(*pid) else {
            return false;
        };
        Stat::read(&directory).is_ok_and(|stat| {
            !stat.kernel_thread
                && (stat.comm == *name || lineage::name(&views, &directory, &stat) == *name)
        })
    };
    procfs
        .pids()
        .unwrap_or_default()
        .into_iter()
        .filter(is_it)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{path::Path, process};

    #[test]
    fn this_process_is_found_by_number_and_by_name_without_any_socket() {
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let mut users = Users::from_file("/etc/passwd".into());
        let mut packages = Packages::of_system(Path::new("/nowhere"));
        let pid = process::id();
        let (own, _) = read(&procfs, pid, &mut users, &mut packages, None).unwrap();
        assert_eq!(own.key.pid, pid);
        assert!(
            own.executable.is_known() && own.cmdline.is_known(),
            "{own:#?}"
        );
        assert!(named(&procfs, &own.name).contains(&pid));
        assert!(named(&procfs, "no such program").is_empty());
        assert!(read(&procfs, u32::MAX, &mut users, &mut packages, None).is_none());
    }
}
