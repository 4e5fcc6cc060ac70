//! What goes with a process when it ends: read on demand, from `/proc` and the units' files.

use super::{
    cgroup::membership,
    docker, executable,
    procfs::{ProcDir, Procfs},
    restarts::{Units, restarts},
    stat::Stat,
    view::Views,
};
use crate::collect::descent;
use crate::model::{Manager, ProcessKey, Relative, Restarts, Supervisor, Surroundings, Text};
use std::{collections::BTreeMap, path::Path};

/// The most others of a group that are named.
const MOST: usize = 4096;
/// Longer than any membership of control groups.
const LONGEST_CGROUP: usize = 64 * 1024;
/// Longer than any kernel writes it.
const LONGEST_STATUS: usize = 16 * 1024;
/// `TERM` in a mask of signals: number 15, counted from 1.
const TERM_IN_MASK: u64 = 1 << 14;

/// Returns the surroundings of each process, as far as they can be seen; of one that is gone, none.
pub(in crate::collect) fn surroundings(keys: &[ProcessKey]) -> Vec<Surroundings> {
    let Ok(procfs) = Procfs::open(Path::new("/proc")) else {
        return vec![Surroundings::default(); keys.len()];
    };
    let table = table(&procfs);
    let units = Units::of_system(Path::new("/"));
    keys.iter()
        .map(|key| of_one(*key, &table, &procfs, &units))
        .collect()
}

/// Every process there is, by number.
type Table = BTreeMap<u32, Stat>;

fn table(procfs: &Procfs) -> Table {
    let pids = procfs.pids().unwrap_or_default();
    let stats = pids.into_iter().filter_map(|pid| {
        let stat = Stat::read(&procfs.process(pid).ok()?).ok()?;
        (!stat.kernel_thread).then_some((pid, stat))
    });
    stats.collect()
}

fn of_one(key: ProcessKey, table: &Table, procfs: &Procfs, units: &Units) -> Surroundings {
    let Some(stat) = table.get(&key.pid).filter(|stat| stat.key(key.pid) == key) else {
        return Surroundings::default();
    };
    let views = Views::default();
    let relative = |pid: u32, stat: &Stat| relative(pid, stat, procfs, &views);
    let descendants = descendants(key.pid, table);
    let group = table.iter().filter(|(pid, other)| {
        other.group == stat.group && **pid != key.pid && other.state != b'Z'
    });
    // A number that was given away since belongs to no parent of ours.
    let parent = table
        .get(&stat.ppid)
        .filter(|parent| parent.ticks <= stat.ticks);
    Surroundings {
        descendants: descendants
            .into_iter()
            .filter_map(|pid| relative(pid, table.get(&pid)?))
            .collect(),
        group: group
            .take(MOST)
            .filter_map(|(pid, other)| relative(*pid, other))
            .collect(),
        parent: parent.and_then(|parent| relative(stat.ppid, parent)),
        supervisor: supervisor(key.pid, procfs, units),
        is_stopped: matches!(stat.state, b'T' | b't'),
        is_deaf_to_term: is_deaf_to_term(key.pid, procfs).unwrap_or(false),
        is_remains: matches!(stat.state, b'Z' | b'X'),
    }
}

/// Whether the process ignores or blocks `TERM`; `None` when it does not tell.
fn is_deaf_to_term(pid: u32, procfs: &Procfs) -> Option<bool> {
    let status = procfs
        .process(pid)
        .ok()?
        .read(c"status", LONGEST_STATUS)
        .ok()?;
    let status = String::from_utf8_lossy(&status);
    let mask = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        u64::from_str_radix(line.trim_start_matches(':').trim(), 16).ok()
    };
    Some((mask("SigIgn")? | mask("SigBlk")?) & TERM_IN_MASK != 0)
}

/// What `pid` started and what those started, parents first.
fn descendants(pid: u32, table: &Table) -> Vec<u32> {
    descent::descendants(pid, |parent| {
        let born = table.get(&parent).map_or(0, |stat| stat.ticks);
        let is_child =
            move |stat: &Stat| stat.ppid == parent && stat.ticks >= born && stat.state != b'Z';
        let children = table.iter().filter(move |(_, stat)| is_child(stat));
        children.map(|(pid, _)| *pid)
    })
}

fn relative(pid: u32, stat: &Stat, procfs: &Procfs, views: &Views) -> Option<Relative> {
    let process = procfs.process(pid).ok()?;
    let path = path_of_executable(&process);
    Some(Relative {
        key: stat.key(pid),
        name: executable::name(&views.of(&process), path.as_deref(), &stat.comm),
        executable: path.map(|path| Text::from_bytes(&path)),
    })
}

fn path_of_executable(process: &ProcDir) -> Option<Vec<u8>> {
    let path = process.link(c"exe").ok()?;
    let unmarked = path.strip_suffix(b" (deleted)").unwrap_or(&path);
    Some(unmarked.to_vec())
}

fn supervisor(pid: u32, procfs: &Procfs, units: &Units) -> Option<Supervisor> {
    let file = procfs
        .process(pid)
        .ok()?
        .read(c"cgroup", LONGEST_CGROUP)
        .ok()?;
    let belongs = membership(&file);
    if let Some(container) = &belongs.container {
        let (runtime, id) = container.split_once(':')?;
        let engine = match runtime {
            "docker" => "docker",
            "podman" => "podman",
            // Who stops it again is not told by the control group.
            _ => return None,
        };
        let manager = Manager::Container {
            engine,
            id: Text::from(id),
        };
        return Some(Supervisor {
            manager,
            restarts: if engine == "docker" {
                docker::restarts(id, Path::new(docker::CONTAINERS))
            } else {
                Restarts::Unknown
            },
        });
    }
    let unit = belongs.unit?;
    let is_stoppable = unit.ends_with(".service") && !unit.starts_with("user@");
    if !is_stoppable {
        return None;
    }
    let user = user_manager(&String::from_utf8_lossy(&file));
    Some(Supervisor {
        restarts: restarts(&unit, user, units),
        manager: Manager::Unit { name: unit, user },
    })
}

/// Whose manager runs it, when it is not the system's: `…/user@1000.service/app.slice/x.service`.
fn user_manager(file: &str) -> Option<u32> {
    let (_, rest) = file.split_once("/user@")?;
    let (uid, below) = rest.split_once(".service")?;
    below.starts_with('/').then(|| uid.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_user_manager_is_told_from_the_systems() {
        let of_user = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n";
        assert_eq!(user_manager(of_user), Some(1000));
        assert_eq!(user_manager("0::/system.slice/nginx.service\n"), None);
        assert_eq!(user_manager("0::/user.slice/user@1000.service\n"), None);
    }

    fn stat(ppid: u32, ticks: u64) -> Stat {
        let line = format!("1 (x) S {ppid} 1 1 0 -1 0 1 0 0 0 1 2 3 4 20 0 1 0 {ticks} 1000 20");
        Stat::parse(line.as_bytes()).unwrap()
    }

    #[test]
    fn parents_come_before_their_children_and_a_reused_number_is_none() {
        let table = Table::from([
            (10, stat(1, 100)),
            (11, stat(10, 110)),
            (12, stat(11, 120)),
            (13, stat(10, 130)),
            // Started before 12 did, so 12 is not its parent.
            (14, stat(12, 115)),
        ]);
        assert_eq!(descendants(10, &table), [11, 13, 12]);
    }

    #[test]
    fn a_child_and_its_parent_see_each_other() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let key = |pid: u32| {
            let stat = Stat::read(&procfs.process(pid).unwrap()).unwrap();
            stat.key(pid)
        };
        let keys = [key(std::process::id()), key(child.id())];
        let [ours, its] = surroundings(&keys).try_into().unwrap();
        let of_child = ours.descendants.iter().find(|one| one.key == keys[1]);
        // The test harness may still be the name of a child that has not yet become `cat`.
        assert!(of_child.is_some(), "{ours:#?}");
        assert_eq!(its.parent.map(|parent| parent.key), Some(keys[0]));
        drop(child.stdin.take());
        child.wait().unwrap();
        let [gone] = surroundings(&keys[1..]).try_into().unwrap();
        assert_eq!(gone, Surroundings::default());
    }
}
