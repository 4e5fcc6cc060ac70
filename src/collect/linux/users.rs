//! Names of users, from `/etc/passwd`, kept until an unknown number appears.

use super::bytes::decimal;
use crate::model::Text;
use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    fs::File,
    io::Read as _,
    os::unix::ffi::OsStrExt as _,
    path::PathBuf,
};

/// Longer than the user database of any one machine.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Most are shorter, so that they are read in one go.
const USUAL: usize = 8 * 1024;

/// The users of this machine.
#[derive(Debug)]
pub(super) struct Users {
    path: PathBuf,
    names: HashMap<u32, Text>,
    /// Numbers that were looked for in vain.
    nameless: HashSet<u32>,
}

impl Users {
    /// The users listed in the file at `path`.
    pub(super) fn from_file(path: PathBuf) -> Self {
        Self {
            path,
            names: HashMap::new(),
            nameless: HashSet::new(),
        }
    }

    /// Returns the name of a user; reads the file again for a number never seen.
    pub(super) fn name(&mut self, uid: u32) -> Option<Text> {
        if !self.names.contains_key(&uid) && self.nameless.insert(uid) {
            self.names = names_in(&self.read());
        }
        self.names.get(&uid).cloned()
    }

    /// Returns the home of a user, where the file names one.
    pub(super) fn home(&self, uid: u32) -> Option<PathBuf> {
        let file = self.read();
        let line = file.split(|byte| *byte == b'\n').find(|line| {
            let number = line.split(|byte| *byte == b':').nth(2).and_then(decimal);
            number == Some(u64::from(uid))
        })?;
        let home = line.split(|byte| *byte == b':').nth(5)?;
        let home = PathBuf::from(OsStr::from_bytes(home));
        home.is_absolute().then_some(home)
    }

    fn read(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(USUAL);
        // Without the file nobody has a name, which is what an empty one says.
        if let Ok(file) = File::open(&self.path) {
            drop(file.take(LONGEST).read_to_end(&mut bytes));
        }
        bytes
    }
}

/// Reads `name:password:uid:…` lines; the first name of a number counts.
fn names_in(file: &[u8]) -> HashMap<u32, Text> {
    let mut names = HashMap::new();
    for line in file.split(|byte| *byte == b'\n') {
        let mut fields = line.split(|byte| *byte == b':');
        if let (Some(name), Some(uid)) = (fields.next(), fields.nth(1))
            && let Some(uid) = decimal(uid).and_then(|uid| u32::try_from(uid).ok())
        {
            names.entry(uid).or_insert_with(|| Text::from_bytes(name));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_user_made_later_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("passwd");
        fs::write(
            &path,
            "root:x:0:0:root:/root:/bin/sh\n# nonsense\nbad:x:y\n",
        )
        .unwrap();
        let mut users = Users::from_file(path.clone());
        assert_eq!(users.name(0).unwrap(), "root");
        fs::write(
            &path,
            "root:x:0:0::/:\nalice:x:1000:1000::/:\nalias:x:1000:1::/:\n",
        )
        .unwrap();
        assert_eq!(users.name(1000).unwrap(), "alice");
        assert_eq!(users.name(7), None);
        assert_eq!(users.home(0), Some(PathBuf::from("/")));
        assert_eq!(users.home(7), None);
        fs::write(&path, "alice:x:1000:1000:,,:/home/alice:/bin/sh\n").unwrap();
        assert_eq!(users.home(1000), Some(PathBuf::from("/home/alice")));
    }
}
