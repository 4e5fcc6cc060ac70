//! Work with the rights of the one who called `sudo`, and whose files are believed.

use std::{fs::Metadata, io};

/// The one who called `sudo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) struct User {
    /// User id.
    pub(in crate::config) uid: u32,
    /// Group id; without one only the user changes.
    pub(in crate::config) gid: Option<u32>,
}

/// Whose files are believed: root's, our own, and those of the one who called `sudo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) struct Trust {
    pub(in crate::config) euid: Option<u32>,
    pub(in crate::config) caller: Option<u32>,
}

impl Trust {
    /// Why a file is not believed. Of one that was asked for, the owner is not looked at.
    #[cfg(unix)]
    pub(in crate::config) fn refuses(self, file: &Metadata, asked_for: bool) -> Option<String> {
        use std::os::unix::fs::MetadataExt as _;
        const WORLD_WRITABLE: u32 = 0o002;
        if file.mode() & WORLD_WRITABLE != 0 {
            return Some("can be written by everybody".to_owned());
        }
        let known = [Some(0), self.euid, self.caller];
        let owner = file.uid();
        let is_strangers = !asked_for && self.euid.is_some() && !known.contains(&Some(owner));
        is_strangers.then(|| format!("belongs to user {owner}, neither you nor root"))
    }

    /// Why a file is not believed: nothing on this platform tells.
    #[cfg(not(unix))]
    pub(in crate::config) fn refuses(self, _: &Metadata, _: bool) -> Option<String> {
        None
    }
}

/// What tells a file from the one that takes its place; zeros where nothing does.
pub(super) fn identity(file: &Metadata) -> [u64; 2] {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        [file.ino(), file.ctime_nsec().cast_unsigned()]
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        [0, 0]
    }
}

/// Runs `work` as `user`, on a thread of its own that has no other rights; without one, here.
///
/// # Errors
///
/// Says why the rights could not be given up; then nothing was done.
#[cfg(target_os = "linux")]
pub(in crate::config) fn run<T: Send>(
    user: Option<User>,
    work: impl FnOnce() -> T + Send,
) -> io::Result<T> {
    let Some(user) = user else {
        return Ok(work());
    };
    let done = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            give_up_rights(user)?;
            Ok(work())
        });
        thread.join()
    });
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Makes this thread, and no other, one of `user`.
#[cfg(target_os = "linux")]
fn give_up_rights(user: User) -> io::Result<()> {
    use rustix::{
        process::{Gid, Uid},
        thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
    };
    set_thread_groups(&[])?;
    if let Some(gid) = user.gid.map(Gid::from_raw) {
        set_thread_res_gid(gid, gid, gid)?;
    }
    let uid = Uid::from_raw(user.uid);
    Ok(set_thread_res_uid(uid, uid, uid)?)
}

/// Runs `work`: other platforms have no rights of a single thread.
#[cfg(not(target_os = "linux"))]
pub(in crate::config) fn run<T: Send>(
    _: Option<User>,
    work: impl FnOnce() -> T + Send,
) -> io::Result<T> {
    Ok(work())
}
