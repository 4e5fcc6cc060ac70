//! Parents, grandparents and so on, as far as they are proven.

use super::{
    executable,
    procfs::{ProcDir, Procfs},
    stat::Stat,
    view::Views,
};
use crate::model::{Ancestor, ProcessKey, Started, Text};
use std::collections::HashMap;

/// The most parents that are followed.
const MOST: usize = 16;

/// The processes of one sample that were looked at as parents.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    seen: HashMap<u32, Option<Relative>>,
}

#[derive(Debug, Clone)]
struct Relative {
    ancestor: Ancestor,
    ppid: u32,
}

impl Lineage {
    /// Returns the parents of a process, nearest first.
    ///
    /// A parent that started after its child is another process under a used number; there the
    /// line ends.
    pub(super) fn of(
        &mut self,
        (procfs, views): (&Procfs, &Views),
        child: ProcessKey,
        ppid: u32,
    ) -> Vec<Ancestor> {
        let mut line = Vec::new();
        let mut child_started = child.started;
        let mut next = ppid;
        while next != 0 && line.len() < MOST {
            let Some(parent) = self.relative(procfs, views, next) else {
                break;
            };
            if parent.ancestor.key.started > child_started {
                break;
            }
            child_started = parent.ancestor.key.started;
            next = parent.ppid;
            line.push(parent.ancestor);
        }
        line
    }

    fn relative(&mut self, procfs: &Procfs, views: &Views, pid: u32) -> Option<Relative> {
        self.seen
            .entry(pid)
            .or_insert_with(|| read_relative(procfs, views, pid))
            .clone()
    }
}

fn read_relative(procfs: &Procfs, views: &Views, pid: u32) -> Option<Relative> {
    let directory = procfs.process(pid).ok()?;
    let stat = Stat::read(&directory).ok()?;
    Some(Relative {
        ancestor: Ancestor {
            key: ProcessKey {
                pid,
                started: Started::Ticks(stat.ticks),
            },
            name: name(views, &directory, &stat),
        },
        ppid: stat.ppid,
    })
}

/// What a process goes by: the file name of what it runs, or of a link to that by which it was started; what it calls
/// itself where that is not visible.
pub(super) fn name(views: &Views, directory: &ProcDir, stat: &Stat) -> Text {
    let link = directory.link(c"exe").unwrap_or_default();
    let path = link.strip_suffix(b" (deleted)").unwrap_or(&link);
    let path = (!path.is_empty()).then_some(path);
    executable::name(&views.of(directory), path, &stat.comm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    fn add(root: &Path, pid: u32, parent: u32, ticks: u64) {
        let directory = root.join(pid.to_string());
        fs::create_dir(&directory).unwrap();
        let stat =
            format!("{pid} (p{pid}) S {parent} 1 1 0 -1 0 1 0 0 0 1 2 3 4 20 0 1 0 {ticks} 1");
        fs::write(directory.join("stat"), stat).unwrap();
    }

    fn line(root: &Path, ppid: u32, ticks: u64) -> Vec<String> {
        let procfs = Procfs::open(root).unwrap();
        let child = ProcessKey {
            pid: 99,
            started: Started::Ticks(ticks),
        };
        Lineage::default()
            .of((&procfs, &Views::default()), child, ppid)
            .iter()
            .map(|ancestor| ancestor.name.to_string())
            .collect()
    }

    #[test]
    fn parents_are_listed_nearest_first() {
        let root = tempfile::tempdir().unwrap();
        add(root.path(), 1, 0, 1);
        add(root.path(), 10, 1, 50);
        assert_eq!(line(root.path(), 10, 60), ["p10", "p1"]);
    }

    #[test]
    fn a_parent_younger_than_its_child_is_none() {
        let root = tempfile::tempdir().unwrap();
        add(root.path(), 1, 0, 1);
        add(root.path(), 10, 1, 70);
        assert_eq!(line(root.path(), 10, 60), Vec::<String>::new());
    }

    #[test]
    fn a_circle_ends() {
        let root = tempfile::tempdir().unwrap();
        add(root.path(), 10, 11, 5);
        add(root.path(), 11, 10, 5);
        assert_eq!(line(root.path(), 10, 60).len(), MOST);
    }
}
