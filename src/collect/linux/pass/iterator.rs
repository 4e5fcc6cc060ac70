//! The program in the kernel, and what it writes.

use super::File;
use crate::{
    collect::linux::{
        bytes::{u32_at, u64_at},
        owners::What,
        remedy,
    },
    model::Text,
};
use aya::{Btf, Ebpf, EbpfLoader, include_bytes_aligned, programs::Iter};
use std::{
    error::Error,
    io::{self, Read as _},
};

/// Built from `files.bpf.c`.
static PROGRAM: &[u8] = include_bytes_aligned!(concat!(env!("OUT_DIR"), "/files.bpf.o"));
/// Its function.
const FILES: &str = "files";
/// What it iterates over, in the kernel's words.
const TARGET: &str = "task_file";

/// As `struct record` in `files.bpf.c`.
const RECORD: usize = 32;
/// The most files that are read: so many that a whole machine has fewer.
const MOST: u64 = 16 << 20;
/// The kernel counts in nanoseconds, `/proc` in hundredths of a second.
const NANOSECONDS_PER_TICK: u64 = 10_000_000;

/// The loaded program; it goes with this.
#[derive(Debug)]
pub(in crate::collect::linux) struct Files {
    program: Ebpf,
}

impl Files {
    /// Whether the privileges are there.
    pub(super) fn may_load() -> bool {
        remedy::may_iterate()
    }

    /// Loads the program.
    pub(super) fn load() -> Result<Self, Text> {
        loaded().map_err(|error| told(&*error))
    }

    /// Lets the kernel run it over all files.
    pub(super) fn read(&mut self) -> Result<Vec<File>, Text> {
        let records = self.run().map_err(|error| told(&*error))?;
        Ok(records.chunks_exact(RECORD).filter_map(file).collect())
    }

    fn run(&mut self) -> Result<Vec<u8>, Box<dyn Error>> {
        let iterator = iterator(&mut self.program)?;
        let link = iterator.attach()?;
        let files = iterator.take_link(link)?.into_file()?;
        let limit = MOST * RECORD as u64;
        let mut records = Vec::new();
        files.take(limit).read_to_end(&mut records)?;
        Ok(records)
    }
}

fn loaded() -> Result<Files, Box<dyn Error>> {
    let types = Btf::from_sys_fs()?;
    let mut program = EbpfLoader::new().btf(Some(&types)).load(PROGRAM)?;
    iterator(&mut program)?.load(TARGET, &types)?;
    Ok(Files { program })
}

fn iterator(program: &mut Ebpf) -> Result<&mut Iter, Box<dyn Error>> {
    let files = program
        .program_mut(FILES)
        .ok_or_else(|| io::Error::other("the program is not in the object"))?;
    Ok(files.try_into()?)
}

/// An error with its causes, in one line.
fn told(error: &dyn Error) -> Text {
    let mut words = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        words.push(cause.to_string());
        next = cause.source();
    }
    let line = words.join(": ").replace('\n', " ");
    Text::from(line.trim_end())
}

fn file(record: &[u8]) -> Option<File> {
    let (inode, started) = (u64_at(record, 16)?, u64_at(record, 24)?);
    let number = |at| u32_at(record, at);
    Some(File {
        process: number(0)?,
        thread: number(4)?,
        descriptor: number(8)?,
        what: match number(12)? {
            1 => What::Socket(inode),
            2 => What::Pipe(inode),
            3 => What::Master,
            _ => What::Other,
        },
        started: started / NANOSECONDS_PER_TICK,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_the_program_writes_it() {
        let mut record = Vec::new();
        for number in [7_u32, 8, 3, 1] {
            record.extend(number.to_ne_bytes());
        }
        for number in [4711_u64, 123_456_789_012] {
            record.extend(number.to_ne_bytes());
        }
        let found = File {
            process: 7,
            thread: 8,
            descriptor: 3,
            what: What::Socket(4711),
            started: 12_345,
        };
        assert_eq!(file(&record), Some(found));
        record.pop();
        assert_eq!(file(&record), None);
    }
}
