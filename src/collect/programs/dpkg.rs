//! Debian: `/var/lib/dpkg/info/PACKAGE.list`, one path a line.

use super::{Found, Sought, read_into};
use crate::model::Text;
use memchr::memmem::Finder;
use std::{collections::HashSet, fs, io, path::Path};

/// More names than this are found faster by looking every line up than by searching for each.
const MOST_SEARCHES: usize = 32;

/// The longest list that is worth keeping a buffer for.
const USUAL: usize = 256 * 1024;

/// Returns the packages of the files in `sought`.
pub(super) fn find(info: &Path, sought: &Sought) -> io::Result<Found> {
    let files = sought.values().collect::<HashSet<_>>().len();
    let search = Search::for_names(sought);
    let mut found = Found::new();
    let mut list = Vec::with_capacity(USUAL);
    for entry in fs::read_dir(info)? {
        if found.len() == files {
            break;
        }
        let path = entry?.path();
        let Some(package) = package_of(&path) else {
            continue;
        };
        if read_into(&path, &mut list).is_ok() {
            search.each(&list, |file| {
                found.insert(file.to_vec(), Text::from(package));
            });
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

/// `libc6` of `libc6:amd64.list`.
fn package_of(list: &Path) -> Option<&str> {
    let name = list.file_name()?.to_str()?.strip_suffix(".list")?;
    name.split(':').next()
}
