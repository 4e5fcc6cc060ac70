//! Debian: `/var/lib/dpkg/info/PACKAGE.list`, one path a line.

use super::{Found, Sought, read};
use crate::model::Text;
use std::{collections::BTreeSet, ffi::OsString, fs, io, path::Path};

/// How much of a program's name a package must begin with to be looked at first.
const RESEMBLANCE: usize = 3;

/// Returns the packages of the files in `sought`; stops when each is found.
pub(super) fn find(info: &Path, sought: &Sought) -> io::Result<Found> {
    let mut found = Found::new();
    let files: BTreeSet<&Vec<u8>> = sought.values().collect();
    let lengths: BTreeSet<usize> = sought.keys().map(Vec::len).collect();
    for list in lists(info, &files)? {
        let Some(package) = list.to_str().and_then(package_of) else {
            continue;
        };
        let Ok(content) = read(&info.join(&list)) else {
            continue;
        };
        let lines = content.split(|byte| *byte == b'\n');
        for line in lines.filter(|line| lengths.contains(&line.len())) {
            if let Some(file) = sought.get(line) {
                found.insert(file.clone(), Text::from(package));
            }
        }
        if found.len() == files.len() {
            break;
        }
    }
    Ok(found)
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
