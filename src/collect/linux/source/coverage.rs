//! What a sample says of what it is missing.

use super::SockDiag;
use crate::model::{Coverage, Limit, LimitKind, OwnersSeen, Text, text::plural};

const REMEDY: &str = "run as root, or: sudo setcap cap_sys_ptrace,cap_dac_read_search+ep \
    \"$(command -v portwise)\"";

/// Not every closing is told: `more` could not be kept; of none, the kernel had no room for some.
pub(super) fn missed_closings(more: usize) -> Limit {
    let detail = if more > 0 {
        format!(
            "{} that were closed are left out: too many at once",
            plural(more, "socket")
        )
    } else {
        "more sockets were closed at once than the kernel could tell of: some that lived for a moment are missing"
            .to_owned()
    };
    Limit {
        kind: LimitKind::Closings,
        detail: Text::from(detail),
        remedy: None,
    }
}

impl SockDiag {
    /// Says what is missing. `has_owners` tells whether processes could be looked at.
    pub(super) fn coverage(&self, has_owners: bool) -> Coverage {
        let mut limits = self.always.clone();
        limits.extend_from_slice(&self.limits);
        let lists_nobody = self.owners.pids().is_empty() && !self.procfs.lists_few();
        if !has_owners || lists_nobody {
            let detail = if has_owners {
                "no owner can be seen: /proc lists no process; it may not be mounted"
            } else {
                "no owner can be seen: /proc cannot be listed"
            };
            limits.push(owners(detail, None));
            return Coverage {
                owners: OwnersSeen::None,
                unreadable_processes: 0,
                limits,
                other_namespaces: self.rest.other_namespaces(),
            };
        }
        let refused = self.owners.refused();
        let sees_everybody = self.machine.sees_everybody || self.owners.sees_all();
        let is_outside = self.machine.is_contained && self.sockets.accounts().any_ownerless();
        if sees_everybody && is_outside {
            limits.push(owners(
                "they may belong to processes outside this container, which cannot be seen from here",
                None,
            ));
        } else if !sees_everybody {
            limits.push(owners(
                "owners of other users' sockets need more privilege to be seen",
                Some(REMEDY),
            ));
        } else if refused > 0 {
            let processes = if refused == 1 {
                "1 process".to_owned()
            } else {
                format!("{refused} processes")
            };
            let detail = format!("{processes} could not be looked into, even with privilege");
            limits.push(owners(&detail, None));
        }
        Coverage {
            owners: if sees_everybody && !is_outside {
                OwnersSeen::All
            } else {
                OwnersSeen::Own
            },
            unreadable_processes: refused,
            limits,
            other_namespaces: self.rest.other_namespaces(),
        }
    }
}

fn owners(detail: &str, remedy: Option<&str>) -> Limit {
    Limit {
        kind: LimitKind::Owners,
        detail: Text::from(detail),
        remedy: remedy.map(Text::from),
    }
}
