//! What the kernel counts over all sockets of a network: cheap to read, and enough to tell that nothing happened. Pure but
//! for the reading.

use super::{bytes::decimal, procfs::Procfs};

/// Longer than any of these files.
const LONGEST: usize = 64 * 1024;

/// The counts at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// TCP and UDP sockets in use, without those that only the kernel keeps.
    pub(super) in_use: u64,
    /// TCP sockets in `time-wait`.
    pub(super) in_time_wait: u64,
    /// Bytes of all packets, in and out, headers included; `None` where that was not read.
    pub(super) octets: Option<u64>,
}

impl Counters {
    /// Reads them; `None` where this kernel does not tell.
    pub(super) fn read(procfs: &Procfs) -> Option<Self> {
        let read = |name| procfs.read(name, LONGEST).ok();
        let packets = read("net/netstat")?;
        let packets6 = read("net/snmp6").unwrap_or_default();
        Some(Self {
            octets: Some(octets(&packets)? + octets6(&packets6)),
            ..Self::of_sockets(procfs)?
        })
    }

    /// Reads those of sockets alone, which are told in a tenth of the time.
    pub(super) fn of_sockets(procfs: &Procfs) -> Option<Self> {
        let read = |name| procfs.read(name, LONGEST).ok();
        let sockets = read("net/sockstat")?;
        // Without IPv6 there is no such file.
        let sockets6 = read("net/sockstat6").unwrap_or_default();
        let in_use = [
            field(&sockets, b"TCP:", b"inuse"),
            field(&sockets, b"UDP:", b"inuse"),
            field(&sockets6, b"TCP6:", b"inuse"),
            field(&sockets6, b"UDP6:", b"inuse"),
        ];
        Some(Self {
            in_use: in_use.into_iter().flatten().sum(),
            in_time_wait: field(&sockets, b"TCP:", b"tw")?,
            octets: None,
        })
    }
}

/// The number behind `name` in the line that begins with `title`.
fn field(file: &[u8], title: &[u8], name: &[u8]) -> Option<u64> {
    let line = file
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(title))?;
    let mut words = words(line);
    words.find(|word| *word == name)?;
    decimal(words.next()?)
}

/// Bytes over IPv4: the titles stand in one line, the numbers in the next.
fn octets(file: &[u8]) -> Option<u64> {
    let mut lines = file
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.strip_prefix(b"IpExt:"));
    let (titles, numbers) = (lines.next()?, lines.next()?);
    let numbers = words(titles)
        .zip(words(numbers))
        .filter(|(title, _)| matches!(*title, b"InOctets" | b"OutOctets"))
        .filter_map(|(_, number)| decimal(number));
    Some(numbers.sum())
}

/// Bytes over IPv6: a title and a number a line.
fn octets6(file: &[u8]) -> u64 {
    let numbers = file.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut words = words(line);
        let is_octets = matches!(words.next()?, b"Ip6InOctets" | b"Ip6OutOctets");
        is_octets.then(|| words.next().and_then(decimal))?
    });
    numbers.sum()
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    #[test]
    fn the_counts_of_both_families_are_added() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            fs::create_dir_all(root.path().join("net")).unwrap();
            fs::write(root.path().join("net").join(name), text).unwrap();
        };
        let sockstat =
            "sockets: used 9\nTCP: inuse 3 orphan 0 tw 7 alloc 4 mem 1\nUDP: inuse 2 mem 0\n";
        write("sockstat", sockstat);
        write(
            "sockstat6",
            "TCP6: inuse 10\nUDP6: inuse 20\nRAW6: inuse 99\n",
        );
        write(
            "netstat",
            "TcpExt: A B\nTcpExt: 1 2\nIpExt: InPkts InOctets OutOctets\nIpExt: 5 100 1000\n",
        );
        write(
            "snmp6",
            "Ip6InReceives \t8\nIp6InOctets                     \t5\nIp6OutOctets \t6\n",
        );
        let counters = Counters::read(&Procfs::open(root.path()).unwrap()).unwrap();
        let expected = Counters {
            in_use: 35,
            in_time_wait: 7,
            octets: Some(1111),
        };
        assert_eq!(counters, expected);
    }

    #[test]
    fn this_machine_tells_them() {
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let counters = Counters::read(&procfs).unwrap();
        assert!(counters.octets.is_some());
        let of_sockets = Counters::of_sockets(&procfs).unwrap();
        assert_eq!(of_sockets.octets, None);
    }

    #[test]
    fn a_file_in_another_form_tells_nothing() {
        assert_eq!(field(b"TCP: inuse x\n", b"TCP:", b"inuse"), None);
        assert_eq!(field(b"TCP: inuse", b"TCP:", b"inuse"), None);
        assert_eq!(octets(b"IpExt: InOctets\n"), None);
        assert_eq!(octets6(b"Ip6InOctets\nIp6OutOctets x\n\n"), 0);
    }
}
