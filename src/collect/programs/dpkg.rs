//! Debian: `/var/lib/dpkg/info/PACKAGE.list`, one path a line.

use super::{Found, Sought, read};
use crate::model::Text;
use std::{fs, io, path::Path};

/// Returns the packages of the files in `sought`.
pub(super) fn find(info: &Path, sought: &Sought) -> io::Result<Found> {
    let mut found = Found::new();
    for entry in fs::read_dir(info)? {
        let path = entry?.path();
        let Some(package) = package_of(&path) else {
            continue;
        };
        let Ok(list) = read(&path) else { continue };
        for line in list.split(|byte| *byte == b'\n') {
            if let Some(file) = sought.get(line) {
                found.insert(file.clone(), Text::from(package));
            }
        }
    }
    Ok(found)
}

/// `libc6` of `libc6:amd64.list`.
fn package_of(list: &Path) -> Option<&str> {
    let name = list.file_name()?.to_str()?.strip_suffix(".list")?;
    name.split(':').next()
}
