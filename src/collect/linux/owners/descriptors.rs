//! One descriptor table, read from `/proc`.
//!
//! Looking at a link costs four times as much as listing its name, so a link is looked at only where what we know
//! of its number cannot be so any more.

use crate::collect::linux::{
    bytes::decimal,
    procfs::LISTING,
    target::{Target, pipe_inode, socket_inode},
};
use rustix::{
    fd::AsFd,
    fs::{RawDir, readlinkat_raw},
    io::Errno,
};
use std::ffi::{CStr, CString};

/// The most pipes and terminals remembered of one process.
const MOST_PIPES: usize = 1024;

/// The most descriptors that room is made for at once.
const MOST_ROOM: usize = 1 << 16;

/// What a descriptor stands for, as far as anybody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::collect::linux) enum What {
    /// A socket, by inode.
    Socket(u64),
    /// A pipe, by inode.
    Pipe(u64),
    /// The master side of a pseudo-terminal.
    Master,
    /// Anything else.
    Other,
}

impl What {
    fn of(link: &[u8]) -> Self {
        if let Some(inode) = socket_inode(link) {
            Self::Socket(inode)
        } else if let Some(inode) = pipe_inode(link) {
            Self::Pipe(inode)
        } else if link == b"/dev/ptmx" || link == b"/dev/pts/ptmx" {
            Self::Master
        } else {
            Self::Other
        }
    }
}

/// One descriptor of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::collect::linux) struct Descriptor {
    pub(in crate::collect::linux) number: u32,
    pub(in crate::collect::linux) what: What,
}

/// The standard streams of a process.
pub(in crate::collect::linux) type Streams = [Target; 3];

/// What a listing found.
#[derive(Debug)]
pub(super) struct Listing {
    /// By number, ascending.
    pub(super) descriptors: Vec<Descriptor>,
    /// Those that were looked at; the others are as they were.
    pub(super) streams: [Option<Target>; 3],
}

/// Reads descriptor tables; keeps its buffer.
#[derive(Debug)]
pub(super) struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self {
            buffer: Vec::with_capacity(LISTING),
        }
    }

    /// Lists the table behind `directory`, in which there are about `room` descriptors.
    ///
    /// Of the numbers in `known`, ascending, those for which `holds` says that nothing speaks against them are not
    /// looked at again. What was closed while we looked is left out.
    ///
    /// # Errors
    ///
    /// [`Errno::ACCESS`] where looking needs more privilege than listing.
    pub(super) fn list(
        &mut self,
        directory: impl AsFd,
        known: &[Descriptor],
        room: usize,
        holds: impl Fn(&Descriptor) -> bool,
    ) -> Result<Listing, Errno> {
        let room = room.max(known.len()).min(MOST_ROOM) + 1;
        let mut known = known.iter().peekable();
        let mut listing = Listing {
            descriptors: Vec::with_capacity(room),
            streams: [None, None, None],
        };
        let mut pipes = 0;
        let mut entries = RawDir::new(&directory, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            let Some(number) = number(name) else { continue };
            while known.next_if(|before| before.number < number).is_some() {}
            let before = known.next_if(|before| before.number == number);
            if let Some(before) = before.filter(|before| holds(before)) {
                listing.descriptors.push(*before);
                continue;
            }
            let Some((mut what, stream)) = look(&directory, name, number)? else {
                continue;
            };
            if matches!(what, What::Pipe(_) | What::Master) {
                pipes += 1;
                if pipes > MOST_PIPES {
                    what = What::Other;
                }
            }
            if let (Some(found), Some(slot)) = (stream, stream_of(&mut listing.streams, number)) {
                *slot = Some(found);
            }
            listing.descriptors.push(Descriptor { number, what });
        }
        if !listing.descriptors.is_sorted_by_key(|one| one.number) {
            listing.descriptors.sort_unstable_by_key(|one| one.number);
        }
        Ok(listing)
    }
}

/// Returns what `number` stands for now; `None` when it is closed.
pub(super) fn probe(directory: impl AsFd, number: u32) -> Result<Option<What>, Errno> {
    let name = CString::new(number.to_string()).map_err(|_nul| Errno::INVAL)?;
    Ok(look(directory, &name, u32::MAX)?.map(|(what, _)| what))
}

/// Returns what a descriptor stands for, and for the first three what the model says of a stream.
fn look(
    directory: impl AsFd,
    name: &CStr,
    number: u32,
) -> Result<Option<(What, Option<Target>)>, Errno> {
    let mut link = [0; 64];
    match readlinkat_raw(&directory, name, link.as_mut_slice()) {
        Ok(length) => {
            let link = link.get(..length).unwrap_or(&[]);
            let stream = (number < 3).then(|| Target::of(link, &directory, name));
            Ok(Some((What::of(link), stream)))
        }
        Err(Errno::ACCESS | Errno::PERM) => Err(Errno::ACCESS),
        // Closed meanwhile.
        Err(_) => Ok(None),
    }
}

/// Returns the standard streams as they are now.
pub(in crate::collect::linux) fn streams(directory: impl AsFd) -> Result<Streams, Errno> {
    let stream = |name: &CStr, number| {
        Ok(
            look(&directory, name, number)?.map_or(Target::Closed, |(_, stream)| {
                stream.unwrap_or(Target::Other)
            }),
        )
    };
    Ok([stream(c"0", 0)?, stream(c"1", 1)?, stream(c"2", 2)?])
}

fn stream_of<T>(streams: &mut [T; 3], number: u32) -> Option<&mut T> {
    streams.get_mut(usize::try_from(number).ok()?)
}

fn number(name: &CStr) -> Option<u32> {
    u32::try_from(decimal(name.to_bytes())?).ok()
}
