//! `/proc/PID/status`, decoded.

use super::super::{bytes::decimal, process::of_ticks, procfs::ProcDir, users::Users};
use crate::model::{
    Text,
    capability::ALL,
    inspection::{Id, Identity, Privileges, Seccomp, Usage},
};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Longer than it is with many groups.
pub(super) const LONGEST: usize = 256 * 1024;
/// The most groups that are named.
const MOST_GROUPS: usize = 256;
const LONGEST_STAT: usize = 1024;

/// What stands behind a label; of the first such line, which the process cannot choose.
fn field<'a>(file: &'a [u8], label: &[u8]) -> Option<&'a [u8]> {
    let mut lines = file.split(|byte| *byte == b'\n');
    let value = lines.find_map(|line| line.strip_prefix(label)?.strip_prefix(b":"))?;
    Some(value.trim_ascii())
}

fn number(file: &[u8], label: &[u8]) -> Option<u64> {
    decimal(field(file, label)?)
}

/// Numbers of users and groups between blanks.
fn numbers(value: &[u8]) -> impl Iterator<Item = u32> {
    let words = value.split(u8::is_ascii_whitespace);
    words.filter_map(|word| u32::try_from(decimal(word)?).ok())
}

/// The users and groups.
pub(super) fn identity(file: &[u8], users: &mut Users, groups: &mut Users) -> Option<Identity> {
    let user = |number| Id {
        number,
        name: users.name(number),
    };
    let all_users: Vec<Id> = numbers(field(file, b"Uid")?).map(user).collect();
    let mut group = |number| Id {
        number,
        name: groups.name(number),
    };
    let all_groups: Vec<Id> = numbers(field(file, b"Gid")?).map(&mut group).collect();
    let more = field(file, b"Groups").unwrap_or_default();
    Some(Identity {
        users: all_users.try_into().ok()?,
        groups: all_groups.try_into().ok()?,
        more_groups: numbers(more).take(MOST_GROUPS).map(group).collect(),
        umask: field(file, b"Umask").and_then(|mask| radix(mask, 8)),
    })
}

fn radix(digits: &[u8], radix: u32) -> Option<u32> {
    u32::from_str_radix(str::from_utf8(digits).ok()?, radix).ok()
}

/// The capabilities and what goes with them; `last` is the highest that this kernel knows.
pub(super) fn privileges(file: &[u8], last: Option<u64>) -> Option<Privileges> {
    let bits = |label: &[u8]| {
        let digits = str::from_utf8(field(file, label)?).ok()?;
        u64::from_str_radix(digits, 16).ok()
    };
    let known = last.and_then(|last| u32::try_from(last).ok());
    let known = known.and_then(|last| 1_u64.checked_shl(last.checked_add(1)?));
    Some(Privileges {
        effective: bits(b"CapEff")?,
        permitted: bits(b"CapPrm")?,
        inheritable: bits(b"CapInh")?,
        bounding: bits(b"CapBnd")?,
        ambient: bits(b"CapAmb").unwrap_or(0),
        all: known.map_or(ALL, |above| above - 1),
        seccomp: match number(file, b"Seccomp") {
            Some(0) => Some(Seccomp::Off),
            Some(1) => Some(Seccomp::Strict),
            Some(2) => Some(Seccomp::Filter),
            _ => None,
        },
        filters: number(file, b"Seccomp_filters").and_then(|count| u32::try_from(count).ok()),
        no_new_privileges: number(file, b"NoNewPrivs").map(|bit| bit == 1),
        tracer: number(file, b"TracerPid")
            .and_then(|pid| u32::try_from(pid).ok())
            .filter(|pid| *pid != 0),
    })
}

/// What it uses, from here and from `stat`.
pub(super) fn usage(file: &[u8], directory: &ProcDir) -> Option<Usage> {
    let bytes = |label: &[u8]| {
        let kilobytes = field(file, label)?.strip_suffix(b" kB")?;
        decimal(kilobytes)?.checked_mul(1024)
    };
    let stat = directory.read(c"stat", LONGEST_STAT).ok()?;
    let [user, system, started] = times(&stat)?;
    let since_boot = clock_gettime(ClockId::Boottime);
    let since_boot = Duration::try_from(since_boot).ok();
    Some(Usage {
        state: Text::from_bytes(field(file, b"State")?),
        threads: number(file, b"Threads")?,
        user,
        system,
        age: since_boot.map(|now| now.saturating_sub(started)),
        resident: bytes(b"VmRSS"),
        most_resident: bytes(b"VmHWM"),
        swapped: bytes(b"VmSwap"),
        addresses: bytes(b"VmSize"),
    })
}

/// Processor times in its own code and in the kernel, and the start: fields 14, 15 and 22 of `stat`.
fn times(stat: &[u8]) -> Option<[Duration; 3]> {
    let close = stat.iter().rposition(|byte| *byte == b')')?;
    let fields: Vec<&[u8]> = stat
        .get(close + 1..)?
        .split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty())
        .collect();
    // The first field behind the name is the third of all.
    let time = |field: usize| of_ticks(decimal(fields.get(field - 3)?)?);
    Some([time(14)?, time(15)?, time(22)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::noise::Noise;

    const STATUS: &str = "Name:\tUid:\\n0\nUmask:\t0022\nState:\tS (sleeping)\nTracerPid:\t77\n\
        Uid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\nGroups:\t27 1000 \nVmSize:\t    8 kB\nVmRSS:\t4 kB\n\
        Threads:\t3\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000400\nCapEff:\t0000000000000400\n\
        CapBnd:\t000001ffffffffff\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t4\n";

    fn nobody_named() -> Users {
        Users::from_file("/nowhere".into())
    }

    #[test]
    fn users_groups_and_rights_are_found() {
        let (mut users, mut groups) = (nobody_named(), nobody_named());
        let identity = identity(STATUS.as_bytes(), &mut users, &mut groups).unwrap();
        assert_eq!(identity.users.map(|one| one.number), [1000, 0, 0, 0]);
        let more: Vec<u32> = identity.more_groups.iter().map(|one| one.number).collect();
        assert_eq!((more, identity.umask), (vec![27, 1000], Some(0o22)));
        let privileges = privileges(STATUS.as_bytes(), Some(40)).unwrap();
        assert_eq!(privileges.effective, 1 << 10);
        assert_eq!((privileges.all, privileges.bounding), (ALL, ALL));
        assert_eq!(privileges.seccomp, Some(Seccomp::Filter));
        assert_eq!((privileges.filters, privileges.tracer), (Some(4), Some(77)));
        assert_eq!(privileges.no_new_privileges, Some(true));
    }

    #[test]
    fn times_are_behind_a_name_made_to_confuse() {
        let line = b"42 (a) R 1 (\n) S 7 42 42 0 -1 0 1 0 0 0 250 50 3 4 20 0 1 0 98765 1000 20";
        let spent = times(line).unwrap().map(|time| time.as_millis());
        assert_eq!(spent, [2_500, 500, 987_650]);
    }

    #[test]
    fn a_status_that_was_tampered_with_harms_nobody() {
        let mut noise = Noise::new(7);
        for _ in 0..2000 {
            let spoilt = noise.spoilt(STATUS.as_bytes());
            let (mut users, mut groups) = (nobody_named(), nobody_named());
            identity(&spoilt, &mut users, &mut groups);
            privileges(&spoilt, Some(u64::MAX));
            times(&spoilt);
        }
    }
}
