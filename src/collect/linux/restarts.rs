//! Whether systemd starts a unit again: `Restart=` of the unit's files, read as systemd reads them.

use super::users::Users;
use crate::model::{Restarts, Text};
use rustix::{
    fd::AsFd as _,
    fs::{CWD, FileType, Mode, OFlags, fstat, openat},
};
use std::{
    fs::{self, File},
    io::Read as _,
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
};

/// The most that is read of a file.
const LONGEST: u64 = 64 * 1024;
/// The most drop-ins of a unit.
const MOST_DROP_INS: usize = 64;

/// Where the system's units are described, the most important folder first.
const SYSTEM: [&str; 11] = [
    "etc/systemd/system.control",
    "run/systemd/system.control",
    "run/systemd/transient",
    "run/systemd/generator.early",
    "etc/systemd/system",
    "run/systemd/system",
    "run/systemd/generator",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
    "run/systemd/generator.late",
];

/// Where those of every user are, behind those of one.
const USER: [&str; 6] = [
    "etc/xdg/systemd/user",
    "etc/systemd/user",
    "run/systemd/user",
    "usr/local/lib/systemd/user",
    "usr/lib/systemd/user",
    "lib/systemd/user",
];

/// Where those of one user are, in the folder that lasts as long as the session, then at home.
const IN_RUNTIME: [&str; 5] = [
    "user.control",
    "transient",
    "generator.early",
    "user",
    "generator",
];
const AT_HOME: [&str; 3] = [
    ".config/systemd/user.control",
    ".config/systemd/user",
    ".local/share/systemd/user",
];

/// Where units are described.
#[derive(Debug)]
pub(super) struct Units {
    root: PathBuf,
}

impl Units {
    /// The folders of a system whose files begin at `root`.
    pub(super) fn of_system(root: &Path) -> Self {
        Self { root: root.into() }
    }

    /// The folders of one manager, the most important first.
    fn folders(&self, user: Option<u32>) -> Vec<PathBuf> {
        let Some(uid) = user else {
            return SYSTEM.map(|place| self.root.join(place)).to_vec();
        };
        let runtime = self.root.join(format!("run/user/{uid}/systemd"));
        let home = Users::from_file(self.root.join("etc/passwd")).home(uid);
        let home = home.map(|home| self.root.join(home.strip_prefix("/").unwrap_or(&home)));
        let mut folders: Vec<PathBuf> = IN_RUNTIME.map(|place| runtime.join(place)).to_vec();
        folders.extend(
            home.iter()
                .flat_map(|home| AT_HOME.map(|place| home.join(place))),
        );
        folders.extend(USER.map(|place| self.root.join(place)));
        folders
    }
}

/// Whether the manager starts `unit` again; `user` is whose manager, `None` the system's.
pub(super) fn restarts(unit: &str, user: Option<u32>, units: &Units) -> Restarts {
    if unit.contains('/') {
        return Restarts::Unknown;
    }
    let folders = units.folders(user);
    let text = |path: &Path| text(path, user);
    let names = names(unit);
    let main = names.iter().find_map(|name| {
        let mut paths = folders.iter().map(|folder| folder.join(name));
        paths.find_map(|path| text(&path))
    });
    let Some(main) = main else {
        return Restarts::Unknown;
    };
    let mut policy = None;
    assign(&mut policy, &main);
    for drop_in in drop_ins(&names, &folders) {
        if let Some(text) = text(&drop_in) {
            assign(&mut policy, &text);
        }
    }
    match policy.as_deref() {
        None | Some("" | "no") => Restarts::Never,
        Some(words @ ("always" | "on-success")) => Restarts::Yes(Text::from(words)),
        Some(words @ ("on-failure" | "on-abnormal" | "on-abort" | "on-watchdog")) => {
            Restarts::OnFailure(Text::from(words))
        }
        Some(_) => Restarts::Unknown,
    }
}

/// The file names that describe a unit: of `getty@tty1.service` also `getty@.service`.
fn names(unit: &str) -> Vec<String> {
    let mut names = vec![unit.to_owned()];
    if let Some((template, rest)) = unit.split_once('@')
        && let Some((_, kind)) = rest.rsplit_once('.')
    {
        names.push(format!("{template}@.{kind}"));
    }
    names
}

/// The drop-ins, in the order in which they are read: by file name, and one of a more important folder in
/// place of those of its name in others.
fn drop_ins(names: &[String], folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut found: Vec<(String, PathBuf)> = vec![];
    let every = std::iter::once("service").chain(names.iter().map(String::as_str));
    for name in every {
        for folder in folders {
            let Ok(entries) = fs::read_dir(folder.join(format!("{name}.d"))) else {
                continue;
            };
            for entry in entries.take(MOST_DROP_INS).filter_map(Result::ok) {
                let file = entry.file_name().to_string_lossy().into_owned();
                let is_new = found.iter().all(|(other, _)| *other != file);
                let is_drop_in = Path::new(&file)
                    .extension()
                    .is_some_and(|kind| kind == "conf");
                if is_drop_in && is_new {
                    found.push((file, entry.path()));
                }
            }
        }
    }
    found.sort();
    found.truncate(MOST_DROP_INS);
    found.into_iter().map(|(_, path)| path).collect()
}

/// Takes over what `text` says of `Restart=` in its section `[Service]`.
fn assign(policy: &mut Option<String>, text: &str) {
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if section == "[Service]"
            && let Some((key, value)) = line.split_once('=')
            && key.trim_end() == "Restart"
        {
            *policy = Some(value.trim().to_owned());
        }
    }
}

/// What stands in a file that `user` may have put there, or root.
///
/// Such a place may hold anything: it is looked at before it is opened, since opening a pipe waits, and
/// opening a device does something. A file of somebody else is none.
fn text(path: &Path, user: Option<u32>) -> Option<String> {
    let seen = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let stat = fstat(&seen).ok()?;
    let is_theirs = user.is_none() || stat.st_uid == 0 || Some(stat.st_uid) == user;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || !is_theirs {
        return None;
    }
    let same = format!("/proc/self/fd/{}", seen.as_fd().as_raw_fd());
    let mut bytes = vec![];
    let file = File::open(same).ok()?;
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn write(root: &TempDir, path: &str, text: &str) {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn said(root: &TempDir, unit: &str, user: Option<u32>) -> Restarts {
        restarts(unit, user, &Units::of_system(root.path()))
    }

    #[test]
    fn the_last_word_on_restart_counts() {
        let root = tempfile::tempdir().unwrap();
        let unit = "usr/lib/systemd/system/web.service";
        write(
            &root,
            unit,
            "[Unit]\nRestart=always\n[Service]\nRestart = on-failure\n",
        );
        assert_eq!(
            said(&root, "web.service", None),
            Restarts::OnFailure("on-failure".into())
        );
        let drop_in = "etc/systemd/system/web.service.d/50-more.conf";
        write(&root, drop_in, "[Service]\nRestart=always\n");
        assert_eq!(
            said(&root, "web.service", None),
            Restarts::Yes("always".into())
        );
        write(
            &root,
            "run/systemd/system/service.d/90-off.conf",
            "[Service]\nRestart=no\n",
        );
        assert_eq!(said(&root, "web.service", None), Restarts::Never);
    }

    #[test]
    fn the_file_in_etc_takes_the_place_of_the_packages() {
        let root = tempfile::tempdir().unwrap();
        write(
            &root,
            "lib/systemd/system/web.service",
            "[Service]\nRestart=always\n",
        );
        write(
            &root,
            "etc/systemd/system/web.service",
            "[Service]\nExecStart=/bin/true\n",
        );
        assert_eq!(said(&root, "web.service", None), Restarts::Never);
    }

    #[test]
    fn an_instance_is_described_by_its_template() {
        let root = tempfile::tempdir().unwrap();
        write(
            &root,
            "usr/lib/systemd/system/db@.service",
            "[Service]\nRestart=always\n",
        );
        assert_eq!(
            said(&root, "db@main.service", None),
            Restarts::Yes("always".into())
        );
    }

    #[test]
    fn a_users_own_folder_comes_first_and_is_looked_at_before_it_is_opened() {
        let root = tempfile::tempdir().unwrap();
        let uid = rustix::process::geteuid().as_raw();
        write(
            &root,
            "etc/passwd",
            &format!("me:x:{uid}:1::/home/me:/bin/sh\n"),
        );
        write(
            &root,
            "usr/lib/systemd/user/app.service",
            "[Service]\nRestart=always\n",
        );
        let own = "home/me/.config/systemd/user/app.service";
        write(&root, own, "[Service]\nRestart=on-failure\n");
        let on_failure = Restarts::OnFailure("on-failure".into());
        assert_eq!(said(&root, "app.service", Some(uid)), on_failure);
        // What is written there is another user's, wherever it lies: not his word.
        let always = Restarts::Yes("always".into());
        if uid != 0 {
            let of_another = said(&root, "app.service", Some(uid + 1));
            assert_eq!(of_another, Restarts::Unknown);
        }
        fs::remove_file(root.path().join(own)).unwrap();
        let pipe = FileType::Fifo;
        let mode = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(CWD, root.path().join(own), pipe, mode, 0).unwrap();
        // Opening it would wait for ever.
        assert_eq!(said(&root, "app.service", Some(uid)), always);
        let transient = format!("run/user/{uid}/systemd/transient/run-1.service");
        write(&root, &transient, "[Service]\nRestart=always\n");
        assert_eq!(said(&root, "run-1.service", Some(uid)), always);
    }

    #[test]
    fn a_users_manager_has_folders_of_its_own_and_what_is_nowhere_is_unknown() {
        let root = tempfile::tempdir().unwrap();
        write(
            &root,
            "usr/lib/systemd/user/app.service",
            "[Service]\nRestart=on-success\n",
        );
        let user = Some(rustix::process::geteuid().as_raw());
        let on_success = Restarts::Yes("on-success".into());
        assert_eq!(said(&root, "app.service", user), on_success);
        assert_eq!(said(&root, "app.service", None), Restarts::Unknown);
        assert_eq!(said(&root, "../app.service", user), Restarts::Unknown);
    }
}
