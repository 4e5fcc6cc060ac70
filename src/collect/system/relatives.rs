//! What a process started, as sysinfo tells it; groups and supervisors it does not know.

use crate::collect::descent;
use crate::model::{ProcessKey, Relative, Started, Surroundings, Text};
use std::collections::BTreeMap;
use sysinfo::{Process, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// Returns the surroundings of each process; of one that is gone, none.
pub(in crate::collect) fn surroundings(keys: &[ProcessKey]) -> Vec<Surroundings> {
    let Ok(mut system) = System::new() else {
        return vec![Surroundings::default(); keys.len()];
    };
    let kind = ProcessRefreshKind::nothing()
        .without_tasks()
        .with_exe(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let table: BTreeMap<u32, &Process> = system
        .processes()
        .iter()
        .map(|(pid, process)| (pid.as_u32(), process))
        .collect();
    keys.iter().map(|key| of_one(*key, &table)).collect()
}

fn of_one(key: ProcessKey, table: &BTreeMap<u32, &Process>) -> Surroundings {
    let Some(process) = table
        .get(&key.pid)
        .filter(|process| Started::Epoch(process.start_time()) == key.started)
    else {
        return Surroundings::default();
    };
    let parent = process.parent().map(sysinfo::Pid::as_u32);
    let parent = parent.and_then(|pid| Some((pid, *table.get(&pid)?)));
    Surroundings {
        descendants: descendants(key.pid, table)
            .into_iter()
            .filter_map(|pid| Some(relative(pid, table.get(&pid)?)))
            .collect(),
        parent: parent
            .filter(|(_, parent)| parent.start_time() <= process.start_time())
            .map(|(pid, parent)| relative(pid, parent)),
        ..Surroundings::default()
    }
}

fn descendants(pid: u32, table: &BTreeMap<u32, &Process>) -> Vec<u32> {
    descent::descendants(pid, |parent| {
        let is_child =
            move |process: &Process| process.parent().map(sysinfo::Pid::as_u32) == Some(parent);
        let children = table.iter().filter(move |(_, process)| is_child(process));
        children.map(|(pid, _)| *pid)
    })
}

fn relative(pid: u32, process: &Process) -> Relative {
    let path = process.exe();
    let name = path.and_then(|path| path.file_name());
    Relative {
        key: ProcessKey {
            pid,
            started: Started::Epoch(process.start_time()),
        },
        name: Text::from_bytes(name.unwrap_or(process.name()).as_encoded_bytes()),
        executable: path.map(|path| Text::from_bytes(path.as_os_str().as_encoded_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_child_is_found_below_its_parent() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let started = |pid: u32| {
            let mut system = System::new().unwrap();
            let pid = sysinfo::Pid::from_u32(pid);
            system.refresh_processes(ProcessesToUpdate::Some(&[pid]), true);
            Started::Epoch(system.process(pid).unwrap().start_time())
        };
        let keys = [std::process::id(), child.id()].map(|pid| ProcessKey {
            pid,
            started: started(pid),
        });
        let [ours, its] = surroundings(&keys).try_into().unwrap();
        assert!(
            ours.descendants.iter().any(|one| one.key == keys[1]),
            "{ours:#?}"
        );
        assert_eq!(its.parent.map(|parent| parent.key), Some(keys[0]));
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}
