//! One descriptor table, read from `/proc`.
//!
//! Looking at a link costs four times as much as listing its name, so a link is looked at only where what we know
//! of its number cannot be so any more. Where nothing is known and the kernel says how many descriptors there are, the
//! numbers are counted up instead of listed: they are handed out from below, and that spares the listing. Only what
//! lies behind a gap is asked for.

use crate::collect::linux::{
    bytes::decimal,
    procfs::LISTING,
    target::{Target, pipe_inode, socket_inode},
};
use rustix::{
    fd::AsFd,
    fs::{RawDir, SeekFrom, Stat, fstat, readlinkat_raw, seek},
    io::Errno,
    path::DecInt,
};
use std::{ffi::CStr, mem};

/// The most pipes and terminals remembered of one process.
const MOST_PIPES: usize = 1024;

/// The most descriptors that room is made for at once.
const MOST_ROOM: usize = 1 << 16;
/// So many gaps between the numbers end the counting: then listing is cheaper.
const MOST_GAPS: usize = 4;
/// Room for the names of one or two descriptors in a listing.
const NAME_ROOM: usize = 64;
/// The listing of a table has two names before those of descriptors, and then one place for each number.
const BEFORE_DESCRIPTORS: u64 = 2;

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

/// One descriptor of a process: 12 bytes, since every one there is on this machine is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::collect::linux) struct Descriptor {
    pub(in crate::collect::linux) number: u32,
    /// What it stands for: the highest two bits say of what kind, the others are the inode.
    packed: [u32; 2],
}

const _: () = assert!(size_of::<Descriptor>() == 12);

const SOCKET: u64 = 1 << 62;
const PIPE: u64 = 2 << 62;
const MASTER: u64 = 3 << 62;
/// Higher than any inode: the kernel counts those of sockets and pipes up from 1.
const INODE: u64 = (1 << 62) - 1;

impl Descriptor {
    pub(in crate::collect::linux) fn new(number: u32, what: What) -> Self {
        let word = match what {
            What::Socket(inode) => SOCKET | inode & INODE,
            What::Pipe(inode) => PIPE | inode & INODE,
            What::Master => MASTER,
            What::Other => 0,
        };
        let half = |word: u64| u32::try_from(word & u64::from(u32::MAX)).unwrap_or(0);
        let packed = [half(word >> 32), half(word)];
        Self { number, packed }
    }

    /// What it stands for.
    pub(in crate::collect::linux) fn what(&self) -> What {
        let [high, low] = self.packed.map(u64::from);
        let word = high << 32 | low;
        let inode = word & INODE;
        match word & !INODE {
            SOCKET => What::Socket(inode),
            PIPE => What::Pipe(inode),
            MASTER => What::Master,
            _ => What::Other,
        }
    }
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
    /// How many pipes and terminals were looked at.
    pipes: usize,
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

    /// Reads the table behind `directory`, of which nothing is known, and in which there are `length` descriptors where
    /// the kernel tells that.
    ///
    /// # Errors
    ///
    /// As [`Self::list`].
    pub(super) fn read(&mut self, directory: impl AsFd, length: usize) -> Result<Listing, Errno> {
        let mut listing = Listing::of_room(length);
        if length > 0 {
            self.count_up(&directory, length, &mut listing)?;
            let is_still = |stat: Stat| usize::try_from(stat.st_size) == Ok(length);
            if listing.descriptors.len() == length && fstat(&directory).is_ok_and(is_still) {
                return Ok(listing);
            }
            seek(&directory, SeekFrom::Start(0))?;
        }
        let streams = listing.streams;
        let mut whole = self.list(directory, &listing.descriptors, length, |_| true)?;
        for (known, found) in streams.into_iter().zip(&mut whole.streams) {
            if found.is_none() {
                *found = known;
            }
        }
        Ok(whole)
    }

    /// Looks at each number from 0 on until `length` were found; what lies behind a gap is asked for, or listed.
    ///
    /// A kernel that counts the places of a listing otherwise tells others, or none: whoever asks compares how many
    /// there are.
    fn count_up(
        &mut self,
        directory: impl AsFd,
        length: usize,
        listing: &mut Listing,
    ) -> Result<(), Errno> {
        let (mut number, mut gaps, mut is_in_gap) = (0, 0, false);
        while listing.descriptors.len() < length {
            let looked = look(&directory, DecInt::new(number).as_c_str(), number)?;
            let is_open = looked.is_some();
            listing.add(looked, number);
            number += 1;
            if is_open {
                is_in_gap = false;
                continue;
            }
            if !mem::replace(&mut is_in_gap, true) {
                gaps += 1;
                if gaps > MOST_GAPS {
                    return self.list_from(&directory, number, listing);
                }
                // Most gaps are one number wide.
                continue;
            }
            match self.next_open(&directory, number) {
                Some(next) => number = next,
                None => break,
            }
        }
        Ok(())
    }

    /// The first number that is open from this one on.
    fn next_open(&mut self, directory: impl AsFd, from: u32) -> Option<u32> {
        let room = self.buffer.spare_capacity_mut().get_mut(..NAME_ROOM)?;
        go_to(&directory, from)?;
        let mut entries = RawDir::new(&directory, room);
        let next = number(entries.next()?.ok()?.file_name())?;
        (next >= from).then_some(next)
    }

    /// Adds the descriptors from this number on.
    fn list_from(
        &mut self,
        directory: impl AsFd,
        mut from: u32,
        listing: &mut Listing,
    ) -> Result<(), Errno> {
        if go_to(&directory, from).is_none() {
            return Ok(());
        }
        let mut entries = RawDir::new(&directory, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if let Some(number) = number(name).filter(|number| *number >= from) {
                listing.add(look(&directory, name, number)?, number);
                from = number.saturating_add(1);
            }
        }
        Ok(())
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
        let mut listing = Listing::of_room(room.max(known.len()));
        let mut known = known.iter().peekable();
        let mut entries = RawDir::new(&directory, self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            let Some(number) = number(name) else { continue };
            while known.next_if(|before| before.number < number).is_some() {}
            let before = known.next_if(|before| before.number == number);
            match before.filter(|before| holds(before)) {
                Some(before) => listing.descriptors.push(*before),
                None => listing.add(look(&directory, name, number)?, number),
            }
        }
        if !listing.descriptors.is_sorted_by_key(|one| one.number) {
            listing.descriptors.sort_unstable_by_key(|one| one.number);
        }
        Ok(listing)
    }
}

impl Listing {
    /// These, by number, and those of the standard streams that were looked at.
    pub(super) fn of(descriptors: Vec<Descriptor>, streams: [Option<Target>; 3]) -> Self {
        Self {
            descriptors,
            streams,
            pipes: 0,
        }
    }

    fn of_room(descriptors: usize) -> Self {
        Self::of(
            Vec::with_capacity(descriptors.min(MOST_ROOM) + 1),
            [None, None, None],
        )
    }

    /// Adds what was found under a number; nothing when it is not open.
    fn add(&mut self, looked: Option<(What, Option<Target>)>, number: u32) {
        let Some((mut what, stream)) = looked else {
            return;
        };
        if matches!(what, What::Pipe(_) | What::Master) {
            self.pipes += 1;
            if self.pipes > MOST_PIPES {
                what = What::Other;
            }
        }
        if let (Some(found), Some(slot)) = (stream, stream_of(&mut self.streams, number)) {
            *slot = Some(found);
        }
        self.descriptors.push(Descriptor::new(number, what));
    }
}

/// Goes to the place of this number in a listing; `None` where that cannot be.
fn go_to(directory: impl AsFd, number: u32) -> Option<()> {
    let place = BEFORE_DESCRIPTORS + u64::from(number);
    seek(directory, SeekFrom::Start(place)).ok().map(|_| ())
}

/// Returns what `number` stands for now; `None` when it is closed.
pub(super) fn probe(directory: impl AsFd, number: u32) -> Result<Option<What>, Errno> {
    let name = DecInt::new(number);
    Ok(look(directory, name.as_c_str(), u32::MAX)?.map(|(what, _)| what))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::procfs::Procfs;
    use std::{
        fs,
        io::{Read as _, Write as _},
        os::unix::fs::symlink,
        path::Path,
        process::{Command, Stdio},
    };

    fn numbers(listing: &Listing) -> Vec<u32> {
        listing.descriptors.iter().map(|one| one.number).collect()
    }

    #[test]
    fn a_table_is_read_whole_however_many_descriptors_the_kernel_speaks_of() {
        let mut cat = Command::new("bash")
            .args(["-c", "exec 40<&0 41<&0 90<&0; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Once it answers, it has the descriptors that it keeps.
        let mut answer = [0];
        cat.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        cat.stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut answer)
            .unwrap();
        let procfs = Procfs::open(Path::new("/proc")).unwrap();
        let read = |length| {
            let directory = procfs.list_descriptors(cat.id()).unwrap();
            Reader::new().read(directory, length).unwrap()
        };
        let listed = read(0);
        assert!(numbers(&listed).starts_with(&[0, 1, 2]), "{listed:?}");
        assert!(matches!(listed.descriptors[0].what(), What::Pipe(_)));
        let open = listed.descriptors.len();
        for length in [1, open, open + 1, open + 1000] {
            let counted = read(length);
            assert_eq!(counted.descriptors, listed.descriptors, "{length}");
            assert_eq!(counted.streams, listed.streams, "{length}");
        }
        let mut behind = Listing::of_room(0);
        let directory = procfs.list_descriptors(cat.id()).unwrap();
        Reader::new().list_from(directory, 40, &mut behind).unwrap();
        assert!(numbers(&behind).starts_with(&[40, 41, 90]), "{behind:?}");
        assert!(listed.descriptors.ends_with(&behind.descriptors));
        cat.kill().unwrap();
        cat.wait().unwrap();
    }

    #[test]
    fn numbers_that_lie_far_apart_are_listed() {
        let root = tempfile::tempdir().unwrap();
        let open = [0, 1, 2, 30, 31, 255, 9000];
        for number in open {
            let name = root.path().join(number.to_string());
            symlink(format!("socket:[{number}]"), name).unwrap();
        }
        fs::write(root.path().join("no number"), "").unwrap();
        let directory = || fs::File::open(root.path()).unwrap();
        let listing = Reader::new().read(directory(), open.len()).unwrap();
        assert_eq!(numbers(&listing), open);
        assert_eq!(listing.descriptors[5].what(), What::Socket(255));
        assert_eq!(listing.streams[1], Some(Target::Socket(1)));
    }

    #[test]
    fn what_a_descriptor_stands_for_is_kept_whole() {
        for what in [
            What::Socket(u32::MAX.into()),
            What::Socket(1 << 40),
            What::Pipe(1 << 61),
            What::Master,
            What::Other,
        ] {
            let descriptor = Descriptor::new(u32::MAX, what);
            assert_eq!((descriptor.number, descriptor.what()), (u32::MAX, what));
        }
    }
}
