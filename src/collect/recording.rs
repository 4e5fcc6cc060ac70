//! Recordings: samples on disk, one a line.
//!
//! The first line says that it is a recording and of which form. Whoever wrote the file may be
//! hostile: lines and lists are bounded, and text is escaped as it enters.

use super::{Error, Source};
use crate::{
    given::{Given, Pipes},
    model::Sample,
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// The form of recordings that this version writes and reads.
const FORM: u32 = 1;
/// The longest line that is read.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;
/// The most sockets in one sample.
const MOST_SOCKETS: usize = 500_000;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    portwise_recording: u32,
    version: String,
}

/// Writes a recording.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Writer {
    /// Begins a new file that only its owner can read; an existing one is refused.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let file = new_private_file(path).map_err(|source| Error::WriteRecording {
            path: path.to_owned(),
            source,
        })?;
        let mut writer = Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
        };
        writer.write_line(&Header {
            portwise_recording: FORM,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })?;
        Ok(writer)
    }

    /// Adds a sample; it is on its way to the disk when this returns.
    pub fn append(&mut self, sample: &Sample) -> Result<(), Error> {
        self.write_line(sample)
    }

    fn write_line(&mut self, value: &impl Serialize) -> Result<(), Error> {
        let written = serde_json::to_writer(&mut self.file, value)
            .map_err(io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .and_then(|()| self.file.flush());
        written.map_err(|source| Error::WriteRecording {
            path: self.path.clone(),
            source,
        })
    }
}

fn new_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A recording that is read.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    file: BufReader<Given>,
    /// The line that was read last, from 1.
    line: u64,
    ended: bool,
}

impl Recording {
    /// Opens a recording and checks that it is one.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = Given::open(path, Pipes::Read).map_err(|source| Error::OpenRecording {
            path: path.to_owned(),
            source,
        })?;
        let mut recording = Self {
            path: path.to_owned(),
            file: BufReader::new(file),
            line: 0,
            ended: false,
        };
        let line = recording.next_line()?.unwrap_or_default();
        let header: Header = serde_json::from_slice(&line)
            .map_err(|_not_a_header| recording.fault("this is no recording of portwise"))?;
        if header.portwise_recording != FORM {
            return Err(recording.fault(format!(
                "it has form {} and was made by another version; this one reads form {FORM}",
                header.portwise_recording
            )));
        }
        Ok(recording)
    }

    fn next_sample(&mut self) -> Result<Option<Sample>, Error> {
        let Some(line) = self.next_line()? else {
            return Ok(None);
        };
        let mut sample: Sample = serde_json::from_slice(&line).map_err(|error| {
            if line.ends_with(b"\n") {
                self.fault(error.to_string())
            } else {
                self.fault("it ends in the middle of a sample; it may still be being written")
            }
        })?;
        if sample.sockets.len() > MOST_SOCKETS {
            return Err(self.fault(format!("more than {MOST_SOCKETS} sockets in one sample")));
        }
        sample.processes.sort_by_key(|process| process.key);
        Ok(Some(sample))
    }

    /// The next line with its end; `None` behind the last.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>, Error> {
        self.line += 1;
        let mut line = Vec::new();
        let read = self
            .file
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line);
        let length = read.map_err(|source| Error::OpenRecording {
            path: self.path.clone(),
            source,
        })?;
        if u64::try_from(length).is_ok_and(|length| length == LONGEST_LINE)
            && !line.ends_with(b"\n")
        {
            return Err(self.fault(format!("it is longer than {LONGEST_LINE} bytes")));
        }
        Ok((length > 0).then_some(line))
    }

    fn fault(&self, fault: impl Into<String>) -> Error {
        Error::Recording {
            path: self.path.clone(),
            line: self.line,
            fault: fault.into(),
        }
    }
}

impl Source for Recording {
    fn sample(&mut self) -> Result<Option<Sample>, Error> {
        if self.ended {
            return Ok(None);
        }
        let sample = self.next_sample();
        // Behind a broken line nothing can be trusted.
        self.ended = !matches!(sample, Ok(Some(_)));
        sample
    }

    fn is_recording(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
