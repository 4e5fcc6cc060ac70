//! The command that gives portwise a privilege, without making it root.

use rustix::{
    fs::{StatVfsMountFlags, statvfs},
    thread::{CapabilitySet, capabilities, no_new_privs},
};
use std::env;

/// The privileges that portwise can use, with the names that `setcap` knows.
const NAMES: [(CapabilitySet, &str); 7] = [
    (CapabilitySet::BPF, "cap_bpf"),
    (CapabilitySet::PERFMON, "cap_perfmon"),
    (CapabilitySet::DAC_READ_SEARCH, "cap_dac_read_search"),
    (CapabilitySet::SYS_PTRACE, "cap_sys_ptrace"),
    (CapabilitySet::KILL, "cap_kill"),
    (CapabilitySet::NET_ADMIN, "cap_net_admin"),
    (CapabilitySet::SYS_ADMIN, "cap_sys_admin"),
];

/// What lets every process be looked into.
pub(super) const LOOK_INTO: CapabilitySet =
    CapabilitySet::DAC_READ_SEARCH.union(CapabilitySet::SYS_PTRACE);
/// What lets every process be ended.
pub(super) const END: CapabilitySet = CapabilitySet::KILL;
/// What lets connections be closed.
pub(super) const CLOSE: CapabilitySet = CapabilitySet::NET_ADMIN;
/// What lets other network namespaces be found and entered.
pub(super) const ENTER: CapabilitySet = CapabilitySet::SYS_PTRACE.union(CapabilitySet::SYS_ADMIN);

/// What lets the kernel's pass over all files be loaded.
pub(super) const ITERATE: CapabilitySet = CapabilitySet::BPF.union(CapabilitySet::PERFMON);

/// Whether the kernel's pass may be loaded; kernels take the privilege to administer for it as well.
pub(super) fn may_iterate() -> bool {
    have(ITERATE) || have(CapabilitySet::SYS_ADMIN)
}

/// Whether we have all of `wanted`.
pub(super) fn have(wanted: CapabilitySet) -> bool {
    capabilities(None).is_ok_and(|sets| sets.effective.contains(wanted))
}

/// The command that gives the program `wanted`, and keeps what it has: `setcap` takes away what it does not name.
pub(super) fn command(wanted: CapabilitySet) -> String {
    let had = capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.permitted);
    setcap(wanted.union(had))
}

fn setcap(wanted: CapabilitySet) -> String {
    let names: Vec<&str> = NAMES
        .iter()
        .filter(|(one, _)| wanted.contains(*one))
        .map(|(_, name)| *name)
        .collect();
    format!(
        "sudo setcap {}+ep \"$(command -v portwise)\"",
        names.join(",")
    )
}

/// The names of privileges as people write them: `CAP_KILL`.
pub(super) fn words(wanted: CapabilitySet) -> String {
    let names: Vec<String> = NAMES
        .iter()
        .filter(|(one, _)| wanted.contains(*one))
        .map(|(_, name)| name.to_ascii_uppercase())
        .collect();
    names.join(" and ")
}

/// Why privileges of the program's file would have no effect here; `None` when they would.
pub(super) fn obstacle() -> Option<&'static str> {
    if no_new_privs().unwrap_or(false) {
        return Some(
            "nothing started in this session can gain privileges (no_new_privs): run it as root from another",
        );
    }
    let program = env::current_exe().ok()?;
    let mount = statvfs(&program).ok()?;
    mount
        .f_flag
        .contains(StatVfsMountFlags::NOSUID)
        .then_some("the program lies on a file system mounted nosuid, where setcap has no effect: install it elsewhere")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_each_privilege_once() {
        assert_eq!(
            setcap(LOOK_INTO.union(ENTER)),
            "sudo setcap cap_dac_read_search,cap_sys_ptrace,cap_sys_admin+ep \"$(command -v portwise)\""
        );
        assert_eq!(words(LOOK_INTO), "CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE");
    }
}
