//! Which control group a number of the kernel's stands for, and which processes are in it.
//!
//! The number is the inode of the group's directory, so no privilege is needed. A group that was removed,
//! or that lies outside of what this process sees, has no name; it is looked for again only when another
//! unknown number comes.

mod tree;

use super::cgroup;
use crate::model::{ControlGroup, Text};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tree::{Directory, Enough, Tree};

/// The most groups that are remembered; real machines have hundreds.
const MOST: usize = 20_000;
/// How many sockets with an unknown group are let pass before the hierarchy is walked again.
const PATIENCE: u32 = 1000;

/// The names of the control groups of this machine.
#[derive(Debug, Default)]
pub(super) struct ControlGroups {
    hierarchy: Hierarchy,
    names: HashMap<u64, Option<Arc<ControlGroup>>>,
    /// The one that was asked for last: neighbours in a dump are often of one group.
    last: Option<(u64, Arc<ControlGroup>)>,
    /// How often an unknown number was asked for since the last walk.
    misses: u32,
}

#[derive(Debug, Default)]
enum Hierarchy {
    /// There is none.
    #[default]
    None,
    /// Nobody has asked yet.
    Unopened,
    Open(Tree),
}

impl ControlGroups {
    /// Those of this machine; none where its hierarchy is not mounted.
    pub(super) fn of_system() -> Self {
        Self {
            hierarchy: Hierarchy::Unopened,
            ..Self::default()
        }
    }

    /// Returns the group with this number.
    pub(super) fn named(&mut self, number: u64) -> Option<Arc<ControlGroup>> {
        if number == 0 || matches!(self.hierarchy, Hierarchy::None) {
            return None;
        }
        if let Some((last, group)) = &self.last
            && *last == number
        {
            return Some(Arc::clone(group));
        }
        let group = self.look_up(number)?;
        self.last = Some((number, Arc::clone(&group)));
        Some(group)
    }

    fn look_up(&mut self, number: u64) -> Option<Arc<ControlGroup>> {
        match self.names.get(&number) {
            Some(Some(group)) => return Some(Arc::clone(group)),
            Some(None) if self.misses < PATIENCE => {
                self.misses += 1;
                return None;
            }
            Some(None) | None => self.walk(),
        }
        self.names.entry(number).or_insert(None).clone()
    }

    fn walk(&mut self) {
        self.misses = 0;
        self.names.clear();
        if matches!(self.hierarchy, Hierarchy::Unopened) {
            self.hierarchy = Tree::open().map_or(Hierarchy::None, Hierarchy::Open);
        }
        let Hierarchy::Open(tree) = &self.hierarchy else {
            return;
        };
        let names = &mut self.names;
        tree.walk(&mut |directory| {
            names.insert(directory.number, Some(named(&directory.path)));
            if names.len() < MOST {
                Enough::No
            } else {
                Enough::Yes
            }
        });
    }
}

/// The group whose directory is at `path` below the root.
fn named(path: &[u8]) -> Arc<ControlGroup> {
    let path = if path.is_empty() { b"/" } else { path };
    let member = cgroup::membership(&[b"0::", path].concat());
    Arc::new(ControlGroup {
        path: Text::from_bytes(path),
        unit: member.unit,
        container: member.container,
    })
}

/// Who is in a control group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The processes in it, without those of the groups below.
    pub(super) pids: Vec<u32>,
    /// It holds whatever has no group of its own, or a service manager, which hands its sockets on.
    pub(super) is_common: bool,
}

/// Returns the groups with these numbers; those that are gone or outside our view are missing. `None` where there is
/// no hierarchy.
pub(super) fn with_numbers(numbers: &BTreeSet<u64>) -> Option<Vec<Group>> {
    let tree = Tree::open()?;
    let mut sought = numbers.clone();
    let mut found = Vec::new();
    if sought.is_empty() {
        return Some(found);
    }
    tree.walk(&mut |directory| {
        if sought.remove(&directory.number)
            && let Ok(pids) = tree.processes(directory)
        {
            found.push(Group {
                pids,
                is_common: is_common(directory),
            });
        }
        if sought.is_empty() {
            Enough::Yes
        } else {
            Enough::No
        }
    });
    Some(found)
}

fn is_common(group: &Directory) -> bool {
    group.path.is_empty() || group.path.ends_with(b"/init.scope")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs::{self, create_dir_all, metadata},
        os::unix::fs::MetadataExt as _,
        path::Path,
        process,
    };

    fn groups(root: &Path) -> ControlGroups {
        ControlGroups {
            hierarchy: Tree::below(root).map_or(Hierarchy::None, Hierarchy::Open),
            ..ControlGroups::default()
        }
    }

    #[test]
    fn a_number_is_the_group_whose_directory_has_it() {
        let root = tempfile::tempdir().unwrap();
        let service = root.path().join("system.slice/nginx.service");
        create_dir_all(&service).unwrap();
        let number = |path: &Path| metadata(path).unwrap().ino();
        let mut groups = groups(root.path());
        let nginx = groups.named(number(&service)).unwrap();
        assert_eq!(nginx.path, "/system.slice/nginx.service");
        assert_eq!(nginx.unit.as_deref(), Some("nginx.service"));
        assert_eq!(groups.named(number(root.path())).unwrap().path, "/");
        assert!(Arc::ptr_eq(
            &nginx,
            &groups.named(number(&service)).unwrap()
        ));
        assert_eq!(groups.named(0), None);
    }

    #[test]
    fn a_group_made_later_is_found_and_an_unknown_number_is_no_reason_to_look_each_time() {
        let root = tempfile::tempdir().unwrap();
        let mut groups = groups(root.path());
        assert_eq!(groups.named(1), None);
        assert_eq!((groups.named(1), groups.misses), (None, 1));
        let later = root.path().join("later.service");
        create_dir_all(&later).unwrap();
        let number = metadata(&later).unwrap().ino();
        assert_eq!(groups.named(number).unwrap().path, "/later.service");
    }

    /// Every process is in some group, and the first line of all paths names that of the second version.
    #[test]
    fn the_group_of_this_process_is_found_by_its_number() {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap();
        let Some(path) = own.lines().find_map(|line| line.strip_prefix("0::")) else {
            return;
        };
        let number = Tree::open().and_then(|tree| tree.number_of(path));
        let Some(number) = number else { return };
        let found = with_numbers(&BTreeSet::from([number, u64::MAX])).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].pids.contains(&process::id()), "{found:?}");
        assert!(ControlGroups::of_system().named(number).is_some());
    }
}
