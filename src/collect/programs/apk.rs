//! Alpine: `/lib/apk/db/installed`, records of one letter and a value a line.

use super::{Found, Sought, read};
use crate::model::Text;
use std::{io, path::Path};

/// Returns the packages of the files in `sought`.
pub(super) fn find(installed: &Path, sought: &Sought) -> io::Result<Found> {
    let mut found = Found::new();
    let mut package: &[u8] = b"";
    let mut directory: &[u8] = b"";
    let database = read(installed)?;
    for line in database.split(|byte| *byte == b'\n') {
        match line.split_first_chunk() {
            Some((b"P:", name)) => package = name,
            Some((b"F:", path)) => directory = path,
            Some((b"R:", name)) => {
                let path = [b"/", directory, b"/", name].concat();
                if let Some(file) = sought.get(&path) {
                    found.insert(file.clone(), Text::from_bytes(package));
                }
            }
            _ => {}
        }
    }
    Ok(found)
}
