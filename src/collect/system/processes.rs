//! Processes as sysinfo tells them: only those that own sockets, and their parents.

use crate::{
    collect::{
        Error, linux_or_not,
        programs::{Packages, temporary_directory},
    },
    model::{Ancestor, Executable, Fact, Process, ProcessKey, Started, Text, Unseen},
};
use jiff::Timestamp;
use std::{collections::BTreeSet, path::Path, sync::Arc};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind, Users};

/// The most parents that are followed.
const MOST_ANCESTORS: usize = 16;
/// The most arguments that are kept.
const MOST_ARGUMENTS: usize = 64;

/// What sysinfo said.
#[derive(Debug)]
pub(super) struct Read {
    /// Sorted by key.
    pub(super) processes: Vec<Arc<Process>>,
    /// The user we are, where there is such a thing.
    pub(super) euid: Option<u32>,
}

/// Reads the processes with these numbers.
pub(super) fn read(pids: &BTreeSet<u32>, packages: &mut Packages) -> Result<Read, Error> {
    // Nothing is kept between samples: a reused number must not inherit anything.
    let mut system = System::new().map_err(|error| Error::System(error.to_string()))?;
    let users = Users::new_with_refreshed_list().ok();
    let ourselves = std::process::id();
    let mut wanted = pids.clone();
    wanted.insert(ourselves);
    load(&mut system, wanted);
    let owners: Vec<&sysinfo::Process> = pids
        .iter()
        .filter_map(|pid| system.process(Pid::from_u32(*pid)))
        .collect();
    let paths: Vec<Vec<u8>> = owners.iter().filter_map(|process| path(process)).collect();
    packages.look_up(paths.iter().map(Vec::as_slice));
    let mut processes: Vec<_> = owners
        .into_iter()
        .map(|owner| Arc::new(process(&system, owner, users.as_ref(), packages)))
        .collect();
    processes.sort_unstable_by_key(|process| process.key);
    let euid = system
        .process(Pid::from_u32(ourselves))
        .and_then(effective_uid);
    Ok(Read { processes, euid })
}

/// Loads the processes and, generation by generation, their parents.
fn load(system: &mut System, mut wanted: BTreeSet<u32>) {
    let kind = ProcessRefreshKind::nothing()
        .without_tasks()
        .with_exe(UpdateKind::Always)
        .with_cmd(UpdateKind::Always)
        .with_cwd(UpdateKind::Always)
        .with_user(UpdateKind::Always);
    for _generation in 0..=MOST_ANCESTORS {
        let pids: Vec<Pid> = wanted.iter().map(|pid| Pid::from_u32(*pid)).collect();
        if pids.is_empty() {
            return;
        }
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&pids), false, kind);
        wanted = pids
            .iter()
            .filter_map(|pid| system.process(*pid)?.parent())
            .filter(|parent| system.process(*parent).is_none())
            .map(Pid::as_u32)
            .collect();
    }
}

fn process(
    system: &System,
    process: &sysinfo::Process,
    users: Option<&Users>,
    packages: &Packages,
) -> Process {
    let comm = Text::from_bytes(process.name().as_encoded_bytes());
    let user = process.effective_user_id().or_else(|| process.user_id());
    Process {
        key: key(process),
        name: name(process),
        comm,
        executable: executable(process),
        cmdline: Fact::Known(arguments(process)),
        cwd: path_fact(process.cwd()),
        uid: effective_uid(process),
        user: user
            .and_then(|user| users?.get_user_by_id(user))
            .map(|user| Text::from(user.name())),
        ppid: process.parent().map(Pid::as_u32),
        ancestors: ancestors(system, process),
        started_at: i64::try_from(process.start_time())
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok()),
        terminal: Fact::Unknown(Unseen::NotSupported),
        unit: None,
        container: None,
        package: path(process).map_or(Fact::Unknown(Unseen::NotSupported), |path| {
            packages.owner(&path)
        }),
        streams: Fact::Unknown(Unseen::NotSupported),
        shells: Vec::new(),
        background: Arc::default(),
    }
}

fn key(process: &sysinfo::Process) -> ProcessKey {
    ProcessKey {
        pid: process.pid().as_u32(),
        started: Started::Epoch(process.start_time()),
    }
}

/// The path of the executable and whether the system says that it is gone.
fn link(process: &sysinfo::Process) -> Option<(Vec<u8>, bool)> {
    let exe = process.exe()?.as_os_str().as_encoded_bytes();
    if exe.is_empty() {
        return None;
    }
    Some(linux_or_not::without_deleted(exe))
}

fn path(process: &sysinfo::Process) -> Option<Vec<u8>> {
    link(process).map(|(path, _)| path)
}

fn name(process: &sysinfo::Process) -> Text {
    path(process)
        .and_then(|path| {
            let name = path.rsplit(|byte| matches!(byte, b'/' | b'\\')).next()?;
            (!name.is_empty()).then(|| Text::from_bytes(name))
        })
        .unwrap_or_else(|| Text::from_bytes(process.name().as_encoded_bytes()))
}

fn executable(process: &sysinfo::Process) -> Fact<Executable> {
    // sysinfo does not say why it has no path; want of privilege is by far the commonest cause.
    let Some((path, deleted)) = link(process) else {
        return Fact::Unknown(Unseen::NotPermitted);
    };
    let memfd = path.starts_with(b"/memfd:");
    let text = Text::from_bytes(&path);
    Fact::Known(Executable {
        deleted,
        file_at_path: !memfd && (!deleted || Path::new(text.as_str()).is_file()),
        memfd,
        shared_directory: temporary_directory(&path),
        path: text,
    })
}

fn arguments(process: &sysinfo::Process) -> Vec<Text> {
    let mut arguments: Vec<Text> = process
        .cmd()
        .iter()
        .take(MOST_ARGUMENTS)
        .map(|argument| Text::from_bytes(argument.as_encoded_bytes()))
        .collect();
    if process.cmd().len() > MOST_ARGUMENTS {
        arguments.push(Text::from("…"));
    }
    arguments
}

fn path_fact(path: Option<&Path>) -> Fact<Text> {
    path.map_or(Fact::Unknown(Unseen::NotPermitted), |path| {
        Fact::Known(Text::from_bytes(path.as_os_str().as_encoded_bytes()))
    })
}

/// The number of the user, where users have numbers.
fn effective_uid(process: &sysinfo::Process) -> Option<u32> {
    let user = process.effective_user_id().or_else(|| process.user_id())?;
    user.to_string().parse().ok()
}

fn ancestors(system: &System, process: &sysinfo::Process) -> Vec<Ancestor> {
    let mut line = Vec::new();
    let mut child = process;
    while line.len() < MOST_ANCESTORS
        && let Some(parent) = child.parent().and_then(|parent| system.process(parent))
        && parent.start_time() <= child.start_time()
    {
        line.push(Ancestor {
            key: key(parent),
            name: name(parent),
        });
        child = parent;
    }
    line
}
