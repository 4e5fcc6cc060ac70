//! Files that somebody named: opened so that nothing waits for ever, and read so that nothing is without end.
//!
//! What a name leads to is looked at before it is opened: opening a pipe waits for who writes into it, and opening a
//! device does something. Where a pipe is read, its silence is bounded.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read},
    path::Path,
    time::Duration,
};

/// How long a pipe may be silent.
const SILENCE: Duration = Duration::from_secs(10);

/// Whether a pipe is read, too, as `<(…)` and `/dev/stdin` are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipes {
    /// Only files: what lies where everybody knows to look, or is written again.
    Refused,
    /// Pipes and the empty device as well: what a person named for one run.
    Read,
}

/// An open file that somebody named.
#[derive(Debug)]
pub struct Given {
    file: File,
    metadata: Metadata,
    is_pipe: bool,
    /// Something was read.
    began: bool,
    /// How long a pipe may be silent.
    silence: Duration,
}

impl Given {
    /// Opens what stands at `path`; links are followed.
    ///
    /// # Errors
    ///
    /// Refuses directories, devices and sockets, and pipes unless they are read.
    pub fn open(path: &Path, pipes: Pipes) -> io::Result<Self> {
        refuse(&fs::metadata(path)?, pipes)?;
        let file = without_waiting(OpenOptions::new().read(true), path)?;
        // Another one may have taken its place.
        let metadata = file.metadata()?;
        refuse(&metadata, pipes)?;
        Ok(Self {
            file,
            is_pipe: kind(&metadata) == Some(A_PIPE),
            metadata,
            began: false,
            silence: SILENCE,
        })
    }

    /// What the system says of the file.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// All of it as text.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes), and where it is no UTF-8.
    pub fn text(self, largest: u64) -> io::Result<String> {
        let text = String::from_utf8(self.bytes(largest)?);
        text.map_err(|_where| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text"))
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::FileTooLarge`] where it has more than `largest` bytes; [`io::ErrorKind::TimedOut`] where a
    /// pipe was silent for too long.
    pub fn bytes(self, largest: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![];
        // One byte more tells a file of just this size from a larger one.
        self.take(largest + 1).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > largest) {
            let what = format!("it has more than {largest} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        Ok(bytes)
    }

    /// Waits for more; says whether there is an end in place of it.
    fn wait(&self) -> io::Result<bool> {
        match arrival(&self.file, self.silence)? {
            Some(ended) => Ok(ended),
            None => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("nothing came for {} s", self.silence.as_secs()),
            )),
        }
    }
}

impl Read for Given {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read(buffer) {
                // Nobody has opened a pipe to write into it, or all who did are done.
                Ok(0) if self.is_pipe && !self.began && !buffer.is_empty() => {
                    self.began = self.wait()?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.wait()?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => {
                    self.began |= matches!(read, Ok(1..));
                    return read;
                }
            }
        }
    }
}

/// Opens with `options` what is a file or is made one: no pipe and no device. What a link leads to counts.
///
/// # Errors
///
/// As [`Given::open`].
pub fn open_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    match fs::metadata(path) {
        Ok(found) => refuse(&found, Pipes::Refused)?,
        // It may be made.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let file = without_waiting(options, path)?;
    refuse(&file.metadata()?, Pipes::Refused)?;
    Ok(file)
}

const A_PIPE: &str = "a pipe";

fn refuse(found: &Metadata, pipes: Pipes) -> io::Result<()> {
    let Some(kind) = kind(found) else {
        return Ok(());
    };
    if pipes == Pipes::Read && (kind == A_PIPE || is_empty_device(found)) {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("it is {kind}, no file"),
    ))
}

/// What it is, when it is no file.
fn kind(found: &Metadata) -> Option<&'static str> {
    if found.is_file() {
        return None;
    }
    if found.is_dir() {
        return Some("a directory");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = found.file_type();
        if kind.is_fifo() {
            return Some(A_PIPE);
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("a device")
}

/// Whether it is `/dev/null`, by which people name an empty file.
#[cfg(unix)]
fn is_empty_device(found: &Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    let null = fs::metadata("/dev/null").ok();
    let null = null.filter(|null| null.file_type().is_char_device());
    found.file_type().is_char_device() && null.is_some_and(|null| null.rdev() == found.rdev())
}

#[cfg(not(unix))]
fn is_empty_device(_: &Metadata) -> bool {
    false
}

/// Opens what stands at `path`, of whatever kind. A pipe that nobody reads cannot be opened to be written.
#[cfg(target_os = "linux")]
pub fn without_waiting(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    options.custom_flags(flags.bits().cast_signed()).open(path)
}

/// Opens what stands at `path`: nothing but Linux is known to us for opening a pipe without waiting.
#[cfg(not(target_os = "linux"))]
pub fn without_waiting(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}

/// Lets writing wait again, of a file opened [`without_waiting`].
#[cfg(target_os = "linux")]
pub fn blocking_again(file: &File) -> io::Result<()> {
    Ok(rustix::io::ioctl_fionbio(file, false)?)
}

/// It waits already.
#[cfg(not(target_os = "linux"))]
pub fn blocking_again(_: &File) -> io::Result<()> {
    Ok(())
}

/// Waits for something to read: whether all writers are gone and left nothing; `None` when it took too long.
#[cfg(target_os = "linux")]
fn arrival(file: &File, patience: Duration) -> io::Result<Option<bool>> {
    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::Errno,
    };
    let patience = Timespec::try_from(patience).ok();
    let mut polled = [PollFd::new(file, PollFlags::IN)];
    match poll(&mut polled, patience.as_ref()) {
        Ok(0) => Ok(None),
        Ok(_) | Err(Errno::INTR) => {
            let [polled] = &polled;
            let seen = polled.revents();
            Ok(Some(
                seen.contains(PollFlags::HUP) && !seen.contains(PollFlags::IN),
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// The same where reading a pipe waits by itself: there is its end.
#[cfg(not(target_os = "linux"))]
fn arrival(_: &File, _: Duration) -> io::Result<Option<bool>> {
    Ok(Some(true))
}

#[cfg(test)]
mod tests;
