//! The sockets that are neither TCP nor UDP, and all sockets of other network namespaces.

use super::{
    control_groups::ControlGroups,
    families::Families,
    found::{Found, Interfaces},
    namespaces::Namespaces,
    proc_net::Net,
    procfs::Procfs,
};
use crate::model::{Extent, Limit, NetNamespace, ToldSocket};
use std::sync::Arc;

/// Where the tables of the namespace are that the process is in.
pub(super) const OWN_TABLES: &str = "/proc/self/net";

/// After so many reads the namespaces that are not read are counted again.
const COUNT_AGAIN: u32 = 30;

/// Reads them, and gives names to what the kernel tells by number.
#[derive(Debug)]
pub(super) struct Rest {
    families: Families,
    net: Option<Net>,
    groups: ControlGroups,
    namespaces: Namespaces,
    /// How often this was read since the namespaces were counted; `None` when they are to be.
    reads: Option<u32>,
    extent: Extent,
}

impl Rest {
    /// Opens it, for as little as there is to be read.
    pub(super) fn open(procfs: &Procfs, families: Families) -> Self {
        Self {
            families,
            net: Net::open(OWN_TABLES).ok(),
            groups: ControlGroups::of_system(),
            namespaces: Namespaces::open(procfs),
            reads: None,
            extent: Extent::default(),
        }
    }

    /// The namespace that the process is in.
    pub(super) fn own_namespace(&self) -> &Arc<NetNamespace> {
        self.namespaces.own()
    }

    /// Changes how much is read.
    pub(super) fn extend(&mut self, extent: Extent) {
        self.extent = extent;
        self.reads = None;
    }

    /// How many other network namespaces there are whose sockets are not read.
    pub(super) fn other_namespaces(&self) -> u32 {
        if self.extent.all_namespaces {
            0
        } else {
            self.namespaces.others()
        }
    }

    /// Appends them to `sockets`, and to `limits` what is missing.
    pub(super) fn read(
        &mut self,
        procfs: &Procfs,
        sockets: &mut Vec<ToldSocket>,
        limits: &mut Vec<Limit>,
    ) {
        let Extent {
            unix,
            all_namespaces,
        } = self.extent;
        if let Some(net) = &self.net {
            let others = self.families.dump(net, unix);
            limits.extend(others.limits);
            sockets.extend(self.named(others.sockets));
        }
        if all_namespaces {
            let groups = &mut self.groups;
            let (others, missing) = self.namespaces.read(procfs, unix, groups);
            sockets.extend(others);
            limits.extend(missing);
        }
        self.reads = self
            .reads
            .map(|reads| reads + 1)
            .filter(|reads| *reads < COUNT_AGAIN);
    }

    /// Counts the namespaces that are not read, now and then, where these are all processes there are.
    pub(super) fn count(&mut self, procfs: &Procfs, pids: &[u32]) {
        if !self.extent.all_namespaces && self.reads.is_none() {
            self.namespaces.count(procfs, pids);
            self.reads = Some(0);
        }
    }

    /// Gives sockets the names of their interfaces and control groups.
    pub(super) fn named(&mut self, found: Vec<Found>) -> Vec<ToldSocket> {
        let mut interfaces = Interfaces::default();
        let groups = &mut self.groups;
        found
            .into_iter()
            .map(|found| found.named(&mut interfaces, groups, Some(self.namespaces.own())))
            .collect()
    }
}
