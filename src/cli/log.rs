//! The log: a file, only when asked for.
//!
//! Nobody waits for whoever reads it, and nothing is lost from it in silence: what it lacks is told of in the log itself, or
//! at the end of the program where that cannot be written either.

use super::{
    args::Global,
    error::{self, Failure},
};
use crate::given::{blocking_again, without_waiting};
use lines::{Lines, Lost};
use queue::Queue;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};
use tracing::Level;

mod lines;
mod queue;

/// An open log.
#[derive(Debug, Clone)]
pub(super) struct Log(Arc<Way>);

/// How lines come into it.
#[derive(Debug)]
enum Way {
    /// A file takes them as they come.
    Direct(Mutex<Lines<File>>),
    /// A pipe or a terminal has a reader, who may be slow.
    Queued(Queue),
}

impl Write for Log {
    /// Takes one line, which is written or counted.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match &*self.0 {
            Way::Direct(lines) => {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.write(line);
            }
            Way::Queued(queue) => queue.write(line),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Waits, bounded, until everything is written, and says what is missing.
    pub(super) fn finish(&self, quiet: bool) {
        let lost = match &*self.0 {
            Way::Direct(lines) => {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.finish()
            }
            Way::Queued(queue) => queue.finish(),
        };
        if let Some(lost) = lost.as_ref().filter(|_| !quiet).map(Lost::words) {
            error::print(format_args!("note: {lost}"));
        }
    }
}

/// Opens the log that was asked for; nothing when none was.
pub(super) fn start(global: &Global) -> Result<Option<Log>, Failure> {
    let Some(path) = &global.log else {
        return Ok(None);
    };
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Standard error is a fine place for it, a pipe that nobody reads is none.
    let way = without_waiting(&mut options, path).and_then(way);
    let way = way.map_err(|error| Failure::Operation {
        error: anyhow::Error::new(error).context(format!("open the log {}", path.display())),
        hint: None,
    })?;
    let log = Log(Arc::new(way));
    let level = match global.verbose {
        0 => Level::INFO,
        1 => Level::DEBUG,
        2.. => Level::TRACE,
    };
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .with_max_level(level)
        .init();
    Ok(Some(log))
}

fn way(file: File) -> io::Result<Way> {
    if file.metadata()?.is_file() {
        return Ok(Way::Direct(Mutex::new(Lines::new(file))));
    }
    blocking_again(&file)?;
    Ok(Way::Queued(Queue::start(file)?))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use rustix::pipe::{fcntl_getpipe_size, pipe};
    use std::{
        io::{BufRead as _, BufReader, Read as _},
        os::fd::AsRawFd as _,
    };

    #[test]
    fn a_full_pipe_gets_its_line_once_there_is_room() {
        let (from, to) = pipe().unwrap();
        let room = fcntl_getpipe_size(&to).unwrap();
        let path = format!("/proc/self/fd/{}", to.as_raw_fd());
        let mut options = OpenOptions::new();
        let file = without_waiting(options.append(true), path.as_ref()).unwrap();
        File::from(to).write_all(&vec![b'.'; room]).unwrap();
        let mut log = Log(Arc::new(way(file).unwrap()));
        log.write_all(b"line\n").unwrap();
        let mut from = BufReader::new(File::from(from));
        from.read_exact(&mut vec![0; room]).unwrap();
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        assert_eq!(line, "line\n");
    }
}
