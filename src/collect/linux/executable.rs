//! The file a process runs, and what stands at its path now.

use super::view::View;
use crate::{
    collect::programs::temporary_directory,
    model::{Executable, Fact, Text, Unseen},
};
use rustix::{fs::FileType, io::Errno};

/// What the kernel writes behind the path of a file that is gone.
const DELETED: &[u8] = b" (deleted)";
/// `S_IWOTH`.
const WORLD_WRITABLE: u32 = 0o002;

/// A file that runs, as the kernel names it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// What the model says of it.
    pub(super) fact: Fact<Executable>,
    /// Its path, byte by byte; `None` when there is none on disk.
    pub(super) path: Option<Vec<u8>>,
}

/// Returns what the link `exe` of `process` says, which was read before.
pub(super) fn seen(view: &View<'_>, link: &Result<Vec<u8>, Errno>) -> Seen {
    let link = match link {
        Ok(link) => link,
        Err(errno) => {
            return Seen {
                fact: Fact::Unknown(unseen(*errno)),
                path: None,
            };
        }
    };
    // A file may itself have a name that ends so.
    let deleted = link.ends_with(DELETED) && !is_same_file(view, link);
    let path = if deleted {
        link.strip_suffix(DELETED).unwrap_or(link)
    } else {
        link
    };
    let memfd = deleted && path.starts_with(b"/memfd:");
    let on_disk = (!memfd).then(|| path.to_vec());
    Seen {
        fact: Fact::Known(Executable {
            path: Text::from_bytes(path),
            deleted,
            file_at_path: !memfd && (!deleted || has_file(view, path)),
            memfd,
            shared_directory: on_disk
                .as_ref()
                .and_then(|path| shared_directory(view, path)),
        }),
        path: on_disk,
    }
}

/// What a process goes by that runs the file at `path`, if that is known, and calls itself `comm`.
pub(super) fn name(view: &View<'_>, path: Option<&[u8]>, comm: &Text) -> Text {
    let file = path.filter(|path| !is_called(view, path, comm));
    file.and_then(file_name)
        .map_or_else(|| comm.clone(), Text::from_bytes)
}

/// The last part of a path.
pub(super) fn file_name(path: &[u8]) -> Option<&[u8]> {
    path.rsplit(|byte| *byte == b'/')
        .next()
        .filter(|name| !name.is_empty())
}

/// Whether the file at `path`, which `process` runs, is called `name` as well, in the same directory.
///
/// Programs that are several in one file are told apart by the name they were started by: `redis-server` is a link to
/// `redis-check-rdb`, `python3` one to `python3.11`. What a process calls itself proves nothing without that.
fn is_called(view: &View<'_>, path: &[u8], name: &str) -> bool {
    let Some(slash) = path.iter().rposition(|byte| *byte == b'/') else {
        return false;
    };
    let (directory, file) = path.split_at(slash + 1);
    if name.is_empty()
        || name.contains('/')
        || matches!(name, "." | "..")
        || file == name.as_bytes()
    {
        return false;
    }
    is_same_file(view, &[directory, name.as_bytes()].concat())
}

/// Why a read failed, in the model's words.
pub(super) fn unseen(errno: Errno) -> Unseen {
    match errno {
        Errno::ACCESS | Errno::PERM => Unseen::NotPermitted,
        Errno::NOENT | Errno::SRCH => Unseen::Gone,
        _ => Unseen::NotSupported,
    }
}

/// Whether what stands at `path` is the file that runs.
fn is_same_file(view: &View<'_>, path: &[u8]) -> bool {
    let stands = view.at(path);
    stands.is_ok_and(|stands| {
        let runs = view.file();
        runs.is_some_and(|runs| (runs.st_dev, runs.st_ino) == stands.file)
    })
}

fn has_file(view: &View<'_>, path: &[u8]) -> bool {
    view.at(path)
        .is_ok_and(|found| FileType::from_raw_mode(found.mode) == FileType::RegularFile)
}

/// The directory in or above which `path` lies and to which anybody can write.
pub(super) fn shared_directory(view: &View<'_>, path: &[u8]) -> Option<Text> {
    if let Some(named) = temporary_directory(path) {
        return (!is_read_only(view, path)).then_some(named);
    }
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes
        .filter_map(|(at, _)| path.get(..at))
        .filter(|directory| !directory.is_empty())
        .find(|directory| {
            view.at(directory)
                .is_ok_and(|found| found.mode & WORLD_WRITABLE != 0)
        })
        .map(Text::from_bytes)
}

/// Whether `path` lies in a file system that nobody can write to, as the process has it mounted: an `AppImage`
/// mounts itself below `/tmp`, and not even root may look into that.
fn is_read_only(view: &View<'_>, path: &[u8]) -> bool {
    let Some(mounts) = view.mounts() else {
        return false;
    };
    let above = mounts.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b' ').skip(4);
        let (point, options) = (fields.next()?, fields.next()?);
        let below = path.strip_prefix(point)?;
        (below.starts_with(b"/") || point == b"/").then_some((point.len(), options))
    });
    // Of several at one place the last one covers the others.
    let nearest = above.max_by_key(|(length, _)| *length);
    nearest.is_some_and(|(_, options)| {
        options
            .split(|byte| *byte == b',')
            .any(|option| option == b"ro")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::linux::{
        procfs::{ProcDir, Procfs},
        view::Views,
    };
    use std::{
        fs,
        os::unix::fs::{PermissionsExt as _, symlink},
    };

    /// A `/proc/42` whose root directory holds `/usr/bin/tool` and a directory for everybody.
    fn fake() -> (tempfile::TempDir, ProcDir) {
        let root = tempfile::tempdir().unwrap();
        let files = root.path().join("files");
        fs::create_dir_all(files.join("usr/bin")).unwrap();
        fs::create_dir_all(files.join("opt/open/bin")).unwrap();
        fs::set_permissions(files.join("opt/open"), fs::Permissions::from_mode(0o777)).unwrap();
        fs::write(files.join("usr/bin/tool"), "x").unwrap();
        fs::write(files.join("usr/bin/odd (deleted)"), "x").unwrap();
        fs::create_dir(root.path().join("42")).unwrap();
        symlink(&files, root.path().join("42/root")).unwrap();
        symlink(
            files.join("usr/bin/odd (deleted)"),
            root.path().join("42/exe"),
        )
        .unwrap();
        let process = Procfs::open(root.path()).unwrap().process(42).unwrap();
        (root, process)
    }

    fn executable(link: &str) -> Executable {
        let (_root, process) = fake();
        let seen = seen(
            &Views::default().of(&process),
            &Ok(link.as_bytes().to_vec()),
        );
        seen.fact.known().unwrap().clone()
    }

    #[test]
    fn a_file_that_was_replaced_is_deleted_and_a_file_is_at_its_path() {
        let tool = executable("/usr/bin/tool (deleted)");
        assert_eq!(tool.path, "/usr/bin/tool");
        assert!(tool.deleted && tool.file_at_path && !tool.memfd);
    }

    #[test]
    fn a_file_that_was_removed_leaves_nothing_at_its_path() {
        let gone = executable("/usr/bin/gone (deleted)");
        assert!(gone.deleted && !gone.file_at_path);
    }

    #[test]
    fn a_name_that_ends_in_deleted_is_not_a_deletion() {
        let odd = executable("/usr/bin/odd (deleted)");
        assert_eq!(odd.path, "/usr/bin/odd (deleted)");
        assert!(!odd.deleted);
    }

    #[test]
    fn an_anonymous_file_is_recognised() {
        let memfd = executable("/memfd:kworker (deleted)");
        assert!(memfd.memfd && memfd.deleted && !memfd.file_at_path);
        assert_eq!(memfd.path, "/memfd:kworker");
    }

    #[test]
    fn a_process_is_called_by_a_link_to_its_file_but_not_as_it_likes() {
        let (root, process) = fake();
        let bin = root.path().join("files/usr/bin");
        symlink(bin.join("odd (deleted)"), bin.join("odd")).unwrap();
        let odd = b"/usr/bin/odd (deleted)";
        assert!(is_called(&Views::default().of(&process), odd, "odd"));
        assert!(
            !is_called(&Views::default().of(&process), odd, "tool"),
            "another file"
        );
        assert!(
            !is_called(&Views::default().of(&process), odd, "sshd"),
            "no file"
        );
        assert!(
            !is_called(&Views::default().of(&process), odd, "../bin/odd"),
            "no name"
        );
        assert!(
            !is_called(&Views::default().of(&process), odd, ""),
            "nothing"
        );
        assert!(
            !is_called(&Views::default().of(&process), b"memfd:odd", "odd"),
            "nowhere"
        );
    }

    #[test]
    fn temporary_and_world_writable_directories_are_named() {
        assert_eq!(executable("/tmp/.x/y").shared_directory.unwrap(), "/tmp");
        assert_eq!(
            executable("/dev/shm/y").shared_directory.unwrap(),
            "/dev/shm"
        );
        assert_eq!(
            executable("/opt/open/bin/y").shared_directory.unwrap(),
            "/opt/open"
        );
        assert_eq!(executable("/usr/bin/tool").shared_directory, None);
        assert_eq!(executable("/tmpfiles/y").shared_directory, None);
    }

    #[test]
    fn nobody_puts_a_file_into_an_image_that_is_mounted_to_be_read() {
        let (root, process) = fake();
        let mounts = "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n\
            90 22 0:50 / /tmp/.mount_appX ro,nosuid,nodev - fuse.app app ro,user_id=1000\n";
        fs::write(root.path().join("42/mountinfo"), mounts).unwrap();
        let views = Views::default();
        let view = views.of(&process);
        let shared = |path: &str| shared_directory(&view, path.as_bytes());
        assert_eq!(shared("/tmp/.mount_appX/usr/bin/app"), None);
        assert_eq!(shared("/tmp/.mount_appXY/app"), Some(Text::from("/tmp")));
        assert_eq!(shared("/tmp/.x/y"), Some(Text::from("/tmp")));
    }

    #[test]
    fn a_refusal_is_told_from_a_disappearance() {
        let (_root, process) = fake();
        let refused = seen(&Views::default().of(&process), &Err(Errno::ACCESS)).fact;
        assert_eq!(refused, Fact::Unknown(Unseen::NotPermitted));
        let gone = seen(&Views::default().of(&process), &Err(Errno::NOENT)).fact;
        assert_eq!(gone, Fact::Unknown(Unseen::Gone));
    }
}
