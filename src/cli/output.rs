//! Standard output behind a buffer.

use std::{
    fs::File,
    io::{self, BufWriter, StdoutLock, Write},
};

/// So many bytes are written at once.
const BUFFER: usize = 64 * 1024;

/// Standard output.
#[derive(Debug)]
pub(super) enum Stdout {
    /// As a file: the standard library looks through everything for the end of the last line, which in the millions of
    /// bytes of one JSON object takes longer than writing a table.
    Direct(File),
    /// As the standard library has it.
    Locked(StdoutLock<'static>),
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Direct(file) => file.write(bytes),
            Self::Locked(lock) => lock.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Direct(file) => file.flush(),
            Self::Locked(lock) => lock.flush(),
        }
    }
}

/// Standard output behind a buffer that holds a screenful and more.
///
/// Whoever writes flushes it, so that a full disk is noticed.
pub(super) fn stdout() -> BufWriter<Stdout> {
    let stdout = direct().map_or_else(|| Stdout::Locked(io::stdout().lock()), Stdout::Direct);
    BufWriter::with_capacity(BUFFER, stdout)
}

#[cfg(unix)]
fn direct() -> Option<File> {
    use std::os::fd::AsFd as _;
    let descriptor = io::stdout().as_fd().try_clone_to_owned();
    descriptor.ok().map(File::from)
}

/// A console takes text in another form than files do.
#[cfg(not(unix))]
fn direct() -> Option<File> {
    None
}
