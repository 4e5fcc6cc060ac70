//! Standard output behind a buffer.

use std::{
    fs::File,
    io::{self, BufWriter, StdoutLock, Write},
};

/// So many bytes are written at once.
const BUFFER: usize = 64 * 1024;
/// So many bytes may wait in a pipe for whoever reads them.
#[cfg(target_os = "linux")]
const PIPE: usize = 256 * 1024;

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
    widen();
    let stdout = direct().map_or_else(|| Stdout::Locked(io::stdout().lock()), Stdout::Direct);
    BufWriter::with_capacity(BUFFER, stdout)
}

/// Makes room in a pipe that we write to, if it is one: what fills the usual 64 KiB waits for its reader hundreds of
/// times, each of which costs as much as writing. Never less than there is; where it may not be more, it stays as it is.
#[cfg(target_os = "linux")]
fn widen() {
    use rustix::pipe::{fcntl_getpipe_size, fcntl_setpipe_size};
    let stdout = io::stdout();
    if fcntl_getpipe_size(&stdout).is_ok_and(|size| size < PIPE) {
        _ = fcntl_setpipe_size(&stdout, PIPE);
    }
}

#[cfg(not(target_os = "linux"))]
fn widen() {}

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
