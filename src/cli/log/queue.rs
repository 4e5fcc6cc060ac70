//! A log that somebody reads, and may read slowly: a thread of its own waits for them, nobody else does.

use super::lines::{Lines, Lost};
use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, channel, sync_channel},
    },
    thread,
    time::Duration,
};

/// So many lines wait for whoever reads the log; what comes on top of them is lost, and counted.
const WAITING: usize = 8192;
/// How long is waited at the end for the rest to be read.
const PATIENCE: Duration = Duration::from_secs(2);
/// Why lines are lost where they come faster than they are read.
const TOO_SLOW: &str = "it is not read fast enough";

/// A line, and how many before it are lost. The last one may be empty.
type Line = (usize, Vec<u8>);

/// Lines on their way to a thread that writes them.
#[derive(Debug)]
pub(super) struct Queue {
    entrance: Mutex<Entrance>,
    /// From the thread: what is missing in the end.
    end: Mutex<Receiver<Option<Lost>>>,
    /// Lines that neither stand in the log nor are told of in it.
    missing: Arc<AtomicUsize>,
    patience: Duration,
}

#[derive(Debug)]
struct Entrance {
    /// `None` once the log has ended.
    lines: Option<SyncSender<Line>>,
    /// Lines that found no place since one did.
    lost: usize,
}

impl Queue {
    /// Starts the thread.
    pub(super) fn start(to: impl Write + Send + 'static) -> io::Result<Self> {
        Self::with(to, WAITING, PATIENCE)
    }

    fn with(
        to: impl Write + Send + 'static,
        waiting: usize,
        patience: Duration,
    ) -> io::Result<Self> {
        let (entrance, lines) = sync_channel(waiting);
        let (end, ended) = channel();
        let missing = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&missing);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || drop(end.send(write(&lines, &theirs, to))))?;
        Ok(Self {
            entrance: Mutex::new(Entrance {
                lines: Some(entrance),
                lost: 0,
            }),
            end: Mutex::new(ended),
            missing,
            patience,
        })
    }

    /// Takes a line in, or counts it.
    pub(super) fn write(&self, line: &[u8]) {
        let mut entrance = self.entrance();
        let Some(lines) = &entrance.lines else {
            return;
        };
        self.missing.fetch_add(1, Ordering::SeqCst);
        entrance.lost = match lines.try_send((entrance.lost, line.to_owned())) {
            Ok(()) => 0,
            Err(_) => entrance.lost.saturating_add(1),
        };
    }

    /// Waits, bounded, until everything is read; says what is missing and is not told of in the log.
    pub(super) fn finish(&self) -> Option<Lost> {
        let mut entrance = self.entrance();
        let lines = entrance.lines.take()?;
        let mut late = entrance.lost;
        drop(entrance);
        if late > 0 && lines.try_send((late, vec![])).is_ok() {
            late = 0;
        }
        drop(lines);
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        match end.recv_timeout(self.patience) {
            Ok(lost) if late == 0 => lost,
            Ok(lost) => Some(too_slow(lost.map_or(0, |lost| lost.count) + late)),
            Err(_) => Some(too_slow(self.missing.load(Ordering::SeqCst))),
        }
    }

    fn entrance(&self) -> MutexGuard<'_, Entrance> {
        self.entrance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_slow(count: usize) -> Lost {
    Lost {
        count,
        why: TOO_SLOW.to_owned(),
    }
}

/// Writes what comes until nothing more can; what is missing in the end.
fn write(lines: &Receiver<Line>, missing: &AtomicUsize, to: impl Write) -> Option<Lost> {
    let mut log = Lines::new(to);
    let mut untold = 0;
    for (lost, line) in lines {
        if lost > 0 {
            log.lose(too_slow(lost));
        }
        untold += lost;
        if line.is_empty() {
            break;
        }
        untold += 1;
        if log.write(&line) {
            missing.fetch_sub(untold, Ordering::SeqCst);
            untold = 0;
        }
    }
    log.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::Sender;

    /// A reader who reads nothing until told to.
    struct Asleep {
        awake: Receiver<()>,
        read: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Asleep {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Whoever let go of the other end woke it for good.
            _ = self.awake.recv();
            self.read.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Reader {
        sleep: Sender<()>,
        read: Arc<Mutex<Vec<u8>>>,
    }

    impl Reader {
        fn wakes(self) -> Arc<Mutex<Vec<u8>>> {
            drop(self.sleep);
            self.read
        }
    }

    /// A log with room for four lines that was given ten, and who is to read it.
    fn of_ten_lines(waiting: usize, patience: Duration) -> (Queue, Reader) {
        let (sleep, awake) = channel();
        let read = Arc::new(Mutex::new(vec![]));
        let theirs = Arc::clone(&read);
        let asleep = Asleep {
            awake,
            read: theirs,
        };
        let queue = Queue::with(asleep, waiting, patience).unwrap();
        for line in 0..10 {
            queue.write(format!("line {line}\n").as_bytes());
        }
        (queue, Reader { sleep, read })
    }

    fn text(read: &Mutex<Vec<u8>>) -> String {
        String::from_utf8(read.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn lines_come_in_order_and_nothing_is_lost_while_there_is_room() {
        let (queue, reader) = of_ten_lines(10, Duration::from_mins(1));
        let read = reader.wakes();
        assert_eq!(queue.finish(), None);
        queue.write(b"too late\n");
        let wanted: Vec<String> = (0..10).map(|line| format!("line {line}\n")).collect();
        assert_eq!(text(&read), wanted.concat());
    }

    #[test]
    fn a_slow_reader_is_told_how_many_lines_are_lost() {
        let (queue, reader) = of_ten_lines(4, Duration::from_mins(1));
        let read = reader.wakes();
        let lost = queue.finish();
        let text = text(&read);
        let kept = text
            .lines()
            .filter(|line| line.starts_with("line "))
            .count();
        assert!((4..=5).contains(&kept), "{text}");
        let missing = too_slow(10 - kept);
        match lost {
            None => assert!(
                text.ends_with(&format!("  WARN {}\n", missing.words())),
                "{text}"
            ),
            // The end came before there was room to tell of it.
            Some(lost) => assert_eq!(lost, missing),
        }
    }

    #[test]
    fn nobody_waits_long_for_one_who_does_not_read() {
        let (queue, reader) = of_ten_lines(4, Duration::from_millis(10));
        assert_eq!(queue.finish(), Some(too_slow(10)));
        drop(reader);
    }
}
