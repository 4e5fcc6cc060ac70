//! The mark that the linker puts into a program: it stays when the file is copied under another name.
//!
//! Read only of a program that something else makes suspect; who changes the mark changes the file.

use super::{
    bytes::{u16_at, u32_at, u64_at},
    procfs::{ProcDir, read_file},
};
use rustix::fs::CWD;
use std::sync::OnceLock;

/// The mark stands near the beginning of a file.
const HEAD: usize = 16 * 1024;
/// Where shells are installed.
const SHELLS: &[&str] = &[
    "/bin/bash",
    "/bin/dash",
    "/bin/sh",
    "/bin/busybox",
    "/bin/zsh",
    "/bin/ksh93",
    "/bin/mksh",
    "/bin/tcsh",
    "/bin/fish",
    "/usr/bin/bash",
    "/usr/bin/dash",
    "/usr/bin/busybox",
    "/usr/bin/zsh",
    "/usr/bin/ksh93",
    "/usr/bin/mksh",
    "/usr/bin/tcsh",
    "/usr/bin/fish",
];
/// `PT_NOTE`.
const NOTES: u32 = 4;
/// `NT_GNU_BUILD_ID`.
const BUILD_ID: u32 = 3;

/// The name of the installed shell that a process runs a copy of; `None` when it runs none, or its file cannot be read.
pub(super) fn copied_shell(process: &ProcDir) -> Option<&'static str> {
    let head = process.read(c"exe", HEAD).ok()?;
    let mark = build_id(&head)?;
    let known = installed().iter().find(|(known, _)| known == mark)?;
    Some(known.1)
}

/// The marks of the shells that are installed, read once.
fn installed() -> &'static [(Vec<u8>, &'static str)] {
    static INSTALLED: OnceLock<Vec<(Vec<u8>, &'static str)>> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let marks = SHELLS.iter().filter_map(|path| {
            let head = read_file(CWD, *path, HEAD).ok()?;
            let name = path.rsplit('/').next()?;
            Some((build_id(&head)?.to_vec(), name))
        });
        marks.collect()
    })
}

/// The mark in the beginning of an ELF file of 64 bits in this machine's order; `None` in any other.
fn build_id(head: &[u8]) -> Option<&[u8]> {
    if !head.starts_with(b"\x7fELF\x02") {
        return None;
    }
    let table = usize::try_from(u64_at(head, 32)?).ok()?;
    let (size, count) = (
        usize::from(u16_at(head, 54)?),
        usize::from(u16_at(head, 56)?),
    );
    let headers = (0..count).filter_map(|at| head.get(table.checked_add(at * size)?..));
    let notes = headers.filter(|header| u32_at(header, 0) == Some(NOTES));
    let mut notes = notes.filter_map(|header| {
        let offset = usize::try_from(u64_at(header, 8)?).ok()?;
        let length = usize::try_from(u64_at(header, 32)?).ok()?;
        head.get(offset..offset.checked_add(length)?)
    });
    notes.find_map(mark_in)
}

/// The mark among the notes of one segment.
fn mark_in(mut notes: &[u8]) -> Option<&[u8]> {
    let padded = |length: usize| length.checked_next_multiple_of(4);
    loop {
        let name = usize::try_from(u32_at(notes, 0)?).ok()?;
        let length = usize::try_from(u32_at(notes, 4)?).ok()?;
        let begin = 12_usize.checked_add(padded(name)?)?;
        let end = begin.checked_add(length)?;
        let is_mark = u32_at(notes, 8)? == BUILD_ID && notes.get(12..16)? == b"GNU\0";
        if is_mark {
            return notes.get(begin..end).filter(|mark| !mark.is_empty());
        }
        notes = notes.get(begin.checked_add(padded(length)?)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with one segment of these notes, each `(kind, owner, content)`.
    fn elf(notes: &[(u32, &[u8; 4], &[u8])]) -> Vec<u8> {
        let mut segment = vec![];
        for (kind, owner, content) in notes {
            for number in [4, u32::try_from(content.len()).unwrap(), *kind] {
                segment.extend(number.to_ne_bytes());
            }
            segment.extend(*owner);
            segment.extend(*content);
            segment.resize(segment.len().next_multiple_of(4), 0);
        }
        let mut file = b"\x7fELF\x02".to_vec();
        file.resize(64, 0);
        file.splice(32..40, 64_u64.to_ne_bytes());
        file.splice(54..58, [56_u16.to_ne_bytes(), 1_u16.to_ne_bytes()].concat());
        file.extend(NOTES.to_ne_bytes());
        file.resize(64 + 56, 0);
        file.splice(72..80, 120_u64.to_ne_bytes());
        file.splice(96..104, u64::try_from(segment.len()).unwrap().to_ne_bytes());
        file.extend(segment);
        file
    }

    #[test]
    fn the_mark_is_found_behind_other_notes() {
        let file = elf(&[(1, b"GNU\0", b"abc"), (BUILD_ID, b"GNU\0", b"mark")]);
        assert_eq!(build_id(&file), Some(&b"mark"[..]));
        let none = elf(&[(1, b"GNU\0", b"abc"), (BUILD_ID, b"Go\0\0", b"mark")]);
        assert_eq!(build_id(&none), None);
    }

    #[test]
    fn no_file_however_broken_is_more_than_no_mark() {
        let file = elf(&[(1, b"GNU\0", b"abc"), (BUILD_ID, b"GNU\0", b"mark")]);
        for length in 0..file.len() {
            assert_eq!(build_id(&file[..length]), None, "{length}");
        }
        for at in 0..file.len() {
            let mut broken = file.clone();
            broken[at] = 0xff;
            let _whatever_it_says = build_id(&broken);
        }
        assert_eq!(build_id(b"#!/bin/sh\n"), None);
    }
}
