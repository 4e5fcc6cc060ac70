//! What is true of the machine and of whoever looks.

use super::{bytes::chunk, message::attributes, netlink::Netlink, procfs::Procfs};
use crate::{
    collect::host::{person_behind, port_range},
    model::{PortRange, Text},
};
use jiff::Timestamp;
use rustix::{
    process::geteuid,
    system::uname,
    thread::{CapabilitySet, capabilities},
    time::{ClockId, clock_gettime},
};
use std::{fs, net::IpAddr, time::Duration};

/// `RTM_GETADDR`.
const GET_ADDRESSES: u16 = 22;
/// Length of `struct ifaddrmsg`; attributes follow.
const IFADDRMSG: usize = 8;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
/// Both are needed.
const SEES_EVERYBODY: CapabilitySet =
    CapabilitySet::DAC_READ_SEARCH.union(CapabilitySet::SYS_PTRACE);

/// The first process namespace: its number, `PROC_PID_INIT_INO`, is the same everywhere.
const FIRST_PROCESSES: &str = "pid:[4026531836]";

/// Returns the host name.
pub(super) fn name() -> Text {
    Text::from_bytes(uname().nodename().to_bytes())
}

/// Returns the user we are, and the person behind `sudo`.
pub(super) fn users() -> (u32, u32) {
    let euid = geteuid().as_raw();
    (euid, person_behind(euid))
}

/// Returns when the machine started, as `btime` in `/proc/stat` says it: that file also counts every interrupt, which
/// takes long where there are many processors.
pub(super) fn boot() -> Option<Timestamp> {
    let since = |clock| Duration::try_from(clock_gettime(clock)).ok();
    let boot = since(ClockId::Realtime)?.checked_sub(since(ClockId::Boottime)?)?;
    Timestamp::from_second(i64::try_from(boot.as_secs()).ok()?).ok()
}

/// Returns the ports the kernel hands out by itself.
pub(super) fn ephemeral_ports(procfs: &Procfs) -> Option<PortRange> {
    let file = procfs.read("sys/net/ipv4/ip_local_port_range", 64).ok()?;
    port_range(str::from_utf8(&file).ok()?)
}

/// Returns whether the kernel lets us look at everybody's descriptors.
pub(super) fn sees_everybody() -> bool {
    capabilities(None).is_ok_and(|own| own.effective.contains(SEES_EVERYBODY))
}

/// Returns whether there may be processes that `/proc` does not list: ours is a process namespace within another, as in a
/// container. Those outside can share its network.
pub(super) fn is_contained() -> bool {
    let ours = fs::read_link("/proc/self/ns/pid");
    ours.is_ok_and(|ours| ours.as_os_str() != FIRST_PROCESSES)
}

/// Returns this machine's own addresses; none when the kernel does not tell.
pub(super) fn addresses() -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    if let Ok(mut route) = Netlink::open(None) {
        // Half an answer is better than none here: nobody concludes from an absent address.
        _ = route.dump(GET_ADDRESSES, &[0; IFADDRMSG], &mut |payload| {
            addresses.extend(address(payload));
        });
    }
    addresses
}

/// The address in one message. On a point-to-point link only `IFA_LOCAL` is ours.
fn address(payload: &[u8]) -> Option<IpAddr> {
    let tail = payload.get(IFADDRMSG..)?;
    let value_of = |wanted| attributes(tail).find(|(kind, _)| *kind == wanted);
    let (_, value) = value_of(IFA_LOCAL).or_else(|| value_of(IFA_ADDRESS))?;
    match value.len() {
        4 => chunk::<4>(value, 0).map(IpAddr::from),
        16 => chunk::<16>(value, 0).map(IpAddr::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn the_loopback_address_is_our_own() {
        let addresses = addresses();
        assert!(
            addresses.contains(&IpAddr::from(Ipv4Addr::LOCALHOST)),
            "{addresses:?}"
        );
    }

    #[test]
    fn the_machine_started_when_the_kernel_says() {
        let stat = fs::read_to_string("/proc/stat").unwrap();
        let said = stat.lines().find_map(|line| line.strip_prefix("btime "));
        let said: i64 = said.unwrap().parse().unwrap();
        let ours = boot().unwrap().as_second();
        // Both are cut to seconds, of clocks that are read one after the other.
        assert!((ours - said).abs() <= 1, "{ours} {said}");
    }

    #[test]
    fn a_message_without_an_address_has_none() {
        assert_eq!(address(&[0; 4]), None);
        assert_eq!(address(&[0; 20]), None);
    }
}
