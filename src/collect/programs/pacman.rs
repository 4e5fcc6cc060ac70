//! Arch: `/var/lib/pacman/local/NAME-VERSION-RELEASE/files`, one path a line without its slash.

use super::{Found, Sought, read};
use crate::model::Text;
use std::{fs, io, path::Path};

/// Returns the packages of the files in `sought`.
pub(super) fn find(local: &Path, sought: &Sought) -> io::Result<Found> {
    let mut found = Found::new();
    for entry in fs::read_dir(local)? {
        let entry = entry?;
        let directory = entry.file_name();
        let Some(package) = directory.to_str().and_then(package_of) else {
            continue;
        };
        let Ok(list) = read(&entry.path().join("files")) else {
            continue;
        };
        for line in list.split(|byte| *byte == b'\n') {
            let path = [b"/", line].concat();
            if let Some(file) = sought.get(&path) {
                found.insert(file.clone(), Text::from(package));
            }
        }
    }
    Ok(found)
}

/// `nginx-mainline` of `nginx-mainline-1.27.0-1`.
pub(super) fn package_of(directory: &str) -> Option<&str> {
    directory.rsplitn(3, '-').nth(2)
}
