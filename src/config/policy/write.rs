//! A file in place of another, at once or not at all.

use std::{
    collections::hash_map::RandomState,
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    hash::{BuildHasher as _, Hasher as _},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Keeps others of us from writing at the same time, until it is dropped.
///
/// The directory is locked and not the file, which another one replaces. It is made when it is not there,
/// for its owner alone. What is no such directory, or knows no locks, is not locked.
pub(super) fn lock(path: &Path) -> io::Result<Option<File>> {
    let directory = directory_of(path);
    make(directory)?;
    let Ok(directory) = File::open(directory) else {
        return Ok(None);
    };
    match directory.try_lock() {
        Ok(()) => Ok(Some(directory)),
        Err(TryLockError::WouldBlock) => Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "another portwise is writing it; try again",
        )),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

fn make(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Puts `text` where `path` leads.
///
/// A link stays a link, to the file that is replaced. Mode and owner stay; a new file is for its owner
/// alone, unless it is `shared`.
pub(super) fn replace(path: &Path, text: &str, shared: bool) -> io::Result<()> {
    let real = match fs::canonicalize(path) {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_path_buf(),
        Err(error) => return Err(error),
    };
    // A link into nowhere would be replaced itself.
    if fs::symlink_metadata(&real).is_ok_and(|found| found.is_symlink()) {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "it is a link to a file that is not there",
        ));
    }
    let (new, mut file) = create(&real)?;
    let written = dress(&file, &real, shared)
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&new, &real));
    if written.is_err() {
        // What is half written is no use to anybody.
        drop(fs::remove_file(&new));
    }
    written
}

/// Removes the file at `path`. A link is somebody's own: what it leads to is emptied.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return replace(path, "", false);
    }
    fs::remove_file(path)
}

/// Makes a file beside `path` that nobody else has, which only its owner can read.
fn create(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Random keys are all that is wanted of the map's hasher.
    let random = RandomState::new().build_hasher().finish();
    let new = directory_of(path).join(format!(".{name}.{random:016x}"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&new)?;
    Ok((new, file))
}

/// Gives `file` the mode and the owner of what stands at `path`.
fn dress(file: &File, path: &Path, shared: bool) -> io::Result<()> {
    let Ok(old) = fs::metadata(path) else {
        return set_mode(file, if shared { 0o644 } else { 0o600 });
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        // Only root may give a file away; another's file becomes ours then, with the same mode.
        drop(fchown(file, Some(old.uid()), Some(old.gid())));
    }
    file.set_permissions(old.permissions())
}

fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    return file
        .set_permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(mode));
    #[cfg(not(unix))]
    {
        let _ = (file, mode, Permissions::readonly);
        Ok(())
    }
}

fn directory_of(path: &Path) -> &Path {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}
