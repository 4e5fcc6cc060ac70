//! The capabilities of Linux: what root's power is divided into.

/// Their names by bit (`linux/capability.h`).
const NAMES: [&str; 41] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
];

/// The names of all of `capabilities`, by bit; one that is newer than this program is called by its number.
pub fn names(capabilities: u64) -> Vec<String> {
    let bits = (0..64_usize).filter(|bit| capabilities >> bit & 1 == 1);
    bits.map(|bit| {
        NAMES
            .get(bit)
            .map_or_else(|| format!("CAP_{bit}"), |name| (*name).to_owned())
    })
    .collect()
}

/// The same in a sentence, where `all` are those that the kernel knows: `all 41`, `all but CAP_SYS_BOOT`.
pub fn words(capabilities: u64, all: u64) -> String {
    let missing = all & !capabilities;
    match (capabilities, missing) {
        (0, _) => "none".to_owned(),
        (_, 0) => format!("all {}", capabilities.count_ones()),
        _ if missing.count_ones() < capabilities.count_ones() => {
            format!("all but {}", names(missing).join(", "))
        }
        _ => names(capabilities).join(", "),
    }
}

/// As if a kernel knew all that this program knows.
pub const ALL: u64 = (1 << NAMES.len()) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_list_is_told() {
        assert_eq!(words(0, ALL), "none");
        assert_eq!(words(ALL, ALL), "all 41");
        assert_eq!(
            words(1 << 10 | 1 << 13, ALL),
            "CAP_NET_BIND_SERVICE, CAP_NET_RAW"
        );
        assert_eq!(words(ALL & !(1 << 22), ALL), "all but CAP_SYS_BOOT");
    }

    #[test]
    fn bits_are_named_as_the_kernel_numbers_them() {
        assert_eq!(names(1 << 21 | 1 << 39), ["CAP_SYS_ADMIN", "CAP_BPF"]);
        assert_eq!(names(1 << 63), ["CAP_63"]);
        assert_eq!(names(u64::MAX).len(), 64);
    }
}
