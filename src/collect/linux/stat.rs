//! `/proc/PID/stat`, decoded. Pure.

use super::{
    bytes::decimal,
    procfs::{ProcDir, read_record},
};
use crate::model::{ProcessKey, Started, Text};
use rustix::{fd::AsFd, io::Errno};

/// Longer than any kernel writes it.
const LONGEST: usize = 1024;
/// `PF_KTHREAD` in the kernel's flags of a process.
const KERNEL_THREAD: u64 = 0x0020_0000;

/// What we use of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stat {
    /// What the process calls itself.
    pub(super) comm: Text,
    /// One letter: `S`, `R`, `Z` …
    pub(super) state: u8,
    /// Parent.
    pub(super) ppid: u32,
    /// Process group.
    pub(super) group: u32,
    /// Device number of the controlling terminal, 0 for none.
    pub(super) terminal: u32,
    /// A thread of the kernel itself.
    pub(super) kernel_thread: bool,
    /// Start time in ticks since boot.
    pub(super) ticks: u64,
}

impl Stat {
    /// Reads that of a process.
    pub(super) fn read(process: &ProcDir) -> Result<Self, Errno> {
        Self::parse(&process.read_record(c"stat", LONGEST)?).ok_or(Errno::INVAL)
    }

    /// Reads that of the process whose listing of descriptors is open.
    pub(super) fn beside(descriptors: impl AsFd) -> Result<Self, Errno> {
        Self::parse(&read_record(descriptors, c"../stat", LONGEST)?).ok_or(Errno::INVAL)
    }

    /// The identity of the process, whose number is `pid`.
    pub(super) fn key(&self, pid: u32) -> ProcessKey {
        ProcessKey {
            pid,
            started: Started::Ticks(self.ticks),
        }
    }

    /// Decodes the one line; the name may hold spaces, parentheses and newlines.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let open = line.iter().position(|byte| *byte == b'(')?;
        let close = line.iter().rposition(|byte| *byte == b')')?;
        let comm = line.get(open + 1..close)?;
        // The first field behind the name is the third of all.
        let fields: Vec<&[u8]> = line
            .get(close + 1..)?
            .split(u8::is_ascii_whitespace)
            .filter(|field| !field.is_empty())
            .collect();
        let number = |field: usize| decimal(fields.get(field - 3)?);
        Some(Self {
            comm: Text::from_bytes(comm),
            state: *fields.first()?.first()?,
            ppid: u32::try_from(number(4)?).ok()?,
            group: u32::try_from(number(5)?).unwrap_or(0),
            terminal: u32::try_from(number(7)?).unwrap_or(0),
            kernel_thread: number(9)? & KERNEL_THREAD != 0,
            ticks: number(22)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &str = "S 7 42 42 34817 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 98765 1000 20";

    #[test]
    fn the_fields_behind_the_name_are_found() {
        let stat = Stat::parse(format!("42 (nginx) {TAIL}\n").as_bytes()).unwrap();
        assert_eq!(stat.comm, "nginx");
        assert_eq!((stat.ppid, stat.ticks, stat.state), (7, 98765, b'S'));
        assert_eq!(stat.terminal, 34817);
        assert!(!stat.kernel_thread);
    }

    #[test]
    fn a_name_made_to_confuse_does_not() {
        let line = format!("42 (a) R 1 (\n) {TAIL}");
        let stat = Stat::parse(line.as_bytes()).unwrap();
        assert_eq!(stat.comm, "a) R 1 (\\x0a");
        assert_eq!(stat.ppid, 7);
    }

    #[test]
    fn a_line_that_ends_early_is_refused() {
        let whole = format!("42 (nginx) {TAIL}");
        let needed = whole.find(" 98765").unwrap();
        for length in 0..needed {
            assert_eq!(Stat::parse(&whole.as_bytes()[..length]), None, "{length}");
        }
    }
}
