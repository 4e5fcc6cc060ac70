//! Debian: `/var/lib/dpkg/info/PACKAGE.list`, one path a line.

use super::{Found, Sought, read_into};
use crate::model::Text;
use memchr::memmem::Finder;
use std::{collections::BTreeSet, ffi::OsString, fs, io, path::Path};

/// More names than this are found faster by looking every line up than by searching for each.
const MOST_SEARCHES: usize = 32;

/// The longest list that is worth keeping a buffer for.
const USUAL: usize = 256 * 1024;

/// How much of a program's name a package must begin with to be looked at first.
const RESEMBLANCE: usize = 3;

/// Returns the packages of the files in `sought`; stops when each is found.
pub(super) fn find(info: &Path, sought: &Sought) -> io::Result<Found> {
    let files: BTreeSet<&Vec<u8>> = sought.values().collect();
    let search = Search::for_names(sought);
    let mut found = Found::new();
    let mut content = Vec::with_capacity(USUAL);
    for list in lists(info, &files)? {
        let Some(package) = list.to_str().and_then(package_of) else {
            continue;
        };
        if read_into(&info.join(&list), &mut content).is_ok() {
            search.each(&content, |file| {
                found.insert(file.to_vec(), Text::from(package));
            });
        }
        if found.len() == files.len() {
            break;
        }
    }
    Ok(found)
}

/// How the names are looked for in a list.
enum Search<'a> {
    /// A search through the bytes for each.
    Names(Vec<(Finder<'a>, &'a [u8])>),
    /// Every line looked up.
    Lines(&'a Sought),
}

impl<'a> Search<'a> {
    fn for_names(sought: &'a Sought) -> Self {
        if sought.len() > MOST_SEARCHES {
            return Self::Lines(sought);
        }
        let names = sought
            .iter()
            .map(|(name, file)| (Finder::new(name), file.as_slice()));
        Self::Names(names.collect())
    }

    /// Calls `hit` with each file that `list` names.
    fn each(&self, list: &[u8], mut hit: impl FnMut(&[u8])) {
        match self {
            Self::Names(names) => {
                for (finder, file) in names {
                    let mut places = finder.find_iter(list);
                    if places.any(|at| is_line(list, at, finder.needle().len())) {
                        hit(file);
                    }
                }
            }
            Self::Lines(sought) => {
                for line in list.split(|byte| *byte == b'\n') {
                    if let Some(file) = sought.get(line) {
                        hit(file);
                    }
                }
            }
        }
    }
}

/// Whether the bytes at `at` are a line of their own, not a part of a longer path.
fn is_line(list: &[u8], at: usize, length: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| list.get(before));
    let behind = list.get(at + length);
    before.is_none_or(|byte| *byte == b'\n') && behind.is_none_or(|byte| *byte == b'\n')
}

/// The lists, those first whose package is called like one of the programs.
fn lists(info: &Path, files: &BTreeSet<&Vec<u8>>) -> io::Result<Vec<OsString>> {
    let beginnings: BTreeSet<&[u8]> = files
        .iter()
        .filter_map(|file| file.rsplit(|byte| *byte == b'/').next()?.get(..RESEMBLANCE))
        .collect();
    let mut lists = fs::read_dir(info)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<Vec<_>>>()?;
    lists.sort_by_cached_key(|list| {
        let beginning = list.as_encoded_bytes().get(..RESEMBLANCE);
        !beginning.is_some_and(|beginning| beginnings.contains(beginning))
    });
    Ok(lists)
}

/// `libc6` of `libc6:amd64.list`.
fn package_of(list: &str) -> Option<&str> {
    list.strip_suffix(".list")?.split(':').next()
}
