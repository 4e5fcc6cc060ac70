//! Lines of the log on their way into its file, and the count of those that found none.

use crate::model::text::plural;
use jiff::Timestamp;
use std::io::{self, Write};

/// How many lines the log is without, and why the first of them is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) count: usize,
    pub(super) why: String,
}

impl Lost {
    /// `3 lines of the log are lost: No space left on device`.
    pub(super) fn words(&self) -> String {
        let verb = if self.count == 1 { "is" } else { "are" };
        let lines = plural(self.count, "line");
        format!("{lines} of the log {verb} lost: {}", self.why)
    }

    /// Both together, this one first.
    fn and(self, other: &Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            why: self.why,
        }
    }
}

/// Writes lines; what could not be written is told of in the next line that can be.
#[derive(Debug)]
pub(super) struct Lines<W> {
    to: W,
    lost: Option<Lost>,
    /// What stands there last is the beginning of a line.
    is_cut: bool,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(to: W) -> Self {
        Self {
            to,
            lost: None,
            is_cut: false,
        }
    }

    /// Counts lines that will not come.
    pub(super) fn lose(&mut self, lost: Lost) {
        self.lost = Some(match self.lost.take() {
            Some(before) => before.and(&lost),
            None => lost,
        });
    }

    /// Writes a line, or counts it. Says whether it was written.
    pub(super) fn write(&mut self, line: &[u8]) -> bool {
        let written = self.tell().and_then(|()| self.put(line));
        if let Err(error) = &written {
            self.lose(Lost {
                count: 1,
                why: error.to_string(),
            });
        }
        written.is_ok()
    }

    /// Says in the log itself what it lacks.
    #[expect(clippy::disallowed_methods, reason = "each line of a log has its time")]
    fn tell(&mut self) -> io::Result<()> {
        let Some(lost) = &self.lost else {
            return Ok(());
        };
        let end = if self.is_cut { "\n" } else { "" };
        let line = format!("{end}{:.6}  WARN {}\n", Timestamp::now(), lost.words());
        self.put(line.as_bytes())?;
        self.lost = None;
        Ok(())
    }

    fn put(&mut self, mut line: &[u8]) -> io::Result<()> {
        while !line.is_empty() {
            match self.to.write(line) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    line = line.get(count..).unwrap_or_default();
                    self.is_cut = !line.is_empty();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Tells of what is still missing; `None` when nothing is, or it stands in the log.
    pub(super) fn finish(&mut self) -> Option<Lost> {
        let _counted: io::Result<()> = self.tell();
        self.lost.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with so much room.
    struct Disk {
        held: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let room = self.room - self.held.len();
            if room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let count = bytes.len().min(room);
            self.held.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn of_room(room: usize) -> Lines<Disk> {
        Lines::new(Disk { held: vec![], room })
    }

    #[test]
    fn what_found_no_room_is_told_of_when_there_is_room_again() {
        let mut lines = of_room(10);
        assert!(lines.write(b"first\n"));
        assert!(!lines.write(b"second\n"));
        assert!(!lines.write(b"third\n"));
        lines.to.room = 1000;
        assert!(lines.write(b"fourth\n"));
        assert_eq!(lines.finish(), None);
        let held = String::from_utf8(lines.to.held).unwrap();
        let held: Vec<&str> = held.lines().collect();
        assert_eq!(held[..2], ["first", "seco"]);
        assert!(
            held[2].contains("  WARN 2 lines of the log are lost: "),
            "{held:?}"
        );
        assert_eq!(held[3..], ["fourth"]);
    }

    #[test]
    fn what_never_found_room_is_told_of_at_the_end() {
        let mut lines = of_room(0);
        assert!(!lines.write(b"first\n"));
        let lost = lines.finish().unwrap();
        assert!(
            lost.words().starts_with("1 line of the log is lost: "),
            "{lost:?}"
        );
    }
}
